"""The overlay: the plate with its mattes and shapes drawn on it, for a quick look in any player."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from roto_shapes.model import Document

from ..media.masks import Matte
from ..media.source import Image8
from .drawing import Color, draw_shapes, label, resized, tint

LONGEST_SIDE = 1920


def fitting_size(width: int, height: int, longest_side: int | None) -> tuple[int, int]:
    """The size of a plate's movie: shrunk to ``longest_side`` (None: the plate's), never grown.

    What is shrunk is even on both sides, so that no encoder makes it longer than was asked for.
    """
    longest = max(width, height)
    if longest_side is None or longest_side >= longest:
        return width, height
    scale = (longest_side // 2) / longest
    return 2 * max(1, round(width * scale)), 2 * max(1, round(height * scale))


def overlay_image(
    plate: Image8,
    mattes: Sequence[tuple[Matte, Color]],
    document: Document | None,
    frame: int,
    size: tuple[int, int],
) -> Image8:
    """One picture: mattes as a tint, with their contours where there are no shapes to draw."""
    width, height = size
    scale = (width / plate.shape[1], height / plate.shape[0])
    image = np.array(resized(plate, width, height), np.uint8)
    for matte, color in mattes:
        small = np.asarray(resized(matte, width, height), np.float32)
        image = tint(image, small, color, contour=document is None)
    if document is not None:
        draw_shapes(image, document, frame, scale, points=False)
    label(image, str(frame), size=max(0.4, height / 900))
    return image
