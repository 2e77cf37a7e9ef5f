"""Uploads: in pieces or at a byte offset, resumable, visible only when every file has verified."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from sqlalchemy import delete, func, select, update
from starlette.requests import HTTPConnection

from roto_client.contract import API_PREFIX
from roto_shapes.errors import RotoError
from roto_shapes.naming import is_usable_on_windows

from ..access.caller import Caller
from ..access.roles import Permission
from ..db.media import Blob, UploadPiece
from ..db.models import Project, Upload
from ..db.types import utc_now
from ..errors import BadRequestError, ConflictError, TooLargeError, disk_full
from ..holding import hold
from ..storage import Storage
from ..trash.purging import PURGED
from ..uploading import known
from ..uploading.completing import Damaged, checksum_mismatch, publish
from ..uploading.expiring import EXPIRED
from ..uploading.files import Arrival, Pieces, UploadFiles, upload_key
from .deprecation import retiring
from .deps import Reader, StorageDep, Writer, known_caller, refusals, transact
from .paging import Cursor, Limit, newest_rows_first
from .receiving import receive
from .schemas.common import Page
from .schemas.uploads import OffsetOut, UploadFileOut, UploadIn, UploadListed, UploadOut
from .store_threads import completing, hashing, linking, looking, opened

__all__ = ("OwnUpload", "router", "upload_key")

router = APIRouter(prefix="/uploads", tags=["uploads"])


async def _own_upload(upload_id: str, connection: HTTPConnection) -> Upload:
    """The upload, if it is theirs; no transaction is open while its bytes come in."""
    return await transact(connection, lambda caller: caller.upload(upload_id), writing=False)


OwnUpload = Annotated[Upload, Depends(_own_upload)]

_SIGN_OF_LIFE = timedelta(minutes=1)
"""No upload's row is written more often because its bytes come."""


@router.post(
    "", status_code=201, responses=refusals(404, 409, 507), dependencies=[Depends(known_caller)]
)
async def create_upload(body: UploadIn, request: Request, storage: StorageDep) -> UploadOut:
    """Announce files. Refused at once when the storage has no room for what is to be sent.

    A file that the project has already, by its SHA-256, is there in the answer, if the sender may
    see what it is part of.
    """
    _check_names([file.name for file in body.files])
    free, shared = await looking(storage.free_bytes), storage.is_shared

    def announce(caller: Caller) -> tuple[Upload, dict[int, str]]:
        upload = _announce(caller, body, storage)
        there = known.find(caller, upload)
        missing = sum(
            file.size for index, file in enumerate(body.files) if not (shared and index in there)
        )
        if missing > free:
            raise disk_full(f"the upload ({missing / 1e9:.1f} GB)")
        return upload, there

    upload, found = await transact(request, announce, writing=True)
    files = UploadFiles(upload, storage)
    if found:
        await linking(known.take, files, found)
    return await looking(_present, files, {})


@router.get("")
def list_uploads(caller: Reader, limit: Limit = 100, cursor: Cursor = None) -> Page[UploadListed]:
    """Your uploads that are there, newest first, in the projects you may see.

    Complete ones are here until they expire, also those that shots were made of.
    """
    # An upload may have 20,000 files: they are counted in the database and never loaded.
    files: Any = Upload.files
    count, name = func.json_array_length(files), files[(0, "name")].as_string()
    columns = (Upload.id, Upload.project_id, Upload.state, Upload.created_at)
    query = select(*columns, count.label("file_count"), name.label("first_file"))
    query = caller.visible_projects(query.join(Project, Project.id == Upload.project_id))
    query = query.where(Upload.created_by == caller.who.user_id, Upload.state != EXPIRED)
    keys = (Upload.created_at, Upload.id)
    rows, after = newest_rows_first(caller.session, query, keys, limit, cursor)
    return Page(items=[UploadListed.model_validate(row._asdict()) for row in rows], next=after)


