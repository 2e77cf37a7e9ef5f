"""The state tables, every combination of them."""

from __future__ import annotations

from itertools import product

import pytest

from roto_server.jobs.states import (
    ACTIVE_ATTEMPT,
    ATTEMPT,
    FINISHED_JOB,
    FINISHED_TASK,
    HELD_ATTEMPT,
    JOB,
    SPENT_ATTEMPT,
    TASK,
    AttemptEvent,
    AttemptState,
    IllegalTransitionError,
    JobState,
    TaskEvent,
    TaskState,
    after_failed_attempt,
    attempt_states_before,
    backoff_seconds,
    job_state,
    next_attempt,
    next_task,
)

ATTEMPT_ROWS = {
    "leased": {
        "heartbeat": "running", "complete": "publishing",
        "fail": "failed", "lose": "lost", "release": "cancelled",
    },
    "running": {
        "heartbeat": "running", "complete": "publishing",
        "fail": "failed", "lose": "lost", "release": "cancelled",
    },
    "publishing": {"complete": "publishing", "published": "succeeded", "spoil": "failed"},
    "succeeded": {}, "failed": {}, "lost": {}, "cancelled": {},
}  # fmt: skip
TASK_ROWS = {
    "waiting": {"ready": "ready", "fail": "failed", "cancel": "cancelled"},
    "ready": {"claim": "running", "cancel": "cancelled"},
    "running": {
        "succeed": "succeeded", "retry": "ready", "fail": "failed", "cancel": "cancelled",
    },
    "failed": {"revive": "waiting"},
    "cancelled": {"revive": "waiting"},
    "succeeded": {},
}  # fmt: skip


@pytest.mark.parametrize(("state", "event"), list(product(AttemptState, AttemptEvent)))
def test_every_attempt_transition(state: AttemptState, event: AttemptEvent) -> None:
    wanted = ATTEMPT_ROWS[state].get(event)
    if wanted is None:
        with pytest.raises(IllegalTransitionError, match=event):
            next_attempt(state, event)
    else:
        assert next_attempt(str(state), event) == wanted


@pytest.mark.parametrize(("state", "event"), list(product(TaskState, TaskEvent)))
def test_every_task_transition(state: TaskState, event: TaskEvent) -> None:
    wanted = TASK_ROWS[state].get(event)
    if wanted is None:
        with pytest.raises(IllegalTransitionError, match=state):
            next_task(state, event)
    else:
        assert next_task(str(state), event) == wanted


def test_every_state_can_be_reached_and_left_unless_final() -> None:
    assert set(ATTEMPT.values()) | {AttemptState.LEASED} == set(AttemptState)
    assert set(TASK.values()) == set(TaskState)
    attempt_ends = set(AttemptState) - {state for state, _ in ATTEMPT}
    assert attempt_ends == set(AttemptState) - HELD_ATTEMPT
    assert {state for state, _ in TASK} == set(TaskState) - {TaskState.SUCCEEDED}
    assert SPENT_ATTEMPT.isdisjoint(HELD_ATTEMPT)


@pytest.mark.parametrize("event", list(AttemptEvent))
def test_the_guard_of_an_update_lists_exactly_the_states_before(event: AttemptEvent) -> None:
    assert attempt_states_before(event) == {
        state for state, row in ATTEMPT_ROWS.items() if event in row
    }


def test_a_publishing_attempt_cannot_be_lost_failed_or_released() -> None:
    for event in (AttemptEvent.LOSE, AttemptEvent.FAIL, AttemptEvent.RELEASE):
        assert attempt_states_before(event) == ACTIVE_ATTEMPT


ALL_TASKS = [states for count in range(1, 4) for states in product(TaskState, repeat=count)]


@pytest.mark.parametrize("current", [JobState.QUEUED, JobState.RUNNING])
@pytest.mark.parametrize("tasks", ALL_TASKS)
def test_a_live_job_follows_its_tasks(current: JobState, tasks: tuple[TaskState, ...]) -> None:
    found = job_state(current, tasks)
    kinds = set(tasks)
    if kinds == {TaskState.SUCCEEDED}:
        assert found is JobState.SUCCEEDED
    elif TaskState.RUNNING in kinds:
        assert found is JobState.RUNNING
    elif TaskState.FAILED in kinds:
        assert found is JobState.FAILED
    elif TaskState.CANCELLED in kinds:
        assert found is JobState.CANCELLED
    elif TaskState.SUCCEEDED in kinds:
        assert found is JobState.RUNNING
    elif TaskState.READY in kinds:
        assert found is current
    else:
        assert found is JobState.QUEUED


