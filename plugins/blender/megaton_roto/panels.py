# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar of the Clip editor and of the Image editor, under "Roto".

Drawing reads what is there and changes nothing: no server is asked, no desk is made, nothing is
imported that was not imported before. Blender calls it many times a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy
from bpy.types import Context, Panel, UILayout

from . import online, session, words

if TYPE_CHECKING:
    from roto_client.hosts import CodeShown, JobRow

CATEGORY = "Roto"
_MOST_JOBS, _MOST_STRETCHES = 12, 12


def text(layout: UILayout, what: str, icon: str = "NONE", width: float = 0.0) -> None:
    """``what`` in as many lines as it takes."""
    column = layout.column(align=True)
    column.scale_y = 0.8
    region = bpy.context.region
    scale = bpy.context.preferences.system.ui_scale
    wide = width or (region.width if region else 300)
    for i, line in enumerate(words.lines(what, wide, scale)):
        column.label(text=line, icon=icon if i == 0 else ("NONE" if icon == "NONE" else "BLANK1"))


# -- parts, also of the preferences


def draw_server(layout: UILayout) -> None:
    """The way to the farm, and what can be done about it."""
    if not online.allowed():
        text(layout, f"{online.MESSAGE} {online.HINT}", "ERROR")
        return
    state = session.state()
    if state is None:
        layout.operator("megaton_roto.connect", icon="LINKED")
        return
    server = state.server
    text(layout, words.server_line(server), words.SERVER_ICONS.get(server.status, "QUESTION"))
    if state.sign_in is not None:
        _draw_code(layout, state.sign_in)
        return
    row = layout.row(align=True)
    row.operator("megaton_roto.sign_in_by_code", icon="URL")
    row.operator("megaton_roto.sign_in", icon="KEYINGSET")
    if server.status == "ready":
        layout.operator("megaton_roto.sign_out", icon="X")
    else:
        layout.operator("megaton_roto.connect", text="Try Again", icon="FILE_REFRESH")


def _draw_code(layout: UILayout, code: CodeShown) -> None:
    """The code that waits for the artist's browser."""
    box = layout.box()
    text(box, f"Enter this code at {code.address} and approve it:")
    row = box.row(align=True)
    row.label(text=code.code, icon="LOCKED")
    row.operator("megaton_roto.copy_code", text="", icon="COPYDOWN")
    text(box, words.code_left(code), "TIME")
    row = box.row(align=True)
    row.operator("megaton_roto.open_browser", icon="URL")
    row.operator("megaton_roto.stop_sign_in", icon="X")


def draw_messages(layout: UILayout) -> None:
    """The last lines, and what is on its way."""
    state = session.state()
    if state is not None and state.busy:
        if state.busy_fraction is not None and hasattr(layout, "progress"):
            layout.progress(text=state.busy, factor=state.busy_fraction)
        else:
            text(layout, state.busy, "TIME")
    kept = session.messages()
    if kept:
        box = layout.box()
        last = kept[-1]
        row = box.row()
        text(row.column(), last.text, words.MESSAGE_ICONS[last.level])
        row.operator("megaton_roto.clear_messages", text="", icon="X", emboss=False)
        if last.hint:
            text(box, last.hint, "NONE")
    if state is not None and state.notice:
        text(layout, state.notice, "INFO")


# -- what both editors show


class _Roto:
    """One of our panels, in either editor."""

    if TYPE_CHECKING:
        layout: UILayout
    bl_region_type = "UI"
    bl_category = CATEGORY

    @classmethod
    def poll(cls, context: Context) -> bool:
        """The Clip editor in its Mask mode; the Image editor as a viewer or in its Mask mode."""
        space = context.space_data
        modes = ("MASK",) if space.type == "CLIP_EDITOR" else ("MASK", "VIEW")
        return space.mode in modes


class _Main(_Roto):
    """Server and messages."""

    bl_label = "Megaton Roto"

    def draw(self, context: Context) -> None:
        """Blender's way of showing it."""
        draw_server(self.layout)
        draw_messages(self.layout)


