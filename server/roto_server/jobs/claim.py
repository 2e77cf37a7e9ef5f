"""Workers announce themselves and take tasks."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from roto_client.contract import PRODUCT_VERSION, versions_fit
from roto_shapes.errors import RotoError

from ..db.models import Attempt, JsonObject, Task, Worker, new_id
from ..db.session import database_now
from ..errors import disk_full, is_no_space
from ..events import emit
from .changes import lock_job, move_task, settle_job
from .ending import lose_attempt
from .farm import Farm
from .folders import attempt_key
from .matching import refusal
from .spec import build_spec
from .states import ACTIVE_ATTEMPT, AttemptState, TaskEvent, TaskState


class NotClaimableError(RotoError):
    """The task is taken, done or not ready: a second ring of the bell, and no fault."""

    code = "not_claimable"


class LeftToAnotherError(NotClaimableError):
    """The task waits for a worker that suits it better."""


def register(farm: Farm, body: JsonObject) -> JsonObject:
    """Announce a worker slot. A new ``boot_id`` proves the slot's former process dead.

    What that process had in hand is lost at once, without waiting for the lease to end.

    Raises:
        RotoError: ``version_mismatch``.
    """
    if not versions_fit(PRODUCT_VERSION, body["version"]):
        raise RotoError(
            f"The worker is version {body['version']}, this server is {PRODUCT_VERSION}.",
            hint="Install the server's version of megaton-roto on that node.",
            code="version_mismatch",
        )
    worker_id = f"{body['node']}:{body['slot']}"
    with farm.database.session() as session:
        worker = session.get(Worker, worker_id, with_for_update=True) or Worker(id=worker_id)
        for field in ("node", "slot", "boot_id", "version", "queues", "kinds", "engines", "device"):
            setattr(worker, field, body[field])
        worker.memory_bytes = body.get("memory_bytes")
        worker.last_seen_at = database_now(session)
        session.add(worker)
        emit(session, "worker.updated", None, {"worker_id": worker_id, "device": worker.device})
    _lose_former_process(farm, worker_id, body["boot_id"])
    return {
        "worker_id": worker_id,
        "heartbeat_seconds": farm.settings.heartbeat_seconds,
        "lease_seconds": farm.settings.lease_seconds,
    }


def worker_heartbeat(farm: Farm, worker_id: str, boot_id: str) -> JsonObject:
    """Note that an idle worker lives; a process whose slot another has taken is told to stop.

    Raises:
        RotoError: ``not_found``: register first.
    """
    with farm.database.session() as session:
        worker = _worker(session, worker_id)
        if worker.boot_id != boot_id:
            return {"action": "stop", "reason": "another process has taken this worker's slot"}
        worker.last_seen_at = database_now(session)
    return {"action": "continue"}


def claim(farm: Farm, task_id: str, worker_id: str, boot_id: str) -> JsonObject:
    """Give a ready task to a worker: a new attempt with its lease, and the ``task/1`` spec.

    Asked again by the same process before its first heartbeat (its answer was lost on the way), it
    gives the same attempt.

    Raises:
        NotClaimableError: taken, done, resting or not ready, or better left to another worker.
        RotoError: ``not_found``, ``storage_failed``, ``disk_full``.
    """
    try:
        return _claim(farm, task_id, worker_id, boot_id)
    except LeftToAnotherError:
        # This ring is used up: let the reconciler's next pass ring for the other.
        with farm.database.session() as session:
            session.execute(
                update(Task)
                .where(Task.id == task_id, Task.state == TaskState.READY)
                .values(rung_at=None)
            )
        raise


def _claim(farm: Farm, task_id: str, worker_id: str, boot_id: str) -> JsonObject:
    with farm.database.session() as session:
        task = session.get(Task, task_id)
        if task is None:
            raise RotoError(f"There is no task {task_id!r}.", code="not_found")
        job = lock_job(session, task.job_id)
        now = database_now(session)
        worker = _worker(session, worker_id)
        if worker.boot_id != boot_id:
            raise NotClaimableError("Another process has taken this worker's slot.")
        worker.last_seen_at = now
        attempt = _lost_answer(session, task, worker) or _take(farm, session, task, worker, now)
        settle_job(session, job, now)
        return build_spec(session, farm.folders, task, attempt)


def _take(farm: Farm, session: Session, task: Task, worker: Worker, now: datetime) -> Attempt:
    _refuse_unready(task, now)
    lease = timedelta(seconds=farm.settings.lease_seconds)
    reason = refusal(session, task, worker, now, lease)
    if reason:
        raise LeftToAnotherError(f"Task {task.id} is not for {worker.id}: {reason}.")
    taken = session.execute(
        update(Task)
        .where(Task.id == task.id, Task.state == TaskState.READY)
        .values(rung_at=None, not_before=None)
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not taken:
        raise NotClaimableError(f"Task {task.id} is taken.")
    session.refresh(task, ["rung_at", "not_before"])
    task.progress = {}
    move_task(session, task, TaskEvent.CLAIM, now)
    return _new_attempt(farm, session, task, worker, now)


def _refuse_unready(task: Task, now: datetime) -> None:
    if task.state != TaskState.READY:
        raise NotClaimableError(f"Task {task.id} is {task.state}.")
    if task.not_before is not None and task.not_before > now:
        raise NotClaimableError(f"Task {task.id} rests until {task.not_before.isoformat()}.")


def _new_attempt(
    farm: Farm, session: Session, task: Task, worker: Worker, now: datetime
) -> Attempt:
    attempt_id = new_id()
    shot = task.job.shot
    latest = session.scalar(select(func.max(Attempt.number)).where(Attempt.task_id == task.id))
    attempt = Attempt(
        id=attempt_id,
        task_id=task.id,
        worker_id=worker.id,
        boot_id=worker.boot_id,
        number=(latest or 0) + 1,
        output_dir=attempt_key(shot, attempt_id),
        heartbeat_at=now,
        progress_at=now,
        started_at=now,
    )
    session.add(attempt)
    session.flush()
    try:
        farm.folders.prepare_attempt(shot, attempt_id)
    except OSError as error:
        if is_no_space(error):
            raise disk_full("the attempt's directory") from error
        raise RotoError(
            f"The attempt's directory cannot be made: {error.strerror}.",
            hint="The storage root must be mounted and writable; see /readyz.",
            code="storage_failed",
        ) from error
    return attempt


def _lost_answer(session: Session, task: Task, worker: Worker) -> Attempt | None:
    """The attempt this very process was given without hearing of it."""
    return session.scalars(
        select(Attempt).where(
            Attempt.task_id == task.id,
            Attempt.state == AttemptState.LEASED,
            Attempt.worker_id == worker.id,
            Attempt.boot_id == worker.boot_id,
        )
    ).first()


def _lose_former_process(farm: Farm, worker_id: str, boot_id: str) -> None:
    with farm.database.reading() as session:
        orphans = session.scalars(
            select(Attempt.id).where(
                Attempt.worker_id == worker_id,
                Attempt.boot_id != boot_id,
                Attempt.state.in_(ACTIVE_ATTEMPT),
            )
        ).all()
    for attempt_id in orphans:
        lose_attempt(farm, attempt_id, f"The process of worker {worker_id} died")


def _worker(session: Session, worker_id: str) -> Worker:
    worker = session.get(Worker, worker_id)
    if worker is None:
        raise RotoError(
            f"Worker {worker_id!r} is not registered.",
            hint="POST /api/v1/farm/workers first.",
            code="not_found",
        )
    return worker
