"""Runs inside Blender: prompts made by the operators, kept on the plate, drawn over it."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from helpers_editor import main, png, sequence
from try_plate import editor, override, refused

from megaton_roto import capture, overlay, plate, previewing, prompts, store
from megaton_roto.view import View, view_of
from roto_shapes.prompts import Click, FramePrompt

ROTO = bpy.ops.megaton_roto


def opened(folder, number=1003, width=64, height=32):
    """The clip of a new plate 1001-1012 from file ``number`` on, and its editor."""
    for cls in capture.CLASSES:
        bpy.utils.register_class(cls)
    sequence(folder / "a", range(1001, 1013), width, height)
    clip = bpy.data.movieclips.load(str(folder / "a" / f"plate.{number}.png"))
    area, space = editor("CLIP_EDITOR")
    space.clip = clip
    return clip, area, space


def at(frame):
    bpy.context.scene.frame_set(frame)


def clicks_and_boxes(folder):
    """What the operators are told arrives in plate pixels on plate frames, object by object."""
    clip, area, space = opened(folder)
    with override(area, space):
        at(4)
        assert ROTO.capture(x=10.5, y=20.25) == {"FINISHED"}
        assert prompts.active(clip) == "object"
        assert ROTO.capture(x=60, y=1, positive=False) == {"FINISHED"}
        at(1)
        assert ROTO.capture(mode="BOX", x=70, y=30, x2=8, y2=-5) == {"FINISHED"}
        assert prompts.add_object(clip, "hero") == "hero"
        assert ROTO.capture(x=3, y=4) == {"FINISHED"}
        at(2)
        assert ROTO.absent() == {"FINISHED"}
    first, second = prompts.object_prompts(clip)
    assert (first.name, second.name) == ("object", "hero")
    assert first.prompts == (
        FramePrompt(1003, box=(8.0, 0.0, 64.0, 30.0)),
        FramePrompt(1006, (Click(10.5, 20.25, True), Click(60.0, 1.0, False))),
    )
    assert second.prompts == (
        FramePrompt(1003, (Click(3.0, 4.0, True),)),
        FramePrompt(1004, absent=True),
    )
    assert first.color != second.color
    only = prompts.object_prompts(clip, (1004, 1006))
    assert [(one.name, [p.frame for p in one.prompts]) for one in only] == [
        ("object", [1006]), ("hero", [1004])
    ]  # fmt: skip
    prompts.set_on(clip, "object", False)
    assert [one.name for one in prompts.object_prompts(clip)] == ["hero"]
    assert prompts.lines(clip, "object", bpy.context.scene) == ["1: box", "4: 1+ 1-"]
    assert prompts.lines(clip, "hero", bpy.context.scene) == ["1: 1+", "2: absent"]


def bad_places(folder):
    """A click beside the plate, or off its frames, changes nothing and says why."""
    clip, area, space = opened(folder)
    with override(area, space):
        at(1)
        for bad in ({"x": -1, "y": 3}, {"x": 3, "y": 33}):
            reported(lambda bad=bad: ROTO.capture(**bad), "beside the plate")
        reported(lambda: ROTO.capture(mode="BOX", x=70, y=1, x2=90, y2=9), "beside the plate")
        at(11)
        reported(lambda: ROTO.capture(x=3, y=3), "no picture on frame 11", "Go to 1 to 10")
        reported(ROTO.absent, "no picture on frame 11")
        at(1)
        space.mode = "MASK"
        space.mask = bpy.data.masks.new("empty")
        reported(ROTO.outlines, "no closed spline")
        space.clip = None
        assert not ROTO.capture.poll()
    assert prompts.text_of(clip) == "" or prompts.object_prompts(clip) == ()


def reported(call, *words):
    """The operator reports an error that holds the words."""
    with pytest.raises(RuntimeError) as caught:
        call()
    assert all(word in str(caught.value) for word in words), caught.value


def kept(folder):
    """Saving, opening, another first frame and an undone step: prompts stay with their pictures."""
    clip, area, space = opened(folder)
    with override(area, space):
        at(4)
        ROTO.capture(x=10.5, y=20.25)
        prompts.rename_object(clip, "object", "héro 漢")
        ROTO.capture(mode="BOX", x=1, y=2, x2=30, y2=31)
    clip.use_fake_user = True
    said = prompts.object_prompts(clip)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "kept.blend"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=str(folder / "kept.blend"))
    clip = bpy.data.movieclips[0]
    assert prompts.object_prompts(clip) == said
    assert said[0].name == "héro 漢"
    clip.frame_start = 501
    assert prompts.lines(clip, "héro 漢", bpy.context.scene) == ["504: 1+ box"]
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(str(folder / "kept.blend"), link=True) as (there, here):
        here.movieclips = there.movieclips
    linked = bpy.data.movieclips[0]
    assert prompts.object_prompts(linked) == said
    refused(lambda: prompts.add_click(linked, "héro 漢", 1001, 3, 3), "linked", "Make it local")


def taken_back(folder):
    """Every change of a prompt can be taken back, in order; broken text is told, not lost."""
    clip, area, space = opened(folder)
    states = [prompts.text_of(clip)]
    prompts.add_object(clip, "hero")
    assert prompts.add_object(clip, "hero") == "hero 2"
    prompts.set_active(clip, "hero")

    def step(change):
        states.append(prompts.object_prompts(clip))
        change()
        assert prompts.object_prompts(clip) != states[-1]

    step(lambda: prompts.add_click(clip, "hero", 1003, 1, 2))
    step(lambda: prompts.add_click(clip, "hero 2", 1004, 5, 6, False))
    step(lambda: prompts.set_box(clip, "hero", 1003, (9, 9, 1, 1)))
    step(lambda: prompts.remove_click(clip, "hero", 1003, 0))
    step(lambda: prompts.set_absent(clip, "hero", 1003))
    step(lambda: prompts.add_click(clip, "hero", 1003, 7, 7))
    step(lambda: prompts.clear(clip, "hero", 1003))
    at(9)
    with override(area, space):
        while len(states) > 1:
            ROTO.undo_prompt()
            assert prompts.object_prompts(clip) == states.pop(), len(states)
    assert prompts.undo_last(clip) is None
    prompts.set_absent(clip, "hero", 1003, False)
    assert prompts.undo_last(clip) is None, "nothing changed is no step"
    refused(lambda: prompts.rename_object(clip, "hero", "hero 2"), "another object")
    refused(lambda: prompts.add_object(clip, "a/b"), "a/b")
    refused(lambda: prompts.add_click(clip, "who", 1003, 1, 1), "no object 'who'")
    prompts.remove_object(clip, "hero")
    assert prompts.active(clip) == "hero 2"
    for broken in ("{", "[]", '{"schema":9}', '{"schema":1,"objects":[{}],"steps":[]}', "7"):
        clip[store.KEY] = broken
        assert prompts.objects(clip) == ()
        assert prompts.active(clip) == ""
        assert "cannot be read" in prompts.problem(clip)
        refused(lambda: prompts.add_object(clip, "x"), "cannot be read", "clear all prompts")
        refused(lambda: prompts.object_prompts(clip), "cannot be read")
        assert prompts.text_of(clip) == broken
    with override(area, space):
        ROTO.clear_prompts()
    assert prompts.problem(clip) == ""


def pointing(folder):
    """A click near an earlier one takes it away; a mouse's place is the plate pixel under it."""
    clip, area, space = opened(folder)
    at(1)
    region = Region((10, 20), 2.0, 64, 32)
    view = view_of(region, 64, 32)
    assert view == View((10, 20 + 64), (2.0, -2.0), 64, 32)
    assert view.to_plate((10, 84)) == (0, 0)
    assert view.to_plate((11, 83)) == (0.5, 0.5)
    with override(area, space):
        shown = plate.describe(bpy.context)
        spot = capture.spot_of(bpy.context, shown)
    capture.click_at(spot, shown, view, (31, 63), True)
    capture.click_at(spot, shown, view, (51, 63), False)
    (one,) = prompts.object_prompts(clip)
    assert one.prompts[0].points == (Click(10.5, 10.5, True), Click(20.5, 10.5, False))
    capture.click_at(spot, shown, view, (31 + capture.NEAR, 63 - capture.NEAR), True)
    (one,) = prompts.object_prompts(clip)
    assert one.prompts[0].points == (Click(20.5, 10.5, False),)
    capture.click_at(spot, shown, view, (31 + capture.NEAR + 1, 63), True)
    assert len(prompts.object_prompts(clip)[0].prompts[0].points) == 2
    refused(lambda: capture.click_at(spot, shown, view, (9, 63), True), "beside the plate")
    assert view_of(Region((0, 0), 0.0, 64, 32), 64, 32) is None


