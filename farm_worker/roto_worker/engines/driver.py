"""Runs a plan of sweeps through an engine, one frame at a time.

Memory does not grow with the shot: finished mattes leave through the `Store` at once, and the
logits of a segment tracked from two sides wait in the store, not here. A `Checkpoint` taken between
two steps holds all that is needed to go on in another process with the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .base import EngineState, Logits, Prediction, Segmenter, Signals
from .plan import Plan, Role, Sweep
from .signals import agreement, mix, shape_of

LOGIT_LIMIT = 16.0
"""Logits are clipped to +-this before merging: sigmoid(-16) is black in 16 bits, and an engine's
"not here at all" (-1024 in SAM 2) must not outvote the other side from far away."""


@dataclass(frozen=True)
class Checkpoint:
    """Where a drive stands: ``step`` frames of sweep number ``sweep`` are done."""

    sweep: int = 0
    step: int = 0
    engine: EngineState | None = None
    """None at the beginning of a sweep."""
    signals: Signals = field(default_factory=dict)
    held_signals: Signals = field(default_factory=dict)


class Store(Protocol):
    """Where a drive's results go. Every call is complete on disk when it returns."""

    def write(self, object_id: str, frame: int, alpha: NDArray[np.float32]) -> None:
        """A finished matte, 0..1."""
        ...

    def hold(self, object_id: str, frame: int, logits: Logits) -> None:
        """Logits within +-`LOGIT_LIMIT` that a later sweep needs."""
        ...

    def held(self, object_id: str, frame: int) -> Logits:
        """What `hold` was given (the store may round it)."""
        ...

    def drop(self, object_id: str, frame: int) -> None:
        """Forget what was held there, if anything."""
        ...

    def save(self, checkpoint: Checkpoint) -> None:
        """Replace the last checkpoint."""
        ...


def drive(
    engine: Segmenter,
    plan: Plan,
    store: Store,
    shape: tuple[int, int],
    *,
    resume: Checkpoint | None = None,
    checkpoint_every: int = 25,
    on_step: Callable[[int], None] = lambda done: None,
) -> Signals:
    """Track everything in ``plan``; the engine has been started on the shot.

    ``shape`` is the plate's (height, width). ``on_step`` hears the steps done so far; what it
    raises ends the drive after a checkpoint. Returns the signals of every object and frame.
    """
    drive_ = _Drive(engine, plan, store, resume or Checkpoint())
    empty = np.zeros(shape, np.float32)
    for blank in plan.blanks:
        for frame in range(blank.first, blank.last + 1):
            store.write(blank.object, frame, empty)
            drive_.record(blank.object, frame, {"blank": float(blank.known)})
    drive_.run(checkpoint_every, on_step)
    return drive_.signals


class _Drive:
    def __init__(self, engine: Segmenter, plan: Plan, store: Store, checkpoint: Checkpoint) -> None:
        self.engine = engine
        self.plan = plan
        self.store = store
        self.sweep, self.step, self.resumed = checkpoint.sweep, checkpoint.step, checkpoint.engine
        self.signals = {key: dict(value) for key, value in checkpoint.signals.items()}
        self.held_signals = {key: dict(value) for key, value in checkpoint.held_signals.items()}

    def record(self, object_id: str, frame: int, signals: dict[str, float]) -> None:
        self.signals.setdefault(object_id, {})[frame] = signals

    def run(self, checkpoint_every: int, on_step: Callable[[int], None]) -> None:
        done = sum(len(sweep) for sweep in self.plan.sweeps[: self.sweep]) + self.step
        while self.sweep < len(self.plan.sweeps):
            sweep = self.plan.sweeps[self.sweep]
            self._begin(sweep)
            while self.step < len(sweep):
                self._advance(sweep)
                done += 1
                try:
                    on_step(done)
                except BaseException:
                    self._save()
                    raise
                if done % checkpoint_every == 0:
                    self._save()
            self.engine.leave(sweep.objects)
            self._finish(sweep)
            self.sweep, self.step = self.sweep + 1, 0

    def _begin(self, sweep: Sweep) -> None:
        if self.resumed is not None:
            self.engine.restore(self.resumed)
            self.resumed = None
            return
        tracked = None
        if sweep.corrects:
            tracked = {name: self.store.held(name, sweep.start) for name in sweep.objects}
        self.engine.begin(sweep.start, sweep.direction, sweep.objects, tracked)

    def _finish(self, sweep: Sweep) -> None:
        """Nothing held is dropped before a checkpoint says that it is not needed again."""
        merged = sweep.role is Role.MERGE
        over = list(product(sweep.objects, sweep.inner_frames)) if merged else []
        for name, frame in over:
            self.held_signals[name].pop(frame)
        if merged or sweep is self.plan.sweeps[-1]:
            self._save()
        for name, frame in over:
            self.store.drop(name, frame)

    def _advance(self, sweep: Sweep) -> None:
        frame, predictions = self.engine.step()
        expected = sweep.frame(self.step)
        if frame != expected:
            raise AssertionError(f"the engine answered frame {frame} instead of {expected}")
        role = sweep.role_at(frame)
        for object_id in sweep.objects:
            if role is not Role.SKIP:
                self._take(sweep, role, object_id, frame, predictions[object_id])
        self.step += 1

    def _take(
        self, sweep: Sweep, role: Role, object_id: str, frame: int, prediction: Prediction
    ) -> None:
        logits = np.clip(prediction.logits, -LOGIT_LIMIT, LOGIT_LIMIT)
        signals = {name: float(value) for name, value in prediction.signals.items()}
        if role in {Role.HOLD, Role.SEED}:
            self.store.hold(object_id, frame, logits)
            self.held_signals.setdefault(object_id, {})[frame] = signals
            return
        if role is Role.MERGE:
            weight = sweep.weight_at(frame)
            held = self.store.held(object_id, frame)
            signals = mix(signals, self.held_signals[object_id][frame], weight)
            signals["agreement"] = agreement(logits, held)
            logits = np.float32(weight) * logits + (1 - np.float32(weight)) * held
        if frame == sweep.start:
            signals["prompted"] = 1.0
        self.store.write(object_id, frame, sigmoid(logits))
        self.record(object_id, frame, signals | shape_of(logits))

    def _save(self) -> None:
        over = self.step == len(self.plan.sweeps[self.sweep])
        sweep, step = (self.sweep + 1, 0) if over else (self.sweep, self.step)
        engine = self.engine.checkpoint() if step else None
        self.store.save(Checkpoint(sweep, step, engine, self.signals, self.held_signals))


def sigmoid(logits: Logits) -> NDArray[np.float32]:
    """The soft matte of ``logits``, float32 0..1."""
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)
