"""Deleting, and what can be done about it: the trash, from which all comes back for some days."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.exc import IntegrityError

from ..access.caller import Caller
from ..access.roles import Permission
from ..db.models import Project, Shot
from ..db.session import savepoint
from ..errors import ConflictError
from ..trash.purging import purge
from ..trash.putting import put, take_out
from ..trash.things import Kind, Thing, kind_of, name_of
from . import job_changes, projects, trash_rows
from .deps import Reader, SettingsDep, Writer, refusals
from .paging import Cursor, Limit
from .schemas.common import Page
from .schemas.trash import TrashedOut, TrashOut

router = APIRouter(tags=["trash"])


@router.delete("/projects/{project_id}", responses=refusals(404))
def delete_project(project_id: str, caller: Writer, settings: SettingsDep) -> TrashedOut:
    """Put a project with all that is in it into the trash; its jobs are cancelled."""
    return _put(caller, caller.project(project_id, Permission.MANAGE_PROJECT), settings.trash_days)


@router.delete("/shots/{shot_id}", responses=refusals(404))
def delete_shot(shot_id: str, caller: Writer, settings: SettingsDep) -> TrashedOut:
    """Put a shot with all that is in it into the trash; its jobs are cancelled."""
    return _put(caller, caller.shot(shot_id, Permission.MANAGE_PROJECT), settings.trash_days)


@router.delete("/objects/{object_id}", responses=refusals(404, 409))
def delete_object(object_id: str, caller: Writer, settings: SettingsDep) -> TrashedOut:
    """Put an object into the trash; jobs that are at work on it are cancelled.

    Versions that show it go on showing it.
    """
    item, _ = caller.roto_object(object_id, Permission.EDIT_SHOT)
    return _put(caller, item, settings.trash_days)


@router.delete("/jobs/{job_id}", responses=refusals(404, 409))
def delete_version(job_id: str, caller: Writer, settings: SettingsDep) -> TrashedOut:
    """Put the version that a roto or export job made into the trash, or will make: then the job is
    cancelled.

    The version before is the latest again. No other version gets its number.
    """
    job, cancelled = job_changes.delete(caller, job_id)
    return _told(caller, job, settings.trash_days, cancelled)


@router.get("/trash")
def list_trash(
    *,
    caller: Reader,
    settings: SettingsDep,
    kind: Kind | None = None,
    project_id: Annotated[str | None, Query(pattern="^[0-9a-f]{32}$")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[TrashOut]:
    """What you may restore, last deleted first.

    What lies in a project or shot that is in the trash itself is not told: it goes with that.
    """
    return trash_rows.listed(caller, settings.trash_days, kind, project_id, limit, cursor)


@router.post("/trash/{kind}/{thing_id}/restore", status_code=204, responses=refusals(404, 409))
def restore(kind: Kind, thing_id: str, caller: Writer) -> None:
    """Have something back as it was. Its cancelled jobs stay so: they can be retried.

    409 when it is not in the trash, when what it was in is, or when another has its name by now.
    """
    thing = _find(caller, kind, thing_id)
    if isinstance(thing, Project) and thing.trashed_at is not None:
        projects.check_name_free(caller, thing.name)
    try:
        with savepoint(caller.session):
            take_out(caller.session, caller.actor, thing)
    except IntegrityError as error:
        raise ConflictError(
            f"Another {kind} is called {name_of(thing)!r} by now.",
            hint="Give that another name first.",
        ) from error


@router.delete("/trash/{kind}/{thing_id}", status_code=202, responses=refusals(404, 409))
def purge_now(kind: Kind, thing_id: str, caller: Writer, settings: SettingsDep) -> TrashOut:
    """Remove for good what is in the trash, files and all; there is no way back.

    What is read where it lies, and what was published into your folders, stays. 409 for an object
    that versions show: it goes after the last of them.
    """
    thing = _find(caller, kind, thing_id)
    purge(caller.session, caller.actor, thing)
    return TrashOut(**trash_rows.one(caller, thing, settings.trash_days))


def _put(caller: Caller, thing: Thing, days: float) -> TrashedOut:
    return _told(caller, thing, days, put(caller.session, caller.actor, thing))


def _told(caller: Caller, thing: Thing, days: float, cancelled: list[str]) -> TrashedOut:
    return TrashedOut(**trash_rows.one(caller, thing, days), cancelled_jobs=cancelled)


def _find(caller: Caller, kind: Kind, ident: str) -> Thing:
    """The thing, in the trash or not, if they may. Raises `ConflictError` when what it is in is in
    the trash."""
    if kind == "project":
        return caller.project(ident, Permission.MANAGE_PROJECT, trashed=True)
    thing: Thing
    if kind == "shot":
        thing = shot = caller.shot(ident, Permission.MANAGE_PROJECT, trashed=True)
    elif kind == "object":
        thing, shot = caller.roto_object(ident, Permission.EDIT_SHOT, trashed=True)
    else:
        thing = caller.job(ident, Permission.EDIT_SHOT, trashed=True)
        shot = thing.shot
    _refuse_inside(thing, shot.project)
    if thing is not shot:
        _refuse_inside(thing, shot)
    return thing


def _refuse_inside(thing: Thing, holder: Project | Shot) -> None:
    if holder.trashed_at is not None:
        raise ConflictError(
            f"The {kind_of(thing)} is in a {kind_of(holder)} that is in the trash.",
            hint=f"It comes back, or goes, with the {kind_of(holder)}.",
        )
