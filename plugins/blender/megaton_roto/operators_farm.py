# SPDX-License-Identifier: GPL-3.0-or-later
"""The buttons about plates and jobs. An operator says at once what can be seen here; what the farm
says comes into the panels, since no operator of Blender may wait.

No ``from __future__ import annotations``: Blender wants properties themselves in the annotations.
All that an artist may want to find by name (F3) is without INTERNAL.
"""

from typing import Any, ClassVar

from bpy.props import EnumProperty, IntProperty, StringProperty
from bpy.types import Context, Operator

from . import session
from .told import Outcome, Told

_JOB = {"name": "Job", "description": "Id of a job; empty: the one chosen in the list"}


class OfJob(Told):
    """An operator on one job."""

    job: StringProperty(**_JOB)

    def act(self, context: Context) -> None:
        """Find the job. Raises RotoError where there is none."""
        job_id = self.job or context.window_manager.megaton_roto.job
        if not job_id:
            from roto_shapes.errors import RotoError

            raise RotoError("No job is chosen.", hint="Choose one in the list of jobs.")
        self.act_on(context, job_id)

    def act_on(self, context: Context, job_id: str) -> None:
        """What it does to the job."""
        raise NotImplementedError


# -- a plate's objects


class Preview(Told):
    """See what the prompts on this frame give, within a second or two"""

    bl_idname = "megaton_roto.preview"
    bl_label = "Preview Frame"

    def act(self, context: Context) -> None:
        from . import flows

        flows.preview(context)


class HidePreview(Operator):
    """Take the preview off the picture"""

    bl_idname = "megaton_roto.hide_preview"
    bl_label = "Hide Preview"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    def execute(self, context: Context) -> Outcome:
        from . import plate, previewing

        previewing.clear(plate.id_block_of(context))
        session.redraw()
        return {"FINISHED"}


class Submit(Told):
    """Send the objects of this plate to be tracked through the shot"""

    bl_idname = "megaton_roto.submit"
    bl_label = "Submit"

    def act(self, context: Context) -> None:
        from . import flows

        flows.submit(context)


class UseSceneRange(Operator):
    """Track the frames that the timeline plays"""

    bl_idname = "megaton_roto.use_scene_range"
    bl_label = "Frames of the Timeline"
    bl_options: ClassVar[set[str]] = {"INTERNAL", "UNDO"}

    def execute(self, context: Context) -> Outcome:
        scene = context.scene
        played = scene.use_preview_range
        kept = scene.megaton_roto
        kept.first = scene.frame_preview_start if played else scene.frame_start
        kept.last = scene.frame_preview_end if played else scene.frame_end
        kept.use_range = True
        return {"FINISHED"}


class Correct(Told):
    """Send what you changed in this mask: what follows from it is tracked again"""

    bl_idname = "megaton_roto.correct"
    bl_label = "Send Correction"

    @classmethod
    def poll(cls, context: Context) -> bool:
        from . import readback

        mask = getattr(context.space_data, "mask", None)
        if not readback.corrigible(mask):
            cls.poll_message_set("Choose a mask that came from the farm, in Mask mode.")
            return False
        return super().poll(context)

    def act(self, context: Context) -> None:
        from . import flows

        flows.correct(context, context.space_data.mask)


# -- jobs


class ChooseJob(Operator):
    """Choose this job"""

    bl_idname = "megaton_roto.choose_job"
    bl_label = "Choose Job"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    job: StringProperty(**_JOB)

    def execute(self, context: Context) -> Outcome:
        context.window_manager.megaton_roto.job = self.job
        return {"FINISHED"}


class ListJobs(Told):
    """Ask the farm for the newest jobs of all plates"""

    bl_idname = "megaton_roto.list_jobs"
    bl_label = "Newest Jobs"

    def act(self, context: Context) -> None:
        context.window_manager.megaton_roto.all_jobs = True
        session.desk().list_jobs(lambda rows: session.redraw(), session.tell)


class Apply(OfJob):
    """Bring what the job made into this file"""

    bl_idname = "megaton_roto.apply"
    bl_label = "Bring In"

    what: EnumProperty(
        name="What",
        items=(
            ("SHAPES", "Masks", "The shapes, as masks of this file"),
            ("MATTES", "Mattes", "The image sequences, in the compositor"),
            ("BOTH", "Both", "Masks and mattes"),
        ),
        options={"SKIP_SAVE"},
    )

    @classmethod
    def description(cls, context: Context, properties: Any) -> str:
        """The tip of each of the three buttons."""
        return {
            "SHAPES": "Bring the shapes in as masks. What you changed since in a mask that is here "
            "stays, where the farm tracked nothing anew",
            "MATTES": "Fetch the mattes and set the compositor up with them",
            "BOTH": "Bring in masks and mattes",
        }[properties.what]

    def act_on(self, context: Context, job_id: str) -> None:
        from . import flows

        flows.fetch(context, job_id, self.what)


class ShowNewest(OfJob):
    """Look at the matte the farm tracked last: if it goes wrong, stop the job"""

    bl_idname = "megaton_roto.newest_mask"
    bl_label = "Newest Mask"

    def act_on(self, context: Context, job_id: str) -> None:
        from . import flows

        flows.newest_mask(context, job_id)


class Cancel(OfJob):
    """Stop the job at the farm"""

    bl_idname = "megaton_roto.cancel"
    bl_label = "Stop"

    def act_on(self, context: Context, job_id: str) -> None:
        session.desk().cancel(job_id, lambda row: session.redraw(), session.tell)


class Retry(OfJob):
    """Run the job again, from where it broke"""

    bl_idname = "megaton_roto.retry"
    bl_label = "Try Again"

    def act_on(self, context: Context, job_id: str) -> None:
        session.desk().retry(job_id, lambda row: session.redraw(), session.tell)


class Log(OfJob):
    """Fetch what the farm wrote about the job, as a text of this file"""

    bl_idname = "megaton_roto.log"
    bl_label = "Log"

    def act_on(self, context: Context, job_id: str) -> None:
        from . import flows

        flows.log(job_id)


class Forget(OfJob):
    """Take the job off this list; it goes on at the farm"""

    bl_idname = "megaton_roto.forget"
    bl_label = "Remove from List"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return session.state() is not None

    def act_on(self, context: Context, job_id: str) -> None:
        from . import file_jobs

        file_jobs.forget(job_id)
        session.desk().forget(job_id)
        context.window_manager.megaton_roto.job = ""


class Jump(Told):
    """Go to the frame that needs you, on the plate it is of"""

    bl_idname = "megaton_roto.jump"
    bl_label = "Go to Frame"

    frame: IntProperty(name="Frame", description="Frame of the plate", options={"SKIP_SAVE"})
    object: StringProperty(name="Object", options={"SKIP_SAVE"})
    job: StringProperty(**_JOB)

    @classmethod
    def poll(cls, context: Context) -> bool:
        return True

    def act(self, context: Context) -> None:
        from . import jumping

        jumping.jump(context, self.job, self.object, self.frame)


class ClearMessages(Operator):
    """Put these lines away"""

    bl_idname = "megaton_roto.clear_messages"
    bl_label = "Clear"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    def execute(self, context: Context) -> Outcome:
        session.clear_messages()
        return {"FINISHED"}


CLASSES = (
    Preview,
    HidePreview,
    Submit,
    UseSceneRange,
    Correct,
    ChooseJob,
    ListJobs,
    Apply,
    ShowNewest,
    Cancel,
    Retry,
    Log,
    Forget,
    Jump,
    ClearMessages,
)
