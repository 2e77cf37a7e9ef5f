"""`SAM2Train` with the prompts artists give: several clicks and a box at once.

The package samples one click or a box, then corrections that come with the last mask. The product
hands over everything said about a frame in one go. Import after `network.provide_batch_module`.
"""

from __future__ import annotations

from typing import Any

import torch
from sam2.modeling.sam2_utils import get_next_point, sample_random_points_from_errors
from sam2.utils.misc import concat_points
from torch.nn import functional
from training.model.sam2 import SAM2Train  # type: ignore[import-untyped]

_REACH = 4
"""Negative clicks lie within this many quarter-size pixels of the object."""


class MixedPrompts(SAM2Train):
    """``chance_of_more_clicks``: how often a click or box gets a second positive click and a
    negative one beside the object."""

    chance_of_more_clicks: float = 0.35

    def prepare_prompt_inputs(
        self, backbone_out: dict[str, Any], input: Any, start_frame_idx: int = 0
    ) -> dict[str, Any]:
        prepared: dict[str, Any] = super().prepare_prompt_inputs(
            backbone_out, input, start_frame_idx
        )
        if self.training:
            for frame, points in prepared["point_inputs_per_frame"].items():
                if self.rng.random() < self.chance_of_more_clicks:
                    truth = prepared["gt_masks_per_frame"][frame]
                    prepared["point_inputs_per_frame"][frame] = _with_more_clicks(points, truth)
        return prepared


def _with_more_clicks(
    points: dict[str, torch.Tensor], truth: torch.Tensor
) -> dict[str, torch.Tensor]:
    around = functional.max_pool2d(truth.float(), 4)
    around = functional.max_pool2d(around, 2 * _REACH + 1, stride=1, padding=_REACH)
    near = functional.interpolate(around, size=truth.shape[-2:]) > 0
    points = concat_points(points, *get_next_point(truth, None, "uniform"))
    beside = sample_random_points_from_errors(truth, near | truth)
    more: dict[str, torch.Tensor] = concat_points(points, *beside)
    return more
