"""The flow engine on a clip with exact truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from engines.helpers_engines import NumberPlate
from roto_shapes.prompts import Click, FramePrompt
from roto_worker.engines.base import EngineState
from roto_worker.engines.flow.engine import FlowSegmenter
from roto_worker.media import open_plate
from roto_worker.media.source import FrameSource
from roto_worker.synthetic.clip import Clip

Mask = NDArray[np.bool_]


@pytest.fixture
def source(clip: Clip) -> Iterator[FrameSource]:
    with closing(open_plate(clip.plate, read_ahead=0)) as opened:
        yield opened


def iou(one: Mask, other: Mask) -> float:
    return float((one & other).sum() / max((one | other).sum(), 1))


def clicks(clip: Clip) -> FramePrompt:
    return FramePrompt.from_json(clip.prompt)


def mask_of(clip: Clip, frame: int) -> FramePrompt:
    _, png = cv2.imencode(".png", (clip.truth(frame) >= 0.5).astype(np.uint8) * 255)
    return FramePrompt(frame, mask_png=png.tobytes())


def started(
    source: FrameSource, prompts: Sequence[FramePrompt], frame: int, direction: int = 1
) -> FlowSegmenter:
    engine = FlowSegmenter()
    engine.start(source, {"a": prompts})
    engine.begin(frame, direction, ["a"])
    return engine


@pytest.mark.parametrize("kind", ["clicks", "mask"])
def test_follows_the_object_through_the_clip(clip: Clip, source: FrameSource, kind: str) -> None:
    first, last = clip.frame_range
    prompt = clicks(clip) if kind == "clicks" else mask_of(clip, first)
    engine = started(source, [prompt], first)
    scores, confidences = [], []
    for expected in range(first, last + 1):
        frame, answers = engine.step()
        assert frame == expected
        assert answers["a"].logits.dtype == np.float32
        scores.append(iou(answers["a"].logits > 0, clip.truth(frame) >= 0.5))
        confidences.append(answers["a"].signals["match"])
    assert np.mean(scores) >= 0.95
    assert min(confidences) > 0.8
    assert max(confidences) <= 1


def test_backward_too(clip: Clip, source: FrameSource) -> None:
    first, last = clip.frame_range
    engine = started(source, [mask_of(clip, last)], last, -1)
    for _ in clip.frames:
        frame, answers = engine.step()
    assert frame == first
    assert iou(answers["a"].logits > 0, clip.truth(frame) >= 0.5) > 0.9


def test_edges_are_soft(clip: Clip, source: FrameSource) -> None:
    engine = started(source, [clicks(clip)], clip.frame_range[0])
    engine.step()
    _, answers = engine.step()
    alpha = 1 / (1 + np.exp(-answers["a"].logits))
    between = ((alpha > 0.1) & (alpha < 0.9)).sum()
    assert 0 < between < 0.5 * (alpha > 0.5).sum()


def through_disk(state: EngineState) -> EngineState:
    return EngineState({key: value.copy() for key, value in state.arrays.items()}, state.meta)


@pytest.mark.parametrize("stop_after", [1, 4])
def test_restored_it_goes_on_bit_for_bit(clip: Clip, source: FrameSource, stop_after: int) -> None:
    first = clip.frame_range[0]
    engine = started(source, [clicks(clip)], first)
    for _ in range(stop_after):
        engine.step()
    state = through_disk(engine.checkpoint())
    expected = [engine.step() for _ in range(4)]
    other = FlowSegmenter()
    other.start(source, {"a": [clicks(clip)]})
    other.restore(state)
    for frame, answers in expected:
        again, resumed = other.step()
        assert again == frame
        assert resumed["a"].signals["match"] == answers["a"].signals["match"]
        np.testing.assert_array_equal(resumed["a"].logits, answers["a"].logits)


def test_the_same_twice_whatever_the_threads(clip: Clip, source: FrameSource) -> None:
    results = []
    before = cv2.getNumThreads()
    for threads in (1, 4):
        cv2.setNumThreads(threads)
        engine = started(source, [clicks(clip)], clip.frame_range[0])
        results.append([engine.step()[1]["a"].logits for _ in range(3)])
        assert cv2.getNumThreads() == threads
    cv2.setNumThreads(before)
    np.testing.assert_array_equal(results[0], results[1])


def test_a_correction_click_turns_the_patch_it_means(clip: Clip, source: FrameSource) -> None:
    first = clip.frame_range[0]
    truth = clip.truth(first + 5) >= 0.5
    rows, columns = np.nonzero(truth)
    split = int(np.quantile(columns, 0.75))
    damaged = truth.copy()
    damaged[:, split:] = False
    missing = truth & ~damaged
    depth = cv2.distanceTransform(missing.astype(np.uint8), cv2.DIST_L2, 5)
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    click = FramePrompt(first + 5, points=(Click(column + 0.5, row + 0.5, True),))
    engine = FlowSegmenter()
    engine.start(source, {"a": [clicks(clip), click]})
    tracked = np.where(damaged, np.float32(5), np.float32(-5))
    engine.begin(first + 5, 1, ["a"], {"a": tracked})
    _, answers = engine.step()
    fixed = answers["a"].logits > 0
    assert iou(damaged, truth) < 0.85
    assert iou(fixed, truth) > iou(damaged, truth) + 0.08
    untouched = columns < split - 60
    assert fixed[rows[untouched], columns[untouched]].all()


def test_a_click_that_is_already_right_changes_nothing(clip: Clip, source: FrameSource) -> None:
    first = clip.frame_range[0]
    truth = clip.truth(first) >= 0.5
    inside = clicks(clip).points[0]
    tracked = np.where(truth, np.float32(5), np.float32(-5))
    engine = FlowSegmenter()
    engine.start(source, {"a": [FramePrompt(first, points=(inside,)), clicks_at(clip, first + 4)]})
    engine.begin(first, 1, ["a"], {"a": tracked})
    _, answers = engine.step()
    np.testing.assert_array_equal(answers["a"].logits > 0, truth)


def clicks_at(clip: Clip, frame: int) -> FramePrompt:
    return replace(mask_of(clip, frame), frame=frame)


@pytest.mark.parametrize(
    "prompt",
    [
        FramePrompt(1001, points=(Click(0, 0, True),)),
        FramePrompt(1001, points=(Click(320, 180, True),)),
        FramePrompt(1001, box=(0, 0, 320, 180)),
        FramePrompt(1001, box=(10, 10, 11, 11)),
        FramePrompt(1001, box=(318.5, 178.5, 320, 180)),
        FramePrompt(1001, points=(Click(5, 5, False),), box=(100, 50, 200, 120)),
    ],
)
def test_odd_prompts_do_not_break_it(source: FrameSource, prompt: FramePrompt) -> None:
    engine = started(source, [prompt], 1001)
    for _ in range(2):
        _, answers = engine.step()
        assert np.isfinite(answers["a"].logits).all()


@pytest.mark.parametrize("size", [(16, 16), (16, 1600), (4096, 16), (16, 65_500)])
def test_small_and_long_plates_are_tracked(size: tuple[int, int]) -> None:
    width, height = size
    plate = NumberPlate(1, 3, width, height)
    middle = FramePrompt(1, points=(Click(width / 2, height / 2),))
    engine = started(plate, [middle], 1)
    for _ in range(3):
        _, answers = engine.step()
        assert np.isfinite(answers["a"].logits).all()


def test_an_object_that_is_gone_has_no_confidence(clip: Clip, source: FrameSource) -> None:
    empty = FramePrompt(
        1001, mask_png=cv2.imencode(".png", np.zeros((180, 320), np.uint8))[1].tobytes()
    )
    engine = started(source, [empty], 1001)
    for _ in range(2):
        _, answers = engine.step()
        assert answers["a"].signals["match"] == 0
        assert not (answers["a"].logits > 0).any()
