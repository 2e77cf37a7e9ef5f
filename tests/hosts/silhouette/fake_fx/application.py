"""One running Silhouette: its state, its modules, its main loop."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any, ClassVar

from . import files, nodes, objects, properties, values
from .strict import Guard, HostMisuseError, Strict, need


class Action(Strict):
    Action, ShapeImporter, ShapeExporter, Extension = range(4)

    def __init__(
        self,
        label: str,
        menu: str | None = None,
        type: int = 0,
        extension: str | None = None,
        root: str | None = None,
    ) -> None:
        self._label_text = need(label, str, "label")
        self._kind = need(type, int, "type")
        self._extension = extension

    @property
    def id(self) -> str:
        return type(self).__name__

    @property
    def label(self) -> str:
        return self._label_text

    @property
    def actionType(self) -> int:
        return self._kind

    @property
    def extension(self) -> str | None:
        return self._extension

    def available(self) -> bool:
        return True


class Preferences(Strict):
    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def add(self, name: str, default: Any, hidden: bool = False) -> None:
        if "." not in need(name, str, "preference"):
            raise HostMisuseError(f"preference {name} is in no group")
        self._values.setdefault(name, default)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in self._values:
            raise HostMisuseError(f"no preference {name}")
        self._values[name] = value


class Application:
    """The fake's state. ``fx`` is the module scripts import.

    ``undo``: labels of the closed undo groups that changed something, in order. ``edits``: what
    the group now open (or, after it, the last one) changed. ``opaque_paths``: the points of paths
    cannot be had one by one. ``stored``: what becomes of a coordinate that is kept in a key.
    """

    current: ClassVar[Application | None] = None

    def __init__(
        self,
        opaque_paths: bool = False,
        tracker_property: str = "position",
        stored: Callable[[float], float] = float,
    ) -> None:
        self._guard = Guard()
        Strict._guard = self._guard
        objects.Object._application = self
        self._opaque_paths, self._tracker_property = opaque_paths, tracker_property
        self._stored = stored
        self._project: Any = nodes.Project()
        self._session: Any = None
        self._active_node: Any = None
        self._selection: list[Any] = []
        self._open: list[str] = []
        self.undo: list[str] = []
        self.edits: list[str] = []
        self.statuses: list[str] = []
        self.errors: list[tuple[str, str]] = []
        self.hooks: dict[str, list[Callable[..., Any]]] = {}
        self.binds: dict[str, Callable[..., Any]] = {}
        self.actions: dict[str, Any] = {}
        self.answers: list[Any] = []
        self.player = nodes.Player()
        self.fx = self._module()
        Application.current = self

    @property
    def touches(self) -> int:
        return self._guard.touches

    # -- what a person does

    def open_session(self, width: int, height: int, start: int, duration: int) -> Any:
        """A session in the project, with a source, and a roto node that is active."""
        self._open.append("person")
        session = nodes.Session(width, height, start, duration)
        self._project.addItem(session)
        self._session = session
        self._open.pop()
        return session

    def add_plate(self, pattern: str, offset: int = 0) -> Any:
        """``pattern`` in Silhouette's form, ``plate.[1001-1100].exr``; gives the roto node."""
        self._open.append("person")
        source = nodes.Source(pattern)
        self._project.addItem(source)
        reader, roto = nodes.Node("SourceNode"), nodes.Node("RotoNode")
        reader._properties["stream.primary"]._value = source
        reader._properties["offset"]._value = float(offset)
        for node in (reader, roto):
            self._session.addNode(node)
        reader._outputs[0].connect(roto._inputs[0])
        self._active_node = roto
        self._open.pop()
        self.undo.clear()
        return roto

    def person(self) -> _Person:
        """Edits made by hand, inside ``with``."""
        return _Person(self)

    # -- undo

    def _edited(self, what: str) -> None:
        if not self._open:
            raise HostMisuseError(f"{what}: changed outside an undo group")
        self.edits.append(what)

    def _begin_undo(self, label: str) -> None:
        self._guard.check("beginUndo")
        if self._open:
            raise HostMisuseError("undo groups inside each other")
        self._open.append(need(label, str, "undo label"))
        self.edits = []

    def _end_undo(self) -> None:
        self._guard.check("endUndo")
        label = self._open.pop()
        if self.edits:
            self.undo.append(label)

    # -- the module

    def _module(self) -> types.ModuleType:
        guarded = self._guarded
        fx = _FxModule("fx")
        fx._set(
            Action=Action,
            Color=values.Color,
            Layer=objects.Layer,
            Matrix=values.Matrix,
            Node=nodes.Node,
            Object=objects.Object,
            Point=values.Point,
            Point3D=values.Point3D,
            Project=nodes.Project,
            Property=properties.Property,
            PropertyEditor=properties.PropertyEditor,
            Session=nodes.Session,
            Shape=objects.Shape,
            Source=nodes.Source,
            Tracker=objects.Tracker,
            gui=True,
            player=self.player,
            prefs=Preferences(),
            io_modules={"Silhouette Shapes": files.ShapeFiles(self)},
            actions=self.actions,
            activeProject=guarded("activeProject", lambda: self._project),
            activeSession=guarded("activeSession", lambda: self._session),
            activeNode=guarded("activeNode", lambda: self._active_node),
            activate=guarded("activate", self._activate),
            addAction=guarded("addAction", self._add_action),
            beginUndo=self._begin_undo,
            endUndo=self._end_undo,
            bind=guarded("bind", self._bind),
            displayError=guarded("displayError", self._display_error),
            findObject=guarded("findObject", self._find),
            getInput=guarded("getInput", self._get_input),
            select=guarded("select", self._select),
            selection=guarded("selection", lambda: list(self._selection)),
            status=guarded("status", lambda text: self.statuses.append(need(text, str, "status"))),
        )
        return fx

    def _guarded(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **named: Any) -> Any:
            self._guard.check(f"fx.{name}")
            return call(*args, **named)

        return guarded

    def _activate(self, thing: Any) -> None:
        need(thing, (nodes.Node, nodes.Session), "activate")
        if isinstance(thing, nodes.Node):
            self._active_node = thing

    def _select(self, things: list[Any]) -> None:
        for thing in need(things, list, "selection"):
            need(thing, objects.Object, "selection")
        self._selection = list(things)

    def _add_action(self, action: Any) -> None:
        name = type(need(action, Action, "action")).__name__
        if not callable(getattr(action, "execute", None)):
            raise HostMisuseError(f"{name} has no execute")
        self.actions[name] = action

    def _bind(self, keys: str, call: Callable[..., Any]) -> None:
        self.binds[need(keys, str, "keys")] = call

    def _display_error(self, text: str, title: str = "") -> None:
        self.errors.append((need(title, str, "title"), need(text, str, "text")))

    def _get_input(self, title: str, fields: list[dict[str, Any]]) -> Any:
        for each in fields:
            if not {"id", "label", "value"} <= set(each):
                raise HostMisuseError(f"a field without id, label and value: {each}")
        return self.answers.pop(0) if self.answers else None

    def _find(self, id: str) -> Any:
        return next((each for each in self._everything() if each._id == id), None)

    def _everything(self) -> list[Any]:
        found: list[Any] = []
        waiting = list(self._session._nodes) if self._session else []
        while waiting:
            thing = waiting.pop()
            found.append(thing)
            held = thing._properties.get("objects")
            waiting += held._value if held else []
        return found


class _FxModule(types.ModuleType):
    def _set(self, **names: Any) -> None:
        self.__dict__.update(names)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise HostMisuseError(f"fx has no {name}")


class _Person:
    """An artist's own undo group; not counted among the plugin's."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __enter__(self) -> Application:
        self._application._open.append("person")
        return self._application

    def __exit__(self, *_: object) -> None:
        self._application._open.pop()


def install(**options: Any) -> Application:
    """A fresh application under the names scripts import: fx, hook, tools.window."""
    application = Application(**options)
    hook = types.ModuleType("hook")

    def add(name: str, call: Callable[..., Any]) -> None:
        application.hooks.setdefault(name, []).append(call)

    hook.add = add  # type: ignore[attr-defined]
    tools, window = types.ModuleType("tools"), types.ModuleType("tools.window")
    window.get_main_window = lambda: None  # type: ignore[attr-defined]
    tools.window = window  # type: ignore[attr-defined]
    sys.modules.update({"fx": application.fx, "hook": hook, "tools": tools, "tools.window": window})
    return application
