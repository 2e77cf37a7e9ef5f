"""Which files of the studio may be read in place.

A path is accepted when everything it stands for, links followed, lies in an allowed root and can
be read. Whatever the reason, a refusal has one wording, so it never tells whether a file exists.
The worker checks again against its own roots when it opens the plate.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Literal

from roto_shapes.errors import RotoError
from roto_shapes.frames import SequencePattern, is_movie

_MISSING_TOLD = 1000


@dataclass(frozen=True)
class FoundPlate:
    """A plate on disk. ``path``: movie file, or sequence with one printf frame field.

    ``frames``: first and last frame to use, known for sequences at once.
    """

    kind: Literal["sequence", "movie"]
    path: str
    frames: tuple[int, int] | None = None


class AllowedRoots:
    """The folders, links followed, under which plates may be read."""

    def __init__(self, roots: Sequence[Path | str]) -> None:
        self._roots = [Path(root).resolve() for root in roots]

    def holds(self, path: Path) -> bool:
        """Whether ``path``, links followed, lies in a root. The path need not exist."""
        try:
            resolved = path.resolve()
        except (OSError, RuntimeError, ValueError):
            return False
        return any(resolved.is_relative_to(root) for root in self._roots)

    def allow_file(self, path: Path) -> bool:
        """Whether ``path`` is a readable file inside."""
        return self.holds(path) and _is_readable_file(path)

    def allow_folder(self, path: Path) -> bool:
        """Whether ``path`` is a readable folder inside."""
        return self.holds(path) and os.path.isdir(path) and os.access(path, os.R_OK | os.X_OK)


def refused(path: Path) -> RotoError:
    """The one refusal."""
    return RotoError(
        f"The server may not read {path}: it is outside the allowed folders or not readable.",
        code="path_refused",
        hint="Give an absolute path without '..' below an allowed folder "
        "(ROTO_ALLOWED_ROOTS, or the project's allowed_roots), or upload the plate.",
        detail={"path": str(path)},
    )


def find_plate(
    text: str, roots: AllowedRoots, frame_range: tuple[int, int] | None = None
) -> FoundPlate:
    """The plate that the path ``text`` names, every file of it checked.

    ``frame_range``: the plate frames wanted, inclusive; None = all of a sequence. Raises
    `RotoError` ``path_refused``, ``bad_range`` (no frame field), ``missing_frame``
    (``detail.missing``), ``range_outside_plate``.
    """
    path = Path(text)
    if not path.is_absolute() or ".." in path.parts or "\0" in text:
        raise refused(path)
    if is_movie(path):
        if not roots.allow_file(path):
            raise refused(path)
        return FoundPlate("movie", str(path))
    if not roots.allow_folder(path.parent):
        raise refused(path)
    try:
        pattern = SequencePattern.parse(path)
        on_disk = pattern.frames_on_disk()
    except OSError as error:
        raise refused(path) from error
    frames = check_frames(on_disk, frame_range, Path(pattern.printf).name)
    wanted = (frame for frame in on_disk if frames[0] <= frame <= frames[1])
    if not all(roots.allow_file(pattern.path(frame)) for frame in wanted):
        raise refused(path)
    return FoundPlate("sequence", pattern.printf, frames)


def check_frames(
    on_disk: Sequence[int], frame_range: tuple[int, int] | None, name: str
) -> tuple[int, int]:
    """First and last frame to use of a sequence whose frames ``on_disk`` (ascending) exist.

    Raises `RotoError` ``missing_frame`` for gaps, ``range_outside_plate``.
    """
    if not on_disk:
        raise RotoError(
            f"No frame of {name} is there.",
            code="missing_frame",
            hint="Check the name and the padding of the frame number.",
            detail={"missing": []},
        )
    first, last = frame_range or (on_disk[0], on_disk[-1])
    if first < on_disk[0] or last > on_disk[-1]:
        raise range_outside_plate((first, last), (on_disk[0], on_disk[-1]))
    missing = list(islice(_gaps(on_disk, first, last), _MISSING_TOLD))
    if missing:
        listed = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
        raise RotoError(
            f"{name} lacks frame {listed}.",
            code="missing_frame",
            hint="Render the missing frames, or ask for a range without them.",
            detail={"missing": missing},
        )
    return first, last


def range_outside_plate(asked: tuple[int, int], plate: tuple[int, int]) -> RotoError:
    """The error for a range that asks for frames the plate lacks."""
    return RotoError(
        f"Frames {asked[0]}-{asked[1]} were asked for; the plate has {plate[0]}-{plate[1]}.",
        code="range_outside_plate",
        hint="Ranges are plate frame numbers, both ends included.",
        detail={"frame_range": list(asked), "plate": list(plate)},
    )


def _gaps(on_disk: Sequence[int], first: int, last: int) -> Iterator[int]:
    """Frames of first..last between those on disk; cost grows with what is found, not the range."""
    for before, after in pairwise(on_disk):
        yield from range(max(before + 1, first), min(after, last + 1))


def _is_readable_file(path: Path) -> bool:
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
    return regular and os.access(path, os.R_OK)
