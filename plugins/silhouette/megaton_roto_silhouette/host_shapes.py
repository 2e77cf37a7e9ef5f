"""What stands in a Silhouette layer now, as plain data that any thread may work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Tuple

from roto_shapes.evaluate import interpolated_points
from roto_shapes.formats.silhouette_lower import Space, collapsed
from roto_shapes.model import ControlPoint, Key
from roto_shapes.outlines import Outline

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

    def level(self, frame: int) -> float:
        """Opacity 0..100 on a session frame."""
        before = [i for i, (at, _) in enumerate(self.levels) if at <= frame]
        if not before or before[-1] + 1 == len(self.levels):
            return self.levels[before[-1] if before else 0][1]
        i = before[-1]
        (first, a), (last, b) = self.levels[i : i + 2]
        return a if self.held[i] else a + (b - a) * (frame - first) / (last - first)

    def outline(self, frame: int) -> Outline:
        """The curve on a session frame, exactly."""
        keys = [Key(at, points) for at, points in sorted(self.keys.items())]
        points = interpolated_points(keys, frame)
        if self.kind == "bspline":
            (key,) = collapsed([Key(frame, points)], self.closed)
            points = key.points
        return Outline(points, self.kind, "subtract" if self.subtract else "add")


@dataclass
class HostLayer:
    note: Dict[str, Any]
    label: str
    shapes: List[HostShape] = field(default_factory=list)

    def outlines(self, frame: int) -> Tuple[Outline, ...]:
        """What the layer shows on a session frame, lowest first; empty if nothing."""
        shown: List[Outline] = []
        for shape in self.shapes:
            if shape.closed and not shape.inverted and shape.keys and shape.level(frame) > 0:
                outline = shape.outline(frame)
                if len(outline.points) >= 3 and (shown or outline.mode == "add"):
                    shown.append(outline)
        return tuple(shown)


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
