"""The flow engine driven in passes: objects keep out of each other's way, to the last bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from engines.helpers_engines import MemoryStore, NumberPlate
from roto_shapes.prompts import Click, FramePrompt
from roto_worker.engines.base import Detailer, Signals
from roto_worker.engines.driver import Checkpoint, drive
from roto_worker.engines.flow.engine import FlowSegmenter
from roto_worker.engines.passes import Pass
from roto_worker.engines.plan import Plan, plan_sweeps
from roto_worker.media import open_plate
from roto_worker.media.readahead import ReadAhead
from roto_worker.media.source import FrameSource, Image8
from roto_worker.synthetic.clip import Clip

Mask = NDArray[np.bool_]
Prompts = dict[str, list[FramePrompt]]


def mask_prompt(frame: int, inside: Mask) -> FramePrompt:
    _, png = cv2.imencode(".png", inside.astype(np.uint8) * 255)
    return FramePrompt(frame, mask_png=png.tobytes())


def three_objects(clip: Clip) -> Prompts:
    """The creature, corrected twice; its left half, shown twice; its right half, for a while."""
    first, last = clip.frame_range

    def shown(frame: int, columns: slice = slice(None)) -> FramePrompt:
        inside = np.zeros((clip.height, clip.width), bool)
        inside[:, columns] = clip.truth(frame)[:, columns] >= 0.5
        return mask_prompt(frame, inside)

    def clicked(frame: int) -> FramePrompt:
        rows, columns = np.nonzero(clip.truth(frame) >= 0.5)
        middle = Click(float(np.median(columns)) + 0.5, float(np.median(rows)) + 0.5)
        return FramePrompt(frame, points=(middle, Click(3, 3, False)))

    half = clip.width // 2
    return {
        "whole": [shown(first + 2), clicked(first + 6), clicked(last - 2)],
        "left": [shown(first + 4, slice(half)), shown(last - 1, slice(half))],
        "right": [shown(first, slice(half, None)), FramePrompt(first + 8, absent=True)],
    }


def track(
    clip: Clip,
    prompts: Prompts,
    store: MemoryStore,
    *,
    plan: Plan | None = None,
    resume: Checkpoint | None = None,
    stop_at: int | None = None,
) -> Signals:
    def on_step(done: int) -> None:
        if done == stop_at:
            raise InterruptedError

    engine = FlowSegmenter()
    with closing(open_plate(clip.plate)) as source:
        engine.start(source, prompts)
        return drive(
            engine,
            plan or plan_sweeps(prompts, clip.frame_range),
            store,
            (clip.height, clip.width),
            resume=resume,
            on_step=on_step,
        )


class OneByOne(Plan):
    """Every sweep a pass of its own, as they depend on each other."""

    @property
    def passes(self) -> tuple[Pass, ...]:  # type: ignore[override]
        return tuple(Pass(sweep.direction, (sweep,)) for sweep in self.sweeps)


@pytest.fixture(scope="module")
def together(clip: Clip) -> tuple[MemoryStore, Signals]:
    store = MemoryStore()
    return store, track(clip, three_objects(clip), store)


def assert_same_mattes(one: MemoryStore, other: MemoryStore) -> None:
    assert set(one.mattes) == set(other.mattes)
    for key, matte in one.mattes.items():
        np.testing.assert_array_equal(matte, other.mattes[key], err_msg=str(key))


def test_passes_give_what_sweeps_one_by_one_give(
    clip: Clip, together: tuple[MemoryStore, Signals]
) -> None:
    prompts = three_objects(clip)
    whole = plan_sweeps(prompts, clip.frame_range)
    plan = OneByOne(whole.sweeps, whole.blanks)
    store = MemoryStore()
    assert track(clip, prompts, store, plan=plan) == together[1]
    assert_same_mattes(store, together[0])
    assert whole.steps < 0.7 * plan.steps


@pytest.mark.parametrize("stop_at", [7, 19])
def test_stopped_in_the_middle_of_a_pass_and_resumed(
    clip: Clip, together: tuple[MemoryStore, Signals], stop_at: int
) -> None:
    prompts = three_objects(clip)
    store = MemoryStore()
    with pytest.raises(InterruptedError):
        track(clip, prompts, store, stop_at=stop_at)
    checkpoint = store.checkpoints[-1]
    assert checkpoint.engine is not None
    assert len(checkpoint.engine.meta["objects"]) > 1
    assert track(clip, prompts, store, resume=checkpoint) == together[1]
    assert_same_mattes(store, together[0])


def test_a_correction_touches_the_stretch_around_it_alone(clip: Clip) -> None:
    first, last = clip.frame_range
    shown = [mask_prompt(f, clip.truth(f) >= 0.5) for f in (first, first + 5, last)]
    beside = FramePrompt(
        first + 8, points=(Click(3, 3, False), *three_objects(clip)["whole"][1].points[:1])
    )
    left = three_objects(clip)["left"]
    before, after = MemoryStore(), MemoryStore()
    track(clip, {"whole": shown, "left": left}, before)
    track(clip, {"whole": sorted([*shown, beside], key=lambda p: p.frame), "left": left}, after)
    changed = {key for key, matte in before.mattes.items() if (matte != after.mattes[key]).any()}
    assert changed
    assert changed <= {("whole", frame) for frame in range(first + 6, last)}


def test_a_plate_frame_is_decoded_once_per_direction() -> None:
    plate = NumberPlate(1, 60, width=96, height=64)
    inside = np.zeros((64, 96), bool)
    inside[20:44, 30:60] = True
    prompts = {"a": [mask_prompt(20, inside)], "b": [mask_prompt(35, inside)]}
    engine = FlowSegmenter()
    with closing(ReadAhead(plate, behind=2)) as source:
        engine.start(source, prompts)
        drive(engine, plan_sweeps(prompts, (1, 60)), MemoryStore(), (64, 96))
    reads = Counter(plate.reads)
    assert set(reads) == set(range(1, 61))
    assert {frame for frame, count in reads.items() if count > 1} <= set(range(16, 38))
    assert max(reads.values()) == 2


class Hidden:
    """A disc that drifts over noise and is not there from frame 11 to 40."""

    def __init__(self) -> None:
        from roto_worker.media.source import PlateInfo

        self.info = PlateInfo(128, 96, 1.0, (24, 1), (1, 55), None, {})
        self._noise = np.random.default_rng(3).integers(0, 60, (96, 128, 3), np.uint8)

    def truth(self, frame: int) -> Mask:
        y, x = np.mgrid[:96, :128]
        hidden = 11 <= frame <= 40
        return np.asarray(((x - 30 - frame) ** 2 + (y - 48) ** 2 < 18**2) & (not hidden))

    def read(self, frame: int) -> Image8:
        image = self._noise.copy()
        image[self.truth(frame)] = (230, 120, 40)
        return image

    def close(self) -> None: ...


@pytest.mark.parametrize("told", [True, False], ids=["absent", "found out"])
def test_an_object_that_is_away_for_thirty_frames(told: bool) -> None:
    source = Hidden()
    prompts = [mask_prompt(1, source.truth(1)), mask_prompt(45, source.truth(45))]
    if told:
        prompts += [FramePrompt(11, absent=True), FramePrompt(40, absent=True)]
    found = _mattes(source, sorted(prompts, key=lambda prompt: prompt.frame))
    for frame in (*range(1, 11), *range(41, 56)):
        assert _iou(found[frame], source.truth(frame)) > 0.9, frame
    for frame in range(11, 41):
        assert not found[frame].any(), frame


def _mattes(source: FrameSource, prompts: Sequence[FramePrompt]) -> dict[int, Mask]:
    engine, store = FlowSegmenter(), MemoryStore()
    engine.start(source, {"disc": prompts})
    plan = plan_sweeps({"disc": prompts}, source.info.frame_range)
    drive(engine, plan, store, (source.info.height, source.info.width))
    return {frame: matte >= 0.5 for (_, frame), matte in store.mattes.items()}


def _iou(one: Mask, other: Mask) -> float:
    return float((one & other).sum() / max((one | other).sum(), 1))


def test_one_image_can_be_looked_at_between_two_steps(clip: Clip) -> None:
    first = clip.frame_range[0]
    prompt = FramePrompt.from_json(clip.prompt)
    answers = []
    for look in (False, True):
        engine = FlowSegmenter()
        assert isinstance(engine, Detailer)
        with closing(open_plate(clip.plate)) as source:
            engine.start(source, {"a": [prompt]})
            engine.begin(first, 1, ["a"])
            engine.step()
            if look:
                [candidate] = engine.look("plate/1", source.read(first), prompt)
                assert _iou(candidate.logits > 0, clip.truth(first) >= 0.5) > 0.8
                assert 0.5 < candidate.score <= 1
            answers.append(engine.step()[1]["a"].logits)
    np.testing.assert_array_equal(answers[0], answers[1])


def test_clicks_correct_the_guess_they_are_looked_at_with(clip: Clip) -> None:
    first = clip.frame_range[0]
    truth = clip.truth(first) >= 0.5
    prompt = FramePrompt(first, points=FramePrompt.from_json(clip.prompt).points[:1])
    guess = np.where(truth, np.float32(6), np.float32(-6))
    with closing(open_plate(clip.plate)) as source:
        image = source.read(first)
    [candidate] = FlowSegmenter().look("", image, prompt, guess)
    np.testing.assert_array_equal(candidate.logits > 0, truth)


def test_nothing_to_be_seen(clip: Clip) -> None:
    with closing(open_plate(clip.plate)) as source:
        image = source.read(clip.frame_range[0])
    [candidate] = FlowSegmenter().look("", image, FramePrompt(1, absent=True))
    assert candidate.score == 0
    assert not (candidate.logits > 0).any()
