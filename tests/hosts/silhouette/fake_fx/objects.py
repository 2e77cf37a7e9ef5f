"""What a node holds: layers, shapes with their paths, trackers."""

from __future__ import annotations

import itertools
import math
from typing import Any, ClassVar

from .properties import Property
from .strict import HostMisuseError, Strict, need, number
from .values import Color, Matrix, Point3D

_ids = itertools.count(1)
Pair = tuple[float, float]


class Object(Strict):
    """Common to all: id, label, properties."""

    _application: Any = None

    def _begin(self, label: str | None) -> None:
        self._id = f"{type(self).__name__}_{next(_ids)}"
        self._label = need(label or type(self).__name__, str, "label")
        self._parent: Any = None
        self._properties: dict[str, Property] = {}
        self._note = ""
        self._locked, self._visible = False, True

    def _add(self, id: str, kind: str, value: Any) -> None:
        self._properties[id] = Property._make(id, kind, value, self)

    def _root(self) -> Any:
        return self if self._parent is None else self._parent._root()

    def _edited(self, what: str) -> None:
        """Edits of what is in a session belong to an undo group."""
        root = self._root()
        if getattr(root, "_in_project", False):
            self._application._edited(f"{self._label}: {what}")

    @property
    def id(self) -> str:
        return self._id

    @property
    def type(self) -> str:
        return type(self).__name__

    def isType(self, name: str) -> bool:
        return any(kind.__name__ == name for kind in type(self).__mro__)

    @property
    def label(self) -> str:
        return self._label

    @label.setter
    def label(self, value: str) -> None:
        self._edited("label")
        self._label = need(value, str, "label")

    @property
    def note(self) -> str:
        return self._note

    @note.setter
    def note(self, value: str) -> None:
        self._edited("note")
        self._note = need(value, str, "note")

    @property
    def visible(self) -> bool:
        return self._visible

    @visible.setter
    def visible(self, value: bool) -> None:
        self._edited("visible")
        self._visible = need(value, bool, "visible")

    @property
    def locked(self) -> bool:
        return self._locked

    @property
    def parent(self) -> Any:
        return self._parent

    @property
    def properties(self) -> dict[str, Property]:
        return dict(self._properties)

    def __getitem__(self, name: str) -> Property:
        return self._properties[name]

    @property
    def children(self) -> list[Any] | None:
        held = self._properties.get("objects")
        return list(held._objects()) if held else None

    def addProperty(self, prop: Property, after: Any = None) -> None:
        if not need(prop, Property, "property")._user:
            raise HostMisuseError("only user properties are added")
        if prop._id in self._properties:
            raise HostMisuseError(f"{self._label} has a property {prop._id}")
        self._edited(f"property {prop._id}")
        prop._owner = self
        self._properties[prop._id] = prop

    def removeProperty(self, prop: Property) -> None:
        self._edited(f"property {prop._id}")
        del self._properties[prop._id]

    def getTransform(self, frame: float, collapsed: bool = True) -> Matrix:
        """The accumulated transform of a layer and those around it."""
        number(frame, "frame")
        own = Matrix()
        position = self._properties.get("transform.position")
        if position is not None:
            value = position._value if position._constant else position._at(frame)
            own.translate(value.x, value.y)
        if collapsed and isinstance(self._parent, Layer):
            return self._parent.getTransform(frame) * own
        return own

    def _check_child(self, child: Any) -> None:
        raise HostMisuseError(f"a {self._label} has no children")

    # last: it hides the decorator of that name
    def property(self, name: str) -> Property | None:
        return self._properties.get(need(name, str, "property"))


class Layer(Object):
    def __init__(self, label: str | None = None) -> None:
        self._begin(label)
        self._add("color", "Color", Color(1, 1, 1))
        self._add("mode", "List", 0)
        self._add("opacity", "Number", 100.0)
        self._add("invert", "Boolean", False)
        self._add("transform.position", "Point", Point3D())
        self._add("objects", "Objects", [])

    def _check_child(self, child: Any) -> None:
        need(child, (Layer, Shape, Tracker), "child of a layer")


class Tracker(Object):
    def __init__(self, label: str | None = None) -> None:
        self._begin(label)
        self._add(self._application._tracker_property, "Point", Point3D())
        self._add("color", "Color", Color(1, 0, 0))


