"""The driver: exact resume, merging, bounded memory."""

from __future__ import annotations

from threading import Event, Lock

import numpy as np
import pytest

from engines.helpers_engines import EchoEngine, MemoryStore, NumberPlate, absent, box, click
from roto_shapes.prompts import FramePrompt
from roto_worker.engines.backlog import Backlog
from roto_worker.engines.base import Logits, Signals
from roto_worker.engines.driver import LOGIT_LIMIT, Checkpoint, drive, sigmoid
from roto_worker.engines.plan import plan_sweeps

Prompts = dict[str, list[FramePrompt]]
FIRST, LAST = 101, 140
PROMPTS: Prompts = {
    "hero": [box(110), click(125), box(136)],
    "dog": [box(110), click(125), box(136)],
    "gone": [box(105), absent(120), box(130)],
}


def run(
    prompts: Prompts,
    store: MemoryStore,
    *,
    engine: EchoEngine | None = None,
    resume: Checkpoint | None = None,
    stop_at: int | None = None,
) -> Signals:
    plate = NumberPlate(FIRST, LAST)
    engine = engine or EchoEngine()
    engine.start(plate, prompts)

    def on_step(done: int) -> None:
        if done == stop_at:
            raise InterruptedError

    return drive(
        engine,
        plan_sweeps(prompts, (FIRST, LAST)),
        store,
        (plate.info.height, plate.info.width),
        resume=resume,
        checkpoint_every=7,
        on_step=on_step,
    )


def test_every_object_and_frame_is_written() -> None:
    store = MemoryStore()
    signals = run(PROMPTS, store)
    everything = {(name, frame) for name in PROMPTS for frame in range(FIRST, LAST + 1)}
    assert set(store.mattes) == everything
    assert {(name, frame) for name in signals for frame in signals[name]} == everything
    assert not store.mattes["gone", 120].any()
    assert store.mattes["gone", 119].any()


@pytest.mark.parametrize("die_at", [2, 8, 15, 23, 30, 41, 49, 60, 77])
def test_killed_anywhere_and_resumed_is_the_same(die_at: int) -> None:
    undisturbed = MemoryStore()
    expected = run(PROMPTS, undisturbed)
    store = MemoryStore()
    with pytest.raises(KeyboardInterrupt):
        run(PROMPTS, store, engine=EchoEngine(die_at_step=die_at))
    resume = store.checkpoints[-1] if store.checkpoints else None
    engine = EchoEngine()
    signals = run(PROMPTS, store, engine=engine, resume=resume)
    assert signals == expected
    assert engine.steps < plan_sweeps(PROMPTS, (FIRST, LAST)).steps or resume is None
    for key, matte in undisturbed.mattes.items():
        np.testing.assert_array_equal(store.mattes[key], matte)


def test_a_stop_leaves_a_checkpoint_of_that_very_step() -> None:
    store = MemoryStore()
    with pytest.raises(InterruptedError):
        run(PROMPTS, store, stop_at=5)
    last = store.checkpoints[-1]
    assert (last.number, last.step) == (0, 5)


def test_two_prompts_merge_by_distance() -> None:
    class OneSided(EchoEngine):
        """+10 going forward, -1024 going backward (an engine that lost the object)."""

        def step(self):  # type: ignore[no-untyped-def]
            frame, answers = super().step()
            value = np.float32(10 if self._direction > 0 else -1024)
            for prediction in answers.values():
                prediction.logits[...] = value
            return frame, answers

    store = MemoryStore()
    run({"a": [box(101), box(111)]}, store, engine=OneSided())
    for frame in range(102, 111):
        weight = (frame - 101) / 10
        expected = (1 - weight) * 10 - weight * LOGIT_LIMIT
        np.testing.assert_allclose(
            store.mattes["a", frame], sigmoid(np.float32(expected)), rtol=1e-4
        )


def test_a_correction_begins_from_what_was_tracked_there() -> None:
    engine = EchoEngine()
    run({"a": [box(101), click(120, positive=False)]}, MemoryStore(), engine=engine)
    assert engine.begun == [
        (101, 1, ("a",), ()),
        (120, 1, ("a",), ("a",)),
        (120, -1, ("a",), ("a",)),
    ]


