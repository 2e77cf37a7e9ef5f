"""Fusion polygon masks (.setting): one PolylineMask a shape, chained within each layer.

Fusion's space: origin at the image's centre, y up, x in widths and y in heights; handles are
offsets. A mask takes the one below it as its effect mask and paints on it by its paint mode, so a
subtract shape cuts its own layer only: connect the last mask of each layer.
"""

from __future__ import annotations

import re
from typing import Iterator, List, NamedTuple, Sequence, Set, Tuple

from ..model import Document, Key, Layer, Shape, Transform
from .base import Format, LossyReport, Written
from .fusion_lower import lowered, project
from .fusion_read import read
from .lua_table import quoted

_NOT_NAME = re.compile(r"[^A-Za-z0-9_]")
MARK = "Megaton Roto"
_POINT = "{ X = %.9f, Y = %.9f, LX = %.9f, LY = %.9f, RX = %.9f, RY = %.9f }"


class _Spline(NamedTuple):
    """A keyed number: the tool that holds its keys."""

    name: str
    frames: Sequence[int]
    values: Sequence[float]


class _Writer(NamedTuple):
    document: Document
    taken: Set[str]

    def name(self, wanted: str) -> str:
        base = _NOT_NAME.sub("_", wanted)
        base = f"Mask_{base}" if not base or base[0].isdigit() else base
        name, count = base, 1
        while name in self.taken:
            count += 1
            name = f"{base}_{count}"
        self.taken.add(name)
        return name


def write(document: Document) -> Written:
    """The document as a ``.setting`` to paste or load into a composition.

    Key frames are plate frames. Outlines equal ``roto_shapes.evaluate`` at keys and between.
    """
    report = LossyReport()
    low = lowered(document, report)
    writer = _Writer(low, set())
    tools = ",\n".join(tool for layer in low.layers for tool in _layer(writer, layer))
    text = f"{{\n\tTools = ordered() {{\n{tools}\n\t}}\n}}\n"
    return Written(text.replace("-0.000000000", "0.000000000"), report)


def _layer(writer: _Writer, layer: Layer) -> Iterator[str]:
    below = ""
    for shape in layer.shapes:
        name = writer.name(f"{layer.name}_{shape.name}")
        yield from _shape(writer, layer, shape, name, below)
        below = name


def _input(name: str, value: str) -> str:
    return f"\t\t\t\t{name} = Input {{ {value}, }},"


def _linked(name: str, tool: str, output: str = "Value") -> str:
    return _input(name, f'SourceOp = "{tool}", Source = "{output}"')


def _shape(writer: _Writer, layer: Layer, shape: Shape, name: str, below: str) -> Iterator[str]:
    path = writer.name(f"{name}Polyline")
    inputs = _inputs(writer.document, layer, shape, path, below)
    splines: List[_Spline] = []
    if isinstance(shape.opacity, list):
        frames = [key.frame for key in shape.opacity]
        _animate(writer, inputs, splines, name, "Level", frames, [k.value for k in shape.opacity])
    elif shape.opacity != 1:
        inputs.append(_input("Level", f"Value = {shape.opacity:.9f}"))
    extra: List[str] = []
    if layer.transform is not None:
        extra = _transform(writer, inputs, splines, name, layer.transform)
    yield _mask(name, inputs)
    yield _polyline(shape, path, writer.document)
    yield from extra
    for spline in splines:
        yield _number_spline(spline)


def _inputs(document: Document, layer: Layer, shape: Shape, path: str, below: str) -> List[str]:
    """What is not animated."""
    comment = "\n".join([MARK, layer.name, shape.name, *layer.group])
    inputs = [
        _input("Comments", f"Value = {quoted(comment)}"),
        _input("Filter", 'Value = FuID { "Fast Gaussian" }'),
        _input("MaskWidth", f"Value = {document.width}"),
        _input("MaskHeight", f"Value = {document.height}"),
        _input("PixelAspect", f"Value = {{ {document.pixel_aspect:.9f}, 1 }}"),
        _input("ClippingMode", 'Value = FuID { "None" }'),
        _linked("Polyline", path),
        _input("Polyline2", "Value = Polyline { }, Disabled = true"),
    ]
    if shape.mode == "subtract":
        inputs.append(_input("PaintMode", 'Value = FuID { "Subtract" }'))
    if below:
        inputs.append(_linked("EffectMask", below, "Mask"))
    if shape.inverted:
        inputs.append(_input("Invert", "Value = 1"))
    if not shape.closed:
        inputs.append(_input("Solid", "Value = 0"))
        inputs.append(_input("BorderWidth", f"Value = {1 / document.width:.9f}"))
    if shape.feather and not isinstance(shape.feather, list):
        inputs.append(_input("SoftEdge", f"Value = {shape.feather / document.width:.9f}"))
    if shape.motion_blur:
        inputs.append(_input("MotionBlur", "Value = 1"))
    return inputs


def _mask(name: str, inputs: Sequence[str]) -> str:
    lines = [
        f"\t\t{name} = PolylineMask {{",
        '\t\t\tDrawMode = "InsertAndModify",',
        '\t\t\tDrawMode2 = "InsertAndModify",',
        "\t\t\tCtrlWZoom = false,",
        "\t\t\tNameSet = true,",
        "\t\t\tInputs = {",
        *inputs,
        "\t\t\t},",
        "\t\t\tViewInfo = OperatorInfo { Pos = { 0, 0 } },",
        "\t\t}",
    ]
    return "\n".join(lines)


