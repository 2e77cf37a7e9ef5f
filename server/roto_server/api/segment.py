"""Submitting work on a shot."""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session

from ..access.roles import Permission
from ..db.models import Job, JsonObject, RotoObject, Shot
from ..jobs import plates
from ..jobs.changes import lock_shot
from ..jobs.colors import next_color
from ..jobs.create import create_roto_job
from .deps import SettingsDep, Writer, refusals
from .engines import check_engine
from .idempotency import IdempotencyKey, create_once, fingerprint
from .objects import next_position, objects_of
from .outputs import requested
from .schemas.jobs import JobOut
from .schemas.segment import PromptedObject, SegmentIn
from .submission import check_against_plate, check_formats, check_objects, check_template

router = APIRouter(prefix="/shots/{shot_id}", tags=["shots"])

Described = list[tuple[PromptedObject, list[JsonObject]]]


@router.post("/segment", status_code=202, responses=refusals(404, 409, 413))
def segment(
    *,
    shot_id: str,
    body: SegmentIn,
    request: Request,
    caller: Writer,
    settings: SettingsDep,
    idempotency_key: IdempotencyKey = None,
) -> JobOut:
    """Submit a roto job: track the objects, make shapes of their mattes, export both.

    Whatever can be known now is refused now; on a shot still ``probing`` the rest is checked when
    its plate has been read, and ends the job as failed with the same code.
    """
    session, shot = caller.session, caller.shot(shot_id, Permission.EDIT_SHOT)
    described = check_objects(body)
    check_formats(body.exports)

    def create() -> Job:
        check_engine(session, body.engine, body.model, settings.lease_seconds)
        names = [item.name for item in body.objects]
        check_template(body.template, names, shot.project.name, shot.name)
        lock_shot(session, shot)
        plate = plates.for_jobs(session, shot, body.view)
        check_against_plate(plate or shot, described, body.frame_range)
        return create_roto_job(
            session,
            shot,
            _object_rows(session, shot, described, caller.who.user_id),
            requested(body, shot, plate, settings, names),
            caller.who.user_id,
            plate=plate,
            ranges={one.name: one.frame_range for one in body.objects if one.frame_range},
            request_id=caller.request_id,
            max_attempts=settings.max_attempts,
        )

    return create_once(caller, idempotency_key, fingerprint(request.url.path, body), create)


def _object_rows(
    session: Session, shot: Shot, described: Described, user: str
) -> list[tuple[RotoObject, list[JsonObject]]]:
    """The rows of the objects, added where the shot has none of that name yet."""
    known = {row.name: row for row in session.scalars(objects_of(shot.id))}
    position = next_position(session, shot.id)
    pairs: list[tuple[RotoObject, list[JsonObject]]] = []
    for item, prompts in described:
        row = known.get(item.name)
        if row is None:
            row = RotoObject(
                shot_id=shot.id, name=item.name, label=item.label, position=position + len(pairs),
                color=next_color(known.values()), created_by=user,
            )  # fmt: skip
            session.add(row)
            known[row.name] = row
        elif item.label:
            row.label = item.label
        if item.color is not None:
            row.color = list(item.color)
        pairs.append((row, prompts))
    session.flush()
    return pairs
