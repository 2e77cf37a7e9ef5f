"""What may become of an attempt, a task and a job: pure tables and rules, no rows and no clocks.

An attempt is one try of a task on one worker; a task is one stage of a job; a job's state follows
from its tasks' (`job_state`). Everything that changes a state column goes through here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class AttemptState(StrEnum):
    """``leased``: claimed, no heartbeat yet. ``publishing``: its output becomes the task's."""

    LEASED = "leased"
    RUNNING = "running"
    PUBLISHING = "publishing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"
    CANCELLED = "cancelled"


class AttemptEvent(StrEnum):
    """What a worker reports, the reconciler finds (``lose``) or publishing meets (``spoil``)."""

    HEARTBEAT = "heartbeat"
    COMPLETE = "complete"
    PUBLISHED = "published"
    SPOIL = "spoil"
    FAIL = "fail"
    LOSE = "lose"
    RELEASE = "release"


class TaskState(StrEnum):
    """``waiting``: for the tasks it depends on. ``ready``: to be claimed."""

    WAITING = "waiting"
    READY = "ready"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TaskEvent(StrEnum):
    """``retry``: an attempt ended without success and the task goes back to the queue."""

    READY = "ready"
    CLAIM = "claim"
    SUCCEED = "succeed"
    RETRY = "retry"
    FAIL = "fail"
    CANCEL = "cancel"
    REVIVE = "revive"


class JobState(StrEnum):
    """``cancelling``: cancelled by its owner, a worker has still to let go."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


class IllegalTransitionError(Exception):
    """The event is impossible in that state: a late report, or a bug."""


_A, _AE = AttemptState, AttemptEvent
ATTEMPT: Mapping[tuple[AttemptState, AttemptEvent], AttemptState] = {
    (_A.LEASED, _AE.HEARTBEAT): _A.RUNNING,
    (_A.RUNNING, _AE.HEARTBEAT): _A.RUNNING,
    (_A.LEASED, _AE.COMPLETE): _A.PUBLISHING,
    (_A.RUNNING, _AE.COMPLETE): _A.PUBLISHING,
    (_A.PUBLISHING, _AE.COMPLETE): _A.PUBLISHING,
    (_A.PUBLISHING, _AE.PUBLISHED): _A.SUCCEEDED,
    (_A.LEASED, _AE.FAIL): _A.FAILED,
    (_A.RUNNING, _AE.FAIL): _A.FAILED,
    (_A.PUBLISHING, _AE.SPOIL): _A.FAILED,
    (_A.LEASED, _AE.LOSE): _A.LOST,
    (_A.RUNNING, _AE.LOSE): _A.LOST,
    (_A.LEASED, _AE.RELEASE): _A.CANCELLED,
    (_A.RUNNING, _AE.RELEASE): _A.CANCELLED,
}

_T, _TE = TaskState, TaskEvent
TASK: Mapping[tuple[TaskState, TaskEvent], TaskState] = {
    (_T.WAITING, _TE.READY): _T.READY,
    (_T.WAITING, _TE.FAIL): _T.FAILED,
    (_T.WAITING, _TE.CANCEL): _T.CANCELLED,
    (_T.READY, _TE.CLAIM): _T.RUNNING,
    (_T.READY, _TE.CANCEL): _T.CANCELLED,
    (_T.RUNNING, _TE.SUCCEED): _T.SUCCEEDED,
    (_T.RUNNING, _TE.RETRY): _T.READY,
    (_T.RUNNING, _TE.FAIL): _T.FAILED,
    (_T.RUNNING, _TE.CANCEL): _T.CANCELLED,
    (_T.FAILED, _TE.REVIVE): _T.WAITING,
    (_T.CANCELLED, _TE.REVIVE): _T.WAITING,
}

_J = JobState
JOB: Mapping[JobState, frozenset[JobState]] = {
    _J.QUEUED: frozenset({_J.RUNNING, _J.FAILED, _J.CANCELLED}),
    _J.RUNNING: frozenset({_J.SUCCEEDED, _J.FAILED, _J.CANCELLING, _J.CANCELLED}),
    _J.CANCELLING: frozenset({_J.SUCCEEDED, _J.CANCELLED}),
    _J.FAILED: frozenset({_J.QUEUED, _J.RUNNING}),
    _J.CANCELLED: frozenset({_J.QUEUED, _J.RUNNING}),
    _J.SUCCEEDED: frozenset(),
}
"""Which job states may follow which. Failed and cancelled jobs live again by a retry only."""

ACTIVE_ATTEMPT = frozenset({_A.LEASED, _A.RUNNING})
"""A worker holds the lease and is expected to send heartbeats."""
HELD_ATTEMPT = ACTIVE_ATTEMPT | {_A.PUBLISHING}
"""The task is this attempt's; nobody else may have it."""
SPENT_ATTEMPT = frozenset({_A.FAILED, _A.LOST})
"""Counts against the task's number of attempts. A drained or cancelled one does not."""
FINISHED_TASK = frozenset({_T.SUCCEEDED, _T.FAILED, _T.CANCELLED})
FINISHED_JOB = frozenset({_J.SUCCEEDED, _J.FAILED, _J.CANCELLED})


def next_attempt(state: str, event: AttemptEvent) -> AttemptState:
    """The attempt's state after ``event``; raises `IllegalTransitionError`."""
    return _step(ATTEMPT, AttemptState(state), event)


def next_task(state: str, event: TaskEvent) -> TaskState:
    """The task's state after ``event``; raises `IllegalTransitionError`."""
    return _step(TASK, TaskState(state), event)


def attempt_states_before(event: AttemptEvent) -> frozenset[AttemptState]:
    """The states in which ``event`` is possible: the guard of a conditional UPDATE."""
    return frozenset(state for state, possible in ATTEMPT if possible is event)


def job_state(current: str, task_states: Iterable[str]) -> JobState:
    """What a job is, given what its tasks are.

    A job fails or ends as cancelled only when no task of it runs any more. A job being cancelled
    whose last task finishes all the same has succeeded.
    """
    tasks = [TaskState(state) for state in task_states]
    if tasks and all(task is _T.SUCCEEDED for task in tasks):
        return _J.SUCCEEDED
    running = _T.RUNNING in tasks
    if current == _J.CANCELLING:
        return _J.CANCELLING if running else _J.CANCELLED
    if not running and _T.FAILED in tasks:
        return _J.FAILED
    if not running and _T.CANCELLED in tasks:
        return _J.CANCELLED
    if running or _T.SUCCEEDED in tasks or (current == _J.RUNNING and _T.READY in tasks):
        return _J.RUNNING
    return _J.QUEUED


def after_failed_attempt(
    *, permanent: bool, cancelling: bool, spent: int, max_attempts: int
) -> TaskEvent:
    """What a failed or lost attempt does to its task.

    ``spent`` counts the failed and lost attempts so far, this one included.
    """
    if cancelling:
        return TaskEvent.CANCEL
    if permanent or spent >= max_attempts:
        return TaskEvent.FAIL
    return TaskEvent.RETRY


def backoff_seconds(spent: int, first: float, longest: float) -> float:
    """How long a task rests after its ``spent``-th failed attempt: doubling, up to ``longest``."""
    return float(min(longest, first * 2.0 ** (max(spent, 1) - 1)))


def _step(table: Mapping[tuple[S, E], S], state: S, event: E) -> S:
    try:
        return table[state, event]
    except KeyError:
        raise IllegalTransitionError(f"{event} is impossible when {state}") from None
