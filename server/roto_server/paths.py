"""Which files of the studio may be read in place.

A path is accepted when everything it stands for, links followed, lies in an allowed root and can
be read. Whatever the reason, a refusal has one wording, so it never tells whether a file exists.
The worker checks again against its own roots when it opens the plate.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Literal

from roto_shapes.errors import RotoError
from roto_shapes.frames import SequencePattern, is_movie

from .db.models import Project
from .settings import Settings

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
    """The folders, links followed, under which plates may be read; not what lies in ``but``."""

    def __init__(self, roots: Sequence[Path | str], *, but: Sequence[Path] = ()) -> None:
        self._roots = [Path(root).resolve() for root in roots]
        self._but = [folder.resolve() for folder in but]

    def holds(self, path: Path) -> bool:
        """Whether ``path``, links followed, lies in a root. The path need not exist."""
        try:
            resolved = path.resolve()
        except (OSError, RuntimeError, ValueError):
            return False
        if any(resolved.is_relative_to(folder) for folder in self._but):
            return False
        return any(resolved.is_relative_to(root) for root in self._roots)

    def towards(self, folder: Path) -> set[str]:
        """The names in ``folder`` by which one comes to a root; the disk is not asked for them."""
        here = folder.resolve()
        below = (root.relative_to(here).parts for root in self._roots if root.is_relative_to(here))
        return {parts[0] for parts in below if parts}

    def allow_file(self, path: Path) -> bool:
        """Whether ``path`` is a readable file inside."""
        return self.holds(path) and _is_readable_file(path)

    def allow_files(self, folder: Path, files: Iterable[Path]) -> bool:
        """Whether all ``files`` of an allowed ``folder`` are readable and inside.

        Only links among them are followed one by one: sequences have thousands of files.
        """
        try:
            with os.scandir(folder) as entries:
                links = {entry.name for entry in entries if entry.is_symlink()}
        except OSError:
            return False
        return all(
            self.allow_file(file) if file.name in links else _is_readable_file(file)
            for file in files
        )

    def allow_folder(self, path: Path) -> bool:
        """Whether ``path`` is a readable folder inside."""
        return self.holds(path) and os.path.isdir(path) and os.access(path, os.R_OK | os.X_OK)


def server_roots(settings: Settings) -> AllowedRoots:
    """The server's roots, never its own storage: other projects' pictures are there."""
    return AllowedRoots(settings.allowed_roots, but=[settings.storage_root])


def plate_roots(project: Project, settings: Settings) -> AllowedRoots:
    """Where the project's plates may be: the server's roots, and its own that are still good.

    Its own lie within the server's when they are given (`project_rules.admit_root`). A link among
    them may have been led elsewhere since, by whoever writes to the share. Never in the server's
    own storage.
    """
    server = server_roots(settings)
    own = [Path(root) for root in project.allowed_roots]
    by_hand = settings.environment == "development"
    good = [root for root in own if server.holds(root) or (by_hand and root.resolve() == root)]
    return AllowedRoots([*settings.allowed_roots, *good], but=[settings.storage_root])


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
    wanted = (pattern.path(one) for one in on_disk if frames[0] <= one <= frames[1])
    if not roots.allow_files(path.parent, wanted):
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
