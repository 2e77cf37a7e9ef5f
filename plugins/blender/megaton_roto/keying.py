# SPDX-License-Identifier: GPL-3.0-or-later
"""Shape keys of mask layers: set, taken away and found.

Blender has no call for any of it; the operators behind the artist's "I" and "Alt I" do the first
two, in an area that shows the mask, for every layer with a selected point on the scene's frame. The
third is the jump to the next key. All of it happens in a borrowed area on a scene of its own, so
that nothing of the artist's scene is evaluated and his frame stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy

from .points import Pose, place, pose, select, selected_of

FAR = 1048573
"""Before and behind every frame: one less than Blender's last."""


class Editor:
    """An area of the window, borrowed to show a mask on a scene of its own.

    ``here``: the artist's scene frame; ``seen``: what each mask showed there, keyed or not.
    """

    def __init__(
        self, window: bpy.types.Window, area: bpy.types.Area, here: int, seen: dict[str, Pose]
    ) -> None:
        self.here, self.seen = here, seen
        self._shown: set[str] = set()
        self._scene = window.scene
        self._space = area.spaces.active
        region = next(region for region in area.regions if region.type == "WINDOW")
        self._context = {
            "window": window,
            "area": area,
            "region": region,
            "space_data": self._space,
            "scene": self._scene,
        }

    def show(self, mask: Any) -> None:
        """The mask whose keys are meant; None for none."""
        self._space.mask = mask
        if mask is not None:
            self._shown.add(mask.name)

    def go_to(self, frame: int) -> None:
        """To a scene frame. Before points are placed: another frame puts the keyed ones back."""
        self._scene.frame_set(frame)

    def leave(self) -> None:
        """To the artist's frame, no mask shown any more."""
        self.show(None)
        self.go_to(self.here)

    def put_back(self) -> None:
        """Masks that were not shown are as they were: a pose without a key too, which Blender
        forgets when the frame or the scene changes."""
        for name, was in self.seen.items():
            mask = bpy.data.masks.get(name)
            if mask is not None and name not in self._shown and pose(mask) != was:
                for layer in mask.layers:
                    for spline, row in zip(layer.splines, was[layer.name], strict=True):
                        place(spline.points, row)

    def insert_keys(self) -> None:
        """A key on this frame for every layer with a selected point."""
        with bpy.context.temp_override(**self._context):
            if bpy.ops.mask.shape_key_insert() != {"FINISHED"}:
                raise RuntimeError("Blender set no mask shape key")

    def clear_keys(self) -> None:
        """No key on this frame any more for every layer with a selected point."""
        with bpy.context.temp_override(**self._context):
            if bpy.ops.mask.shape_key_clear() != {"FINISHED"}:
                raise RuntimeError("Blender took no mask shape key away")

    def key_frames(self, layer: bpy.types.MaskLayer) -> list[int]:
        """The scene frames on which a layer of the mask shown has keys, ascending."""
        self._space.mask.layers.active = layer
        self.go_to(FAR)
        if not self._jump(forward=False):
            return []
        last = self._scene.frame_current
        self.go_to(-FAR)
        frames: list[int] = []
        while (not frames or frames[-1] < last) and self._jump(forward=True):
            frames.append(self._scene.frame_current)
        return frames

    def lower(self, layer: bpy.types.MaskLayer, steps: int) -> None:
        """Move a layer of the mask shown down under others."""
        self._space.mask.layers.active = layer
        with bpy.context.temp_override(**self._context):
            for _ in range(steps):
                bpy.ops.mask.layer_move(direction="UP")

    def _jump(self, forward: bool) -> bool:
        with bpy.context.temp_override(**self._context):
            return bool(bpy.ops.screen.keyframe_jump(next=forward) == {"FINISHED"})


@contextmanager
def keying() -> Iterator[Editor]:
    """An editor; in the end everything is back where it was, and masks show the artist's frame."""
    window = bpy.context.window_manager.windows[0]
    area, scene = window.screen.areas[0], window.scene
    before = area.ui_type
    # Before there is another scene: Blender evaluates masks for it at once.
    seen = {mask.name: pose(mask) for mask in bpy.data.masks}
    scratch = bpy.data.scenes.new("Megaton Roto")
    editor = None
    try:
        window.scene = scratch
        area.type = "IMAGE_EDITOR"
        area.spaces.active.mode = "MASK"
        # Without it the first changes of frame move no mask.
        scratch.view_layers[0].update()
        editor = Editor(window, area, scene.frame_current, seen)
        try:
            yield editor
        finally:
            editor.leave()
    finally:
        area.ui_type = before
        window.scene = scene
        bpy.data.scenes.remove(scratch)
        # Now, not when the window is drawn next: it would undo what is put back.
        window.view_layer.update()
        if editor is not None:
            editor.put_back()


@contextmanager
def unlocked(mask: bpy.types.Mask) -> Iterator[None]:
    """Every layer of a standing mask open to keys and nothing selected; then as it was.

    Layers may be added and removed meanwhile.
    """
    active = mask.layers.active.name if mask.layers.active else ""
    kept = {}
    for layer in mask.layers:
        chosen = [selected_of(spline.points) for spline in layer.splines]
        kept[layer.name] = layer.hide, layer.hide_select, chosen
        layer.hide = layer.hide_select = False
        for spline in layer.splines:
            select(spline.points, False)
    try:
        yield
    finally:
        for layer in mask.layers:
            if layer.name in kept:
                layer.hide, layer.hide_select, chosen = kept[layer.name]
                for spline, flags in zip(layer.splines, chosen, strict=False):
                    if len(spline.points) == len(flags):
                        spline.points.foreach_set("select", flags)
        if active in mask.layers:
            mask.layers.active = mask.layers[active]
