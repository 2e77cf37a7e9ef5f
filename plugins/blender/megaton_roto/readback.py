# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks an artist changed, as corrections for the farm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import bpy
    from roto_client.hosts import HostCorrection, HostEdit
    from roto_shapes.document import Document


def edits(
    context: bpy.types.Context, masks: bpy.types.Mask | Sequence[bpy.types.Mask]
) -> Callable[[Document], list[HostEdit]]:
    """What was changed in masks of ours, for `HostCorrection.edits`.

    The masks are read here, on the main thread; what is returned touches Blender no more and may
    run on any thread. Raises RotoError where a mask is none of ours.
    """
    raise NotImplementedError


def correction(
    context: bpy.types.Context, masks: bpy.types.Mask | Sequence[bpy.types.Mask]
) -> HostCorrection:
    """The whole correction of one shot's masks. Raises RotoError where they are of two versions."""
    raise NotImplementedError


def corrigible(mask: bpy.types.Mask | None) -> bool:
    """Whether a mask came from the farm, for a button's poll: cheap, never raises."""
    raise NotImplementedError
