"""Fusion's polygon masks as a document."""

from __future__ import annotations

import math
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from ..baking import baked_keys
from ..errors import DocumentError
from ..evaluate import interpolated_points
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
from .base import LossyReport, Read
from .fusion_lower import point_in_plate, ungated_linear
from .lua_table import Table, parse
from .reading import (
    WHITE,
    numbered,
    place_still_transform,
    used_range,
    with_corners,
    with_layer_color,
)
from .sampling import linear_frames

_MARK = "Megaton Roto"
_NUMBERS = ("X", "Y", "LX", "LY", "RX", "RY")


class _Key(NamedTuple):
    frame: int
    value: float
    table: Table


class _Curve:
    """A BezierSpline's numbers over frames; handles are absolute (frame, value)."""

    def __init__(self, spline: Table) -> None:
        self.keys: List[_Key] = []
        for frame, entry in spline.table("KeyFrames").fields.items():
            if not isinstance(frame, float) or not isinstance(entry, Table):
                raise DocumentError("fusion: a key of a spline has no frame")
            value = entry.items[0] if entry.items else 0.0
            number = float(value) if isinstance(value, (int, float)) else 0.0
            if not math.isfinite(frame) or not math.isfinite(number):
                raise DocumentError("fusion: a key of a spline is not finite")
            self.keys.append(_Key(round(frame), number, entry))
        self.keys.sort(key=lambda key: key.frame)
        if not self.keys or len({key.frame for key in self.keys}) != len(self.keys):
            raise DocumentError("fusion: a spline has no keys, or two on one frame")

    @property
    def frames(self) -> List[int]:
        """The frames linear keys need: a step needs one more before it."""
        frames = {key.frame for key in self.keys}
        for key, after in zip(self.keys, self.keys[1:]):
            if _steps(key, after):
                frames.add(max(key.frame, after.frame - 1))
        return sorted(frames)

    def place(self, frame: float) -> Tuple[int, float]:
        """The key before a frame and how far the curve has gone to the next (0..1)."""
        index = max(0, sum(key.frame <= frame for key in self.keys) - 1)
        key = self.keys[index]
        if index + 1 == len(self.keys) or frame <= key.frame:
            return index, 0.0
        after = self.keys[index + 1]
        if _steps(key, after):
            return index, 0.0
        linear = (frame - key.frame) / (after.frame - key.frame)
        right, left = key.table.table("RH").items, after.table.table("LH").items
        if key.table.table("Flags").fields.get("Linear") or not (right and left):
            return index, linear
        return index, _eased(key, after, right, left, frame)

    def at(self, frame: float) -> float:
        index, share = self.place(frame)
        value = self.keys[index].value
        if share == 0:
            return value
        return value + share * (self.keys[index + 1].value - value)


def _steps(key: _Key, after: _Key) -> bool:
    flags, next_flags = key.table.table("Flags").fields, after.table.table("Flags").fields
    return bool(flags.get("StepOut") or next_flags.get("StepIn"))


def _eased(
    key: _Key, after: _Key, right: Sequence[object], left: Sequence[object], frame: float
) -> float:
    """Where the Bezier through (frame, value) handles is, as a share of the value's way."""
    ends = [value for value in (*right[:2], *left[:2]) if isinstance(value, float)]
    if len(ends) != 4 or after.value == key.value:
        return (frame - key.frame) / (after.frame - key.frame)
    times = (float(key.frame), ends[0], ends[2], float(after.frame))
    values = (key.value, ends[1], ends[3], after.value)
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _cubic(times, middle) < frame else (low, middle)
    return (_cubic(values, low) - key.value) / (after.value - key.value)


def _cubic(ends: Sequence[float], t: float) -> float:
    a, b, c, d = ends
    u = 1 - t
    return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d


def read(
    text: str,
    frame_range: Optional[Tuple[int, int]] = None,
    tolerance: float = 0.05,
) -> Read:
    """The PolylineMasks of a ``.setting`` or ``.comp``, lowest of each chain first.

    A chain of masks (each the effect mask of the next) becomes a layer. Eased keys become linear
    keys that follow within ``tolerance`` pixels on every frame. Raises DocumentError.
    """
    tools: Dict[str, Table] = {}
    for name, tool in _tools(parse(text)):
        tools.setdefault(name, tool)
    masks = {name: tool for name, tool in tools.items() if tool.kind == "PolylineMask"}
    if not masks and not tools and "Tools" not in text:
        raise DocumentError("fusion: the file holds no tools")
    report = LossyReport()
    reader = _Reader(tools, tolerance, report)
    size = reader.size(next(iter(masks.values()), Table()))
    layers = [reader.layer(chain) for chain in _chains(masks)]
    layers = numbered([layer for layer in layers if layer.shapes])
    span = frame_range or used_range(layers) or (1, 1)
    for layer in layers:
        place_still_transform(layer, span[0])
    return Read(Document(size[0], size[1], size[2], (24, 1), span, layers), report)


