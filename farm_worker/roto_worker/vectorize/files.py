"""Mattes and plate pictures in folders, one file a frame, for the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from roto_shapes.errors import RotoError

if TYPE_CHECKING:
    from ..media.source import Image8

# A minus belongs to the number only where it cannot be a dash between words.
_LAST_NUMBER = re.compile(r"((?<![^._])-)?\d+(?=\D*$)")
EMPTY_MATTES = "Where the object is out of sight, write an empty matte."


def mask_files(folder: Path, within: range | None = None) -> dict[int, Path]:
    """Frame number (the last digits of the name) -> matte file, ascending.

    A sequence may leave out frames regularly, as hand-drawn masks do, but may have no hole.

    Args:
        folder: holds PNG files, those without a number aside.
        within: the frames wanted, and no others; the folder's have to reach from end to end.

    Raises:
        RotoError: ``empty_result`` for a folder without mattes, ``bad_range`` for two files of one
            frame, ``missing_frame`` for a hole.
    """
    found = _numbered(folder, {".png"})
    if not found:
        raise RotoError(
            f"no mattes in {folder}",
            code="empty_result",
            hint="Mattes are PNG files named *.NNNN.png or NNNNN.png.",
        )
    if within is not None:
        low, high = min(found), max(found)
        beyond = [frame for frame in within if not low <= frame <= high]
        _check_there(beyond, "matte", EMPTY_MATTES)
        found = {frame: path for frame, path in found.items() if frame in within}
    if not found:
        raise RotoError(
            f"no mattes in {folder} are of those frames",
            code="empty_result",
            hint="The sequence leaves them all out.",
        )
    steps = [b - a for a, b in pairwise(found)]
    if steps:
        whole = range(min(found), max(found) + 1, min(steps))
        _check_there(sorted(set(whole) - set(found)), "matte", EMPTY_MATTES)
    return found


def image_reader(folder: Path, frames: Iterable[int]) -> Callable[[int], Image8]:
    """Reads the plate's picture of a frame as sRGB ``uint8 [height, width, 3]``.

    Files are numbered as mattes are, and of any kind a plate may be of.

    Raises:
        RotoError: ``missing_frame`` when one of ``frames`` has no picture, ``bad_range`` for two
            files of one frame; the reader raises what reading a plate does.
    """
    from ..media.colour import DisplayTransform, colorspace_for
    from ..media.sequence import EXTENSIONS, SequenceReader

    found = _numbered(folder, EXTENSIONS)
    wanted = sorted(frames)
    _check_there(sorted(set(wanted) - set(found)), "picture", "Pictures are needed on all frames.")
    path = str(found[wanted[0]])
    reader = SequenceReader(path)
    transform = DisplayTransform(colorspace_for(path, reader.header(wanted[0]).metadata, None))
    return lambda frame: transform.to_srgb8(reader.read(frame))


def _numbered(folder: Path, suffixes: Collection[str]) -> dict[int, Path]:
    """Frame number -> file, ascending."""
    found: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        number = _LAST_NUMBER.search(path.stem)
        if path.suffix.lower() not in suffixes or number is None:
            continue
        frame = int(number[0])
        if frame in found:
            raise RotoError(
                f"{found[frame].name} and {path.name} are both frame {frame}",
                code="bad_range",
                hint="Put one sequence into a folder.",
            )
        found[frame] = path
    return dict(sorted(found.items()))


def _check_there(missing: list[int], what: str, hint: str) -> None:
    if missing:
        raise RotoError(
            f"frame {missing[0]} has no {what} ({len(missing)} in all)",
            code="missing_frame",
            hint=hint,
            detail={"missing": missing},
        )
