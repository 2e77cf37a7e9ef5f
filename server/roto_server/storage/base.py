"""What the server asks of the place where pixels and documents live."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class PartWriter(Protocol):
    """Appends to one unfinished file."""

    @property
    def offset(self) -> int:
        """Bytes of the file that have arrived so far."""

    def write(self, data: bytes) -> None:
        """Append; raises `RotoError` ``too_large`` past the declared size, ``disk_full``."""


@dataclass(frozen=True)
class StoredFile:
    """A file below a folder: ``name`` from there, ``size`` in bytes, ``modified`` in seconds
    since 1970: when it came there, if only as a link of older bytes.

    ``shared`` is the same for hard links of the same bytes; None for bytes with one name.
    """

    name: str
    size: int
    modified: float
    shared: int | None = None


@dataclass(frozen=True)
class Signed:
    """An address that opens one file for a while; ``headers`` must be sent along, as they are."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PiecedFile:
    """A file that comes in pieces of ``piece_size`` bytes, numbered from 0, the last one less.

    ``handle`` is what `Pieces.begin` gave.
    """

    key: str
    size: int
    piece_size: int
    handle: str = ""

    @property
    def count(self) -> int:
        """How many pieces there are; none of an empty file."""
        return -(-self.size // self.piece_size)

    def length(self, number: int) -> int:
        """Bytes of the piece."""
        return min(self.piece_size, self.size - number * self.piece_size)


class Pieces(Protocol):
    """Files that come in pieces, in any order and several at a time."""

    def piece_size(self, largest: int) -> int:
        """Bytes of each piece, for files of up to ``largest`` bytes."""

    def begin(self, file: PiecedFile) -> str:
        """Expect the file; returns the handle by which the store knows it."""

    def write(self, file: PiecedFile, number: int) -> AbstractContextManager[PartWriter]:
        """Take a piece; it counts when the block ends well. ``bad_request`` when bytes lack.

        ``conflict`` while the file is finished.
        """

    def arrived(self, file: PiecedFile) -> frozenset[int] | None:
        """The pieces that are there in full; None where only the database can say."""

    def sign(self, file: PiecedFile, number: int, seconds: int) -> Signed | None:
        """Where a client may PUT the piece itself; None where pieces go through the server."""

    def closing(self, folder: str) -> AbstractContextManager[None]:
        """No piece of a file in ``folder`` is written in the block; ``conflict`` while one is."""

    def finish(self, file: PiecedFile) -> None:
        """Make one file, under its key, of the pieces, which are all there."""

    def abort(self, file: PiecedFile) -> None:
        """Forget the pieces of a file that will not be finished."""


class Storage(Protocol):
    """Files under keys: relative POSIX paths like ``projects/<id>/<shot id>/exports/v001/x.nk``.

    Every method raises `RotoError`: ``path_refused`` for a key that leaves the storage,
    ``disk_full`` and ``storage_failed`` for what its names say.
    """

    @property
    def is_shared(self) -> bool:
        """Whether files have paths that workers and hosts can mount, and folders can be renamed.

        If not, folders are prefixes: what is unfinished is told from what is published by the
        database alone, `locate` and `append` refuse, and workers come by signed addresses.
        """

    @property
    def pieces(self) -> Pieces:
        """How large files come in."""

    def check_writable(self) -> None:
        """Raise unless a file can be made and removed."""

    def free_bytes(self) -> int:
        """Bytes that can still be written."""

    def address(self, key: str) -> str:
        """What people and rows call the place of ``key``: an absolute path, or an s3:// address."""

    def size(self, key: str) -> int | None:
        """Bytes of the file ``key``; None when there is none."""

    def has_folder(self, key: str) -> bool:
        """Whether the folder ``key`` exists."""

    def listing(self, folder: str) -> dict[str, int]:
        """Every plain file below ``folder`` by its name from there, with its bytes.

        Links are not in it, and nothing that they lead to. Empty when there is no folder.
        """

    def walk(self, folder: str) -> Iterator[StoredFile]:
        """As `listing`, one by one; what vanishes meanwhile is left out."""

    def folders(self, folder: str) -> list[str]:
        """Names of the folders right in ``folder``, sorted; empty when there is none."""

    def append(self, key: str, offset: int, limit: int) -> AbstractContextManager[PartWriter]:
        """Open the unfinished file ``key`` to append at byte ``offset``, up to ``limit`` bytes.

        One writer at a time; raises `RotoError` ``conflict`` (``detail.offset`` is the right one)
        when ``offset`` is not the file's size or another writer is at work.
        """

    def sha256(self, key: str) -> str:
        """Hex digest of the file ``key``."""

    def remove(self, key: str) -> None:
        """Remove the file ``key`` if it is there."""

    def remove_folder(self, key: str) -> None:
        """Remove the folder ``key`` and what is in it, if it is there."""

    def publish(self, incoming: str, key: str) -> str:
        """Make the folder ``incoming`` the published one; returns the key it has from now on.

        Where folders can be renamed that is ``key``, visible all at once; else ``incoming`` itself,
        and the caller's row is what publishes. Done twice, a no-op.
        """

    def move_folder(self, key: str, target: str) -> None:
        """Move the folder ``key`` to ``target``, which must be free (``conflict``).

        Repeatable after a crash: goes on where it stopped. Nothing to do when there is neither.
        """

    def link(self, key: str, target: str) -> None:
        """Give the bytes of file ``key`` a second name ``target`` (never overwriting)."""

    def newest(self, folder: str, name: re.Pattern[str]) -> str | None:
        """Key of the file in ``folder`` that was written last, of those whose whole name fits;
        None when there is none. The folder may still be written to."""

    def read(self, key: str) -> bytes | None:
        """The bytes of the small file ``key``; None when it is gone."""

    def stream(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes of the file ``key`` from ``start`` on, in parts; ``not_found`` at the first."""

    def write(self, key: str, size: int, within: str) -> AbstractContextManager[PartWriter]:
        """Make or replace the file ``key`` of ``size`` bytes when the block ends well.

        Raises ``path_refused`` when a link leads out of the folder ``within``, ``bad_request`` when
        fewer bytes came.
        """

    def locate(self, key: str, within: str | None = None) -> Path:
        """Where the published file ``key`` can be read on this machine, of a shared storage.

        Raises `RotoError` ``not_found`` when it is gone, ``path_refused`` when it is a link that
        leads out of the storage, or out of the folder ``within`` of it.
        """

    def presign_get(self, key: str, seconds: int) -> Signed | None:
        """Where the file ``key`` can be read without the server for ``seconds``; None if nowhere.

        Of a shared storage it is None: bytes go through the server (``farm/storage``).
        """

    def presign_put(self, key: str, size: int, seconds: int) -> Signed | None:
        """Where the file ``key`` of ``size`` bytes can be put whole; None as in `presign_get`."""