class Region:
    """A region that shows a picture from ``corner`` on, ``zoom`` region pixels per plate pixel."""

    def __init__(self, corner, zoom, width, height):
        self.corner, self.zoom, self.size = corner, zoom, (width, height)
        self.view2d = self

    def region_to_view(self, x, y):
        if not self.zoom:
            return float("nan"), float("nan")
        (cx, cy), (width, height) = self.corner, self.size
        return (x - cx) / self.zoom / width, (y - cy) / self.zoom / height


def with_a_mouse(folder):
    """The modal operator: what is ours, what is let through, and that the cursor is given back."""
    clip, _, space = opened(folder)
    at(1)
    seat = Seat(space)
    assert seat.invoke() == {"RUNNING_MODAL"}
    assert seat.told == ["cursor CROSSHAIR", "status", "handler", "redraw"]
    assert seat.does("MIDDLEMOUSE") == seat.does("RIGHT_ARROW") == {"PASS_THROUGH"}
    assert seat.does("LEFTMOUSE", x=150, y=100) == {"PASS_THROUGH"}, "over the sidebar"
    assert prompts.text_of(clip) != "", "the object is there"
    assert seat.does("LEFTMOUSE", x=30, y=63) == {"RUNNING_MODAL"}
    assert seat.does("LEFTMOUSE", x=60, y=63, ctrl=True) == {"RUNNING_MODAL"}
    at(2)
    seat.does("B")
    seat.does("LEFTMOUSE", x=20, y=30)
    seat.does("MOUSEMOVE", x=40, y=50)
    seat.does("LEFTMOUSE", x=60, y=70, value="RELEASE")
    assert prompts.lines(clip, "object", bpy.context.scene) == ["1: 1+ 1-", "2: box"]
    (box,) = [one.box for one in prompts.object_prompts(clip)[0].prompts if one.box]
    assert box == (5.25, 6.75, 25.25, 26.75)
    seat.does("Z", ctrl=True)
    assert seat.reports[-1] == "Taken back: object, frame 2."
    assert prompts.lines(clip, "object", bpy.context.scene) == ["1: 1+ 1-"]
    at(99)
    seat.does("LEFTMOUSE", x=30, y=63)
    assert "no picture on frame 99" in seat.reports[-1]
    assert seat.does("RET") == {"CANCELLED"}
    assert seat.given_back()
    assert capture.running is None
    at(1)
    for ending in (lambda: seat.does("ESC"), seat.cancel, seat.loses_its_clip, seat.breaks):
        assert seat.invoke() == {"RUNNING_MODAL"}
        ending()
        assert seat.given_back()
    assert capture.running is None
    space.clip = clip
    clip.filepath = str(folder / "gone" / "plate.1001.png")
    seat.told.clear()
    assert seat.invoke() == {"CANCELLED"}
    assert seat.told == [], "nothing was borrowed"
    assert "not there" in seat.reports[-1]


