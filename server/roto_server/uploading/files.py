"""The files of one upload: where they lie in the storage, and what of them has arrived.

Where folders can be renamed, files are drafted in ``<upload>.incoming`` and appear all at once;
in an object store they lie in the upload's folder from the start, and the row's state publishes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ..db.models import Upload
from ..storage import PiecedFile, Storage
from ..storage.directory_pieces import pieces_folder
from ..storage.many import in_threads

Pieces = Mapping[int, frozenset[int]]
"""By file: the pieces of it that the database knows to be there."""


@dataclass(frozen=True)
class Arrival:
    """What of a file is there: ``offset`` bytes from its beginning, or ``pieces``."""

    is_whole: bool
    offset: int
    pieces: frozenset[int]


def upload_key(upload: Upload) -> str:
    """The folder of a complete upload's files."""
    return f"projects/{upload.project_id}/uploads/{upload.id}"


class UploadFiles:
    """The files of ``upload`` in ``storage``."""

    def __init__(self, upload: Upload, storage: Storage) -> None:
        self.upload = upload
        self.storage = storage
        self.folder = upload_key(upload)
        self.draft = f"{self.folder}.incoming" if storage.is_shared else self.folder

    @property
    def count(self) -> int:
        """How many files there are."""
        return len(self.upload.files)

    def are_published(self) -> bool:
        """Whether the files have their final place already, whatever the row says."""
        return self.storage.is_shared and self.storage.has_folder(self.folder)

    def name(self, index: int) -> str:
        """The file's name."""
        return str(self.upload.files[index]["name"])

    def size(self, index: int) -> int:
        """Bytes the file was announced with."""
        return int(self.upload.files[index]["size"])

    def key(self, index: int) -> str:
        """Where the file is drafted."""
        return f"{self.draft}/{self.name(index)}"

    @cached_property
    def piece_size(self) -> int:
        """Bytes of every piece but a file's last."""
        if self.upload.piece_size:
            return self.upload.piece_size
        return self.storage.pieces.piece_size(max(map(self.size, range(self.count))))

    def pieced(self, index: int) -> PiecedFile:
        """The file as it comes in pieces. Asked for every file: nothing here looks at others."""
        handle = self.upload.multipart[index] if self.upload.multipart else None
        return PiecedFile(self.key(index), self.size(index), self.piece_size, handle or "")

    def arrivals(self, known: Pieces) -> list[Arrival]:
        """What of each file is there."""
        if self.upload.state == "complete" or self.are_published():
            return [self._whole(index) for index in range(self.count)]
        there = self.storage.listing(self.draft)
        return in_threads(
            lambda index: self._arrival(index, there, known), range(self.count), self.storage
        )

    def _arrival(self, index: int, there: Mapping[str, int], known: Pieces) -> Arrival:
        size = self.size(index)
        offset = there.get(self.name(index), 0)
        if offset == size and (size or self.name(index) in there):
            return self._whole(index)
        stored = self.storage.pieces.arrived(self.pieced(index))
        return Arrival(False, offset, known.get(index, frozenset()) if stored is None else stored)

    def _whole(self, index: int) -> Arrival:
        return Arrival(True, self.size(index), frozenset(range(self.pieced(index).count)))

    def discard(self, index: int) -> None:
        """Throw away what has arrived of a file."""
        self.storage.pieces.abort(self.pieced(index))
        self.storage.remove(self.key(index))

    def remove(self) -> None:
        """Remove everything there is of the upload; harmless when repeated."""
        in_threads(
            lambda index: self.storage.pieces.abort(self.pieced(index)),
            range(self.count),
            self.storage,
        )
        for folder in (self.draft, pieces_folder(self.draft), self.folder):
            self.storage.remove_folder(folder)
