"""A document as the rows of numbers Silhouette's calls want. Pure: made in a background thread.

Everything is baked as far as the host's calls demand: layer motion and held keys go into the
shapes' keys (exact on whole frames), Beziers become B-splines within a tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from roto_shapes.baking import baked_keys, without_holds
from roto_shapes.formats.base import LossyReport, shape_place
from roto_shapes.formats.lowering import gated_opacity
from roto_shapes.formats.silhouette_lower import Space
from roto_shapes.geometry import bspline_vertices
from roto_shapes.model import Color, Document, Key, Layer, Shape, ValueKey

from .fit import NOTE, Fit, Fitted, fitted

TOLERANCE = 0.25
"""How far, in plate pixels, a B-spline may lie from the Bezier it stands for."""

_NO_FITS: Mapping[str, Fit] = {}

Pair = Tuple[float, float]
Row = Tuple[int, Tuple[Pair, ...]]
Level = Tuple[int, float]


@dataclass(frozen=True)
class ShapePlan:
    """``rows``: (session frame, vertices in Silhouette's units), linear between them.

    ``levels``: opacity 0..100 by session frame; one entry and no animation if it is constant.
    """

    id: str
    label: str
    closed: bool
    mode: str
    inverted: bool
    motion_blur: bool
    feather: float
    color: Color
    rows: Tuple[Row, ...]
    levels: Tuple[Level, ...]
    fit: Optional[Fit] = None

    def note(self) -> Dict[str, Any]:
        """What is noted on the shape: which it is, and how it was fitted."""
        note: Dict[str, Any] = {"shape": self.id}
        if self.fit is not None:
            note[NOTE] = self.fit.to_json()
        return note


@dataclass(frozen=True)
class LayerPlan:
    """``group``: the labels of the layers around it, outermost first."""

    id: str
    label: str
    color: Color
    group: Tuple[str, ...]
    shapes: Tuple[ShapePlan, ...]


@dataclass(frozen=True)
class BuildPlan:
    """What is to be built, and what Silhouette will show otherwise than the document."""

    layers: Tuple[LayerPlan, ...]
    report: LossyReport


def build_plan(
    document: Document,
    first: int,
    tolerance: float = TOLERANCE,
    fits: Mapping[str, Fit] = _NO_FITS,
) -> BuildPlan:
    """The document's layers; ``first`` is the plate frame of session frame 0, ``fits`` how shapes
    (by id) were fitted before."""
    report = LossyReport()
    flat = flattened(document, report)
    space = Space(flat.width, flat.height, flat.pixel_aspect)
    layers = []
    for layer in flat.layers:
        shapes = []
        for shape in layer.shapes:
            made = fitted(shape, tolerance, fits.get(shape.id))
            if made.fit is not None:
                count = len(made.shape.keys[0].points)
                what = f"a B-spline of {count} vertices, {made.error:.2f} px off"
                report.add(shape_place(layer, shape), what)
            shapes.append(_shape(flat, layer, made, space, first))
        layers.append(
            LayerPlan(layer.id, layer.name, layer.color, tuple(layer.group), tuple(shapes))
        )
    return BuildPlan(tuple(layers), report)


def flattened(document: Document, report: LossyReport) -> Document:
    """The document without layer transforms and held keys, equal on every whole frame."""
    layers = []
    for layer in document.layers:
        shapes = [_flat_shape(document, layer, shape, report) for shape in layer.shapes]
        layers.append(replace(layer, transform=None, shapes=shapes))
    return replace(document, layers=layers)


def _flat_shape(document: Document, layer: Layer, shape: Shape, report: LossyReport) -> Shape:
    place = shape_place(layer, shape)
    keys: Sequence[Key] = without_holds(shape.keys)
    if any(key.interpolation == "hold" for key in shape.keys[:-1]):
        report.add(place, "held keys: a second key before each change (exact on frames)")
    if layer.transform is not None:
        span = document.frame_range
        if shape.visible:
            span = shape.visible[0][0], shape.visible[-1][1]
        keys = baked_keys(keys, layer.transform, span if len(layer.transform.keys) > 1 else None)
        report.add(place, f"layer motion: in its {len(keys)} keys")
    if isinstance(shape.feather, list):
        report.add(place, "feather per point: one number, the mean")
    return replace(shape, keys=list(keys), feather=mean_feather(shape))


def mean_feather(shape: Shape) -> float:
    if isinstance(shape.feather, list):
        return sum(shape.feather) / len(shape.feather)
    return shape.feather


def levels(shape: Shape, frame_range: Tuple[int, int], first: int) -> Tuple[Level, ...]:
    """Opacity 0..100 by session frame, visibility in it, to be joined by straight lines."""
    opacity = gated_opacity(shape, frame_range)
    if not isinstance(opacity, list):
        return ((0, 100.0 * opacity),)
    keys: List[ValueKey] = without_holds(opacity)
    return tuple((key.frame - first, 100.0 * key.value) for key in keys)


def _shape(document: Document, layer: Layer, made: Fitted, space: Space, first: int) -> ShapePlan:
    shape = made.shape
    return ShapePlan(
        shape.id,
        shape.name,
        shape.closed,
        "Subtract" if shape.mode == "subtract" else "Add",
        shape.inverted,
        shape.motion_blur,
        mean_feather(shape),
        shape.color or layer.color,
        rows(shape, space, first),
        levels(shape, document.frame_range, first),
        made.fit,
    )


def rows(shape: Shape, space: Space, first: int) -> Tuple[Row, ...]:
    """The keys of a B-spline, a corner as three vertices in one place."""
    return tuple(
        (
            key.frame - first,
            tuple((space.x(v.x), space.y(v.y)) for v in bspline_vertices(key.points, shape.closed)),
        )
        for key in shape.keys
    )


def find_layer(plan: BuildPlan, layer_id: str) -> Optional[LayerPlan]:
    return next((layer for layer in plan.layers if layer.id == layer_id), None)
