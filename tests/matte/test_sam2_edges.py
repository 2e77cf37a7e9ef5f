"""The whole way on the real SAM 2 path, with the checkpoint the project ships."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from helpers_matte import encode

from roto_shapes.prompts import FramePrompt
from roto_worker.matte.detail import add_detail
from roto_worker.matte.guided import refine
from roto_worker.synthetic.scene import Scene

pytest.importorskip("sam2", reason="sam2 is not installed: make setup")


def test_a_second_look_and_the_picture_bring_the_edge_closer() -> None:
    """Generated plates with known coverage: each step takes error away from the one before."""
    from roto_worker.engines import registry
    from roto_worker.engines.base import Detailer
    from roto_worker.engines.driver import sigmoid

    engine = registry.acquire("sam2", "nano")
    assert isinstance(engine, Detailer)
    errors = []
    for seed in (0, 4):
        rendered = Scene(640, 360, seed).render(5)
        plate = encode(rendered.plate)
        x, y, width, height = cv2.boundingRect((rendered.matte > 0.5).astype(np.uint8))
        prompt = FramePrompt(0, box=(x, y, x + width, y + height))
        first = np.clip(engine.look("", plate, prompt)[0].logits, -16, 16)
        second = add_detail(first, plate, engine)
        steps = (
            sigmoid(first),
            refine(sigmoid(first), plate),
            sigmoid(second.logits),
            refine(sigmoid(second.logits), plate),
        )
        assert second.looked
        errors.append([float(np.abs(alpha - rendered.matte).sum()) for alpha in steps])
    first_only, refined, detailed, both = np.sum(errors, axis=0)
    assert refined < 0.9 * first_only
    assert detailed < first_only
    assert both < 0.75 * first_only
