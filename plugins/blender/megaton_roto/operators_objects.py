# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of a plate's objects: add, choose, edit, remove. Each is one undo step.

No ``from __future__ import annotations``: Blender wants properties themselves in the annotations.
"""

from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty, FloatVectorProperty, IntProperty, StringProperty
from bpy.types import Context, Event, Operator

from . import session

Outcome = set[str]
_NAME = {"name": "Object", "options": {"SKIP_SAVE"}}


class OnPlate(Operator):
    """An operator on the plate of the editor, one undo step, its errors shown and not raised."""

    bl_options: ClassVar[set[str]] = {"INTERNAL", "UNDO"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only where a plate is open."""
        from . import plate

        if plate.id_block_of(context) is not None:
            return True
        cls.poll_message_set("Open a clip or an image sequence first: the plate.")
        return False

    def execute(self, context: Context) -> Outcome:
        """Blender's way of calling it."""
        from . import plate

        try:
            self.act(plate.id_block_of(context))
        except Exception as error:
            session.failed(error)
            last = session.messages()[-1]
            self.report({"WARNING"}, f"{last.text} {last.hint}".strip())
            return {"CANCELLED"}
        session.redraw()
        return {"FINISHED"}

    def act(self, block: Any) -> None:
        """What it does to the plate's objects. May raise RotoError."""
        raise NotImplementedError


class AddObject(OnPlate):
    """Add something to isolate; points and boxes then go to it"""

    bl_idname = "megaton_roto.add_object"
    bl_label = "Add Object"

    object: StringProperty(description="Empty: object1, object2 ...", **_NAME)

    def act(self, block: Any) -> None:
        from . import prompts

        number = len(prompts.objects(block)) + 1
        prompts.add_object(block, self.object or f"object{number}")


class ChooseObject(OnPlate):
    """Points and boxes go to this object from now on"""

    bl_idname = "megaton_roto.choose_object"
    bl_label = "Choose Object"

    object: StringProperty(**_NAME)

    def act(self, block: Any) -> None:
        from . import prompts

        prompts.set_active(block, self.object)


class SwitchObject(OnPlate):
    """Whether the object takes part in the next job"""

    bl_idname = "megaton_roto.switch_object"
    bl_label = "Switch Object"

    object: StringProperty(**_NAME)

    def act(self, block: Any) -> None:
        from . import prompts

        found = prompts.find(block, self.object)
        prompts.set_on(block, self.object, not (found and found.on))


class EditObject(OnPlate):
    """Name and colour of the object, and the frames of the timeline on which it may be"""

    bl_idname = "megaton_roto.edit_object"
    bl_label = "Object"

    object: StringProperty(**_NAME)
    to: StringProperty(name="Name", options={"SKIP_SAVE"})
    color: FloatVectorProperty(
        name="Colour", subtype="COLOR", size=3, min=0, max=1, options={"SKIP_SAVE"}
    )
    limited: BoolProperty(
        name="Some Frames",
        description="Outside these frames the object is not there: it has no matte",
        options={"SKIP_SAVE"},
    )
    first: IntProperty(name="First", options={"SKIP_SAVE"})
    last: IntProperty(name="Last", options={"SKIP_SAVE"})

    def invoke(self, context: Context, event: Event) -> Outcome:
        from . import plate, prompts

        block = plate.id_block_of(context)
        found = prompts.find(block, self.object)
        if found is None:
            return self.execute(context)
        frames = plate.frames_of(block, context.scene)
        self.to, self.color = found.name, found.color
        self.limited = found.frame_range is not None
        self.first, self.last = context.scene.frame_start, context.scene.frame_end
        if found.frame_range is not None:
            self.first, self.last = (frames.to_scene(frame) for frame in found.frame_range)
        return set(context.window_manager.invoke_props_dialog(self))

    def draw(self, context: Context) -> None:
        """The dialog."""
        self.layout.prop(self, "to")
        self.layout.prop(self, "color")
        self.layout.prop(self, "limited")
        row = self.layout.row(align=True)
        row.enabled = self.limited
        row.prop(self, "first")
        row.prop(self, "last")

    def act(self, block: Any) -> None:
        """What was given changes; a script need not give all."""
        from . import prompts

        given = self.properties.is_property_set
        name = self.object
        if given("limited"):
            prompts.set_range(block, name, self._range(block) if self.limited else None)
        if given("color"):
            prompts.set_color(block, name, tuple(self.color))
        if given("to"):
            prompts.rename_object(block, name, self.to)

    def _range(self, block: Any) -> tuple[int, int]:
        from . import plate
        from .errors import BlenderError

        if self.first > self.last:
            raise BlenderError(
                f"Frame {self.first} comes after frame {self.last}.",
                hint="Give the first frame first.",
                code="bad_frame_range",
            )
        frames = plate.frames_of(block, bpy.context.scene)
        return frames.to_plate(self.first), frames.to_plate(self.last)


class RemoveObject(OnPlate):
    """Remove the object and everything said about it"""

    bl_idname = "megaton_roto.remove_object"
    bl_label = "Remove Object"

    object: StringProperty(**_NAME)

    def act(self, block: Any) -> None:
        from . import prompts

        prompts.remove_object(block, self.object)


CLASSES = (
    AddObject,
    ChooseObject,
    SwitchObject,
    EditObject,
    RemoveObject,
)
