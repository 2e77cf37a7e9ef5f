"""Nodes with the knobs of their class, inputs, and what Nuke knows about their picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from shapes import helpers_nk

from . import host
from .host import guarded, need
from .knobs import (
    Array_Knob,
    BBox_Knob,
    Boolean_Knob,
    Channel_Knob,
    Disable_Knob,
    Enumeration_Knob,
    EvalString_Knob,
    File_Knob,
    Format,
    Format_Knob,
    Int_Knob,
    Knob,
    PythonKnob,
    String_Knob,
    Tab_Knob,
)

_EDGES = ["hold", "loop", "bounce", "black"]
_SPACES = ["default", "linear", "sRGB", "rec709", "AlexaV3LogC", "Cineon"]


@guarded
class Element:
    """A shape or layer as the curves knob hands it out: its name is what the plugin may read."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Shape(Element):
    __slots__ = ()


class Layer(Element):
    __slots__ = ()


@guarded
class CurveKnob(Knob):
    """Text in, text out; a text that breaks the grammar is refused. ``_picked``: selected names."""

    __slots__ = ("_picked", "_value")

    def __init__(self, name: str, label: str | None = None) -> None:
        super().__init__(name, label)
        self._value = "{{v x3f99999a}\n{f 0}\n{n\n{layer Root\n{f 2097664}\n{t 0 0}\n{a}}}}"
        self._picked: list[str] = []

    def fromScript(self, script: str) -> None:
        need(isinstance(script, str), f"{script!r:.80}")
        helpers_nk.decode_curves(script)
        self._touch()
        self._value = script
        self._changed()

    def toScript(self, quote: bool = False, context: Any = None) -> str:
        return self._value

    def changed(self) -> None:
        """Re-caches."""

    def getSelected(self) -> list[Element]:
        root = helpers_nk.decode_curves(self._value)
        layers = {layer.name for layer in helpers_nk.layers_of(root)}
        return [Layer(name) if name in layers else Shape(name) for name in self._picked]

    def _text(self) -> str | None:
        return "{" + self._value + "}"

    def _load(self, text: str) -> None:
        helpers_nk.decode_curves(text)
        self._value = text


def _common() -> list[Knob]:
    return [
        String_Knob("name"),
        EvalString_Knob("label"),
        Int_Knob("xpos"),
        Int_Knob("ypos"),
        Boolean_Knob("selected"),
        Disable_Knob("disable"),
        Int_Knob("tile_color"),
        PythonKnob("knobChanged"),
    ]


def _read() -> list[Knob]:
    return [
        File_Knob("file"),
        File_Knob("proxy"),
        Format_Knob("format"),
        Int_Knob("first", None, 1),
        Int_Knob("last", None, 1),
        Enumeration_Knob("before", None, _EDGES),
        Enumeration_Knob("after", None, _EDGES),
        Int_Knob("origfirst", None, 1),
        Int_Knob("origlast", None, 1),
        Enumeration_Knob("frame_mode", None, ["expression", "start at", "offset"]),
        String_Knob("frame"),
        Enumeration_Knob("on_error", None, ["error", "black", "checkerboard", "nearest frame"]),
        Enumeration_Knob("colorspace", None, _SPACES),
        Boolean_Knob("premultiplied"),
        Boolean_Knob("raw"),
        Boolean_Knob("auto_alpha"),
        Enumeration_Knob("localizationPolicy", None, ["on", "from auto-localize path", "off"]),
    ]


def _write() -> list[Knob]:
    return [
        Channel_Knob("channels", None, "rgb"),
        File_Knob("file"),
        Enumeration_Knob("file_type", None, ["", "exr", "png", "jpeg"]),
        Enumeration_Knob("datatype", None, ["16 bit half", "32 bit float"]),
        Enumeration_Knob("compression", None, ["none", "Zip (1 scanline)", "Zip (16 scanlines)"]),
        Enumeration_Knob("colorspace", None, _SPACES),
        Boolean_Knob("raw"),
        Boolean_Knob("create_directories"),
        Boolean_Knob("use_limit"),
    ]


def _roto() -> list[Knob]:
    return [
        Channel_Knob("output", None, "rgba"),
        Enumeration_Knob("cliptype", None, ["no clip", "none", "bbox", "format"]),
        CurveKnob("curves"),
        Enumeration_Knob("lifetime_type", None, ["all frames", "start to frame"]),
        Enumeration_Knob("motionblur_shutter_offset_type", None, ["start", "centred"]),
        Boolean_Knob("source_black_outside"),
    ]


def _viewer() -> list[Knob]:
    return [BBox_Knob("colour_sample_bbox")]


