"""What stands in a Silhouette layer now, as plain data that any thread may work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Tuple

from roto_shapes.formats.silhouette_lower import Space
from roto_shapes.model import ControlPoint

from . import marks
from .paths import Paths, to_image

Points = Tuple[ControlPoint, ...]


@dataclass
class HostShape:
    """``keys``: points in plate pixels by session frame, the layers' motion applied; those of a
    ``bspline`` are its vertices as the host has them. ``levels``: (session frame, opacity 0..100)
    with straight lines or, where ``held``, steps between; one entry if it is constant.
    """

    note: Dict[str, Any]
    label: str
    kind: str
    closed: bool
    subtract: bool
    inverted: bool
    keys: Dict[int, Points]
    levels: List[Tuple[int, float]]
    held: List[bool]


@dataclass
class HostLayer:
    note: Dict[str, Any]
    label: str
    shapes: List[HostShape] = field(default_factory=list)


def reading(fx: Any, paths: Paths, layer: Any, space: Space, found: HostLayer) -> Iterator[None]:
    """Read a layer's B-splines into ``found``, one key per step."""
    for child in layer.children or []:
        if child.isType("Layer"):
            yield from reading(fx, paths, child, space, found)
        elif child.isType("Shape"):
            shape = read_properties(fx, child)
            shape.kind = "bspline"
            found.shapes.append(shape)
            for frame in child.property("path").keys:
                path = child.evalPath(frame)
                to_image(path, child, frame)
                shape.keys[int(frame)] = tuple(
                    ControlPoint(*space.pixel(vertex)) for vertex in paths.vertices(path)
                )
                yield


def head(layer: Any) -> HostLayer:
    return HostLayer(marks.read(layer), str(layer.label))


def read_properties(fx: Any, shape: Any) -> HostShape:
    """Everything but the path."""
    opacity = shape.property("opacity")
    levels: List[Tuple[int, float]] = []
    held: List[bool] = []
    if opacity.constant or not opacity.numKeys:
        levels, held = [(0, float(opacity.getValue(0)))], [False]
    else:
        for index, frame in enumerate(opacity.keys):
            levels.append((int(frame), float(opacity.getValue(frame))))
            held.append(opacity.interpolation(index) == fx.Property.Hold)
    return HostShape(
        note=marks.read(shape),
        label=str(shape.label),
        kind="",
        closed=bool(shape.closed),
        subtract=shape.property("mode").item == "Subtract",
        inverted=bool(shape.property("invert").value),
        keys={},
        levels=levels,
        held=held,
    )


def all_bsplines(fx: Any, layer: Any) -> bool:
    """Whether `reading` can read every shape of the layer."""
    for child in layer.children or []:
        if child.isType("Layer"):
            if not all_bsplines(fx, child):
                return False
        elif child.isType("Shape") and child.shapeType != fx.Shape.Bspline:
            return False
    return True
