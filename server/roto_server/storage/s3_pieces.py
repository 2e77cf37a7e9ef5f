"""Files that come to a bucket in pieces: its own multipart uploads.

Every file comes so, also one of a single piece: the object appears when we finish it and never
before, and an address that was handed out for a piece opens nothing afterwards. What has arrived is
what the store lists, whatever a client says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import PurePosixPath
from typing import IO, Any

from botocore.exceptions import ClientError

from ..errors import BadRequestError, ConflictError
from .base import PartWriter, PiecedFile, Signed
from .s3_client import Bucket, is_gone, s3_errors

PIECE_BYTES = 16 << 20
MOST_PIECES = 9000
"""A store takes 10 000 pieces of at least 5 MiB."""

_MIB = 1 << 20
Spool = Callable[[str, int], AbstractContextManager[tuple[PartWriter, IO[bytes]]]]


class S3Pieces:
    """`Pieces` of a bucket; ``spool`` keeps a piece that comes through the server."""

    def __init__(self, bucket: Bucket, spool: Spool) -> None:
        self._bucket = bucket
        self._client = bucket.client
        self._spool = spool

    def piece_size(self, largest: int) -> int:
        """Large enough that the largest file has not too many."""
        least = -(-largest // MOST_PIECES)
        return max(PIECE_BYTES, -(-least // _MIB) * _MIB)

    def begin(self, file: PiecedFile) -> str:
        """The id of a new multipart upload."""
        with s3_errors(file.key):
            answer = self._client.create_multipart_upload(
                **self._bucket.place(file.key), **self._bucket.encryption
            )
        return str(answer["UploadId"])

    @contextmanager
    def write(self, file: PiecedFile, number: int) -> Iterator[PartWriter]:
        """Take a piece through the server, from whoever cannot reach the store."""
        length = file.length(number)
        with self._spool(PurePosixPath(file.key).name, length) as (part, spool):
            yield part
            if part.offset != length:
                told = f"{part.offset} of the piece's {length} bytes came."
                raise BadRequestError(told, hint="Send the piece again.")
            spool.seek(0)
            with s3_errors(file.key), self._still_open(file):
                self._client.upload_part(
                    **self._of(file), PartNumber=number + 1, Body=spool, ContentLength=length
                )

    def arrived(self, file: PiecedFile) -> frozenset[int]:
        """What the store lists."""
        return frozenset(part["PartNumber"] - 1 for part in self._parts(file))

    def sign(self, file: PiecedFile, number: int, seconds: int) -> Signed | None:
        """Where the piece, of exactly its length, can be put."""
        params = {
            **self._of(file),
            "PartNumber": number + 1,
            "ContentLength": file.length(number),
        }
        return self._bucket.sign("upload_part", params, seconds)

    @contextmanager
    def closing(self, folder: str) -> Iterator[None]:
        """Nothing to keep away: the store decides what a finished object is made of."""
        yield

    def finish(self, file: PiecedFile) -> None:
        """Have the store join the pieces it lists."""
        if file.size == 0:
            with s3_errors(file.key):
                place = self._bucket.place(file.key)
                self._client.put_object(**place, Body=b"", **self._bucket.encryption)
            return
        listed = [
            {"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in self._parts(file)
        ]
        with s3_errors(file.key), self._still_open(file):
            self._client.complete_multipart_upload(
                **self._of(file), MultipartUpload={"Parts": listed}
            )

    def abort(self, file: PiecedFile) -> None:
        """Have the store drop the pieces."""
        if not file.handle:
            return
        with s3_errors(file.key):
            try:
                self._client.abort_multipart_upload(**self._of(file))
            except ClientError as error:
                if not is_gone(error):
                    raise

    def _of(self, file: PiecedFile) -> dict[str, str]:
        return {**self._bucket.place(file.key), "UploadId": file.handle}

    def _parts(self, file: PiecedFile) -> list[dict[str, Any]]:
        """The pieces that are there in full; none of a file that is not expected (any more)."""
        if not file.handle:
            return []
        with s3_errors(file.key):
            try:
                pages = self._client.get_paginator("list_parts").paginate(**self._of(file))
                parts = [part for page in pages for part in page.get("Parts", ())]
            except ClientError as error:
                if is_gone(error):
                    return []
                raise
        return [
            part
            for part in parts
            if part["PartNumber"] <= file.count
            and part["Size"] == file.length(part["PartNumber"] - 1)
        ]

    @contextmanager
    def _still_open(self, file: PiecedFile) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            if not is_gone(error):
                raise
            raise ConflictError(
                f"{PurePosixPath(file.key).name} is finished or was given up meanwhile.",
                hint="Ask what of the upload has arrived.",
            ) from None
