# SPDX-License-Identifier: GPL-3.0-or-later
"""The buttons of the way to the farm's server.

No ``from __future__ import annotations``: Blender wants properties themselves in the annotations.
None has the REGISTER option: a key must not get into Blender's list of what was done.
"""

from typing import ClassVar

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Operator

from . import session
from .told import Outcome, Told


def _open(address: str) -> None:
    """Show a page in the artist's browser."""
    bpy.ops.wm.url_open(url=address)


class Connect(Told):
    """Look for the farm's server"""

    bl_idname = "megaton_roto.connect"
    bl_label = "Connect"

    def act(self, context: Context) -> None:
        made = session.state() is None
        desk = session.desk()
        if not made:
            from .preferences import chosen

            desk.connect(chosen().server)


def _known_server() -> str:
    """The preferences' server, else the one that was found."""
    from .preferences import chosen

    state = session.state()
    return chosen().server or (state.server.server if state else "")


_SERVER = {"name": "Server", "description": "Such as https://roto.studio.example"}


class SignInByCode(Told):
    """Sign in through your browser: it is opened, and asks whether the code shown here is yours"""

    bl_idname = "megaton_roto.sign_in_by_code"
    bl_label = "Sign In"

    server: StringProperty(**_SERVER, options={"SKIP_SAVE"})

    def invoke(self, context: Context, event: Event) -> Outcome:
        self.server = _known_server()
        if self.server:
            return self.execute(context)
        return set(context.window_manager.invoke_props_dialog(self, width=400))

    def act(self, context: Context) -> None:
        from . import preferences

        desk = session.desk()

        def done(nothing: None) -> None:
            server = desk.state.server.server
            preferences.keep_server(server)
            session.say("INFO", f"Signed in to {server}.")

        desk.sign_in_by_code(
            self.server.strip(), done, session.tell, show=lambda code: _open(code.address_with_code)
        )


class OpenBrowser(Told):
    """Show the page that asks for the code in your browser once more"""

    bl_idname = "megaton_roto.open_browser"
    bl_label = "Open Browser"

    def act(self, context: Context) -> None:
        state = session.state()
        if state is not None and state.sign_in is not None:
            _open(state.sign_in.address_with_code)


class CopyCode(Operator):
    """Copy the code"""

    bl_idname = "megaton_roto.copy_code"
    bl_label = "Copy Code"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    def execute(self, context: Context) -> Outcome:
        state = session.state()
        if state is not None and state.sign_in is not None:
            context.window_manager.clipboard = state.sign_in.code
        return {"FINISHED"}


class StopSignIn(Operator):
    """Do not sign in: the code shown here is forgotten"""

    bl_idname = "megaton_roto.stop_sign_in"
    bl_label = "Stop"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    def execute(self, context: Context) -> Outcome:
        if session.state() is not None:
            session.desk().stop_sign_in()
            session.redraw()
        return {"FINISHED"}


class SignIn(Told):
    """Give the farm's server an API key instead of signing in with your browser"""

    bl_idname = "megaton_roto.sign_in"
    bl_label = "Use API Key"

    server: StringProperty(**_SERVER, options={"SKIP_SAVE"})
    key: StringProperty(
        name="API Key",
        description="Kept in your keyring, or in a private file; never in Blender's own files",
        subtype="PASSWORD",
        options={"SKIP_SAVE"},
    )

    def invoke(self, context: Context, event: Event) -> Outcome:
        self.server = _known_server()
        return set(context.window_manager.invoke_props_dialog(self, width=400))

    def act(self, context: Context) -> None:
        from . import preferences

        key, self.key = self.key, ""
        server = self.server.strip()
        desk = session.desk()

        def done(nothing: None) -> None:
            preferences.keep_server(server)
            session.say("INFO", f"Signed in to {server}.")

        desk.sign_in(server, key, done, session.tell)


class SignOut(Told):
    """Forget your key on this machine, for all programs"""

    bl_idname = "megaton_roto.sign_out"
    bl_label = "Sign Out"

    def act(self, context: Context) -> None:
        session.desk().sign_out()


CLASSES = (
    Connect,
    SignInByCode,
    OpenBrowser,
    CopyCode,
    StopSignIn,
    SignIn,
    SignOut,
)
