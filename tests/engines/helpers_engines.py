"""A plate made of numbers, and an engine whose every answer depends on the frame before it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roto_shapes.prompts import Click, FramePrompt
from roto_worker.engines.base import EngineInfo, EngineState, Logits, Prediction
from roto_worker.engines.driver import Checkpoint
from roto_worker.engines.plan import Plan, Role
from roto_worker.media.source import FrameSource, Image8, PlateInfo
from roto_worker.stages.context import TaskStopped

HEIGHT, WIDTH = 12, 16
HERO, OTHER = "a" * 32, "b" * 32


def click(frame: int, *, positive: bool = True) -> FramePrompt:
    return FramePrompt(frame, points=(Click(4, 4, positive),))


def box(frame: int) -> FramePrompt:
    return FramePrompt(frame, box=(1, 1, 9, 9))


def absent(frame: int) -> FramePrompt:
    return FramePrompt(frame, absent=True)


class NumberPlate:
    """A tiny plate of noise, every frame different and always the same."""

    def __init__(self, first: int, last: int, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.info = PlateInfo(width, height, 1.0, (24, 1), (first, last), None, {})
        self.reads: list[int] = []

    def read(self, frame: int) -> Image8:
        first, last = self.info.frame_range
        assert first <= frame <= last, f"read frame {frame} outside the plate"
        self.reads.append(frame)
        shape = (self.info.height, self.info.width, 3)
        return np.random.default_rng(frame).integers(0, 256, shape, np.uint8)

    def close(self) -> None: ...


class EchoEngine:
    """Logits are a running mix of the plate's noise: a wrong state changes all that follows."""

    info = EngineInfo("flow", "echo", None, "cpu")

    def __init__(self, *, die_at_step: int | None = None) -> None:
        self.begun: list[tuple[int, int, tuple[str, ...], tuple[str, ...]]] = []
        """Frame, direction, objects, and those of them that correct something."""
        self.passes: list[tuple[int, int]] = []
        """Frame and direction of those that were opened."""
        self.steps = 0
        self.die_at_step = die_at_step
        self._memory: dict[str, NDArray[np.float32]] = {}
        self._late: list[str] = []
        self._frame = self._direction = 0

    def start(self, source: FrameSource, prompts: Mapping[str, Sequence[FramePrompt]]) -> None:
        self._source, self._prompts = source, prompts

    def begin(
        self,
        frame: int,
        direction: int,
        objects: Sequence[str],
        tracked: Mapping[str, Logits] | None = None,
    ) -> None:
        for name in objects:
            assert frame in [prompt.frame for prompt in self._prompts[name]]
            assert name not in self._memory, "an object joined twice"
        self.begun.append((frame, direction, tuple(objects), tuple(tracked or {})))
        running = bool(self._memory) and direction == self._direction
        late = running and frame == self._frame - direction
        if not late and not (running and frame == self._frame):
            assert not self._memory, "objects were left behind"
            self.passes.append((frame, direction))
            self._frame, self._direction = frame, direction
        self._late = list(objects) if late else []
        zero = np.zeros((self._source.info.height, self._source.info.width), np.float32)
        self._memory |= {name: (tracked or {}).get(name, zero) for name in objects}

    def leave(self, objects: Sequence[str]) -> None:
        for name in objects:
            del self._memory[name]

    def step(self) -> tuple[int, dict[str, Prediction]]:
        self.steps += 1
        if self.steps == self.die_at_step:
            raise KeyboardInterrupt
        due = self._late or list(self._memory)
        frame = self._frame - self._direction if self._late else self._frame
        noise = self._source.read(frame)[..., 0].astype(np.float32) / 64 - 2
        answers = {}
        for name in due:
            self._memory[name] = np.float32(0.7) * self._memory[name] + noise
            answers[name] = Prediction(self._memory[name].copy(), {"match": 1 / (1 + frame % 7)})
        if not self._late:
            self._frame += self._direction
        self._late = []
        return frame, answers

    def checkpoint(self) -> EngineState:
        assert not self._late
        meta = {"frame": self._frame, "direction": self._direction}
        return EngineState(dict(self._memory), meta)

    def restore(self, state: EngineState) -> None:
        self._memory = dict(state.arrays)
        self._frame, self._direction = state.meta["frame"], state.meta["direction"]

    def close(self) -> None: ...


class MemoryStore:
    """Results in dictionaries; counts how many logits wait at once."""

    def __init__(self) -> None:
        self.mattes: dict[tuple[str, int], NDArray[np.float32]] = {}
        self.kept: dict[tuple[str, int], Logits] = {}
        self.most_held = 0
        self.checkpoints: list[Checkpoint] = []

    def write(self, object_id: str, frame: int, alpha: NDArray[np.float32]) -> None:
        self.mattes[object_id, frame] = alpha

    def hold(self, object_id: str, frame: int, logits: Logits) -> None:
        self.kept[object_id, frame] = logits
        self.most_held = max(self.most_held, len(self.kept))

    def held(self, object_id: str, frame: int) -> Logits:
        return self.kept[object_id, frame]

    def drop(self, object_id: str, frame: int) -> None:
        self.kept.pop((object_id, frame), None)

    def save(self, checkpoint: Checkpoint) -> None:
        self.checkpoints.append(deepcopy(checkpoint))


def frames_out(plan: Plan, seeds: Collection[tuple[str, int]] = ()) -> list[tuple[str, int]]:
    """Walks the passes as the driver does; checks that nothing is needed before it is there.

    ``seeds``: objects and frames whose seeds are there from the beginning.
    """
    out: list[tuple[str, int]] = []
    held = set(seeds)
    for one in plan.passes:
        for frame in map(one.frame, range(len(one))):
            running, late = one.running(frame), one.late(frame)
            assert running or late
            for group in (running, late):
                objects = [sweep.object for sweep in group]
                assert len(set(objects)) == len(objects)
                assert all(sweep.direction == one.direction for sweep in group)
                for sweep in group:
                    key = (sweep.object, frame)
                    assert not (sweep.corrects and frame == sweep.start) or key in held
                    role = sweep.role_at(frame)
                    if role in {Role.HOLD, Role.SEED}:
                        held.add(key)
                    elif role is not Role.SKIP:
                        assert role is not Role.MERGE or key in held
                        out.append(key)
    for blank in plan.blanks:
        out += [(blank.object, frame) for frame in range(blank.first, blank.last + 1)]
    return out


class Context:
    """A `TaskContext` that can stop or kill the attempt at a step."""

    def __init__(
        self,
        spec: dict[str, Any],
        output_dir: Path,
        *,
        earlier: list[Path] | None = None,
        stop_at: int | None = None,
    ) -> None:
        self.spec, self.output_dir, self.scratch_dir = spec, output_dir, output_dir
        self.resume_dirs = earlier or []
        self.stop_at = stop_at
        self.reports: list[tuple[int, int, str]] = []
        self.logged: list[str] = []
        output_dir.mkdir(parents=True)

    def progress(self, done: int, total: int, message: str = "") -> None:
        self.reports.append((done, total, message))
        if done == self.stop_at:
            raise TaskStopped

    def log(self, event: str, **fields: object) -> None:
        self.logged.append(event)


def results(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".checkpoint" not in path.parts
    }
