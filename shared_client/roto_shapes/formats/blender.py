"""Blender masks, as data for the add-on: a mask for every layer, a mask layer for every shape.

Blender's mask space is a square on the frame's centre, as wide as the longer side of the frame in
display pixels, y up; handles are absolute. Topology must not change within a mask layer, so every
shape has its own. Opacity is the mask layer's alpha, visibility its being hidden from the render:
an inverted layer of alpha 0 would be all white.

Blender feathers to the left of a spline's direction on screen, and adds a pixel of softness there
even without feather (measured in 4.5 and 5.0). So points run clockwise where there is feather,
which then lies outside, and counter-clockwise where there is none: the pixel falls inside, where
it does nothing, and the edge is exact.
"""

from __future__ import annotations

import json
import re
from typing import Any, Iterable, List, NamedTuple, Sequence, Tuple, Union

from ..baking import merged_spans
from ..geometry import bezier_segments, bspline_to_bezier, signed_area
from ..model import Animated, ControlPoint, Document, Key, Layer, Shape, ValueKey
from .base import Format, LossyReport, Written, note_document_losses, shape_place
from .jsontext import JsonObject, encoded, rounded, rows_text
from .lowering import keys_in_plate, linear_keys
from .reading import floats32, with_corners

SCHEMA = "megaton-roto/blender/1"
NAME_BYTES = 63
LAST_FRAME = 1048574
_DECIMALS = 8
_UNSAFE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class _Space(NamedTuple):
    """``u = (x - W/2) * pixel aspect / S + 1/2``, ``v = (H/2 - y) / S + 1/2``."""

    width: int
    height: int
    pixel_aspect: float

    @property
    def side(self) -> float:
        return max(self.width * self.pixel_aspect, self.height)

    def row(self, points: Sequence[ControlPoint]) -> List[float]:
        """u, v of each point, then of its left and right handle."""
        sx, sy = self.pixel_aspect / self.side, -1 / self.side
        x0, y0 = 0.5 - self.width / 2 * sx, 0.5 - self.height / 2 * sy
        row: List[float] = []
        for x, y, in_dx, in_dy, out_dx, out_dy, _ in points:
            u, v = x0 + x * sx, y0 + y * sy
            row += (u, v, u + in_dx * sx, v + in_dy * sy, u + out_dx * sx, v + out_dy * sy)
        return row

    def points(self, row: Sequence[float]) -> List[ControlPoint]:
        """The points of a row, handles as offsets; none is a corner."""
        sx, sy = self.side / self.pixel_aspect, -self.side
        points: List[ControlPoint] = []
        for i in range(0, len(row), 6):
            u, v, in_u, in_v, out_u, out_v = row[i : i + 6]
            x, y = self.width / 2 + (u - 0.5) * sx, self.height / 2 + (v - 0.5) * sy
            handles = (in_u - u) * sx, (in_v - v) * sy, (out_u - u) * sx, (out_v - v) * sy
            points.append(ControlPoint(x, y, *handles))
        return points


def write(document: Document) -> Written:
    """The masks as JSON: lowest mask layer first; frames are plate frames.

    Shape keys are linear: ``keys`` has a row per frame, for each point u, v of the point, its left
    (incoming) and its right handle; ``weights`` are the points' feathers in the same space. Points
    run against the document's where ``turned``. ``id`` are those of the document. Exact on frames,
    and between where no hold or turn is baked.
    """
    report = LossyReport()
    note_document_losses(document, report)
    space = _Space(document.width, document.height, document.pixel_aspect)
    data = {
        "schema": SCHEMA,
        "width": document.width,
        "height": document.height,
        "pixel_aspect": rounded(document.pixel_aspect),
        "fps": list(document.fps),
        "frame_range": list(document.frame_range),
        "masks": [
            {
                "id": layer.id,
                "name": _name(layer.name, layer.name, report),
                "group": layer.group,
                "color": [rounded(value) for value in layer.color],
                "layers": [_mask_layer(document, layer, s, space, report) for s in layer.shapes],
            }
            for layer in document.layers
        ],
    }
    return Written(encoded(data) + "\n", report)


