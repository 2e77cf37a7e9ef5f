"""How the rest of the worker sees a plate: frames by number, as an engine wants them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image8 = NDArray[np.uint8]
Image16 = NDArray[np.uint16]


@dataclass(frozen=True)
class PlateInfo:
    """What is true of a whole plate.

    ``width``/``height`` are the display window in pixels, ``fps`` a rational (num, den),
    ``frame_range`` inclusive plate frame numbers that all exist.
    """

    width: int
    height: int
    pixel_aspect: float
    fps: tuple[int, int]
    frame_range: tuple[int, int]
    colorspace: str | None
    metadata: dict[str, str]
    """Among it, where the files tell: ``timecode`` of the first frame, ``drop_frame``, ``reel``."""


class FrameSource(Protocol):
    """Random access to a plate's frames in display-referred sRGB.

    Memory must not grow with the number of frames read.
    """

    @property
    def info(self) -> PlateInfo: ...

    def read(self, frame: int) -> Image8:
        """Frame ``frame`` (plate number) as ``[height, width, 3]`` RGB, uint8, sRGB-encoded.

        Raises:
            RotoError: ``missing_frame`` or ``bad_plate``.
        """
        ...

    def close(self) -> None: ...