def _tools(table: Table) -> Iterator[Tuple[str, Table]]:
    """Every tool, those inside groups too."""
    for name, tool in table.table("Tools").fields.items():
        if isinstance(tool, Table):
            yield str(name), tool
            yield from _tools(tool)


def _source(tool: Table, name: str) -> str:
    return tool.table("Inputs").table(name).text("SourceOp")


def _chains(masks: Dict[str, Table]) -> List[List[str]]:
    """Masks that feed one another, lowest first; a mask that feeds two stays with the first."""
    above: Dict[str, str] = {}
    for name, tool in masks.items():
        below = _source(tool, "EffectMask")
        if below in masks:
            above.setdefault(below, name)
    seen: Set[str] = set()
    chains: List[List[str]] = []
    lowest = [name for name, tool in masks.items() if name not in above.values()]
    for start in (*lowest, *masks):
        chain: List[str] = []
        name = start
        while name and name not in seen:
            seen.add(name)
            chain.append(name)
            name = above.get(name, "")
        if chain:
            chains.append(chain)
    return chains


class _Reader:
    def __init__(self, tools: Dict[str, Table], tolerance: float, report: LossyReport) -> None:
        self._tools = tools
        self._tolerance = tolerance
        self._report = report
        self._width, self._height = 1920, 1080

    def size(self, mask: Table) -> Tuple[int, int, float]:
        """Width, height and pixel aspect of the file's first mask."""
        inputs = mask.table("Inputs")
        width, height = (
            round(inputs.table(name).number("Value")) for name in ("MaskWidth", "MaskHeight")
        )
        if width > 0 and height > 0:
            self._width, self._height = width, height
        elif mask.kind:
            self._report.add("document", "no size in the file: 1920 x 1080 assumed")
        aspect = inputs.table("PixelAspect").table("Value").items[:2]
        pair = [float(v) for v in aspect if isinstance(v, float) and v > 0]
        ratio = pair[0] / pair[1] if len(pair) == 2 else 1.0
        return self._width, self._height, ratio

    def layer(self, chain: Sequence[str]) -> Layer:
        """The chain's transform is the layer's if all its masks move alike."""
        layer_name, group = chain[0], []
        marked = self._comment(chain[0])
        if marked:
            layer_name, group = marked[1], marked[3:]
        motions = [self._transform(self._tools[name]) for name in chain]
        alike = all(motion == motions[0] for motion in motions)
        if not alike:
            self._report.add(layer_name, "its masks move apart: baked into the shapes")
        shapes = []
        for name, motion in zip(chain, motions):
            shape = self._shape(name, None if alike else motion)
            if shape is not None:
                shapes.append(shape)
        transform = motions[0] if alike else None
        return with_layer_color(Layer("", layer_name, group, WHITE, transform, None, shapes))

    def _comment(self, name: str) -> List[str]:
        """Mark, layer, shape and groups, as our writer leaves them; empty if it is another's."""
        comment = self._tools[name].table("Inputs").table("Comments").text("Value")
        lines = comment.split("\n")
        return lines if len(lines) > 2 and lines[0] == _MARK else []

    def _curve(self, tool: Table, name: str) -> Optional[_Curve]:
        spline = self._tools.get(_source(tool, name))
        return _Curve(spline) if spline is not None and spline.kind == "BezierSpline" else None

    def _value(self, tool: Table, name: str, default: float) -> float:
        return tool.table("Inputs").table(name).number("Value", default)

    # --- transform

    def _transform(self, tool: Table) -> Optional[Transform]:
        centre_path = self._tools.get(_source(tool, "Center"), Table())
        turn = "ZRotation" if "ZRotation" in tool.table("Inputs").fields else "Angle"
        curves = {
            "X": self._curve(centre_path, "X"),
            "Y": self._curve(centre_path, "Y"),
            "turn": self._curve(tool, turn),
            "size": self._curve(tool, "Size"),
        }
        value = tool.table("Inputs").table("Center").table("Value").items
        still = {
            "X": self._value(centre_path, "X", _item(value, 0, 0.5)),
            "Y": self._value(centre_path, "Y", _item(value, 1, 0.5)),
            "turn": self._value(tool, turn, 0),
            "size": self._value(tool, "Size", 1),
        }

        def row(frame: int) -> Tuple[float, float, float, float]:
            at = {name: curve.at(frame) if curve else still[name] for name, curve in curves.items()}
            x, y = (at["X"] - 0.5) * self._width, (0.5 - at["Y"]) * self._height
            return x, y, -at["turn"] + 0.0, at["size"]

        frames = sorted({f for curve in curves.values() if curve for f in curve.frames})
        if not frames and row(0) == (0, 0, 0, 1):
            return None

        def weighted(frame: int) -> Tuple[float, ...]:
            # A turn and a size count as what they move a width from the centre.
            x, y, turn, size = row(frame)
            return x, y, math.radians(turn) * self._width, size * self._width

        fine = linear_frames(weighted, frames or [0], self._tolerance)
        keys = [TransformKey(frame, *row(frame)) for frame in fine]
        if any(key.scale <= 0 for key in keys):
            raise DocumentError("fusion: a mask's size is not positive")
        return Transform((self._width / 2, self._height / 2), keys)

    # --- shapes

    def _shape(self, name: str, motion: Optional[Transform]) -> Optional[Shape]:
        tool = self._tools[name]
        inputs = tool.table("Inputs")
        marked = self._comment(name)
        own_name = marked[2] if marked else name
        keys, closed, color = self._keys(tool, own_name)
        if not keys:
            return None
        if motion is not None:
            keys = self._baked(keys, motion)
        mode = inputs.table("PaintMode").table("Value").items[:1]
        if mode not in ([], ["Merge"], ["Add"], ["Subtract"]):
            self._report.add(own_name, f"paint mode {mode[0]}: read as Add")
        opacity, visible = ungated_linear(self._opacity(tool, own_name))
        return Shape(
            "",
            own_name,
            "bezier",
            closed,
            "subtract" if mode == ["Subtract"] else "add",
            self._value(tool, "Invert", 0) != 0,
            visible,
            opacity,
            self._value(tool, "SoftEdge", 0) * self._width,
            self._value(tool, "MotionBlur", 0) != 0,
            color,
            with_corners(keys),
        )

    def _opacity(self, tool: Table, name: str) -> Animated:
        curve = self._curve(tool, "Level")
        if curve is None:
            return _unit(self._value(tool, "Level", 1))
        frames = linear_frames(lambda frame: (curve.at(frame),), curve.frames, 1e-3)
        if len(frames) > len(curve.frames):
            self._report.add(name, "eased opacity: linear keys follow it")
        return [ValueKey(frame, _unit(curve.at(frame))) for frame in frames]

    def _keys(self, tool: Table, name: str) -> Tuple[List[Key], bool, Optional[Color]]:
        static = tool.table("Inputs").table("Polyline").table("Value")
        spline = self._tools.get(_source(tool, "Polyline"))
        if spline is None:
            points = self._points(static)
            if len(points) < 2:
                self._report.add(name, "mask without a polygon: skipped")
                return [], True, None
            return [Key(0, points)], _closed(static), None
        curve = _Curve(spline)
        polygons = [key.table.table("Value") for key in curve.keys]
        shapes = [self._points(polygon) for polygon in polygons]
        if len({len(points) for points in shapes}) != 1 or len(shapes[0]) < 2:
            self._report.add(name, "its number of points changes: skipped")
            return [], True, None
        return self._linear(curve, shapes, name), _closed(polygons[0]), _spline_color(spline)

    def _points(self, polygon: Table) -> Tuple[ControlPoint, ...]:
        rows = [
            [point.number(name) for name in _NUMBERS]
            for point in polygon.table("Points").items
            if isinstance(point, Table)
        ]
        return tuple(point_in_plate(row, self._width, self._height) for row in rows)

    def _linear(
        self, curve: _Curve, shapes: Sequence[Tuple[ControlPoint, ...]], name: str
    ) -> List[Key]:
        def at(frame: int) -> Tuple[ControlPoint, ...]:
            index, share = curve.place(frame)
            if share == 0:
                return shapes[index]
            pair = [Key(0, shapes[index]), Key(1, shapes[index + 1])]
            return interpolated_points(pair, share)

        frames = linear_frames(
            lambda frame: [v for p in at(frame) for v in p[:6]], curve.frames, self._tolerance
        )
        if len(frames) > len(curve.keys):
            self._report.add(name, f"eased or stepped keys: {len(frames)} linear keys follow them")
        return [Key(frame, at(frame)) for frame in frames]

    def _baked(self, keys: List[Key], motion: Transform) -> List[Key]:
        frames = [key.frame for key in keys] + [key.frame for key in motion.keys]
        return baked_keys(keys, motion, (min(frames), max(frames)))


def _closed(polygon: Table) -> bool:
    return polygon.fields.get("Closed") is True


def _spline_color(spline: Table) -> Color:
    color = spline.table("SplineColor")
    red, green, blue = (_unit(color.number(n, 255) / 255) for n in ("Red", "Green", "Blue"))
    return red, green, blue


def _item(values: Sequence[object], index: int, default: float) -> float:
    value = values[index] if index < len(values) else default
    return float(value) if isinstance(value, (int, float)) else default


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
