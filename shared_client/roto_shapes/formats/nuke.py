"""A Nuke Roto node holding the document's shapes (Nuke 7 and later).

Nuke's space: pixels of the full-size format, origin bottom-left, y up, pixel edges on whole
numbers, so a plate y becomes ``height - y``. Nuke lists the topmost element first.
"""

from __future__ import annotations

import re
from typing import Dict, Iterable, Iterator, List, Tuple

from ..errors import RotoError
from ..geometry import outward_normals
from ..model import Document, Key, Layer, Shape, Transform
from .base import Format, LossyReport, Written
from .nuke_curves import (
    animated,
    feather_block,
    number,
    own_times_curve,
    point_block,
    switch_curve,
)
from .nuke_lower import Group, grouped, lowered, project
from .nuke_read import read

RENDERABLE = 512
OPEN_SPLINE = 1048576
RELATIVE_TANGENT = 8192
OPEN = 32
EXPANDED = 2097152
NODES = ("Roto", "RotoPaint")

_NOT_NODE_NAME = re.compile(r"[^A-Za-z0-9_]")


def write(
    document: Document, node_name: str = "", clipboard: bool = False, node: str = "Roto"
) -> Written:
    """The document as a ``.nk`` with one node: ``Roto``, or ``RotoPaint`` if ``node`` says so.

    ``clipboard`` writes the fragment Nuke puts on the clipboard, which connects to the selected
    node. Every outline equals ``roto_shapes.evaluate`` at keys and between (float32). Raises
    RotoError (``bad_request``) for another node.
    """
    if node not in NODES:
        raise RotoError(f"there is no shape node {node!r}", code="bad_request")
    report = LossyReport()
    low = lowered(document, report)
    tree = _element("Root", _centre(low), _items(low, grouped(low.layers)))
    curves = f"{{{{v x3f99999a}}\n{{f 0}}\n{{n\n{tree}}}}}"
    return Written(_script(curves, node, node_name or f"{node}1", clipboard), report)


def _script(curves: str, node: str, node_name: str, clipboard: bool) -> str:
    safe = _NOT_NODE_NAME.sub("_", node_name)
    name = f"_{safe}" if safe[0].isdigit() else safe
    head = ["version 13.2 v8"]
    connection = [" inputs 0"]
    if clipboard:
        head = ["set cut_paste_input [stack 0]", *head, "push $cut_paste_input"]
        connection = []
    # A RotoPaint node puts out every channel by itself.
    output = [" output alpha"] if node == "Roto" else []
    knobs = [
        *output,
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
    return "\n".join([*head, f"{node} {{", *connection, *knobs, "}", ""])


def _centre(document: Document) -> str:
    return f"{number(document.width / 2)} {number(document.height / 2)}"


def _token(name: str) -> str:
    return f'"{name}"' if re.search(r"\s", name) else name


def _element(name: str, transform: str, items: Iterable[str]) -> str:
    head = f"{{layer {_token(name)}\n{{f {EXPANDED | RENDERABLE}}}\n{{t {transform}}}\n{{a}}"
    return "\n".join([head, *items]) + "}"


def _items(low: Document, group: Group) -> Iterator[str]:
    for item in reversed(group.items):
        if isinstance(item, Layer):
            yield _layer(low, item)
        else:
            yield _element(item.name, _centre(low), _items(low, item))


def _layer(low: Document, layer: Layer) -> str:
    transform = _centre(low)
    if layer.transform is not None:
        transform = _transform(layer.transform, low.height)
    shapes = (_shape(low, layer, shape) for shape in reversed(layer.shapes))
    return _element(layer.name, transform, shapes)


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


def _shape(low: Document, layer: Layer, shape: Shape) -> str:
    flags = RELATIVE_TANGENT if shape.closed else RELATIVE_TANGENT | OPEN_SPLINE | OPEN
    curve = f"{{cc {{f {flags}}}\n{point_block(shape.keys, low.height)}}}"
    kind = RENDERABLE if shape.closed else RENDERABLE | OPEN_SPLINE
    return "\n".join(
        [
            f"{{curvegroup {_token(shape.name)} {kind} bezier",
            f"{{{curve}\n{_feather(shape, flags)}}}",
            f"{{t {_pivot(shape.keys[0], low.height)}}}",
            f"{{a {_attributes(layer, shape)}}}}}",
        ]
    )


def _pivot(key: Key, height: int) -> str:
    count = len(key.points)
    x = sum(point.x for point in key.points) / count
    y = sum(point.y for point in key.points) / count
    return f"{number(x)} {number(height - y)}"


def _feather(shape: Shape, flags: int) -> str:
    """The second curve: only per-point feather needs one."""
    if not isinstance(shape.feather, list):
        return "idem"
    offsets: List[List[Tuple[float, float]]] = []
    for key in shape.keys:
        normals = outward_normals(key.points, shape.closed)
        offsets.append([(nx * w, ny * w) for (nx, ny), w in zip(normals, shape.feather)])
    return f"{{cc {{f {flags}}}\n{feather_block(shape.keys, offsets)}}}"


def _attributes(layer: Layer, shape: Shape) -> str:
    values: Dict[str, str] = {}
    if shape.mode == "subtract":
        values.update(r="0", g="0", b="0", a="0")
    values.update(_overlay(shape.color or layer.color))
    values.update(_lifetime(shape))
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


def _lifetime(shape: Shape) -> Dict[str, str]:
    """Nothing if always visible, a lifetime for one range, a keyed switch for more."""
    if not shape.visible:
        return {}
    if len(shape.visible) == 1:
        first, last = shape.visible[0]
        return {"ltt": number(4), "ltn": number(first), "ltm": number(last)}
    switch: Dict[int, int] = {}
    for first, last in shape.visible:
        switch.setdefault(first - 1, 0)
        switch.update({first: 1, last: 1, last + 1: 0})
    frames = sorted(switch)
    return {"vis": switch_curve(frames, [switch[frame] for frame in frames])}


FORMAT = Format("nuke", "nk", "Nuke Roto node", write, read, project)
