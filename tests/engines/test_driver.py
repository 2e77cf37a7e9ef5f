"""The driver: exact resume, merging, bounded memory."""

from __future__ import annotations

import numpy as np
import pytest

from engines.helpers_engines import EchoEngine, MemoryStore, NumberPlate, absent, box, click
from roto_shapes.prompts import FramePrompt
from roto_worker.engines.base import Signals
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


def test_an_engine_out_of_step_is_caught() -> None:
    class Skipping(EchoEngine):
        def step(self):  # type: ignore[no-untyped-def]
            frame, answers = super().step()
            return frame + 1, answers

    with pytest.raises(AssertionError, match="instead of"):
        run({"a": [box(101)]}, MemoryStore(), engine=Skipping())
