"""A document as far as Nuke can hold it: what the writer writes and a reader gets back."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple, Union

from ..baking import baked_keys, merged_spans, without_holds
from ..geometry import bspline_to_bezier, outward_normals
from ..model import (
    Animated,
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
from .reading import (
    WHITE,
    flattened,
    floats32,
    numbered,
    place_still_transform,
    plain_document,
    used_range,
    with_corners,
    with_layer_color,
)

_UNSAFE = re.compile(r"""[\x00-\x1f\x7f{}\[\]"'\\$;./#\ud800-\udfff\u2028\u2029]""")


class Group:
    """Layers nested under one name, in the document's order."""

    def __init__(self, name: str, items: List[Union[Group, Layer]]) -> None:
        self.name = name
        self.items = items


def grouped(layers: Sequence[Layer]) -> Group:
    """The layers as a tree: an open group is joined, so that no layer changes its rank."""
    root = Group("Root", [])
    for layer in layers:
        group = root
        for name in layer.group:
            last = group.items[-1] if group.items else None
            if not (isinstance(last, Group) and last.name == name):
                last = Group(name, [])
                group.items.append(last)
            group = last
        group.items.append(layer)
    return root


class _Names:
    """Names Nuke can hold, each once in the file: paths and expressions go by name."""

    def __init__(self, report: LossyReport) -> None:
        self._taken: Set[str] = {"Root"}
        self._report = report

    def safe(self, name: str, where: str, fallback: str) -> str:
        base = _UNSAFE.sub("_", name).strip() or fallback
        safe, count = base, 1
        while safe in self._taken:
            count += 1
            safe = f"{base}_{count}"
        self._taken.add(safe)
        if safe != name:
            self._report.add(where, f"is named {safe!r} in Nuke")
        return safe


class _Lowering(NamedTuple):
    document: Document
    names: _Names
    report: LossyReport


def project(document: Document) -> Document:
    """The document that reading the written script gives, exactly."""
    low = lowered(document, LossyReport())
    layers = [_stored_layer(layer, low.height) for layer in low.layers]
    first = (used_range(layers) or (1, 1))[0]
    for layer in layers:
        place_still_transform(layer, first)
    return plain_document(replace(low, pixel_aspect=1.0, fps=(24, 1)), numbered(layers))


def lowered(document: Document, report: LossyReport) -> Document:
    """The document in Nuke's terms: what the writer turns into text word for word.

    Beziers only, linear keys only, unique safe names; visibility is empty where a shape is seen on
    the whole frame range. Losses go to ``report``.
    """
    note_document_losses(document, report)
    lowering = _Lowering(document, _Names(report), report)
    layers = list(_layers(lowering, grouped(document.layers), []))[::-1]
    _note_cuts(document, report)
    return replace(document, layers=layers)


def _layers(lowering: _Lowering, group: Group, path: List[str]) -> Iterator[Layer]:
    """Topmost first, the order in which names are taken."""
    for item in reversed(group.items):
        if isinstance(item, Layer):
            yield _layer(lowering, item, path)
        else:
            name = lowering.names.safe(item.name, f"group {item.name}", "Group")
            yield from _layers(lowering, item, [*path, name])


def _layer(lowering: _Lowering, layer: Layer, path: List[str]) -> Layer:
    document, report = lowering.document, lowering.report
    name = lowering.names.safe(layer.name, layer.name, "Layer")
    bakes = layer.transform is not None and _must_bake(document, layer.transform)
    if bakes:
        what = "rotation over non-square pixels: baked into the shapes' keys (exact on frames)"
        report.add(layer.name, what)
    shapes = [_shape(lowering, layer, shape, bakes) for shape in reversed(layer.shapes)]
    transform = None if bakes else layer.transform
    return Layer("", name, path, layer.color, transform, None, shapes[::-1])


def _must_bake(document: Document, transform: Transform) -> bool:
    """How Nuke turns a layer over non-square pixels is not known, so it is not asked to."""
    return document.pixel_aspect != 1 and any(key.rotate for key in transform.keys)


def _shape(lowering: _Lowering, layer: Layer, shape: Shape, bakes: bool) -> Shape:
    document, place = lowering.document, shape_place(layer, shape)
    _note_shape_losses(shape, place, lowering.report)
    name = lowering.names.safe(shape.name, place, "Bezier")
    keys = _linear_keys(shape)
    if bakes and layer.transform is not None:
        keys = baked_keys(keys, layer.transform, _span(shape, document))
    return Shape(
        "",
        name,
        "bezier",
        shape.closed,
        shape.mode,
        shape.inverted,
        _visible(shape, document.frame_range),
        shape.opacity,
        _feather(shape, keys, place, lowering.report),
        shape.motion_blur,
        shape.color or layer.color,
        keys,
    )


