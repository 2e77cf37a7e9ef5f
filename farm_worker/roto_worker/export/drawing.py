"""Mattes and roto drawn over a plate, for people to look at.

Coordinates are plate pixels (origin top-left, centre of the first pixel at 0.5, 0.5) times
``scale``; OpenCV's own put the centre of the first pixel at 0, 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_shapes.evaluate import flatten, outline_at
from roto_shapes.model import ControlPoint, Document

from ..media.masks import Matte
from ..media.source import Image8

Color = tuple[float, float, float]
Scale = tuple[float, float]

PALETTE: tuple[Color, ...] = (
    (0.55, 1.00, 0.25),
    (0.15, 0.80, 1.00),
    (1.00, 0.55, 0.10),
    (1.00, 0.30, 0.75),
    (1.00, 0.95, 0.25),
    (0.60, 0.45, 1.00),
)
TINT = 0.35
_SUBPIXEL_BITS = 4
_LINE_REACH = 4
"""Pixels that a line can touch beside its course."""
_WHITE, _BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)


def resized(image: NDArray, width: int, height: int) -> NDArray:
    """``image`` at another size; areas are averaged when it shrinks."""
    if image.shape[:2] == (height, width):
        return image
    shrinks = width < image.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=method))


def tint(image: Image8, matte: Matte, color: Color, *, contour: bool) -> Image8:
    """The plate with what the matte covers tinted and, if asked, the matte's 0.5 contour drawn."""
    mixed = image.copy()
    left, top, width, height = cv2.boundingRect((matte > 0).view(np.uint8))
    place = np.s_[top : top + height, left : left + width]
    weight = (np.clip(matte[place], 0, 1) * TINT)[..., None]
    paint = np.array(color, np.float32) * 255
    mixed[place] = np.rint(image[place] * (1 - weight) + paint * weight)
    if contour:
        inside = np.asarray(matte >= 0.5, np.uint8)
        contours, _ = cv2.findContours(inside, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(mixed, contours, -1, _bytes(color), 1, cv2.LINE_AA)
    return mixed


def draw_shapes(
    image: Image8, document: Document, frame: int, scale: Scale, *, points: bool = True
) -> None:
    """Draw every visible outline of ``frame`` into ``image``, with its control points if asked."""
    for index, layer in enumerate(document.layers):
        plain = all(value == 1.0 for value in layer.color)
        color = PALETTE[index % len(PALETTE)] if plain else layer.color
        for shape in layer.shapes:
            outline = outline_at(layer, shape, frame)
            if outline is None or len(outline) < 2:
                continue
            line = _fixed_point(flatten(outline, shape.closed, 0.25 / max(scale)), scale)
            _draw_line(image, line, shape.closed, color)
            if points:
                _draw_points(image, outline, scale)


def label(image: Image8, text: str, *, size: float = 0.5) -> None:
    """White text with a dark rim in the lower left corner."""
    left, bottom = round(14 * size), image.shape[0] - round(16 * size)
    rim = [(dx, dy, _BLACK) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    for dx, dy, color in (*rim, (0, 0, _WHITE)):
        place = (left + dx, bottom + dy)
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(image, text, place, font, size, _bytes(color), 1, cv2.LINE_AA)


def _draw_line(image: Image8, line: NDArray[np.int32], closed: bool, color: Color) -> None:
    """A bright line over a faint dark one, which keeps it visible on any plate."""
    low, high = line.min(axis=0) >> _SUBPIXEL_BITS, line.max(axis=0) >> _SUBPIXEL_BITS
    left, top = np.maximum(low - _LINE_REACH, 0)
    right, bottom = np.maximum(high + _LINE_REACH + 1, 0)
    part = image[top:bottom, left:right]
    if not part.size:
        return
    there = line - np.array([left, top], np.int32) * 2**_SUBPIXEL_BITS
    dark = part.copy()
    cv2.polylines(dark, [there], closed, _bytes(_BLACK), 3, cv2.LINE_AA, _SUBPIXEL_BITS)
    lit = np.asarray(cv2.addWeighted(dark, 0.5, part, 0.5, 0), np.uint8)
    cv2.polylines(lit, [there], closed, _bytes(color), 1, cv2.LINE_AA, _SUBPIXEL_BITS)
    image[top:bottom, left:right] = lit


def _draw_points(image: Image8, outline: Sequence[ControlPoint], scale: Scale) -> None:
    places = [(point.x, point.y) for point in outline]
    for x, y in _fixed_point(places, scale):
        for radius, shade in ((2.6, _BLACK), (1.7, _WHITE)):
            cv2.circle(
                image, (int(x), int(y)), round(radius * 2**_SUBPIXEL_BITS), _bytes(shade), -1,
                cv2.LINE_AA, _SUBPIXEL_BITS,
            )  # fmt: skip


def _fixed_point(points: Sequence[tuple[float, float]], scale: Scale) -> NDArray[np.int32]:
    array = np.asarray(points, np.float64) * scale - 0.5
    bounded = np.clip(array, -(2**14), 2**14)
    return np.rint(bounded * 2**_SUBPIXEL_BITS).astype(np.int32)


def _bytes(color: Color) -> tuple[int, int, int]:
    red, green, blue = (round(255 * min(max(part, 0), 1)) for part in color)
    return red, green, blue
