"""A Nuke Roto node holding the document's shapes (Nuke 7 and later).

Nuke's space: pixels of the full-size format, origin bottom-left, y up, pixel edges on whole
numbers, so a plate y becomes ``height - y``. Nuke lists the topmost element first.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple, Union

from ..baking import baked_keys, merged_spans, without_holds
from ..geometry import bspline_to_bezier, outward_normals
from ..model import Document, Key, Layer, Shape, Transform
from .base import Format, LossyReport, Written, note_document_losses, shape_place
from .nuke_curves import (
    animated,
    feather_block,
    number,
    own_times_curve,
    point_block,
    switch_curve,
)

RENDERABLE = 512
OPEN_SPLINE = 1048576
RELATIVE_TANGENT = 8192
OPEN = 32
EXPANDED = 2097152

_UNSAFE = re.compile(r"""[\x00-\x1f\x7f{}\[\]"'\\$;./#\ud800-\udfff\u2028\u2029]""")
_NOT_NODE_NAME = re.compile(r"[^A-Za-z0-9_]")


def write(document: Document, node_name: str = "Roto1", clipboard: bool = False) -> Written:
    """The document as a ``.nk`` with one Roto node.

    ``clipboard`` writes the fragment Nuke puts on the clipboard, which connects to the selected
    node. Every outline equals ``roto_shapes.evaluate`` at keys and between (float32).
    """
    report = LossyReport()
    note_document_losses(document, report)
    root = _Group("Root", [])
    for layer in document.layers:
        _group_of(root, layer.group).items.append(layer)
    writer = _Writer(document, _Names(report), report)
    tree = _element("Root", writer.centre, _items(writer, root))
    _note_cuts(document, report)
    curves = f"{{{{v x3f99999a}}\n{{f 0}}\n{{n\n{tree}}}}}"
    return Written(_script(curves, node_name, clipboard), report)


def _script(curves: str, node_name: str, clipboard: bool) -> str:
    safe = _NOT_NODE_NAME.sub("_", node_name) or "Roto1"
    name = f"_{safe}" if safe[0].isdigit() else safe
    head = ["version 13.2 v8"]
    connection = [" inputs 0"]
    if clipboard:
        head = ["set cut_paste_input [stack 0]", *head, "push $cut_paste_input"]
        connection = []
    knobs = [
        " output alpha",
        " cliptype none",
        f" curves {{{curves}}}",
        ' lifetime_type "all frames"',
        " motionblur_shutter_offset_type centred",
        " source_black_outside true",
        f" name {name}",
        " selected true",
        " xpos 0",
        " ypos 0",
    ]
    return "\n".join([*head, "Roto {", *connection, *knobs, "}", ""])


class _Writer(NamedTuple):
    document: Document
    names: _Names
    report: LossyReport

    @property
    def centre(self) -> str:
        return f"{number(self.document.width / 2)} {number(self.document.height / 2)}"


class _Group:
    """Layers nested under one name, in the document's order."""

    def __init__(self, name: str, items: List[Union[_Group, Layer]]) -> None:
        self.name = name
        self.items = items


def _group_of(root: _Group, path: Sequence[str]) -> _Group:
    """The innermost group of ``path``: an open one is joined, so that no layer changes its rank."""
    group = root
    for name in path:
        last = group.items[-1] if group.items else None
        if not (isinstance(last, _Group) and last.name == name):
            last = _Group(name, [])
            group.items.append(last)
        group = last
    return group


class _Names:
    """Names Nuke can hold, each once in the file: paths and expressions go by name."""

    def __init__(self, report: LossyReport) -> None:
        self._taken: Set[str] = {"Root"}
        self._report = report

    def token(self, name: str, where: str, fallback: str) -> str:
        base = _UNSAFE.sub("_", name).strip() or fallback
        safe, count = base, 1
        while safe in self._taken:
            count += 1
            safe = f"{base}_{count}"
        self._taken.add(safe)
        if safe != name:
            self._report.add(where, f"is named {safe!r} in Nuke")
        return f'"{safe}"' if re.search(r"\s", safe) else safe


def _element(name: str, transform: str, items: Iterable[str]) -> str:
    head = f"{{layer {name}\n{{f {EXPANDED | RENDERABLE}}}\n{{t {transform}}}\n{{a}}"
    return "\n".join([head, *items]) + "}"


def _items(writer: _Writer, group: _Group) -> Iterator[str]:
    for item in reversed(group.items):
        if isinstance(item, Layer):
            yield _layer(writer, item)
        else:
            name = writer.names.token(item.name, f"group {item.name}", "Group")
            yield _element(name, writer.centre, _items(writer, item))


def _layer(writer: _Writer, layer: Layer) -> str:
    document = writer.document
    name = writer.names.token(layer.name, layer.name, "Layer")
    bakes = layer.transform is not None and _must_bake(document, layer.transform)
    if bakes:
        what = "rotation over non-square pixels: baked into the shapes' keys (exact on frames)"
        writer.report.add(layer.name, what)
    transform = writer.centre
    if layer.transform is not None and not bakes:
        transform = _transform(layer.transform, document.height)
    shapes = (_shape(writer, layer, shape, bakes) for shape in reversed(layer.shapes))
    return _element(name, transform, shapes)


