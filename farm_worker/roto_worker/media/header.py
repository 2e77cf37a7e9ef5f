"""What one frame's header says, whatever library read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from roto_shapes.errors import TimecodeError
from roto_shapes.timecode import exact_rate

from .remarks import Remark

DEFAULT_FPS = (24, 1)
_MOST_KEYS, _LONGEST_KEY, _LONGEST_VALUE = 200, 100, 200

Encoded = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]
"""``[height, width, 3]`` RGB over the display window, still in the plate's colour space."""


@dataclass(frozen=True)
class FrameHeader:
    """``width``/``height``: display window in pixels; ``fps`` None when the file does not say."""

    width: int
    height: int
    pixel_aspect: float
    fps: tuple[int, int] | None = None
    metadata: dict[str, str] = field(default_factory=dict)


class PlateReader(Protocol):
    """Frames by plate number as the file holds them; one thread at a time."""

    @property
    def frame_range(self) -> tuple[int, int]:
        """Inclusive plate frame numbers the plate has (a sequence may still have gaps)."""
        ...

    def require(self, first: int, last: int) -> None:
        """Raise ``missing_frame`` when a frame of the range is not there, naming all gaps."""
        ...

    def header(self, frame: int) -> FrameHeader: ...

    def check(self, frame: int) -> FrameHeader:
        """The header, having looked also whether the file is all there, without decoding it."""
        ...

    def remarks(self, frame: int) -> Iterable[Remark]:
        """What the container says that a picture's header does not; may decode ``frame``."""
        ...

    def read(self, frame: int) -> Encoded: ...

    def close(self) -> None: ...


def clean_metadata(said: Mapping[str, str], found: Mapping[str, object]) -> dict[str, str]:
    """Metadata that may be kept: printable, and little of it, whatever a header holds.

    ``said`` comes first and is never replaced by what a file calls by the same name.
    """
    kept: dict[str, str] = {}
    for name, value in (*said.items(), *found.items()):
        if isinstance(value, str | int | float) and len(kept) < _MOST_KEYS:
            key, text = _printable(name), _printable(str(value))
            fits = len(key) <= _LONGEST_KEY and (len(text) <= _LONGEST_VALUE or name in said)
            if key and fits and key not in kept:
                kept[key] = text[:_LONGEST_VALUE]
    return kept


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


def exact_fps(rate: float | Fraction | None) -> tuple[int, int] | None:
    """The rate that a file means (`exact_rate`); None where it says none or nonsense."""
    try:
        return exact_rate(rate or 0).as_integer_ratio()
    except TimecodeError:
        return None


def sane_aspect(value: object) -> float:
    """A pixel aspect from a header, 1.0 when the header holds none or nonsense."""
    if isinstance(value, int | float | Fraction) and 0.1 <= value <= 10:
        return float(value)
    return 1.0
