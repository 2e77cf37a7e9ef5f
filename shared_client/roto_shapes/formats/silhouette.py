"""Silhouette shapes (.fxs): plain XML, written by hand because its numbers and tags are fixed.

Silhouette's space: origin at the image's centre, y down, both axes in image heights, x widened by
the pixel aspect. Keys count from 0 at the session's first frame. Later objects lie on top.
"""

from __future__ import annotations

import uuid
from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple
from xml.sax.saxutils import escape

from ..geometry import bspline_vertices
from ..model import Animated, Color, Document, Key, Layer, Shape, Transform
from .base import Format, LossyReport, Written
from .lowering import gated_opacity
from .silhouette_lower import UNSAFE, Space, as_bsplines, lowered, project
from .silhouette_read import read

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "shapes.megaton-roto")
_ORIGIN = (0.0, 0.0)
_WHITE = (1.0, 1.0, 1.0)


class _Writer(NamedTuple):
    document: Document
    first_frame: int
    """The plate frame that is written as 0."""
    report: LossyReport
    ids: Iterator[int]

    @property
    def space(self) -> Space:
        return Space(self.document.width, self.document.height, self.document.pixel_aspect)

    def frame(self, frame: int) -> int:
        return frame - self.first_frame


def write(
    document: Document,
    session_start: Optional[int] = None,
    key_offset: int = 0,
    bspline: bool = False,
    tolerance: float = 0.25,
) -> Written:
    """The document as a ``.fxs``.

    ``session_start`` is the plate frame of the session's first frame (default: the document's);
    ``key_offset`` is added to the 0-based key frames, for sessions that count otherwise.
    ``bspline`` writes Beziers as B-splines within ``tolerance`` pixels (the report says how near).
    """
    first, last = document.frame_range
    start = first if session_start is None else session_start
    report = LossyReport()
    if bspline:
        document = as_bsplines(document, tolerance, report)
    writer = _Writer(lowered(document, report), start - key_offset, report, iter(range(2**31)))
    lines = [
        "<!-- Silhouette Shape File -->",
        f'<Silhouette width="{document.width}" height="{document.height}"'
        f' pixelAspect="{_decimal(document.pixel_aspect)}" workRangeStart="{first}"'
        f' workRangeEnd="{last}" sessionStartFrame="{start}">',
        *_layers(writer, writer.document.layers, depth=0),
        "</Silhouette>",
        "",
    ]
    return Written("\n".join(lines).replace("-0.000000000", "0.000000000"), report)


def _decimal(value: float) -> str:
    """A fixed decimal: Silhouette may reject exponents."""
    return f"{value:.9f}"


def _label(text: str) -> str:
    return escape(UNSAFE.sub("_", text), {'"': "&quot;", "'": "&apos;"})


def _identity(kind: str, key: str) -> str:
    whole = key.encode("utf-8", "backslashreplace").decode("utf-8")  # half a surrogate pair
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{whole}")).upper()


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
    if UNSAFE.search(item.label):
        writer.report.add(item.label, "its name holds characters XML cannot carry")
    return (
        f'<{tag} type="{item.kind}" id="{next(writer.ids)}" label="{_label(item.label)}"'
        f' expanded="True" uuid="{item.uuid}"{item.marks}>\n'
        f"<Properties>\n{body}\n</Properties>\n</{tag}>"
    )


def _layer(writer: _Writer, layer: Layer, depth: int) -> str:
    transform = _transform()
    if layer.transform is not None:
        transform = _transform(_position(writer, layer.transform))
    shapes = [_shape(writer, layer, shape) for shape in layer.shapes]
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


def _position(writer: _Writer, transform: Transform) -> str:
    aspect, height = writer.document.pixel_aspect, writer.document.height
    keys = [
        (writer.frame(key.frame), "linear", _pair((key.tx * aspect / height, key.ty / height)))
        for key in transform.keys
    ]
    return _keyed("transform.position", keys)


def _pair(pair: Tuple[float, float]) -> str:
    return f"({_decimal(pair[0])},{_decimal(pair[1])})"


def _color(color: Color) -> str:
    return "(" + ",".join(map(_decimal, color)) + ")"


def _shape(writer: _Writer, layer: Layer, shape: Shape) -> str:
    kind = "Bezier" if shape.kind == "bezier" else "Bspline"
    body = [
        _constant("note", ""),
        _path(writer, shape, kind),
        _constant("mode", "Subtract" if shape.mode == "subtract" else "Add"),
        _constant("blur", "0"),
        _constant("blurType", "Centered"),
        _opacity(writer, shape),
        _constant("feather", f"{shape.feather:.9f}"),
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


def _path(writer: _Writer, shape: Shape, kind: str) -> str:
    """All keys share one template, filled with the key's numbers."""
    pairs_per_point = 3 if kind == "Bezier" else 1
    rows = [_row(writer.space, shape, key) for key in shape.keys]
    count = len(rows[0]) // (2 * pairs_per_point)
    point = "<Point>" + ",".join(["(%.9f,%.9f)"] * pairs_per_point) + "</Point>"
    head = f'\n<Path closed="{shape.closed}" type="{kind}">\n'
    template = head + "\n".join([point] * count) + "\n</Path>\n"
    return _keyed(
        "path",
        [
            (writer.frame(key.frame), key.interpolation, template % tuple(row))
            for key, row in zip(shape.keys, rows)
        ],
    )


def _row(space: Space, shape: Shape, key: Key) -> List[float]:
    """The numbers of a path. Handles are absolute: point, incoming, outgoing."""
    row: List[float] = []
    if shape.kind == "bspline":
        for vertex in bspline_vertices(key.points, shape.closed):
            row += (space.x(vertex.x), space.y(vertex.y))
        return row
    x_scale, y_scale = space.pixel_aspect / space.height, 1 / space.height
    for px, py, in_dx, in_dy, out_dx, out_dy, _ in key.points:
        x, y = space.x(px), space.y(py)
        row += (x, y, x + in_dx * x_scale, y + in_dy * y_scale)
        row += (x + out_dx * x_scale, y + out_dy * y_scale)
    return row


def _opacity(writer: _Writer, shape: Shape) -> str:
    """Opacity 0..100, visibility in it."""
    opacity: Animated = gated_opacity(shape, writer.document.frame_range)
    if not isinstance(opacity, list):
        return _constant("opacity", _decimal(100 * opacity))
    keys = [
        (writer.frame(key.frame), key.interpolation, _decimal(100 * key.value)) for key in opacity
    ]
    return _keyed("opacity", keys)


def _flag(value: bool) -> str:
    return "true" if value else "false"


FORMAT = Format("silhouette", "fxs", "Silhouette shapes", write, read, project)
