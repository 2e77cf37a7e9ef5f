"""Uploads: pieces in, resumable at a byte offset, visible only when every file has verified.

How much of a file has arrived is the size of its unfinished copy, so nothing can disagree.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool

from roto_shapes.errors import RotoError

from ..auth import User
from ..db.models import Project, Upload
from ..db.session import Database
from ..errors import BadRequestError, ConflictError, TooLargeError, disk_full
from ..storage import PartWriter, Storage
from .deps import DatabaseDep, StorageDep, get_row, refusals
from .schemas.uploads import OffsetOut, UploadFileOut, UploadIn, UploadOut

WRITE_BYTES = 1 << 20
"""Pieces are written in steps of about this size, each in a worker thread."""

router = APIRouter(prefix="/uploads", tags=["uploads"])


def upload_key(upload: Upload) -> str:
    """The folder of a complete upload's files."""
    return f"projects/{upload.project_id}/uploads/{upload.id}"


@router.post("", status_code=201, responses=refusals(404, 507))
def create_upload(
    body: UploadIn, user: User, database: DatabaseDep, storage: StorageDep
) -> UploadOut:
    """Announce files. Refused at once when the storage has no room for them."""
    _check_names([file.name for file in body.files])
    announced = sum(file.size for file in body.files)
    if announced > storage.free_bytes():
        raise disk_full(f"the upload ({announced / 1e9:.1f} GB)")
    with database.session() as session:
        get_row(session, Project, body.project_id, "project")
        upload = Upload(
            project_id=body.project_id,
            files=[file.model_dump() for file in body.files],
            created_by=user.name,
        )
        session.add(upload)
    return _present(upload, storage)


@router.get("/{upload_id}", responses=refusals(404))
def get_upload(upload_id: str, database: DatabaseDep, storage: StorageDep) -> UploadOut:
    """What of each file has arrived."""
    return _present(_load(database, upload_id), storage)


@router.patch(
    "/{upload_id}/files/{index}",
    responses=refusals(404, 409, 413, 507),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def append_piece(
    *,
    upload_id: str,
    index: int,
    request: Request,
    database: DatabaseDep,
    storage: StorageDep,
    upload_offset: Annotated[int, Header(ge=0, lt=2**53)],
) -> OffsetOut:
    """Append the body to file ``index`` at byte ``Upload-Offset``.

    409 with the right offset in ``detail.offset`` when it is another. What arrives before the
    connection breaks is kept.
    """
    upload = await run_in_threadpool(_load, database, upload_id)
    if upload.state != "open":
        raise ConflictError("The upload is complete; it takes no more bytes.")
    if not 0 <= index < len(upload.files):
        raise RotoError(f"The upload has no file {index}.", code="not_found")
    size = int(upload.files[index]["size"])
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and upload_offset + int(announced) > size:
        raise TooLargeError(
            f"The file was announced with {size} bytes; this piece would make it larger.",
            detail={"size": size},
        )
    key = _part_key(upload, index)
    async with contextmanager_in_threadpool(storage.append(key, upload_offset, size)) as part:
        await _receive(request, part)
        return OffsetOut(offset=part.offset)


@router.post("/{upload_id}/complete", responses=refusals(404, 409, 507))
def complete_upload(upload_id: str, database: DatabaseDep, storage: StorageDep) -> UploadOut:
    """Verify every file's SHA-256, then make all of them visible at once.

    422 ``checksum_mismatch`` names a damaged file, whose bytes are thrown away; send it again.
    Asking twice is harmless.
    """
    upload = _load(database, upload_id)
    if upload.state == "open":
        _publish(upload, storage)
        with database.session() as session:
            upload = get_row(session, Upload, upload_id, "upload")
            upload.state = "complete"
    return _present(upload, storage)


async def _receive(request: Request, part: PartWriter) -> None:
    waiting = bytearray()
    try:
        async for chunk in request.stream():
            waiting += chunk
            if len(waiting) >= WRITE_BYTES:
                piece, waiting = bytes(waiting), bytearray()
                await run_in_threadpool(part.write, piece)
    finally:
        if waiting:
            await run_in_threadpool(part.write, bytes(waiting))


def _publish(upload: Upload, storage: Storage) -> None:
    """Verify and make visible, unless that has happened or happens meanwhile.

    A client whose patience ended before a large file was hashed asks again while the first request
    is still at work.
    """
    published = upload_key(upload)
    if storage.has_folder(published):
        return
    try:
        _verify(upload, storage)
        storage.publish(_incoming_key(upload), published)
    except RotoError:
        if not storage.has_folder(published):
            raise


def _verify(upload: Upload, storage: Storage) -> None:
    """Raise unless every file has arrived as announced."""
    missing = [
        {"index": index, "name": file["name"], "offset": arrived, "size": file["size"]}
        for index, (file, arrived) in enumerate(
            zip(upload.files, _arrived(upload, storage), strict=True)
        )
        if arrived != file["size"]
    ]
    if missing:
        raise ConflictError(
            f"{len(missing)} of {len(upload.files)} files have not arrived in full.",
            hint="Send the rest of each file from its offset.",
            detail={"missing": missing[:1000]},
        )
    for index, file in enumerate(upload.files):
        if file["size"] == 0:
            _touch(upload, index, storage)
        actual = storage.sha256(_part_key(upload, index))
        if actual != file["sha256"]:
            storage.remove(_part_key(upload, index))
            raise RotoError(
                f"{file['name']} does not have the SHA-256 it was announced with.",
                code="checksum_mismatch",
                hint="Its bytes were thrown away; send the file again from offset 0.",
                detail={
                    "index": index,
                    "name": file["name"],
                    "expected": file["sha256"],
                    "actual": actual,
                },
            )


def _touch(upload: Upload, index: int, storage: Storage) -> None:
    """An empty file needs no piece, but it needs to be there."""
    with storage.append(_part_key(upload, index), 0, 0):
        return


def _load(database: Database, upload_id: str) -> Upload:
    with database.reading() as session:
        return get_row(session, Upload, upload_id, "upload")


def _incoming_key(upload: Upload) -> str:
    return f"{upload_key(upload)}.incoming"


def _part_key(upload: Upload, index: int) -> str:
    return f"{_incoming_key(upload)}/{upload.files[index]['name']}"


def _arrived(upload: Upload, storage: Storage) -> list[int]:
    """Bytes of each file that have arrived."""
    if storage.has_folder(upload_key(upload)):
        return [int(file["size"]) for file in upload.files]
    return [storage.size(_part_key(upload, index)) or 0 for index in range(len(upload.files))]


def _present(upload: Upload, storage: Storage) -> UploadOut:
    return UploadOut(
        id=upload.id,
        project_id=upload.project_id,
        state="complete" if upload.state == "complete" else "open",
        files=[
            UploadFileOut(**file, offset=arrived)
            for file, arrived in zip(upload.files, _arrived(upload, storage), strict=True)
        ],
    )


def _check_names(names: list[str]) -> None:
    """Plain file names that any file system keeps apart."""
    seen: set[str] = set()
    for name in names:
        plain = not (set(name) & set('/\\%#*?"<>|:')) and name[0] != "."
        if not plain or len(name.encode()) > 200:
            raise BadRequestError(
                f"{name!r} cannot be the name of an uploaded file.",
                hint="Plain file names, without folders, wildcards or a leading dot.",
            )
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            raise BadRequestError(f"The upload has two files called {name!r}.")
        seen.add(folded)
