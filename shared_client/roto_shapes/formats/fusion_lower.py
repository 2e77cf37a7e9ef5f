"""A document as far as Fusion's polygon masks can hold it: what is written and read back."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import List, Sequence, Tuple

from ..baking import without_holds
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
from .lowering import bezier_keys, gated_opacity, keys_in_plate, linear_keys, mean_feather
from .reading import (
    flattened,
    numbered,
    place_still_transform,
    used_range,
    with_corners,
    with_layer_color,
    without_gates,
)

DIGITS = 9
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def lowered(document: Document, report: LossyReport) -> Document:
    """Linear Bezier keys, transforms about the plate's centre, visibility in the opacity."""
    note_document_losses(document, report)
    layers = []
    for layer in document.layers:
        if layer.shapes:
            layers.append(_layer(document, layer, report))
        else:
            report.add(layer.name, "layer without shapes: left out")
    return replace(document, layers=layers)


def _layer(document: Document, layer: Layer, report: LossyReport) -> Layer:
    transform = layer.transform
    bakes = transform is not None and document.pixel_aspect != 1 and _rotates(transform)
    if transform is not None and not bakes:
        layer = _recentred(document, layer, transform)
    shapes = []
    for shape in layer.shapes:
        place = shape_place(layer, shape)
        if bakes:
            keys = linear_keys(keys_in_plate(document, layer, shape, report), report, place)
        else:
            keys = linear_keys(bezier_keys(shape, report, place), report, place)
        if not shape.closed:
            report.add(place, "open shape: its width is not in the document, drawn 1 pixel wide")
        feather = mean_feather(shape, report, place)
        if feather:
            report.add(place, "feather: as Soft Edge, whose look is Fusion's own")
        opacity = gated_opacity(shape, document.frame_range)
        if isinstance(opacity, list):
            opacity = without_holds(opacity)
        shapes.append(
            replace(
                shape,
                name=_CONTROL.sub("_", shape.name),
                keys=keys,
                kind="bezier",
                feather=feather,
                opacity=opacity,
                visible=[],
                color=shape.color or layer.color,
            )
        )
    names = [_CONTROL.sub("_", name) for name in layer.group]
    name = _CONTROL.sub("_", layer.name)
    transform = None if bakes else layer.transform
    return replace(layer, name=name, group=names, shapes=shapes, transform=transform)


def _rotates(transform: Transform) -> bool:
    return any(key.rotate for key in transform.keys)


def _recentred(document: Document, layer: Layer, transform: Transform) -> Layer:
    """The same with the plate's centre for a pivot: Fusion knows a mask's centre only."""
    centre = (document.width / 2, document.height / 2)
    if all((key.rotate, key.scale) == (0, 1) for key in transform.keys):
        return replace(layer, transform=Transform(centre, transform.keys))
    dx = document.width / 2 - transform.pivot[0]
    dy = document.height / 2 - transform.pivot[1]
    keys = [replace(key, tx=key.tx - dx, ty=key.ty - dy) for key in transform.keys]
    shapes = [
        replace(
            shape,
            keys=[
                replace(key, points=tuple(p._replace(x=p.x + dx, y=p.y + dy) for p in key.points))
                for key in shape.keys
            ],
        )
        for shape in layer.shapes
    ]
    return replace(layer, transform=Transform(centre, keys), shapes=shapes)


def project(document: Document) -> Document:
    """The document that reading the written settings gives."""
    low = lowered(document, LossyReport())
    layers = numbered([_stored_layer(layer, low) for layer in low.layers])
    span = used_range(layers) or (1, 1)
    for layer in layers:
        place_still_transform(layer, span[0])
    aspect = round(low.pixel_aspect, DIGITS)
    size = (low.width, low.height) if layers else (1920, 1080)
    return Document(size[0], size[1], aspect if layers else 1.0, (24, 1), span, layers)


