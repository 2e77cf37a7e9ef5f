"""A plate made of numbers, and an engine whose every answer depends on the frame before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from roto_shapes.prompts import Click, FramePrompt
from roto_worker.engines.base import EngineInfo, EngineState, Logits, Prediction
from roto_worker.engines.driver import Checkpoint
from roto_worker.media.source import FrameSource, Image8, PlateInfo

HEIGHT, WIDTH = 12, 16


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

    info = EngineInfo("echo", "none", None, "cpu")

    def __init__(self, *, die_at_step: int | None = None) -> None:
        self.begun: list[tuple[int, int, tuple[str, ...], bool]] = []
        self.steps = 0
        self.die_at_step = die_at_step
        self._memory: dict[str, NDArray[np.float32]] = {}

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
        self.begun.append((frame, direction, tuple(objects), tracked is not None))
        shape = (self._source.info.height, self._source.info.width)
        zero = np.zeros(shape, np.float32)
        self._memory = {name: (tracked or {}).get(name, zero) for name in objects}
        self._frame, self._direction = frame, direction

    def leave(self, objects: Sequence[str]) -> None:
        for name in objects:
            del self._memory[name]

    def step(self) -> tuple[int, dict[str, Prediction]]:
        self.steps += 1
        if self.steps == self.die_at_step:
            raise KeyboardInterrupt
        frame = self._frame
        noise = self._source.read(frame)[..., 0].astype(np.float32) / 64 - 2
        answers = {}
        for name in self._memory:
            self._memory[name] = np.float32(0.7) * self._memory[name] + noise
            answers[name] = Prediction(self._memory[name], {"match": 1 / (1 + frame % 7)})
        self._frame += self._direction
        return frame, answers

    def checkpoint(self) -> EngineState:
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
        self.checkpoints.append(checkpoint)
