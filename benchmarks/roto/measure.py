"""One case solved and measured: every figure of the table."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roto_shapes.document import Layer
from roto_worker.vectorize import VectorizeResult, vectorize
from roto_worker.vectorize.outline.outlines import rasterize_shapes
from roto_worker.vectorize.settings import Settings

from . import editing
from .cases import Source
from .metrics import OutlineDistances, iou, lost_parts

Found = Callable[[int], NDArray[np.bool_]]


class Timed:
    """A callable whose own processor seconds add up in ``seconds``: they are not the solver's."""

    def __init__(self, read: Callable[[int], NDArray[Any]]) -> None:
        self.read, self.seconds = read, 0.0

    def __call__(self, frame: int) -> NDArray[Any]:
        start = time.process_time()
        try:
            return self.read(frame)
        finally:
            self.seconds += time.process_time() - start


def solve(source: Source, settings: Settings, *, images: bool) -> tuple[VectorizeResult, float]:
    """The solved shapes, and processor seconds per frame without the reading of the input."""
    mattes = Timed(source.matte)
    plates = Timed(source.image) if images and source.image else None
    frames, size = list(source.frames), (source.width, source.height)
    start = time.process_time()
    result = vectorize(
        mattes, frames, width=size[0], height=size[1], settings=settings, images=plates
    )
    seconds = time.process_time() - start - mattes.seconds - (plates.seconds if plates else 0.0)
    return result, seconds / len(frames)


def figures(source: Source, layer: Layer) -> dict[str, Any]:
    """All figures of a layer against the source's truth."""
    frames = list(source.frames)
    moved = editing.motion(layer, frames, source.material)
    still = editing.chatter(layer, frames, source.material) if source.material else None
    lived, at_once = editing.lives(layer, frames)
    return {
        "frames": len(frames),
        "shapes": len(layer.shapes),
        "lives": lived,
        "at once": at_once,
        "points": editing.point_count(layer),
        "keys": editing.key_count(layer),
        "transform keys": editing.transform_keys(layer),
        "own keys": source.own_keys,
        "keyed frames": editing.keyed_frames(layer),
        "edit": editing.edit_cost(layer),
        **overlap(source, rasterized(source, layer)),
        "jitter": _rounded(moved.jitter),
        "true motion": _rounded(moved.true),
        "slip": _rounded(moved.slip),
        "chatter": _rounded(still),
        "self-crossing": _rounded(editing.self_intersections(layer, frames)),
    }


def rasterized(source: Source, layer: Layer) -> Found:
    """frame -> the pixels the layer covers there."""
    return lambda frame: rasterize_shapes(layer, layer.shapes, frame, source.width, source.height)


def overlap(source: Source, found: Found) -> dict[str, Any]:
    """Figures of masks against the truth: means over frames, but ``min IoU`` and ``lost``."""
    rows, lost = [], 0
    for frame in source.frames:
        truth, got = source.truth(frame), found(frame)
        away = OutlineDistances.between(truth, got)
        lost += lost_parts(truth, got)
        boundary = [away.boundary_f(radius) for radius in (1, 2, 4)]
        rows.append([iou(truth, got), *boundary, away.hausdorff95()])
    table = np.array(rows)
    mean = table.mean(axis=0)
    return {
        "IoU": _rounded(mean[0]),
        "min IoU": _rounded(table[:, 0].min()),
        "BF1": _rounded(mean[1]),
        "BF2": _rounded(mean[2]),
        "BF4": _rounded(mean[3]),
        "HD95": _rounded(mean[4]) if np.isfinite(mean[4]) else None,
        "lost": lost,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