class _Objects(_Roto):
    """The plate's objects, and what is said about the one that is chosen."""

    bl_label = "Objects"

    def draw(self, context: Context) -> None:
        """Blender's way of showing it."""
        from . import plate, prompts

        layout = self.layout
        block = plate.id_block_of(context)
        if block is None:
            kind = "a clip" if context.space_data.type == "CLIP_EDITOR" else "an image sequence"
            text(layout, f"Open {kind} first: the plate.", "INFO")
            return
        broken = prompts.problem(block)
        if broken:
            text(layout, broken, "ERROR")
            layout.operator("megaton_roto.clear_prompts", icon="TRASH")
            return
        column = layout.column(align=True)
        active = prompts.active(block)
        for thing in prompts.objects(block):
            row = column.row(align=True)
            row.operator(
                "megaton_roto.switch_object",
                text="",
                icon="CHECKBOX_HLT" if thing.on else "CHECKBOX_DEHLT",
                emboss=False,
            ).object = thing.name
            row.operator(
                "megaton_roto.choose_object",
                text=f"{thing.name}  ({_frames(len(thing.prompts))})",
                icon="RADIOBUT_ON" if thing.name == active else "RADIOBUT_OFF",
                depress=thing.name == active,
            ).object = thing.name
            for what, icon in (("edit_object", "GREASEPENCIL"), ("remove_object", "X")):
                row.operator(f"megaton_roto.{what}", text="", icon=icon).object = thing.name
        layout.operator("megaton_roto.add_object", icon="ADD")
        if active:
            _draw_prompts(layout, context, block, active)


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"


def _draw_prompts(layout: UILayout, context: Context, block: Any, active: str) -> None:
    from . import prompts

    row = layout.row(align=True)
    row.operator("megaton_roto.capture", text="Points", icon="CURSOR").mode = "POINTS"
    row.operator("megaton_roto.capture", text="Box", icon="SELECT_SET").mode = "BOX"
    row = layout.row(align=True)
    row.operator("megaton_roto.outlines", icon="MOD_MASK")
    row.operator("megaton_roto.absent", icon="HIDE_ON")
    row = layout.row(align=True)
    row.operator("megaton_roto.undo_prompt", icon="LOOP_BACK")
    row.operator("megaton_roto.clear_frame", icon="TRASH")
    column = layout.column(align=True)
    column.scale_y = 0.8
    for line in prompts.lines(block, active, context.scene):
        column.label(text=line)


class _Submit(_Roto):
    """The next job."""

    bl_label = "Submit"

    def draw(self, context: Context) -> None:
        """Blender's way of showing it."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        kept = context.scene.megaton_roto
        column = layout.column()
        for name in ("project", "shot", "engine", "priority"):
            column.prop(kept, name)
        column.prop(kept, "outputs")
        column.prop(kept, "tolerance")
        row = column.row()
        row.prop(kept, "use_range")
        row.operator("megaton_roto.use_scene_range", text="", icon="TIME")
        if kept.use_range:
            pair = column.column(align=True)
            pair.prop(kept, "first")
            pair.prop(kept, "last")
        self._draw_buttons(layout, context)

    def _draw_buttons(self, layout: UILayout, context: Context) -> None:
        from . import plate, previewing

        block = plate.id_block_of(context)
        if block is not None and previewing.look_at(block) is not None:
            layout.operator("megaton_roto.hide_preview", icon="HIDE_ON")
        row = layout.row(align=True)
        row.scale_y = 1.3
        row.operator("megaton_roto.preview", icon="HIDE_OFF")
        row.operator("megaton_roto.submit", icon="EXPORT")


class _Jobs(_Roto):
    """Jobs, and what the chosen one made."""

    bl_label = "Jobs"

    def draw(self, context: Context) -> None:
        """Blender's way of showing it."""
        layout = self.layout
        view = context.window_manager.megaton_roto
        row = layout.row()
        row.prop(view, "all_jobs")
        row.operator("megaton_roto.list_jobs", text="", icon="FILE_REFRESH")
        rows = listed(context)
        if not rows:
            text(layout, "None yet: give prompts, then press Submit.", "INFO")
        column = layout.column(align=True)
        for job in rows[:_MOST_JOBS]:
            column.operator(
                "megaton_roto.choose_job",
                text=words.job_line(job),
                icon=words.JOB_ICONS.get(job.state, "QUESTION"),
                depress=job.id == view.job,
            ).job = job.id
        if len(rows) > _MOST_JOBS:
            text(layout, f"and {len(rows) - _MOST_JOBS} older ones", "NONE")
        chosen = next((job for job in rows if job.id == view.job), None)
        if chosen is not None:
            _draw_job(layout.box(), chosen)


