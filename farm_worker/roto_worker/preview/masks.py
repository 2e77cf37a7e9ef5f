"""From a claimed preview to the masks that are posted."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_client.contract import LARGEST_PREVIEW_BYTES
from roto_shapes.prompts import FramePrompt, check_prompts

from ..engines.base import Candidate, Detailer, EngineInfo
from ..engines.driver import LOGIT_LIMIT, sigmoid
from ..engines.prompts import decode_mask
from ..stages.outlines import outlines_as_masks
from .frames import PreviewFrames

MASK_SIDES = (2048, 1024, 512)
"""Longest side of the masks, in pixels; the first at which the answer is not too large to post."""

_PNG = [cv2.IMWRITE_PNG_COMPRESSION, 3]


def answer(
    spec: Mapping[str, Any], engine: Detailer, info: EngineInfo, frames: PreviewFrames
) -> dict[str, Any]:
    """A ``preview_result`` (contract/farm.schema.json) for a ``preview/1`` spec.

    Raises:
        RotoError: ``missing_frame``, ``bad_plate`` and what else reading the plate raises;
            ``prompt_outside_plate``, ``bad_prompt``: the plate is not as it was when it was probed.
    """
    frame = int(spec["frame"])
    key, image = frames.read(spec["shot"]["plate"], spec["shot"].get("colorspace"), frame)
    height, width = image.shape[:2]
    found: dict[str, list[Candidate]] = {}
    for one in spec["objects"]:
        (prompt,) = outlines_as_masks([FramePrompt.from_json(one["prompt"])], width, height)
        check_prompts([prompt], width, height, (frame, frame))
        if prompt.mask_png is not None:
            decode_mask(prompt, width, height)
        found[one["name"]] = engine.look(key, image, prompt)
    for side in MASK_SIDES:
        scale = min(1.0, side / max(width, height))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        result = {
            "engine": asdict(info),
            "width": size[0],
            "height": size[1],
            "objects": [
                {"name": name, "candidates": [_told(one, size) for one in candidates]}
                for name, candidates in found.items()
            ],
        }
        if len(json.dumps(result)) <= LARGEST_PREVIEW_BYTES:
            break
    return result


def _told(candidate: Candidate, size: tuple[int, int]) -> dict[str, Any]:
    alpha = sigmoid(np.clip(candidate.logits, -LOGIT_LIMIT, LOGIT_LIMIT))
    box = _bounds(alpha)
    if size != alpha.shape[::-1]:
        alpha = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.float32)
    ok, data = cv2.imencode(".png", np.rint(alpha * 255).astype(np.uint8), _PNG)
    if not ok:
        raise ValueError(f"a mask of shape {alpha.shape} cannot be a PNG")
    return {
        "png": base64.b64encode(data.tobytes()).decode("ascii"),
        "score": min(1.0, max(0.0, float(candidate.score))),
        "box": box,
    }


def _bounds(alpha: NDArray[np.float32]) -> list[float] | None:
    """x0, y0, x1, y1 around what is at least half covered, in pixels."""
    inside = (alpha >= 0.5).astype(np.uint8)
    if not inside.any():
        return None
    x, y, width, height = cv2.boundingRect(inside)
    return [float(x), float(y), float(x + width), float(y + height)]
