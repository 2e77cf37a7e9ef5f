"""Pieces of uploads: through the server, or straight into the object store at signed addresses."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Request
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from roto_shapes.errors import RotoError

from ..access.caller import Caller
from ..db.media import UploadPiece
from ..db.models import Upload
from ..db.session import savepoint
from ..db.types import utc_now
from ..errors import BadRequestError, ConflictError, TooLargeError
from ..holding import hold
from ..storage import PartWriter, PiecedFile, Storage
from ..storage.many import in_threads
from ..uploading.files import UploadFiles
from .deps import SettingsDep, StorageDep, refusals, transact
from .receiving import receive
from .schemas.uploads import Counted, PieceIn, UrlOut, UrlsIn, UrlsOut
from .store_threads import looking, opened
from .uploads import OwnUpload, check_open, keep_alive

router = APIRouter(prefix="/uploads", tags=["uploads"])


@router.put(
    "/{upload_id}/files/{index}/pieces/{number}",
    status_code=204,
    responses=refusals(404, 409, 413, 507),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def put_piece(
    *,
    upload: OwnUpload,
    index: Counted,
    number: Counted,
    request: Request,
    storage: StorageDep,
    x_roto_sha256: Annotated[
        str | None, Header(pattern="^[0-9a-f]{64}$", description="Of the piece, if it is told.")
    ] = None,
) -> None:
    """Keep the body as piece ``number`` of file ``index``, each counted from 0.

    In any order, several at a time, and as often as needed. A piece that did not come whole, or
    does not have the SHA-256 told, has not arrived: 422.
    """
    check_open(upload, index)
    upload = await _expected(request, storage, upload, [index])
    file = UploadFiles(upload, storage).pieced(index)
    length = _length(file, number)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > length:
        raise TooLargeError(f"Piece {number} has {length} bytes.", detail={"size": length})
    async with opened(storage.pieces.write(file, number)) as part:
        hashed = _Hashed(part)
        await receive(request, hashed)
        if x_roto_sha256 not in (None, hashed.digest.hexdigest()):
            raise RotoError(
                f"Piece {number} was damaged on the way.",
                code="checksum_mismatch",
                hint="Send it again.",
                detail={"index": index, "number": number},
            )
    await transact(request, partial(_arrived, upload.id, index, number, length), writing=True)


@router.post("/{upload_id}/urls", responses=refusals(404, 409))
async def sign_pieces(
    upload: OwnUpload,
    body: UrlsIn,
    request: Request,
    storage: StorageDep,
    settings: SettingsDep,
) -> UrlsOut:
    """Where these pieces can be put, for a while; 409 where pieces go through the server.

    What has arrived is what the store says, so nothing needs to be reported.
    """
    for piece in body.pieces:
        check_open(upload, piece.file)
    if storage.is_shared:
        raise ConflictError(
            "This server takes the pieces itself.",
            hint="Send PUT .../files/{file}/pieces/{number}.",
        )
    await keep_alive(request, upload)
    wanted = sorted({piece.file for piece in body.pieces})
    upload = await _expected(request, storage, upload, wanted)
    files = UploadFiles(upload, storage)

    def sign(piece: PieceIn) -> UrlOut:
        file = files.pieced(piece.file)
        _length(file, piece.number)
        signed = storage.pieces.sign(file, piece.number, settings.s3_url_seconds)
        if signed is None:
            raise ConflictError("The storage signs no addresses.")
        told = dict(signed.headers)
        return UrlOut(file=piece.file, number=piece.number, url=signed.url, headers=told)

    urls = await looking(lambda: [sign(piece) for piece in body.pieces])
    return UrlsOut(expires_in=settings.s3_url_seconds, urls=urls)


async def _expected(
    request: Request, storage: Storage, upload: Upload, indexes: list[int]
) -> Upload:
    """The upload, once the store expects pieces of these files.

    Two requests may begin the same file: the handle that is noted first counts.
    """
    files = UploadFiles(upload, storage)
    new = [index for index in indexes if not files.pieced(index).handle]
    if storage.is_shared or not new:
        return upload
    begun = await looking(
        lambda: dict(
            zip(
                new,
                in_threads(lambda i: storage.pieces.begin(files.pieced(i)), new, storage),
                strict=True,
            )
        )
    )
    noted = await transact(request, partial(_note, upload.id, begun), writing=True)
    unused = [
        PiecedFile(file.key, file.size, file.piece_size, handle)
        for index, handle in begun.items()
        if (file := UploadFiles(noted, storage).pieced(index)).handle != handle
    ]
    await looking(in_threads, storage.pieces.abort, unused, storage)
    return noted


def _note(upload_id: str, begun: dict[int, str], caller: Caller) -> Upload:
    upload = caller.upload(upload_id)
    hold(caller.session, upload, "upload", whole=True)
    if upload.state != "open":
        raise ConflictError("The upload is complete; it takes no more bytes.")
    handles = list(upload.multipart or [None] * len(upload.files))
    for index, handle in begun.items():
        handles[index] = handles[index] or handle
    upload.multipart = handles
    upload.updated_at = utc_now()
    return upload


def _arrived(upload_id: str, index: int, number: int, length: int, caller: Caller) -> None:
    upload = caller.upload(upload_id)
    if caller.session.get(UploadPiece, (upload.id, index, number)) is None:
        try:
            with savepoint(caller.session):
                caller.session.add(
                    UploadPiece(upload_id=upload.id, file=index, number=number, size=length)
                )
        except IntegrityError:
            pass  # the same piece, sent twice at once
    caller.session.execute(
        update(Upload).where(Upload.id == upload.id).values(updated_at=utc_now())
    )


def _length(file: PiecedFile, number: int) -> int:
    if not 0 <= number < file.count:
        raise BadRequestError(f"The file has the pieces 0 to {file.count - 1}, and no {number}.")
    return file.length(number)


class _Hashed:
    """A part of which the SHA-256 is taken while it is written."""

    def __init__(self, part: PartWriter) -> None:
        self._part = part
        self.digest = hashlib.sha256()

    @property
    def offset(self) -> int:
        """Bytes written so far."""
        return self._part.offset

    def write(self, data: bytes) -> None:
        """Write on."""
        self.digest.update(data)
        self._part.write(data)
