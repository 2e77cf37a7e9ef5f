"""One bucket, spoken to through boto3: names, encryption, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from roto_shapes.errors import RotoError

from ..settings.storage import StorageSettings
from .base import Signed

CONNECTIONS = 32
_ASKING_SECONDS = 10.0
_ASKING_TRIES = 2
_GONE = frozenset({"404", "NoSuchKey", "NotFound", "NoSuchUpload"})


class Bucket:
    """The bucket of ``settings``; safe for many threads."""

    def __init__(self, settings: StorageSettings) -> None:
        self.settings = settings
        self.name = settings.s3_bucket
        session = boto3.session.Session()
        self.client = _open(session, settings, settings.s3_endpoint)
        self.asking = _open(
            session, settings, settings.s3_endpoint, _ASKING_SECONDS, tries=_ASKING_TRIES
        )
        """For what the store knows by heart (HEAD, lists): somebody waits for the answer."""
        public = settings.s3_public_endpoint
        self._signer = _open(session, settings, public) if public else self.client

    def key(self, key: str) -> str:
        """The object's name for our ``key``, which must be relative, plain and inside."""
        parts = key.split("/")
        if "\\" in key or "\0" in key or any(part in ("", ".", "..") for part in parts):
            raise RotoError(f"{key!r} is no place in the storage.", code="path_refused")
        prefix = self.settings.s3_prefix
        return f"{prefix}/{key}" if prefix else key

    @property
    def encryption(self) -> dict[str, str]:
        """What is said with everything that makes an object."""
        kind, key = self.settings.s3_encryption, self.settings.s3_kms_key
        if kind == "none":
            return {}
        return {"ServerSideEncryption": kind, **({"SSEKMSKeyId": key} if key else {})}

    def place(self, key: str) -> dict[str, str]:
        """Bucket and name of ``key``, as boto3 wants them."""
        return {"Bucket": self.name, "Key": self.key(key)}

    def sign(self, operation: str, params: dict[str, Any], seconds: int) -> Signed:
        """An address for one operation; encryption, when asked for, must be said by its user."""
        url = self._signer.generate_presigned_url(operation, params, ExpiresIn=seconds)
        headers = {}
        if "ServerSideEncryption" in params:
            headers["x-amz-server-side-encryption"] = params["ServerSideEncryption"]
        if "SSEKMSKeyId" in params:
            headers["x-amz-server-side-encryption-aws-kms-key-id"] = params["SSEKMSKeyId"]
        return Signed(url, headers)


def amazon_addresses(settings: StorageSettings) -> list[str]:
    """What every address begins with that is handed out of a bucket of Amazon's, and where Amazon
    sends those on to that ask for it in another region than it is in.

    Asked of boto3, which knows partitions and names with dots; needs no credentials.
    """
    client = _open(boto3.session.Session(), settings, "", signature=UNSIGNED)
    place = {"Bucket": settings.s3_bucket, "Key": "x"}
    address = urlsplit(client.generate_presigned_url("get_object", place))
    found = [f"{address.scheme}://{address.netloc}{address.path.removesuffix('x')}"]
    if address.netloc == f"{settings.s3_bucket}.s3.amazonaws.com":
        region = client.meta.region_name
        found.append(f"https://{settings.s3_bucket}.s3.{region}.amazonaws.com/")
    return found


def is_gone(error: ClientError) -> bool:
    """Whether the store says that there is no such thing."""
    return str(error.response.get("Error", {}).get("Code")) in _GONE


@contextmanager
def s3_errors(what: str) -> Iterator[None]:
    """Turn the store's refusals of ``what`` (a key) into `RotoError`; told without addresses."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        told = type(error).__name__
        if isinstance(error, ClientError):
            told = str(error.response.get("Error", {}).get("Code", told))
        raise RotoError(
            f"The object store refused {PurePosixPath(what).name}: {told}.",
            code="storage_failed",
            hint="ROTO_S3_BUCKET must be there and the server's AWS credentials must open it; "
            "`roto admin s3 check` says what is missing.",
        ) from error


def _open(
    session: Any,
    settings: StorageSettings,
    endpoint: str,
    read_seconds: float = 60,
    *,
    tries: int = 4,
    signature: Any = "s3v4",
) -> Any:
    style = "path" if endpoint else "auto"
    return session.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=settings.s3_region or session.region_name or "us-east-1",
        config=Config(
            signature_version=signature,
            s3={"addressing_style": style},
            connect_timeout=5,
            read_timeout=read_seconds,
            max_pool_connections=CONNECTIONS,
            retries={"mode": "standard", "max_attempts": tries},
            # Stores that are not Amazon's refuse the checksums that newer versions add unasked;
            # what is uploaded is verified by its SHA-256 anyway.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
