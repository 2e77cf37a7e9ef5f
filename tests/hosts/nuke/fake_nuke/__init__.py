"""A strict fake of the parts of Nuke in use: `install` puts it where ``import nuke`` finds it.

Built from the reference and the type stubs, not from Nuke: what it allows is documented or seen in
saved scripts; everything else raises.
"""

from __future__ import annotations

import sys
import types
from typing import Any

from . import api, host

PANELS: list[tuple[str, str, str, bool]] = []


def install() -> Any:
    """A new Nuke with an empty script under ``nuke`` and ``nukescripts``; the module `api`."""
    host.restart()
    api.fresh()
    PANELS.clear()
    nuke = types.ModuleType("nuke")
    for name in dir(api):
        if not name.startswith("_") and name not in _OURS:
            setattr(nuke, name, getattr(api, name))
    nukescripts, panels = types.ModuleType("nukescripts"), types.ModuleType("nukescripts.panels")
    panels.registerWidgetAsPanel = _register  # type: ignore[attr-defined]
    nukescripts.panels = panels  # type: ignore[attr-defined]
    sys.modules.update({"nuke": nuke, "nukescripts": nukescripts, "nukescripts.panels": panels})
    return api


def uninstall() -> None:
    for name in ("nuke", "nukescripts", "nukescripts.panels"):
        sys.modules.pop(name, None)


_OURS = {
    "Any", "Path", "Script", "SCRIPT", "HostRuleError", "annotations", "fresh", "host",
    "knobs", "main_only", "need", "ViewerWindow",
}  # fmt: skip


def _register(widget: str, name: str, id: str, create: bool = False) -> None:
    """The widget's class comes as text that is evaluated when the panel opens."""
    host.current().check_main("registerWidgetAsPanel")
    host.need(isinstance(widget, str), f"{widget!r}")
    PANELS.append((widget, name, id, create))
