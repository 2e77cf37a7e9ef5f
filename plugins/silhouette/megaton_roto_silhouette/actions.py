"""The Megaton menu: actions of Silhouette that start our flows.

Silhouette knows an action by the name of its class. An error an artist can do something about is
shown; nothing else of ours may stop the host.
"""

from __future__ import annotations

from typing import Any, Callable, List, Optional

from roto_shapes.errors import RotoError

MENU = "Megaton"
TITLE = "Megaton Roto"
BINDINGS = {
    "MegatonRotoPanel": "Ctrl+Alt+M",
    "MegatonRotoSubmit": "Ctrl+Alt+S",
    "MegatonRotoFetch": "Ctrl+Alt+F",
    "MegatonRotoCorrect": "Ctrl+Alt+C",
}
"""Keys, bound only where the preference ``Megaton.Key bindings`` is on."""


def make(fx: Any, plugin: Any) -> List[Any]:
    """The actions, not yet added. ``plugin``: see `start.Plugin`."""

    def action(
        name: str,
        label: str,
        run: Callable[[], None],
        needs: Callable[[], Optional[str]],
    ) -> Any:
        def begin(self: Any) -> None:
            fx.Action.__init__(self, f"{MENU}|{label}")

        def available(self: Any) -> None:
            problem = needs()
            assert problem is None, problem  # that is how Silhouette asks

        def execute(self: Any, **named: Any) -> None:
            guarded(fx, run)

        members = {"__init__": begin, "available": available, "execute": execute}
        return type(name, (fx.Action,), {**members, "__doc__": label})()

    def nothing() -> Optional[str]:
        return None

    def a_roto_node() -> Optional[str]:
        node = fx.activeNode()
        if node is None or not node.supportsChildType("Shape"):
            return "Open a roto node first"
        return None

    return [
        action("MegatonRotoPanel", "Open Panel", plugin.show_panel, nothing),
        action("MegatonRotoSubmit", "Submit", plugin.submit, a_roto_node),
        action("MegatonRotoFetch", "Fetch Shapes", plugin.fetch, a_roto_node),
        action("MegatonRotoCorrect", "Correct from Here", plugin.correct, a_roto_node),
        action("MegatonRotoSelfTest", "Self-Test", plugin.self_test, a_roto_node),
        _importer(fx, plugin),
    ]


def _importer(fx: Any, plugin: Any) -> Any:
    """Our documents in Silhouette's own menu of shape imports."""

    class MegatonRotoImport(fx.Action):  # type: ignore[misc]
        """Import a roto/1 document."""

        def __init__(self) -> None:
            fx.Action.__init__(
                self, "Megaton Roto Document", type=fx.Action.ShapeImporter, extension="json"
            )

        def execute(self, path: Any = None, **named: Any) -> None:
            guarded(fx, lambda: plugin.flows.import_document(str(path)))

    return MegatonRotoImport()


def guarded(fx: Any, run: Callable[[], None]) -> None:
    """Run what an artist asked for; tell him why it cannot be done."""
    try:
        run()
    except RotoError as error:
        fx.displayError(f"{error.message}\n\n{error.hint}".strip(), title=TITLE)


def bind(fx: Any) -> None:
    """Bind the keys."""
    for name, keys in BINDINGS.items():
        fx.bind(keys, fx.actions[name].execute)