def _stored_layer(layer: Layer, low: Document) -> Layer:
    w, h = low.width, low.height
    transform = None
    if layer.transform is not None:
        keys = [
            TransformKey(
                key.frame,
                (round(0.5 + key.tx / w, DIGITS) - 0.5) * w,
                (0.5 - round(0.5 - key.ty / h, DIGITS)) * h,
                round(key.rotate, DIGITS),
                round(key.scale, DIGITS),
            )
            for key in layer.transform.keys
        ]
        transform = Transform((w / 2, h / 2), keys)
    shapes = [_stored_shape(shape, low) for shape in layer.shapes]
    white = (1.0, 1.0, 1.0)
    stored = Layer("", layer.name, layer.group, white, transform, None, shapes)
    return with_layer_color(stored)


def _stored_shape(shape: Shape, low: Document) -> Shape:
    keys = []
    for key in shape.keys:
        rows = [normalised(p, low.width, low.height) for p in key.points]
        points = [
            point_in_plate([round(v, DIGITS) for v in row], low.width, low.height) for row in rows
        ]
        keys.append(Key(key.frame, tuple(points)))
    feather = shape.feather if isinstance(shape.feather, float) else 0.0
    opacity, visible = ungated_linear(_stored_opacity(shape.opacity))
    return Shape(
        "",
        shape.name,
        "bezier",
        shape.closed,
        shape.mode,
        shape.inverted,
        visible,
        opacity,
        round(feather / low.width, DIGITS) * low.width,
        shape.motion_blur,
        byte_color(shape.color or (1.0, 1.0, 1.0)),
        with_corners(keys),
    )


def _stored_opacity(opacity: Animated) -> Animated:
    if not isinstance(opacity, list):
        return round(opacity, DIGITS)
    return [ValueKey(key.frame, round(key.value, DIGITS)) for key in opacity]


def ungated_linear(opacity: Animated) -> Tuple[Animated, List[Tuple[int, int]]]:
    """Opacity and visible ranges: 0 that comes and goes within one frame is a switch.

    Only a shape that is switched off at both ends has visible ranges; else opacity says it all.
    """
    if not isinstance(opacity, list):
        return opacity, []
    if len(opacity) == 1:
        return opacity[0].value, []
    out = [_is_gate(opacity, i) for i in range(len(opacity))]
    if not (out[0] and out[-1]) or len({key.value for key in opacity}) == 1:
        return flattened(opacity), []
    return without_gates(opacity, out, (opacity[0].frame, opacity[-1].frame))


def _is_gate(keys: Sequence[ValueKey], i: int) -> bool:
    """Whether the run of zeros around key ``i`` begins and ends within one frame."""
    if keys[i].value != 0:
        return False
    first = last = i
    while first > 0 and keys[first - 1].value == 0:
        first -= 1
    while last + 1 < len(keys) and keys[last + 1].value == 0:
        last += 1
    comes = first == 0 or keys[first].frame - keys[first - 1].frame == 1
    return comes and (last + 1 == len(keys) or keys[last + 1].frame - keys[last].frame == 1)


def normalised(p: ControlPoint, width: int, height: int) -> Tuple[float, ...]:
    """X, Y, LX, LY, RX, RY: from the centre, y up, in widths and heights."""
    return (
        p.x / width - 0.5,
        0.5 - p.y / height,
        p.in_dx / width,
        -p.in_dy / height,
        p.out_dx / width,
        -p.out_dy / height,
    )


def point_in_plate(row: Sequence[float], width: int, height: int) -> ControlPoint:
    x, y, lx, ly, rx, ry = row
    return ControlPoint(
        (x + 0.5) * width,
        (0.5 - y) * height,
        lx * width,
        -ly * height + 0.0,
        rx * width,
        -ry * height + 0.0,
    )


def byte_color(color: Color) -> Color:
    red, green, blue = color
    return round(red * 255) / 255, round(green * 255) / 255, round(blue * 255) / 255
