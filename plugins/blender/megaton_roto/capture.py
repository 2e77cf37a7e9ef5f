# SPDX-License-Identifier: GPL-3.0-or-later
"""Clicks and boxes in the Clip and Image editors, kept on the plate by `prompts`.

``execute`` of each operator is the whole of its logic, for scripts and tests; ``modal`` only turns
events into calls of the same functions.

No ``from __future__ import annotations``: Blender wants properties themselves in the annotations.
"""

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, StringProperty

from . import plate, prompts
from .gesture import Do, Gesture
from .view import Pair, View, is_over, mouse, view_of, window_region

NEAR = 7.0
"""Region pixels within which a click takes an earlier one away."""
HELP = {
    "POINTS": "Click: on {name}   Ctrl or Alt click: beside it   click again: take it away   "
    "B or Shift drag: box   Ctrl Z: undo   Esc, Enter: done",
    "BOX": "Drag a box around the whole of {name}   B: points   Ctrl Z: undo   Esc, Enter: done",
}

running: Gesture | None = None
"""The capture that is going on, if there is one, for `overlay` to draw."""


class Spot(NamedTuple):
    """What is captured where: the plate's data-block, an object, a plate frame."""

    block: Any
    name: str
    frame: int


# -- what a capture does, without events


def spot_of(context: Any, shown: plate.Plate, name: str = "") -> Spot:
    """Where a click goes now: to ``name``, else the active object, which is made if there is none.

    Raises BlenderError off the plate's frames.
    """
    from .errors import BlenderError

    block = plate.id_block_of(context)
    scene_frame = context.scene.frame_current
    frame = plate.frames_shown(context).to_plate(scene_frame)
    first, last = shown.frame_range
    if not first <= frame <= last:
        begin, end = shown.scene_range
        raise BlenderError(
            f"The plate has no picture on frame {scene_frame}.", hint=f"Go to {begin} to {end}."
        )
    name = name or prompts.active(block) or prompts.add_object(block)
    return Spot(block, name, frame)


def click(spot: Spot, shown: plate.Plate, x: float, y: float, positive: bool) -> None:
    """Add a click, plate pixels. Raises BlenderError beside the plate."""
    from .errors import BlenderError

    if not (0 <= x <= shown.width and 0 <= y <= shown.height):
        raise BlenderError(
            f"({x:.0f}, {y:.0f}) is beside the plate of {shown.width} x {shown.height} pixels.",
            hint="Click on the picture.",
        )
    prompts.add_click(spot.block, spot.name, spot.frame, x, y, positive)


def click_at(spot: Spot, shown: plate.Plate, view: View, place: Pair, positive: bool) -> None:
    """A click in a region: it takes an earlier one that is there away, or is a new one."""
    known = prompts.find(spot.block, spot.name)
    points = known.prompts.get(spot.frame, {}).get("points", ()) if known else ()
    for index, point in enumerate(points):
        x, y = view.to_region((point["x"], point["y"]))
        if max(abs(x - place[0]), abs(y - place[1])) <= NEAR:
            prompts.remove_click(spot.block, spot.name, spot.frame, index)
            return
    click(spot, shown, *view.to_plate(place), positive)


def box(spot: Spot, shown: plate.Plate, start: Pair, end: Pair) -> None:
    """A box between two corners, plate pixels, cut at the plate's edges. Raises BlenderError for
    one that is beside the plate."""
    from .errors import BlenderError

    (x0, x1), (y0, y1) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    x0, x1 = max(0.0, x0), min(float(shown.width), x1)
    y0, y1 = max(0.0, y0), min(float(shown.height), y1)
    if x0 >= x1 or y0 >= y1:
        raise BlenderError("The box is beside the plate.", hint="Draw it around the object.")
    prompts.set_box(spot.block, spot.name, spot.frame, (x0, y0, x1, y1))


def undo(block: Any, scene: Any) -> str:
    """Take back the last prompt; returns what to tell the artist."""
    found = prompts.undo_last(block)
    if found is None:
        return "There is nothing to take back."
    return f"Taken back: {found[0]}, frame {plate.frames_of(block, scene).to_scene(found[1])}."


