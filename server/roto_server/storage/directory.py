"""Storage in a directory: a local disk, or the studio's shared storage mounted here."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from roto_shapes.errors import RotoError

from ..errors import BadRequestError, ConflictError, NotFoundError, TooLargeError
from .base import Signed, StoredFile
from .directory_pieces import DirectoryPieces
from .troubles import storage_errors

STREAM_BYTES = 1 << 18


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
        with storage_errors(self._key):
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
        self.pieces = DirectoryPieces(self._path)

    @property
    def is_shared(self) -> bool:
        """Files have paths."""
        return True

    def check_writable(self) -> None:
        """Make and remove a file."""
        with storage_errors("the storage"), tempfile.TemporaryFile(dir=self.root) as probe:
            probe.write(b"roto")
            probe.flush()

    def free_bytes(self) -> int:
        """Bytes an unprivileged writer can still add."""
        return shutil.disk_usage(self.root).free

    def address(self, key: str) -> str:
        """The absolute path of ``key``."""
        return str(self._path(key))

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

    def listing(self, folder: str) -> dict[str, int]:
        """Every plain file below ``folder`` with its bytes; see `Storage.listing`."""
        return {file.name: file.size for file in self.walk(folder)}

    def walk(self, folder: str) -> Iterator[StoredFile]:
        """Every plain file below ``folder``; links are not followed."""
        home = self._path(folder)
        if not home.is_dir():
            return
        # The folder itself may go before it is opened, as folders in it may.
        with storage_errors(folder), suppress(FileNotFoundError):
            for path, _, names, descriptor in os.fwalk(home, follow_symlinks=False):
                below = os.path.relpath(path, home)
                for name in names:
                    with suppress(FileNotFoundError):
                        facts = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                        if stat.S_ISREG(facts.st_mode):
                            told = name if below == "." else f"{below}/{name}"
                            # A link of old bytes, or a renamed file: its ctime is when it came.
                            came = max(facts.st_mtime, facts.st_ctime)
                            shared = facts.st_ino if facts.st_nlink > 1 else None
                            yield StoredFile(told, facts.st_size, came, shared)

    def folders(self, folder: str) -> list[str]:
        """Names of the folders right in ``folder``."""
        with storage_errors(folder):
            try:
                with os.scandir(self._path(folder)) as entries:
                    return sorted(one.name for one in entries if one.is_dir(follow_symlinks=False))
            except (FileNotFoundError, NotADirectoryError):
                return []

    @contextmanager
    def append(self, key: str, offset: int, limit: int) -> Iterator[DirectoryPart]:
        """Open the unfinished file ``key`` at its end; see `Storage.append`."""
        path = self._path(key)
        with storage_errors(key):
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
            with storage_errors(key):
                os.fsync(file.fileno())

    def sha256(self, key: str) -> str:
        """Hex digest of the file ``key``."""
        with storage_errors(key), self._path(key).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def remove(self, key: str) -> None:
        """Remove the file ``key`` if it is there."""
        with storage_errors(key):
            self._path(key).unlink(missing_ok=True)

    def remove_folder(self, key: str) -> None:
        """Remove the folder ``key`` and what is in it, if it is there."""
        path = self._path(key)
        with storage_errors(key):
            if path.is_dir():
                shutil.rmtree(path, onerror=_unless_gone)

    def publish(self, incoming: str, key: str) -> str:
        """Rename the folder ``incoming`` to ``key``: visible whole or not at all."""
        self._rename_folder(incoming, key)
        return key

    def move_folder(self, key: str, target: str) -> None:
        """Rename the folder ``key`` to ``target``; see `Storage.move_folder`."""
        if self.has_folder(key):
            if self.has_folder(target):
                raise ConflictError(f"{target} exists already.")
            self._rename_folder(key, target)

    def _rename_folder(self, key: str, target: str) -> None:
        source, place = self._path(key), self._path(target)
        with storage_errors(target):
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                source.rename(place)
            except FileNotFoundError:
                if not place.is_dir():
                    raise

    def link(self, key: str, target: str) -> None:
        """Hard-link ``key`` as ``target``; copy where the file system has no hard links."""
        source, second = self._path(key), self._path(target)
        with storage_errors(target):
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
        with storage_errors(folder), suppress(FileNotFoundError):
            with os.scandir(self._path(folder)) as entries:
                names = [entry for entry in entries if name.fullmatch(entry.name)]
            for entry in names:
                # One that is renamed or removed meanwhile is not the newest.
                with suppress(FileNotFoundError):
                    found.append((entry.stat(follow_symlinks=False).st_mtime_ns, entry.name))
        return f"{folder}/{max(found)[1]}" if found else None

    def read(self, key: str) -> bytes | None:
        """The bytes of the file ``key``; None when it is gone."""
        with storage_errors(key):
            try:
                return self.locate(key).read_bytes()
            except (NotFoundError, FileNotFoundError):
                return None

    def stream(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes of the file ``key`` in parts; see `Storage.stream`."""
        left = sys.maxsize if length is None else length
        with storage_errors(key), self.locate(key).open("rb") as file:
            file.seek(start)
            while left and (data := file.read(min(left, STREAM_BYTES))):
                left -= len(data)
                yield data

    @contextmanager
    def write(self, key: str, size: int, within: str) -> Iterator[DirectoryPart]:
        """The file ``key``, under another name until all of it is there; see `Storage.write`."""
        path = self._path(key)
        _check_inside(path.parent, self._path(within), key)
        partial = f".{uuid.uuid4().hex}.part"
        with storage_errors(key), _open_folder(path.parent, key) as folder:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            descriptor = os.open(partial, flags, 0o666, dir_fd=folder)
            try:
                with os.fdopen(descriptor, "wb", buffering=0) as file:
                    part = DirectoryPart(file, key, size)
                    yield part
                    if part.offset != size:
                        raise BadRequestError(f"{part.offset} of {size} bytes came.")
                    os.fsync(file.fileno())
                _rename(partial, path.name, folder)
            finally:
                # By the folder itself: it may have been renamed meanwhile.
                with suppress(FileNotFoundError):
                    os.unlink(partial, dir_fd=folder)

    def locate(self, key: str, within: str | None = None) -> Path:
        """Where the file ``key`` lies; a link out of the storage is refused."""
        path = self._path(key)
        home = self.root if within is None else self._path(within)
        resolved = _check_inside(path, home, key)
        if not resolved.is_file():
            raise NotFoundError("file", PurePosixPath(key).name)
        return resolved

    def presign_get(self, key: str, seconds: int) -> Signed | None:
        """Nowhere: bytes go through the server."""
        return None

    def presign_put(self, key: str, size: int, seconds: int) -> Signed | None:
        """Nowhere: bytes go through the server."""
        return None

    def _path(self, key: str) -> Path:
        """The place of ``key``, which must be relative, plain and inside."""
        parts = key.split("/")
        if "\\" in key or "\0" in key or any(part in ("", ".", "..") for part in parts):
            raise _refused(key)
        return self.root.joinpath(*parts)


def _unless_gone(_function: object, _path: str, info: tuple[object, BaseException, object]) -> None:
    """Another server may be removing the same folder."""
    if not isinstance(info[1], FileNotFoundError):
        raise info[1]


@contextmanager
def _open_folder(path: Path, key: str) -> Iterator[int]:
    """The folder ``path``, made if it is missing; raises `ConflictError` where a file is."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except (FileExistsError, NotADirectoryError) as error:
        raise ConflictError(f"Part of {key} is a file already.") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _rename(name: str, target: str, folder: int) -> None:
    try:
        os.replace(name, target, src_dir_fd=folder, dst_dir_fd=folder)
    except IsADirectoryError as error:
        raise ConflictError(f"{target} is a folder already.") from error


def _check_inside(path: Path, home: Path, key: str) -> Path:
    """``path`` with its links followed; raises ``path_refused`` unless it lies in ``home``."""
    try:
        resolved = path.resolve()
    except (OSError, RuntimeError):  # links in a circle
        raise _refused(key) from None
    if not resolved.is_relative_to(home):
        raise _refused(key)
    return resolved


def _refused(key: str) -> RotoError:
    return RotoError(f"{key!r} is no place in the storage.", code="path_refused")
