"""Runs a plan through an engine, pass by pass and one frame at a time.

Memory does not grow with the shot: mattes are finished and leave through the `Store` while the
engine goes on, and the logits of a segment tracked from two sides wait in the store, not here. A
`Checkpoint` taken between two frames holds all that is needed to go on in another process with the
same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .backlog import Backlog
from .base import EngineState, Logits, Prediction, Segmenter, Signals
from .passes import Pass, frames_of
from .plan import Plan
from .signals import agreement, mix, shape_of
from .sweeps import Role, Sweep

LOGIT_LIMIT = 16.0
"""Logits are clipped to +-this before merging: sigmoid(-16) is black in 16 bits, and an engine's
"not here at all" (-1024 in SAM 2) must not outvote the other side from far away."""

Alpha = NDArray[np.float32]

Finish = Callable[[str, int, Logits], Alpha]
"""Makes the matte, 0..1, of an object and plate frame from its logits, when nothing will change
them any more. Called from several threads, in no order."""


@dataclass(frozen=True)
class Checkpoint:
    """Where a drive stands: ``step`` frames of pass number ``number`` are done."""

    number: int = 0
    step: int = 0
    engine: EngineState | None = None
    """None at the beginning of a pass."""
    signals: Signals = field(default_factory=dict)
    held_signals: Signals = field(default_factory=dict)

    def done(self, plan: Plan) -> int:
        """Of the plan's steps."""
        return frames_of(plan.passes[: self.number]) + self.step


class Store(Protocol):
    """Where a drive's results go. Every call is complete on disk when it returns.

    `write`, `hold` and `held` come from several threads, each object and frame from one at a time.
    """

    def write(self, object_id: str, frame: int, alpha: Alpha) -> None:
        """A finished matte, 0..1."""
        ...

    def hold(self, object_id: str, frame: int, logits: Logits) -> None:
        """Logits within +-`LOGIT_LIMIT` that another sweep needs."""
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


def sigmoid(logits: Logits) -> Alpha:
    """The soft matte of ``logits``, float32 0..1."""
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def _limited(prediction: Prediction) -> Logits:
    return np.clip(prediction.logits, -LOGIT_LIMIT, LOGIT_LIMIT)


def _plain(object_id: str, frame: int, logits: Logits) -> Alpha:
    return sigmoid(logits)


def drive(
    engine: Segmenter,
    plan: Plan,
    store: Store,
    shape: tuple[int, int],
    *,
    resume: Checkpoint | None = None,
    checkpoint_every: int = 25,
    on_step: Callable[[int], None] = lambda done: None,
    finish: Finish = _plain,
) -> Signals:
    """Track everything in ``plan``; the engine has been started on the shot.

    ``shape`` is the plate's (height, width). ``on_step`` hears the steps done so far; what it
    raises ends the drive after a checkpoint. Returns the signals of every object and frame.
    """
    empty = np.zeros(shape, np.float32)
    with Backlog(empty.nbytes) as backlog:
        drive_ = _Drive(engine, plan, store, finish, resume or Checkpoint(), backlog)
        for blank in plan.blanks:
            for frame in range(blank.first, blank.last + 1):
                store.write(blank.object, frame, empty)
                drive_.record(blank.object, frame, {"blank": float(blank.known)})
        drive_.run(checkpoint_every, on_step)
    return drive_.signals


