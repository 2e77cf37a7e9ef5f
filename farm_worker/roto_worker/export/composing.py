"""What the objects are put over: a colour, nothing, or the plate itself.

Pictures are display-referred sRGB, mattes linear coverage. Soft edges are mixed in linear light, as
a lens would have mixed them; whole and empty pixels, which are nearly all, need no arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ..media.masks import Matte
from ..media.source import Image8, Image16
from .drawing import Color
from .plates import Place

Picture = TypeVar("Picture", Image8, Image16)

MARGIN = 8
"""Pixels of the movie kept around an object that is cut out: a codec's block that reaches over the
edge must not bleed black into it."""
_WHOLE = 1 - 2**-14


def union(mattes: Sequence[Matte]) -> Matte:
    """What any of the mattes covers. Raises ValueError without any."""
    if not mattes:
        raise ValueError("no mattes to unite")
    together = mattes[0]
    for matte in mattes[1:]:
        together = np.maximum(together, matte)
    return together


def place_of(matte: Matte, shrinks: float = 1.0) -> Place:
    """The rows and columns of the object with `MARGIN` around; a corner where there is none.

    ``shrinks``: pixels of the matte in one of the movie.
    """
    around = ceil(MARGIN * shrinks)
    left, top, width, height = cv2.boundingRect((matte > 0).view(np.uint8))
    rows = slice(max(top - around, 0), max(top + height + around, 1))
    return rows, slice(max(left - around, 0), max(left + width + around, 1))


def over_colour(plate: Picture, matte: Matte, color: Color) -> Picture:
    """The plate where the matte is, ``color`` (sRGB, 0 to 1) where it is not."""
    peak = np.iinfo(plate.dtype).max
    made = np.empty_like(plate)
    made[:] = np.rint(np.asarray(color) * peak).astype(plate.dtype)
    whole = matte >= _WHOLE
    cv2.copyTo(plate, whole.view(np.uint8), made)
    edge = np.flatnonzero((matte > 0) & ~whole)
    weight = matte.reshape(-1)[edge, None]
    light = _linear(peak)[plate.reshape(-1, 3)[edge]] * weight
    light += _decoded(np.asarray(color, np.float32)) * (1 - weight)
    made.reshape(-1, 3)[edge] = np.rint(_encoded(light) * peak).astype(plate.dtype)
    return made


def cut_out(plate: Image16, matte: Matte) -> Image16:
    """RGBA with straight (unassociated) alpha: the plate's own colours at and near the object.

    A soft edge has the plate's colour, never one that is multiplied by the matte. Further away than
    `MARGIN` the picture is black.
    """
    kernel = np.ones((2 * MARGIN + 1, 2 * MARGIN + 1), np.uint8)
    near = cv2.dilate((matte > 0).view(np.uint8), kernel)
    made = np.zeros((*matte.shape, 4), np.uint16)
    place = place_of(matte)
    np.multiply(plate[place], near[place][..., None], out=made[place][..., :3])
    made[place][..., 3] = np.rint(np.clip(matte[place], 0, 1) * 65535)
    return made


@lru_cache(maxsize=2)
def _linear(peak: int) -> NDArray[np.float32]:
    """Linear light of every code."""
    return _decoded(np.linspace(0, 1, peak + 1, dtype=np.float32))


def _decoded(codes: NDArray[np.float32]) -> NDArray[np.float32]:
    curve = ((codes + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(codes <= 0.04045, codes / np.float32(12.92), curve)


def _encoded(light: NDArray[np.float32]) -> NDArray[np.float32]:
    curve = np.float32(1.055) * light ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.where(light <= 0.0031308, light * np.float32(12.92), curve)
