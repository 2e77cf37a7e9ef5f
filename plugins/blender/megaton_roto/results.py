# SPDX-License-Identifier: GPL-3.0-or-later
"""A job's shapes as masks: new ones, or its newer version laid into those that stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import bpy
    from roto_client.hosts import HostResult, JobRow


def apply(context: bpy.types.Context, result: HostResult, row: JobRow, plate: Any = None) -> str:
    """Put the shapes of ``result`` into masks, as one undo step; what to tell the artist.

    ``plate``: the `plate.Plate` the job was made of; None: `plate.describe(context)`, which needs
    the editor that shows it (there is none in a timer). A mask of an older version of the same
    shot and object is updated in ``result.changed`` only; others are made.
    Raises RotoError where the job made no shapes.
    """
    raise NotImplementedError


def masks_of(shot_id: str) -> list[bpy.types.Mask]:
    """The masks in this file that came from a shot, in the order of their objects."""
    raise NotImplementedError
