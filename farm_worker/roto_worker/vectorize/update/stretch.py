"""A stretch of a layer as a document has it: which keys must stay, which frames show what.

*Rows* count the frames of the stretch from 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from scipy.spatial import cKDTree

from roto_shapes.document import Document, Key, Layer, Shape, Transform
from roto_shapes.evaluate import interpolated_points, is_visible, opacity_at, transform_at

from ..outline.contour import Contour, MatteOutlines
from ..outline.curves import Points, Values, resample, side_lengths
from ..outline.outlines import polygon, rasterize_shapes
from ..outline.raster import fill
from ..solver.refit import Target
from ..solver.transform import REST

STRAY = 3.0
"""Tolerances beyond which an outline is astray."""
STRAY_SHARE = 0.06
"""A row does not fit when more than this share of its outline is astray."""
CLOSE = 1.5
"""Nearer than this, in pixels, distances are measured along the outline's normal."""

Rows = list[bool]


@dataclass(frozen=True)
class Stretch:
    """``frames``: plate frame numbers without a gap. ``sequence``: the new mattes' outlines on
    them. ``poses``: ``(T, 4)`` of the layer, see :mod:`.transform`. ``kept``: which of the two ends
    go on showing what they showed, whether or not anything outside leans on them."""

    document: Document
    layer: Layer
    frames: Sequence[int]
    sequence: Sequence[MatteOutlines]
    pivot: Points
    poses: Values
    kept: frozenset[int] = frozenset()

    @classmethod
    def of(
        cls,
        document: Document,
        layer: Layer,
        frames: Sequence[int],
        sequence: Sequence[MatteOutlines],
        kept: frozenset[int] = frozenset(),
    ) -> Stretch:
        transform = layer.transform
        pivot = np.array(transform.pivot if transform else (0.0, 0.0))
        return cls(document, layer, frames, sequence, pivot, _poses(transform, frames), kept)

    @cached_property
    def visible(self) -> Values:
        """``(T,)`` length of all visible outlines, pixels."""
        return np.array(
            [max(1e-9, sum(c.visible_length for c in o.contours)) for o in self.sequence]
        )

    @cached_property
    def area(self) -> Values:
        """``(T,)`` area of all regions, square pixels."""
        signed = [sum(-c.area if c.hole else c.area for c in o.contours) for o in self.sequence]
        return np.maximum(np.array(signed), 1e-9)

    @property
    def first(self) -> int:
        return self.frames[0]

    @property
    def last(self) -> int:
        return self.frames[-1]

    def row(self, frame: int) -> int:
        return frame - self.first

    def holds(self, frame: int) -> bool:
        return self.first <= frame <= self.last

    def shown(self, shape: Shape) -> Rows:
        """On which rows the document shows the shape."""
        return [is_visible(shape, f) and opacity_at(shape, f) > 0 for f in self.frames]

    def agrees(self, row: int, tolerance: float) -> bool:
        """Whether the layer as a whole shows what the new mattes show, whichever shape draws it."""
        size = self.document.width, self.document.height
        shown = rasterize_shapes(self.layer, self.layer.shapes, self.frames[row], *size)
        contours = self.sequence[row].contours
        wanted = fill([c.points[::-1] if c.hole else c.points for c in contours], *size)
        wrong = (shown ^ wanted).astype(np.uint8)
        if np.count_nonzero(wrong) > tolerance * self.visible[row]:
            return False
        deepest = cv2.distanceTransform(wrong, cv2.DIST_L2, cv2.DIST_MASK_5).max()
        return bool(deepest <= STRAY / 2 * tolerance)

    def polygon(self, shape: Shape, row: int) -> Points | None:
        """The shape's outline on the plate as the document has it."""
        return polygon(self.layer, shape, self.frames[row])


def _poses(transform: Transform | None, frames: Sequence[int]) -> Values:
    if transform is None:
        return np.tile(REST, (len(frames), 1))
    moved = [transform_at(transform, frame) for frame in frames]
    return np.array([(m.tx, m.ty, np.radians(m.rotate), m.scale) for m in moved])


def keys_inside(stretch: Stretch, shape: Shape) -> dict[int, Key]:
    """The shape's keys by row."""
    return {stretch.row(k.frame): k for k in shape.keys if stretch.holds(k.frame)}


def pinned_keys(stretch: Stretch, shape: Shape) -> dict[int, Key]:
    """Keys by row that must not change: an artist's, locked and hold keys, and those on the ends
    of the stretch that what lies outside leans on, or that are kept. The latter may be new."""
    pins = {
        row: key
        for row, key in keys_inside(stretch, shape).items()
        if key.origin == "artist" or key.locked or key.interpolation == "hold"
    }
    if _leans_before(stretch, shape) or _is_kept(stretch, shape, stretch.first):
        pins |= _end_key(stretch, shape, stretch.first)
    if _leans_after(stretch, shape) or _is_kept(stretch, shape, stretch.last):
        pins |= _end_key(stretch, shape, stretch.last)
    return dict(sorted(pins.items()))


def _is_kept(stretch: Stretch, shape: Shape, frame: int) -> bool:
    return frame in stretch.kept and _seen(stretch, shape, frame)


