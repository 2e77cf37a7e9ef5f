"""Properties: constant values, keyed values, lists of objects; and the editor that changes keys."""

from __future__ import annotations

import bisect
from collections.abc import Callable
from typing import Any

from .strict import HostMisuseError, Strict, need, number
from .values import Color, Point3D

LISTS = {
    "mode": ("Add", "Subtract", "Difference", "Max", "Inside"),
    "blurType": ("Centered", "Inner", "Outer"),
    "capStyle": ("Flat", "Round"),
}


class Property(Strict):
    """``kind`` is one of Boolean, Color, List, Number, Objects, Path, Point, Source, String."""

    Hold, Linear, EaseIn, EaseOut, EaseInOut, CatmullRom = range(6)

    def __init__(self, id: str, label: str = "", value: Any = "", info: Any = None) -> None:
        need(value, str, "the default of a user property")
        self._setup(need(id, str, "id"), "String", value)
        self._label = need(label, str, "label")
        self._user = True

    def _setup(self, id: str, kind: str, value: Any) -> Property:
        self._id, self._kind, self._value = id, kind, value
        self._frames: list[int] = []
        self._values: list[Any] = []
        self._interpolations: list[int] = []
        self._constant = kind != "Path"
        self._hidden = self._user = False
        self._owner: Any = None
        return self

    @classmethod
    def _make(cls, id: str, kind: str, value: Any, owner: Any) -> Property:
        made = cls.__new__(cls)
        made._setup(id, kind, value)
        made._owner = owner
        return made

    def _changed(self, what: str) -> None:
        if self._owner is not None:
            self._owner._edited(f"{what} of {self._id}")

    # -- what the host tells

    @property
    def name(self) -> str:
        return self._id

    @property
    def type(self) -> str:
        return self._kind

    @property
    def items(self) -> list[str]:
        if self._kind != "List":
            raise HostMisuseError(f"{self._id} is no list")
        return list(LISTS[self._id])

    @property
    def item(self) -> str | None:
        return LISTS[self._id][self._value] if self._kind == "List" else None

    @property
    def keys(self) -> list[int] | None:
        return list(self._frames) if self._keyable else None

    @property
    def numKeys(self) -> int:
        return len(self._frames)

    @property
    def range(self) -> tuple[int, int] | None:
        return (self._frames[0], self._frames[-1]) if self._frames else None

    @property
    def numObjects(self) -> int:
        return len(self._objects())

    @property
    def _keyable(self) -> bool:
        return self._kind in ("Color", "Number", "Path", "Point")

    @property
    def hidden(self) -> bool:
        return self._hidden

    @hidden.setter
    def hidden(self, value: bool) -> None:
        self._hidden = need(value, bool, "hidden")

    @property
    def userDefined(self) -> bool:
        return self._user

    @property
    def constant(self) -> bool:
        return self._constant

    @constant.setter
    def constant(self, value: bool) -> None:
        if not self._keyable:
            raise HostMisuseError(f"{self._id} cannot be animated")
        self._changed("constant")
        if self._constant and not need(value, bool, "constant") and not self._frames:
            self._put(0, self._value)  # as seen in the field: the value becomes a key on frame 0
        self._constant = value

    @property
    def value(self) -> Any:
        """The value of a property without keys."""
        return None if self._frames else self._value

    @value.setter
    def value(self, value: Any) -> None:
        if self._frames:
            raise HostMisuseError(f"{self._id} has keys")
        checked = self._checked(value)
        self._changed("value")
        self._value = checked

    def getValue(self, frame: float = 0.0) -> Any:
        frame = number(frame, "frame")
        if self._constant or not self._frames:
            return self._value
        return self._at(frame)

    def setValue(self, value: Any, frame: int) -> None:
        if self._constant:
            raise HostMisuseError(f"{self._id} is constant: setValue keys it")
        self._changed("key")
        self._put(need(frame, int, "frame"), self._checked(value))

    def interpolation(self, index: int) -> int:
        return self._interpolations[need(index, int, "index")]

    def moveKeys(self, n: int) -> None:
        self._changed("keys")
        self._frames = [frame + need(n, int, "n") for frame in self._frames]

    # -- lists of objects

    def _objects(self) -> list[Any]:
        if self._kind != "Objects":
            raise HostMisuseError(f"{self._id} holds no objects")
        return self._value

    def addObjects(self, objects: list[Any]) -> None:
        children = self._objects()
        for each in need(objects, list, "objects"):
            self._owner._check_child(each)
            if each._parent is not None:
                raise HostMisuseError(f"{each._label} has a parent already")
        self._changed("children")
        for each in objects:
            each._parent = self._owner
            children.append(each)

    def removeObjects(self, objects: list[Any]) -> None:
        children = self._objects()
        self._changed("children")
        for each in need(objects, list, "objects"):
            if each not in children:
                raise HostMisuseError(f"{each._label} is no child of {self._owner._label}")
            children.remove(each)
            each._parent = None

    # -- inside

    def _put(self, frame: int, value: Any) -> None:
        at = bisect.bisect_left(self._frames, frame)
        if at < len(self._frames) and self._frames[at] == frame:
            self._values[at] = value
            return
        self._frames.insert(at, frame)
        self._values.insert(at, value)
        self._interpolations.insert(at, self._default_interpolation)

    _default_interpolation = Linear

    def _delete(self, index: int) -> None:
        for column in (self._frames, self._values, self._interpolations):
            del column[index]

    def _at(self, frame: float) -> Any:
        after = bisect.bisect_right(self._frames, frame)
        if after == 0:
            return self._values[0]
        if after == len(self._frames) or self._frames[after - 1] == frame:
            return self._values[after - 1]
        before = after - 1
        if self._interpolations[before] == self.Hold:
            return self._values[before]
        if self._interpolations[before] != self.Linear:
            raise NotImplementedError("the fake evaluates held and linear keys")
        first, last = self._frames[before], self._frames[after]
        return mixed(self._values[before], self._values[after], (frame - first) / (last - first))

    def _checked(self, value: Any) -> Any:
        return _CHECKS[self._kind](self._id, value)


