"""The nodes of the farm, for people: how they stand, and who is given work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from fastapi import APIRouter
from sqlalchemy import select

from ..access.caller import Caller
from ..access.roles import Permission
from ..audit import COMMAND
from ..db.farm import Node
from ..db.models import Attempt, Worker
from ..db.people import User
from ..db.session import database_now
from ..jobs import nodes
from ..settings import Settings
from . import farm_running
from .deps import Reader, SettingsDep, Writer, refusals
from .paging import Cursor, Limit, by_keys
from .schemas.common import Page
from .schemas.farm import NodeOut, NodeState, NodeStateIn, RunningOut, WorkerOut

router = APIRouter(prefix="/farm/nodes", tags=["farm"])


@router.get("")
def list_nodes(
    caller: Reader, settings: SettingsDep, limit: Limit = 100, cursor: Cursor = None
) -> Page[NodeOut]:
    """Every node a worker of which has ever registered, by name, with what it runs now."""
    caller.demand(Permission.VIEW_FARM)
    rows, after = by_keys(caller.session, select(Node), (Node.name,), limit, cursor)
    return Page(items=_present(caller, settings, rows), next=after)


@router.post("/{node_id}/state", responses=refusals(404))
def set_node_state(
    node_id: str, body: NodeStateIn, caller: Writer, settings: SettingsDep
) -> NodeOut:
    """Drain a node (it finishes what it runs), disable it (it gives back at once what it runs,
    which does not count as a failure), or give it work again."""
    caller.demand(Permission.MANAGE_FARM)
    node = nodes.change(caller.session, caller.actor, node_id, body.state, body.reason)
    caller.session.flush()
    return _present(caller, settings, [node])[0]


def _present(caller: Caller, settings: Settings, rows: Sequence[Node]) -> list[NodeOut]:
    session = caller.session
    now = database_now(session)
    alive_since = now - timedelta(seconds=settings.lease_seconds)
    named = Worker.node.in_([row.name for row in rows])
    workers = session.scalars(select(Worker).where(named).order_by(Worker.slot)).all()
    stuck_since = farm_running.stuck_since(now, settings.stuck_seconds)
    current = _current(caller, workers, stuck_since)
    of_node = defaultdict(list)
    for worker in workers:
        of_node[worker.node].append(_worker(worker, alive_since, current.get(worker.id)))
    makers = {row.changed_by for row in rows if row.changed_by}
    asked = select(User.id, User.name).where(User.id.in_(makers))
    names = dict(session.execute(asked).tuples().all()) if makers else {}
    return [
        NodeOut(
            id=row.name,
            state=cast("NodeState", row.state),
            reason=row.reason,
            changed_by=_changed_by(row, names),
            changed_at=row.changed_at,
            alive=any(worker.alive for worker in of_node[row.name]),
            workers=of_node[row.name],
        )
        for row in rows
    ]


def _current(
    caller: Caller, workers: Sequence[Worker], stuck_since: datetime
) -> dict[str, RunningOut]:
    """By worker, what its living process runs; the newest of what it has not let go of."""
    boots = {worker.id: worker.boot_id for worker in workers}
    query = farm_running.running().where(Attempt.worker_id.in_(boots))
    rows = [row for row in caller.session.execute(query) if boots[row.worker_id] == row.boot_id]
    told = farm_running.seen(caller, rows, stuck_since)
    return {row.worker_id: one for row, one in zip(rows, told, strict=True)}


def _worker(row: Worker, alive_since: datetime, current: RunningOut | None) -> WorkerOut:
    return WorkerOut(
        id=row.id,
        slot=row.slot,
        device=row.device,
        version=row.version,
        queues=row.queues,
        kinds=row.kinds,
        engines=row.engines,
        memory=row.memory,
        memory_bytes=row.memory_bytes,
        last_seen_at=row.last_seen_at,
        alive=row.last_seen_at > alive_since,
        current=current,
    )


def _changed_by(row: Node, names: dict[str, str]) -> str | None:
    if row.changed_at is None:
        return None
    return names.get(row.changed_by, row.changed_by) if row.changed_by else COMMAND.id
