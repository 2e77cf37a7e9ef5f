"""Plates for tests: files by their names alone, and what is sent of them."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from helpers_people import House

EXR = b"not looked at by the server"


def folder_of_plates(house: House, *shots: str, frames: int = 4, first: int = 1001) -> Path:
    """A new folder with a sequence per shot."""
    folder = house.plates / uuid4().hex
    for shot in shots:
        (folder / shot).mkdir(parents=True)
        for frame in range(first, first + frames):
            (folder / shot / f"plate.{frame:04d}.exr").write_bytes(EXR)
    return folder


def shot_in(folder: Path, name: str, **more: Any) -> dict[str, Any]:
    """The request for the shot of one of them."""
    return {"name": name, "plate": {"path": f"{folder}/{name}/plate.%04d.exr"}, **more}


def preview_of(client: httpx.Client, shot: str, body: dict[str, Any]) -> httpx.Response:
    """The answer to a preview, however long it takes."""
    answer = client.post(f"/shots/{shot}/preview", json=body)
    while answer.status_code == 202:
        time.sleep(0.1)
        answer = client.get(answer.json()["url"].removeprefix("/api/v1"))
    return answer


def send_upload(client: httpx.Client, project: str, name: str, data: bytes) -> str:
    """The id of a complete upload of one file."""
    digest = hashlib.sha256(data).hexdigest()
    body = {
        "project_id": project,
        "files": [{"name": name, "size": len(data), "sha256": digest}],
    }
    upload = client.post("/uploads", json=body).json()["id"]
    sent = client.patch(f"/uploads/{upload}/files/0", content=data, headers={"Upload-Offset": "0"})
    assert sent.status_code == 200, sent.text
    done = client.post(f"/uploads/{upload}/complete")
    assert done.status_code == 200, done.text
    return str(upload)