@router.get("/{upload_id}", responses=refusals(404))
async def get_upload(upload: OwnUpload, request: Request, storage: StorageDep) -> UploadOut:
    """What of each file has arrived."""
    pieces = await transact(request, partial(_known_pieces, upload), writing=False)
    return await looking(_present, UploadFiles(upload, storage), pieces)


@router.patch(
    "/{upload_id}/files/{index}",
    responses=refusals(404, 409, 413, 507),
    **retiring(
        date(2026, 11, 30),
        date(2027, 12, 1),
        f"{API_PREFIX}/uploads/{{upload_id}}/files/{{index}}/pieces/0",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/octet-stream": {"schema": {"type": "string"}}},
            }
        },
    ),
)
async def append_piece(
    *,
    upload: OwnUpload,
    index: int,
    request: Request,
    storage: StorageDep,
    upload_offset: Annotated[int, Header(ge=0, lt=2**53)],
) -> OffsetOut:
    """Append the body to file ``index`` at byte ``Upload-Offset``, as clients of version 0.1 do.

    409 with the right offset in ``detail.offset`` when it is another. What arrives before the
    connection breaks is kept. Pieces (`PUT .../pieces/{number}`) come faster, several at a time; a
    storage in a bucket takes nothing else.
    """
    check_open(upload, index)
    files = UploadFiles(upload, storage)
    size = files.size(index)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and upload_offset + int(announced) > size:
        raise TooLargeError(
            f"The file was announced with {size} bytes; this piece would make it larger.",
            detail={"size": size},
        )
    key = files.key(index)
    await keep_alive(request, upload)
    async with opened(storage.append(key, upload_offset, size)) as part:
        await receive(request, part)
        return OffsetOut(offset=part.offset)


@router.post("/{upload_id}/complete", responses=refusals(404, 409, 507))
async def complete_upload(upload: OwnUpload, request: Request, storage: StorageDep) -> UploadOut:
    """Verify every file's SHA-256, then make all of them visible at once.

    422 ``checksum_mismatch`` names damaged files, whose bytes are thrown away; send them again.
    Asking twice is harmless.
    """
    files = UploadFiles(upload, storage)
    if upload.state == "open":
        await keep_alive(request, upload)
        async with completing(upload.id):
            pieces, seen = await transact(request, partial(_known, upload), writing=False)
            if damaged := await hashing(publish, files, pieces):
                await transact(request, partial(_forget, upload, damaged), writing=True)
                raise checksum_mismatch(files, damaged)
        gone = await looking(known.stale, seen, storage)
        upload = await transact(request, partial(_complete, upload.id, gone), writing=True)
    return await looking(_present, UploadFiles(upload, storage), {})


@router.delete("/{upload_id}", status_code=204, responses=refusals(404))
def delete_upload(upload_id: str, caller: Writer) -> None:
    """Give the upload up, complete or not: it is gone at once, and its room is free soon after.

    Shots that were made of it keep its files.
    """
    upload = _held(caller, upload_id)
    upload.state = EXPIRED
    # As what is purged: the thread that removes it looks as soon as this is committed.
    caller.session.info[PURGED] = True
    caller.audit("upload.deleted", "upload", upload.id, project_id=upload.project_id)


async def keep_alive(request: Request, upload: Upload) -> None:
    """Note that the upload is being worked on, before the work: so it does not expire meanwhile.

    Raises `NotFoundError` when it just did.
    """
    if utc_now() - upload.updated_at > _SIGN_OF_LIFE:
        await transact(request, partial(_touch, upload.id), writing=True)


def _touch(upload_id: str, caller: Caller) -> None:
    upload = caller.upload(upload_id)
    touched = update(Upload).where(Upload.id == upload.id, Upload.state == upload.state)
    caller.session.execute(touched.values(updated_at=utc_now()))


def check_open(upload: Upload, index: int) -> None:
    """Raise unless the upload takes bytes of file ``index``."""
    if upload.state != "open":
        raise ConflictError("The upload is complete; it takes no more bytes.")
    if not 0 <= index < len(upload.files):
        raise RotoError(f"The upload has no file {index}.", code="not_found")


