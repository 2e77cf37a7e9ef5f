"""All files of an upload become visible at once, when each has the SHA-256 it should have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roto_shapes.errors import RotoError

from ..errors import ConflictError
from ..storage.many import in_threads
from .files import Arrival, Pieces, UploadFiles

_MOST_TOLD = 1000


@dataclass(frozen=True)
class Damaged:
    """A file whose bytes are not those that were announced; they are thrown away."""

    index: int
    actual: str


def publish(files: UploadFiles, known: Pieces) -> list[Damaged]:
    """Verify and make visible, unless that has happened; the damaged files if there are any.

    Nobody's piece is written meanwhile. A client whose patience ended before a large file was
    hashed asks again while the first request is still at work, and waits for it here.

    Raises:
        ConflictError: files have not arrived in full, or are still being written.
    """
    if files.are_published():
        return []
    with files.storage.pieces.closing(files.draft):
        if files.are_published():
            return []
        _join(files, known)
        if damaged := _damaged(files):
            return damaged
        files.storage.publish(files.draft, files.folder)
    return []


def checksum_mismatch(files: UploadFiles, damaged: Sequence[Damaged]) -> RotoError:
    """The refusal that names the first damaged file, and all of them by number."""
    first = damaged[0]
    name = files.name(first.index)
    more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
    return RotoError(
        f"{name}{more} does not have the SHA-256 it was announced with.",
        code="checksum_mismatch",
        hint="Its bytes were thrown away; send the file again.",
        detail={
            "index": first.index,
            "name": name,
            "expected": files.upload.files[first.index]["sha256"],
            "actual": first.actual,
            "indexes": [one.index for one in damaged[:_MOST_TOLD]],
        },
    )


def _join(files: UploadFiles, known: Pieces) -> None:
    """Make whole files of pieces; raise unless every file is there."""
    arrivals = files.arrivals(known)
    missing = [
        {
            "index": index,
            "name": files.name(index),
            "offset": arrival.offset,
            "size": files.size(index),
        }
        for index, arrival in enumerate(arrivals)
        if not _is_there(files, index, arrival)
    ]
    if missing:
        raise ConflictError(
            f"{len(missing)} of {files.count} files have not arrived in full.",
            hint="Ask what has arrived and send the rest.",
            detail={"missing": missing[:_MOST_TOLD]},
        )
    ready = [index for index, arrival in enumerate(arrivals) if not arrival.is_whole]
    in_threads(lambda index: _finish(files, index), ready, files.storage)


def _is_there(files: UploadFiles, index: int, arrival: Arrival) -> bool:
    return arrival.is_whole or len(arrival.pieces) == files.pieced(index).count


def _finish(files: UploadFiles, index: int) -> None:
    if files.size(index) == 0 and files.storage.is_shared:
        # An empty file needs no piece, but it needs to be there.
        with files.storage.append(files.key(index), 0, 0):
            return
    files.storage.pieces.finish(files.pieced(index))


def _damaged(files: UploadFiles) -> list[Damaged]:
    found = in_threads(
        lambda index: files.storage.sha256(files.key(index)), range(files.count), files.storage
    )
    damaged = [
        Damaged(index, actual)
        for index, actual in enumerate(found)
        if actual != files.upload.files[index]["sha256"]
    ]
    for one in damaged:
        files.discard(one.index)
    return damaged
