"""Workers announce themselves and take tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from roto_client.contract import PRODUCT_VERSION, versions_fit
from roto_shapes.errors import RotoError

from ..access.tokens import TASK_PREFIX, new_secret, token_digest
from ..db.farm import ENABLED
from ..db.models import Attempt, JsonObject, Task, Worker, new_id
from ..db.session import database_now
from ..errors import ConflictError, disk_full, is_no_space
from ..events import emit
from . import nodes
from .changes import lock_job, move_task, settle_job
from .ending import lose_attempt
from .farm import Farm
from .folders import attempt_key
from .matching import NOBODY_REACHES, refusal
from .reach import Reach, reaches
from .spec import build_spec
from .states import ACTIVE_ATTEMPT, AttemptState, TaskEvent, TaskState


class NotClaimableError(RotoError):
    """The task is taken, done or not ready: a second ring of the bell, and no fault."""

    code = "not_claimable"


TOKENS_SINCE = (0, 2)
"""Workers of this version report with the token of their claim. Those of the version before are
served as they were: an attempt without a token is reported on with the farm's."""


TAKES = ["memory"]
"""What heartbeats may hold beyond what workers of the version before sent."""


@dataclass(frozen=True)
class Claimed:
    """A task given out: its ``task/1`` spec and the secret its worker reports with.

    ``token`` is None for a worker that knows no such tokens; ``request_id`` is of the request that
    made the job.
    """

    spec: JsonObject
    token: str | None = field(repr=False)
    request_id: str | None


class LeftToAnotherError(NotClaimableError):
    """The task waits for a worker that suits it better. ``note`` is for whoever waits for it."""

    def __init__(self, message: str, note: str = "") -> None:
        super().__init__(message)
        self.note = note


def register(farm: Farm, body: JsonObject) -> JsonObject:
    """Announce a worker slot. A new ``boot_id`` proves the slot's former process dead.

    What that process had in hand is lost at once, without waiting for the lease to end.

    Raises:
        RotoError: ``version_mismatch``; ``conflict`` for a node that means to mount a storage which
            nobody can.
    """
    _refuse_unmountable(farm, body.get("reach"))
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
        worker.memory = None
        worker.reach = body.get("reach")
        worker.last_seen_at = database_now(session)
        session.add(worker)
        pause = nodes.registered(session, worker.node).state != ENABLED
        emit(session, "worker.updated", None, {"worker_id": worker_id, "device": worker.device})
    _lose_former_process(farm, worker_id, body["boot_id"])
    return {
        "worker_id": worker_id,
        "heartbeat_seconds": farm.settings.heartbeat_seconds,
        "lease_seconds": farm.settings.lease_seconds,
        "takes": TAKES,
        "pause": pause,
    }


def _refuse_unmountable(farm: Farm, reach: JsonObject | None) -> None:
    if not farm.storage.is_shared and (reach or {}).get("storage") != "remote":
        raise ConflictError(
            "This server keeps its files in an object store, which no node mounts.",
            hint="Start the worker with --storage remote (ROTO_WORKER_STORAGE=remote).",
        )


def worker_heartbeat(
    farm: Farm, worker_id: str, boot_id: str, memory: JsonObject | None = None
) -> JsonObject:
    """Note that a worker lives; a process whose slot another has taken is told to stop, one whose
    node is given nothing new to ``pause``.

    ``memory`` is what the contract calls so, of workers that tell.

    Raises:
        RotoError: ``not_found``: register first.
    """
    with farm.database.session() as session:
        worker = _worker(session, worker_id)
        if worker.boot_id != boot_id:
            return {"action": "stop", "reason": "another process has taken this worker's slot"}
        worker.last_seen_at = database_now(session)
        worker.memory = memory
        return {"action": "continue", "pause": not nodes.is_open(session, worker.node)}


def claim(farm: Farm, task_id: str, worker_id: str, boot_id: str) -> Claimed:
    """Give a ready task to a worker: a new attempt with its lease, its spec and its token.

    Asked again by the same process before its first heartbeat (its answer was lost on the way), it
    gives the same attempt, with another token.

    Raises:
        NotClaimableError: taken, done, resting or not ready, or better left to another worker.
        RotoError: ``not_found``, ``storage_failed``, ``disk_full``.
    """
    try:
        return _claim(farm, task_id, worker_id, boot_id)
    except LeftToAnotherError as left:
        # This ring is used up: let the reconciler's next pass ring for the other.
        with farm.database.session() as session:
            session.execute(
                update(Task)
                .where(Task.id == task_id, Task.state == TaskState.READY)
                .values(rung_at=None, **({"progress": {"message": left.note}} if left.note else {}))
            )
        raise


def _claim(farm: Farm, task_id: str, worker_id: str, boot_id: str) -> Claimed:
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
        reach = Reach.of(farm, worker)
        spec = build_spec(session, farm.storage, reach, task, attempt)
        return Claimed(spec, _give_token(attempt, worker), job.request_id)


def _give_token(attempt: Attempt, worker: Worker) -> str | None:
    """A new token for the attempt; of one given before nothing is known but its SHA-256."""
    major, minor = worker.version.split(".")[:2]
    if (int(major), int(minor)) < TOKENS_SINCE:
        return None
    token = new_secret(TASK_PREFIX)
    attempt.token_sha256 = token_digest(token)
    return token


def _take(farm: Farm, session: Session, task: Task, worker: Worker, now: datetime) -> Attempt:
    if farm.waits:
        raise NotClaimableError("The server is being looked after: nothing new is given out.")
    _refuse_unready(task, now)
    if not nodes.is_open(session, worker.node):
        raise LeftToAnotherError(f"Node {worker.node} is given nothing new.")
    lease = timedelta(seconds=farm.settings.lease_seconds)
    reason = refusal(session, task, worker, now, lease, lambda one: reaches(farm, one, task))
    if reason:
        note = f"Waiting: {reason}." if reason == NOBODY_REACHES else ""
        raise LeftToAnotherError(f"Task {task.id} is not for {worker.id}: {reason}.", note)
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
