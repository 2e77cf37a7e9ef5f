"""What the storage holds, for administrators: by project, counted while they wait."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated, NamedTuple

import anyio
from fastapi import APIRouter, Query, Request
from sqlalchemy import select

from ..access.caller import Caller
from ..access.roles import Permission
from ..admin.storage_figures import measure, published_attempts
from ..db.models import Project
from ..db.types import plain
from ..storage import Storage
from .deps import StorageDep, transact
from .paging import Cursor, Limit, newest_first, write_cursor
from .schemas.common import Page
from .schemas.storage import AmountOut, ProjectStorageOut

router = APIRouter(prefix="/admin/storage", tags=["admin"])

SECONDS = 10.0
"""For how long one request counts files; the next one goes on after it."""


class _Counted(NamedTuple):
    """A project to be counted."""

    id: str
    name: str
    created_at: datetime
    trashed_at: datetime | None


class _Part(NamedTuple):
    """Some projects, what `published_attempts` says of them, and where the rest begins."""

    projects: list[_Counted]
    published: dict[str, str]
    next: str | None


@router.get("")
async def list_storage(
    *,
    request: Request,
    storage: StorageDep,
    project_id: Annotated[str | None, Query(pattern="^[0-9a-f]{32}$")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ProjectStorageOut]:
    """What projects take up, newest first, the trash among them.

    Files are counted for some ten seconds: a part may have fewer projects than asked for, and a
    project that takes longer alone is told as far as it was counted (``complete`` false).
    """
    part = await transact(
        request, partial(_projects, project_id=project_id, limit=limit, cursor=cursor),
        writing=False,
    )  # fmt: skip
    # One at a time: a walk keeps the storage busy.
    walks: anyio.CapacityLimiter = request.app.state.storage_walks
    return await anyio.to_thread.run_sync(partial(_count, storage, part), limiter=walks)


def _projects(caller: Caller, *, project_id: str | None, limit: int, cursor: str | None) -> _Part:
    caller.demand(Permission.CONFIGURE)
    query = select(Project)
    if project_id is not None:
        query = query.where(Project.id == project_id)
    keys = (Project.created_at, Project.id)
    rows, after = newest_first(caller.session, query, keys, limit, cursor)
    found = [_Counted(row.id, row.name, row.created_at, row.trashed_at) for row in rows]
    return _Part(found, published_attempts(caller.session, (one.id for one in found)), after)


def _count(storage: Storage, part: _Part) -> Page[ProjectStorageOut]:
    until = time.monotonic() + SECONDS
    items: list[ProjectStorageOut] = []
    for project in part.projects:
        figures = measure(storage, project.id, part.published, until)
        if not figures.complete and items:
            last = part.projects[len(items) - 1]
            return Page(items=items, next=write_cursor([plain(last.created_at), last.id]))
        items.append(
            ProjectStorageOut(
                project_id=project.id,
                name=project.name,
                trashed_at=project.trashed_at,
                files=figures.files,
                bytes=figures.bytes,
                parts={name: AmountOut(**asdict(one)) for name, one in figures.parts.items()},
                complete=figures.complete,
            )
        )
    return Page(items=items, next=part.next)
