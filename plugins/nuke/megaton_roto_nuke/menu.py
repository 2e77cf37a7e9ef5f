"""The Megaton menu, the docked panel and the script's callbacks.

Imported at every start of Nuke, so it imports nothing itself: what a command needs is loaded when
it is first used.
"""

from __future__ import annotations

import nuke

MENU, NAME = "Megaton", "Megaton Roto"
PANEL_ID = "megaton.roto.jobs"
# An expression: the module, and with it Qt, is imported when the panel is first opened.
WIDGET = "__import__('megaton_roto_nuke.panel', fromlist=['widget']).widget"
_COMMANDS = (
    ("New MegatonRoto node", "new_node"),
    ("-", ""),
    ("Preview", "preview_selected"),
    ("Submit", "submit_selected"),
    ("Fetch result", "fetch_selected"),
    ("Correct from here", "correct_selected"),
    ("-", ""),
    ("Jobs", "show_panel_from_menu"),
    ("-", ""),
    ("Self-test", "self_test"),
)


def build() -> None:
    """Add the menu, register the panel, and hear of scripts being opened and closed."""
    for where in ("Nuke", "Nodes"):
        menu = nuke.menu(where).addMenu(MENU)
        for label, action in _COMMANDS:
            if label == "-":
                menu.addSeparator()
            else:
                menu.addCommand(label, _command(action))
    _register_panel()
    nuke.addKnobChanged(_knob_changed, nodeClass="NoOp")
    nuke.addOnScriptLoad(_script_loaded)
    nuke.addOnScriptClose(_script_closed)


def _command(action: str) -> str:
    return f"import megaton_roto_nuke.actions as actions; actions.{action}()"


def _register_panel() -> None:
    from nukescripts import panels

    panels.registerWidgetAsPanel(WIDGET, NAME, PANEL_ID)


def _knob_changed() -> None:
    node = nuke.thisNode()
    if node.knob("mr_state") is None:
        return
    from .actions import knob_changed

    knob_changed(node, nuke.thisKnob())


def _script_loaded() -> None:
    if any(node.knob("mr_state") for node in nuke.allNodes("NoOp", recurseGroups=True)):
        from .actions import script_loaded

        script_loaded()


def _script_closed() -> None:
    import sys

    actions = sys.modules.get("megaton_roto_nuke.actions")
    if actions is not None:
        actions.script_closed()
