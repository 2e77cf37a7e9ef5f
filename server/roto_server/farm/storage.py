"""The storage for farm nodes that do not mount it: one project's published files, and one attempt's
own folder to write to. Opened by that attempt's task token while it is at work.

What is another project's, or not published, is not there: 404, whatever the reason.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import select
from starlette.requests import HTTPConnection

from roto_shapes.errors import RotoError

from ..access.opening import open_caller
from ..api.deps import Responses, StorageDep, refusals
from ..api.store_threads import looking, opened, writing
from ..api.stored import stored_file
from ..db.models import Attempt
from ..errors import NotFoundError, disk_full
from ..jobs.attempts import StaleAttemptError
from ..jobs.folders import PUBLISHED, log_key
from ..jobs.sources import SHARED
from ..jobs.states import ACTIVE_ATTEMPT, AttemptState
from ..storage import PartWriter
from .admission import before_work

WRITEBYTES = 1 << 20
"""Files are written in steps of about this size, each in a thread."""

LONGEST_KEY = 1000
_PUBLISHED = frozenset({"source", *PUBLISHED.values()})
_WRITING = (AttemptState.LEASED, AttemptState.RUNNING)
_ANY_BYTES = "application/octet-stream"
BYTES: Responses = {
    200: {"content": {_ANY_BYTES: {}}},
    206: {"description": "Part."},
}

router = APIRouter(prefix="/storage", tags=["farm"])


@dataclass(frozen=True)
class AtWork:
    """An attempt at work, as far as the storage is concerned.

    ``log``: the key of its log. ``folders``: of this and earlier attempts at the task, which it may
    resume.
    """

    id: str
    project_id: str
    state: str
    output_dir: str
    log: str
    folders: tuple[str, ...]

    @property
    def project_key(self) -> str:
        """The folder of everything of its project."""
        return f"projects/{self.project_id}"

    def may_read(self, key: str) -> bool:
        """Whether ``key`` can name a published file of the project, or one of the task's."""
        if key.startswith(tuple(f"{folder}/" for folder in self.folders)):
            return True
        _, project, shot, folder, *names = [*key.split("/"), "", "", ""]
        return (
            key.startswith(f"{self.project_key}/")
            and project == self.project_id
            and (folder in _PUBLISHED or shot == SHARED)
            and any(names)
        )

    def home_of(self, key: str) -> str | None:
        """The folder in which it may write ``key``; None when that is no file of its own."""
        if key == self.log:
            return key.rpartition("/")[0]
        return self.output_dir if key.startswith(f"{self.output_dir}/") else None


async def _at_work(connection: HTTPConnection) -> AtWork:
    return await before_work(connection, lambda: _load(connection))


def _load(connection: HTTPConnection) -> AtWork:
    with open_caller(connection, writing=False, kind="task") as caller:
        attempt = caller.session.get_one(Attempt, caller.who.user_id)
        if attempt.state not in ACTIVE_ATTEMPT:
            raise StaleAttemptError()
        folders = caller.session.scalars(
            select(Attempt.output_dir).where(
                Attempt.task_id == attempt.task_id, Attempt.number <= attempt.number
            )
        )
        project_id = str(caller.who.project_id)
        log = log_key(attempt.task.job.shot, attempt.id)
        return AtWork(
            attempt.id, project_id, attempt.state, attempt.output_dir, log, tuple(folders)
        )


AtWorkDep = Annotated[AtWork, Depends(_at_work)]


@router.head("/{key:path}", name="head_stored_file", responses=refusals(404))
@router.get(
    "/{key:path}",
    name="read_stored_file",
    response_class=FileResponse,
    responses={**BYTES, **refusals(404)},
)
async def read_stored_file(
    key: str, work: AtWorkDep, storage: StorageDep, request: Request
) -> Response:
    """The bytes of a published file of the attempt's project; Range requests are served."""
    if not is_plain(key) or not work.may_read(key):
        raise not_there(key)
    try:
        # A link may lead to another project of the same storage.
        return await stored_file(
            storage, request, key, media_type=_ANY_BYTES, within=work.project_key
        )
    except RotoError as error:
        if error.code in ("not_found", "path_refused"):
            raise not_there(key) from None
        raise


@router.put(
    "/{key:path}",
    status_code=204,
    responses=refusals(404, 507),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
async def write_stored_file(
    *,
    key: str,
    request: Request,
    work: AtWorkDep,
    storage: StorageDep,
    content_length: Annotated[int, Header(ge=0, lt=2**53)],
) -> None:
    """Keep the body as a file of the attempt's own folder, or as its log: there whole, or not at
    all."""
    check_writing(work)
    home = work.home_of(key)
    if home is None or not is_plain(key):
        raise not_there(key)
    if content_length > await looking(storage.free_bytes):
        raise disk_full(f"the file ({content_length / 1e9:.1f} GB)")
    try:
        async with opened(storage.write(key, content_length, home)) as part:
            await _receive(request.stream(), part)
            check_writing(await _at_work(request))  # it may have ended meanwhile
    except RotoError as error:
        raise not_there(key) if error.code == "path_refused" else error from None


def check_writing(work: AtWork) -> None:
    """Raise `StaleAttemptError` once the attempt's result is told."""
    if work.state not in _WRITING:
        raise StaleAttemptError("The attempt's result is told; its files stay as they are.")


async def _receive(chunks: AsyncIterator[bytes], part: PartWriter) -> None:
    waiting = bytearray()
    async for chunk in chunks:
        waiting += chunk
        if len(waiting) >= WRITEBYTES:
            piece, waiting = bytes(waiting), bytearray()
            await writing(part.write, piece)
    if waiting:
        await writing(part.write, bytes(waiting))


def is_plain(key: str) -> bool:
    """Whether ``key`` is spelled in the one way keys are."""
    parts = key.split("/")
    return (
        len(key) <= LONGEST_KEY
        and key.isprintable()
        and "\\" not in key
        and all(part not in ("", ".", "..") and len(part.encode()) <= 255 for part in parts)
    )


def not_there(key: str) -> NotFoundError:
    """The one refusal, whatever the reason."""
    return NotFoundError("file", key[:LONGEST_KEY])
