"""An artist's edits in Silhouette as an edited layer of the farm's document. Pure.

Every key that still is what was put into Silhouette (within a tolerance: the host rounds) becomes
the document's own key, to the last bit; the others become the artist's.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Dict, List, Sequence, Set, Tuple

from roto_shapes.formats.base import LossyReport
from roto_shapes.formats.reading import ungated, with_corners
from roto_shapes.formats.silhouette_lower import collapsed
from roto_shapes.model import Animated, Document, Key, Layer, Shape, ValueKey

from .applied import Applied, in_layer, same_curve
from .errors import SilhouetteError
from .fingerprints import fingerprint
from .fit import Fit
from .host_shapes import HostLayer, HostShape, Points
from .plan import TOLERANCE, flattened, levels, mean_feather

HOST_ID = "host-"
"""How the ids of shapes begin that an artist drew."""


@dataclass(frozen=True)
class Edited:
    """``layer``: as it stands in Silhouette, in the document's terms. ``touched``: plate frames
    with a key the artist made or moved, ascending; ``thinned``: those where he deleted one.
    ``deleted``, ``added``, ``altered`` (other points by number, other mode or visibility): shapes,
    by name. ``ids``: those of the host's shapes, in their order. ``own``: by shape id, the artist's
    keys as session frame (in text): fingerprint.
    """

    layer: Layer
    touched: Tuple[int, ...]
    thinned: Tuple[int, ...]
    added: Tuple[str, ...]
    deleted: Tuple[str, ...]
    altered: Tuple[str, ...]
    ids: Tuple[str, ...]
    own: Dict[str, Dict[str, str]]

    @property
    def changed(self) -> bool:
        """Whether there is anything to tell the farm; a new name alone is not."""
        return bool(self.touched or self.thinned or self.added or self.deleted or self.altered)


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
    evened = {own.id: even for own, even in zip(base.shapes, flat.shapes)}
    work = _Work(document, base, first, tolerance, set(), set(), {})
    matched = _matched(host, base)
    shapes: List[Shape] = []
    added: List[str] = []
    altered: List[str] = []
    for index, host_shape in enumerate(host.shapes):
        own = matched.get(index)
        if own is None:
            shapes.append(_added(work, host_shape))
            added.append(host_shape.label)
            continue
        shape = _known(work, host_shape, own, evened[own.id])
        shapes.append(shape)
        if _altered(own, shape):
            altered.append(host_shape.label)
    ids = tuple(shape.id for shape in shapes)
    deleted = tuple(shape.name for shape in base.shapes if shape.id not in ids)
    return Edited(
        replace(base, name=host.label, shapes=shapes),
        tuple(sorted(work.touched)),
        tuple(sorted(work.thinned)),
        tuple(added),
        deleted,
        tuple(altered),
        ids,
        work.own,
    )


def _matched(host: HostLayer, base: Layer) -> Dict[int, Shape]:
    """Which shape of the document each of the host's is (by index): by id, then by name, as
    `roto_shapes.edits.merge_layer` does. A copy has its original's id and is none of them."""
    left = {shape.id: shape for shape in base.shapes}
    found: Dict[int, Shape] = {}
    for index, shape in enumerate(host.shapes):
        own = left.pop(str(shape.note.get("shape", "")), None) if shape.keys else None
        if own is not None:
            found[index] = own
    names: Dict[str, Shape] = {}
    for own in left.values():
        names.setdefault(own.name, own)
    for index, shape in enumerate(host.shapes):
        if index not in found and shape.label in names and shape.keys:
            found[index] = names.pop(shape.label)
    return found


def _altered(own: Shape, now: Shape) -> bool:
    before = (own.kind, own.mode, own.inverted, own.visible, own.opacity)
    after = (now.kind, now.mode, now.inverted, now.visible, now.opacity)
    return before != after or len(own.keys[0].points) != len(now.keys[0].points)


@dataclass
class _Work:
    document: Document
    base: Layer
    first: int
    tolerance: float
    touched: Set[int]
    thinned: Set[int]
    own: Dict[str, Dict[str, str]]

    def artists(self, plate: int, points: Points) -> Key:
        """A key of the artist's, its points those of the plate."""
        return Key(plate, in_layer(points, self.base.transform, plate), origin="artist")

    def touch(self, shape_id: str, frame: int, points: Points) -> None:
        """A key of the artist's, on a session frame."""
        self.touched.add(frame + self.first)
        self.own.setdefault(shape_id, {})[str(frame)] = fingerprint(points)


def _known(work: _Work, host: HostShape, base: Shape, flat: Shape) -> Shape:
    """A shape of the document as it is now."""
    applied = Applied.of(flat, host.kind, work.tolerance, Fit.from_note(host.note))
    opacity, visible = _visibility(work, host, base)
    now = replace(
        base,
        name=host.label,
        mode="subtract" if host.subtract else "add",
        inverted=host.inverted,
        opacity=opacity,
        visible=visible,
    )
    if any(len(points) != applied.count for points in host.keys.values()):
        return _redrawn(work, host, now, flat)
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
            moved = applied.moved(points, plate)
            keys.append(work.artists(plate, moved))
            work.touch(base.id, frame, points)
    work.thinned.update(frame for frame in own if frame - work.first not in host.keys)
    if not keys:
        return now
    return replace(now, keys=_as_solved(base, flat, keys))


def _redrawn(work: _Work, host: HostShape, now: Shape, flat: Shape) -> Shape:
    """A shape with other points by number: every key as it stands, but only those that show
    something else are the artist's word on a frame."""
    keys = []
    for frame, points in sorted(host.keys.items()):
        plate = frame + work.first
        keys.append(work.artists(plate, points))
        if not same_curve(points, host.kind, flat, plate):
            work.touch(now.id, frame, points)
        else:
            work.own.setdefault(now.id, {})[str(frame)] = fingerprint(points)
    feather = mean_feather(now)
    return replace(now, kind=host.kind, feather=feather, keys=_marked(keys, host))


def _as_solved(base: Shape, flat: Shape, keys: Sequence[Key]) -> List[Key]:
    """Corners marked as on the document's own keys, which a fit does not tell."""
    corners = [p.corner for p in flat.keys[0].points]
    return [
        key
        if key in base.keys
        else replace(key, points=tuple(p._replace(corner=c) for p, c in zip(key.points, corners)))
        for key in keys
    ]


def _added(work: _Work, host: HostShape) -> Shape:
    """A shape the document does not know: kept as it is, every key the artist's."""
    if not host.keys:
        raise SilhouetteError(
            f"{host.label} has no path.", hint="Delete the empty shape and try again."
        )
    known = host.note.get("shape")
    own_id = known if isinstance(known, str) and known.startswith(HOST_ID) else _new_id()
    keys = []
    for frame, points in sorted(host.keys.items()):
        keys.append(work.artists(frame + work.first, points))
        work.touch(own_id, frame, points)
    opacity, visible = ungated(_value_keys(work, host), work.document.frame_range)
    return Shape(
        own_id,
        host.label,
        host.kind,
        host.closed,
        "subtract" if host.subtract else "add",
        host.inverted,
        visible,
        opacity,
        keys=_marked(keys, host),
    )


def _marked(keys: Sequence[Key], host: HostShape) -> List[Key]:
    """With corners told from the numbers."""
    return with_corners(keys) if host.kind == "bezier" else collapsed(keys, host.closed)


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
