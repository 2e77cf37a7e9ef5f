"""Reading folders: inside the allowed roots, and no further than the limits."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..paths import AllowedRoots, refused
from .grouping import FoundMedia, Skipped, media_in, printable

_LOOK_AT_CLOCK = 256


@dataclass(frozen=True)
class Limits:
    """How far a scan goes. ``entries``: names read in all; ``seconds``: by the wall clock."""

    folders: int = 5_000
    entries: int = 300_000
    plates: int = 2_000
    skipped: int = 500
    seconds: float = 20.0


@dataclass
class Scan:
    """What was found, by folder. ``ended_by``: the limit that ended it early, None for all of it.

    What a limit cut off is left out, never told as a sequence with fewer frames.
    """

    media: list[FoundMedia] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    folders: int = 0
    ended_by: Literal["folders", "entries", "plates", "seconds"] | None = None


def scan_folder(
    path: str, roots: AllowedRoots, depth: int = 3, limits: Limits | None = None
) -> Scan:
    """The plates in the folder ``path`` and ``depth`` levels of folders below it.

    Links are followed where they stay within ``roots``, into every folder once. Hidden files and
    folders do not count. It blocks while the file system does: call it in a thread.

    Raises:
        RotoError: ``path_refused`` for a folder that is not within ``roots``, or not readable.
    """
    folder = Path(path)
    if not folder.is_absolute() or ".." in folder.parts or "\0" in path:
        raise refused(folder)
    if not roots.allow_folder(folder):
        raise refused(folder)
    walk = _Walk(roots, limits or Limits())
    walk.run(str(folder), depth)
    return walk.scan


class _StopError(Exception):
    """A limit is reached."""


class _Walk:
    """One scan. Breadth first: a limit cuts off what is deep, not what comes late."""

    def __init__(self, roots: AllowedRoots, limits: Limits) -> None:
        self.scan = Scan()
        self._roots = roots
        self._limits = limits
        self._entries = 0
        self._until = time.monotonic() + limits.seconds
        self._seen: set[tuple[int, int]] = set()

    def run(self, folder: str, depth: int) -> None:
        waiting = deque([(folder, depth)])
        try:
            while waiting:
                here, levels = waiting.popleft()
                below = self._read(here)
                if levels > 0:
                    waiting.extend((one, levels - 1) for one in sorted(below))
        except _StopError:
            pass

    def _read(self, folder: str) -> list[str]:
        """Take in the plates of one folder; the folders in it."""
        if self.scan.folders >= self._limits.folders:
            self._stop("folders")
        try:
            if not self._is_new(folder):
                return []
            files, folders = self._listed(folder)
        except OSError:
            self._skip(folder, "unreadable")
            return []
        self.scan.folders += 1
        found, odd = media_in(folder, files)
        self.scan.skipped += odd[: max(0, self._limits.skipped - len(self.scan.skipped))]
        room = self._limits.plates - len(self.scan.media)
        self.scan.media += found[:room]
        if len(found) > room:
            self._stop("plates")
        return folders

    def _listed(self, folder: str) -> tuple[list[str], list[str]]:
        """Names of the files and paths of the folders in it that may be read."""
        files, folders = [], []
        for entry in self._entries_of(folder):
            if entry.name.startswith("."):
                continue
            if entry.is_symlink() and not self._roots.holds(Path(entry.path)):
                self._skip(entry.path, "outside")
            elif entry.is_dir():
                folders.append(entry.path)
            elif entry.is_file():
                files.append(entry.name)
        return files, folders

    def _entries_of(self, folder: str) -> Iterator[os.DirEntry[str]]:
        with os.scandir(folder) as entries:
            for entry in entries:
                self._entries += 1
                if self._entries > self._limits.entries:
                    self._skip(folder, "too_many")
                    self._stop("entries")
                if self._entries % _LOOK_AT_CLOCK == 0 and time.monotonic() > self._until:
                    self._stop("seconds")
                yield entry

    def _is_new(self, folder: str) -> bool:
        if time.monotonic() > self._until:
            self._stop("seconds")
        known = os.stat(folder)
        place = (known.st_dev, known.st_ino)
        if place in self._seen:
            return False
        self._seen.add(place)
        return True

    def _skip(self, path: str, reason: Literal["unreadable", "outside", "too_many"]) -> None:
        if len(self.scan.skipped) < self._limits.skipped:
            self.scan.skipped.append(Skipped(printable(path), reason))

    def _stop(self, limit: Literal["folders", "entries", "plates", "seconds"]) -> None:
        self.scan.ended_by = limit
        raise _StopError