def _animate(
    writer: _Writer,
    inputs: List[str],
    splines: List[_Spline],
    tool: str,
    name: str,
    frames: Sequence[int],
    values: Sequence[float],
) -> None:
    spline = writer.name(f"{tool}{name}")
    splines.append(_Spline(spline, frames, values))
    inputs.append(_linked(name, spline))


def _transform(
    writer: _Writer,
    inputs: List[str],
    splines: List[_Spline],
    tool: str,
    transform: Transform,
) -> List[str]:
    """Centre, rotation (counter-clockwise) and size; an XYPath where they are keyed."""
    w, h = writer.document.width, writer.document.height
    keys = transform.keys
    xs = [0.5 + key.tx / w for key in keys]
    ys = [0.5 - key.ty / h for key in keys]
    turns, sizes = [-key.rotate for key in keys], [key.scale for key in keys]
    if len(keys) == 1:
        inputs.append(_input("Center", f"Value = {{ {xs[0]:.9f}, {ys[0]:.9f} }}"))
        inputs.append(_input("ZRotation", f"Value = {turns[0]:.9f}"))
        inputs.append(_input("Size", f"Value = {sizes[0]:.9f}"))
        return []
    frames = [key.frame for key in keys]
    path = writer.name(f"{tool}Center")
    inputs.append(_linked("Center", path))
    own: List[str] = []
    _animate(writer, own, splines, path, "X", frames, xs)
    _animate(writer, own, splines, path, "Y", frames, ys)
    _animate(writer, inputs, splines, tool, "ZRotation", frames, turns)
    _animate(writer, inputs, splines, tool, "Size", frames, sizes)
    lines = [
        f"\t\t{path} = XYPath {{",
        "\t\t\tShowKeyPoints = false,",
        '\t\t\tDrawMode = "ModifyOnly",',
        "\t\t\tInputs = {",
        *own,
        "\t\t\t},",
        "\t\t}",
    ]
    return ["\n".join(lines)]


def _handles(frames: Sequence[int], values: Sequence[float], i: int) -> str:
    """Absolute handles a third of the way to the neighbours: a straight line."""
    text = ""
    if i > 0:
        f, v = _third(frames[i], values[i], frames[i - 1], values[i - 1])
        text += f"LH = {{ {f:.9f}, {v:.9f} }}, "
    if i + 1 < len(frames):
        f, v = _third(frames[i], values[i], frames[i + 1], values[i + 1])
        text += f"RH = {{ {f:.9f}, {v:.9f} }}, "
    return text


def _third(f0: float, v0: float, f1: float, v1: float) -> Tuple[float, float]:
    return f0 + (f1 - f0) / 3, v0 + (v1 - v0) / 3


def _number_spline(spline: _Spline) -> str:
    keys = ",\n".join(
        f"\t\t\t\t[{frame}] = {{ {value:.9f}, "
        f"{_handles(spline.frames, spline.values, i)}Flags = {{ Linear = true }} }}"
        for i, (frame, value) in enumerate(zip(spline.frames, spline.values))
    )
    return (
        f"\t\t{spline.name} = BezierSpline {{\n"
        "\t\t\tSplineColor = { Red = 225, Green = 0, Blue = 225 },\n"
        "\t\t\tNameSet = true,\n"
        f"\t\t\tKeyFrames = {{\n{keys}\n\t\t\t}}\n\t\t}}"
    )


def _polyline(shape: Shape, name: str, document: Document) -> str:
    """The shape's keys: a spline over their numbers, each with its polyline."""
    red, green, blue = (round(255 * value) for value in shape.color or (1.0, 1.0, 1.0))
    closed = "Closed = true, " if shape.closed else ""
    frames = [key.frame for key in shape.keys]
    count = len(shape.keys[0].points)
    template = ",\n".join([_POINT] * count)
    keys = ",\n".join(
        f"\t\t\t\t[{key.frame}] = {{ {i}, {_handles(frames, range(len(frames)), i)}"
        "Flags = { Linear = true, LockedY = true },"
        f" Value = Polyline {{ {closed}Points = {{\n{template % _numbers(key, document)}\n}} }} }}"
        for i, key in enumerate(shape.keys)
    )
    return (
        f"\t\t{name} = BezierSpline {{\n"
        f"\t\t\tSplineColor = {{ Red = {red}, Green = {green}, Blue = {blue} }},\n"
        "\t\t\tNameSet = true,\n"
        f"\t\t\tKeyFrames = {{\n{keys}\n\t\t\t}}\n\t\t}}"
    )


def _numbers(key: Key, document: Document) -> Tuple[float, ...]:
    w, h = document.width, document.height
    numbers: List[float] = []
    for x, y, in_dx, in_dy, out_dx, out_dy, _ in key.points:
        numbers += (x / w - 0.5, 0.5 - y / h, in_dx / w, -in_dy / h, out_dx / w, -out_dy / h)
    return tuple(numbers)


FORMAT = Format("fusion", "setting", "Fusion polygon masks", write, read, project)
