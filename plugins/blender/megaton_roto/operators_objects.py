# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of a plate's objects: add, choose, rename, remove. Each is one undo step.

No ``from __future__ import annotations``: Blender wants properties themselves in the annotations.
"""

from typing import Any, ClassVar

from bpy.props import StringProperty
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


class RenameObject(OnPlate):
    """Give the object another name"""

    bl_idname = "megaton_roto.rename_object"
    bl_label = "Rename Object"

    object: StringProperty(**_NAME)
    to: StringProperty(name="Name", options={"SKIP_SAVE"})

    def invoke(self, context: Context, event: Event) -> Outcome:
        self.to = self.object
        return set(context.window_manager.invoke_props_dialog(self))

    def draw(self, context: Context) -> None:
        """The dialog: only the new name."""
        self.layout.prop(self, "to")

    def act(self, block: Any) -> None:
        from . import prompts

        prompts.rename_object(block, self.object, self.to)


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
    RenameObject,
    RemoveObject,
)
