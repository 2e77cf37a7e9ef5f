"""New jobs: rows first, the bell after the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.media import Plate
from ..db.models import Job, JsonObject, Prompt, RotoObject, Shot, Task, new_id
from ..db.session import database_now
from ..reviewing import work_began
from . import plates
from .changes import emit_job
from .corrections import Correction
from .outputs import export_params, publish_stages
from .readiness import settle_task, settle_waiting
from .states import FINISHED_TASK

ENGINES = ("auto", "flow", "sam2")
QUEUE = {
    "ingest": "cpu", "track": "gpu", "vectorize": "cpu", "export": "cpu", "publish": "cpu",
    "scenes": "cpu",
}  # fmt: skip
_VERSIONED_TOGETHER = ("roto", "export")

Stage = tuple[str, JsonObject]
"""Kind and parameters of one task."""


def create_ingest_job(
    session: Session,
    shot: Shot,
    created_by: str,
    *,
    plate: Plate | None = None,
    placing: JsonObject | None = None,
    request_id: str | None = None,
    max_attempts: int = 3,
) -> Job:
    """A job that probes ``plate`` (None: the shot's first) and makes its proxies.

    It decides the state of the plate, and of the shot as long as that has no good one. ``placing``
    (of the contract): which frames the shot is, where only the plate's timecode can tell.
    """
    job = new_job(session, shot, "ingest", {}, created_by, plate)
    job.request_id = request_id
    params = {} if placing is None else {"placing": placing}
    return enter(session, job, [("ingest", params)], max_attempts)


def create_scenes_job(
    session: Session, shot: Shot, ingest: Job, created_by: str, *, request_id: str | None = None
) -> Job:
    """A job that looks for cuts in a shot that is ready, on the proxies ``ingest`` made of it."""
    frames = [shot.first_frame, shot.last_frame]
    job = new_job(session, shot, "scenes", {"source_job_id": ingest.id}, created_by)
    job.request_id = request_id
    return enter(session, job, [("scenes", {"frame_range": frames})], 3)


def create_roto_job(
    session: Session,
    shot: Shot,
    objects: Sequence[tuple[RotoObject, list[JsonObject]]],
    request: JsonObject,
    created_by: str,
    *,
    plate: Plate | None = None,
    ranges: Mapping[str, Sequence[int]] | None = None,
    correction: Correction | None = None,
    idempotency_key: str | None = None,
    request_id: str | None = None,
    max_attempts: int = 3,
) -> Job:
    """A job that tracks the objects, makes shapes of their mattes and exports both.

    ``objects`` pairs each object's row with its prompts in the contract's form; ``ranges``: in and
    out frame of those objects, by name, that are not there on all frames. ``request`` holds
    the other fields of ``POST /shots/{id}/segment``; absent ones take their defaults. ``plate``:
    what it works on (None: the shot's current one); while that is still being probed the job waits
    for it, and range and prompts are checked when that is done. Without wanted shapes (``outputs``,
    ``exports``) nothing is vectorized, but a ``correction`` always makes shapes. Whoever calls
    holds the shot (`lock_shot`).

    Raises:
        RotoError: ``no_objects``, ``unknown_model`` (the engine), ``plate_not_ready``.
    """
    if not objects:
        raise RotoError(
            "The job has no objects.", hint="Name at least one and prompt it.", code="no_objects"
        )
    engine = request.get("engine") or "auto"
    if engine not in ENGINES:
        raise RotoError(
            f"There is no engine {engine!r}.", hint=f"One of {ENGINES}.", code="unknown_model"
        )
    plate = plate or plates.current(session, shot)
    after = _unfinished_ingest(session, shot, plate)
    described = [
        _describe(item, prompts, (ranges or {}).get(item.name)) for item, prompts in objects
    ]
    params = {**request, "objects": described}
    if correction is not None:
        params["base"] = correction.told()
    job = new_job(session, shot, "roto", params, created_by, plate)
    job.priority = request.get("priority") or "normal"
    job.idempotency_key = idempotency_key
    job.request_id = request_id
    stages = _roto_stages(job, request, correction)
    enter(session, job, stages, max_attempts, after=after)
    for item, prompts in objects:
        session.add_all(_prompt_row(job, item, prompt) for prompt in prompts)
    session.flush()
    work_began(session, shot, job)
    return job


def enter(
    session: Session,
    job: Job,
    stages: Sequence[Stage],
    max_attempts: int,
    after: Task | None = None,
) -> Job:
    """Write the job and its chain of tasks (the first one after ``after``) and start it."""
    now = database_now(session)
    waits_for = after
    for position, (kind, params) in enumerate(stages):
        task = Task(
            id=new_id(),
            kind=kind,
            position=position,
            queue=QUEUE[kind],
            state="waiting",
            params=params,
            depends_on=[waits_for.id] if waits_for else [],
            max_attempts=max_attempts,
            progress={},
            attempts=[],
        )
        job.tasks.append(task)
        waits_for = task
    session.add(job)
    emit_job(session, "job.created", job)
    if after is None:
        # Before it is written: a submission is one INSERT per table.
        settle_task(session, job, job.tasks[0], now)
    session.flush()
    settle_waiting(session, job, now)
    return job


def new_job(
    session: Session,
    shot: Shot,
    kind: str,
    params: JsonObject,
    created_by: str,
    plate: Plate | None = None,
) -> Job:
    """A job with the next version of its kind, for `enter`; ``plate`` None: the shot's current."""
    plate = plate or plates.current(session, shot)
    together = _VERSIONED_TOGETHER if kind in _VERSIONED_TOGETHER else (kind,)
    latest = session.scalar(
        select(func.max(Job.version)).where(Job.shot_id == shot.id, Job.kind.in_(together))
    )
    return Job(
        id=new_id(),
        shot=shot,
        shot_id=shot.id,
        plate=plate,
        plate_id=plate.id if plate else None,
        kind=kind,
        state="queued",
        priority="normal",
        version=(latest or 0) + 1,
        params=params,
        created_by=created_by,
    )


def _unfinished_ingest(session: Session, shot: Shot, plate: Plate | None) -> Task | None:
    """The task that jobs wait for while their plate (None: the shot) is probed, else None."""
    row = plate or shot
    if row.state == "ready":
        return None
    unfinished = (
        select(Task)
        .join(Job)
        .where(Job.shot_id == shot.id, Job.kind == "ingest", Task.state.not_in(FINISHED_TASK))
        .order_by(Job.version.desc())
    )
    if plate is not None:
        unfinished = unfinished.where(Job.plate_id == plate.id)
    task = session.scalars(unfinished.limit(1)).first()
    if task is None:
        raise RotoError(
            f"Shot {shot.name!r} is {row.state}: its plate was not read.",
            hint=str((row.error or {}).get("message", "Retry its ingest job.")),
            code="plate_not_ready",
            detail={"shot_error": row.error},
        )
    return task


def _roto_stages(job: Job, request: JsonObject, correction: Correction | None) -> list[Stage]:
    track = {
        "engine": request.get("engine") or "auto",
        "model": request.get("model") or "auto",
        "image_size": request.get("image_size"),
        "direction": request.get("direction") or "both",
    }
    if request.get("edges"):
        track["edges"] = request["edges"]
    export = export_params(job, request)
    stages: list[Stage] = [("track", track)]
    if "shapes" in export["outputs"] or export["formats"] or correction:
        stages.append(("vectorize", _vectorize_params(request, correction)))
    return [*stages, ("export", export), *publish_stages(job, job.version, request)]


def _vectorize_params(request: JsonObject, correction: Correction | None) -> JsonObject:
    """What an older worker does not know is told only where it says something."""
    params: JsonObject = {"tolerance": request.get("tolerance") or 1.0}
    if request.get("layer_transform", "auto") != "auto":
        params["layer_transform"] = request["layer_transform"]
    return params if correction is None else {**params, "edits": list(correction.edits)}


def _describe(item: RotoObject, prompts: list[JsonObject], own: Sequence[int] | None) -> JsonObject:
    """An object of the contract; a range is told only where there is one, for older workers."""
    described = {
        "id": item.id,
        "name": item.name,
        "label": item.label,
        "color": list(item.color),
        "prompts": prompts,
    }
    return described if own is None else {**described, "frame_range": list(own)}


def _prompt_row(job: Job, item: RotoObject, prompt: JsonObject) -> Prompt:
    return Prompt(
        job_id=job.id,
        object_id=item.id,
        frame=prompt["frame"],
        data=prompt,
        created_by=job.created_by,
    )