def listed(context: Context) -> list[JobRow]:
    """The jobs of the plate in this editor, or all that are known, the newest first."""
    from . import file_jobs, plate

    state = session.state()
    if state is None:
        return []
    if context.window_manager.megaton_roto.all_jobs:
        return list(state.jobs)
    here = {note.id for note in file_jobs.of(plate.id_block_of(context))}
    return [row for row in state.jobs if row.id in here]


def _draw_job(box: UILayout, job: JobRow) -> None:
    if job.state == "running" and hasattr(box, "progress"):
        box.progress(text=f"{job.stage} {job.fraction:.0%}", factor=job.fraction)
    if job.error:
        text(box, job.error, "ERROR")
        if job.hint:
            text(box, job.hint)
    row = box.row(align=True)
    if job.state == "succeeded":
        for what, label in (("SHAPES", "Masks"), ("MATTES", "Mattes"), ("BOTH", "Both")):
            button = row.operator("megaton_roto.apply", text=label, icon="IMPORT")
            button.job, button.what = job.id, what
        _draw_needing(box, job)
        box.operator("megaton_roto.correct", icon="EXPORT")
        row = box.row(align=True)
    elif job.ended:
        row.operator("megaton_roto.retry", icon="FILE_REFRESH").job = job.id
    else:
        row.operator("megaton_roto.newest_mask", icon="HIDE_OFF").job = job.id
        row.operator("megaton_roto.cancel", icon="CANCEL").job = job.id
    row.operator("megaton_roto.log", icon="TEXT").job = job.id
    row.operator("megaton_roto.forget", text="", icon="REMOVE").job = job.id


def _draw_needing(box: UILayout, job: JobRow) -> None:
    """The frames the farm is in doubt about, the worst first; a click goes there."""
    from roto_client.hosts.qt.words import needing

    found = needing(job)
    if not found:
        text(box, "No frame needs you: the farm is sure of all of them.", "CHECKMARK")
        return
    box.label(text="Frames that need you", icon="ERROR")
    column = box.column(align=True)
    to_scene = _to_scene(job)
    for name, stretch in found[:_MOST_STRETCHES]:
        first, last = to_scene(stretch.first), to_scene(stretch.last)
        span = str(first) if first == last else f"{first}-{last}"
        button = column.operator(
            "megaton_roto.jump",
            text=f"{name}: {span}  ({stretch.confidence:.0%} sure)",
            icon="FRAME_NEXT",
        )
        button.job, button.object, button.frame = job.id, name, stretch.worst
    if len(found) > _MOST_STRETCHES:
        text(box, f"and {len(found) - _MOST_STRETCHES} more stretches")


def _to_scene(job: JobRow) -> Any:
    """From plate frames to those of the timeline; the plate's own if it is not in this file."""
    from . import file_jobs, plate

    block = file_jobs.block_of(job.id)
    return plate.frames_of(block, bpy.context.scene).to_scene if block else int


def _for(space: str, prefix: str) -> tuple[type, ...]:
    """Our panels for one editor, the first of them around the others."""
    main = type(f"{prefix}_PT_megaton_roto", (_Main, Panel), {"bl_space_type": space})
    made = [main]
    for name, body in (("objects", _Objects), ("submit", _Submit), ("jobs", _Jobs)):
        traits = {"bl_space_type": space, "bl_parent_id": main.__name__}
        made.append(type(f"{prefix}_PT_megaton_roto_{name}", (body, Panel), traits))
    return tuple(made)


CLASSES = (*_for("CLIP_EDITOR", "CLIP"), *_for("IMAGE_EDITOR", "IMAGE"))
