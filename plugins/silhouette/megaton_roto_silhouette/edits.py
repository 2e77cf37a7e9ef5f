"""An artist's edits in Silhouette as an edited layer of the farm's document. Pure.

Every key that still is what was put into Silhouette (within a tolerance: the host rounds) becomes
the document's own key, to the last bit; the others become the artist's.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Dict, List, Optional, Sequence, Set, Tuple

from roto_shapes.bspline_fit import refit
from roto_shapes.evaluate import interpolated_points
from roto_shapes.formats.base import LossyReport
from roto_shapes.formats.reading import ungated, with_corners
from roto_shapes.formats.silhouette_lower import collapsed
from roto_shapes.geometry import bspline_vertices
from roto_shapes.model import Animated, ControlPoint, Document, Key, Layer, Shape, ValueKey

from .errors import SilhouetteError
from .fingerprints import fingerprint
from .host_shapes import HostLayer, HostShape, Points
from .nodes import Nodes
from .plan import TOLERANCE, flattened, levels

SAME = 0.01
"""Plate pixels within which a point has not been moved: far below what a hand does, far above
what hosts lose by rounding (6 decimals of an image height, 32-bit floats)."""
HOST_ID = "host-"
"""How the ids of shapes begin that an artist drew."""


@dataclass(frozen=True)
class Edited:
    """``layer``: as it stands in Silhouette, in the document's terms. ``touched``: plate frames
    with a key the artist made or moved, ascending; ``thinned``: those where he deleted one.
    ``deleted``, ``added``: shapes, by name. ``ids``: those of the host's shapes, in their order.
    ``own``: by shape id, the artist's keys as session frame (in text): fingerprint.
    """

    layer: Layer
    touched: Tuple[int, ...]
    thinned: Tuple[int, ...]
    added: Tuple[str, ...]
    deleted: Tuple[str, ...]
    ids: Tuple[str, ...]
    own: Dict[str, Dict[str, str]]

    @property
    def changed(self) -> bool:
        return bool(self.touched or self.thinned or self.added or self.deleted)


def edited_layer(
    document: Document, host: HostLayer, first: int, tolerance: float = TOLERANCE
) -> Edited:
    """What the artist made of a layer of ``document``.

    ``first``: the plate frame of session frame 0; ``tolerance``: that of the B-splines put in.
    Raises SilhouetteError when the document has no such layer.
    """
    base = next((each for each in document.layers if each.id == host.note.get("layer")), None)
    if base is None:
        raise SilhouetteError(
            f"{host.label} is no layer of the result it was made from.",
            hint="Bring in the newest result again and correct that.",
        )
    flat = flattened(replace(document, layers=[base]), LossyReport()).layers[0]
    originals = {own.id: (own, even) for own, even in zip(base.shapes, flat.shapes)}
    work = _Work(document, first, tolerance, set(), set(), {})
    shapes: List[Shape] = []
    added: List[str] = []
    seen: Set[str] = set()
    for host_shape in host.shapes:
        known = host_shape.note.get("shape")
        pair = originals.get(known) if isinstance(known, str) and known not in seen else None
        shape = pair and _known(work, host_shape, *pair)
        if pair and shape:
            seen.add(pair[0].id)
        else:
            shape = _added(work, host_shape, base)
            added.append(host_shape.label)
        shapes.append(shape)
    deleted = tuple(shape.name for shape in base.shapes if shape.id not in seen)
    layer = replace(base, name=host.label, transform=None, shapes=shapes)
    if base.transform is not None and not (work.touched or work.thinned or added or deleted):
        layer = replace(base, name=host.label)
    ids = tuple(shape.id for shape in shapes)
    touched, thinned = (tuple(sorted(each)) for each in (work.touched, work.thinned))
    return Edited(layer, touched, thinned, tuple(added), deleted, ids, work.own)


@dataclass
class _Work:
    document: Document
    first: int
    tolerance: float
    touched: Set[int]
    thinned: Set[int]
    own: Dict[str, Dict[str, str]]

    def touch(self, shape_id: str, frame: int, points: Points) -> None:
        """A key of the artist's, on a session frame."""
        self.touched.add(frame + self.first)
        self.own.setdefault(shape_id, {})[str(frame)] = fingerprint(points)


def _known(work: _Work, host: HostShape, base: Shape, flat: Shape) -> Optional[Shape]:
    """A shape of the document as it is now; None if its points are other ones by number."""
    applied = _Applied.of(flat, host.kind, work.tolerance)
    if any(len(points) != applied.count for points in host.keys.values()) or not host.keys:
        return None
    kept = host.note.get("kept")
    own = {key.frame: key for key in base.keys}
    keys: List[Key] = []
    for frame, points in sorted(host.keys.items()):
        plate = frame + work.first
        same = applied.same(points, plate)
        if not same and isinstance(kept, dict) and kept.get(str(frame)) == fingerprint(points):
            same = plate in own  # the artist's own key, which the document has taken over
        if same and plate in own:
            keys.append(own[plate])
        elif not (same and plate in applied.frames):
            keys.append(Key(plate, applied.moved(points, plate), origin="artist"))
            work.touch(base.id, frame, points)
    work.thinned.update(
        frame for frame in applied.frames if frame - work.first not in host.keys and frame in own
    )
    if not keys:
        return None
    opacity, visible = _visibility(work, host, base)
    return replace(
        base,
        name=host.label,
        mode="subtract" if host.subtract else "add",
        inverted=host.inverted,
        opacity=opacity,
        visible=visible,
        keys=_as_solved(base, flat, keys),
    )


