"""Projects, sessions, sources and nodes."""

from __future__ import annotations

from typing import Any

from .objects import Layer, Object, Shape, Tracker
from .strict import HostMisuseError, Strict, need, number


class Source(Object):
    def __init__(self, path: str, part: int = 0) -> None:
        self._begin(None)
        self._add("path", "String", need(path, str, "path"))


class Port(Strict):
    def __init__(self, node: Node, name: str) -> None:
        self._node, self._name = node, name
        self._source: Port | None = None

    @property
    def node(self) -> Node:
        return self._node

    @property
    def source(self) -> Port | None:
        return self._source

    def connect(self, other: Port) -> None:
        other._source = self


class Node(Object):
    """``inputs`` and ``outputs``: one each here."""

    _shaped = ("RotoNode",)

    def __init__(self, type: str) -> None:
        self._begin(type)
        self._type = need(type, str, "type")
        self._state: dict[str, Any] = {}
        self._inputs = [] if type == "SourceNode" else [Port(self, "input")]
        self._outputs = [Port(self, "output")]
        if type in self._shaped:
            self._add("objects", "Objects", [])
        if type == "SourceNode":
            self._add("stream.primary", "Source", None)
            self._add("offset", "Number", 0.0)

    @property
    def type(self) -> str:
        return self._type

    @property
    def session(self) -> Any:
        return self._parent

    @property
    def inputs(self) -> list[Port]:
        return list(self._inputs)

    @property
    def outputs(self) -> list[Port]:
        return list(self._outputs)

    @property
    def primaryInput(self) -> Port | None:
        return self._inputs[0] if self._inputs else None

    @property
    def connectedInputs(self) -> list[Port]:
        return [port for port in self._inputs if port._source is not None]

    def getState(self, key: str) -> Any:
        return self._state.get(need(key, str, "key"))

    def setState(self, key: str, value: Any) -> None:
        need(value, dict, "state")
        self._edited(f"state {key}")
        self._state[need(key, str, "key")] = value

    def supportsChildType(self, name: str) -> bool:
        return self._type in self._shaped and name in ("Shape", "Layer", "Tracker")

    def _check_child(self, child: Any) -> None:
        need(child, (Layer, Shape, Tracker), "child of a node")


class Session(Object):
    def __init__(self, width: int, height: int, start: int, duration: int) -> None:
        self._begin("session")
        self._width, self._height = width, height
        self._pixel_aspect, self._start, self._duration = 1.0, start, duration
        self._rate = 24.0
        self._nodes: list[Node] = []
        self._work_range = (0, duration - 1)

    @property
    def width(self) -> int:
        return self._width

    @property
    def height(self) -> int:
        return self._height

    @property
    def size(self) -> tuple[int, int]:
        return self._width, self._height

    @property
    def pixelAspect(self) -> float:
        return self._pixel_aspect

    @property
    def startFrame(self) -> int:
        return self._start

    @property
    def duration(self) -> int:
        return self._duration

    @property
    def frameRate(self) -> float:
        return self._rate

    @property
    def workRange(self) -> tuple[int, int]:
        return self._work_range

    @property
    def nodes(self) -> list[Node]:
        return list(self._nodes)

    def addNode(self, node: Node) -> None:
        if need(node, Node, "node")._parent is not None:
            raise HostMisuseError("the node is in a session already")
        self._edited("nodes")
        node._parent = self
        self._nodes.append(node)


class Project(Object):
    _in_project = True

    def __init__(self) -> None:
        self._begin("project")
        self._items: list[Object] = []

    def addItem(self, item: Object) -> None:
        self._edited("items")
        item._parent = self
        self._items.append(item)


class Player(Strict):
    """``frame`` counts from 0 at the session's first frame."""

    def __init__(self) -> None:
        self._frame = 0

    @property
    def frame(self) -> int:
        return self._frame

    @frame.setter
    def frame(self, value: int) -> None:
        number(value, "frame")
        self._frame = value