def mixed(a: Any, b: Any, share: float) -> Any:
    if isinstance(a, Point3D):
        return Point3D(*(p + share * (q - p) for p, q in zip(_xyz(a), _xyz(b), strict=True)))
    if hasattr(a, "_mixed"):
        return a._mixed(b, share)
    return a + share * (b - a)


def _xyz(point: Point3D) -> tuple[float, float, float]:
    return point.x, point.y, point.z


def _list_value(id: str, value: Any) -> int:
    need(value, int, id)
    if not 0 <= value < len(LISTS[id]):
        raise TypeError(f"{id} has no item {value}")
    return int(value)


def _path_value(id: str, value: Any) -> Any:
    if not hasattr(value, "_points"):
        raise TypeError(f"{id}: {value!r} is no path")
    return value._as_stored()


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "Boolean": lambda id, value: need(value, bool, id),
    "Color": lambda id, value: need(value, Color, id),
    "List": _list_value,
    "Number": lambda id, value: number(value, id),
    "Path": _path_value,
    "Point": lambda id, value: need(value, Point3D, id),
    "String": lambda id, value: need(value, str, id),
    "Source": lambda id, value: value,
}


class PropertyEditor(Strict):
    """Changes gathered and made by `execute`."""

    def __init__(self, prop: Property) -> None:
        self._prop = need(prop, Property, "PropertyEditor")
        self._steps: list[tuple[Any, ...]] = []

    def setValue(self, value: Any, frame: int) -> None:
        self._steps.append(("set", self._prop._checked(value), need(frame, int, "frame")))

    def deleteKey(self, index: int) -> None:
        self._steps.append(("delete", need(index, int, "index")))

    def execute(self) -> None:
        self._prop._changed("keys")
        for step in self._steps:
            if step[0] == "set":
                self._prop._put(step[2], step[1])
            else:
                self._prop._delete(step[1])
        self._steps = []
