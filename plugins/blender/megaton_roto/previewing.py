# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks to look at and not to keep: what a preview answered, or what a job tracked last.

They are pixels in memory and drawn by `overlay` on their own frame; no data-block is made, the
file is not changed, nothing is to be undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bpy
from bpy.app.handlers import persistent

from . import prompts

if TYPE_CHECKING:
    import numpy as np

    from roto_client.api.previews import Preview

    Grey = np.ndarray[Any, np.dtype[np.float32]]

Key = tuple[str, str]
_PLAIN = (0.9, 0.9, 0.9)


@dataclass(frozen=True)
class Shown:
    """A mask that covers the whole plate. ``grey``: 0..1, [height, width], the bottom row first."""

    name: str
    color: tuple[float, float, float]
    grey: Grey


@dataclass(frozen=True)
class Look:
    """What is shown of a plate on one plate frame."""

    frame: int
    masks: tuple[Shown, ...]


_looks: dict[Key, Look] = {}


def show(block: Any, plate: Any, preview: Preview) -> str:
    """Show a preview's best masks until the next one or `clear`; returns a line for the artist.

    Raises BlenderError for a mask that Blender cannot read.
    """
    found = [(one.name, one.candidates[0]) for one in preview.objects if one.candidates]
    masks = tuple(_shown(block, name, best.png) for name, best in found)
    _looks[key_of(block)] = Look(preview.frame, masks)
    frame = plate.to_scene(preview.frame)
    if not masks:
        return f"Frame {frame}: nothing was found there."
    named = ", ".join(f"{name} ({best.score:.0%} sure)" for name, best in found)
    return f"Frame {frame}: {named}"


def show_mask(block: Any, frame: int, name: str, png: bytes) -> None:
    """Show one object's mask of a plate frame, an 8-bit grey PNG. Raises BlenderError."""
    _looks[key_of(block)] = Look(frame, (_shown(block, name, png),))


def clear(block: Any = None) -> None:
    """Show nothing more of a plate, or of any."""
    if block is None:
        _looks.clear()
    else:
        _looks.pop(key_of(block), None)


def look_at(block: Any) -> Look | None:
    """What is to be drawn of a plate."""
    return _looks.get(key_of(block))


def key_of(block: Any) -> Key:
    """A clip's or image's place in the file: it outlives undo, the data-block does not."""
    return type(block).__name__, block.name_full


def _shown(block: Any, name: str, png: bytes) -> Shown:
    known = prompts.find(block, name)
    return Shown(name, known.color if known else _PLAIN, grey_of(png))


def grey_of(png: bytes) -> Grey:
    """The picture in a PNG, read by Blender itself. Raises BlenderError."""
    import numpy as np

    from .errors import BlenderError

    image = bpy.data.images.new("Megaton Roto preview", 1, 1)
    try:
        image.pack(data=png, data_len=len(png))
        image.source = "FILE"
        image.colorspace_settings.name = "Non-Color"
        width, height = image.size
        if not (width and height) or not image.has_data:
            raise BlenderError("The preview's mask cannot be read.", hint="Ask for it again.")
        flat = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(flat)
        grey: Grey = np.ascontiguousarray(flat.reshape(height, width, -1)[:, :, 0])
        return grey
    finally:
        bpy.data.images.remove(image)


@persistent
def _another_file(*_: Any) -> None:
    """Names of data-blocks mean something else in the next file."""
    clear()


def register() -> None:
    """Have the masks forgotten when another file is opened."""
    bpy.app.handlers.load_pre.append(_another_file)


def unregister() -> None:
    """Forget them, and leave no handler behind."""
    clear()
    if _another_file in bpy.app.handlers.load_pre:
        bpy.app.handlers.load_pre.remove(_another_file)
