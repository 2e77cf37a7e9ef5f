"""The `flow` engine: tracks with no model and no GPU (see `tracker`)."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_shapes.prompts import FramePrompt

from ...media.source import FrameSource, Image8
from ..base import EngineInfo, EngineState, Logits, Prediction
from ..prompts import decode_mask
from . import MODEL
from .appearance import Plane
from .correct import correct
from .coverage import coverage_logits
from .edges import apply_guide
from .motion import deterministic, flow_between, revealed
from .select import Hints, select
from .tracker import ObjectTrack, Reference, window_of

WORK_SIZE = 640
"""Long side, in pixels, of the picture that is tracked on."""
CORRECTED_SHARE = 0.15
"""What a corrected frame teaches, against frames the artist showed: most of it is only tracked."""
OBJECT_SIZE = 120
"""A smaller object is tracked on a larger picture, up to twice `WORK_SIZE`."""


@dataclass
class _Sweep:
    frame: int
    direction: int
    scale: float
    tracks: dict[str, ObjectTrack]
    first: dict[str, Plane]
    """Plate-size mattes of the prompted frame, until they are answered."""
    previous: Image8 | None = None
    """The last frame at work size."""


class FlowSegmenter:
    """Optical flow, an appearance network per object, and guided filtering; deterministic."""

    def __init__(self) -> None:
        self._source: FrameSource | None = None
        self._prompts: dict[str, list[FramePrompt]] = {}
        self._sweep: _Sweep | None = None

    @property
    def info(self) -> EngineInfo:
        versions = {"opencv": cv2.__version__, "numpy": np.__version__}
        return EngineInfo("flow", MODEL, None, platform.machine() or "cpu", versions)

    def start(self, source: FrameSource, prompts: Mapping[str, Sequence[FramePrompt]]) -> None:
        self.close()
        self._source = source
        self._prompts = {name: list(given) for name, given in prompts.items()}

    def close(self) -> None:
        self._source, self._prompts, self._sweep = None, {}, None

    def begin(
        self,
        frame: int,
        direction: int,
        objects: Sequence[str],
        tracked: Mapping[str, Logits] | None = None,
    ) -> None:
        with deterministic():
            image = self._open.read(frame)
            prompted = {
                name: self._matte(image, self._prompt(name, frame), (tracked or {}).get(name))
                for name in objects
            }
            scale = _work_scale(image.shape, prompted.values())
            tracks = {}
            for name in objects:
                corrects = name in (tracked or {})
                shown = self._references(name, frame, direction, corrects=corrects)
                known = [(image, prompted[name]), *shown]
                shares = [CORRECTED_SHARE if corrects and shown else 1.0, *([1.0] * len(shown))]
                tracks[name] = ObjectTrack.begin(
                    [
                        Reference(_resize(one, scale), _resize(matte, scale), share)
                        for (one, matte), share in zip(known, shares, strict=True)
                    ]
                )
        self._sweep = _Sweep(frame, direction, scale, tracks, prompted)

    def leave(self, objects: Sequence[str]) -> None:
        for name in objects:
            del self._running.tracks[name]
        if not self._running.tracks:
            self._sweep = None

    def step(self) -> tuple[int, dict[str, Prediction]]:
        sweep = self._running
        frame = sweep.frame
        with deterministic():
            image = self._open.read(frame)
            work = _resize(image, sweep.scale)
            if sweep.first:
                answers = {
                    name: Prediction(coverage_logits(mask), {"match": 1.0 if mask.any() else 0.0})
                    for name, mask in sweep.first.items()
                }
                sweep.first = {}
            else:
                answers = self._advance(sweep, image, work)
        sweep.previous = work
        sweep.frame += sweep.direction
        return frame, answers

    def _advance(self, sweep: _Sweep, image: Image8, work: Image8) -> dict[str, Prediction]:
        if sweep.previous is None:  # restored
            before = self._open.read(sweep.frame - sweep.direction)
            sweep.previous = _resize(before, sweep.scale)
        flow = flow_between(work, sweep.previous)
        new = revealed(flow, flow_between(sweep.previous, work))
        answers = {}
        for name, track in sweep.tracks.items():
            coefficients, signals = track.advance(work, flow, new, sweep.frame)
            belief = apply_guide(image, coefficients)
            answers[name] = Prediction(coverage_logits(belief), signals)
        return answers

    def checkpoint(self) -> EngineState:
        sweep = self._running
        arrays: dict[str, NDArray[Any]] = {}
        meta: dict[str, Any] = {
            "frame": sweep.frame,
            "direction": sweep.direction,
            "scale": sweep.scale,
            "tracks": {},
        }
        for name, track in sweep.tracks.items():
            saved, meta["tracks"][name] = track.save()
            arrays |= {f"{name}/{key}": array for key, array in saved.items()}
        return EngineState(arrays, meta)

    def restore(self, state: EngineState) -> None:
        meta = state.meta
        tracks = {}
        for name, track_meta in meta["tracks"].items():
            prefix = f"{name}/"
            arrays = {
                key.removeprefix(prefix): array
                for key, array in state.arrays.items()
                if key.startswith(prefix)
            }
            tracks[name] = ObjectTrack.load(arrays, track_meta)
        self._sweep = _Sweep(meta["frame"], meta["direction"], meta["scale"], tracks, {})

    @property
    def _open(self) -> FrameSource:
        if self._source is None:
            raise RuntimeError("begin() before start()")
        return self._source

    @property
    def _running(self) -> _Sweep:
        if self._sweep is None:
            raise RuntimeError("step() before begin()")
        return self._sweep

    def _prompt(self, name: str, frame: int) -> FramePrompt:
        return next(prompt for prompt in self._prompts[name] if prompt.frame == frame)

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
        """The plate-size matte of a prompted frame."""
        height, width = image.shape[:2]
        hints = Hints(prompt.points, prompt.box)
        known: Plane | None = None
        if prompt.mask_png is not None:
            known = decode_mask(prompt, width, height).astype(np.float32)
        elif tracked is not None:
            known = np.asarray(1 / (1 + np.exp(-tracked)), np.float32)
        if known is not None and not prompt.points:
            return known
        x0, y0, x1, y1 = hints.frame(image.shape)
        scale = _scale_for(image.shape, max(x1 - x0, y1 - y0))
        work, hints = _resize(image, scale), hints.scaled(scale)
        if known is None:
            around = [_resize(self._open.read(f), scale) for f in self._neighbours(prompt.frame)]
            return _enlarge(select(work, hints, around), image.shape)
        small = _resize(known, scale)
        changed = _enlarge(correct(work, small, hints) - small, image.shape)
        return np.clip(known + changed, 0, 1)

    def _neighbours(self, frame: int) -> list[int]:
        first, last = self._open.info.frame_range
        return [other for other in (frame - 1, frame + 1) if first <= other <= last]


def _stands_alone(prompt: FramePrompt) -> bool:
    return prompt.box is not None or prompt.mask_png is not None


def _work_scale(shape: tuple[int, ...], mattes: Iterable[Plane]) -> float:
    """Of the work picture to the plate, by the smallest object."""
    sizes = []
    for matte in mattes:
        rows, columns = window_of(matte, 0, 0)
        sizes.append(max(rows.stop - rows.start, columns.stop - columns.start))
    return _scale_for(shape, min(sizes))


def _scale_for(shape: tuple[int, ...], object_size: int) -> float:
    whole = WORK_SIZE / max(shape[:2])
    return min(1.0, max(whole, min(OBJECT_SIZE / max(object_size, 1), 2 * whole)))


def _resize(plane: NDArray[Any], scale: float) -> NDArray[Any]:
    if scale == 1.0:
        return plane
    size = (round(plane.shape[1] * scale), round(plane.shape[0] * scale))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA))


def _enlarge(plane: Plane, shape: tuple[int, ...]) -> Plane:
    size = (shape[1], shape[0])
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR))
