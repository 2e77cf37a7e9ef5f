"""The same done to many jobs in one request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select

from roto_shapes.errors import RotoError

from ..access.caller import Caller
from ..db.models import Job
from ..db.session import savepoint
from ..jobs.changes import LOCK_ORDER
from ..settings import Settings
from . import job_changes
from .deps import SettingsDep, known_caller, transact
from .schemas.job_changes import JobRefused, JobsBulkIn, JobsBulkOut

router = APIRouter(prefix="/jobs", tags=["jobs"])

_BATCH = 50
"""Jobs of one transaction: heartbeats of others wait for its end."""

_Change = Callable[[Caller, str], Any]


@router.post("/bulk", dependencies=[Depends(known_caller)])
async def change_jobs(body: JobsBulkIn, request: Request, settings: SettingsDep) -> JobsBulkOut:
    """Cancel, retry, delete or prioritize jobs, each as by itself: one that is refused keeps no
    other from being done."""
    change = _change(body, settings)
    ids = await transact(request, partial(_in_order, ids=body.job_ids), writing=False)
    refused: dict[str, RotoError] = {}
    for begin in range(0, len(ids), _BATCH):
        batch = partial(_run, ids=ids[begin : begin + _BATCH], change=change)
        refused |= await transact(request, batch, writing=True)
    return JobsBulkOut(
        done=[ident for ident in body.job_ids if ident not in refused],
        refused=[_told(ident, refused[ident]) for ident in body.job_ids if ident in refused],
    )


def _change(body: JobsBulkIn, settings: Settings) -> _Change:
    if body.action == "cancel":
        return job_changes.cancel
    if body.action == "delete":
        return job_changes.delete
    if body.action == "retry":
        return partial(job_changes.retry, settings=settings)
    return partial(job_changes.prioritize, priority=str(body.priority))


def _in_order(caller: Caller, *, ids: Sequence[str]) -> list[str]:
    """As jobs are locked; those that there are not come last, to be refused."""
    query = select(Job.id).where(Job.id.in_(ids)).order_by(*LOCK_ORDER)
    found = list(caller.session.scalars(query))
    return found + sorted(set(ids) - set(found))


def _run(caller: Caller, *, ids: Sequence[str], change: _Change) -> dict[str, RotoError]:
    """Do it to each in a savepoint; the refusals."""
    refused: dict[str, RotoError] = {}
    for ident in ids:
        try:
            with savepoint(caller.session):
                change(caller, ident)
        except RotoError as error:
            refused[ident] = error
    return refused


def _told(ident: str, error: RotoError) -> JobRefused:
    told = error.as_dict()
    return JobRefused(id=ident, code=told["code"], message=told["message"], hint=told["hint"])
