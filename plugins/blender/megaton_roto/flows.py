# SPDX-License-Identifier: GPL-3.0-or-later
"""Preview, submit, fetch, correct: every flow begins and ends on the main thread.

What is on its way keeps a `Target`, never a datablock. A job that was sent goes on at the farm
whatever happens here; its id is noted beside the plate as soon as it is known.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.types import Context

from . import (
    file_jobs,
    mattes,
    plate,
    preferences,
    previewing,
    prompts,
    readback,
    results,
    session,
    settings,
    targets,
)
from .errors import BlenderError
from .file_jobs import JobNote
from .targets import Target

if TYPE_CHECKING:
    from roto_client.hosts import HostRequest, HostResult, JobRow, NewestMask, Preview

SHAPES, MATTES, BOTH = "SHAPES", "MATTES", "BOTH"


# -- what goes out


def request_of(
    context: Context, found: plate.Plate, chosen: settings.JobSettings, frame: int | None = None
) -> HostRequest:
    """What the prompts on a plate ask for; of one plate frame only, if ``frame`` is given.

    Raises RotoError: nothing is prompted, or not in the frames that are chosen.
    """
    from roto_client.hosts import HostRequest

    wanted = _frames(found, chosen.scene_range)
    frames = wanted if frame is None else (frame, frame)
    objects = prompts.object_prompts(found.id_block, frames)
    if not objects:
        raise _nothing_said(found, frame)
    return HostRequest(
        plate=found.path,
        objects=objects,
        project=chosen.project,
        shot=chosen.shot,
        frame_range=wanted,
        first_frame=found.first_frame,
        colorspace=found.colour_space,
        fps=found.fps,
        outputs=chosen.outputs,
        exports=("json",),
        engine=chosen.engine,
        priority=chosen.priority,
        tolerance=chosen.tolerance,
        # A mask's layer has no motion of its own in Blender: what a layer moves would be baked
        # into keys on every frame.
        layer_transform="off",
        width=found.width,
        height=found.height,
    )


def _frames(found: plate.Plate, chosen: tuple[int, int] | None) -> tuple[int, int]:
    """The plate frames to track. Raises RotoError where the plate has none of the chosen ones."""
    first, last = found.frame_range
    if chosen is None:
        return first, last
    wanted = found.to_plate(chosen[0]), found.to_plate(chosen[1])
    if wanted[0] < first or wanted[1] > last:
        raise BlenderError(
            f"The plate has frames {found.to_scene(first)} to {found.to_scene(last)} of the "
            f"timeline, not {chosen[0]} to {chosen[1]}.",
            hint="Change the frames in the panel, or switch Some Frames off.",
            code="bad_frame_range",
        )
    return wanted


def _nothing_said(found: plate.Plate, frame: int | None) -> BlenderError:
    where = "" if frame is None else f" on frame {found.to_scene(frame)}"
    return BlenderError(
        f"Nothing is said about any object{where}.",
        hint="Add an object, press Points, and click on it in the picture.",
        code="no_objects",
    )


def submit(context: Context) -> None:
    """Send the prompts of the plate in the editor. Returns at once.

    Raises RotoError for what can be seen without the server.
    """
    desk = session.desk()
    chosen = settings.job_settings(context.scene)
    found = plate.describe(context)
    request = request_of(context, found, chosen)
    target = Target.of(found.id_block, context.scene)
    names = tuple(one.name for one in request.objects)

    def sent(row: JobRow) -> None:
        _note(target, row, names)
        unsaved = "" if bpy.data.filepath else "Save this file to find the job again tomorrow."
        session.say("INFO", f"{row.shot} version {row.version} was sent.", unsaved)

    plate.remember_view(context)
    things = "1 object" if len(names) == 1 else f"{len(names)} objects"
    session.say("INFO", " ".join([f"Sending {things}...", *found.notes]))
    desk.submit(request, sent, session.tell)
    _remember(chosen)


def _note(target: Target, row: JobRow, objects: tuple[str, ...]) -> None:
    bpy.context.window_manager.megaton_roto.job = row.id
    if not file_jobs.note(target, JobNote(row.id, row.shot_id, row.version, objects)):
        session.say(
            "WARNING",
            f"{row.shot}: the job cannot be noted beside its plate in this file.",
            "The job goes on; it is in the list of jobs of all plates.",
        )


def _remember(chosen: settings.JobSettings) -> None:
    """For the next file. On a thread: it is a file on disk."""
    desk = session.desk()
    kept = settings.to_memory(chosen)
    desk.runner.run(
        lambda stop: desk.memory.remember(chosen.project, kept),
        lambda nothing: None,
        session.tell,
    )


def preview(context: Context) -> None:
    """Ask what the prompts on the frame that is shown give; the mask is drawn over the picture."""
    desk = session.desk()
    chosen = settings.job_settings(context.scene)
    found = plate.describe(context)
    frame = found.to_plate(context.scene.frame_current)
    request = request_of(context, found, chosen, frame)
    target = Target.of(found.id_block, context.scene)

    def answered(answer: Preview) -> None:
        block = target.block()
        if block is None:
            return
        again = plate.of(block, target.scene_now())
        session.say("INFO", previewing.show(block, again, answer))

    session.say("INFO", f"Asking for frame {context.scene.frame_current}...")
    desk.preview(request, frame, answered, session.tell, client_key=f"blender-{target.uid}")


def correct(context: Context, masks: Any) -> None:
    """Send what was changed in masks of ours. Raises RotoError where there is nothing to send."""
    desk = session.desk()
    correction = readback.correction(context, masks)
    base = next(
        (
            (Target.of(block, context.scene), one)
            for block in targets.blocks()
            for one in file_jobs.of(block)
            if one.shot_id == correction.shot_id
        ),
        None,
    )

    def sent(row: JobRow) -> None:
        if base is not None:
            _note(base[0], row, base[1].objects)
        session.say("INFO", f"The correction was sent: {row.shot} version {row.version}.")

    session.say("INFO", "Sending what you changed...")
    desk.correct(correction, sent, session.tell)


# -- what comes back


def fetch(context: Context, job_id: str, what: str) -> None:
    """Bring a job's shapes, mattes or both into this file. Returns at once.

    Raises RotoError where the job's plate is not in this file.
    """
    desk = session.desk()
    block = file_jobs.block_of(job_id) or plate.id_block_of(context)
    if block is None:
        raise _no_plate()
    target = Target.of(block, context.scene)

    def done(result: HostResult) -> None:
        _arrived(target, result, what)

    session.say("INFO", "Fetching...")
    folder = preferences.chosen().folder
    desk.fetch(
        job_id,
        done,
        session.tell,
        folder=_results_folder(folder, job_id) if folder else None,
        mattes=what != SHAPES,
    )


def _results_folder(folder: str, job_id: str) -> Path:
    """Beside one another in the chosen folder: a shot's name, its id, the version."""
    state = session.state()
    row = state.job(job_id) if state else None
    if row is None:
        return Path(folder) / job_id
    return Path(folder) / f"{row.shot}-{row.shot_id[:8]}" / f"v{row.version:03d}"