def test_held_logits_wait_in_the_store_until_a_checkpoint_says_that_they_are_merged() -> None:
    class Watching(MemoryStore):
        def drop(self, object_id: str, frame: int) -> None:
            assert frame not in self.checkpoints[-1].held_signals[object_id]
            assert frame in self.checkpoints[-1].signals[object_id]
            super().drop(object_id, frame)

    store = Watching()
    run({"a": [box(101), box(111), box(121), box(131)]}, store)
    assert store.most_held == 27
    assert not store.kept


def test_objects_join_and_leave_in_the_middle_of_a_pass() -> None:
    prompts = {"early": [box(101), absent(115)], "late": [box(110)], "last": [box(130)]}
    engine = EchoEngine()
    run(prompts, MemoryStore(), engine=engine)
    assert engine.passes == [(101, 1), (130, -1)]
    assert engine.begun == [
        (101, 1, ("early",), ()),
        (110, 1, ("late",), ()),
        (130, 1, ("last",), ()),
        (130, -1, ("last",), ()),
        (110, -1, ("late",), ()),
    ]


def test_a_correction_joins_the_pass_that_brings_its_seed() -> None:
    prompts = {"a": [box(101), click(120)], "b": [box(105)]}
    plan = plan_sweeps(prompts, (FIRST, LAST))
    assert [(one.start, one.stop) for one in plan.passes] == [(101, 140), (120, 101)]
    assert plan.steps == 40 + 20
    engine = EchoEngine()
    run(prompts, MemoryStore(), engine=engine)
    assert engine.passes == [(101, 1), (120, -1)]
    assert (120, 1, ("a",), ("a",)) in engine.begun
    assert engine.steps == plan.steps + 1  # frame 120 is answered twice


def test_every_plate_frame_is_read_once_per_direction() -> None:
    plate = NumberPlate(FIRST, LAST)
    prompts = {"a": [box(110)], "b": [box(125)], "c": [box(103), click(133)]}
    engine = EchoEngine()
    engine.start(plate, prompts)
    drive(engine, plan_sweeps(prompts, (FIRST, LAST)), MemoryStore(), (12, 16))
    # Forward from 103, and 133 once more for the correction; backward from 133.
    assert plate.reads == [*range(103, 134), *range(133, 141), *range(133, 100, -1)]


def test_mattes_are_those_of_each_object_tracked_alone() -> None:
    together = MemoryStore()
    signals = run(PROMPTS, together)
    for name, given in PROMPTS.items():
        alone = MemoryStore()
        assert run({name: given}, alone) == {name: signals[name]}
        for key, matte in alone.mattes.items():
            np.testing.assert_array_equal(together.mattes[key], matte)


def test_frames_beyond_the_neighbouring_prompts_of_a_correction_stay() -> None:
    prompts: Prompts = {"a": [box(105), box(115), box(130)], "b": [box(108)]}
    before, after = MemoryStore(), MemoryStore()
    run(prompts, before)
    run({**prompts, "a": [box(105), box(115), click(121), box(130)]}, after)
    changed = {key for key, matte in before.mattes.items() if (matte != after.mattes[key]).any()}
    assert changed == {("a", frame) for frame in range(116, 130)}


def test_an_object_s_range_ends_its_sweeps() -> None:
    prompts = {"a": [box(112)], "b": [box(120)]}
    plan = plan_sweeps(prompts, (FIRST, LAST), ranges={"a": (110, 115)})
    store = MemoryStore()
    engine = EchoEngine()
    engine.start(NumberPlate(FIRST, LAST), prompts)
    signals = drive(engine, plan, store, (12, 16))
    for frame in range(FIRST, LAST + 1):
        inside = 110 <= frame <= 115
        assert store.mattes["a", frame].any() == inside
        assert (signals["a"][frame] == {"blank": 1.0}) == (not inside)
    assert plan.steps == 4 + 21 + 20  # "a" goes back within the pass of "b"


