"""Names as the server's disk spells them, for paths of systems that do not care.

To Windows and macOS ``Plate.EXR`` and ``plate.exr`` are one file, and an accent is one letter or
two; to this server they are not. Only names that differ in that are found, only if there is just
one of them, and only below the place's root in folders that plates may be read from.
"""

from __future__ import annotations

import os
import re
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from itertools import islice
from pathlib import Path

from roto_client.contract.places import LINUX, WINDOWS, below, joined, key

from ..paths import AllowedRoots

_MOST_NAMES = 100_000
"""Of one folder that are looked at."""
_MOST_KEPT = 1_000_000
"""Of all folders of a request."""

_FIELD = re.compile(r"%(?:0\d)?d|#+|\*")


class Disk:
    """The disk's spelling of paths that are asked after together: every folder is read once.

    ``seconds``: by the wall clock from now. After that, or many names, paths stay as they are said.
    It blocks while the file system does: use it in a thread, never on the event loop.
    """

    def __init__(self, seconds: float = 20.0) -> None:
        self._until = time.monotonic() + seconds
        self._folders: dict[Path, _Folder] = {}
        self._held: dict[Path, bool] = {}
        self._room = _MOST_KEPT

    @property
    def over(self) -> bool:
        """Whether it has looked long enough."""
        return time.monotonic() > self._until or self._room < 0

    def holds(self, folder: Path, roots: AllowedRoots) -> bool:
        """Whether the folder, links followed, lies in the roots."""
        if folder not in self._held:
            self._held[folder] = roots.holds(folder)
        return self._held[folder]

    def folder(self, path: Path) -> _Folder:
        """What is in the folder."""
        if path not in self._folders:
            self._folders[path] = _Folder(_names(path))
            self._room -= len(self._folders[path].names)
        return self._folders[path]


class _Folder:
    """Names in a folder, and by what Windows and macOS take them for."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = names
        self.alike: dict[str, list[str]] = defaultdict(list)
        for name in names:
            self.alike[key(name, WINDOWS)].append(name)

    def spelling(self, name: str) -> str | None:
        """The one name in it that is taken for ``name``."""
        ways = self.alike.get(key(name, WINDOWS), ())
        return ways[0] if len(ways) == 1 else None


def as_on_disk(path: str, root: str, roots: AllowedRoots, disk: Disk | None = None) -> str:
    """``path``, which lies in ``root``, as the disk spells it; itself where that is not clear.

    The disk is asked for names in ``roots`` alone; on the way to them their own names tell the
    spelling. ``disk``: the same for all paths of a request, whose ``roots`` are the same too.
    """
    disk = disk or Disk()
    found = below(path, root, LINUX)
    if found is None or ".." in found[0] or disk.over:
        return path
    here, names = Path(root), []
    for number, name in enumerate(found[0]):
        if disk.holds(here, roots):
            spelled = _spelled(disk, here, name, last=number == len(found[0]) - 1)
        else:
            spelled = _spelled_towards(roots, here, name)
        if spelled is None:
            return path
        names.append(spelled)
        here = here / spelled
    return joined(root, names, found[1])


def _spelled(disk: Disk, folder: Path, name: str, *, last: bool) -> str | None:
    """How ``folder`` spells ``name``, of a sequence if it is the ``last``; None: not at all, or in
    several ways."""
    field = _FIELD.search(name) if last else None
    if field is not None:
        return _spelled_sequence(disk.folder(folder).names, name, field)
    if os.path.lexists(folder / name):
        return name
    return disk.folder(folder).spelling(name)


def _spelled_towards(roots: AllowedRoots, folder: Path, name: str) -> str:
    """``name`` as it is spelled on the way to a root; itself where that is not the way."""
    towards = roots.towards(folder)
    return name if name in towards else _Folder(towards).spelling(name) or name


def _spelled_sequence(names: Collection[str], name: str, field: re.Match[str]) -> str | None:
    start, end = name[: field.start()], name[field.end() :]
    number = _numbered(start, end)
    ways = set()
    for one in names:
        match = number(one)
        if match is not None:
            ways.add(match)
    if (start, end) in ways or len(ways) != 1:
        return name if (start, end) in ways else None
    prefix, suffix = ways.pop()
    return prefix + field[0] + suffix


def _numbered(start: str, end: str) -> Callable[[str], tuple[str, str] | None]:
    """What surrounds the number in a name that is a frame of ``start`` + number + ``end``."""
    wanted = (key(start, WINDOWS), key(end, WINDOWS))

    def parts(name: str) -> tuple[str, str] | None:
        for match in re.finditer(r"-?\d+", name):
            around = name[: match.start()], name[match.end() :]
            if tuple(key(one, WINDOWS) for one in around) == wanted:
                return around
        return None

    return parts


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in islice(entries, _MOST_NAMES)]
    except OSError:
        return []
