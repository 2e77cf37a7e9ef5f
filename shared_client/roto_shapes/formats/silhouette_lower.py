"""A document as far as a Silhouette file can hold it: what is written and what is read back."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import List, NamedTuple, Sequence, Tuple, Union

from ..baking import baked_keys, turns, without_holds
from ..bspline_fit import refit
from ..geometry import Vector, bspline_vertices, split_first_segment
from ..model import (
    Animated,
    Color,
    ControlPoint,
    Document,
    Key,
    Layer,
    Shape,
    Transform,
    TransformKey,
    ValueKey,
)
from .base import LossyReport, note_document_losses, shape_place
from .lowering import gated_opacity
from .reading import numbered, place_still_transform, ungated, with_corners

# Not allowed in XML 1.0, or turned into spaces by any reader of an attribute.
UNSAFE = re.compile("[^\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DIGITS = 9


class Space(NamedTuple):
    """Silhouette's units: origin at the image's centre, both axes in image heights, y down."""

    width: int
    height: int
    pixel_aspect: float

    def x(self, x: float) -> float:
        return (x - self.width / 2) * self.pixel_aspect / self.height

    def y(self, y: float) -> float:
        return (y - self.height / 2) / self.height

    def pixel(self, point: Vector) -> Vector:
        """Plate pixels."""
        x = point[0] * self.height / self.pixel_aspect + self.width / 2
        return x, point[1] * self.height + self.height / 2


def as_bsplines(document: Document, tolerance: float, report: LossyReport) -> Document:
    """The document with every Bezier as a B-spline within ``tolerance`` pixels, errors reported."""
    layers = []
    for layer in document.layers:
        shapes = []
        for shape in layer.shapes:
            if shape.kind == "bspline":
                shapes.append(shape)
                continue
            keys, error = refit(shape.keys, shape.closed, tolerance)
            count = len(keys[0].points)
            what = f"Bezier: refitted as a B-spline of {count} vertices, {error:.2f} px off"
            report.add(shape_place(layer, shape), what)
            shapes.append(replace(shape, kind="bspline", keys=keys, feather=_feather(shape)))
        layers.append(replace(layer, shapes=shapes))
    return replace(document, layers=layers)


def lowered(document: Document, report: LossyReport) -> Document:
    """Layer transforms left only where they translate, everything else in the shapes' keys."""
    note_document_losses(document, report)
    layers = [_layer(document, layer, report) for layer in document.layers]
    return replace(document, layers=layers)


def _layer(document: Document, layer: Layer, report: LossyReport) -> Layer:
    moves = layer.transform is not None and _translates_exactly(layer.transform)
    shapes = []
    for shape in layer.shapes:
        place = shape_place(layer, shape)
        _note_shape_losses(shape, place, report)
        keys: List[Key] = shape.keys
        if layer.transform is not None and not moves:
            keys = _baked(document, shape, layer.transform, place, report)
        if _needs_third(shape):
            keys = [replace(key, points=split_first_segment(key.points)) for key in keys]
        shapes.append(replace(shape, keys=keys, feather=_feather(shape)))
    return replace(layer, transform=layer.transform if moves else None, shapes=shapes)


def _translates_exactly(transform: Transform) -> bool:
    """An animated translation keeps its keys; anything else goes into the points."""
    keys = transform.keys
    return len(keys) > 1 and all((key.rotate, key.scale) == (0, 1) for key in keys)


def _needs_third(shape: Shape) -> bool:
    return shape.closed and shape.kind == "bezier" and len(shape.keys[0].points) == 2


def _baked(
    document: Document, shape: Shape, transform: Transform, place: str, report: LossyReport
) -> List[Key]:
    if len(transform.keys) == 1:
        return baked_keys(shape.keys, transform, None)
    span = document.frame_range
    if shape.visible:
        span = shape.visible[0][0], shape.visible[-1][1]
    keys = baked_keys(without_holds(shape.keys), transform, span)
    turning = any(turns(a, b) for a, b in zip(transform.keys, transform.keys[1:]))
    how = "exact on frames" if turning else "exact"
    report.add(place, f"layer transform: baked to {len(keys)} keys ({how})")
    if any(key.interpolation == "hold" for key in shape.keys[:-1]):
        report.add(place, "held keys: exact on frames only, for the transform is baked")
    return keys


def _feather(shape: Shape) -> float:
    if isinstance(shape.feather, list):
        return sum(shape.feather) / len(shape.feather)
    return shape.feather


def _note_shape_losses(shape: Shape, place: str, report: LossyReport) -> None:
    if isinstance(shape.feather, list):
        report.add(place, "per-point feather: one number, the mean")
    if not shape.closed:
        report.add(place, "open shape: its width is not in the document, strokeWidth 1")
    if _needs_third(shape):
        report.add(place, "two points: a third was put on the curve")


# --- B-splines: a vertex three times is a corner


