"""What the server asks of the place where pixels and documents live."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol


class PartWriter(Protocol):
    """Appends to one unfinished file."""

    @property
    def offset(self) -> int:
        """Bytes of the file that have arrived so far."""

    def write(self, data: bytes) -> None:
        """Append; raises `RotoError` ``too_large`` past the declared size, ``disk_full``."""


class Storage(Protocol):
    """Files under keys: relative POSIX paths like ``projects/<id>/<shot id>/exports/v001/x.nk``.

    Every method raises `RotoError`: ``path_refused`` for a key that leaves the storage,
    ``disk_full`` and ``storage_failed`` for what its names say.
    """

    def check_writable(self) -> None:
        """Raise unless a file can be made and removed."""

    def free_bytes(self) -> int:
        """Bytes that can still be written."""

    def size(self, key: str) -> int | None:
        """Bytes of the file ``key``; None when there is none."""

    def has_folder(self, key: str) -> bool:
        """Whether the folder ``key`` exists."""

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

    def publish(self, incoming: str, key: str) -> None:
        """Make the folder ``incoming`` visible as ``key``, all at once; done twice, a no-op."""

    def link(self, key: str, target: str) -> None:
        """Give the bytes of file ``key`` a second name ``target`` (never overwriting)."""

    def newest(self, folder: str, name: re.Pattern[str]) -> str | None:
        """Key of the file in ``folder`` that was written last, of those whose whole name fits;
        None when there is none. The folder may still be written to."""

    def read(self, key: str) -> bytes | None:
        """The bytes of the small file ``key``; None when it is gone."""

    def locate(self, key: str) -> Path:
        """Where the published file ``key`` can be read on this machine.

        Raises `RotoError` ``not_found`` when it is gone, ``path_refused`` when it is a link that
        leads out of the storage.
        """
