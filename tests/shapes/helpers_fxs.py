"""A checker of Silhouette shape files (.fxs), written from the grammar and not from our writer.

It parses the XML, holds it against the rules of the format, and evaluates the curves on a session
frame. It imports nothing of the product.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from itertools import pairwise

PAIR = re.compile(r"\(-?\d+\.\d+,-?\d+\.\d+\)")
TUPLE = re.compile(r"\(-?\d+(\.\d+)?(,-?\d+(\.\d+)?)+\)")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
INTERPOLATIONS = ("linear", "hold", "catmullrom")


class CheckError(Exception):
    pass


def need(condition, what):
    if not condition:
        raise CheckError(what)


def numbers(text):
    need(TUPLE.fullmatch(text) or NUMBER.fullmatch(text), f"numbers {text!r}")
    return tuple(map(float, text.strip("()").split(",")))


@dataclass
class Property:
    """A constant (text), or keys (frame, interpolation, content)."""

    constant: str | None = None
    keys: list = field(default_factory=list)

    def at(self, frame, lerp):
        if not self.keys:
            return self.constant
        if frame <= self.keys[0][0]:
            return self.keys[0][2]
        for (f0, kind, a), (f1, _, b) in pairwise(self.keys):
            if f0 <= frame < f1:
                need(kind in ("linear", "hold"), f"cannot evaluate {kind}")
                return a if kind == "hold" else lerp(a, b, (frame - f0) / (f1 - f0))
        return self.keys[-1][2]


def lerp_tuple(a, b, t):
    return tuple(p + (q - p) * t for p, q in zip(a, b, strict=True))


def lerp_path(a, b, t):
    return [
        [lerp_tuple(p, q, t) for p, q in zip(m, n, strict=True)] for m, n in zip(a, b, strict=True)
    ]


@dataclass
class Item:
    """A layer or a shape."""

    kind: str
    label: str
    attributes: dict
    properties: dict
    children: list = field(default_factory=list)
    closed: bool = True
    parents: list = field(default_factory=list)

    def number(self, name, frame):
        prop = self.properties[name]
        if prop.constant is not None:
            return float(prop.constant)
        return prop.at(frame, lerp_tuple)[0]

    def offset(self, frame):
        position = self.properties.get("transform.position", Property("(0,0)"))
        if position.constant is not None:
            return numbers(position.constant)
        return position.at(frame, lerp_tuple)

    def path(self, frame):
        """Points as lists of pairs, the layers' positions added."""
        points = self.properties["path"].at(frame, lerp_path)
        for layer in self.parents:
            dx, dy = layer.offset(frame)
            points = [[(x + dx, y + dy) for x, y in point] for point in points]
        return points


@dataclass
class File:
    width: int
    height: int
    pixel_aspect: float
    start: int
    work_range: tuple
    items: list

    def pixel(self, point):
        """Plate pixels, origin top-left, y down."""
        x, y = point
        return (
            x * self.height / self.pixel_aspect + self.width / 2,
            y * self.height + self.height / 2,
        )


def read(text, strict=True):
    root = ET.fromstring(text)
    need(root.tag == "Silhouette", f"root {root.tag}")
    need("xmlns" not in text, "a namespace")
    file = File(
        int(root.get("width")),
        int(root.get("height")),
        float(root.get("pixelAspect", "1")),
        int(root.get("sessionStartFrame")),
        (int(root.get("workRangeStart")), int(root.get("workRangeEnd"))),
        [],
    )
    need(file.width > 0 and file.height > 0, "size")
    need(file.work_range[0] <= file.work_range[1], "work range")
    for element in root:
        need(element.tag in ("Layer", "Shape"), f"tag {element.tag} under the root")
        need(element.tag == element.get("type"), "tag and type differ")
        file.items.append(_item(element, [], strict))
    if strict:
        _check_unique(file)
    return file


def everything(items):
    for item in items:
        yield item
        yield from everything(item.children)


def shapes(file):
    """All shapes, lowest first."""
    return [item for item in everything(file.items) if item.kind == "Shape"]


def _check_unique(file):
    for name in ("id", "uuid"):
        values = [item.attributes.get(name) for item in everything(file.items)]
        need(None not in values, f"an item without {name}")
        need(len(values) == len(set(values)), f"{name} repeats")