def collapsed(keys: Sequence[Key], closed: bool) -> List[Key]:
    """The keys of a B-spline with every vertex that comes three times as one corner point.

    The ends of an open one come three times too, which a document takes for granted.
    """
    starts = _run_starts(keys)
    last = len(starts) - 1
    if len(starts) < (3 if closed else 2):
        return list(keys)
    result = []
    for key in keys:
        points = []
        for j, (i, length) in enumerate(starts):
            corner = length == 3 and (closed or j not in (0, last))
            points.append(ControlPoint(key.points[i].x, key.points[i].y, corner=corner))
        result.append(replace(key, points=tuple(points)))
    return result


def _run_starts(keys: Sequence[Key]) -> List[Tuple[int, int]]:
    """(index, 3 or 1) of the vertices: three that are one on every key count once."""
    count = len(keys[0].points)

    def same(i: int) -> bool:
        return all(key.points[i][:2] == key.points[i + 1][:2] for key in keys)

    starts = []
    i = 0
    while i < count:
        length = 3 if i + 2 < count and same(i) and same(i + 1) else 1
        starts.append((i, length))
        i += length
    return starts


# --- the projection


def project(document: Document) -> Document:
    """The document that reading the written file gives, exactly."""
    low = lowered(document, LossyReport())
    space = Space(low.width, low.height, round(low.pixel_aspect, _DIGITS))
    layers = [_stored_layer(layer, low, space) for layer in low.layers]
    for layer in layers:
        place_still_transform(layer, low.frame_range[0])
    return Document(
        low.width,
        low.height,
        space.pixel_aspect,
        (24, 1),
        low.frame_range,
        numbered(layers),
    )


def _stored_layer(layer: Layer, low: Document, space: Space) -> Layer:
    color = _rounded(layer.color)
    transform = None
    if layer.transform is not None:
        factor = low.pixel_aspect / low.height
        keys = [
            TransformKey(
                key.frame,
                round(key.tx * factor, _DIGITS) * space.height / space.pixel_aspect,
                round(key.ty / low.height, _DIGITS) * space.height,
            )
            for key in layer.transform.keys
        ]
        transform = Transform((space.width / 2, space.height / 2), keys)
    shapes = [_stored_shape(shape, color, layer.color, low, space) for shape in layer.shapes]
    group = [UNSAFE.sub("_", name) for name in layer.group]
    return Layer("", UNSAFE.sub("_", layer.name), group, color, transform, None, shapes)


def _stored_shape(
    shape: Shape, layer_color: Color, raw_color: Color, low: Document, space: Space
) -> Shape:
    color = _rounded(shape.color or raw_color)
    opacity, visible = ungated(
        _stored_opacity(gated_opacity(shape, low.frame_range)), low.frame_range
    )
    exact = Space(low.width, low.height, low.pixel_aspect)
    keys = [
        Key(key.frame, _stored_points(shape, key, exact, space), interpolation=key.interpolation)
        for key in shape.keys
    ]
    feather: Union[float, List[float]] = round(_feather(shape), _DIGITS)
    return Shape(
        "",
        UNSAFE.sub("_", shape.name),
        shape.kind,
        shape.closed,
        shape.mode,
        shape.inverted,
        visible,
        opacity,
        feather,
        shape.motion_blur,
        None if color == layer_color else color,
        with_corners(keys) if shape.kind == "bezier" else collapsed(keys, shape.closed),
    )


def _stored_opacity(opacity: Animated) -> Animated:
    if not isinstance(opacity, list):
        return round(100 * opacity, _DIGITS) / 100
    return [
        ValueKey(key.frame, round(100 * key.value, _DIGITS) / 100, key.interpolation)
        for key in opacity
    ]


def _stored_points(shape: Shape, key: Key, exact: Space, space: Space) -> Tuple[ControlPoint, ...]:
    if shape.kind == "bspline":
        vertices = bspline_vertices(key.points, shape.closed)
        return tuple(ControlPoint(*_stored(v.x, v.y, exact, space)) for v in vertices)
    x_scale, y_scale = exact.pixel_aspect / exact.height, 1 / exact.height
    points = []
    for px, py, in_dx, in_dy, out_dx, out_dy, _ in key.points:
        x, y = exact.x(px), exact.y(py)
        ends = (
            (x, y),
            (x + in_dx * x_scale, y + in_dy * y_scale),
            (x + out_dx * x_scale, y + out_dy * y_scale),
        )
        points.append(bezier_point([_pixel(end, space) for end in ends]))
    return tuple(points)


def bezier_point(ends: Sequence[Vector]) -> ControlPoint:
    """A control point of the absolute positions of the point, its incoming and outgoing handle."""
    (x, y), (in_x, in_y), (out_x, out_y) = ends
    return ControlPoint(x, y, in_x - x, in_y - y, out_x - x, out_y - y)


def _stored(x: float, y: float, exact: Space, space: Space) -> Vector:
    return _pixel((exact.x(x), exact.y(y)), space)


def _pixel(point: Vector, space: Space) -> Vector:
    return space.pixel((round(point[0], _DIGITS) + 0.0, round(point[1], _DIGITS) + 0.0))


def _rounded(color: Color) -> Color:
    red, green, blue = color
    return round(red, _DIGITS), round(green, _DIGITS), round(blue, _DIGITS)