def _linear_keys(shape: Shape) -> List[Key]:
    keys = without_holds(shape.keys)
    if shape.kind == "bezier":
        return keys
    return [replace(key, points=bspline_to_bezier(key.points, shape.closed)) for key in keys]


def _span(shape: Shape, document: Document) -> Tuple[int, int]:
    if shape.visible:
        return shape.visible[0][0], shape.visible[-1][1]
    return document.frame_range


def _visible(shape: Shape, frame_range: Tuple[int, int]) -> List[Tuple[int, int]]:
    spans = merged_spans(shape.visible)
    if spans and spans[0][0] <= frame_range[0] and spans[0][1] >= frame_range[1]:
        return []
    return spans


def _feather(
    shape: Shape, keys: Sequence[Key], place: str, report: LossyReport
) -> Union[float, List[float]]:
    if not isinstance(shape.feather, list):
        return shape.feather
    widths = _feather_widths(shape, shape.feather)
    normals = outward_normals(keys[0].points, shape.closed)
    kept = [width if nx or ny else 0.0 for width, (nx, ny) in zip(widths, normals)]
    if kept != widths:
        report.add(place, "per-point feather: left out where the first key's points coincide")
    return kept if any(floats32(kept)) else 0.0


def _feather_widths(shape: Shape, widths: List[float]) -> List[float]:
    """A B-spline becomes a Bezier of one node a vertex (three at sharp ones)."""
    if shape.kind == "bezier":
        return widths
    tagged = [point._replace(x=width, y=0.0) for point, width in zip(shape.keys[0].points, widths)]
    return [point.x for point in bspline_to_bezier(tagged, shape.closed)]


def _stored_layer(layer: Layer, height: int) -> Layer:
    shapes = [_stored_shape(shape, height) for shape in layer.shapes]
    transform = layer.transform and _stored_transform(layer.transform, height)
    return with_layer_color(replace(layer, color=WHITE, transform=transform, shapes=shapes))


def _stored_transform(transform: Transform, height: int) -> Transform:
    keys = []
    for key in transform.keys:
        tx, ty, rotate, scale = floats32((key.tx, key.ty, key.rotate, key.scale))
        keys.append(TransformKey(key.frame, tx, ty, rotate, scale))
    x, y = floats32((transform.pivot[0], height - transform.pivot[1]))
    return Transform((x, height - y), keys)


def _stored_shape(shape: Shape, height: int) -> Shape:
    keys = [Key(key.frame, _stored_points(key.points, height)) for key in shape.keys]
    feather = shape.feather
    red, green, blue = floats32(shape.color or WHITE)
    return replace(
        shape,
        opacity=_stored_opacity(shape.opacity),
        feather=feather if isinstance(feather, list) else floats32((feather,))[0],
        color=(red, green, blue),
        keys=with_corners(keys),
    )


def _stored_points(points: Sequence[ControlPoint], height: int) -> Tuple[ControlPoint, ...]:
    """The points as they come back from 32-bit floats that count y from the bottom edge."""
    rows = [(p[0], height - p[1], p[2], p[3], p[4], p[5]) for p in points]
    flat = floats32([value for row in rows for value in row])
    stored = (flat[i : i + 6] for i in range(0, len(flat), 6))
    return tuple(ControlPoint(x, height - y, a, b, c, d) for x, y, a, b, c, d in stored)


def _stored_opacity(opacity: Animated) -> Animated:
    if not isinstance(opacity, list):
        return floats32((opacity,))[0]
    keys = without_holds(opacity)
    values = floats32([key.value for key in keys])
    return flattened([ValueKey(key.frame, value) for key, value in zip(keys, values)])


def _note_shape_losses(shape: Shape, place: str, report: LossyReport) -> None:
    if any(key.interpolation == "hold" for key in shape.keys[:-1]):
        report.add(place, "held keys: a second key one frame before each change (exact on frames)")
    if shape.kind == "bspline":
        report.add(place, "B-spline: written as the Bezier that is the same curve")
    if not shape.closed:
        report.add(place, "open shape: its width is not in the document, drawn 1 pixel wide")
    if isinstance(shape.feather, list) and len(shape.keys) > 1 and any(shape.feather):
        report.add(place, "per-point feather: its direction is exact at keys, blended between")


def _note_cuts(document: Document, report: LossyReport) -> None:
    """A zero-colour shape cuts everything below it, where ``subtract`` cuts its own layer only."""
    below: Optional[str] = None
    for layer in document.layers:
        if below is not None and any(shape.mode == "subtract" for shape in layer.shapes):
            report.add(layer.name, f"subtract shapes also cut the layers below it ({below})")
        if layer.shapes:
            below = layer.name if below is None else f"{below}, {layer.name}"