class Seat:
    """Window, editor and mouse of an artist, of which Blender's module has none: a picture at
    (10, 20), two pixels wide each, under a sidebar that begins at 140."""

    def __init__(self, space):
        self.space, self.told, self.reports = space, [], []
        picture = Region((10, 20), 2.0, 64, 32)
        picture.type, picture.x, picture.y, picture.width, picture.height = "WINDOW", 0, 0, 200, 200
        sidebar = SimpleNamespace(type="UI", x=140, y=0, width=60, height=200)
        self.area = SimpleNamespace(
            regions=[picture, sidebar], tag_redraw=lambda: self.told.append("redraw")
        )
        self.operator = SimpleNamespace(
            mode="POINTS",
            object="",
            bl_label="Click",
            report=lambda level, text: self.reports.append(text),
        )
        for name in ("_begin", "_do", "_prompt", "_say", "_end"):
            method = getattr(capture.Capture, name)
            setattr(self.operator, name, method.__get__(self.operator))

    @property
    def context(self):
        tell = self.told.append
        window = SimpleNamespace(
            cursor_modal_set=lambda name: tell(f"cursor {name}"),
            cursor_modal_restore=lambda: tell("cursor back"),
        )
        return SimpleNamespace(
            window=window,
            workspace=SimpleNamespace(
                status_text_set=lambda text: tell("status" if text else "status back")
            ),
            window_manager=SimpleNamespace(modal_handler_add=lambda op: tell("handler")),
            area=self.area,
            space_data=self.space,
            scene=bpy.context.scene,
        )

    def invoke(self):
        return capture.Capture.invoke(self.operator, self.context, None)

    def does(self, kind, x=30, y=30, value="PRESS", **held):
        keys = {**dict.fromkeys(("ctrl", "alt", "shift", "oskey"), False), **held}
        event = SimpleNamespace(type=kind, value=value, mouse_x=x, mouse_y=y, **keys)
        return capture.Capture.modal(self.operator, self.context, event)

    def cancel(self):
        capture.Capture.cancel(self.operator, self.context)

    def loses_its_clip(self):
        clip, self.space.clip = self.space.clip, None
        assert self.does("MOUSEMOVE") == {"CANCELLED"}
        self.space.clip = clip

    def breaks(self):
        """An error of ours ends the capture too, and is told."""
        self.area.regions[0].region_to_view = None
        with pytest.raises(TypeError):
            self.does("LEFTMOUSE")
        del self.area.regions[0].region_to_view

    def given_back(self):
        back = {"cursor back", "status back"} <= set(self.told)
        self.told.clear()
        return back