def _as_solved(base: Shape, flat: Shape, keys: Sequence[Key]) -> List[Key]:
    """Corners marked as on the document's own keys, which a fit does not tell."""
    corners = [p.corner for p in flat.keys[0].points]
    return [
        key
        if key in base.keys
        else replace(key, points=tuple(p._replace(corner=c) for p, c in zip(key.points, corners)))
        for key in keys
    ]


@dataclass(frozen=True)
class _Applied:
    """What was put into Silhouette for a shape, and the way back from it."""

    flat: Shape
    put: Sequence[Key]
    nodes: Optional[Nodes]
    frames: Tuple[int, ...]

    @classmethod
    def of(cls, flat: Shape, kind: str, tolerance: float) -> _Applied:
        frames = tuple(key.frame for key in flat.keys)
        if kind == "bezier":
            return cls(flat, flat.keys, None, frames)
        fitted: Sequence[Key] = flat.keys
        nodes = None
        if flat.kind == "bezier":
            fitted = refit(flat.keys, flat.closed, tolerance).keys
            nodes = Nodes.of(fitted[0].points, len(flat.keys[0].points), flat.closed)
        put = [
            replace(key, points=tuple(bspline_vertices(key.points, flat.closed))) for key in fitted
        ]
        return cls(flat, put, nodes, frames)

    @property
    def count(self) -> int:
        return len(self.put[0].points)

    def same(self, points: Points, frame: int) -> bool:
        """Whether they are what was put there (or, between keys, what was seen there)."""
        there = interpolated_points(self.put, frame)
        return all(
            abs(a - b) <= SAME
            for p, q in zip(points, there)
            for a, b in zip(_places(p), _places(q))
        )

    def moved(self, points: Points, frame: int) -> Points:
        """The artist's points as those of the document's shape."""
        if self.nodes is None:
            return _bspline_points(points, self.flat) if self.flat.kind == "bspline" else points
        before = [(p.x, p.y) for p in interpolated_points(self.put, frame)]
        after = [(p.x, p.y) for p in points]
        return self.nodes.moved(interpolated_points(self.flat.keys, frame), before, after)


def _places(p: ControlPoint) -> Tuple[float, ...]:
    return p.x, p.y, p.x + p.in_dx, p.y + p.in_dy, p.x + p.out_dx, p.y + p.out_dy


def _bspline_points(raw: Points, flat: Shape) -> Points:
    """The document's B-spline points of vertices as the host has them (corners three times)."""
    points: List[ControlPoint] = []
    last = len(flat.keys[0].points) - 1
    at = 0
    for j, own in enumerate(flat.keys[0].points):
        sharp = own.corner or (not flat.closed and j in (0, last))
        vertex = raw[at + (1 if sharp else 0)]
        points.append(ControlPoint(vertex.x, vertex.y, corner=own.corner))
        at += 3 if sharp else 1
    return tuple(points)


def _added(work: _Work, host: HostShape, base: Layer) -> Shape:
    """A shape the document does not know: kept as it is, every key the artist's."""
    if not host.keys:
        raise SilhouetteError(
            f"{host.label} has no path.", hint="Delete the empty shape and try again."
        )
    keys = [
        Key(frame + work.first, points, origin="artist")
        for frame, points in sorted(host.keys.items())
    ]
    known = host.note.get("shape")
    own_id = known if isinstance(known, str) and known.startswith(HOST_ID) else _new_id()
    for frame, points in host.keys.items():
        work.touch(own_id, frame, points)
    keys = with_corners(keys) if host.kind == "bezier" else collapsed(keys, host.closed)
    shape = Shape(
        own_id,
        host.label,
        host.kind,
        host.closed,
        "subtract" if host.subtract else "add",
        host.inverted,
        keys=keys,
    )
    opacity, visible = ungated(_value_keys(work, host), work.document.frame_range)
    return replace(shape, opacity=opacity, visible=visible)


def _new_id() -> str:
    return HOST_ID + uuid.uuid4().hex[:12]


def _visibility(
    work: _Work, host: HostShape, base: Shape
) -> Tuple[Animated, List[Tuple[int, int]]]:
    """Opacity and visible ranges: the document's own unless the artist changed them."""
    put = levels(base, work.document.frame_range, work.first)
    if _same_levels(put, host.levels):
        return base.opacity, base.visible
    return ungated(_value_keys(work, host), work.document.frame_range)


def _same_levels(put: Sequence[Tuple[int, float]], found: Sequence[Tuple[int, float]]) -> bool:
    if len(put) == 1 and len(found) == 1:
        return abs(put[0][1] - found[0][1]) < 1e-3
    return [frame for frame, _ in put] == [frame for frame, _ in found] and all(
        abs(a - b) < 1e-3 for (_, a), (_, b) in zip(put, found)
    )


def _value_keys(work: _Work, host: HostShape) -> Animated:
    """Opacity 0..1; a step from one frame to the next is a hold, which is the same on frames."""
    if len(host.levels) == 1:
        return min(1.0, max(0.0, host.levels[0][1] / 100))
    keys = []
    for i, (frame, value) in enumerate(host.levels):
        ends = host.levels[i + 1][0] if i + 1 < len(host.levels) else frame + 1
        kind = "hold" if host.held[i] or ends == frame + 1 else "linear"
        keys.append(ValueKey(frame + work.first, min(1.0, max(0.0, value / 100)), kind))
    return keys
