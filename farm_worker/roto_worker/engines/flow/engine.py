"""The `flow` engine: tracks with no model and no GPU (see `tracker`)."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_shapes.prompts import FramePrompt

from ...media.source import FrameSource, Image8
from ..base import Candidate, EngineInfo, EngineState, Logits, Prediction
from . import MODEL
from .appearance import Plane
from .coverage import coverage_logits
from .edges import apply_guide
from .motion import deterministic, flow_between, revealed
from .prompted import prompted_matte, resize, work_scale
from .tracker import ObjectTrack, Reference

CORRECTED_SHARE = 0.15
"""What a corrected frame teaches, against frames the artist showed: most of it is only tracked."""


@dataclass
class _Joined:
    """An object in the pass. ``frame`` is the one it answers next."""

    frame: int
    scale: float
    track: ObjectTrack
    first: Plane | None = None
    """The plate-size matte of its prompted frame, until it is answered."""


@dataclass
class _Pass:
    direction: int
    objects: dict[str, _Joined] = field(default_factory=dict)
    previous: tuple[int, Image8] | None = None
    """The last answered frame."""

    def takes(self, frame: int, direction: int) -> bool:
        """Whether objects can join on ``frame``: the next one, or the one just answered."""
        front = max((one.frame * self.direction for one in self.objects.values()), default=None)
        if front is None or direction != self.direction:
            return False
        return frame * direction in (front, front - 1)

    def due(self) -> dict[str, _Joined]:
        """The objects furthest behind: those that joined late, else all."""
        least = min(one.frame * self.direction for one in self.objects.values())
        return {n: one for n, one in self.objects.items() if one.frame * self.direction == least}


class _Views:
    """A frame and the one before it at the sizes objects are tracked on; each is made once."""

    def __init__(self, image: Image8, previous: Image8) -> None:
        self._image, self._previous = image, previous
        self._at: dict[float, tuple[Image8, Plane, Plane]] = {}

    def at(self, scale: float) -> tuple[Image8, Plane, Plane]:
        """The work picture, the flow to the last one, and what was revealed since."""
        if scale not in self._at:
            work, before = resize(self._image, scale), resize(self._previous, scale)
            flow = flow_between(work, before)
            self._at[scale] = work, flow, revealed(flow, flow_between(before, work))
        return self._at[scale]


class FlowSegmenter:
    """Optical flow, an appearance network per object, and guided filtering; deterministic.

    An object's mattes do not depend on which others are in the pass.
    """

    def __init__(self) -> None:
        self._source: FrameSource | None = None
        self._prompts: dict[str, list[FramePrompt]] = {}
        self._pass: _Pass | None = None

    @property
    def info(self) -> EngineInfo:
        versions = {"opencv": cv2.__version__, "numpy": np.__version__}
        return EngineInfo("flow", MODEL, None, platform.machine() or "cpu", versions)

    def start(self, source: FrameSource, prompts: Mapping[str, Sequence[FramePrompt]]) -> None:
        self.close()
        self._source = source
        self._prompts = {name: list(given) for name, given in prompts.items()}

    def close(self) -> None:
        self._source, self._prompts, self._pass = None, {}, None

    def begin(
        self,
        frame: int,
        direction: int,
        objects: Sequence[str],
        tracked: Mapping[str, Logits] | None = None,
    ) -> None:
        if self._pass is None or not self._pass.takes(frame, direction):
            self._pass = _Pass(direction)
        image = self._open.read(frame)
        for name in objects:
            with deterministic():
                joined = self._join(name, frame, direction, image, (tracked or {}).get(name))
            self._pass.objects[name] = joined

    def leave(self, objects: Sequence[str]) -> None:
        running = self._running
        for name in objects:
            del running.objects[name]
        if not running.objects:
            self._pass = None

    def step(self) -> tuple[int, dict[str, Prediction]]:
        running = self._running
        due = running.due()
        frame = next(iter(due.values())).frame
        image = self._open.read(frame)
        views: _Views | None = None
        answers = {}
        for name, one in due.items():
            with deterministic():
                if one.first is not None:
                    answers[name] = _shown(one.first)
                    one.first = None
                else:
                    views = views or _Views(image, self._before(frame))
                    answers[name] = _advance(one, image, views)
            one.frame += running.direction
        running.previous = frame, image
        return frame, answers

    def checkpoint(self) -> EngineState:
        running = self._running
        arrays: dict[str, NDArray[Any]] = {}
        objects: dict[str, Any] = {}
        for name, one in running.objects.items():
            saved, track = one.track.save()
            objects[name] = {"frame": one.frame, "scale": one.scale, "track": track}
            arrays |= {f"{name}/{key}": array for key, array in saved.items()}
        return EngineState(arrays, {"direction": running.direction, "objects": objects})

    def restore(self, state: EngineState) -> None:
        objects = {}
        for name, meta in state.meta["objects"].items():
            prefix = f"{name}/"
            arrays = {
                key.removeprefix(prefix): array
                for key, array in state.arrays.items()
                if key.startswith(prefix)
            }
            track = ObjectTrack.load(arrays, meta["track"])
            objects[name] = _Joined(meta["frame"], meta["scale"], track)
        self._pass = _Pass(state.meta["direction"], objects)

    def look(
        self, key: str, image: Image8, prompt: FramePrompt, hint: Logits | None = None
    ) -> list[Candidate]:
        """One candidate; its score is how well appearance alone tells it from what is around it.

        Nothing is kept under ``key``: little is computed that does not depend on the prompt.
        """
        with deterministic():
            matte = prompted_matte(image, prompt, hint)
            score = 0.0
            if matte.max() > 0.5:
                scale = work_scale(matte)
                shown = Reference(resize(image, scale), resize(matte, scale))
                score = ObjectTrack.begin([shown]).looks
        return [Candidate(coverage_logits(matte), score)]

    @property
    def _open(self) -> FrameSource:
        if self._source is None:
            raise RuntimeError("begin() before start()")
        return self._source

    @property
    def _running(self) -> _Pass:
        if self._pass is None:
            raise RuntimeError("no object was begun")
        return self._pass

    def _before(self, frame: int) -> Image8:
        before = frame - self._running.direction
        known = self._running.previous
        return known[1] if known is not None and known[0] == before else self._open.read(before)

    def _join(
        self, name: str, frame: int, direction: int, image: Image8, tracked: Logits | None
    ) -> _Joined:
        prompt = next(prompt for prompt in self._prompts[name] if prompt.frame == frame)
        matte = self._matte(image, prompt, tracked)
        corrects = tracked is not None
        shown = self._references(name, frame, direction, corrects=corrects)
        shares = [CORRECTED_SHARE if corrects and shown else 1.0, *([1.0] * len(shown))]
        scale = work_scale(matte)
        references = [
            Reference(resize(one, scale), resize(its, scale), share)
            for (one, its), share in zip([(image, matte), *shown], shares, strict=True)
        ]
        return _Joined(frame, scale, ObjectTrack.begin(references), matte)

    def _references(
        self, name: str, frame: int, direction: int, *, corrects: bool
    ) -> list[tuple[Image8, Plane]]:
        """Other prompted frames to learn from, with their mattes.

        It is the next one ahead, if it says by itself where the object is; nothing beyond it, so
        that what an artist adds there changes nothing here. A correction leans on the nearest one
        on each side: it rests on tracking from one of them anyway.
        """
        found: list[tuple[Image8, Plane]] = []
        for way in (direction, -direction) if corrects else (direction,):
            ahead = [p for p in self._prompts[name] if (p.frame - frame) * way > 0]
            if corrects:
                ahead = [p for p in ahead if _stands_alone(p)]
            if not ahead:
                continue
            prompt = min(ahead, key=lambda p: abs(p.frame - frame))
            if _stands_alone(prompt):
                image = self._open.read(prompt.frame)
                matte = self._matte(image, prompt, None)
                if matte.max() > 0.5:
                    found.append((image, matte))
        return found

    def _matte(self, image: Image8, prompt: FramePrompt, tracked: Logits | None) -> Plane:
        def around() -> list[Image8]:
            first, last = self._open.info.frame_range
            beside = (prompt.frame - 1, prompt.frame + 1)
            return [self._open.read(frame) for frame in beside if first <= frame <= last]

        return prompted_matte(image, prompt, tracked, around)


def _shown(matte: Plane) -> Prediction:
    return Prediction(coverage_logits(matte), {"match": 1.0 if matte.any() else 0.0})


def _advance(one: _Joined, image: Image8, views: _Views) -> Prediction:
    work, flow, new = views.at(one.scale)
    coefficients, signals = one.track.advance(work, flow, new, one.frame)
    return Prediction(coverage_logits(apply_guide(image, coefficients)), signals)


def _stands_alone(prompt: FramePrompt) -> bool:
    return prompt.box is not None or prompt.mask_png is not None