@pytest.mark.parametrize("tasks", ALL_TASKS)
def test_a_job_being_cancelled_ends_when_nothing_runs(tasks: tuple[TaskState, ...]) -> None:
    found = job_state(JobState.CANCELLING, tasks)
    if set(tasks) == {TaskState.SUCCEEDED}:
        assert found is JobState.SUCCEEDED
    elif TaskState.RUNNING in tasks:
        assert found is JobState.CANCELLING
    else:
        assert found is JobState.CANCELLED


def test_a_job_ends_only_when_every_task_has_ended() -> None:
    """Along every walk of a chain of three tasks that the rules allow."""
    for tasks in ALL_TASKS:
        found = job_state(JobState.RUNNING, tasks)
        if (
            found in FINISHED_JOB
            and TaskState.WAITING not in tasks
            and (TaskState.READY not in tasks)
        ):
            assert set(tasks) <= FINISHED_TASK


def walk(job: JobState, tasks: tuple[TaskState, ...], seen: set[object]) -> None:
    """Every state a chain can come to by task events, checking each job step against the table."""
    if (job, tasks) in seen:
        return
    seen.add((job, tasks))
    for place, event in product(range(len(tasks)), TaskEvent):
        state = TASK.get((tasks[place], event))
        if state is None or not _sensible(job, tasks, place, event):
            continue
        after = _with_consequences(tasks, place, state)
        found = job_state(job, after)
        assert found == job or found in JOB[job], (job, tasks, event, after, found)
        walk(found, after, seen)


def _sensible(job: JobState, tasks: tuple[TaskState, ...], place: int, event: TaskEvent) -> bool:
    """What readiness and control allow: tasks begin in order, only ended jobs are revived."""
    if event in (TaskEvent.READY, TaskEvent.CLAIM):
        return all(state is TaskState.SUCCEEDED for state in tasks[:place])
    if event is TaskEvent.REVIVE:
        return job in (JobState.FAILED, JobState.CANCELLED)
    if event in (TaskEvent.CANCEL, TaskEvent.FAIL):
        return all(state is TaskState.SUCCEEDED for state in tasks[:place])
    return True


def _with_consequences(
    tasks: tuple[TaskState, ...], place: int, state: TaskState
) -> tuple[TaskState, ...]:
    """A task that failed or was cancelled takes those after it along; a retry revives them all."""
    after = [*tasks]
    after[place] = state
    for later in range(place + 1, len(tasks)):
        if state in (TaskState.FAILED, TaskState.CANCELLED):
            after[later] = TaskState.CANCELLED
        elif state is TaskState.WAITING:
            after[later] = TaskState.WAITING
    return tuple(after)


def test_no_walk_makes_an_illegal_job_step() -> None:
    seen: set[object] = set()
    walk(JobState.QUEUED, (TaskState.WAITING,) * 3, seen)
    assert len(seen) > 20
    assert {job for job, _ in seen} == set(JobState) - {JobState.CANCELLING}  # type: ignore[misc]


@pytest.mark.parametrize(
    ("permanent", "cancelling", "spent", "event"),
    [
        (True, False, 1, "fail"),
        (False, False, 1, "retry"),
        (False, False, 2, "retry"),
        (False, False, 3, "fail"),
        (False, False, 4, "fail"),
        (True, True, 1, "cancel"),
        (False, True, 3, "cancel"),
    ],
)
def test_what_a_failed_attempt_does(
    permanent: bool, cancelling: bool, spent: int, event: str
) -> None:
    found = after_failed_attempt(
        permanent=permanent, cancelling=cancelling, spent=spent, max_attempts=3
    )
    assert found == event


def test_the_rest_doubles_up_to_a_limit() -> None:
    assert [backoff_seconds(spent, 2.0, 10.0) for spent in range(6)] == [2, 2, 4, 8, 10, 10]
