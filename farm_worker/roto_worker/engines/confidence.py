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
    empty: float = 0.0


MODELS: dict[str, Model] = {
    "flow": Model(
        bias=-15.09,
        weights={
            "lowest_contrast": 0.782,
            "motion": 0.624,
            "stability": 1.490,
            "match": 2.369,
            "size": 0.223,
            "area_jump": 0.392,
            "agreement": 0.802,
            "shown": 1.092,
            "mask": 1.045,
        },
        empty=0.33,
    ),
    "sam2": Model(
        bias=-6.18,
        weights={
            "quality": 0.889,
            "lowest_quality": 0.891,
            "stability": 1.089,
            "area_jump": 1.226,
            "agreement": 1.415,
            "shown": 0.888,
            "mask": 1.031,
        },
    ),
}
"""By engine. *flow*: 166 runs of the five DAVIS clips (half size) and 26 generated ones, 5289
frames, 21 November 2026. *sam2*: 60 runs of the same clips with the *nano* checkpoint, more than
four in five frames bad; other checkpoints predict their quality on other scales, so there the order
of frames is to be trusted more than the probability. Left out because fitted to 0, or nearly:
``distance``, ``box_jump``, ``present`` (which decides on empty mattes)."""


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
