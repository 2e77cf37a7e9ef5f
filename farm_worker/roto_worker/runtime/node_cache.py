"""Files of the server's storage, kept on a node for the next task that reads them.

What is published is never changed, so a file is known by its key and size. Bounded: what was used
longest ago goes first. Tasks hold hard links, so nothing that is in use is lost when it goes.
Shared by all worker processes of the node.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from roto_shapes.errors import RotoError

CACHE_FOLDER = "cache"
"""Of the scratch folder of a node."""

_LEAVINGS_SECONDS = 6 * 3600.0
"""After which a file that was never finished is nobody's any more."""


@dataclass(frozen=True)
class _Kept:
    path: Path
    size: int
    used: float


class NodeCache:
    """The cache in ``folder``, of at most ``limit_bytes``, for files of ``server``."""

    def __init__(self, folder: Path, limit_bytes: int, server: str = "") -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._home = folder / hashlib.sha256(server.encode()).hexdigest()[:16]

    def path(self, key: str) -> Path:
        """Where ``key`` lies if it is kept. Raises RotoError ``path_refused`` for what is none."""
        return place_of(self._home, key)

    def find(self, key: str, size: int) -> Path | None:
        """The kept file, counted as used now; None when it is not there in that size."""
        path = self.path(key)
        with suppress(OSError):
            facts = path.stat()
            if facts.st_size == size:
                # Read now, but not changed: what was decoded of it stays good.
                os.utime(path, ns=(time.time_ns(), facts.st_mtime_ns))
                return path
        return None

    def take(self, key: str, size: int, fetch: Callable[[Path], None]) -> Path:
        """The file ``key``, from here or brought by ``fetch``, which writes the path it is given.

        Call `make_room` before. Raises what ``fetch`` raises, OSError.
        """
        kept = self.find(key, size)
        if kept is not None:
            return kept
        path = self.path(key)
        partial = path.with_name(f".{uuid.uuid4().hex}.part")
        try:
            with self._sharing():  # no folder goes between these two
                path.parent.mkdir(parents=True, exist_ok=True)
                partial.touch()
            fetch(partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return path

    def make_room(self, wanted: int) -> None:
        """Let go of what was used longest ago until ``wanted`` bytes more fit, if they ever do."""
        with self._alone():
            kept = sorted(self._kept(), key=lambda one: one.used)
            total = sum(one.size for one in kept)
            for one in kept:
                if total + wanted <= self.limit_bytes:
                    return
                one.path.unlink(missing_ok=True)
                total -= one.size

    def size(self) -> tuple[int, int]:
        """Bytes and files that are kept."""
        kept = list(self._kept())
        return sum(one.size for one in kept), len(kept)

    def clean(self) -> int:
        """Let go of everything; the bytes that were kept. Safe while workers run."""
        if not self.folder.is_dir():
            return 0
        total = 0
        with self._alone():
            for one in self._kept():
                one.path.unlink(missing_ok=True)
                total += one.size
            for folder, _, _ in os.walk(self.folder, topdown=False):
                if Path(folder) != self.folder:
                    with suppress(OSError):  # a file that is being fetched keeps its folder
                        os.rmdir(folder)
        return total

    def _kept(self) -> Iterator[_Kept]:
        """Every file, unfinished ones aside; those that nobody will finish are removed."""
        stale = time.time() - _LEAVINGS_SECONDS
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = Path(folder, name)
                try:
                    facts = path.stat()
                except OSError:
                    continue
                if not name.startswith("."):
                    yield _Kept(path, facts.st_size, facts.st_atime)
                elif name.endswith(".part") and facts.st_mtime < stale:
                    path.unlink(missing_ok=True)

    def _alone(self) -> AbstractContextManager[None]:
        return self._locked(fcntl.LOCK_EX)

    def _sharing(self) -> AbstractContextManager[None]:
        return self._locked(fcntl.LOCK_SH)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("a") as lock:
            fcntl.flock(lock, how)
            yield


def place_of(home: Path, key: str) -> Path:
    """The path of ``key`` below ``home``. Raises RotoError ``path_refused`` for one that leaves."""
    parts = key.split("/")
    if "\0" in key or any(part in ("", ".", "..") for part in parts):
        raise RotoError(f"{key!r} is no key of a storage", code="path_refused")
    return home.joinpath(*parts)
