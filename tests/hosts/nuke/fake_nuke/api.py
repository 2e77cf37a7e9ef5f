"""The ``nuke`` module: the functions the plugin may call, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import host, knobs
from .host import HostRuleError, main_only, need
from .knobs import (
    BBox_Knob,
    Boolean_Knob,
    Color_Knob,
    Double_Knob,
    Enumeration_Knob,
    File_Knob,
    Format,
    Int_Knob,
    PyScript_Knob,
    String_Knob,
    Tab_Knob,
    Text_Knob,
    XY_Knob,
)
from .nodes import Node, Root, ViewerWindow
from .script import Script

__all__ = [
    "BBox_Knob", "Boolean_Knob", "Color_Knob", "Double_Knob", "Enumeration_Knob", "File_Knob",
    "Format", "Int_Knob", "Node", "PyScript_Knob", "Root", "String_Knob", "Tab_Knob", "Text_Knob",
    "XY_Knob",
]  # fmt: skip

INVISIBLE, STARTLINE, DO_NOT_WRITE = knobs.INVISIBLE, knobs.STARTLINE, knobs.DO_NOT_WRITE
GUI = True
NUKE_VERSION_MAJOR, NUKE_VERSION_MINOR, NUKE_VERSION_STRING = 15, 1, "15.1v3"
SCRIPT = Script()
_MENUS: dict[str, Menu] = {}
_TASKS: list[ProgressTask] = []


def fresh() -> None:
    """A new Nuke with an empty script."""
    global SCRIPT  # noqa: PLW0603
    SCRIPT = Script()
    _MENUS.clear()
    _TASKS.clear()


# -- nodes


@main_only
def root() -> Root:
    return SCRIPT.root


@main_only
def frame(f: int | None = None) -> int:
    if f is not None:
        need(isinstance(f, int), f"{f!r}")
        host.current().frame = f
    return host.current().frame


@main_only
def allNodes(filter: str | None = None, group: Any = None, recurseGroups: bool = False) -> Any:
    return [node for node in SCRIPT.nodes if filter is None or node._class == filter]


@main_only
def selectedNodes(filter: str | None = None) -> list[Node]:
    # Nuke lists the one selected last first; the plugin may not count on an order.
    return [n for n in reversed(SCRIPT.nodes) if n.isSelected() and filter in (None, n._class)]


@main_only
def selectedNode() -> Node:
    found = [node for node in SCRIPT.nodes if node.isSelected()]
    if not found:
        raise ValueError("no node selected")
    return found[-1]


@main_only
def toNode(s: str) -> Node | None:
    need(isinstance(s, str), f"{s!r}")
    return SCRIPT.named(s)


@main_only
def createNode(typ: str, knobs: str = "", inpanel: bool = True) -> Node:
    host.current().changed(f"create {typ}")
    above = next((node for node in SCRIPT.nodes if node.isSelected()), None)
    node = SCRIPT.make(typ)
    if above is not None and typ not in ("Read", "Viewer"):
        node._inputs = [above]
    for other in SCRIPT.nodes:
        other.setSelected(other is node)
    return node


class _Nodes:
    """``nuke.nodes.Read()``: connected to nothing; the selection stays as it was."""

    def __getattr__(self, name: str) -> Any:
        def make() -> Node:
            host.current().check_main(f"nuke.nodes.{name}")
            host.current().changed(f"create {name}")
            return SCRIPT.make(name)

        return make


nodes = _Nodes()


@main_only
def delete(n: Node) -> None:
    n._check()
    host.current().changed("delete")
    SCRIPT.remove(n)


@main_only
def nodePaste(s: str) -> Node | None:
    text = Path(s).read_text(encoding="utf-8")
    host.current().changed("paste")
    made = SCRIPT.read(text, paste=True)
    return made[-1] if made else None


@main_only
def nodeCopy(s: str) -> None:
    Path(s).write_text(SCRIPT.text([n for n in SCRIPT.nodes if n.isSelected()]), encoding="utf-8")


@main_only
def thisNode() -> Node:
    if SCRIPT.this[0] is None:
        raise ValueError("no current node")
    return SCRIPT.this[0]


@main_only
def thisKnob() -> Any:
    return SCRIPT.this[1]


@main_only
def activeViewer() -> ViewerWindow | None:
    return SCRIPT.viewer


@main_only
def connectViewer(inputNum: int, node: Node) -> None:
    if SCRIPT.viewer is None:
        SCRIPT.viewer = ViewerWindow(SCRIPT.make("Viewer"))
    SCRIPT.viewer._node.setInput(inputNum, node)
    SCRIPT.viewer._input = inputNum


@main_only
def filename(node: Node, i: int = 0) -> str | None:
    """Honours the proxy mode, as Nuke's does."""
    if "file" not in node._knobs:
        return None
    proxy = node._knobs.get("proxy")
    if SCRIPT.root._proxy and proxy is not None and proxy._value:
        return knobs._substituted(proxy._value)
    return knobs._substituted(node._knobs["file"]._value)  # type: ignore[attr-defined]


