"""Where a node without the storage gets a task's files from, and where it puts them.

Of a directory the files go through this server (see `storage`); an object store gives signed
addresses that expire, so nodes hold no key of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from roto_client.contract import API_PREFIX, check_farm_body
from roto_shapes.errors import RotoError
from roto_shapes.frames import SequencePattern

from ..api.deps import StorageDep
from ..api.store_threads import for_nodes
from ..api.stored import stored_file
from ..db.models import JsonObject, Preview, Task, Worker
from ..errors import disk_full
from ..jobs.attempts import StaleAttemptError
from ..jobs.farm import Farm
from ..jobs.reach import Reach
from ..previews import RUNNING
from ..previews.answer import plate_of
from ..storage import Signed, Storage
from .admission import another_attempts, before_work, farm_in
from .storage import BYTES, AtWork, AtWorkDep, check_writing, is_plain, not_there

JsonBody = Annotated[dict[str, Any], Body()]

PAGE = 1000
READ_SECONDS = 3600
WRITE_SECONDS = 900
"""Shorter: what is written late is written into what is published by then."""

attempt = APIRouter(prefix="/attempts/{attempt_id}", tags=["farm"])
node = APIRouter(prefix="/previews/{preview_id}", tags=["farm"])


@attempt.post("/locations")
async def locate_files(
    attempt_id: str, work: AtWorkDep, storage: StorageDep, connection: Request, body: JsonBody
) -> dict[str, Any]:
    """Addresses of files to read and to write; what is to be removed of its own is removed."""
    if work.id != attempt_id:
        raise another_attempts()
    return await for_nodes(_located, connection.app.state.farm, storage, work, body)


def _located(farm: Farm, storage: Storage, work: AtWork, body: JsonObject) -> JsonObject:
    check_farm_body("locations", body)
    for key in body.get("remove", ()):
        _check_own(work, key)
        storage.remove(key)
    found = _files(farm, storage, work, body.get("read", []), body.get("after", ""))
    page = list(islice(found, PAGE + 1))
    return {
        "read": [_readable(storage, key, size) for key, size in page[:PAGE]],
        "write": _writable(storage, work, body.get("write", [])),
        "next": page[PAGE - 1][0] if len(page) > PAGE else None,
        "expires_in": WRITE_SECONDS if body.get("write") else READ_SECONDS,
    }


def _files(
    farm: Farm, storage: Storage, work: AtWork, wanted: list[str], after: str
) -> Iterator[tuple[str, int]]:
    """Files and sizes in the order of their keys, from behind ``after`` on."""
    found: dict[str, int] = {}
    for key in wanted:
        folder = key.removesuffix("/")
        _check_readable(farm, work, folder if key.endswith("/") else key)
        if key.endswith("/"):
            for name, size in storage.listing(folder).items():
                if not _is_unfinished(name):
                    found[f"{folder}/{name}"] = size
        else:
            size_of = storage.size(key)
            if size_of is None:
                raise not_there(key)
            found[key] = size_of
    yield from sorted((key, size) for key, size in found.items() if key > after)


def _check_readable(farm: Farm, work: AtWork, key: str) -> None:
    """Raise ``not_found`` unless the attempt may read ``key``, a file or a folder."""
    if not is_plain(key):
        raise not_there(key)
    if work.may_read(f"{key}/x"):
        return
    # Where nothing is renamed, what is published stays in the folder of the attempt that made it.
    if key.startswith(f"{work.project_key}/"):
        folder = "/".join(key.split("/")[:5])
        with farm.database.reading() as session:
            published = select(Task.id).where(Task.published_dir == folder)
            if session.scalar(published.limit(1)) is not None:
                return
    raise not_there(key)


def _check_own(work: AtWork, key: str) -> None:
    check_writing(work)
    if work.home_of(key) is None or not is_plain(key):
        raise not_there(key)


def _writable(storage: Storage, work: AtWork, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for file in wanted:
        _check_own(work, file["key"])
    size = sum(file["size"] for file in wanted)
    if size > storage.free_bytes():
        raise disk_full(f"the attempt's files ({size / 1e9:.1f} GB)")
    return [
        _location(file["key"], file["size"],
                  storage.presign_put(file["key"], file["size"], WRITE_SECONDS), _own)
        for file in wanted
    ]  # fmt: skip


def _readable(storage: Storage, key: str, size: int) -> dict[str, Any]:
    return _location(key, size, storage.presign_get(key, READ_SECONDS), _own)


def _own(key: str) -> str:
    return f"{API_PREFIX}/farm/storage/{quote(key)}"


def _location(
    key: str, size: int, signed: Signed | None, own: Callable[[str], str]
) -> dict[str, Any]:
    url = own(key) if signed is None else signed.url
    return {"key": key, "size": size, "url": url, "headers": dict(signed.headers if signed else {})}


def _is_unfinished(name: str) -> bool:
    """A file that is being written (`Storage.write`)."""
    last = PurePosixPath(name).name
    return last.startswith(".") and last.endswith(".part")


@dataclass(frozen=True)
class LookedAt:
    """A preview in hand: the key of the file its frame is in, and which process looks."""

    key: str
    worker_id: str
    boot_id: str


async def _looked_at(preview_id: str, connection: HTTPConnection) -> LookedAt:
    return await before_work(connection, lambda: _load(connection, preview_id))


def _load(connection: HTTPConnection, preview_id: str) -> LookedAt:
    farm: Farm = connection.app.state.farm
    with farm.database.reading() as session:
        farm_in(session, connection)
        preview = session.get(Preview, preview_id)
        if preview is None or preview.state != RUNNING:
            raise StaleAttemptError("Nobody looks at this preview now.")
        worker = session.get(Worker, preview.worker_id)
        key = _key_looked_at(farm, session, preview, worker) if worker else None
        if key is None or not is_plain(key):
            raise RotoError("The preview's plate does not lie in the storage.", code="not_found")
        return LookedAt(key, str(preview.worker_id), str(preview.boot_id))


def _key_looked_at(farm: Farm, session: Session, preview: Preview, worker: Worker) -> str | None:
    plate = plate_of(session, preview)
    key = Reach.of(farm, worker).key_of(plate)
    if key is None or plate.plate["kind"] == "movie":
        return key
    return SequencePattern.parse(key).path(preview.frame).as_posix()


LookedAtDep = Annotated[LookedAt, Depends(_looked_at)]


@node.post("/locations")
async def locate_preview(
    preview_id: str, looked_at: LookedAtDep, storage: StorageDep, body: JsonBody
) -> dict[str, Any]:
    """The address of the file that the preview's frame is in, for the worker that claimed it."""
    check_farm_body("preview_locations", body)
    if (looked_at.worker_id, looked_at.boot_id) != (body["worker_id"], body["boot_id"]):
        raise StaleAttemptError("Another worker looks at this preview now.")
    key = looked_at.key
    size = await for_nodes(storage.size, key)
    if size is None:
        raise not_there(key)
    signed = storage.presign_get(key, READ_SECONDS)

    def own(of: str) -> str:
        return f"{API_PREFIX}/farm/previews/{preview_id}/storage/{quote(of)}"

    return {
        "read": [_location(key, size, signed, own)],
        "write": [],
        "next": None,
        "expires_in": READ_SECONDS,
    }


@node.get("/storage/{key:path}", response_class=FileResponse, responses=BYTES)
async def read_preview_file(
    key: str, looked_at: LookedAtDep, storage: StorageDep, request: Request
) -> Response:
    """The bytes of the file that a preview in hand looks at; nothing else."""
    if key != looked_at.key:
        raise not_there(key)
    return await stored_file(storage, request, key, media_type="application/octet-stream")
