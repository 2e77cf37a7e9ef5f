"""Silhouette's own import and export of shape files, as far as the fake plays them.

Written from the grammar, on plain XML: nothing of the product is used.
"""

from __future__ import annotations

import re
import uuid
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from .objects import Layer, Shape, ShapePath
from .properties import LISTS, Property
from .strict import HostMisuseError, Strict
from .values import Color, Point3D

_NUMBER = re.compile(r"-?\d+\.?\d*")
_INTERPOLATIONS = {"hold": Property.Hold, "linear": Property.Linear}


class ShapeFiles(Strict):
    """``fx.io_modules["Silhouette Shapes"]``."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def importFile(self, path: str) -> None:
        node = self._application._active_node
        if node is None or "objects" not in node._properties:
            raise AssertionError("importer not ready")
        root = ET.parse(path).getroot()
        node._properties["objects"].addObjects([_read(element) for element in root])

    def export(self, path: str) -> None:
        chosen = self._application._selection
        session = self._application._session
        if not chosen:
            raise AssertionError("exporter not ready")
        tops = [each for each in chosen if each._parent not in chosen]
        counter = iter(range(10**6))
        body = "\n".join(_write(each, "", counter) for each in tops)
        last = session._start + session._duration - 1
        Path(path).write_text(
            f'<Silhouette width="{session._width}" height="{session._height}"'
            f' workRangeStart="{session._start}" workRangeEnd="{last}"'
            f' sessionStartFrame="{session._start}">\n{body}\n</Silhouette>\n',
            encoding="utf-8",
        )


def _numbers(text: str | None) -> list[float]:
    return [float(found) for found in _NUMBER.findall(text or "")]


def _read(element: ET.Element) -> Any:
    properties = {p.get("id"): p for p in element.find("Properties") or ()}
    label = element.get("label")
    if element.get("type") == "Layer":
        layer = Layer(label)
        layer._properties["color"]._value = Color(*_numbers(_text(properties, "color"))[:3])
        _keys(layer._properties["transform.position"], properties, lambda v: Point3D(*v[:2]))
        layer._properties["objects"].addObjects([_read(each) for each in properties["objects"]])
        return layer
    shape = Shape(Shape._names.index(element.get("shape_type")), label)
    _constants(shape, properties)
    for key in properties["path"]:
        frame, path = int(key.get("frame")), key.find("Path")
        shape._closed = path.get("closed") == "True"
        made = ShapePath(shape._kind, shape._closed)
        made._set_rows([_pairs(point.text) for point in path])
        prop = shape._properties["path"]
        prop._put(frame, made._as_stored())
        prop._interpolations[prop._frames.index(frame)] = _INTERPOLATIONS[key.get("interp")]
    return shape


def _pairs(text: str | None) -> tuple[tuple[float, float], ...]:
    numbers = _numbers(text)
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _constants(shape: Shape, properties: dict[str, ET.Element]) -> None:
    for name in LISTS:
        if name in properties:
            shape._properties[name]._value = LISTS[name].index(_text(properties, name))
    for name in ("invert", "motionBlur"):
        shape._properties[name]._value = _text(properties, name) == "true"
    shape._properties["outlineColor"]._value = Color(*_numbers(_text(properties, "outlineColor")))
    for name in ("opacity", "feather", "strokeWidth"):
        _keys(shape._properties[name], properties, lambda v: v[0])


def _text(properties: dict[str, ET.Element], name: str) -> str:
    return properties[name].findtext("Value") or ""


def _keys(prop: Property, properties: dict[str, ET.Element], make: Any) -> None:
    element = properties.get(prop._id)
    if element is None:
        return
    keys = element.findall("Key")
    if not keys:
        prop._value = make(_numbers(element.findtext("Value")))
        return
    prop._constant = False
    for key in keys:
        frame = int(key.get("frame"))
        prop._put(frame, make(_numbers(key.text)))
        prop._interpolations[prop._frames.index(frame)] = _INTERPOLATIONS[key.get("interp")]


def _write(thing: Any, parent: str, counter: Any) -> str:
    kind = type(thing).__name__
    if kind not in ("Layer", "Shape"):
        raise HostMisuseError(f"the exporter writes no {kind}")
    tag = "Object" if parent else kind
    marks = f' shape_type="{Shape._names[thing._kind]}"' if kind == "Shape" else ""
    if not thing._visible:
        marks += ' hidden="True"'
    marks += f' uuid="{uuid.uuid4()}"'
    lines = [f'<{tag} type="{kind}" id="{next(counter)}" label={quoteattr(thing._label)}{marks}>']
    lines.append("<Properties>")
    for prop in thing._properties.values():
        if prop._kind == "Objects":
            lines.append('<Property id="objects" constant="True">')
            lines += [_write(child, thing._label, counter) for child in prop._value]
            lines.append("</Property>")
        elif not prop._user:
            lines.append(_property(thing, prop))
    return "\n".join([*lines, "</Properties>", f"</{tag}>"])


def _property(thing: Any, prop: Property) -> str:
    if not prop._frames:
        return f'<Property id="{prop._id}" constant="True"><Value>{_value(prop)}</Value></Property>'
    names = {index: name for name, index in _INTERPOLATIONS.items()}
    keys = []
    for frame, value, kind in zip(prop._frames, prop._values, prop._interpolations, strict=True):
        text = _path(thing, value) if prop._kind == "Path" else _plain(value)
        keys.append(f'<Key frame="{frame}" interp="{names[kind]}">{text}</Key>')
    return f'<Property id="{prop._id}">' + "\n".join(keys) + "</Property>"


def _value(prop: Property) -> str:
    if prop._kind == "List":
        return LISTS[prop._id][prop._value]
    if prop._kind == "Boolean":
        return "true" if prop._value else "false"
    return _plain(prop._value)


def _plain(value: Any) -> str:
    if isinstance(value, Color):
        return f"({value.r:.9f},{value.g:.9f},{value.b:.9f})"
    if isinstance(value, Point3D):
        return f"({value.x:.9f},{value.y:.9f})"
    return f"{value:.9f}"


def _path(shape: Shape, path: ShapePath) -> str:
    points = [
        "<Point>" + ",".join(f"({x:.9f},{y:.9f})" for x, y in row) + "</Point>"
        for row in path._rows()
    ]
    name = Shape._names[shape._kind]
    return f'<Path closed="{shape._closed}" type="{name}">' + "".join(points) + "</Path>"
