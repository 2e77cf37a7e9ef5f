"""The docked panel: the jobs list of all hosts, with Nuke behind its buttons.

This module is imported when the panel is opened, never at the start: it brings Qt in.
"""

from __future__ import annotations

from typing import Any

import nuke

from . import flows
from . import node as nodes
from .menu import NAME, PANEL_ID, WIDGET
from .node import NodeError, RotoNode
from .session import desk


def widget() -> Any:
    """A new panel. Raises ImportError in a Nuke without Qt (a terminal session)."""
    from roto_client.hosts.qt import PanelActions, RotoPanel

    actions = PanelActions(
        submit=lambda: flows.submit(_chosen()),
        preview=lambda: flows.preview(_chosen(), nuke.frame()),
        fetch=lambda job_id: flows.fetch(_node_of(job_id), job_id),
        go_to=go_to,
    )
    return RotoPanel(desk(), actions)


def show() -> None:
    """Open the panel beside the properties."""
    from nukescripts import panels

    made = panels.registerWidgetAsPanel(WIDGET, NAME, PANEL_ID, True)
    made.addToPane(nuke.getPaneFor("Properties.1"))


def go_to(frame: int, job_id: str) -> None:
    """To the script frame of a job's plate frame."""
    for roto in nodes.roto_nodes():
        for note in roto.jobs():
            if note["id"] == job_id:
                nuke.frame(frame + int(note["offset"]))
                return
    raise NodeError("That job was not sent from this script.", hint="Open the script it is from.")


def _node_of(job_id: str) -> RotoNode:
    for roto in nodes.roto_nodes():
        if any(note["id"] == job_id for note in roto.jobs()):
            return roto
    raise NodeError("That job was not sent from this script.", hint="Open the script it is from.")


def _chosen() -> RotoNode:
    """The MegatonRoto node that is selected, or the only one."""
    there = nodes.roto_nodes()
    chosen = [roto for roto in there if roto.node.isSelected()] or there
    if len(chosen) != 1:
        raise NodeError("Select one MegatonRoto node.")
    return chosen[0]
