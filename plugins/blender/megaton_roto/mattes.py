# SPDX-License-Identifier: GPL-3.0-or-later
"""A job's mattes as image sequences, and the compositor nodes that cut the plate with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import bpy
    from roto_client.hosts import HostResult


def set_up(context: bpy.types.Context, result: HostResult, plate: Any = None) -> str:
    """Nodes for every object's mattes, as one undo step; what to tell the artist.

    ``plate``: as in `results.apply`. Nodes that stand already take the new version's files; what
    else is in the compositor stays. Raises RotoError where no mattes were fetched.
    """
    raise NotImplementedError
