"""Prompts as the model takes them, and the frame it makes of them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from roto_shapes.prompts import FramePrompt

from ..base import Logits
from ..prompts import decode_mask
from .geometry import Canvas
from .network import Clue, Network

_BOX_LABELS = (2, 3)


def clue_of(
    prompt: FramePrompt,
    canvas: Canvas,
    network: Network,
    *,
    tracked: NDArray[np.bool_] | None = None,
    hint: Logits | None = None,
) -> Clue:
    """``prompt`` on a picture lying on ``canvas``.

    ``tracked``: what tracking made of this frame, which the clicks correct. ``hint``: logits of a
    first guess. Both ``[height, width]`` of the picture.

    Raises:
        PromptError: ``bad_prompt``: the prompt's mask does not fit the picture.
    """
    points, labels = _points(prompt, canvas)
    inside = _inside(prompt, canvas) if tracked is None else tracked
    device = network.device
    mask_side = network.model.sam_prompt_encoder.mask_input_size[0]
    return Clue(
        None if points is None else points.to(device),
        None if labels is None else labels.to(device),
        None if inside is None else canvas.mask(inside).to(device),
        None if hint is None else canvas.hint(hint, mask_side).to(device),
    )


def _points(
    prompt: FramePrompt, canvas: Canvas
) -> tuple[torch.Tensor, torch.Tensor] | tuple[None, None]:
    """A box is two points, first: its corners, as the model was trained."""
    positions = [(click.x, click.y) for click in prompt.points]
    labels = [int(click.positive) for click in prompt.points]
    if prompt.box is not None:
        x0, y0, x1, y1 = prompt.box
        positions = [(x0, y0), (x1, y1), *positions]
        labels = [*_BOX_LABELS, *labels]
    if not positions:
        return None, None
    points = canvas.points(np.array(positions, np.float32))
    return points[None], torch.tensor([labels], dtype=torch.int32)


def _inside(prompt: FramePrompt, canvas: Canvas) -> NDArray[np.bool_] | None:
    if prompt.absent:
        return np.zeros((canvas.height, canvas.width), bool)
    if prompt.mask_png is not None:
        return decode_mask(prompt, canvas.width, canvas.height)
    return None
