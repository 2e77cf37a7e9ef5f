"""The same done to many jobs in one request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, Request

from roto_shapes.errors import RotoError

from ..access.caller import Caller
from ..db.session import savepoint
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
    # By id, so that two requests for the same jobs wait for each other and nobody else.
    ids = sorted(body.job_ids)
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