class ShapePath(Strict):
    """Points of one key, in the shape's layer's space (image heights from the centre, y down).

    A B-spline's are taken as a list of Point3D (nobody has published how the real one is filled; an
    application set to ``opaque_paths`` refuses that). A Bezier's are three pairs per point and not
    to be had one by one.
    """

    def __init__(self, kind: int, closed: bool) -> None:
        self._kind, self._closed = kind, closed
        self._points: list[Any] = []

    def _copy(self) -> ShapePath:
        copy = ShapePath(self._kind, self._closed)
        copy._points = list(self._points)
        return copy

    def _as_stored(self) -> ShapePath:
        keep = Object._application._stored
        copy = self._copy()
        copy._set_rows([tuple((keep(x), keep(y)) for x, y in row) for row in self._rows()])
        return copy

    def _rows(self) -> list[tuple[Pair, ...]]:
        if self._kind == Shape.Bezier:
            return [tuple(point) for point in self._points]
        return [((p.x, p.y),) for p in self._points]

    def _list(self) -> list[Any]:
        if self._kind != Shape.Bspline or Object._application._opaque_paths:
            raise HostMisuseError("the points of this path are not to be had")
        self._guard.check("ShapePath points")
        return self._points

    def append(self, point: Point3D) -> None:
        self._list().append(need(point, Point3D, "point"))

    def __len__(self) -> int:
        return len(self._list())

    def __getitem__(self, index: int) -> Point3D:
        point = self._list()[need(index, int, "index")]
        return Point3D(point.x, point.y, point.z)

    def __setitem__(self, index: int, point: Point3D) -> None:
        self._list()[index] = need(point, Point3D, "point")

    def _mixed(self, other: ShapePath, share: float) -> ShapePath:
        mixed = self._copy()
        mixed._set_rows(
            [
                tuple(
                    (x0 + share * (x1 - x0), y0 + share * (y1 - y0))
                    for (x0, y0), (x1, y1) in zip(a, b, strict=True)
                )
                for a, b in zip(self._rows(), other._rows(), strict=True)
            ]
        )
        return mixed

    def _set_rows(self, rows: list[tuple[Pair, ...]]) -> None:
        bezier = self._kind == Shape.Bezier
        self._points = [row if bezier else Point3D(*row[0]) for row in rows]

    def transform(self, matrix: Matrix, selected: bool = False) -> None:
        need(matrix, Matrix, "matrix")
        self._set_rows([tuple(matrix._apply(x, y) for x, y in row) for row in self._rows()])

    def evalPoint(self, t: float) -> Point3D:
        """The curve's point; segment ``floor(t)``."""
        t = number(t, "t")
        rows = self._rows()
        count = len(rows)
        segment = min(math.floor(t), self._segments() - 1)
        u = t - segment
        if self._kind == Shape.Bezier:
            start, end = rows[segment % count], rows[(segment + 1) % count]
            corners = (start[0], start[2], end[1], end[0])
            weights = ((1 - u) ** 3, 3 * u * (1 - u) ** 2, 3 * u * u * (1 - u), u**3)
        else:
            first = segment - 1 if self._closed else segment
            corners = tuple(rows[(first + i) % count][0] for i in range(4))
            weights = (
                (1 - u) ** 3 / 6,
                (3 * u**3 - 6 * u * u + 4) / 6,
                (-3 * u**3 + 3 * u * u + 3 * u + 1) / 6,
                u**3 / 6,
            )
        x, y = (sum(w * c[i] for w, c in zip(weights, corners, strict=True)) for i in (0, 1))
        return Point3D(x, y)

    def _segments(self) -> int:
        count = len(self._points)
        if self._closed:
            return count
        return count - (1 if self._kind == Shape.Bezier else 3)


class Shape(Object):
    Bezier, Bspline, Xspline = range(3)
    _names: ClassVar = ("Bezier", "Bspline", "Xspline")

    def __init__(self, type: int, label: str | None = None) -> None:
        if need(type, int, "type") not in (self.Bezier, self.Bspline, self.Xspline):
            raise TypeError(f"no shape type {type}")
        self._begin(label)
        self._kind = type
        self._closed = False
        self._add("path", "Path", None)
        self._add("opacity", "Number", 100.0)
        self._add("mode", "List", 0)
        self._add("invert", "Boolean", False)
        self._add("motionBlur", "Boolean", True)
        self._add("outlineColor", "Color", Color(1, 1, 1))
        self._add("color", "Color", Color(1, 1, 1))
        self._add("feather", "Number", 0.0)
        self._add("blur", "Number", 0.0)
        self._add("blurType", "List", 0)
        self._add("adjust", "Number", 0.0)
        self._add("strokeWidth", "Number", 0.0)
        self._add("capStyle", "List", 0)

    @property
    def shapeType(self) -> int:
        return self._kind

    @property
    def closed(self) -> bool:
        return self._closed

    @closed.setter
    def closed(self, value: bool) -> None:
        self._edited("closed")
        self._closed = need(value, bool, "closed")
        for path in self._properties["path"]._values:
            path._closed = value

    @property
    def path(self) -> Property:
        return self._properties["path"]

    @property
    def range(self) -> tuple[float, float]:
        paths = self._properties["path"]._values
        return 0.0, float(paths[0]._segments()) if paths else 0.0

    def createPath(self, frame: int | None = None) -> ShapePath:
        made = ShapePath(self._kind, self._closed)
        if frame is not None:
            raise HostMisuseError("createPath(frame) keys an empty path: not used")
        return made

    def setPath(self, path: ShapePath, frame: int) -> None:
        need(path, ShapePath, "path")
        least = 3 if self._closed else 2
        if path._kind != self._kind or len(path._points) < least:
            raise HostMisuseError(f"a path of {len(path._points)} points for {self._label}")
        known = self._properties["path"]._values
        if known and len(known[0]._points) != len(path._points):
            raise HostMisuseError(f"{self._label}: another number of points")
        self._edited("path")
        copy = path._as_stored()
        copy._closed = self._closed
        self._properties["path"]._put(need(frame, int, "frame"), copy)

    def evalPath(self, frame: float) -> ShapePath:
        keyed = self._properties["path"]
        if not keyed._frames:
            raise HostMisuseError(f"{self._label} has no path")
        found: ShapePath = keyed._at(number(frame, "frame"))
        return found._copy()
