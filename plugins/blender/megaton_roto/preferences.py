# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist, or the studio's set-up script, chooses for this Blender: server and folder.

No ``from __future__ import annotations`` where properties are declared: Blender wants the calls
themselves in the annotations. The key is never kept here, but by ``roto_client`` in the system's
keyring or in a private file, for all hosts of a user.
"""

from typing import Any, NamedTuple

import bpy
from bpy.props import StringProperty
from bpy.types import AddonPreferences, Context

from . import online


class Chosen(NamedTuple):
    """``server`` empty: as for the other hosts and the `roto` command; ``folder`` empty: the
    user's own data folder."""

    server: str = ""
    folder: str = ""


def chosen() -> Chosen:
    """The preferences; the defaults where the package was registered without being an add-on."""
    addon = bpy.context.preferences.addons.get(__package__)
    if addon is None or addon.preferences is None:
        return Chosen()
    kept = addon.preferences
    return Chosen(kept.server.strip(), bpy.path.abspath(kept.folder) if kept.folder else "")


def keep_server(server: str) -> None:
    """The server that was signed in to is the one to connect to, also where another was named."""
    if chosen().server not in ("", server):
        bpy.context.preferences.addons[__package__].preferences.server = server


def _server_changed(kept: Any, context: Context) -> None:
    from . import session

    if session.state() is not None and online.allowed():
        session.desk().connect(kept.server.strip())


class MegatonRotoPreferences(AddonPreferences):
    """Shown under Preferences > Add-ons > Megaton Roto."""

    bl_idname = __package__

    server: StringProperty(
        name="Server",
        description="Address of the farm's server, such as https://roto.studio.example. "
        "Empty: the one your other programs use, or the one that runs on this machine",
        update=_server_changed,
    )
    folder: StringProperty(
        name="Results",
        description="Where mattes are brought to. Empty: your own data folder",
        subtype="DIR_PATH",
    )

    def draw(self, context: Context) -> None:
        """Blender's way of showing them."""
        from . import registration

        layout = self.layout
        if registration.problem:
            layout.label(text="Megaton Roto did not start.", icon="ERROR")
            layout.label(text=registration.problem)
            layout.label(text="Install the extension's zip again, then restart Blender.")
            return
        if not online.allowed():
            layout.label(text=online.MESSAGE, icon="ERROR")
            layout.label(text=online.HINT)
        layout.use_property_split = True
        layout.prop(self, "server")
        layout.prop(self, "folder")
        from .panels import draw_server

        draw_server(layout)


CLASSES = (MegatonRotoPreferences,)
