"""A roto job once more, on the plate as it is now: one action after a new version has come."""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..access.caller import Caller
from ..access.roles import Permission
from ..db.media import Plate
from ..db.models import Job, JsonObject, RotoObject, Shot
from ..errors import BadRequestError, NotFoundError
from ..jobs import plates
from ..jobs.changes import lock_shot
from ..jobs.create import create_roto_job
from ..jobs.moved_prompts import Move
from .deps import SettingsDep, Writer, refusals
from .engines import check_engine
from .idempotency import IdempotencyKey, create_once, fingerprint
from .schemas.jobs import JobOut
from .schemas.plates import RerunIn
from .submission import check_objects_fit

router = APIRouter(prefix="/shots/{shot_id}", tags=["shots"])

_NOT_WISHES = frozenset(("objects", "base", "publish", "request_sha256"))


@router.post("/rerun", status_code=202, responses=refusals(404, 409))
def rerun(
    *,
    shot_id: str,
    body: RerunIn,
    request: Request,
    caller: Writer,
    settings: SettingsDep,
    idempotency_key: IdempotencyKey = None,
) -> JobOut:
    """Submit the newest roto job's objects, prompts and wishes again, on the newest plate.

    It publishes nothing, whatever that job did. A version still being read is waited for. Prompts
    are shifted by the frame offset; those that then lie outside the plate are refused (422), never
    dropped, and so are those of a plate of another size unless `scale` says what becomes of them.
    Objects in the trash are left out. The shapes of before stay as a version of their own; keys
    that were made by hand there come along as far as they are prompts.
    """
    session, shot = caller.session, caller.shot(shot_id, Permission.EDIT_SHOT)

    def create() -> Job:
        lock_shot(session, shot)
        job = _job(caller, shot, body)
        plate = _plate(session, shot, body.view or plates.view_of(job))
        _check_size(job, plate, body)
        move = _move(session, job, plate, body)
        pairs = _with_rows(session, move.objects(job.params["objects"]))
        wanted = {**_wanted(job, body, move), "view": plate.view}
        check_engine(session, wanted["engine"], wanted["model"], settings.lease_seconds)
        objects = [item for _, item in pairs]
        _check_fit(plate, objects, wanted.get("frame_range"), job)
        return create_roto_job(
            session,
            shot,
            [(row, item["prompts"]) for row, item in pairs],
            wanted,
            caller.who.user_id,
            plate=plate,
            ranges={item["name"]: item["frame_range"] for item in objects if "frame_range" in item},
            request_id=caller.request_id,
            max_attempts=settings.max_attempts,
        )

    return create_once(caller, idempotency_key, fingerprint(request.url.path, body), create)


def _job(caller: Caller, shot: Shot, body: RerunIn) -> Job:
    """The job that is run again. Raises `RotoError` ``not_found``."""
    if body.job_id is not None:
        job = caller.job(body.job_id, Permission.EDIT_SHOT)
        if job.shot_id != shot.id or job.kind != "roto":
            raise NotFoundError("roto job of the shot", body.job_id)
        return job
    query = select(Job).where(Job.shot_id == shot.id, Job.kind == "roto", Job.trashed_at.is_(None))
    if body.view is not None:
        query = query.join(Plate).where(Plate.view == body.view)
    newest = caller.session.scalars(query.order_by(Job.version.desc()).limit(1)).first()
    if newest is None:
        raise RotoError(
            f"Shot {shot.name!r} has no roto job to run again.",
            code="not_found",
            hint="Submit it first; of another view's job, name its job_id.",
        )
    return newest


def _plate(session: Session, shot: Shot, view: str) -> Plate:
    plate = plates.newest(session, shot, view)
    if plate is None:
        raise RotoError(
            f"Shot {shot.name!r} has no plate of the view {view!r} that can be read.",
            code="plate_not_ready",
            hint="Add a version of it.",
        )
    return plate