@main_only
def script_directory() -> str:
    return str(Path(SCRIPT.root.name()).parent) if SCRIPT.root.name() != "Root" else ""


@main_only
def thisView() -> str:
    return "main"


@main_only
def views() -> list[str]:
    return ["main"]


@main_only
def execute(
    nameOrNode: Any,
    start: int,
    end: int,
    incr: int = 1,
    views: Any = None,
    continueOnError: bool = False,
) -> None:
    current = host.current()
    need(isinstance(start, int) and isinstance(end, int), f"{start!r}, {end!r}")
    if current.in_knob_changed:
        raise RuntimeError("I'm already executing something else")
    if SCRIPT.root._proxy:
        raise HostRuleError("rendered in proxy mode")
    node = nameOrNode if isinstance(nameOrNode, Node) else SCRIPT.named(nameOrNode)
    for at in range(start, end + 1, incr):
        current.executed.append((node._name, at))
        current.render(node, at)


# -- the script


@main_only
def scriptName() -> str:
    return SCRIPT.root.name()


@main_only
def scriptSaveAs(filename: str, overwrite: int = -1) -> None:
    Path(filename).write_text(SCRIPT.text(SCRIPT.nodes), encoding="utf-8")
    SCRIPT.root._knobs["name"]._value = filename  # type: ignore[attr-defined]


@main_only
def scriptClear() -> None:
    for call in list(SCRIPT.closes):
        call()
    SCRIPT.clear()


@main_only
def scriptOpen(filename: str) -> None:
    SCRIPT.clear()
    SCRIPT.read(Path(filename).read_text(encoding="utf-8"), paste=False)
    SCRIPT.root._knobs["name"]._value = filename  # type: ignore[attr-defined]
    for call in list(SCRIPT.loads):
        call()


@main_only
def undo() -> None:
    entry = host.current().undo.pop()
    for node in list(SCRIPT.nodes):
        SCRIPT.remove(node)
    SCRIPT.read(entry.before, paste=False)


# -- callbacks


@main_only
def addKnobChanged(
    call: Any, args: Any = (), kwargs: Any = None, nodeClass: str = "*", node: Any = None
) -> None:
    SCRIPT.knob_changed_calls.append((call, nodeClass))


@main_only
def removeKnobChanged(
    call: Any, args: Any = (), kwargs: Any = None, nodeClass: str = "*", node: Any = None
) -> None:
    SCRIPT.knob_changed_calls.remove((call, nodeClass))


@main_only
def addOnScriptLoad(call: Any, args: Any = (), kwargs: Any = None, nodeClass: str = "Root") -> None:
    SCRIPT.loads.append(call)


@main_only
def addOnScriptClose(
    call: Any, args: Any = (), kwargs: Any = None, nodeClass: str = "Root"
) -> None:
    SCRIPT.closes.append(call)


# -- threads, messages, progress


