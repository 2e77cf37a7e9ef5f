"""One image answered at once: candidates, hints, and what the second click does not compute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from helpers_sam2 import FIRST, MovingShapes

from roto_shapes.prompts import Click, FramePrompt
from roto_worker.engines.base import Detailer, EngineInfo
from roto_worker.engines.sam2.build import load_checkpoint
from roto_worker.engines.sam2.checkpoints import model_named, path_of
from roto_worker.engines.sam2.engine import Sam2Segmenter
from roto_worker.engines.sam2.settings import Settings

pytestmark = pytest.mark.sam2

IMAGE = MovingShapes(2).read(FIRST)
BOX = FramePrompt(FIRST, box=(14, 19, 37, 41))
CLICK = FramePrompt(FIRST, points=(Click(25, 30),))


def nano(**settings: Any) -> Sam2Segmenter:
    path = path_of(model_named("nano"))
    network = load_checkpoint(path, image_size=128, device=torch.device("cpu"))
    return Sam2Segmenter(network, EngineInfo("sam2", "nano", None, "cpu"), Settings(**settings))


@pytest.fixture(scope="module")
def engine() -> Sam2Segmenter:
    return nano()


def disc() -> np.ndarray[Any, Any]:
    y, x = np.mgrid[0:64, 0:96] + 0.5
    cx, cy = MovingShapes(2).disc_centre(FIRST)
    return (x - cx) ** 2 + (y - cy) ** 2 < 100


def iou(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))


def count_encodings(engine: Sam2Segmenter, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []
    encode = engine._network.encode

    def counted(images: torch.Tensor) -> Any:
        calls.append(len(images))
        return encode(images)

    monkeypatch.setattr(engine._network, "encode", counted)
    return calls


def test_the_engine_is_a_detailer_and_a_box_finds_the_disc(engine: Sam2Segmenter) -> None:
    assert isinstance(engine, Detailer)
    (only,) = engine.look("", IMAGE, BOX)
    assert only.logits.shape == (64, 96)
    assert only.logits.dtype == np.float32
    assert iou(only.logits > 0, disc()) > 0.7
    assert 0 <= only.score <= 1


def test_one_click_may_mean_several_things_and_more_clicks_mean_one(
    engine: Sam2Segmenter,
) -> None:
    candidates = engine.look("", IMAGE, CLICK)
    assert 1 <= len(candidates) <= 3
    scores = [candidate.score for candidate in candidates]
    assert scores == sorted(scores, reverse=True)
    for index, one in enumerate(candidates):
        for other in candidates[:index]:
            assert iou(one.logits > 0, other.logits > 0) <= 0.9
    two = FramePrompt(FIRST, points=(Click(25, 30), Click(60, 10, False)))
    assert len(engine.look("", IMAGE, two)) == 1


def test_the_first_look_is_what_the_pass_answers_on_its_prompted_frame() -> None:
    engine = nano()
    engine.start(MovingShapes(2), {"disc": [BOX]})
    engine.begin(FIRST, 1, ["disc"])
    _, answer = engine.step()
    (only,) = engine.look("", IMAGE, BOX)
    np.testing.assert_array_equal(only.logits, answer["disc"].logits)


def test_a_second_click_does_not_encode_the_image_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = nano()
    calls = count_encodings(engine, monkeypatch)
    first = engine.look("a", IMAGE, CLICK)[0]
    again = engine.look("a", IMAGE, CLICK)[0]
    engine.look("a", IMAGE, BOX)
    assert calls == [1]
    np.testing.assert_array_equal(first.logits, again.logits)
    engine.look("", IMAGE, CLICK)
    engine.look("", IMAGE, CLICK)
    assert calls == [1, 1, 1]


def test_the_oldest_image_is_forgotten_when_the_bytes_are_used_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    probe = nano()
    probe.look("a", IMAGE, CLICK)
    one = probe._looker.bytes_kept
    assert one > 100_000
    engine = nano(embedding_bytes=2 * one)
    calls = count_encodings(engine, monkeypatch)
    for key in ("a", "b", "a", "c", "a", "b"):
        engine.look(key, IMAGE, CLICK)
        assert engine._looker.bytes_kept <= 2 * one
    assert len(calls) == 4  # a, b, c, and b again: a was used in between


def test_a_hint_is_heard(engine: Sam2Segmenter) -> None:
    square = np.full((64, 96), -10, np.float32)
    square[40:56, 70:86] = 10
    between = FramePrompt(FIRST, points=(Click(72, 44),))
    (hinted,) = engine.look("", IMAGE, between, square)
    plain = engine.look("", IMAGE, between)[0]
    assert (hinted.logits != plain.logits).any()
    assert iou(hinted.logits > 0, square > 0) > 0.5
    (alone,) = engine.look("", IMAGE, FramePrompt(FIRST), square)
    assert np.isfinite(alone.logits).all()


def test_any_size_of_image_and_an_absent_object(engine: Sam2Segmenter) -> None:
    small = np.ascontiguousarray(IMAGE[10:50, 5:45])
    (crop,) = engine.look("", small, FramePrompt(FIRST, box=(9, 9, 32, 31)))
    assert crop.logits.shape == (40, 40)
    (nothing,) = engine.look("", IMAGE, FramePrompt(FIRST, absent=True))
    assert nothing.logits.max() < 0
