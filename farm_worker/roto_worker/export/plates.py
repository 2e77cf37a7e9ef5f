"""A plate read by several threads at once, about in order, as 8-bit or 16-bit sRGB."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from typing import Any

import numpy as np

from ..media.plate import check_size, open_reader
from ..media.source import Image8, Image16, PlateInfo

Place = tuple[slice, slice]
"""Rows and columns of a picture."""

EVERYWHERE: Place = (slice(None), slice(None))


class SharedPlate:
    """Frames of a task's shot by number. Close it when done."""

    def __init__(self, shot: Mapping[str, Any], frame_range: tuple[int, int]) -> None:
        """``shot``: of a task spec. Raises what `media.open_plate` does."""
        self._reader, self._transform, self.info = open_reader(
            shot["plate"], shot.get("colorspace"), frame_range, deep=True
        )
        # A movie has one decoder, whose buffer bears that a later frame is asked for first.
        one_decoder = shot["plate"]["kind"] == "movie"
        self._turn: AbstractContextManager[Any] = Lock() if one_decoder else nullcontext()

    info: PlateInfo

    def read8(self, frame: int, within: Place = EVERYWHERE) -> Image8:
        """``[height, width, 3]`` RGB, sRGB-encoded; black outside of ``within``, which is quicker.

        Raises what `FrameSource.read` does.
        """
        pixels = self._pixels(frame)
        made = np.zeros(pixels.shape, np.uint8)
        made[within] = self._transform.to_srgb8(np.ascontiguousarray(pixels[within]))
        return made

    def read16(self, frame: int, within: Place = EVERYWHERE) -> Image16:
        """As `read8` with 16 bits."""
        pixels = self._pixels(frame)
        made = np.zeros(pixels.shape, np.uint16)
        made[within] = self._transform.to_srgb16(np.ascontiguousarray(pixels[within]))
        return made

    def _pixels(self, frame: int) -> Any:
        with self._turn:
            pixels = self._reader.read(frame)
        check_size(frame, pixels.shape[1], pixels.shape[0], self.info.width, self.info.height)
        return pixels

    def close(self) -> None:
        """Release the files."""
        self._reader.close()
