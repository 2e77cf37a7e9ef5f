"""Submitting work on a shot: roto jobs and exports of its shapes."""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..auth import User
from ..db.models import Job, JsonObject, RotoObject, Shot
from ..errors import request_id_of
from ..jobs.changes import lock_shot
from ..jobs.create import create_export_job, create_roto_job
from .deps import DatabaseDep, SettingsDep, get_row, refusals
from .engines import check_engine
from .idempotency import IdempotencyKey, create_once, fingerprint
from .schemas.jobs import JobOut
from .schemas.segment import ExportIn, PromptedObject, SegmentIn
from .submission import check_against_shot, check_formats, check_objects, check_template

router = APIRouter(prefix="/shots/{shot_id}", tags=["shots"])

Described = list[tuple[PromptedObject, list[JsonObject]]]


@router.post("/segment", status_code=202, responses=refusals(404, 409, 413))
def segment(
    *,
    shot_id: str,
    body: SegmentIn,
    request: Request,
    user: User,
    database: DatabaseDep,
    settings: SettingsDep,
    idempotency_key: IdempotencyKey = None,
) -> JobOut:
    """Submit a roto job: track the objects, make shapes of their mattes, export both.

    Whatever can be known now is refused now; on a shot still ``probing`` the rest is checked when
    its plate has been read, and ends the job as failed with the same code.
    """
    described = check_objects(body)
    check_formats(body.exports)

    def create(session: Session) -> Job:
        shot = get_row(session, Shot, shot_id, "shot")
        check_engine(session, body.engine, body.model, settings.lease_seconds)
        names = [item.name for item in body.objects]
        check_template(body.template, names, shot.project.name, shot.name)
        lock_shot(session, shot)
        check_against_shot(shot, described, body.frame_range)
        return create_roto_job(
            session,
            shot,
            _object_rows(session, shot, described, user.name),
            body.model_dump(mode="json", exclude={"objects"}, exclude_none=True),
            user.name,
            ranges={one.name: one.frame_range for one in body.objects if one.frame_range},
            request_id=request_id_of(request.scope),
            max_attempts=settings.max_attempts,
        )

    asked = fingerprint(request.url.path, body)
    return create_once(database, user.name, idempotency_key, asked, create)


@router.post("/export", status_code=202, responses=refusals(404, 409))
def export(
    *,
    shot_id: str,
    body: ExportIn,
    request: Request,
    user: User,
    database: DatabaseDep,
    settings: SettingsDep,
    idempotency_key: IdempotencyKey = None,
) -> JobOut:
    """Write a version of the shot's shapes, the latest by default, in host formats."""
    check_formats(body.formats)

    def create(session: Session) -> Job:
        return create_export_job(
            session,
            get_row(session, Shot, shot_id, "shot"),
            body.formats,
            user.name,
            version=body.version,
            request_id=request_id_of(request.scope),
            max_attempts=settings.max_attempts,
        )

    asked = fingerprint(request.url.path, body)
    return create_once(database, user.name, idempotency_key, asked, create)


def _object_rows(
    session: Session, shot: Shot, described: Described, user: str
) -> list[tuple[RotoObject, list[JsonObject]]]:
    """The rows of the objects, added where the shot has none of that name yet."""
    query = select(RotoObject).where(RotoObject.shot_id == shot.id)
    known = {row.name: row for row in session.scalars(query)}
    pairs = []
    for item, prompts in described:
        row = known.get(item.name)
        if row is None:
            row = RotoObject(shot_id=shot.id, name=item.name, label=item.label, created_by=user)
            session.add(row)
        elif item.label:
            row.label = item.label
        if item.color is not None:
            row.color = list(item.color)
        pairs.append((row, prompts))
    session.flush()
    return pairs
