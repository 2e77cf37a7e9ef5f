"""From an engine's raw signals to one number: how probable it is that a frame came out well.

A logistic model per engine over the evidence of `evidence.gather`: confidence = 1 / (1 + exp(-(bias
+ sum of weight x value))). No weight is negative, so better signals never lower the confidence. The
numbers are fitted, not thought up: `benchmarks/fit_confidence.py` tracks clips with known masks and
fits them anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from roto_shapes.prompts import FramePrompt

from .evidence import Series, gather

GOOD_IOU = 0.75
"""A frame came out well when its matte (inside where >= 0.5) has at least this IoU with the truth:
from here on the outline is a matter of touching up, below it a part is missing or too much."""
SURE = 0.99
"""Where the artist gave the mask, or said that the object is not there; tracking is never surer."""


@dataclass(frozen=True)
class Model:
    """``weights``: evidence -> weight >= 0. ``empty``: confidence in a matte with nothing inside,
    when the engine does not say whether the object is there."""

    bias: float
    weights: Mapping[str, float]
    empty: float


MODELS: dict[str, Model] = {
    "flow": Model(
        bias=-14.66,
        weights={
            "lowest_contrast": 0.785,
            "motion": 0.603,
            "stability": 1.497,
            "match": 1.862,
            "size": 0.191,
            "area_jump": 0.448,
            "agreement": 0.695,
            "shown": 1.061,
            "mask": 1.092,
        },
        empty=0.33,
    ),
    "sam2": Model(
        bias=-3.5,
        weights={
            "quality": 0.617,
            "lowest_quality": 0.686,
            "lowest_stability": 2.0,
            "size": 1.312,
            "area_jump": 2.776,
            "box_jump": 0.611,
            "distance": 0.215,
            "agreement": 0.0,
            "shown": 0.0,
            "mask": 0.0,
        },
        empty=0.3,
    ),
}


def judge(engine: str, signals: Series, prompts: Sequence[FramePrompt] = ()) -> dict[int, float]:
    """One object's confidence by plate frame, 0..1: the probability that its IoU is `GOOD_IOU` or
    more.

    ``engine``: ``flow`` or ``sam2``. ``signals``: by frame, as `driver.drive` returns them (see
    `base.Signals`). ``prompts``: the object's.

    Raises:
        KeyError: no such engine.
    """
    model = MODELS[engine]
    masks = {prompt.frame for prompt in prompts if prompt.mask_png is not None}
    boxes = any(prompt.box is not None for prompt in prompts)
    found = gather(signals, box=boxes, mask=bool(masks))
    odds = np.full(len(found.frames), model.bias)
    for name, weight in model.weights.items():
        odds += weight * found.values.get(name, 0.0)
    good = np.clip(1 / (1 + np.exp(-odds)), 1 - SURE, SURE)
    confidence = dict(zip(found.frames, map(float, good), strict=True))
    confidence |= {frame: _absent(model, signals[frame]) for frame in found.empty}
    for frame, one in signals.items():
        if "blank" in one:
            confidence[frame] = SURE * one["blank"]
        elif frame in masks:
            confidence[frame] = SURE
    return dict(sorted(confidence.items()))


def _absent(model: Model, signals: Mapping[str, float]) -> float:
    """Confidence in an empty matte: that the object is really not there."""
    return min(1 - signals["present"], SURE) if "present" in signals else model.empty