def _arrived(target: Target, result: HostResult, what: str) -> None:
    block = target.block()
    if block is None:
        raise _no_plate()
    found = plate.of(block, target.scene_now())
    told = []
    with target.shown() as context:
        if what != MATTES:
            told.append(results.apply(context, result, result.row, found))
        if what != SHAPES:
            told.append(mattes.set_up(context, result, found))
    session.say("INFO", " ".join(told))


def _no_plate() -> BlenderError:
    return BlenderError(
        "The plate this job was made of is not in this file.",
        hint="Open the file it was sent from, or the plate in this editor.",
        code="bad_plate",
    )


def newest_mask(context: Context, job_id: str) -> None:
    """Show the matte that was tracked last of a job that runs: of the chosen object, or its first.

    Raises RotoError where the job's plate is not in this file.
    """
    desk = session.desk()
    state = session.state()
    row = state.job(job_id) if state else None
    block = file_jobs.block_of(job_id)
    if block is None or row is None or not row.objects:
        raise _no_plate()
    active = prompts.active(block)
    name = active if active in row.objects else row.objects[0]
    target = Target.of(block, context.scene)

    def done(newest: NewestMask) -> None:
        again = target.block()
        if again is None:
            return
        previewing.show_mask(again, newest.frame, name, newest.png)
        scene = target.scene_now()
        scene.frame_current = plate.frames_of(again, scene).to_scene(newest.frame)
        session.say("INFO", f"{name} on frame {scene.frame_current}, as it was tracked just now.")

    desk.newest_mask(job_id, name, done, session.tell)


def log(job_id: str) -> None:
    """What the farm wrote about a job, as a text of this file."""
    state = session.state()
    row = state.job(job_id) if state else None
    name = f"Megaton Roto {row.shot} v{row.version:03d}" if row else f"Megaton Roto {job_id[:8]}"

    def done(text: str) -> None:
        kept = bpy.data.texts.get(name) or bpy.data.texts.new(name)
        kept.from_string(text or "The farm has written nothing about this job yet.")
        session.say("INFO", f"The farm's log is the text {kept.name!r}: see the Text Editor.")

    session.desk().log(job_id, done, session.tell)
