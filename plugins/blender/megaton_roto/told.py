# SPDX-License-Identifier: GPL-3.0-or-later
"""What every button has that needs the farm."""

from __future__ import annotations

from typing import ClassVar

from bpy.types import Context, Operator

from . import online, session

Outcome = set[str]


class Told(Operator):
    """An operator whose errors become a report and a line of the panel, never a traceback."""

    bl_options: ClassVar[set[str]] = set()

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only where Blender may use the network."""
        if online.allowed():
            return True
        cls.poll_message_set(f"{online.MESSAGE} {online.HINT}")
        return False

    def execute(self, context: Context) -> Outcome:
        """Blender's way of calling it."""
        try:
            self.act(context)
        except Exception as error:
            session.failed(error)
            last = session.messages()[-1]
            # As a warning: reported as an error it would raise in scripts, and open a dialog.
            self.report({"WARNING"}, f"{last.text} {last.hint}".strip())
            return {"CANCELLED"}
        return {"FINISHED"}

    def act(self, context: Context) -> None:
        """What it does. May raise RotoError."""
        raise NotImplementedError
