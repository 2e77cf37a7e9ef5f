"""New jobs: rows first, the bell after the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError
from roto_shapes.naming import DEFAULT_TEMPLATE

from ..db.models import Job, JsonObject, Prompt, RotoObject, Shapes, Shot, Task, new_id
from ..db.session import database_now
from .changes import emit_job, lock_shot
from .corrections import Correction
from .readiness import settle_waiting
from .states import FINISHED_TASK

ENGINES = ("auto", "flow", "sam2")
DEFAULT_OUTPUTS = ("mattes", "shapes", "overlay", "contact_sheet")
QUEUE = {"ingest": "cpu", "track": "gpu", "vectorize": "cpu", "export": "cpu"}
_VERSIONED_TOGETHER = ("roto", "export")

Stage = tuple[str, JsonObject]
"""Kind and parameters of one task."""


def create_ingest_job(
    session: Session, shot: Shot, created_by: str, *, max_attempts: int = 3
) -> Job:
    """A job that probes the shot's plate and makes its proxies; it decides the shot's state."""
    job = _new_job(session, shot, "ingest", {}, created_by)
    return _enter(session, job, [("ingest", {})], max_attempts)


def create_roto_job(
    session: Session,
    shot: Shot,
    objects: Sequence[tuple[RotoObject, list[JsonObject]]],
    request: JsonObject,
    created_by: str,
    *,
    ranges: Mapping[str, Sequence[int]] | None = None,
    correction: Correction | None = None,
    idempotency_key: str | None = None,
    request_id: str | None = None,
    max_attempts: int = 3,
) -> Job:
    """A job that tracks the objects, makes shapes of their mattes and exports both.

    ``objects`` pairs each object's row with its prompts in the contract's form; ``ranges``: in and
    out frame of those objects, by name, that are not there on all frames. ``request`` holds
    the other fields of ``POST /shots/{id}/segment``; absent ones take their defaults. While the
    shot is still being probed the job waits for it; range and prompts are checked when that is
    done. Without wanted shapes (``outputs``, ``exports``) nothing is vectorized, but a
    ``correction`` always makes shapes.

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
    lock_shot(session, shot)
    after = _unfinished_ingest(session, shot)
    described = [
        _describe(item, prompts, (ranges or {}).get(item.name)) for item, prompts in objects
    ]
    params = {**request, "objects": described}
    if correction is not None:
        params["base"] = correction.told()
    job = _new_job(session, shot, "roto", params, created_by)
    job.priority = request.get("priority") or "normal"
    job.idempotency_key = idempotency_key
    job.request_id = request_id
    session.add(job)
    session.flush()
    for item, prompts in objects:
        for prompt in prompts:
            session.add(_prompt_row(job, item, prompt))
    stages = _roto_stages(job, request, correction)
    return _enter(session, job, stages, max_attempts, after=after)


def create_export_job(
    session: Session,
    shot: Shot,
    formats: Sequence[str],
    created_by: str,
    *,
    version: int | None = None,
    request_id: str | None = None,
    max_attempts: int = 3,
) -> Job:
    """A job that writes one version of the shot's shapes (None: the latest) in ``formats``.

    Raises:
        RotoError: ``not_found`` when the shot has no such version of shapes.
    """
    lock_shot(session, shot)
    query = select(Shapes).where(Shapes.shot_id == shot.id).order_by(Shapes.version.desc())
    if version is not None:
        query = query.where(Shapes.version == version)
    shapes = session.scalars(query.limit(1)).first()
    if shapes is None:
        wanted = "shapes" if version is None else f"version {version} of its shapes"
        raise RotoError(f"Shot {shot.name!r} has no {wanted}.", code="not_found")
    source = session.get_one(Job, shapes.job_id)
    params = {
        "formats": list(formats),
        "shapes_version": shapes.version,
        "source_job_id": source.id,
        "objects": source.params["objects"],
        "frame_range": source.params.get("frame_range"),
    }
    job = _new_job(session, shot, "export", params, created_by)
    job.engine, job.model, job.checkpoint_sha256 = (
        source.engine,
        source.model,
        source.checkpoint_sha256,
    )
    job.provenance = source.provenance
    job.request_id = request_id
    request = {"outputs": ["shapes"], "exports": list(formats)}
    return _enter(session, job, [("export", _export_params(job, request))], max_attempts)


def _enter(
    session: Session,
    job: Job,
    stages: Sequence[Stage],
    max_attempts: int,
    after: Task | None = None,
) -> Job:
    """Write the job and its chain of tasks (the first one after ``after``) and start it."""
    session.add(job)
    session.flush()
    for position, (kind, params) in enumerate(stages):
        task = Task(
            id=new_id(),
            job_id=job.id,
            kind=kind,
            position=position,
            queue=QUEUE[kind],
            state="waiting",
            params=params,
            depends_on=[after.id] if after else [],
            max_attempts=max_attempts,
        )
        session.add(task)
        after = task
    session.flush()
    session.refresh(job, ["tasks", "shot"])
    emit_job(session, "job.created", job)
    settle_waiting(session, job, database_now(session))
    return job


def _new_job(session: Session, shot: Shot, kind: str, params: JsonObject, created_by: str) -> Job:
    together = _VERSIONED_TOGETHER if kind in _VERSIONED_TOGETHER else (kind,)
    latest = session.scalar(
        select(func.max(Job.version)).where(Job.shot_id == shot.id, Job.kind.in_(together))
    )
    return Job(
        shot_id=shot.id,
        kind=kind,
        state="queued",
        version=(latest or 0) + 1,
        params=params,
        created_by=created_by,
    )


def _unfinished_ingest(session: Session, shot: Shot) -> Task | None:
    """The task a probing shot's jobs wait for; None for a shot that is ready."""
    if shot.state == "ready":
        return None
    task = session.scalars(
        select(Task)
        .join(Job)
        .where(Job.shot_id == shot.id, Job.kind == "ingest", Task.state.not_in(FINISHED_TASK))
        .order_by(Job.version.desc())
        .limit(1)
    ).first()
    if task is None:
        raise RotoError(
            f"Shot {shot.name!r} is {shot.state}: its plate was not read.",
            hint=str((shot.error or {}).get("message", "Retry its ingest job.")),
            code="plate_not_ready",
            detail={"shot_error": shot.error},
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
    export = _export_params(job, request)
    stages: list[Stage] = [("track", track)]
    if "shapes" in export["outputs"] or export["formats"] or correction:
        stages.append(("vectorize", _vectorize_params(request, correction)))
    return [*stages, ("export", export)]


def _vectorize_params(request: JsonObject, correction: Correction | None) -> JsonObject:
    """What an older worker does not know is told only where it says something."""
    params: JsonObject = {"tolerance": request.get("tolerance") or 1.0}
    if request.get("layer_transform", "auto") != "auto":
        params["layer_transform"] = request["layer_transform"]
    return params if correction is None else {**params, "edits": list(correction.edits)}


def _export_params(job: Job, request: JsonObject) -> JsonObject:
    outputs = request.get("outputs")
    return {
        "version": job.version,
        "outputs": list(DEFAULT_OUTPUTS if outputs is None else outputs),
        "formats": list(request.get("exports") or []),
        "mattes": request.get("mattes") or "exr",
        "template": request.get("template") or DEFAULT_TEMPLATE,
    }


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
