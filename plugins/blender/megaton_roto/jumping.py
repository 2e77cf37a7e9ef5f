# SPDX-License-Identifier: GPL-3.0-or-later
"""From a line of the panel to the frame it speaks of."""

from __future__ import annotations

from bpy.types import Context, Image, MovieClip

from . import file_jobs, plate, prompts, results, session
from .errors import BlenderError


def jump(context: Context, job_id: str, name: str, frame: int) -> None:
    """Show plate frame ``frame`` of the plate a job was sent from, the object ``name`` chosen and
    its mask in the editor. Raises RotoError where the plate is not in this file."""
    block = file_jobs.block_of(job_id) or plate.id_block_of(context)
    if block is None:
        raise BlenderError(
            "The plate these frames are of is not in this file.",
            hint="Open the file it was sent from.",
            code="bad_plate",
        )
    frames = plate.frames_of(block, context.scene)
    # Not frame_set: the artist's own timeline does the same, and draws it once.
    context.scene.frame_current = frames.to_scene(frame)
    _show(context, block)
    if name in (one.name for one in prompts.objects(block)):
        prompts.set_active(block, name)
    _show_mask(context, job_id, name)
    session.redraw()


def _show(context: Context, block: MovieClip | Image) -> None:
    """The plate, in the editor the button was pressed in, if that can show it."""
    space = context.space_data
    if isinstance(block, MovieClip) and context.area and context.area.type == "CLIP_EDITOR":
        space.clip = block
    if isinstance(block, Image) and context.area and context.area.type == "IMAGE_EDITOR":
        space.image = block


def _show_mask(context: Context, job_id: str, name: str) -> None:
    state = session.state()
    row = state.job(job_id) if state else None
    space = context.space_data
    if row is None or space is None or getattr(space, "mode", "") != "MASK":
        return
    for mask in results.masks_of(row.shot_id):
        if mask.name == name or mask.name.startswith(f"{name}."):
            space.mask = mask
            return
