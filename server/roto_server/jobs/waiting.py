"""Why ready tasks wait that no worker comes for: told in their progress, for whoever looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db.farm import Node
from ..db.models import Task, Worker
from . import nodes
from .changes import emit_task
from .matching import can_run

_BEGINS = "Waiting for a node: "


@dataclass(frozen=True)
class Outlook:
    """The workers that live, and the nodes that are given nothing."""

    workers: Sequence[Worker]
    closed: Mapping[str, Node]

    @classmethod
    def of(cls, session: Session, alive_since: datetime) -> Outlook:
        """As the database has it now."""
        alive = select(Worker).where(Worker.last_seen_at > alive_since)
        return cls(session.scalars(alive).all(), nodes.closed(session))

    def tell(self, session: Session, task: Task) -> None:
        """Note why nobody takes the ready ``task``, or that somebody may."""
        note, said = self._note(task), str(task.progress.get("message", ""))
        # What else a task says while it waits (`claim`) is not ours to take away.
        if note == said or not (note or said.startswith(_BEGINS)):
            return
        task.progress = {"message": note} if note else {}
        emit_task(session, task)

    def _note(self, task: Task) -> str:
        able = [worker.node for worker in self.workers if can_run(worker, task)]
        if not able:
            return f"{_BEGINS}none that runs {task.kind} is connected."
        shut = [nodes.told(node) for name, node in sorted(self.closed.items()) if name in able]
        return f"{_BEGINS}{'; '.join(shut)}." if set(able) <= set(self.closed) else ""
