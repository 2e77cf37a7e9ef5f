"""Outlines of prompts as masks: engines know pixels only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from roto_shapes.errors import PromptError
from roto_shapes.evaluate import bspline_to_bezier, flatten
from roto_shapes.outlines import Outline
from roto_shapes.prompts import FramePrompt

from ..vectorize.outline.outlines import FLATNESS
from ..vectorize.outline.raster import Mask, fill

FURTHEST = 1e5
"""Plate pixels from the origin beyond which a point is no place in a picture."""

_PNG = [cv2.IMWRITE_PNG_COMPRESSION, 1]


def outlines_as_masks(prompts: Sequence[FramePrompt], width: int, height: int) -> list[FramePrompt]:
    """The prompts with a mask of the plate's size in place of every outline.

    A shape that has left the frame, or covers no pixel's centre, says that the object is absent.

    Raises:
        PromptError: ``bad_prompt``: a shape that covers nothing, with clicks or a box as well, or
            one with a point further than `FURTHEST` from the origin.
    """
    return [_as_mask(one, width, height) if one.outline else one for one in prompts]


def rasterized(outlines: Sequence[Outline], width: int, height: int) -> Mask:
    """``[height, width]``: the pixels whose centre is inside, later outlines over earlier ones."""
    mask = np.zeros((height, width), bool)
    for one in outlines:
        points = one.points
        if one.kind == "bspline":
            points = bspline_to_bezier(points, True)
        path = np.array(flatten(points, True, FLATNESS), np.float64).reshape(-1, 2)
        inside = fill([path], width, height)
        mask = mask & ~inside if one.mode == "subtract" else mask | inside
    return mask


def _as_mask(prompt: FramePrompt, width: int, height: int) -> FramePrompt:
    numbers = np.array([point[:6] for one in prompt.outline for point in one.points], np.float64)
    if np.abs(numbers).max() > FURTHEST:
        raise PromptError(
            f"the shape on frame {prompt.frame} has a point {np.abs(numbers).max():g} pixels away",
            detail={"frame": prompt.frame},
        )
    mask = rasterized(prompt.outline, width, height)
    if mask.any():
        ok, data = cv2.imencode(".png", mask.astype(np.uint8) * 255, _PNG)
        if not ok:
            raise ValueError(f"a mask of shape {mask.shape} cannot be a PNG")
        return replace(prompt, outline=(), mask_png=data.tobytes())
    if prompt.points or prompt.box is not None:
        raise PromptError(
            f"the shape on frame {prompt.frame} covers no pixel, but there are clicks or a box",
            hint="Move the shape onto the object, or take it away.",
            detail={"frame": prompt.frame},
        )
    return FramePrompt(prompt.frame, absent=True)
