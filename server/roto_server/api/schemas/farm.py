"""The farm as people see it: nodes, queues, history."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, model_validator

from .common import Answer, Line, Request
from .jobs import Progress
from .projects import Id

NodeState = Literal["enabled", "draining", "disabled"]


class NodeStateIn(Request):
    """What becomes of a node. ``reason`` is told to whoever waits for it: one is needed unless it
    is enabled."""

    state: NodeState
    reason: Line = ""

    @model_validator(mode="after")
    def _says_why(self) -> NodeStateIn:
        if self.state != "enabled" and not self.reason.strip():
            raise ValueError("say in `reason` why the node is given no work")
        return self


class RunningOut(Answer):
    """An attempt at a task. What says whose it is is null where you may not see the shot.

    ``stuck``: it has reported nothing new for longer than the server's ROTO_STUCK_SECONDS.
    """

    job_id: Id | None
    task_id: Id | None
    attempt_id: Id | None
    shot_id: Id | None
    shot_name: str | None
    project_id: Id | None
    kind: str
    progress: Progress
    started_at: datetime
    progress_at: datetime
    stuck: bool


class WorkerOut(Answer):
    """A worker slot of a node. ``memory``: of its GPU, in bytes, where it tells."""

    id: str
    slot: int
    device: str
    version: str
    queues: list[str]
    kinds: list[str]
    engines: list[dict[str, Any]]
    memory: dict[str, int] | None
    memory_bytes: int | None = Field(description="Of the machine.")
    last_seen_at: datetime
    alive: bool
    current: RunningOut | None


class NodeOut(Answer):
    """A machine of the farm. ``id`` is its name; ``changed_by`` who gave it its state, by name."""

    id: str
    state: NodeState
    reason: str
    changed_by: str | None
    changed_at: datetime | None
    alive: bool = Field(description="At least one of its workers was heard of lately.")
    workers: list[WorkerOut]


class StuckOut(RunningOut):
    """A stuck attempt and the worker that has it in hand."""

    worker_id: str


class QueueOut(Answer):
    """A queue as it stands: tasks that wait for a worker, tasks that run."""

    name: str
    waiting: int
    running: int
    oldest_waiting_seconds: float
    workers_alive: int = Field(
        description="That are given its tasks: alive, on nodes that are enabled."
    )


class QueuesOut(Answer):
    """All queues, and what is stuck, the longest first (a hundred at most)."""

    queues: list[QueueOut]
    stuck: list[StuckOut]


class SampleOut(Answer):
    """A queue over some minutes from ``at`` on: the most that waited and ran, the fewest workers
    there were."""

    at: datetime
    queue: str
    waiting: int
    running: int
    oldest_waiting_seconds: float
    workers_alive: int


class HistoryOut(Answer):
    """How the queues stood, oldest first. Minutes in which no server ran have no sample."""

    step_minutes: int
    samples: list[SampleOut]
