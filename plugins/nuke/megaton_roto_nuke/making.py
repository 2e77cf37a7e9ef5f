"""A new MegatonRoto node and its panel."""

from __future__ import annotations

import uuid

import nuke

from .knobs import add, add_button, add_hidden, one_undo
from .node import CURRENT, PRIORITIES, STATE, STATUS, VERSIONS, RotoNode


def create() -> RotoNode:
    """A new MegatonRoto node below the selected one, with one object: one undo entry."""
    with one_undo("Megaton Roto: new node"):
        node = nuke.createNode("NoOp", inpanel=False)
        node.setName("MegatonRoto1")
        _build(node)
        roto = RotoNode(node)
        state = {"schema": 1, "uid": uuid.uuid4().hex, "called": node.name(), "next": 1}
        roto.keep({**state, "objects": [], "jobs": []})
        roto.add_object("object1")
    node.showControlPanel()
    return roto


def _build(node: nuke.Node) -> None:
    add(node, nuke.Tab_Knob("megaton_roto", "Megaton Roto"))
    add_hidden(node, STATE)
    add(node, nuke.Enumeration_Knob(CURRENT, "object", ["-"]))
    add_button(node, "mr_add", "add object", "add_object")
    add_button(node, "mr_remove", "remove", "remove_object")
    add(node, nuke.Text_Knob("mr_pick", "pick"))
    tip = "Ctrl+click in the viewer, then press."
    add_button(node, "mr_pick_pos", "+ point", "pick_positive", tip)
    add_button(node, "mr_pick_neg", "- point", "pick_negative", tip)
    add_button(node, "mr_pick_box", "box", "pick_box", "Ctrl+Shift+drag in the viewer, then press.")
    tip = "Select a Roto node, or shapes in it, then press."
    add_button(node, "mr_pick_shape", "selected shapes", "pick_shapes", tip)
    add_button(node, "mr_mark_absent", "absent here", "mark_absent")
    add_button(node, "mr_clear", "clear this frame", "clear_frame")
    add(node, nuke.Text_Knob("mr_send", "send"))
    add(
        node,
        nuke.String_Knob("mr_range", "frames"),
        tooltip="Script frames to track, such as 1001-1100. Empty: those of the plate.",
    )
    tip = "Where the farm keeps the shot; made there if it is new."
    add(node, nuke.String_Knob("mr_project", "project"), tooltip=tip)
    tip = "The shot's name at the farm. Empty: that of the plate."
    add(node, nuke.String_Knob("mr_shot", "shot"), tooltip=tip)
    add(node, nuke.Enumeration_Knob("mr_priority", "priority", PRIORITIES))
    mattes = add(node, nuke.Boolean_Knob("mr_mattes", "mattes"), new_line=True)
    mattes.setValue(True)
    shapes = add(node, nuke.Boolean_Knob("mr_shapes", "shapes"))
    shapes.setValue(True)
    tip = "What a new version does: take the place of the last one, or stand beside it."
    add(node, nuke.Enumeration_Knob("mr_version", "new version", VERSIONS), tooltip=tip)
    add_button(node, "mr_preview", "Preview", "preview", "What the prompts of this frame give.")
    add_button(node, "mr_submit", "Submit", "submit")
    add_button(node, "mr_fetch", "Fetch result", "fetch", "Bring in the newest finished version.")
    add_button(node, "mr_cancel", "Cancel", "cancel", "Stop the job that was sent last.")
    add_button(node, "mr_retry", "Retry", "retry", "Run it again from where it broke.")
    add_button(node, "mr_log", "Log", "log", "What the farm wrote about it.")
    add_button(node, "mr_panel", "Jobs", "show_panel")
    status = add(node, nuke.Text_Knob(STATUS, "status"), new_line=True)
    # How a job stands is of the moment: it is no part of the script.
    status.setFlag(nuke.DO_NOT_WRITE)