def _must_bake(document: Document, transform: Transform) -> bool:
    """How Nuke turns a layer over non-square pixels is not known, so it is not asked to."""
    return document.pixel_aspect != 1 and any(key.rotate for key in transform.keys)


def _transform(transform: Transform, height: int) -> str:
    """Slots: pivot, translate, rotate (z), scale; y up turns positive angles over."""
    keys = transform.keys
    frames = [key.frame for key in keys]
    slots = [
        number(transform.pivot[0]),
        number(height - transform.pivot[1]),
        "0",
        own_times_curve(frames, [key.tx for key in keys]),
        own_times_curve(frames, [-key.ty for key in keys]),
        "0",
        "0",
        "0",
        own_times_curve(frames, [-key.rotate for key in keys]),
        own_times_curve(frames, [key.scale for key in keys]),
        own_times_curve(frames, [key.scale for key in keys]),
    ]
    return " ".join(slots)


def _shape(writer: _Writer, layer: Layer, shape: Shape, bakes: bool) -> str:
    document, place = writer.document, shape_place(layer, shape)
    name = writer.names.token(shape.name, place, "Bezier")
    _note_shape_losses(shape, place, writer.report)
    keys = _linear_keys(shape)
    if bakes and layer.transform is not None:
        keys = baked_keys(keys, layer.transform, _span(shape, document))
    flags = RELATIVE_TANGENT if shape.closed else RELATIVE_TANGENT | OPEN_SPLINE | OPEN
    curve = f"{{cc {{f {flags}}}\n{point_block(keys, document.height)}}}"
    feather = _feather(shape, keys, flags)
    kind = RENDERABLE if shape.closed else RENDERABLE | OPEN_SPLINE
    return "\n".join(
        [
            f"{{curvegroup {name} {kind} bezier",
            f"{{{curve}\n{feather}}}",
            f"{{t {_pivot(keys[0], document.height)}}}",
            f"{{a {_attributes(document, layer, shape)}}}}}",
        ]
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


def _pivot(key: Key, height: int) -> str:
    count = len(key.points)
    x = sum(point.x for point in key.points) / count
    y = sum(point.y for point in key.points) / count
    return f"{number(x)} {number(height - y)}"


def _feather(shape: Shape, keys: Sequence[Key], flags: int) -> str:
    """The second curve: only per-point feather needs one."""
    if not isinstance(shape.feather, list) or not any(shape.feather):
        return "idem"
    widths = _feather_widths(shape, shape.feather)
    offsets = [
        [
            (nx * width, ny * width)
            for (nx, ny), width in zip(outward_normals(key.points, shape.closed), widths)
        ]
        for key in keys
    ]
    return f"{{cc {{f {flags}}}\n{feather_block(keys, offsets)}}}"


def _feather_widths(shape: Shape, widths: List[float]) -> List[float]:
    """A B-spline becomes a Bezier of one node a vertex (three at sharp ones)."""
    if shape.kind == "bezier":
        return widths
    tagged = [point._replace(x=width, y=0.0) for point, width in zip(shape.keys[0].points, widths)]
    return [point.x for point in bspline_to_bezier(tagged, shape.closed)]


def _attributes(document: Document, layer: Layer, shape: Shape) -> str:
    values: Dict[str, str] = {}
    if shape.mode == "subtract":
        values.update(r="0", g="0", b="0", a="0")
    values.update(_overlay(shape.color or layer.color))
    values.update(_lifetime(shape, document.frame_range))
    if shape.opacity != 1:
        values["opc"] = animated(shape.opacity)
    if shape.inverted:
        values["inv"] = "1"
    # Said either way: what Nuke takes for granted when it is missing is not documented.
    values["mbo"] = "1" if shape.motion_blur else "0"
    if not isinstance(shape.feather, list) and shape.feather:
        values["fx"] = values["fy"] = number(shape.feather)
    if shape.closed:
        values.update(osw=number(10), osf="0", str="1", tt=number(4))
    else:
        values.update(osbe="0", osee="0", osw="1", osf="0", str="1", tt=number(10))
    return " ".join(f"{name} {value}" for name, value in values.items())


def _overlay(color: Tuple[float, float, float]) -> Dict[str, str]:
    red, green, blue = color
    return {"ro": number(red), "go": number(green), "bo": number(blue), "ao": "1"}


def _lifetime(shape: Shape, frame_range: Tuple[int, int]) -> Dict[str, str]:
    """Nothing if visible on the whole shot, a lifetime for one range, a keyed switch for more."""
    spans = merged_spans(shape.visible)
    if not spans or (spans[0][0] <= frame_range[0] and spans[0][1] >= frame_range[1]):
        return {}
    if len(spans) == 1:
        first, last = spans[0]
        return {"ltt": number(4), "ltn": number(first), "ltm": number(last)}
    switch: Dict[int, int] = {}
    for first, last in spans:
        switch.setdefault(first - 1, 0)
        switch.update({first: 1, last: 1, last + 1: 0})
    frames = sorted(switch)
    return {"vis": switch_curve(frames, [switch[frame] for frame in frames])}


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


FORMAT = Format("nuke", "nk", "Nuke Roto node", write)