CLASSES: dict[str, Any] = {
    "NoOp": list, "Dot": list, "Grade": list, "Reformat": list, "TimeOffset": list, "Blur": list,
    "Read": _read, "Write": _write, "Roto": _roto, "RotoPaint": _roto, "Viewer": _viewer,
}  # fmt: skip
WITHOUT_INPUT = ("Read",)


@guarded
class Node:
    """``_extra``: user knobs in the order in which they were added."""

    __slots__ = ("_alive", "_class", "_inputs", "_knobs", "_name", "_script")

    def __init__(self, script: Any, name_of_class: str) -> None:
        self._script, self._class, self._alive = script, name_of_class, True
        self._inputs: list[Node | None] = []
        self._knobs: dict[str, Knob] = {}
        self._name = ""
        for knob in [*CLASSES[name_of_class](), *_common()]:
            knob._node = self
            self._knobs[knob._name] = knob

    def __getitem__(self, name: str) -> Any:
        self._check()
        try:
            return self._knobs[name]
        except KeyError:
            raise NameError(f"knob {name} does not exist") from None

    def Class(self) -> str:
        self._check()
        return self._class

    def name(self) -> str:
        self._check()
        return self._name

    def fullName(self) -> str:
        self._check()
        return self._name

    def setName(self, name: str, uncollide: bool = True, updateExpressions: bool = False) -> None:
        self._check()
        need(isinstance(name, str), f"{name!r}")
        if not name.replace("_", "a").isalnum() or name[0].isdigit():
            raise ValueError(f"{name!r} is no node name")
        host.current().changed(f"{self._name}.name")
        self._name = self._script.free_name(name, self)
        self._knobs["name"]._value = self._name  # type: ignore[attr-defined]

    def addKnob(self, knob: Knob) -> None:
        self._check()
        need(isinstance(knob, Knob), f"{knob!r}")
        if knob._name in self._knobs:
            raise ValueError(f"knob {knob._name} is there already")
        if type(knob).USER is None:
            raise ValueError(f"{type(knob).__name__} cannot be a user knob")
        if not any(isinstance(one, Tab_Knob) for one in [*self._user(), knob]):
            self._join(Tab_Knob("User", "User"))
        host.current().changed(f"{self._name}.addKnob")
        self._join(knob)

    def _join(self, knob: Knob) -> None:
        knob._node, knob._user = self, True
        self._knobs[knob._name] = knob

    def removeKnob(self, knob: Knob) -> None:
        self._check()
        if not knob._user or self._knobs.get(knob._name) is not knob:
            raise ValueError("only user knobs of this node can be removed")
        host.current().changed(f"{self._name}.removeKnob")
        del self._knobs[knob._name]

    def _user(self) -> list[Knob]:
        return [knob for knob in self._knobs.values() if knob._user]

    def knob(self, p: str, follow_link: bool = True) -> Knob | None:
        self._check()
        return self._knobs.get(p)

    def knobs(self) -> dict[str, Knob]:
        self._check()
        return dict(self._knobs)

    def input(self, index: int) -> Node | None:
        self._check()
        return self._inputs[index] if index < len(self._inputs) else None

    def inputs(self) -> int:
        self._check()
        return len(self._inputs)

    def setInput(self, i: int, node: Node | None) -> bool:
        self._check()
        need(node is None or isinstance(node, Node), f"{node!r}")
        if self._class in WITHOUT_INPUT:
            return False
        host.current().changed(f"{self._name}.setInput")
        self._inputs += [None] * (i + 1 - len(self._inputs))
        self._inputs[i] = node
        return True

    connectInput = setInput

    def setSelected(self, selected: bool) -> None:
        self._check()
        need(isinstance(selected, bool), f"{selected!r}")
        self._knobs["selected"]._channels = [float(selected)]  # type: ignore[attr-defined]

    def isSelected(self) -> bool:
        self._check()
        return bool(self._knobs["selected"]._channels[0])  # type: ignore[attr-defined]

    def xpos(self) -> int:
        return int(self["xpos"].value())

    def ypos(self) -> int:
        return int(self["ypos"].value())

    def setXYpos(self, x: int, y: int) -> None:
        need(isinstance(x, int) and isinstance(y, int), f"{x!r}, {y!r}")
        self["xpos"].setValue(x)
        self["ypos"].setValue(y)

    def format(self) -> Format:
        """Full size, whatever the proxy mode."""
        self._check()
        if self._class == "Read":
            return self._knobs["format"]._value  # type: ignore[attr-defined,no-any-return]
        above = self._inputs[0] if self._inputs else None
        return above.format() if above is not None else self._script.root.format()

    def width(self) -> int:
        return self.format().width() // (4 if self._script.root._proxy else 1)

    def height(self) -> int:
        return self.format().height() // (4 if self._script.root._proxy else 1)

    def pixelAspect(self) -> float:
        return self.format().pixelAspect()

    def firstFrame(self) -> int:
        self._check()
        return self._range()[0]

    def lastFrame(self) -> int:
        self._check()
        return self._range()[1]

    def _range(self) -> tuple[int, int]:
        if self._class == "Read":
            shift = script_offset(self)
            first, last = (int(self._knobs[name].value()) for name in ("first", "last"))  # type: ignore[attr-defined]
            return first + shift, last + shift
        above = self._inputs[0] if self._inputs else None
        return above._range() if above is not None else self._script.root._span

    def metadata(self, key: str, time: float | None = None, view: str = "main") -> Any:
        self._check()
        above = self
        while above._class != "Read" and above._inputs and above._inputs[0] is not None:
            above = above._inputs[0]
        if above._class != "Read" or key != "input/frame":
            return None
        return int((time or host.current_frame()) - script_offset(above))

    def parent(self) -> Any:
        self._check()
        return self._script.root

    def hasError(self) -> bool:
        self._check()
        return False

    def hideControlPanel(self) -> None:
        self._check()

    def showControlPanel(self, forceFloat: bool = False) -> None:
        self._check()

    def autoplace(self) -> None:
        self._check()

    def __hash__(self) -> int:
        return id(self)

    def _check(self) -> None:
        if not self._alive:
            raise ValueError("A PythonObject is not attached to a node")

    def _knob_changed(self, knob: Knob) -> None:
        self._script.knob_changed(self, knob)

    @contextmanager
    def _as_this(self, knob: Knob | None) -> Iterator[None]:
        kept = self._script.this
        self._script.this = (self, knob)
        try:
            yield
        finally:
            self._script.this = kept