def _name(name: str, place: str, report: LossyReport) -> str:
    """Blender's names are 63 bytes of UTF-8."""
    cut = _UNSAFE.sub("_", name).encode("utf-8")[:NAME_BYTES].decode("utf-8", "ignore")
    if cut != name:
        report.add(place, f"is named {cut!r} in Blender")
    return cut


def _mask_layer(
    document: Document, layer: Layer, shape: Shape, space: _Space, report: LossyReport
) -> JsonObject:
    place = shape_place(layer, shape)
    keys: List[Key] = linear_keys(keys_in_plate(document, layer, shape, report), report, place)
    feather = _feather(shape, space, report, place)
    rows: Iterable[Sequence[ControlPoint]] = [key.points for key in keys]
    areas = _areas(keys)
    if shape.closed and min(areas) < 0 < max(areas):
        report.add(place, "turns inside out: Blender's edge is a pixel wider where it has")
    turned = shape.closed and (sum(areas) > 0) != any(feather)
    if turned:
        rows, feather = map(_turned, rows), feather[:1] + feather[:0:-1]
    _note_losses(shape, keys, place, report)
    return {
        "id": shape.id,
        "name": _name(shape.name, place, report),
        "turned": turned,
        "blend": "MERGE_SUBTRACT" if shape.mode == "subtract" else "MERGE_ADD",
        "invert": shape.inverted,
        "cyclic": shape.closed,
        "alpha": _alpha(shape),
        "hidden": _hidden(document, shape),
        "weights": [rounded(pixels / space.side, _DECIMALS) for pixels in feather],
        "frames": [key.frame for key in keys],
        "keys": rows_text([space.row(points) for points in rows], _DECIMALS),
    }


def _feather(shape: Shape, space: _Space, report: LossyReport, place: str) -> List[float]:
    """Pixels outwards, one for each point of the Bezier."""
    points = shape.keys[0].points
    feather = shape.feather
    each = feather if isinstance(feather, list) else [feather] * len(points)
    if min(each) < 0:
        report.add(place, "feather inwards: left out")
    if max(each) > 0 and space.pixel_aspect != 1:
        report.add(place, "feather: as many of the plate's lines to all sides")
    outwards = [max(0.0, pixels) for pixels in each]
    if shape.kind == "bezier":
        return outwards
    vertices = [ControlPoint(pixels, 0.0, corner=p.corner) for pixels, p in zip(outwards, points)]
    return [node.x for node in bspline_to_bezier(vertices, shape.closed)]