def _check_size(job: Job, plate: Plate, body: RerunIn) -> None:
    """Raise `BadRequestError` where nobody said what becomes of prompts of another size's plate."""
    old = job.plate or job.shot
    sizes = (old.width, old.height), (plate.width, plate.height)
    if body.scale is not None or sizes[0] == sizes[1] or None in (*sizes[0], *sizes[1]):
        return
    before, now = (f"{width} x {height}" for width, height in sizes)
    raise BadRequestError(
        f"The plate is {now} pixels, that of the prompts {before}.",
        hint="Say scale fit (roto shots rerun --fit) to scale the prompts as the plate's size was, "
        f"or keep (--no-fit) to leave them on their pixels. {_prompts_of(job)}",
        detail={"size": list(sizes[1]), "size_of_prompts": list(sizes[0])},
    )


def _prompts_of(job: Job) -> str:
    plate = "" if job.plate is None else f", made on plate v{job.plate.version:03d}"
    return f"The prompts are those of v{job.version:03d}{plate}; job_id (--job) names another."


def _move(session: Session, job: Job, plate: Plate, body: RerunIn) -> Move:
    """How the job's prompts come to lie on the plate."""
    before = job.plate
    frames = body.frame_offset
    if frames is None:
        same_view = before is not None and before.view == plate.view
        frames = plates.offset_between(session, before, plate) if same_view and before else 0
    if body.scale != "fit":
        return Move(frames)
    old = before or job.shot
    if not (old.width and old.height and plate.width and plate.height):
        raise RotoError(
            "Prompts cannot be scaled before both plates have been read.",
            code="plate_not_ready",
            hint="Ask again when the plate is ready.",
        )
    return Move(frames, plate.width / old.width, plate.height / old.height)


def _check_fit(plate: Plate, objects: list[JsonObject], frames: list[int] | None, job: Job) -> None:
    """As `check_objects_fit`; the error says whose prompts they are and, when the plate is as long
    as theirs and only numbered otherwise, which frame offset would do."""
    try:
        check_objects_fit(plate, objects, frames)
    except RotoError as error:
        outside = error.code in ("prompt_outside_range", "range_outside_plate")
        before = job.plate
        likely = _renumbered(before, plate) if outside and before is not None else None
        if likely:
            error.hint = (
                f"As many frames as before, numbered otherwise by {likely:+d}: "
                f"say frame_offset {likely} (roto shots rerun --offset {likely})."
            )
        error.hint = f"{error.hint} {_prompts_of(job)}".strip()
        raise


def _renumbered(before: Plate, now: Plate) -> int | None:
    """By how much frames of plates that are equally long are numbered otherwise."""
    if before.first_frame is None or before.last_frame is None:
        return None
    if now.first_frame is None or now.last_frame is None:
        return None
    shift = now.first_frame - before.first_frame
    return shift if shift == now.last_frame - before.last_frame else None


def _with_rows(session: Session, objects: list[JsonObject]) -> list[tuple[RotoObject, JsonObject]]:
    """The objects that are not in the trash with their rows, under the names they have now."""
    ids = [item["id"] for item in objects]
    query = select(RotoObject).where(RotoObject.id.in_(ids), RotoObject.trashed_at.is_(None))
    rows = {row.id: row for row in session.scalars(query)}
    return [
        (rows[item["id"]], {**item, "name": rows[item["id"]].name})
        for item in objects
        if item["id"] in rows
    ]


def _wanted(job: Job, body: RerunIn, move: Move) -> JsonObject:
    """The fields of the job's request, the range moved."""
    wanted = {name: value for name, value in job.params.items() if name not in _NOT_WISHES}
    frames = body.frame_range or move.range(wanted.pop("frame_range", None))
    if frames is not None:
        wanted["frame_range"] = list(frames)
    if body.priority is not None:
        wanted["priority"] = body.priority
    return {"engine": "auto", "model": "auto", **wanted}
