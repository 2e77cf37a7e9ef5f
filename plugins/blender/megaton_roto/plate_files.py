# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths, frame numbers, colour spaces and frame rates of plates, as Blender says them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bpy

# Blender's names as the farm's colour config has them; "" = let the farm go by the file, which is
# what Blender's own default says for 8-bit pictures.
_COLOURS = {
    "sRGB": "",
    "Linear": "linear",
    "Linear Rec.709": "linear",
    "Linear Rec.2020": "Linear Rec.2020",
    "ACEScg": "ACEScg",
    "ACES2065-1": "ACES2065-1",
    "ACEScc": "ACEScc",
    "ACEScct": "ACEScct",
    "Non-Color": "Raw",
    "Raw": "Raw",
}


def absolute(block: Any) -> str:
    """The full path of a clip's or image's file. Raises BlenderError if there is none."""
    from .errors import BlenderError

    if not block.filepath:
        raise BlenderError(f"{block.name!r} names no file.", hint="Open the plate again.")
    path: str = bpy.path.abspath(block.filepath, library=block.library)
    if not os.path.isabs(path):
        raise BlenderError(
            f"The path {block.filepath!r} is relative to a .blend file that was never saved.",
            hint="Save the file, or open the plate by its full path.",
        )
    return os.path.normpath(path)


def check_there(path: str) -> None:
    """Raise BlenderError if a file is not on this machine."""
    from .errors import BlenderError

    if not Path(path).is_file():
        raise BlenderError(
            f"The plate is not there: {path}.",
            hint="Mount its drive, or point Blender to it (File > External Data > Find Missing).",
        )


def number_in(path: str) -> int | None:
    """The last number in a file's name, as Blender finds it; None if there is none."""
    stem = Path(path.replace("\\", "/")).name.rpartition(".")[0]
    end = len(stem)
    while end and not ("0" <= stem[end - 1] <= "9"):
        end -= 1
    start = end
    while start and "0" <= stem[start - 1] <= "9":
        start -= 1
    return int(stem[start:end]) if start < end else None


def number_of(path: str) -> int:
    """As `number_in`. Raises BlenderError if there is none."""
    from .errors import BlenderError

    number = number_in(path)
    if number is None:
        raise BlenderError(
            f"{Path(path).name} holds no frame number, so it is no plate for the farm.",
            hint="Name the picture like plate.1001.png.",
        )
    return number


def run_of(path: str, first: int, most: int | None) -> tuple[str, tuple[int, int]]:
    """The sequence a file belongs to with a printf field, and its frames from ``first`` on, up to
    the first gap or ``most`` of them. Raises BlenderError if ``first`` is not there."""
    from roto_shapes.frames import SequencePattern

    from .errors import BlenderError

    pattern = SequencePattern.parse(path)
    there = set(pattern.frames_on_disk())
    if first not in there:
        have = f" There are {min(there)} to {max(there)}." if there else ""
        raise BlenderError(
            f"The plate is not there: {pattern.path(first)}.{have}",
            hint="Mount its drive, or correct the path and Start Frame / Offset of the clip.",
        )
    last = first
    while last + 1 in there and (most is None or last + 1 - first < most):
        last += 1
    return pattern.printf, (first, last)


def colour_of(name: str, path: str) -> tuple[str | None, str]:
    """The farm's name of a colour space, and what to tell the artist if it has none."""
    if name in _COLOURS:
        return _COLOURS[name] or None, ""
    return None, f"The farm does not know the colour space {name!r} and goes by the file."


def fraction(rate: float) -> tuple[int, int] | None:
    """Frames per second: 23.976 is 24000/1001."""
    if rate <= 0:
        return None
    whole = round(rate)
    if whole and abs(rate - whole) < 1e-3:
        return whole, 1
    if abs(rate - whole * 1000 / 1001) < 5e-3:
        return whole * 1000, 1001
    return round(rate * 1000), 1000
