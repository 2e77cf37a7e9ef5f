# SPDX-License-Identifier: GPL-3.0-or-later
"""Megaton Roto in Blender: prompts out of the Clip and Image editors, masks and mattes into them.

Blender imports this for every artist at every start, so it loads next to nothing; `registration`
has what happens when the extension is enabled.
"""

from __future__ import annotations


def register() -> None:
    """Called by Blender when the extension is enabled. Whatever is wrong here, Blender starts."""
    from . import registration

    registration.register()


def unregister() -> None:
    """Called by Blender when the extension is disabled, updated, or Blender ends."""
    from . import registration

    registration.unregister()