def drawn(folder):
    """Drawn by Blender's own graphics: marks in their places, a mask the right way up."""
    clip, _, _ = opened(folder)
    prompts.add_object(clip, "hero")
    prompts.set_color(clip, "hero", (0.0, 1.0, 0.0))
    prompts.add_click(clip, "hero", 1003, 16, 8)
    prompts.add_click(clip, "hero", 1003, 48, 8, False)
    prompts.set_box(clip, "hero", 1003, (4, 2, 60, 30))
    view = View((0, 256), (8.0, -8.0), 64, 32)
    assert overlay.marks(clip, 1004, view) == overlay.Marks()
    found = overlay.marks(clip, 1003, view)
    assert len(found.lines) == 1 + 3 + 2
    assert [label.text for label in found.labels] == ["hero"]
    graphics()
    seen = pixels(found)
    assert is_green(seen[256 - 64, 128]), "the middle of the plus"
    assert is_red(seen[256 - 64, 384]), "the middle of the minus"
    assert is_green(seen[256 - 16, 300]), "the box's upper edge"
    assert is_green(seen[256 - 240, 300]), "the box's lower edge"
    assert not seen[100, 250].any()
    l_mask = [bytes([255] * 8 + [0] * 56)] * 24 + [bytes([255] * 40 + [0] * 24)] * 8
    previewing._looks.clear()
    previewing.show_mask(clip, 1003, "hero", png(l_mask))
    look = previewing.look_at(clip)
    assert look.masks[0].grey.shape == (32, 64)
    seen = pixels(overlay.marks(clip, 1003, view)._replace(lines=(), labels=()))
    inside, outside = ((2, 2), (30, 2), (30, 35)), ((2, 35), (2, 60), (30, 50))
    assert all(is_green(seen[256 - 8 * y - 4, 8 * x + 4]) for y, x in inside)
    assert not any(seen[256 - 8 * y - 4, 8 * x + 4].any() for y, x in outside)
    assert overlay.marks(clip, 1005, view).pictures == ()
    prompts.set_absent(clip, "hero", 1003)
    assert overlay.marks(clip, 1003, view).labels[0].text == "hero: not in this frame"
    before = set(bpy.data.images.keys())
    refused(lambda: previewing.grey_of(b"no picture"), "cannot be read")
    assert set(bpy.data.images.keys()) == before
    previewing.clear(clip)
    assert previewing.look_at(clip) is None


def graphics():
    """Blender's module starts its graphics with the first picture of an engine that needs them."""
    scene = bpy.context.scene
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.render.resolution_x = scene.render.resolution_y = 16
    scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(scene.camera)
    bpy.ops.render.render()


def pixels(found):
    """What `overlay.draw` draws over black, [row from below, column, rgb]."""
    import gpu
    from mathutils import Matrix

    canvas = gpu.types.GPUOffScreen(512, 256)
    with canvas.bind():
        frame = gpu.state.active_framebuffer_get()
        frame.clear(color=(0.0, 0.0, 0.0, 1.0))
        with gpu.matrix.push_pop():
            gpu.matrix.load_matrix(
                Matrix(((2 / 512, 0, 0, -1), (0, 2 / 256, 0, -1), (0, 0, -1, 0), (0, 0, 0, 1)))
            )
            gpu.matrix.load_projection_matrix(Matrix.Identity(4))
            overlay.draw(found)
        buffer = frame.read_color(0, 0, 512, 256, 4, 0, "UBYTE")
    buffer.dimensions = 512 * 256 * 4
    return np.array(buffer, np.uint8).reshape(256, 512, 4)[:, :, :3].astype(int)


def is_green(rgb):
    return rgb[1] > 80 and rgb[1] > 2 * max(rgb[0], rgb[2])


def is_red(rgb):
    return rgb[0] > 80 and rgb[0] > 2 * max(rgb[1], rgb[2])


CASES = {
    case.__name__: case
    for case in (clicks_and_boxes, bad_places, kept, taken_back, pointing, with_a_mouse, drawn)
}

if __name__ == "__main__":
    main(CASES)
