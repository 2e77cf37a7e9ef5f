"""The farm's queues, for people: how deep they are, were, and what is stuck."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from ..access.caller import Caller
from ..access.roles import Permission
from ..db.models import Attempt
from ..db.session import database_now
from ..jobs import queues
from ..settings import Settings
from . import farm_running
from .deps import Reader, SettingsDep
from .schemas.farm import HistoryOut, QueueOut, QueuesOut, SampleOut, StuckOut

router = APIRouter(prefix="/farm", tags=["farm"])

_MOST_STUCK = 100


@router.get("/queues")
def get_queues(caller: Reader, settings: SettingsDep) -> QueuesOut:
    """How many tasks wait and run now, and which of those have stopped to report anything new."""
    caller.demand(Permission.VIEW_FARM)
    now = database_now(caller.session)
    standing = queues.standing(caller.session, now, settings.lease_seconds)
    return QueuesOut(
        queues=[QueueOut(name=name, **asdict(one)) for name, one in standing.items()],
        stuck=_stuck(caller, settings),
    )


@router.get("/history")
def get_history(caller: Reader, hours: Annotated[int, Query(ge=1, le=720)] = 24) -> HistoryOut:
    """How the queues stood, minute by minute, thinned to five hundred samples."""
    caller.demand(Permission.VIEW_FARM)
    session: Session = caller.session
    step, points = queues.history(session, database_now(session), hours)
    return HistoryOut(
        step_minutes=step,
        samples=[
            SampleOut(at=point.at, queue=point.queue, **asdict(point.standing)) for point in points
        ],
    )


def _stuck(caller: Caller, settings: Settings) -> list[StuckOut]:
    since = farm_running.stuck_since(database_now(caller.session), settings.stuck_seconds)
    query = (
        farm_running.running()
        .where(Attempt.progress_at < since)
        .order_by(None)
        .order_by(Attempt.progress_at, Attempt.id)
        .limit(_MOST_STUCK)
    )
    rows = list(caller.session.execute(query))
    told = farm_running.seen(caller, rows, since)
    return [
        StuckOut(**dict(one), worker_id=row.worker_id) for row, one in zip(rows, told, strict=True)
    ]