def _announce(caller: Caller, body: UploadIn, storage: Storage) -> Upload:
    project = caller.project(body.project_id, Permission.ADD_SHOT)
    announced = sum(file.size for file in body.files)
    upload = Upload(
        project_id=project.id,
        files=[file.model_dump() for file in body.files],
        piece_size=storage.pieces.piece_size(max(file.size for file in body.files)),
        created_by=caller.who.user_id,
    )
    caller.session.add(upload)
    caller.session.flush()
    caller.audit(
        "upload.created",
        "upload",
        upload.id,
        project_id=project.id,
        after={"files": len(upload.files), "bytes": announced},
    )
    return upload


def _known_pieces(upload: Upload, caller: Caller) -> Pieces:
    query = select(UploadPiece.file, UploadPiece.number).where(UploadPiece.upload_id == upload.id)
    found: dict[int, set[int]] = {}
    for index, number in caller.session.execute(query):
        found.setdefault(index, set()).add(number)
    return {index: frozenset(numbers) for index, numbers in found.items()}


def _known(upload: Upload, caller: Caller) -> tuple[Pieces, list[Blob]]:
    return _known_pieces(upload, caller), known.seen(caller.session, upload)


def _forget(upload: Upload, damaged: list[Damaged], caller: Caller) -> None:
    """Their bytes are gone, so nothing of these files has arrived."""
    session = caller.session
    row = caller.upload(upload.id)
    indexes = [one.index for one in damaged]
    session.execute(
        delete(UploadPiece).where(UploadPiece.upload_id == row.id, UploadPiece.file.in_(indexes))
    )
    if row.multipart is not None:
        row.multipart = [
            None if index in indexes else handle for index, handle in enumerate(row.multipart)
        ]
    for index in indexes:
        known.forget(session, row, index)


def _held(caller: Caller, upload_id: str) -> Upload:
    """The upload, which nobody else changes before the transaction ends.

    Raises `NotFoundError` when somebody has just given it up.
    """
    hold(caller.session, caller.upload(upload_id), "upload", whole=True)
    return caller.upload(upload_id)


def _complete(upload_id: str, gone: set[str], caller: Caller) -> Upload:
    upload = _held(caller, upload_id)
    if upload.state == "open":
        upload.state = "complete"
        upload.updated_at = utc_now()
        caller.session.execute(delete(UploadPiece).where(UploadPiece.upload_id == upload.id))
        known.record(caller.session, upload, upload_key(upload), gone)
        caller.audit("upload.completed", "upload", upload.id, project_id=upload.project_id)
    return upload


def _present(files: UploadFiles, pieces: Pieces) -> UploadOut:
    upload = files.upload
    arrivals = files.arrivals(pieces)
    return UploadOut(
        id=upload.id,
        project_id=upload.project_id,
        state="complete" if upload.state == "complete" else "open",
        files=[
            UploadFileOut(**file, offset=arrival.offset, pieces=_ranges(arrival))
            for file, arrival in zip(upload.files, arrivals, strict=True)
        ],
        piece_size=files.piece_size,
        direct=not files.storage.is_shared,
    )


def _ranges(arrival: Arrival) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for number in sorted(arrival.pieces):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges


def _check_names(names: list[str]) -> None:
    """Plain file names that any file system keeps apart."""
    seen: set[str] = set()
    for name in names:
        plain = not (set(name) & set('/\\%#*?"<>|:')) and name[0] != "."
        plain = plain and is_usable_on_windows(name)
        if not plain or len(name.encode()) > 200:
            raise BadRequestError(
                f"{name!r} cannot be the name of an uploaded file.",
                hint="Plain file names, without folders, wildcards or a leading dot; none that "
                "Windows keeps to itself (CON, aux.mov) or cuts short (a dot or space at the end).",
            )
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            raise BadRequestError(f"The upload has two files called {name!r}.")
        seen.add(folded)
