"""What one frame's header says, whatever library read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

DEFAULT_FPS = (24, 1)

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

    def read(self, frame: int) -> Encoded: ...

    def close(self) -> None: ...


def exact_fps(rate: float | Fraction | None) -> tuple[int, int] | None:
    """A frame rate as a rational: whole and NTSC (n * 1000/1001) rates are snapped to.

    Files say 23.976 or an average over their duration where 24000/1001 is meant.
    """
    if not rate or not 0 < rate < 1000:
        return None
    for whole in (round(rate), round(rate * 1001 / 1000)):
        for exact in (Fraction(whole), Fraction(whole * 1000, 1001)):
            if abs(exact - Fraction(rate)) < Fraction(rate) / 5000:
                return exact.numerator, exact.denominator
    close = Fraction(rate).limit_denominator(1001)
    return close.numerator, close.denominator


def sane_aspect(value: object) -> float:
    """A pixel aspect from a header, 1.0 when the header holds none or nonsense."""
    if isinstance(value, int | float | Fraction) and 0.1 <= value <= 10:
        return float(value)
    return 1.0
