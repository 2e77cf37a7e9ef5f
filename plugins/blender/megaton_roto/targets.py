# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip or image that is found again later, when the farm has answered.

Python's reference to a datablock dies with an undo step or another file, and using it then ends
Blender. What takes time keeps a `Target` and looks for the datablock anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import bpy
from bpy.types import ID, Context, Image, MovieClip

_EDITORS = {"MovieClip": ("CLIP_EDITOR", "clip"), "Image": ("IMAGE_EDITOR", "image")}

_file = 0
"""Which file is open: one more with each that is opened."""


class Target(NamedTuple):
    """``kind``: MovieClip or Image; ``uid``: 0 in a Blender that counts none."""

    file: int
    kind: str
    name: str
    uid: int
    scene: str

    @classmethod
    def of(cls, block: ID, scene: bpy.types.Scene) -> Target:
        """``block``, a clip or image of the file that is open, worked on in ``scene``."""
        kind = "MovieClip" if isinstance(block, MovieClip) else "Image"
        return cls(_file, kind, block.name_full, getattr(block, "session_uid", 0), scene.name_full)

    def block(self) -> MovieClip | Image | None:
        """The datablock, also if it was renamed; None where it is gone, or its file is closed."""
        if self.file != _file:
            return None
        found: MovieClip | Image | None = None
        for one in blocks(self.kind):
            if self.uid and getattr(one, "session_uid", 0) == self.uid:
                return one
            if one.name_full == self.name:
                found = one
        # An undo that made the datablock anew may have counted on; its name then tells.
        return found

    def scene_now(self) -> bpy.types.Scene:
        """The scene it was worked on in; the one that is open where that one is gone."""
        return bpy.data.scenes.get(self.scene) or bpy.context.scene

    @contextmanager
    def shown(self) -> Iterator[Context]:
        """Blender's context in an editor that shows the datablock, if there is one, in the scene
        it was worked on in. Timers have neither window nor editor."""
        override = _editor(self.block(), self.kind)
        override["scene"] = self.scene_now()
        with bpy.context.temp_override(**override):
            yield bpy.context


def blocks(kind: str = "") -> Iterator[MovieClip | Image]:
    """The clips and images of the file; of one kind if it is given."""
    if kind != "Image":
        yield from bpy.data.movieclips
    if kind != "MovieClip":
        yield from bpy.data.images


def another_file() -> None:
    """A file was opened: what was looked for before is not in it."""
    global _file  # noqa: PLW0603 (a Blender has one file open)
    _file += 1


def _editor(block: ID | None, kind: str) -> dict[str, object]:
    editor, attribute = _EDITORS[kind]
    first: dict[str, object] = {}
    for window in bpy.context.window_manager.windows:
        first = first or {"window": window}
        for area in window.screen.areas:
            space = area.spaces.active
            if area.type == editor and block is not None and getattr(space, attribute) == block:
                region = next(one for one in area.regions if one.type == "WINDOW")
                return {"window": window, "area": area, "region": region, "space_data": space}
    return first
