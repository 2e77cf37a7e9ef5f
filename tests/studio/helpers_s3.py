"""An object store over HTTP (moto's server in a process of its own) and settings that name it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import httpx

from helpers_services import free_port

BUCKET = "plates"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "the secret of nobody",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True)
class Store:
    """A running object store with one empty bucket."""

    endpoint: str
    process: subprocess.Popen[bytes]

    @contextmanager
    def silent(self) -> Iterator[None]:
        """It takes connections in the block and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    @property
    def environment(self) -> dict[str, str]:
        """What a server is told to keep its files there."""
        return {
            **CREDENTIALS,
            "ROTO_S3_BUCKET": BUCKET,
            "ROTO_S3_PREFIX": "studio/roto",
            "ROTO_S3_ENDPOINT": self.endpoint,
        }

    @property
    def client(self) -> Any:
        """Straight to the store, past our code."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    def names(self) -> list[str]:
        """Every object's name."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return [one["Key"] for page in pages for one in page.get("Contents", ())]


@contextmanager
def running_store() -> Iterator[Store]:
    """An object store of one's own."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        env={**os.environ, **CREDENTIALS, "MOTO_S3_CUSTOM_ENDPOINTS": endpoint},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    store = Store(endpoint, process)
    try:
        deadline = time.monotonic() + 180
        while True:
            try:
                httpx.get(store.endpoint + "/moto-api/")
                break
            except httpx.TransportError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        store.client.create_bucket(Bucket=BUCKET)
        yield store
    finally:
        process.terminate()
        process.wait(60)
