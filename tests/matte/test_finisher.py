"""The finish hook as the driver calls it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from helpers_matte import (
    Composite,
    Plane,
    alpha_error,
    band_around,
    coarse_logits,
    composite,
    paint,
    sigmoid,
    star,
)

from roto_shapes.prompts import Click, FramePrompt
from roto_worker.engines.base import Candidate, Logits
from roto_worker.matte import EdgeSettings, Finisher, RecentFrames
from roto_worker.matte.recent import MOST_FRAMES
from roto_worker.media.source import Image8, PlateInfo

WIDTH, HEIGHT = 480, 270
SHAPE = (HEIGHT, WIDTH)
NOTHING = EdgeSettings(clean=False, detail=False, refine=False)


class Shot:
    """Frames 1001 to 1100 of one picture; counts its reads."""

    def __init__(self, plate: Image8) -> None:
        height, width = plate.shape[:2]
        self.info = PlateInfo(width, height, 1.0, (24, 1), (1001, 1100), None, {})
        self.reads: list[int] = []
        self.closed = False
        self._plate = plate

    def read(self, frame: int) -> Image8:
        self.reads.append(frame)
        return self._plate.copy()

    def close(self) -> None:
        self.closed = True


class Knowing:
    """A detailer that knows the right answer, or insists on a wrong one."""

    def __init__(self, answer: Plane) -> None:
        self._answer = answer
        self.asked = 0

    def look(
        self, key: str, image: Image8, prompt: FramePrompt, hint: Logits | None = None
    ) -> list[Candidate]:
        self.asked += 1
        height, width = image.shape[:2]
        return [Candidate(np.full((height, width), float(self._answer.mean()), np.float32), 1.0)]


@pytest.fixture(scope="module")
def truth() -> Composite:
    front = paint(1, SHAPE, (0.5, 0.08, 0.03), (0.9, 0.5, 0.2), 1)
    back = paint(2, SHAPE, (0.02, 0.08, 0.12), (0.2, 0.4, 0.45), 1)
    return composite(star(WIDTH, HEIGHT), front, back)


@pytest.fixture(scope="module")
def logits(truth: Composite) -> Plane:
    """With a speck in the corner."""
    made = coarse_logits(truth.alpha)
    made[20:23, 20:23] = 2
    return made


def test_nothing_asked_is_the_plain_sigmoid(truth: Composite, logits: Plane) -> None:
    shot = Shot(truth.plate)
    assert np.array_equal(Finisher(shot, NOTHING)("a", 1001, logits), sigmoid(logits))
    assert shot.reads == []


def test_by_default_cleaned_and_refined(truth: Composite, logits: Plane) -> None:
    before = logits.copy()
    finisher = Finisher(Shot(truth.plate), EdgeSettings())
    alpha = finisher("a", 1001, logits)
    band = band_around(truth.alpha, 4)
    assert alpha.dtype == np.float32
    assert alpha.shape == SHAPE
    assert alpha[15:30, 15:30].max() < 0.05
    assert alpha_error(alpha, truth, band) < 0.3 * alpha_error(sigmoid(logits), truth, band)
    assert np.array_equal(logits, before)
    assert np.array_equal(alpha, Finisher(Shot(truth.plate), EdgeSettings())("a", 1001, logits))


def test_a_clicked_speck_stays(truth: Composite, logits: Plane) -> None:
    prompts = {"a": [FramePrompt(1001, points=(Click(21.5, 21.5, True),))]}
    settings = EdgeSettings(refine=False)
    finisher = Finisher(Shot(truth.plate), settings, prompts=prompts)
    assert finisher("a", 1001, logits)[21, 21] > 0.8
    assert finisher("b", 1001, logits)[21, 21] < 0.05
    assert finisher("a", 1002, logits)[21, 21] < 0.05


def test_a_frame_is_read_once_for_all_objects(truth: Composite, logits: Plane) -> None:
    shot = Shot(truth.plate)
    finisher = Finisher(shot, EdgeSettings())
    for frame in (1001, 1002):
        for name in ("a", "b", "c"):
            finisher(name, frame, logits)
    assert shot.reads == [1001, 1002]
    shot.reads.clear()
    shared = RecentFrames(shot)
    shared.read(1003)
    Finisher(shared, EdgeSettings())("a", 1003, logits)
    assert shot.reads == [1003]


def test_an_absent_object_costs_no_frame(truth: Composite) -> None:
    shot = Shot(truth.plate)
    alpha = Finisher(shot, EdgeSettings())("a", 1001, np.full(SHAPE, -16, np.float32))
    assert alpha.max() < 1e-6
    assert shot.reads == []


def test_the_second_look_is_asked_for_only_when_set(truth: Composite, logits: Plane) -> None:
    outside = np.full(SHAPE, -8, np.float32)
    for detail in (False, True):
        detailer = Knowing(outside)
        settings = EdgeSettings(detail=detail, refine=False)
        finisher = Finisher(Shot(truth.plate), settings, detailer)
        alpha = finisher("a", 1001, logits)
        assert detailer.asked == int(detail)
        assert finisher.disagreements == ({"a": [1001]} if detail else {})
        assert alpha[HEIGHT // 2, WIDTH // 2] > 0.9


def test_recent_frames_are_few_and_close_with_the_source(truth: Composite) -> None:
    shot = Shot(truth.plate)
    recent = RecentFrames(shot)
    for frame in range(1001, 1061):
        recent.read(frame)
    for frame in range(1060, 1060 - MOST_FRAMES, -1):
        recent.read(frame)
    assert shot.reads == list(range(1001, 1061))
    recent.read(1001)
    assert shot.reads[-1] == 1001
    recent.close()
    assert shot.closed
    assert recent.info is shot.info


def test_recent_frames_from_several_threads(truth: Composite) -> None:
    shot = Shot(truth.plate)
    recent = RecentFrames(shot)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(recent.read, [1001, 1002, 1003, 1001, 1002, 1003] * 5))
    assert sorted(shot.reads) == [1001, 1002, 1003]