def test_signals_tell_shape_prompts_and_agreement() -> None:
    class Square(EchoEngine):
        """4 x 3 pixels going forward, one column less going backward."""

        def step(self):  # type: ignore[no-untyped-def]
            frame, answers = super().step()
            for prediction in answers.values():
                prediction.logits[...] = -5
                prediction.logits[2:5, 6 : 10 if self._direction > 0 else 9] = 5
            return frame, answers

    signals = run({"a": [box(101), box(105), absent(120)]}, MemoryStore(), engine=Square())["a"]
    assert signals[101] == {
        "match": pytest.approx(1 / (1 + 101 % 7)),
        "prompted": 1.0,
        "area": 12,
        "centre_x": 8,
        "centre_y": 3.5,
        "width": 4,
        "height": 3,
    }
    assert signals[103]["agreement"] == pytest.approx(9 / 12)
    assert "agreement" not in signals[110]
    assert signals[125] == {"blank": 1.0}


def test_what_finishes_a_matte_gets_the_merged_logits_once() -> None:
    finished: list[tuple[str, int]] = []

    def finish(object_id: str, frame: int, logits: Logits) -> Logits:
        finished.append((object_id, frame))
        return sigmoid(logits) * np.float32(0.5)

    plate, prompts, store = NumberPlate(FIRST, LAST), PROMPTS, MemoryStore()
    plain = MemoryStore()
    run(prompts, plain)
    engine = EchoEngine()
    engine.start(plate, prompts)
    drive(engine, plan_sweeps(prompts, (FIRST, LAST)), store, (12, 16), finish=finish)
    assert len(finished) == len(set(finished))
    for key, matte in plain.mattes.items():
        np.testing.assert_array_equal(store.mattes[key], matte * np.float32(0.5))


def test_a_shot_of_one_frame() -> None:
    store, engine = MemoryStore(), EchoEngine()
    engine.start(NumberPlate(7, 7), {"a": [box(7)], "b": [click(7)]})
    plan = plan_sweeps({"a": [box(7)], "b": [click(7)]}, (7, 7))
    assert plan.steps == 1
    drive(engine, plan, store, (12, 16))
    assert set(store.mattes) == {("a", 7), ("b", 7)}


def test_a_matte_that_cannot_be_written_ends_the_drive_before_the_next_checkpoint() -> None:
    class Full(MemoryStore):
        def write(self, object_id: str, frame: int, alpha: Logits) -> None:
            if frame == 116:
                raise OSError("no space left")
            super().write(object_id, frame, alpha)

    store = Full()
    with pytest.raises(OSError, match="no space left"):
        run({"a": [box(101)]}, store)
    assert [checkpoint.step for checkpoint in store.checkpoints] == [7, 14]
    again = MemoryStore()
    again.mattes = dict(store.mattes)
    run({"a": [box(101)]}, again, resume=store.checkpoints[-1])
    whole = MemoryStore()
    run({"a": [box(101)]}, whole)
    for key, matte in whole.mattes.items():
        np.testing.assert_array_equal(again.mattes[key], matte)


def test_mattes_are_finished_while_the_engine_goes_on() -> None:
    """The engine's third step comes while the first matte is still waiting to be written."""
    ahead = Event()

    class Waiting(EchoEngine):
        def step(self):  # type: ignore[no-untyped-def]
            if self.steps == 2:
                ahead.set()
            return super().step()

    def finish(object_id: str, frame: int, logits: Logits) -> Logits:
        if frame == 101:
            assert ahead.wait(timeout=60)
        return sigmoid(logits)

    plate, store, engine = NumberPlate(FIRST, LAST), MemoryStore(), Waiting()
    engine.start(plate, {"a": [box(101)]})
    drive(engine, plan_sweeps({"a": [box(101)]}, (FIRST, LAST)), store, (12, 16), finish=finish)
    assert len(store.mattes) == LAST - FIRST + 1


def test_work_beside_the_engine_is_bounded() -> None:
    """Pieces too large for two threads: one at work and two waiting, whoever adds more waits."""
    lock = Lock()
    begun, added, most = 0, 0, 0

    def work() -> None:
        nonlocal begun, most
        with lock:
            begun += 1
            most = max(most, added - begun)

    with Backlog(1 << 40) as backlog:
        for _ in range(50):
            backlog.add(work)
            with lock:
                added += 1
        backlog.drain()
        assert begun == 50
    assert most <= 2


def test_an_engine_out_of_step_is_caught() -> None:
    class Skipping(EchoEngine):
        def step(self):  # type: ignore[no-untyped-def]
            frame, answers = super().step()
            return frame + 1, answers

    with pytest.raises(AssertionError, match="instead of"):
        run({"a": [box(101)]}, MemoryStore(), engine=Skipping())