def script_offset(read: Node) -> int:
    """Script frame less file frame, as the Read node's frame mode gives it."""
    mode, text = read._knobs["frame_mode"].value(), read._knobs["frame"].value()  # type: ignore[attr-defined]
    if not text:
        return 0
    if mode == "offset":
        return int(text)
    if mode == "start at":
        return int(text) - int(read._knobs["first"].value())  # type: ignore[attr-defined]
    compact = text.replace(" ", "")
    return -int(compact[5:]) if compact.startswith(("frame+", "frame-")) else 0


@guarded
class Root:
    """The script's own settings."""

    __slots__ = ("_format", "_knobs", "_name", "_proxy", "_proxy_set", "_span")

    def __init__(self) -> None:
        self._format = Format(1920, 1080)
        self._span = (1, 100)
        self._proxy = False
        self._proxy_set: list[bool] = []
        self._name = "Root"
        self._knobs: dict[str, Knob] = {}
        for knob in (
            File_Knob("project_directory"),
            EvalString_Knob("name"),
            Int_Knob("first_frame", None, 1),
            Int_Knob("last_frame", None, 100),
            Array_Knob("fps", None, 24.0),
            Enumeration_Knob("colorManagement", None, ["Nuke", "OCIO"]),
            Enumeration_Knob("workingSpaceLUT", None, ["linear", "scene_linear"]),
        ):
            knob._node = None
            self._knobs[knob._name] = knob

    def __getitem__(self, name: str) -> Any:
        try:
            return self._knobs[name]
        except KeyError:
            raise NameError(f"knob {name} does not exist") from None

    def knob(self, p: str) -> Knob | None:
        return self._knobs.get(p)

    def name(self) -> str:
        return str(self._knobs["name"]._value) or "Root"  # type: ignore[attr-defined]

    def begin(self) -> Root:
        if host.current().in_knob_changed:
            raise host.HostRuleError("begin inside knobChanged")
        return self

    def end(self) -> None:
        return None

    def format(self) -> Format:
        return self._format

    def firstFrame(self) -> int:
        return self._span[0]

    def lastFrame(self) -> int:
        return self._span[1]

    def proxy(self) -> bool:
        return self._proxy

    def setProxy(self, proxy: bool) -> None:
        need(isinstance(proxy, bool), f"{proxy!r}")
        self._proxy = proxy
        self._proxy_set.append(proxy)

    def fps(self) -> int:
        return 24

    def realFps(self) -> float:
        return 24.0


@guarded
class ViewerWindow:
    __slots__ = ("_input", "_node")

    def __init__(self, node: Node) -> None:
        self._node, self._input = node, 0

    def node(self) -> Node:
        return self._node

    def activeInput(self, secondary: bool = False) -> int | None:
        return self._input if self._node._inputs else None

    def activateInput(self, input: int, secondary: bool = False) -> None:
        self._input = input
