"""Storage in a bucket of an object store: no folders, no renaming, no paths.

Folders are prefixes. What is published and what is not is said by the database alone.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import PurePosixPath
from typing import IO, Any, NoReturn

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from roto_shapes.errors import RotoError

from ..errors import BadRequestError, ConflictError, NotFoundError, TooLargeError
from ..settings.storage import StorageSettings
from .base import PartWriter, Signed, StoredFile
from .s3_client import Bucket, is_gone, s3_errors
from .s3_pieces import S3Pieces

STREAM_BYTES = 1 << 18
_MEMORY_BYTES = 1 << 20
_PROBE = "roto-writable"
# The store copies up to 5 GB at once; what is larger is copied in parts, still without us.
_COPYING = TransferConfig(multipart_threshold=1 << 30, multipart_chunksize=256 << 20)


class SpooledPart:
    """A file of ``limit`` bytes on its way to the store, kept in memory while it is small."""

    def __init__(self, file: IO[bytes], name: str, limit: int) -> None:
        self._file = file
        self._name = name
        self._limit = limit
        self.offset = 0

    def write(self, data: bytes) -> None:
        """Append; raises ``too_large``."""
        if self.offset + len(data) > self._limit:
            raise TooLargeError(
                f"{self._name} was announced with {self._limit} bytes, no more.",
                detail={"size": self._limit, "offset": self.offset},
            )
        self.offset += self._file.write(data)


@contextmanager
def spooled(name: str, size: int) -> Iterator[tuple[SpooledPart, IO[bytes]]]:
    """A part to write and the file it is in."""
    with tempfile.SpooledTemporaryFile(_MEMORY_BYTES) as file:
        yield SpooledPart(file, name, size), file


class S3Storage:
    """`Storage` in the bucket of ``settings``."""

    def __init__(self, settings: StorageSettings) -> None:
        self.bucket = Bucket(settings)
        self.pieces = S3Pieces(self.bucket, spooled)
        self._client = self.bucket.client
        self._asking = self.bucket.asking

    @property
    def is_shared(self) -> bool:
        """Nobody mounts a bucket."""
        return False

    def check_writable(self) -> None:
        """Make and remove an object."""
        with s3_errors("the bucket"):
            place = self.bucket.place(_PROBE)
            self._client.put_object(**place, Body=b"roto", **self.bucket.encryption)
            self._client.delete_object(**place)

    def free_bytes(self) -> int:
        """A bucket has no end."""
        return 1 << 62

    def address(self, key: str) -> str:
        """The s3:// address of ``key``."""
        return f"s3://{self.bucket.name}/{self.bucket.key(key)}"

    def size(self, key: str) -> int | None:
        """Bytes of the object ``key``; None when there is none."""
        with s3_errors(key):
            try:
                return int(self._asking.head_object(**self.bucket.place(key))["ContentLength"])
            except ClientError as error:
                if is_gone(error):
                    return None
                raise

    def has_folder(self, key: str) -> bool:
        """Whether there is an object below ``key``."""
        with s3_errors(key):
            found = self._asking.list_objects_v2(
                Bucket=self.bucket.name, Prefix=self._prefix(key), MaxKeys=1
            )
        return bool(found.get("KeyCount"))

    def listing(self, folder: str) -> dict[str, int]:
        """Every object below ``folder`` with its bytes."""
        return {file.name: file.size for file in self.walk(folder)}

    def walk(self, folder: str) -> Iterator[StoredFile]:
        """Every object below ``folder``, a thousand at a time."""
        prefix = self._prefix(folder)
        for page in self._pages(folder, Prefix=prefix):
            for one in page.get("Contents", ()):
                name = one["Key"][len(prefix) :]
                if name and not name.endswith("/"):  # what other tools leave for a folder
                    yield StoredFile(name, int(one["Size"]), one["LastModified"].timestamp())

    def folders(self, folder: str) -> list[str]:
        """Names of the prefixes right below ``folder``."""
        prefix = self._prefix(folder)
        return sorted(
            one["Prefix"][len(prefix) :].rstrip("/")
            for page in self._pages(folder, Prefix=prefix, Delimiter="/")
            for one in page.get("CommonPrefixes", ())
        )

    def append(self, key: str, offset: int, limit: int) -> AbstractContextManager[PartWriter]:
        """Refused: an object is made whole or in pieces, and never grows."""
        raise ConflictError(
            "This server's storage takes files in pieces and not from an offset.",
            hint="Send PUT .../pieces/{number}, or update the client: newer ones do it so.",
        )

    def sha256(self, key: str) -> str:
        """Hex digest of the object ``key``, of which every byte is read."""
        digest = hashlib.sha256()
        for data in self.stream(key):
            digest.update(data)
        return digest.hexdigest()

    def remove(self, key: str) -> None:
        """Remove the object ``key`` if it is there."""
        with s3_errors(key):
            self._client.delete_object(**self.bucket.place(key))

    def remove_folder(self, key: str) -> None:
        """Remove every object below ``key``."""
        for page in self._pages(key, Prefix=self._prefix(key)):
            if found := [{"Key": one["Key"]} for one in page.get("Contents", ())]:
                self._delete(key, found)

    def _delete(self, key: str, objects: list[dict[str, str]]) -> None:
        with s3_errors(key):
            answer = self._client.delete_objects(
                Bucket=self.bucket.name, Delete={"Objects": objects, "Quiet": True}
            )
        if refused := answer.get("Errors"):
            told = f"{len(refused)} objects of {key} were not removed: {refused[0].get('Code')}."
            raise RotoError(told, code="storage_failed")

    def publish(self, incoming: str, key: str) -> str:
        """Nothing moves: the caller's row says that ``incoming`` is published."""
        return incoming

    def move_folder(self, key: str, target: str) -> None:
        """Copy within the store what is not there yet, then remove ``key``."""
        ours = self.listing(key)
        there = self.listing(target) if ours else {}
        if there.keys() - ours.keys():
            raise ConflictError(f"{target} exists already.")
        for name, size in ours.items():
            if there.get(name) != size:
                self._copy(f"{key}/{name}", f"{target}/{name}")
        self.remove_folder(key)

    def link(self, key: str, target: str) -> None:
        """Copy the object ``key`` to ``target`` within the store."""
        if self.size(target) is not None:
            told = f"{PurePosixPath(target).name} is there already."
            raise RotoError(told, code="storage_failed")
        self._copy(key, target)

    def _copy(self, key: str, target: str) -> None:
        with s3_errors(key):
            self._client.copy(
                self.bucket.place(key),
                self.bucket.name,
                self.bucket.key(target),
                ExtraArgs=self.bucket.encryption,
                Config=_COPYING,
            )

    def newest(self, folder: str, name: re.Pattern[str]) -> str | None:
        """Key of the object right below ``folder`` that was written last, of those that fit."""
        found = [
            (file.modified, file.name) for file in self.walk(folder) if name.fullmatch(file.name)
        ]
        return f"{folder}/{max(found)[1]}" if found else None

    def read(self, key: str) -> bytes | None:
        """The bytes of the object ``key``; None when it is gone."""
        try:
            return b"".join(self.stream(key))
        except NotFoundError:
            return None

    def stream(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes of the object ``key`` in parts; see `Storage.stream`."""
        if length == 0:
            return
        wanted: dict[str, Any] = {}
        if start or length is not None:
            last = "" if length is None else start + length - 1
            wanted["Range"] = f"bytes={start}-{last}"
        with s3_errors(key):
            try:
                answer = self._client.get_object(**self.bucket.place(key), **wanted)
            except ClientError as error:
                if is_gone(error):
                    raise NotFoundError("file", PurePosixPath(key).name) from None
                raise
            with closing(answer["Body"]) as body:
                yield from body.iter_chunks(STREAM_BYTES)

    @contextmanager
    def write(self, key: str, size: int, within: str) -> Iterator[PartWriter]:
        """The object ``key``, put when all of it is there."""
        if not key.startswith(f"{within}/"):
            raise RotoError(f"{key!r} is not in {within}.", code="path_refused")
        with spooled(PurePosixPath(key).name, size) as (part, file):
            yield part
            if part.offset != size:
                raise BadRequestError(f"{part.offset} of {size} bytes came.")
            file.seek(0)
            with s3_errors(key):
                self._client.upload_fileobj(
                    file, self.bucket.name, self.bucket.key(key), ExtraArgs=self.bucket.encryption
                )

    def locate(self, key: str, within: str | None = None) -> NoReturn:
        """Refused: an object has no path."""
        raise RotoError(
            f"{PurePosixPath(key).name} is in an object store and has no path.",
            code="storage_failed",
            hint="Start workers with --storage remote.",
        )

    def presign_get(self, key: str, seconds: int) -> Signed | None:
        """An address at which the object can be read."""
        return self.bucket.sign("get_object", self.bucket.place(key), seconds)

    def presign_put(self, key: str, size: int, seconds: int) -> Signed | None:
        """An address at which an object of exactly ``size`` bytes can be put, encrypted."""
        params = {**self.bucket.place(key), "ContentLength": size, **self.bucket.encryption}
        return self.bucket.sign("put_object", params, seconds)

    def _prefix(self, folder: str) -> str:
        return f"{self.bucket.key(folder)}/"

    def _pages(self, folder: str, **wanted: str) -> Iterator[dict[str, Any]]:
        with s3_errors(folder):
            pages = self._asking.get_paginator("list_objects_v2")
            yield from pages.paginate(Bucket=self.bucket.name, **wanted)
