"""Storage in a directory: a local disk, or the studio's shared storage mounted here."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from roto_shapes.errors import RotoError

from ..errors import ConflictError, NotFoundError, TooLargeError, disk_full, is_no_space


class DirectoryPart:
    """One unfinished file, open and locked for appending."""

    def __init__(self, file: BinaryIO, key: str, limit: int) -> None:
        self._file = file
        self._key = key
        self._limit = limit
        self.offset = file.tell()

    def write(self, data: bytes) -> None:
        """Append ``data``; what did not fit is cut off again, so the size stays the truth."""
        if self.offset + len(data) > self._limit:
            raise TooLargeError(
                f"{PurePosixPath(self._key).name} was announced with {self._limit} bytes, no more.",
                detail={"size": self._limit, "offset": self.offset},
            )
        written = 0
        with _storage_errors(self._key):
            try:
                while written < len(data):
                    written += self._file.write(data[written:])
            except OSError:
                if written:
                    self._file.truncate(self.offset)
                raise
        self.offset += written


class DirectoryStorage:
    """`Storage` under the directory ``root``, which is made if it is missing."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root.resolve()

    def check_writable(self) -> None:
        """Make and remove a file."""
        with _storage_errors("the storage"), tempfile.TemporaryFile(dir=self.root) as probe:
            probe.write(b"roto")
            probe.flush()

    def free_bytes(self) -> int:
        """Bytes an unprivileged writer can still add."""
        return shutil.disk_usage(self.root).free

    def size(self, key: str) -> int | None:
        """Bytes of the file ``key``; None when there is none."""
        try:
            facts = self._path(key).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return facts.st_size if stat.S_ISREG(facts.st_mode) else None

    def has_folder(self, key: str) -> bool:
        """Whether the folder ``key`` exists."""
        return self._path(key).is_dir()

    @contextmanager
    def append(self, key: str, offset: int, limit: int) -> Iterator[DirectoryPart]:
        """Open the unfinished file ``key`` at its end; see `Storage.append`."""
        path = self._path(key)
        with _storage_errors(key):
            path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered: a write has reached the file when it returns, or has failed.
            file = path.open("ab", buffering=0)
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ConflictError(
                    "Another request is sending this file.",
                    hint="Wait for it to end, ask for the offset, then go on from there.",
                    detail={"offset": file.tell()},
                ) from error
            if file.tell() != offset:
                raise ConflictError(
                    f"The file has {file.tell()} bytes; the request continues at {offset}.",
                    hint="Continue at detail.offset.",
                    detail={"offset": file.tell()},
                )
            yield DirectoryPart(file, key, limit)
            with _storage_errors(key):
                os.fsync(file.fileno())

    def sha256(self, key: str) -> str:
        """Hex digest of the file ``key``."""
        with _storage_errors(key), self._path(key).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def remove(self, key: str) -> None:
        """Remove the file ``key`` if it is there."""
        with _storage_errors(key):
            self._path(key).unlink(missing_ok=True)

    def remove_folder(self, key: str) -> None:
        """Remove the folder ``key`` and what is in it, if it is there."""
        path = self._path(key)
        with _storage_errors(key):
            if path.is_dir():
                shutil.rmtree(path)

    def publish(self, incoming: str, key: str) -> None:
        """Rename the folder ``incoming`` to ``key``: visible whole or not at all."""
        source, target = self._path(incoming), self._path(key)
        with _storage_errors(key):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                source.rename(target)
            except FileNotFoundError:
                if not target.is_dir():
                    raise

    def link(self, key: str, target: str) -> None:
        """Hard-link ``key`` as ``target``; copy where the file system has no hard links."""
        source, second = self._path(key), self._path(target)
        with _storage_errors(target):
            second.parent.mkdir(parents=True, exist_ok=True)
            try:
                second.hardlink_to(source)
            except FileExistsError:
                raise
            except OSError:
                shutil.copyfile(source, second)

    def newest(self, folder: str, name: re.Pattern[str]) -> str | None:
        """Key of the file in ``folder`` written last, of those whose whole name fits."""
        found: list[tuple[int, str]] = []
        with _storage_errors(folder), suppress(FileNotFoundError):
            with os.scandir(self._path(folder)) as entries:
                names = [entry for entry in entries if name.fullmatch(entry.name)]
            for entry in names:
                # One that is renamed or removed meanwhile is not the newest.
                with suppress(FileNotFoundError):
                    found.append((entry.stat(follow_symlinks=False).st_mtime_ns, entry.name))
        return f"{folder}/{max(found)[1]}" if found else None

    def read(self, key: str) -> bytes | None:
        """The bytes of the file ``key``; None when it is gone."""
        with _storage_errors(key):
            try:
                return self.locate(key).read_bytes()
            except (NotFoundError, FileNotFoundError):
                return None

    def locate(self, key: str) -> Path:
        """Where the file ``key`` lies; a link out of the storage is refused."""
        path = self._path(key)
        resolved = path.resolve()
        if not resolved.is_relative_to(self.root):
            raise _refused(key)
        if not resolved.is_file():
            raise NotFoundError("file", PurePosixPath(key).name)
        return resolved

    def _path(self, key: str) -> Path:
        """The place of ``key``, which must be relative, plain and inside."""
        parts = key.split("/")
        if "\\" in key or "\0" in key or any(part in ("", ".", "..") for part in parts):
            raise _refused(key)
        return self.root.joinpath(*parts)


def _refused(key: str) -> RotoError:
    return RotoError(f"{key!r} is no place in the storage.", code="path_refused")


@contextmanager
def _storage_errors(what: str) -> Iterator[None]:
    """Turn the operating system's refusals into errors of the contract."""
    try:
        yield
    except OSError as error:
        name = PurePosixPath(what).name
        if is_no_space(error):
            raise disk_full(name) from error
        raise RotoError(
            f"The storage refused {name}: {error.strerror or type(error).__name__}.",
            code="storage_failed",
            hint="The server's storage must be mounted and writable; see /readyz.",
        ) from error