def _item(element, parents, strict):
    kind = element.get("type")
    need(kind in ("Layer", "Shape"), f"type {kind}")
    for name in ("selected", "expanded", "hidden", "locked"):
        need(element.get(name, "True") in ("True", "False"), f"{name}={element.get(name)}")
    item = Item(kind, element.get("label"), dict(element.attrib), {}, parents=parents)
    (group,) = element
    need(group.tag == "Properties", f"{group.tag} in {item.label}")
    for prop in group:
        name = prop.get("id")
        need(prop.tag == "Property" and name, f"{prop.tag} without id")
        need(name not in item.properties, f"{name} twice")
        if name == "objects":
            need(kind == "Layer", "objects of a shape")
            for child in prop:
                need(child.tag == "Object", f"tag {child.tag} inside a layer")
                item.children.append(_item(child, [*parents, item], strict))
            item.properties[name] = Property()
        else:
            item.properties[name] = _property(prop, name, item, strict)
    if kind == "Layer":
        need("objects" in item.properties, f"layer {item.label} without objects")
    else:
        _check_shape(item, strict)
    return item


def _property(prop, name, item, strict):
    values, keys = prop.findall("Value"), prop.findall("Key")
    need(len(values) + bool(keys) == 1 or not strict, f"{name}: neither one value nor keys")
    if keys:
        need(prop.get("constant") is None, f"{name}: keyed and constant")
        found = [_key(key, name) for key in keys]
        frames = [key[0] for key in found]
        need(frames == sorted(set(frames)), f"{name}: key frames do not ascend")
        if name == "path":
            _check_paths(keys, item)
        return Property(keys=found)
    need(prop.get("constant") == "True" or not strict, f"{name}: a value not marked constant")
    text = (values[0].text or "") if values else ""
    _check_value(name, text)
    return Property(constant=text)


def _check_value(name, text):
    if name in ("invert", "motionBlur"):
        need(text in ("true", "false"), f"{name} is {text!r}")
    elif name == "opacity":
        need(0 <= float(text) <= 100, f"opacity {text}")
    elif name in ("color", "outlineColor"):
        need(all(0 <= v <= 1 for v in numbers(text)), f"{name} {text}")
    elif name == "mode":
        need(text in ("Add", "Subtract", "Difference", "Max", "Inside"), f"mode {text}")
    elif text.startswith("("):
        numbers(text)


def _key(key, name):
    frame = key.get("frame")
    need(re.fullmatch(r"-?\d+", frame), f"key frame {frame}")
    need(key.get("interp") in INTERPOLATIONS, f"interp {key.get('interp')}")
    if name != "path":
        value = numbers(key.text.strip())
        if name == "opacity":
            need(0 <= value[0] <= 100, f"opacity {value}")
        return int(frame), key.get("interp"), value
    return int(frame), key.get("interp"), [_point(point) for point in key.find("Path")]


def _point(point):
    need(not point.attrib, "attributes of a point")
    pairs = PAIR.findall(point.text)
    need(",".join(pairs) == point.text, f"point {point.text!r}")
    return [numbers(pair) for pair in pairs]


def _check_paths(keys, item):
    paths = [key.find("Path") for key in keys]
    need({p.get("type") for p in paths} == {item.attributes.get("shape_type")}, "path type")
    need({p.get("closed") for p in paths} in ({"True"}, {"False"}), "closed differs")
    need(len({len(p) for p in paths}) == 1, "point count differs")
    item.closed = paths[0].get("closed") == "True"
    pairs = {"Bspline": 1, "Bezier": 3}[item.attributes["shape_type"]]
    for path in paths:
        need(len(path) >= (3 if item.closed else 2), "too few points")
        need(all(len(PAIR.findall(point.text)) == pairs for point in path), "pairs per point")


def _check_shape(item, strict):
    need("path" in item.properties, f"shape {item.label} without path")
    if strict:
        need({"mode", "opacity", "invert", "strokeWidth"} <= set(item.properties), "properties")


# --- curves


def curve_point(points, kind, closed, segment, t):
    """The point of the curve at ``t`` of a segment (a span between two points or vertices)."""
    count = len(points)
    if kind == "Bezier":
        start, end = points[segment], points[(segment + 1) % count]
        a, b, c, d = start[0], start[2], end[1], end[0]
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    else:
        first = segment - 1 if closed else segment
        a, b, c, d = (points[(first + i) % count][0] for i in range(4))
        weights = (
            (1 - t) ** 3 / 6,
            (3 * t**3 - 6 * t * t + 4) / 6,
            (-3 * t**3 + 3 * t * t + 3 * t + 1) / 6,
            t**3 / 6,
        )
    return tuple(sum(w * p[i] for w, p in zip(weights, (a, b, c, d), strict=True)) for i in (0, 1))


def segment_count(points, kind, closed):
    if closed:
        return len(points)
    return len(points) - (1 if kind == "Bezier" else 3)