def _end_key(stretch: Stretch, shape: Shape, frame: int) -> dict[int, Key]:
    """The key on an end frame; where there is none, one that changes nothing outside."""
    for key in shape.keys:
        if key.frame == frame:
            return {stretch.row(frame): key}
    before = governing(shape, frame)
    if before is not None and before.interpolation == "hold":
        return {}
    return {stretch.row(frame): interpolated_key(shape, frame)}


def interpolated_key(shape: Shape, frame: int) -> Key:
    """A key that shows what the document shows on ``frame`` anyway."""
    return Key(frame, interpolated_points(shape.keys, frame))


def governing(shape: Shape, frame: int) -> Key | None:
    """The last key before ``frame``."""
    earlier = [key for key in shape.keys if key.frame < frame]
    return earlier[-1] if earlier else None


def is_held(shape: Shape, frame: int) -> bool:
    """Whether ``frame`` shows an earlier hold key."""
    before = governing(shape, frame)
    keyed = any(key.frame == frame for key in shape.keys)
    return not keyed and before is not None and before.interpolation == "hold"


def starts_anew(shape: Shape, frame: int) -> bool:
    """Whether the shape jumps on ``frame``, off a hold key."""
    before = governing(shape, frame)
    return before is not None and before.interpolation == "hold"


def _leans_before(stretch: Stretch, shape: Shape) -> bool:
    """Whether anything seen before the stretch is interpolated with what lies in it."""
    earlier = [key.frame for key in shape.keys if key.frame < stretch.first]
    low = earlier[-1] + 1 if earlier else None
    return is_visible_in(stretch, shape, low, stretch.first - 1) or _seen(
        stretch, shape, stretch.first - 1
    )


def _leans_after(stretch: Stretch, shape: Shape) -> bool:
    later = [key.frame for key in shape.keys if key.frame > stretch.last]
    high = later[0] - 1 if later else None
    return is_visible_in(stretch, shape, stretch.last + 1, high) or _seen(
        stretch, shape, stretch.last + 1
    )


def _seen(stretch: Stretch, shape: Shape, frame: int) -> bool:
    return is_visible_in(stretch, shape, frame, frame)


def is_visible_in(stretch: Stretch, shape: Shape, low: int | None, high: int | None) -> bool:
    """Whether the document shows the shape on a frame from ``low`` to ``high`` (None: no end)."""
    return any(
        max(a, low if low is not None else a) <= min(b, high if high is not None else b)
        for a, b in visible_ranges(stretch.document, shape)
    )


def visible_ranges(document: Document, shape: Shape) -> list[tuple[int, int]]:
    """The shape's visible ranges; those of a shape seen always end where the document does."""
    if shape.visible:
        return list(shape.visible)
    first, last = document.frame_range
    return [(min(first, shape.keys[0].frame), max(last, shape.keys[-1].frame))]


def with_visibility(stretch: Stretch, shape: Shape, shown: Rows) -> Shape | None:
    """The shape seen on the given rows, and as before outside the stretch; None if it is seen
    nowhere and has no key outside."""
    if shown == [is_visible(shape, frame) for frame in stretch.frames]:
        return shape
    ranges = visible_ranges(stretch.document, shape)
    outside = [(a, min(b, stretch.first - 1)) for a, b in ranges if a < stretch.first]
    inside = [(f, f) for f, seen in zip(stretch.frames, shown, strict=True) if seen]
    after = [(max(a, stretch.last + 1), b) for a, b in ranges if b > stretch.last]
    merged: list[tuple[int, int]] = []
    for a, b in [*outside, *inside, *after]:
        if merged and merged[-1][1] + 1 == a:
            merged[-1] = (merged[-1][0], b)
        else:
            merged.append((a, b))
    if merged:
        return replace(shape, visible=merged)
    # No range at all would mean always.
    outer = any(not stretch.holds(key.frame) for key in shape.keys)
    return replace(shape, opacity=0.0) if outer else None


def misfit(path: Points, contour: Contour, tolerance: float) -> float:
    """How badly a shape's outline follows a contour: above 1 the tolerance is not kept."""
    count = max(12, round(float(side_lengths(path).sum())))
    there, nearest = _away(resample(path, count), contour.points)
    back, _ = _away(contour.points, resample(path, count))
    distance = np.concatenate([there, back])
    weights = np.concatenate([contour.weights[nearest], contour.weights])
    weights = weights / max(float(weights.sum()), 1e-9)
    stray = float(weights[distance > STRAY * tolerance].sum())
    return max(float((weights * distance).sum()) / tolerance, stray / STRAY_SHARE)


def _away(points: Points, curve: Points) -> tuple[Values, np.ndarray]:
    """Distance of points from a densely sampled curve, and the numbers of its nearest points."""
    distance, nearest = map(np.asarray, cKDTree(curve).query(points))
    facing = Target.of(Contour(curve, np.ones(len(curve)), False, 0)).normal
    across = np.abs(((points - curve[nearest]) * facing[nearest]).sum(axis=1))
    return np.where(distance > CLOSE, distance, across), nearest
