# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's preference "Allow Online Access": nothing is sent to any server without it, be it one
in the same building."""

from __future__ import annotations

import bpy

MESSAGE = "Blender is not allowed to use the network."
HINT = "Switch on Preferences > System > Network > Allow Online Access."


def allowed() -> bool:
    """Whether the artist lets extensions use the network. From any thread.

    Blender before 4.2 has no such preference and leaves it to the add-on.
    """
    return bool(getattr(bpy.app, "online_access", True))