def executeInMainThread(call: Any, args: Any = (), kwargs: Any = None) -> None:
    host.current().post(call, args, kwargs)


@main_only
def message(prompt: str) -> None:
    need(isinstance(prompt, str), f"{prompt!r}")
    _no_dialog_in_a_callback(prompt)
    host.current().messages.append(prompt)


@main_only
def getInput(prompt: str, default: str = "") -> str | None:
    need(isinstance(prompt, str) and isinstance(default, str), f"{prompt!r}, {default!r}")
    _no_dialog_in_a_callback(prompt)
    return host.current().answers.pop(0) if host.current().answers else None


@main_only
def ask(prompt: str) -> bool:
    need(isinstance(prompt, str), f"{prompt!r}")
    _no_dialog_in_a_callback(prompt)
    return bool(host.current().answers.pop(0)) if host.current().answers else False


def _no_dialog_in_a_callback(prompt: str) -> None:
    if host.current().pumping:
        raise HostRuleError(f"a dialog out of executeInMainThread freezes Nuke: {prompt}")


@main_only
def tprint(*args: Any) -> None:
    host.current().messages.append(" ".join(map(str, args)))


@host.guarded
class ProgressTask:
    """``_cancelled`` is set by tests, as by a click on Cancel."""

    def __init__(self, name: str) -> None:
        need(isinstance(name, str), f"{name!r}")
        self._name, self._cancelled = name, False
        self._seen: list[tuple[int, str]] = [(0, "")]
        _TASKS.append(self)

    def setProgress(self, value: int) -> None:
        need(isinstance(value, int) and 0 <= value <= 100, f"{value!r}")
        self._seen.append((value, self._seen[-1][1]))

    def setMessage(self, text: str) -> None:
        need(isinstance(text, str), f"{text!r}")
        self._seen.append((self._seen[-1][0], text))

    def isCancelled(self) -> bool:
        return self._cancelled


class Undo:
    """Used as ``Undo.begin(name)`` ... ``Undo.end()``."""

    @classmethod
    def begin(cls, name: str = "") -> None:
        host.current().check_main("Undo.begin")
        host.current().begin(name)

    @classmethod
    def end(cls) -> None:
        host.current().check_main("Undo.end")
        host.current().end()

    @classmethod
    def disable(cls) -> None:
        host.current().check_main("Undo.disable")
        host.current().undo_off += 1

    @classmethod
    def enable(cls) -> None:
        host.current().check_main("Undo.enable")
        host.current().undo_off -= 1


# -- menus


@host.guarded
class MenuItem:
    def __init__(self, name: str, command: Any) -> None:
        self._name, self._command = name, command

    def name(self) -> str:
        return self._name

    def invoke(self) -> None:
        if isinstance(self._command, str):
            exec(self._command, {})
        else:
            self._command()


@host.guarded
class Menu:
    def __init__(self, name: str = "") -> None:
        self._name = name
        self._items: dict[str, Any] = {}

    def name(self) -> str:
        return self._name

    def addMenu(self, name: str, icon: str = "") -> Menu:
        return self._items.setdefault(name, Menu(name))  # type: ignore[no-any-return]

    def addCommand(
        self, name: str, command: Any, shortcut: str = "", icon: str = "", tooltip: str = ""
    ) -> MenuItem:
        need(callable(command) or isinstance(command, str), f"{command!r}")
        self._items[name] = MenuItem(name, command)
        return self._items[name]  # type: ignore[no-any-return]

    def addSeparator(self) -> None:
        return None

    def findItem(self, name: str) -> Any:
        found: Any = self
        for part in name.split("/"):
            found = found._items.get(part) if isinstance(found, Menu) else None
        return found

    menu = findItem


@main_only
def menu(name: str) -> Menu:
    if name not in ("Nuke", "Nodes", "Node Graph", "Viewer", "Properties", "Pane"):
        raise RuntimeError(f"no menu {name!r}")
    return _MENUS.setdefault(name, Menu(name))


@main_only
def getPaneFor(panelName: str) -> Any:
    return None