def _areas(keys: Sequence[Key]) -> List[float]:
    """The areas on some of the keys, positive where the curve runs clockwise on screen."""
    areas = []
    for key in keys[:: len(keys) // 8 + 1]:
        corners = [corner for part in bezier_segments(key.points, True) for corner in part[:3]]
        areas.append(signed_area(corners))
    return areas


def _turned(points: Sequence[ControlPoint]) -> Tuple[ControlPoint, ...]:
    """The same curve the other way round, from the same first point."""
    return tuple(
        ControlPoint(p.x, p.y, p.out_dx, p.out_dy, p.in_dx, p.in_dy, p.corner)
        for p in (points[0], *points[:0:-1])
    )


def _alpha(shape: Shape) -> object:
    """A number, or keys (frame, value, CONSTANT or LINEAR)."""
    if not isinstance(shape.opacity, list):
        return rounded(shape.opacity)
    return [
        [key.frame, rounded(key.value), "CONSTANT" if key.interpolation == "hold" else "LINEAR"]
        for key in shape.opacity
    ]


def _hidden(document: Document, shape: Shape) -> object:
    """False, or keys (frame, hidden, CONSTANT)."""
    spans = merged_spans(shape.visible)
    first, last = document.frame_range
    if not spans or (spans[0][0] <= first and spans[0][1] >= last):
        return False
    keys = {}
    for begin, end in spans:
        keys.update({begin - 1: True, begin: False, end + 1: True})
    return [[frame, hidden, "CONSTANT"] for frame, hidden in sorted(keys.items())]


def from_data(data: JsonObject) -> Document:
    """What masks as data show, as a document: Beziers without layer transforms, on the frames and
    with the ids the data has. Raises KeyError, IndexError or TypeError for what is no such data.
    """
    space = _Space(data["width"], data["height"], data["pixel_aspect"])
    first, last = data["frame_range"]
    rate = data["fps"][0], data["fps"][1]
    document = Document(space.width, space.height, space.pixel_aspect, rate, (first, last))
    for mask in data["masks"]:
        red, green, blue = mask["color"]
        shapes = [_shape(entry, space, document.frame_range) for entry in mask["layers"]]
        layer = Layer(mask["id"], mask["name"], mask["group"], (red, green, blue), shapes=shapes)
        document.layers.append(layer)
    return document


def project(document: Document) -> Document:
    """What reading the masks back out of Blender gives (`from_data`), ids included."""
    data = json.loads(write(document).text)
    for mask in data["masks"]:
        for entry in mask["layers"]:
            entry["keys"] = [floats32(row) for row in entry["keys"]]
            entry["weights"] = floats32(entry["weights"])
            for what in ("alpha", "hidden"):
                entry[what] = _values32(entry[what])
    return from_data(data)


def _values32(value: Any) -> Any:
    if not isinstance(value, list):
        return floats32([value])[0]
    return [[frame, floats32([number])[0], kind] for frame, number, kind in value]


def _shape(entry: JsonObject, space: _Space, frame_range: Tuple[int, int]) -> Shape:
    turned = entry["turned"]
    keys = []
    for frame, row in zip(entry["frames"], entry["keys"]):
        points = tuple(space.points(row))
        keys.append(Key(frame, _turned(points) if turned else points))
    weights = [pixels * space.side for pixels in entry["weights"]]
    if turned:
        weights = weights[:1] + weights[:0:-1]
    alike = len(set(weights)) == 1
    feather: Union[float, List[float]] = weights[0] if alike else weights
    return Shape(
        entry["id"],
        entry["name"],
        closed=entry["cyclic"],
        mode="subtract" if entry["blend"] == "MERGE_SUBTRACT" else "add",
        inverted=entry["invert"],
        visible=_visible(entry["hidden"], frame_range),
        opacity=_opacity(entry["alpha"]),
        feather=feather,
        keys=with_corners(keys),
    )


def _opacity(alpha: Any) -> Animated:
    if not isinstance(alpha, list):
        return min(1.0, max(0.0, float(alpha)))
    return [
        ValueKey(frame, min(1.0, max(0.0, value)), "hold" if kind == "CONSTANT" else "linear")
        for frame, value, kind in alpha
    ]


def _visible(hidden: Any, frame_range: Tuple[int, int]) -> List[Tuple[int, int]]:
    """The ranges in which it is not hidden; a shape hidden for good is seen on one frame before
    the range, since no range means always."""
    first, last = frame_range
    if not isinstance(hidden, list):
        return [(first - 1, first - 1)] if hidden else []
    ranges: List[Tuple[int, int]] = []
    starts = [min(first, hidden[0][0]), *(frame for frame, _, _ in hidden[1:])]
    ends = [*(frame - 1 for frame, _, _ in hidden[1:]), max(last, hidden[-1][0])]
    for (_, value, _), begin, end in zip(hidden, starts, ends):
        if not value:
            ranges.append((begin, end))
    return merged_spans(ranges) or [(first - 1, first - 1)]


def _note_losses(shape: Shape, keys: Sequence[Key], place: str, report: LossyReport) -> None:
    if shape.color is not None:
        report.add(place, "its colour: masks have none")
    if shape.motion_blur:
        report.add(place, "motion blur: that of the whole mask node in Blender")
    if shape.inverted and shape.opacity != 1:
        report.add(place, "opacity of an inverted shape: Blender fades its hole, not the rest")
    if not shape.closed:
        report.add(place, "open shape: Blender fills closed splines only")
    if keys[0].frame < -LAST_FRAME or keys[-1].frame > LAST_FRAME:
        report.add(place, f"keys beyond frame {LAST_FRAME}: Blender's last")


FORMAT = Format("blender", "blender.json", "Blender mask data", write, project=project)