class _Drive:
    def __init__(
        self,
        engine: Segmenter,
        plan: Plan,
        store: Store,
        finish: Finish,
        checkpoint: Checkpoint,
        backlog: Backlog,
    ) -> None:
        self.engine, self.plan, self.store, self.finish = engine, plan, store, finish
        self.backlog = backlog
        self.number, self.step, self.resumed = checkpoint.number, checkpoint.step, checkpoint.engine
        self.done = checkpoint.done(plan)
        self.signals = {key: dict(value) for key, value in checkpoint.signals.items()}
        self.held_signals = {key: dict(value) for key, value in checkpoint.held_signals.items()}
        self.merged: list[tuple[str, int]] = []
        """What was held and is not needed once a checkpoint says so."""

    def record(self, object_id: str, frame: int, signals: dict[str, float]) -> None:
        self.signals.setdefault(object_id, {})[frame] = signals

    def run(self, checkpoint_every: int, on_step: Callable[[int], None]) -> None:
        if self.resumed is not None:
            self.engine.restore(self.resumed)
        while self.number < len(self.plan.passes):
            current = self.plan.passes[self.number]
            while self.step < len(current):
                self._advance(current)
                try:
                    on_step(self.done)
                except BaseException:
                    self._save()
                    raise
                if self.done % checkpoint_every == 0 or self.step == len(current):
                    self._save()
            self.number, self.step = self.number + 1, 0

    def _advance(self, current: Pass) -> None:
        frame = current.frame(self.step)
        self._answer(frame, current.running(frame))
        late = current.late(frame)
        if late:
            self._answer(frame, late)
        self.step += 1
        self.done += 1

    def _answer(self, frame: int, sweeps: Sequence[Sweep]) -> None:
        """One step of the engine: ``sweeps`` are those on ``frame``, some begin there, some end."""
        self._begin(frame, [sweep for sweep in sweeps if sweep.start == frame])
        answered, predictions = self.engine.step()
        expected = {sweep.object for sweep in sweeps}
        if answered != frame or set(predictions) != expected:
            raise AssertionError(
                f"the engine answered {sorted(predictions)} on frame {answered}"
                f" instead of {sorted(expected)} on frame {frame}"
            )
        for sweep in sweeps:
            self._take(sweep, frame, predictions[sweep.object])
        over = [sweep.object for sweep in sweeps if sweep.stop == frame]
        if over:
            self.engine.leave(over)

    def _begin(self, frame: int, sweeps: Sequence[Sweep]) -> None:
        if sweeps:
            objects = [sweep.object for sweep in sweeps]
            seeded = [sweep.object for sweep in sweeps if sweep.corrects]
            if seeded:
                self.backlog.drain()
            tracked = {name: self.store.held(name, frame) for name in seeded}
            self.engine.begin(frame, sweeps[0].direction, objects, tracked)

    def _take(self, sweep: Sweep, frame: int, prediction: Prediction) -> None:
        name, role = sweep.object, sweep.role_at(frame)
        if role is Role.SKIP:
            return
        signals = {key: float(value) for key, value in prediction.signals.items()}
        if role in {Role.HOLD, Role.SEED}:
            self.held_signals.setdefault(name, {})[frame] = signals
            self.backlog.add(lambda: self.store.hold(name, frame, _limited(prediction)))
            return
        if role is Role.MERGE:
            signals = mix(signals, self.held_signals[name][frame], sweep.weight_at(frame))
            self.merged.append((name, frame))
        if frame == sweep.start:
            signals["prompted"] = 1.0
        self.record(name, frame, signals)
        self.backlog.add(lambda: self._write(sweep, frame, prediction, signals))

    def _write(
        self, sweep: Sweep, frame: int, prediction: Prediction, signals: dict[str, float]
    ) -> None:
        """The matte, and what it adds to ``signals``."""
        name, logits = sweep.object, _limited(prediction)
        if sweep.role_at(frame) is Role.MERGE:
            weight = np.float32(sweep.weight_at(frame))
            held = self.store.held(name, frame)
            signals["agreement"] = agreement(logits, held)
            logits = weight * logits + (1 - weight) * held
        signals |= shape_of(logits)
        self.store.write(name, frame, self.finish(name, frame, logits))

    def _save(self) -> None:
        """Nothing held is dropped before a checkpoint says that it is not needed again."""
        self.backlog.drain()
        over = self.step == len(self.plan.passes[self.number])
        number, step = (self.number + 1, 0) if over else (self.number, self.step)
        for name, frame in self.merged:
            self.held_signals[name].pop(frame)
        engine = None if over else self.engine.checkpoint()
        self.store.save(Checkpoint(number, step, engine, self.signals, self.held_signals))
        for name, frame in self.merged:
            self.store.drop(name, frame)
        self.merged = []
