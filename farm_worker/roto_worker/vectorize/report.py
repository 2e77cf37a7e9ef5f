"""What the vectorizer says about its shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from roto_shapes.document import Layer, Shape

from .motion.correspondence import MaterialTrack
from .outline.contour import Alpha, MatteOutlines
from .outline.curves import Values
from .outline.outlines import rasterize_shapes
from .parts.regions import Track
from .solver.solve import SolvedShape

Report = dict[str, Any]


def shape_entry(shape: Shape, solved: SolvedShape, life: MaterialTrack, times: Values) -> Report:
    """``{id, name, mode, visible, points, keys, mean_error, max_error, worst_frame,
    beyond_tolerance, matched_min}``: errors in pixels from the matte's outline, the number of
    frames that do not keep the tolerance, and the least share of the outline that could be
    recognised from one frame to the next."""
    return {
        "id": shape.id,
        "name": shape.name,
        "mode": shape.mode,
        "visible": [list(span) for span in shape.visible],
        "points": len(shape.keys[0].points),
        "keys": len(shape.keys),
        "mean_error": round(float(solved.errors.mean.mean()), 3),
        "max_error": round(float(solved.errors.largest.max()), 3),
        "worst_frame": int(times[solved.errors.trouble.argmax()]),
        "beyond_tolerance": int(np.count_nonzero(solved.errors.trouble > 1)),
        "matched_min": round(float(life.matched.min()), 3),
    }


def summary(
    layer: Layer, entries: list[Report], sequence: Sequence[MatteOutlines], tolerance: float
) -> Report:
    """Totals over the shapes, and what was too small to become one."""
    moves = len(layer.transform.keys) if layer.transform else 0
    return {
        "tolerance": round(tolerance, 3),
        "points": sum(e["points"] for e in entries),
        "keys": sum(e["keys"] for e in entries),
        "transform_keys": moves,
        "edit_cost": sum(e["points"] * e["keys"] for e in entries) + moves,
        "dropped": {
            "count": sum(o.dropped for o in sequence),
            "area": round(sum(o.dropped_area for o in sequence), 1),
        },
        "shapes": entries,
    }


def not_followed(
    lives: Sequence[tuple[Track, MaterialTrack]], frames: Sequence[int], shapes: list[Shape]
) -> list[Report]:
    """Where a region went on but its outline changed too much to be the same shape."""
    return [
        {"shape": shape.id, "after_frame": frames[life.stop - 1]}
        for (track, life), shape in zip(lives, shapes, strict=True)
        if life.stop < track.stop
    ]


def overlap(
    read: Callable[[int], Alpha],
    frames: Sequence[int],
    size: tuple[int, int],
    layer: Layer,
    measured: Callable[[int], None],
) -> Report:
    """Overlap of the finished shapes with the mattes; an empty frame met by nothing counts 1."""
    overlaps = []
    for done, frame in enumerate(frames, 1):
        wanted = read(frame) > 0.5
        got = rasterize_shapes(layer, layer.shapes, frame, *size)
        union = np.count_nonzero(wanted | got)
        overlaps.append(np.count_nonzero(wanted & got) / union if union else 1.0)
        measured(done)
    worst = int(np.argmin(overlaps))
    return {
        "iou_mean": round(float(np.mean(overlaps)), 4),
        "iou_min": round(float(overlaps[worst]), 4),
        "worst_frame": frames[worst],
    }