# -- operators


def _told(operator: Any, work: Callable[[], Any]) -> set[str]:
    """Run an operator's work; what can be put right becomes a report."""
    from roto_shapes.errors import RotoError

    try:
        work()
    except RotoError as error:
        operator.report({"ERROR"}, f"{error.message} {error.hint}".strip())
        return {"CANCELLED"}
    return {"FINISHED"}


def _is_editor(context: Any) -> bool:
    return plate.id_block_of(context) is not None


class Capture(bpy.types.Operator):
    """Click on the object, or draw a box around it, in the picture"""

    bl_idname = "megaton_roto.capture"
    bl_label = "Click on Object"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    mode: EnumProperty(
        name="Mode",
        items=(
            ("POINTS", "Points", "Click on the object, with Ctrl or Alt beside it"),
            ("BOX", "Box", "Drag a box around the whole object"),
        ),
        options={"SKIP_SAVE"},
    )
    x: FloatProperty(options={"SKIP_SAVE"})
    y: FloatProperty(options={"SKIP_SAVE"})
    x2: FloatProperty(options={"SKIP_SAVE"})
    y2: FloatProperty(options={"SKIP_SAVE"})
    positive: BoolProperty(default=True, options={"SKIP_SAVE"})
    object: StringProperty(options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: Any) -> bool:
        return _is_editor(context) and plate.shows_picture(context)

    def execute(self, context: Any) -> set[str]:
        """One click at (x, y), or one box to (x2, y2), plate pixels, on the scene's frame."""

        def work() -> None:
            shown = plate.describe(context)
            spot = spot_of(context, shown, self.object)
            if self.mode == "BOX":
                box(spot, shown, (self.x, self.y), (self.x2, self.y2))
            else:
                click(spot, shown, self.x, self.y, self.positive)
            plate.remember_view(context)

        return _told(self, work)

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Begin: from here on the left mouse button is ours while it is over the picture."""
        global running  # noqa: PLW0603 (an artist has one mouse)
        if running is not None:
            running.mode, running.once = self.mode, False
            _redraw(context.area)
            return {"CANCELLED"}
        self._name = self.object
        if _told(self, lambda: self._begin(context)) != {"FINISHED"}:
            return {"CANCELLED"}
        running = Gesture(mode=self.mode)
        context.window.cursor_modal_set("CROSSHAIR")
        self._say(context)
        context.window_manager.modal_handler_add(self)
        _redraw(context.area)
        return {"RUNNING_MODAL"}

    def modal(self, context: Any, event: Any) -> set[str]:
        """One event. Whatever goes wrong, the cursor is the artist's again."""
        if running is None or context.area is None or plate.id_block_of(context) is None:
            return self._end(context)
        try:
            region = window_region(context.area)
            place = mouse(region, event)
            done = running.handle(event, place, is_over(context.area, event))
            if done.what == "pass":
                return {"PASS_THROUGH"}
            if done.what == "end":
                return self._end(context)
            _told(self, lambda: self._do(context, region, done))
        except Exception:
            self._end(context)
            raise
        self._say(context)
        _redraw(context.area)
        return {"RUNNING_MODAL"}

    def cancel(self, context: Any) -> None:
        """Blender ends the capture: another file, or the window is closed."""
        self._end(context)

    def _begin(self, context: Any) -> None:
        plate.catch_up(context)
        self._plate = plate.describe(context)
        spot_of(context, self._plate, self._name)
        plate.remember_view(context)

    def _do(self, context: Any, region: Any, done: Do) -> None:
        """What a gesture asks for, as an undo step of its own: others may come between, such as
        that of a change of the frame."""
        block = plate.id_block_of(context)
        before = prompts.text_of(block)
        if done.what == "undo":
            self.report({"INFO"}, undo(block, context.scene))
        elif done.what in {"click", "box"}:
            self._prompt(context, region, done)
        if prompts.text_of(block) != before:
            bpy.ops.ed.undo_push(message="Undo Prompt" if done.what == "undo" else self.bl_label)

    def _prompt(self, context: Any, region: Any, done: Do) -> None:
        block = plate.id_block_of(context)
        if block != self._plate.id_block:
            self._plate = plate.describe(context)
        shown = self._plate
        view = view_of(region, shown.width, shown.height)
        if view is None:
            return
        spot = spot_of(context, shown, self._name)
        if done.what == "click":
            click_at(spot, shown, view, done.start, done.positive)
        else:
            box(spot, shown, view.to_plate(done.start), view.to_plate(done.end))

    def _say(self, context: Any) -> None:
        if running is not None:
            name = self._name or prompts.active(plate.id_block_of(context))
            context.workspace.status_text_set(HELP[running.mode].format(name=name))

    def _end(self, context: Any) -> set[str]:
        """Give back what was borrowed. What was clicked has its undo steps: "cancelled" makes no
        other one."""
        global running  # noqa: PLW0603
        running = None
        if context.window is not None:
            context.window.cursor_modal_restore()
        if context.workspace is not None:
            context.workspace.status_text_set(None)
        _redraw(context.area)
        return {"CANCELLED"}


