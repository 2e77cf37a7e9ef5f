"""A matte sequence of one object into animated shapes, and the report on them.

Outlines first (mattes are read one at a time and let go), then regions over time, then one shape
per region and life; at the end the mattes are read once more to measure what came out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roto_shapes.document import ControlPoint, Key, Layer, Shape, Transform
from roto_shapes.errors import RotoError

from .contour import Alpha, Contour, MatteOutlines, extract
from .correspondence import MaterialTrack, follow
from .curves import Values, side_lengths
from .layer import solve_layer
from .outlines import rasterize_shapes
from .regions import Track, link
from .settings import PRESETS, Settings
from .solve import SolvedShape, Terms

IGNORED_AREA = 9.0
"""Fragments and holes below this many square pixels on a plate 480 pixels high are dropped."""
FINENESS = 0.05
"""The error never allowed to exceed this share of the object's area over its perimeter."""

Mattes = Mapping[int, NDArray] | Callable[[int], NDArray]
Images = Mapping[int, NDArray[np.uint8]] | Callable[[int], NDArray[np.uint8]]
Report = dict[str, Any]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class VectorizeResult:
    """``layer``: one object's shapes, bottom to top. ``report``: JSON facts.

    The report: ``tolerance`` used; ``points`` and ``keys`` in all, ``edit_cost`` (sum of points
    times keys); ``iou_mean``, ``iou_min``, ``worst_frame`` of the rasterised shapes against the
    mattes at one half; ``dropped`` fragments ``{count, area}`` (area in pixels, summed over
    frames); ``not_followed``: places where a shape had to end because its outline could not be
    followed to the next frame; ``shapes``: ``{id, name, mode, visible, points, keys, mean_error,
    max_error, worst_frame, beyond_tolerance, matched_min}`` each: errors in pixels from the matte's
    outline, the number of frames that do not keep the tolerance, and the least share of the outline
    that could be recognised from one frame to the next.
    """

    layer: Layer
    report: Report

    @property
    def shapes(self) -> list[Shape]:
        return self.layer.shapes


def vectorize(
    mattes: Mattes,
    frames: Sequence[int],
    *,
    width: int,
    height: int,
    settings: Settings = PRESETS["organic"],
    images: Images | None = None,
    name: str = "object",
    object_id: str = "object",
    progress: Progress | None = None,
) -> VectorizeResult:
    """Animated shapes that follow one object's mattes.

    Args:
        mattes: frame -> matte ``[height, width]``, bool, 8 or 16 bit, or float 0..1; asked for
            twice per frame, in order, never kept.
        frames: plate frame numbers, ascending. Shapes are interpolated across numbers left out.
        width, height: the plate's size in pixels.
        settings: see :class:`Settings`. The tolerance is lowered by itself for objects so thin that
            it would eat them.
        images: frame -> the plate as sRGB ``uint8 [height, width, 3]``, so that points can follow
            the object's texture; asked for once per frame, in order, never kept.
        name, object_id: shapes are called ``<name> 1``..., their ids start with ``object_id``.
        progress: called with (done, total, message); two steps a frame. May raise to stop.

    Raises:
        RotoError: ``empty_result`` when no matte shows anything; ``bad_matte`` for a matte of
            another size or with values that are not finite; ``bad_range`` for unordered frames.
    """
    _check_request(frames)
    report_progress = progress or (lambda _done, _total, _message: None)
    total = 2 * len(frames)
    ignored_area = settings.ignored_area
    if ignored_area is None:
        ignored_area = IGNORED_AREA * (height / 480) ** 2
    read = mattes if callable(mattes) else mattes.__getitem__
    sequence: list[MatteOutlines] = []
    for done, frame in enumerate(frames):
        report_progress(done, total, f"{name}: outlines")
        alpha = as_alpha(read(frame), width, height, frame)
        sequence.append(extract(alpha, min_area=ignored_area))
    if not any(outlines.contours for outlines in sequence):
        raise RotoError(
            f"the mattes of {name} are empty on all {len(frames)} frames",
            code="empty_result",
            hint="Check the prompts, or the frame range.",
        )
    tolerance = min(settings.tolerance, max(0.25, FINENESS * _thickness(sequence)))
    times = np.array(frames, np.float64)
    lives = _lives(sequence)
    outline = np.array([max(1e-9, sum(map(_length, o.contours))) for o in sequence])
    terms = Terms.of(settings, tolerance)
    tracks = [life for _, life in lives]
    shares = [_visible(life) / outline[life.first : life.stop] for life in tracks]
    solved = solve_layer(tracks, shares, times, terms)
    shapes, entries = [], []
    for number, ((track, life), one) in enumerate(zip(lives, solved.shapes, strict=True), 1):
        own = times[life.first : life.stop]
        shape = _shape(one, own, f"{object_id}.{number}", f"{name} {number}", track.hole)
        shapes.append(shape)
        entries.append(_entry(shape, one, life, own))
    transform = solved.poses.as_transform()
    report = _summary(transform, entries, sequence, tolerance)
    report["not_followed"] = _not_followed(lives, frames, shapes)

    def measured(done: int) -> None:
        report_progress(len(frames) + done, total, f"{name}: measuring")

    layer = Layer(object_id, name, transform=transform, shapes=shapes)
    report |= _measure(read, frames, (width, height), layer, measured)
    return VectorizeResult(layer, report)


