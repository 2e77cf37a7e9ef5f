"""Files that come to a directory in pieces: one sparse file each, written where a piece belongs.

Which pieces have arrived is what the database says; a piece is on the disk before it is told so.
The unfinished files of a folder lie in ``<folder>.pieces`` beside it, with a lock: whoever writes
shares it, whoever finishes has it alone, so nobody's late bytes change a file that was verified.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..errors import BadRequestError, ConflictError, TooLargeError
from .base import PiecedFile, Signed
from .troubles import storage_errors

PIECE_BYTES = 8 << 20
PATIENCE_SECONDS = 20.0
"""How long who finishes waits for writers, or for another one who finishes."""

_POLL_SECONDS = 0.1


def pieces_folder(folder: str) -> str:
    """Key of the folder in which the unfinished files of ``folder`` lie."""
    return f"{folder}.pieces"


class DirectoryPieces:
    """`Pieces` of a directory; ``place`` gives the path of a key."""

    def __init__(self, place: Callable[[str], Path], patience: float = PATIENCE_SECONDS) -> None:
        self._place = place
        self._patience = patience

    def piece_size(self, largest: int) -> int:
        """The same for every file: more pieces cost a directory nothing."""
        return PIECE_BYTES

    def begin(self, file: PiecedFile) -> str:
        """A directory knows files by their keys."""
        return ""

    @contextmanager
    def write(self, file: PiecedFile, number: int) -> Iterator[_Region]:
        """Write a piece into its place, and be sure that it is on the disk."""
        folder, name = _split(file.key)
        with self._locked(folder, fcntl.LOCK_SH), storage_errors(file.key):
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
            descriptor = os.open(self._place(pieces_folder(folder)) / name, flags, 0o666)
            try:
                region = _Region(descriptor, number * file.piece_size, file.length(number))
                yield region
                if region.offset != file.length(number):
                    told = f"{region.offset} of the piece's {file.length(number)} bytes came."
                    raise BadRequestError(told, hint="Send the piece again.")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def arrived(self, file: PiecedFile) -> frozenset[int] | None:
        """Only the database can say."""
        return None

    def sign(self, file: PiecedFile, number: int, seconds: int) -> Signed | None:
        """Nowhere: pieces go through the server."""
        return None

    @contextmanager
    def closing(self, folder: str) -> Iterator[None]:
        """Keep writers away in the block; waits a while for those who are at work."""
        with self._locked(folder, fcntl.LOCK_EX, self._patience):
            yield
            # All is finished or thrown away; for what may come after, the folder is made anew.
            shutil.rmtree(self._place(pieces_folder(folder)), ignore_errors=True)

    def finish(self, file: PiecedFile) -> None:
        """Give the file its name; done twice, a no-op."""
        folder, name = _split(file.key)
        source, target = self._place(pieces_folder(folder)) / name, self._place(file.key)
        with storage_errors(file.key):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                source.replace(target)
            except FileNotFoundError:
                if not target.is_file():
                    raise

    def abort(self, file: PiecedFile) -> None:
        """Remove the unfinished file."""
        folder, name = _split(file.key)
        with storage_errors(file.key):
            (self._place(pieces_folder(folder)) / name).unlink(missing_ok=True)

    @contextmanager
    def _locked(self, folder: str, how: int, seconds: float = 0.0) -> Iterator[None]:
        home = self._place(pieces_folder(folder))
        with storage_errors(folder):
            home.mkdir(parents=True, exist_ok=True)
            lock = (home / ".lock").open("wb")
        with lock:
            if not _lock(lock, how, time.monotonic() + seconds):
                raise ConflictError(
                    "Pieces of the upload are still being written, or it is being completed.",
                    hint="Ask again in a few seconds.",
                )
            yield


class _Region:
    """The place of one piece in its file; ``offset``: bytes of the piece that are written."""

    def __init__(self, descriptor: int, start: int, limit: int) -> None:
        self._descriptor = descriptor
        self._start = start
        self._limit = limit
        self.offset = 0

    def write(self, data: bytes) -> None:
        """Write on; raises ``too_large`` past the end of the piece."""
        if self.offset + len(data) > self._limit:
            raise TooLargeError(
                f"The piece has {self._limit} bytes, no more.", detail={"size": self._limit}
            )
        view = memoryview(data)
        while view:
            written = os.pwrite(self._descriptor, view, self._start + self.offset)
            self.offset += written
            view = view[written:]


def _lock(file: BinaryIO, how: int, until: float) -> bool:
    """Whether the lock was got by ``until`` (of the monotonic clock)."""
    while True:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_POLL_SECONDS)
        else:
            return True


def _split(key: str) -> tuple[str, str]:
    folder, _, name = key.rpartition("/")
    return folder, name
