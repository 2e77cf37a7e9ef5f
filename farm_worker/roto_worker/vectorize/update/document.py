"""One stretch of a document solved anew from new mattes: what the correction loop stands on.

Outside the stretch everything stays to the last bit: shapes, point counts, keys, the layer's
transform. Inside, shapes that fit the new mattes are left alone; the others are solved between the
keys that must stay. A region that no shape follows gets a new shape; a shape whose region is gone
is hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from roto_shapes.document import Document, Layer, Shape
from roto_shapes.errors import RotoError

from ..motion.flow import MotionSampler
from ..outline.contour import MatteOutlines
from ..outline.mattes import Images, MatteReader, Mattes
from ..pipeline import Progress, read_outlines, tolerance_for
from ..report import Report, overlap
from ..settings import PRESETS, Settings
from ..solver.solve import Terms
from .opened import Opening, inserted, opened
from .regions import Course, courses
from .shape import Renewed, State, renew
from .stretch import Stretch, keys_inside

NOT_SEEN = "not seen here"
CARE = 0.5
"""What a point of a key costs here, in prices of a first solve: this stretch is being looked at."""


@dataclass(frozen=True)
class UpdateResult:
    """``document``: a new one; what did not change is shared with the old one. ``report``: facts.

    The report: ``layer`` id, ``frames`` (first, last), ``tolerance``; ``shapes``: ``{id, name,
    state, keys_before, keys, mean_error, max_error, worst_frame, matched_min}``, keys counted
    inside the stretch, errors in pixels where something was solved; ``state`` is ``kept``,
    ``solved``, ``gone`` or why the shape was left alone; ``gaps``: ``{shape, frames}`` on which a
    shape had to be hidden; ``stuck``: ``{shape, frame}`` of keys that had to stay though the mattes
    disagree (at an end, a wider stretch helps); ``opened``: ``{id, name, mode, visible, points,
    keys}`` of new shapes; ``dropped`` fragments ``{count, area}``; ``iou_mean``, ``iou_min``,
    ``worst_frame`` of the layer against the new mattes.
    """

    document: Document
    report: Report


def update(
    document: Document,
    mattes: Mattes,
    stretch: tuple[int, int],
    *,
    layer: str | None = None,
    settings: Settings = PRESETS["organic"],
    images: Images | None = None,
    kept: Collection[int] = (),
    progress: Progress | None = None,
) -> UpdateResult:
    """The document with one layer brought to new mattes on a stretch of frames.

    Keys an artist has set, locked and hold keys stay, and so do those on the ends of the stretch;
    where an end has none, one is put that shows what the document showed there. An end beyond which
    a shape is not seen is free. ``Layer.key_only_at`` is kept to.

    Args:
        document: not changed.
        mattes: frame -> matte as for :func:`~.pipeline.vectorize`; asked for twice for every frame
            of the stretch, and for no other.
        stretch: first and last plate frame, inclusive.
        layer: id or name; None for a document's only layer.
        settings: see :class:`Settings`; shapes there are keep their points whatever it says, and
            ``most_keys`` counts the keys between two that stay.
        images: frame -> the plate as sRGB ``uint8 [height, width, 3]``, or None.
        kept: those of the two ends that go on showing what they showed also where nothing beyond
            them is seen.
        progress: called with (done, total, message); two steps a frame. May raise to stop.

    Raises:
        RotoError: ``bad_request`` for a layer the document has not, ``bad_range`` for a stretch
            outside the document, ``bad_matte`` for a matte of another size or with values that are
            not finite; what ``mattes`` raises.
    """
    chosen = chosen_layer(document, layer)
    frames = stretch_frames(document, stretch)
    tell = progress or (lambda _done, _total, _message: None)
    read = MatteReader(mattes, document.width, document.height, settings.offset)

    def reading(done: int) -> None:
        tell(done, 2 * len(frames), f"{chosen.name}: outlines")

    motion = MotionSampler(images, document.width, document.height) if images else None
    sequence = read_outlines(read, frames, document.height, settings, reading, motion)
    tolerance = tolerance_for(settings, sequence)
    place = Stretch.of(document, chosen, frames, sequence, frozenset(kept))
    terms = Terms.of(settings, tolerance, document.height, chosen.key_only_at)
    refused = {s.id: reason for s in chosen.shapes if (reason := _refusal(place, s))}
    active = [shape for shape in chosen.shapes if shape.id not in refused]
    found = courses(place, active, tolerance)
    careful = replace(terms, price=CARE * terms.price)
    renewed = {shape.id: renew(place, shape, found[shape.id], careful) for shape in active}
    changed = _with_shapes(chosen, renewed)
    new, fragments = opened(place, changed, _unfollowed(place, found, renewed), terms)
    if new:
        depths = {key: course.depth for key, course in found.items() if course.depth is not None}
        changed = replace(changed, shapes=inserted(changed.shapes, new, depths))
    layers = [changed if one is chosen else one for one in document.layers]
    report = _report(place, refused, renewed, new, tolerance)
    report["dropped"] = {
        "count": sum(o.dropped for o in sequence) + len(fragments),
        "area": round(sum(o.dropped_area for o in sequence) + sum(fragments), 1),
    }

    def measuring(done: int) -> None:
        tell(len(frames) + done, 2 * len(frames), f"{chosen.name}: measuring")

    size = document.width, document.height
    report |= overlap(read, frames, size, changed, measuring)
    return UpdateResult(replace(document, layers=layers), report)


def chosen_layer(document: Document, wanted: str | None) -> Layer:
    """The layer of that id or name, or the only one. Raises RotoError ``bad_request``."""
    names = ", ".join(layer.name for layer in document.layers)
    hint = f"Layers: {names}." if names else "The document holds no layer."
    if wanted is None:
        if len(document.layers) == 1:
            return document.layers[0]
        raise RotoError(
            f"the document holds {len(document.layers)} layers", code="bad_request", hint=hint
        )
    found = [layer for layer in document.layers if wanted == layer.id]
    found = found or [layer for layer in document.layers if wanted == layer.name]
    if len(found) != 1:
        many = f"there are {len(found)} layers {wanted!r}" if found else f"no layer {wanted!r}"
        raise RotoError(many, code="bad_request", hint=hint)
    return found[0]


def stretch_frames(document: Document, stretch: tuple[int, int]) -> Sequence[int]:
    """Its frames. Raises RotoError ``bad_range``."""
    first, last = stretch
    low, high = document.frame_range
    if first > last:
        raise RotoError(f"the stretch {first}-{last} runs backwards", code="bad_range")
    if first < low or last > high:
        raise RotoError(
            f"the stretch {first}-{last} is outside the document's frames {low}-{high}",
            code="bad_range",
            hint="Only frames the document has can be updated.",
        )
    return range(first, last + 1)


def _refusal(stretch: Stretch, shape: Shape) -> str:
    """Why a shape has to be left as it is; empty where it need not."""
    if not any(stretch.shown(shape)):
        return NOT_SEEN
    if not shape.closed:
        return "an open path"
    if shape.kind != "bezier":
        return "a B-spline"
    if shape.inverted:
        return "inverted"
    return "too few points" if len(shape.keys[0].points) < 3 else ""


def _with_shapes(layer: Layer, renewed: dict[str, Renewed]) -> Layer:
    shapes = [renewed[s.id].shape if s.id in renewed else s for s in layer.shapes]
    if all(a is b for a, b in zip(shapes, layer.shapes, strict=True)):
        return layer
    return replace(layer, shapes=[shape for shape in shapes if shape is not None])


def _unfollowed(
    stretch: Stretch, found: dict[str, Course], renewed: dict[str, Renewed]
) -> list[MatteOutlines]:
    """The outlines that no shape follows, frame by frame."""
    sequence = []
    for row, outlines in enumerate(stretch.sequence):
        taken = {id(found[key].wholes[row]) for key, one in renewed.items() if one.followed[row]}
        sequence.append(MatteOutlines(tuple(c for c in outlines.contours if id(c) not in taken)))
    return sequence


def _report(
    stretch: Stretch,
    refused: dict[str, str],
    renewed: dict[str, Renewed],
    new: Sequence[Opening],
    tolerance: float,
) -> Report:
    shapes = stretch.layer.shapes
    changed = {s.id: _entry(stretch, s, renewed[s.id]) for s in shapes if s.id in renewed}
    return {
        "layer": stretch.layer.id,
        "frames": [stretch.first, stretch.last],
        "tolerance": round(tolerance, 3),
        "shapes": [
            changed.get(s.id) or {"id": s.id, "name": s.name, "state": refused[s.id]}
            for s in shapes
        ],
        "gaps": [
            gap for s in shapes if s.id in renewed for gap in _gaps(stretch, s, renewed[s.id])
        ],
        "stuck": [
            {"shape": s.id, "frame": stretch.frames[row]}
            for s in shapes
            if s.id in renewed
            for row in renewed[s.id].stuck
        ],
        "opened": [
            {
                "id": one.shape.id,
                "name": one.shape.name,
                "mode": one.shape.mode,
                "visible": [list(span) for span in one.shape.visible],
                "points": len(one.shape.keys[0].points),
                "keys": len(one.shape.keys),
            }
            for one in new
        ],
    }


def _entry(stretch: Stretch, shape: Shape, renewed: Renewed) -> Report:
    state = "gone" if renewed.shape is None else "kept" if renewed.shape is shape else "solved"
    entry = {
        "id": shape.id,
        "name": shape.name,
        "state": state,
        "keys_before": len(keys_inside(stretch, shape)),
        "keys": len(keys_inside(stretch, renewed.shape)) if renewed.shape else 0,
    }
    if renewed.pieces:
        mean = np.concatenate([piece.errors.mean for piece in renewed.pieces])
        largest = np.concatenate([piece.errors.largest for piece in renewed.pieces])
        rows = [row for piece in renewed.pieces for row in piece.rows]
        entry |= {
            "mean_error": round(float(mean.mean()), 3),
            "max_error": round(float(largest.max()), 3),
            "worst_frame": stretch.frames[rows[int(mean.argmax())]],
            "matched_min": round(min(piece.matched for piece in renewed.pieces), 3),
        }
    return entry


def _gaps(stretch: Stretch, shape: Shape, renewed: Renewed) -> list[Report]:
    """Where the document showed the shape and there is nothing for it to show any more."""
    shown = stretch.shown(shape)
    gone = [s is State.HIDDEN and seen for s, seen in zip(renewed.states, shown, strict=True)]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], gone, [False]]).astype(int)))
    return [
        {"shape": shape.id, "frames": [stretch.frames[a], stretch.frames[b - 1]]}
        for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]
