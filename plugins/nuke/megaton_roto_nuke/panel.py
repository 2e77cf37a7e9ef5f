"""The docked panel: that of all hosts, with Nuke behind it.

This module is imported when the panel is opened, never at the start: it brings Qt in.
"""

from __future__ import annotations

from typing import Any

import nuke

from .menu import NAME, PANEL_ID, WIDGET
from .panel_host import NukeHost
from .session import desk


def widget() -> Any:
    """A new panel. Raises ImportError in a Nuke without Qt (a terminal session)."""
    from roto_client.hosts.qt.panel import RotoPanel

    host = NukeHost()
    made = RotoPanel(desk(), host)
    desk().follow(host.jobs())
    return made


def show() -> None:
    """Open the panel beside the properties."""
    from nukescripts import panels

    made = panels.registerWidgetAsPanel(WIDGET, NAME, PANEL_ID, True)
    made.addToPane(nuke.getPaneFor("Properties.1"))
