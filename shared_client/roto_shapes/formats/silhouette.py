"""Silhouette shapes (.fxs): plain XML, written by hand because its numbers and tags are fixed.

Silhouette's space: origin at the image's centre, y down, both axes in image heights, x widened by
the pixel aspect. Keys count from 0 at the session's first frame. Later objects lie on top.
"""

from __future__ import annotations

import re
import uuid
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple
from xml.sax.saxutils import escape

from ..baking import baked_keys, merged_spans, turns, without_holds
from ..evaluate import opacity_at
from ..geometry import bspline_vertices, split_first_segment
from ..model import Color, Document, Key, Layer, Shape, Transform
from .base import Format, LossyReport, Written, note_document_losses, shape_place

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "shapes.megaton-roto")
# Not allowed in XML 1.0, or turned into spaces by any reader of an attribute.
_UNSAFE = re.compile("[^\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ORIGIN = (0.0, 0.0)
_WHITE = (1.0, 1.0, 1.0)


class _Space(NamedTuple):
    """Plate pixels into Silhouette's units, plate frames into session frames."""

    width: int
    height: int
    pixel_aspect: float
    first_frame: int
    key_offset: int

    def x(self, x: float) -> float:
        return (x - self.width / 2) * self.pixel_aspect / self.height

    def y(self, y: float) -> float:
        return (y - self.height / 2) / self.height

    def frame(self, frame: int) -> int:
        return frame - self.first_frame + self.key_offset


class _Writer(NamedTuple):
    document: Document
    space: _Space
    report: LossyReport
    ids: Iterator[int]


def write(document: Document, session_start: Optional[int] = None, key_offset: int = 0) -> Written:
    """The document as a ``.fxs``.

    ``session_start`` is the plate frame of the session's first frame (default: the document's);
    ``key_offset`` is added to the 0-based key frames, for sessions that count otherwise.
    """
    first, last = document.frame_range
    start = first if session_start is None else session_start
    space = _Space(document.width, document.height, document.pixel_aspect, start, key_offset)
    report = LossyReport()
    note_document_losses(document, report)
    writer = _Writer(document, space, report, iter(range(2**31)))
    lines = [
        "<!-- Silhouette Shape File -->",
        f'<Silhouette width="{document.width}" height="{document.height}"'
        f' pixelAspect="{_decimal(document.pixel_aspect)}" workRangeStart="{first}"'
        f' workRangeEnd="{last}" sessionStartFrame="{start}">',
        *_layers(writer, document.layers, depth=0),
        "</Silhouette>",
        "",
    ]
    return Written("\n".join(lines).replace("-0.000000000", "0.000000000"), report)


def _decimal(value: float) -> str:
    """A fixed decimal: Silhouette may reject exponents."""
    return f"{value:.9f}"


def _label(text: str) -> str:
    return escape(_UNSAFE.sub("_", text), {'"': "&quot;", "'": "&apos;"})


def _identity(kind: str, key: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{key}")).upper()


def _constant(name: str, value: str, marks: str = "") -> str:
    return f'<Property id="{name}" constant="True"{marks}><Value>{value}</Value></Property>'


def _keyed(name: str, keys: Sequence[Tuple[int, str, str]]) -> str:
    """A property of (frame, interpolation, text) keys."""
    items = [f'<Key frame="{frame}" interp="{kind}">{text}</Key>' for frame, kind, text in keys]
    return f'<Property id="{name}">\n' + "\n".join(items) + "\n</Property>"


def _layers(writer: _Writer, layers: Sequence[Layer], depth: int) -> Iterator[str]:
    """Neighbours of the same group at this depth share one enclosing layer."""
    i = 0
    while i < len(layers):
        path = layers[i].group[: depth + 1]
        if len(path) <= depth:
            yield _layer(writer, layers[i], depth)
            i += 1
            continue
        end = i
        while end < len(layers) and layers[end].group[: depth + 1] == path:
            end += 1
        children = list(_layers(writer, layers[i:end], depth + 1))
        key = f"{'/'.join(path)}/{layers[i].id}"
        item = _Item("Layer", path[-1], _identity(f"group{depth}", key))
        yield _object(writer, depth, item, _layer_properties(_WHITE, _transform(), children))
        i = end


class _Item(NamedTuple):
    kind: str
    label: str
    uuid: str
    marks: str = ""


def _object(writer: _Writer, depth: int, item: _Item, body: str) -> str:
    """Directly under the root the tag is the kind, deeper it is ``Object``."""
    tag = "Object" if depth else item.kind
    if _UNSAFE.search(item.label):
        writer.report.add(item.label, "its name holds characters XML cannot carry")
    return (
        f'<{tag} type="{item.kind}" id="{next(writer.ids)}" label="{_label(item.label)}"'
        f' expanded="True" uuid="{item.uuid}"{item.marks}>\n'
        f"<Properties>\n{body}\n</Properties>\n</{tag}>"
    )


def _layer(writer: _Writer, layer: Layer, depth: int) -> str:
    moves = layer.transform is not None and _translates_exactly(layer.transform)
    transform = _transform()
    if layer.transform is not None and moves:
        transform = _transform(_position(writer.space, layer.transform))
    shapes = [_shape(writer, layer, shape, moves) for shape in layer.shapes]
    body = _layer_properties(layer.color, transform, shapes)
    return _object(writer, depth, _Item("Layer", layer.name, _identity("layer", layer.id)), body)


def _layer_properties(color: Color, transform: Sequence[str], children: Sequence[str]) -> str:
    head = [
        _constant("note", ""),
        _constant("color", _color(color)),
        _constant("mode", "Add"),
        _constant("opacity", "100"),
        _constant("invert", "false"),
        *transform,
    ]
    objects = ['<Property id="objects" constant="True" expanded="True">', *children, "</Property>"]
    return "\n".join([*head, *objects])


def _translates_exactly(transform: Transform) -> bool:
    """An animated translation keeps its keys; anything else goes into the points."""
    keys = transform.keys
    return len(keys) > 1 and all((key.rotate, key.scale) == (0, 1) for key in keys)


def _transform(position: str = "") -> List[str]:
    """The identity, but for an animated position."""
    return [
        _constant("transform", ""),
        _constant("transform.anchor", _pair(_ORIGIN)),
        position or _constant("transform.position", _pair(_ORIGIN)),
        _constant("transform.scale", "(1.000000000,1.000000000,1.000000000)", ' gang="True"'),
        _constant("transform.rotate", "0"),
        _constant("transform.matrix", ""),
    ]


def _position(space: _Space, transform: Transform) -> str:
    aspect, height = space.pixel_aspect, space.height
    keys = [
        (space.frame(key.frame), "linear", _pair((key.tx * aspect / height, key.ty / height)))
        for key in transform.keys
    ]
    return _keyed("transform.position", keys)


def _pair(pair: Tuple[float, float]) -> str:
    return f"({_decimal(pair[0])},{_decimal(pair[1])})"


def _color(color: Color) -> str:
    return "(" + ",".join(map(_decimal, color)) + ")"


def _shape(writer: _Writer, layer: Layer, shape: Shape, moves: bool) -> str:
    place = shape_place(layer, shape)
    _note_shape_losses(shape, place, writer.report)
    keys: List[Key] = shape.keys
    if layer.transform is not None and not moves:
        keys = _baked(writer, shape, layer.transform, place)
    kind = "Bezier" if shape.kind == "bezier" else "Bspline"
    body = [
        _constant("note", ""),
        _path(writer.space, shape, kind, keys),
        _constant("mode", "Subtract" if shape.mode == "subtract" else "Add"),
        _constant("blur", "0"),
        _constant("blurType", "Centered"),
        _opacity(writer, shape),
        _constant("feather", _decimal(_feather(shape))),
        _constant("invert", _flag(shape.inverted)),
        _constant("motionBlur", _flag(shape.motion_blur)),
        _constant("outlineColor", _color(shape.color or layer.color)),
        _constant("strokeWidth", "0" if shape.closed else "1"),
        _constant("capStyle", "Flat"),
        _constant("channel", "Alpha"),
    ]
    marks = f' shape_type="{kind}" hidden="False" locked="False"'
    item = _Item("Shape", shape.name, _identity("shape", shape.id), marks)
    return _object(writer, 1, item, "\n".join(body))


def _baked(writer: _Writer, shape: Shape, transform: Transform, place: str) -> List[Key]:
    if len(transform.keys) == 1:
        return baked_keys(shape.keys, transform, None)
    span = writer.document.frame_range
    if shape.visible:
        span = shape.visible[0][0], shape.visible[-1][1]
    keys = baked_keys(without_holds(shape.keys), transform, span)
    turning = any(turns(a, b) for a, b in zip(transform.keys, transform.keys[1:]))
    how = "exact on frames" if turning else "exact"
    writer.report.add(place, f"layer transform: baked to {len(keys)} keys ({how})")
    if any(key.interpolation == "hold" for key in shape.keys[:-1]):
        writer.report.add(place, "held keys: exact on frames only, for the transform is baked")
    return keys


def _path(space: _Space, shape: Shape, kind: str, keys: Sequence[Key]) -> str:
    """All keys share one template, filled with the key's numbers."""
    pairs_per_point = 3 if kind == "Bezier" else 1
    rows = [_row(space, shape, key) for key in keys]
    count = len(rows[0]) // (2 * pairs_per_point)
    point = "<Point>" + ",".join(["(%.9f,%.9f)"] * pairs_per_point) + "</Point>"
    head = f'\n<Path closed="{shape.closed}" type="{kind}">\n'
    template = head + "\n".join([point] * count) + "\n</Path>\n"
    return _keyed(
        "path",
        [
            (space.frame(key.frame), key.interpolation, template % tuple(row))
            for key, row in zip(keys, rows)
        ],
    )


def _row(space: _Space, shape: Shape, key: Key) -> List[float]:
    """The numbers of a path. Handles are absolute: point, incoming, outgoing."""
    row: List[float] = []
    if shape.kind == "bspline":
        for vertex in bspline_vertices(key.points, shape.closed):
            row += (space.x(vertex.x), space.y(vertex.y))
        return row
    points = key.points
    if shape.closed and len(points) == 2:
        points = split_first_segment(points)
    x_scale, y_scale = space.pixel_aspect / space.height, 1 / space.height
    for px, py, in_dx, in_dy, out_dx, out_dy, _ in points:
        x, y = space.x(px), space.y(py)
        row += (x, y, x + in_dx * x_scale, y + in_dy * y_scale)
        row += (x + out_dx * x_scale, y + out_dy * y_scale)
    return row


def _opacity(writer: _Writer, shape: Shape) -> str:
    """Opacity 0..100; keys that hold 0 before and after each visible range."""
    first, last = writer.document.frame_range
    spans = merged_spans(shape.visible)
    always = not spans or (spans[0][0] <= first and spans[0][1] >= last)
    if always and not isinstance(shape.opacity, list):
        return _constant("opacity", _decimal(100 * shape.opacity))
    gated: Dict[int, Tuple[str, float]] = {}
    if always and isinstance(shape.opacity, list):
        gated = {key.frame: (key.interpolation, key.value) for key in shape.opacity}
    for begin, end in [] if always else spans:
        gated.setdefault(begin - 1, ("hold", 0.0))
        gated.update(_opacity_within(shape, begin, end))
        gated[end + 1] = ("hold", 0.0)
    keys = [
        (writer.space.frame(frame), kind, _decimal(100 * value))
        for frame, (kind, value) in sorted(gated.items())
    ]
    return _keyed("opacity", keys)


def _opacity_within(shape: Shape, begin: int, end: int) -> Dict[int, Tuple[str, float]]:
    keys = {begin: ("hold", opacity_at(shape, begin))}
    if isinstance(shape.opacity, list):
        before = [key for key in shape.opacity if key.frame <= begin]
        keys[begin] = (before[-1].interpolation if before else "hold", keys[begin][1])
        for key in shape.opacity:
            if begin < key.frame < end:
                keys[key.frame] = (key.interpolation, key.value)
    keys[end] = ("hold", opacity_at(shape, end))
    return keys


def _feather(shape: Shape) -> float:
    if isinstance(shape.feather, list):
        return sum(shape.feather) / len(shape.feather)
    return shape.feather


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _note_shape_losses(shape: Shape, place: str, report: LossyReport) -> None:
    if isinstance(shape.feather, list):
        report.add(place, "per-point feather: one number, the mean")
    if not shape.closed:
        report.add(place, "open shape: its width is not in the document, strokeWidth 1")
    if shape.closed and shape.kind == "bezier" and len(shape.keys[0].points) == 2:
        report.add(place, "two points: a third was put on the curve")


FORMAT = Format("silhouette", "fxs", "Silhouette shapes", write)
