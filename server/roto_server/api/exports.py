"""Results written once more, published into the studio's folders, and where they lie there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import select

from ..access.roles import Permission
from ..db.media import Publication
from ..db.models import Job
from ..jobs.exporting import create_export_job, create_publish_job, export_source
from ..places import told
from .deps import Reader, SettingsDep, Writer, refusals
from .idempotency import IdempotencyKey, create_once, fingerprint
from .outputs import check_asked_for, publish_rule, requested
from .paging import Cursor, Limit, newest_first
from .schemas.common import Page
from .schemas.jobs import JobOut, PublicationOut
from .schemas.segment import ExportIn, PublishIn
from .submission import check_formats, check_template

router = APIRouter(tags=["results"])


@router.post("/shots/{shot_id}/export", status_code=202, responses=refusals(404, 409))
def export(
    *,
    shot_id: str,
    body: ExportIn,
    request: Request,
    caller: Writer,
    settings: SettingsDep,
    idempotency_key: IdempotencyKey = None,
) -> JobOut:
    """Write a version of the shot's results, the latest by default: shapes in host formats, mattes,
    movies, pictures.

    The job has a version of its own and works on the plate and the objects of the one it stands on.
    """
    session, shot = caller.session, caller.shot(shot_id, Permission.EDIT_SHOT)
    check_asked_for(body)
    check_formats(body.formats)

    def create() -> Job:
        source = export_source(session, shot, bool(body.formats), body.version, body.view)
        objects = [item["name"] for item in source.params["objects"]]
        check_template(body.template, objects, shot.project.name, shot.name)
        return create_export_job(
            session,
            source,
            requested(body, shot, source.plate, settings, objects),
            caller.who.user_id,
            request_id=caller.request_id,
            max_attempts=settings.max_attempts,
        )

    return create_once(caller, idempotency_key, fingerprint(request.url.path, body), create)


@router.post("/jobs/{job_id}/publish", status_code=202, responses=refusals(404, 409))
def publish(
    *,
    job_id: str,
    body: PublishIn,
    request: Request,
    caller: Writer,
    settings: SettingsDep,
    idempotency_key: IdempotencyKey = None,
) -> JobOut:
    """Publish what a finished roto or export job has written, by the project's publish settings.

    A file that is there already, to the bit, is left as it is; another one of that name fails the
    job, and nothing is ever overwritten.
    """
    source = caller.job(job_id, Permission.EDIT_SHOT)

    def create() -> Job:
        return create_publish_job(
            caller.session,
            source,
            publish_rule(source.shot.project, settings),
            caller.who.user_id,
            request_id=caller.request_id,
            max_attempts=settings.max_attempts,
        )

    return create_once(caller, idempotency_key, fingerprint(request.url.path, body), create)


@router.get("/shots/{shot_id}/publications", responses=refusals(404))
def list_publications(
    *,
    shot_id: str,
    caller: Reader,
    job_id: Annotated[str | None, Query(pattern="^[0-9a-f]{32}$")] = None,
    limit: Limit = 1000,
    cursor: Cursor = None,
) -> Page[PublicationOut]:
    """The shot's files in the studio's folders, newest first; ``job_id``: of the version that this
    job has made."""
    shot = caller.shot(shot_id)
    query = select(Publication).where(Publication.shot_id == shot.id)
    if job_id is not None:
        query = query.where(Publication.job_id == job_id)
    keys = (Publication.created_at, Publication.id)
    rows, after = newest_first(caller.session, query, keys, limit, cursor)
    items = [
        PublicationOut(
            id=row.id,
            job_id=row.job_id,
            output_id=row.export_id,
            path=told(row.path, shot.project),
            size=row.size,
            sha256=row.sha256,
            created_at=row.created_at,
        )
        for row in rows
    ]
    return Page(items=items, next=after)