def as_alpha(matte: NDArray, width: int, height: int, frame: int) -> Alpha:
    """A matte of any usual type as float32 0..1. Raises RotoError ``bad_matte``."""
    if matte.shape != (height, width):
        raise RotoError(
            f"the matte of frame {frame} is {_size(matte)}, not {width} x {height}",
            code="bad_matte",
            hint="All mattes must have the plate's size.",
            detail={"frame": frame},
        )
    if matte.dtype.kind in "iu":
        matte = matte / np.float32(np.iinfo(matte.dtype).max)
    alpha = np.asarray(matte, np.float32)
    if not np.isfinite(alpha).all():
        raise RotoError(
            f"the matte of frame {frame} holds values that are not numbers",
            code="bad_matte",
            detail={"frame": frame},
        )
    return np.clip(alpha, 0.0, 1.0)


def _size(matte: NDArray) -> str:
    return " x ".join(str(n) for n in (matte.shape[1::-1] + matte.shape[2:])) or "a number"


def _check_request(frames: Sequence[int]) -> None:
    if not frames:
        raise RotoError("there are no mattes", code="empty_result", hint="Check the frame range.")
    if any(b <= a for a, b in pairwise(frames)):
        raise RotoError("frames must be in ascending order", code="bad_range")


def _thickness(sequence: Sequence[MatteOutlines]) -> float:
    """Area over perimeter of all outlines of all frames: half the width of a long thin thing."""
    contours = [c for outlines in sequence for c in outlines.contours]
    area = sum(-c.area if c.hole else c.area for c in contours)
    return area / sum(float(side_lengths(c.points).sum()) for c in contours)


def _lives(sequence: Sequence[MatteOutlines]) -> list[tuple[Track, MaterialTrack]]:
    """Every region's lives, in painting order: solids, their holes, islands in those..."""
    tracks = sorted(link(sequence), key=lambda t: (t.depth, -t.area, t.first))
    return [(track, life) for track in tracks for life in follow(track.contours, track.first)]


def _visible(life: MaterialTrack) -> Values:
    """Visible length of the outline on every frame of a life, pixels."""
    return np.array([_length(contour) for contour in life.contours])


def _length(contour: Contour) -> float:
    return float((side_lengths(contour.points) * contour.weights).sum())


def _shape(solved: SolvedShape, times: Values, shape_id: str, name: str, hole: bool) -> Shape:
    keys = [
        Key(
            int(times[index]),
            tuple(
                ControlPoint._make([*row, bool(corner)])
                for row, corner in zip(points.round(6).tolist(), solved.corners, strict=True)
            ),
        )
        for index, points in zip(solved.keys, solved.points, strict=True)
    ]
    visible = [(int(times[0]), int(times[-1]))]
    mode = "subtract" if hole else "add"
    return Shape(shape_id, name, mode=mode, visible=visible, keys=keys)


def _entry(shape: Shape, solved: SolvedShape, life: MaterialTrack, times: Values) -> Report:
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


def _summary(
    transform: Transform | None,
    entries: list[Report],
    sequence: list[MatteOutlines],
    tolerance: float,
) -> Report:
    moves = len(transform.keys) if transform else 0
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


def _not_followed(
    lives: list[tuple[Track, MaterialTrack]], frames: Sequence[int], shapes: list[Shape]
) -> list[Report]:
    """Where a region went on but its outline changed too much to be the same shape."""
    return [
        {"shape": shape.id, "after_frame": frames[life.stop - 1]}
        for (track, life), shape in zip(lives, shapes, strict=True)
        if life.stop < track.stop
    ]


def _measure(
    read: Callable[[int], NDArray],
    frames: Sequence[int],
    size: tuple[int, int],
    layer: Layer,
    measured: Callable[[int], None],
) -> Report:
    """Overlap of the finished shapes with the mattes; an empty frame met by nothing counts 1."""
    overlaps = []
    for done, frame in enumerate(frames, 1):
        wanted = as_alpha(read(frame), *size, frame) > 0.5
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
