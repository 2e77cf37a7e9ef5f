"""The object store, where one is set: each right the server needs, tried on a probe object."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator

from .finding import Finding

_RIGHTS = {
    "put": "s3:PutObject",
    "head": "s3:GetObject",
    "delete": "s3:DeleteObject",
}


def look_at_bucket() -> Iterator[Finding]:
    """Put, head and delete ``roto-doctor-<random>``; the probe is removed again.

    Reads ``ROTO_S3_BUCKET``, ``ROTO_S3_PREFIX`` and ``ROTO_S3_ENDPOINT``; without a bucket there
    is nothing to look at.
    """
    bucket = os.environ.get("ROTO_S3_BUCKET", "")
    if not bucket:
        return
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        yield Finding("s3", "boto3 is not installed", "pip install 'megaton-roto[server]'")
        return
    prefix = os.environ.get("ROTO_S3_PREFIX", "").strip("/")
    key = f"{prefix}{'/' if prefix else ''}roto-doctor-{uuid.uuid4().hex}"
    try:
        client = boto3.client(
            "s3",
            endpoint_url=os.environ.get("ROTO_S3_ENDPOINT") or None,
            region_name=os.environ.get("ROTO_S3_REGION") or None,
        )
    except (BotoCoreError, ValueError) as error:
        yield Finding("s3", str(error), "Correct ROTO_S3_ENDPOINT and the AWS_* settings")
        return
    steps: dict[str, Callable[[], object]] = {
        "put": lambda: client.put_object(Bucket=bucket, Key=key, Body=b"probe"),
        "head": lambda: client.head_object(Bucket=bucket, Key=key),
        "delete": lambda: client.delete_object(Bucket=bucket, Key=key),
    }
    refused = False
    for name, step in steps.items():
        try:
            step()
        except (BotoCoreError, ClientError) as error:
            fix = f"Grant {_RIGHTS[name]} on {bucket}/*, or correct the endpoint and keys"
            yield Finding("s3", f"{name} in {bucket}: {error}", fix)
            refused = True
            if name == "put":
                break
    if not refused:
        yield Finding("s3", f"{bucket}: objects can be written, read and deleted")