class OnEditor(bpy.types.Operator):
    """One undo step on the plate of an editor; what is wrong is shown and not raised."""

    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only in editors that show plates."""
        return _is_editor(context)

    def execute(self, context: Any) -> set[str]:
        """Blender's way of calling it."""
        return _told(self, lambda: self.act(context))

    def act(self, context: Any) -> None:
        """What it does. May raise RotoError."""
        raise NotImplementedError


class MaskOutlines(OnEditor):
    """Show the object by the selected splines of the mask, or by all of them, on this frame"""

    bl_idname = "megaton_roto.outlines"
    bl_label = "Mask Splines as Prompt"

    @classmethod
    def poll(cls, context: Any) -> bool:
        from .outlines import mask_of

        return _is_editor(context) and mask_of(context) is not None

    def act(self, context: Any) -> None:
        from .outlines import mask_of, outlines_of

        shown = plate.describe(context)
        spot = spot_of(context, shown)
        size = shown.width, shown.height, shown.pixel_aspect
        found = outlines_of(mask_of(context), *size)
        prompts.set_outline(spot.block, spot.name, spot.frame, found)
        plate.remember_view(context)


class Absent(OnEditor):
    """Say that the object is not in this frame; again to take that back"""

    bl_idname = "megaton_roto.absent"
    bl_label = "Not in This Frame"

    def act(self, context: Any) -> None:
        spot = spot_of(context, plate.describe(context))
        known = prompts.find(spot.block, spot.name)
        absent = known is not None and known.said(spot.frame).absent
        prompts.set_absent(spot.block, spot.name, spot.frame, not absent)
        plate.remember_view(context)


class UndoPrompt(OnEditor):
    """Take back the last click, box, outline or absence, on whatever frame it was"""

    bl_idname = "megaton_roto.undo_prompt"
    bl_label = "Undo Last Prompt"

    def act(self, context: Any) -> None:
        self.report({"INFO"}, undo(plate.id_block_of(context), context.scene))


class ClearFrame(OnEditor):
    """Take away all that is said about the object on this frame"""

    bl_idname = "megaton_roto.clear_frame"
    bl_label = "Clear This Frame"

    def act(self, context: Any) -> None:
        block = plate.id_block_of(context)
        frame = plate.frames_shown(context).to_plate(context.scene.frame_current)
        name = prompts.active(block)
        if name:
            prompts.clear(block, name, frame)


class ClearPrompts(OnEditor):
    """Forget all objects and prompts of this plate, also what cannot be read"""

    bl_idname = "megaton_roto.clear_prompts"
    bl_label = "Clear All Prompts"

    def act(self, context: Any) -> None:
        prompts.clear(plate.id_block_of(context))


def _redraw(area: Any) -> None:
    if area is not None:
        area.tag_redraw()


CLASSES = (
    Capture,
    MaskOutlines,
    Absent,
    UndoPrompt,
    ClearFrame,
    ClearPrompts,
)


def unregister() -> None:
    """A capture that is going on ends with its next event."""
    global running  # noqa: PLW0603
    running = None
