"""The trash as rows: things of all four kinds in one list, filtered by right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Row,
    Select,
    String,
    cast,
    false,
    func,
    literal,
    null,
    select,
    union_all,
)

from ..access.caller import Caller
from ..db.models import Job, Project, RotoObject, Shot
from ..db.people import User
from ..trash.purging import is_held
from ..trash.things import MODELS, Kind, Thing, kind_of, version_name
from .paging import newest_rows_first
from .schemas.common import Page
from .schemas.trash import TrashOut

_NOBODY = cast(null(), String)


def listed(
    caller: Caller,
    days: float,
    kind: Kind | None,
    project_id: str | None,
    limit: int,
    cursor: str | None,
) -> Page[TrashOut]:
    """What they could restore, last deleted first. ``days``: after how many it is purged."""
    # Not theirs to see by a key that may not even read.
    caller.visible_projects(select(Project))
    kinds = MODELS if kind is None else {kind: MODELS[kind]}
    queries = [_in_trash(caller, one, project_id) for one in kinds]
    rows = union_all(*queries).subquery()
    keys = (rows.c.trashed_at, rows.c.id)
    found, after = newest_rows_first(caller.session, select(rows), keys, limit, cursor)
    return Page(items=[TrashOut(**facts(row, days)) for row in found], next=after)


def one(caller: Caller, thing: Thing, days: float) -> dict[str, Any]:
    """The fields of `TrashOut` for one thing, which is in the trash."""
    caller.session.flush()
    kind = kind_of(thing)
    query = _SELECTED[kind]().where(MODELS[kind].id == thing.id)
    return facts(caller.session.execute(query).one(), days)


def facts(row: Row[Any], days: float) -> dict[str, Any]:
    """The fields of `TrashOut` for a row of this module."""
    told = dict(row._mapping)
    trashed_at: datetime = told["trashed_at"]
    held = told.pop("held")
    if told["kind"] == "version":
        told["name"] = version_name(int(told["name"]))
    return {**told, "purge_at": None if held else trashed_at + timedelta(days=days)}


def _in_trash(caller: Caller, kind: Kind, project_id: str | None) -> Select[Any]:
    model = MODELS[kind]
    query = _SELECTED[kind]().where(
        model.trashed_at.is_not(None), model.purging_at.is_(None), _theirs(caller, kind)
    )
    # What is in something that is in the trash comes back, or goes, with that.
    if kind != "project":
        query = query.where(Project.trashed_at.is_(None))
    if kind in ("object", "version"):
        query = query.where(Shot.trashed_at.is_(None))
    return query if project_id is None else query.where(Project.id == project_id)


def _theirs(caller: Caller, kind: Kind) -> ColumnElement[bool]:
    return caller.manages_project() if kind in ("project", "shot") else caller.edits_shot()


def _select(
    kind: Kind, name: ColumnElement[str] | Any, *, held: ColumnElement[bool] | None = None
) -> Select[Any]:
    model = MODELS[kind]
    of_shot = kind != "project"
    return select(
        literal(kind).label("kind"),
        model.id.label("id"),
        name.label("name"),
        Project.id.label("project_id"),
        Project.name.label("project_name"),
        (Shot.id if of_shot else _NOBODY).label("shot_id"),
        (Shot.name if of_shot else _NOBODY).label("shot_name"),
        model.trashed_at.label("trashed_at"),
        func.coalesce(User.name, model.trashed_by, "").label("trashed_by"),
        model.purging_at.is_not(None).label("purging"),
        cast(false() if held is None else held, Boolean).label("held"),
    ).outerjoin(User, User.id == model.trashed_by)


def _projects() -> Select[Any]:
    return _select("project", Project.name)


def _shots() -> Select[Any]:
    return _select("shot", Shot.name).join(Project, Project.id == Shot.project_id)


def _objects() -> Select[Any]:
    return (
        _select("object", RotoObject.name, held=is_held())
        .join(Shot, Shot.id == RotoObject.shot_id)
        .join(Project, Project.id == Shot.project_id)
    )


def _versions() -> Select[Any]:
    return (
        _select("version", cast(Job.version, String))
        .join(Shot, Shot.id == Job.shot_id)
        .join(Project, Project.id == Shot.project_id)
    )


_SELECTED: Mapping[Kind, Callable[[], Select[Any]]] = {
    "project": _projects,
    "shot": _shots,
    "object": _objects,
    "version": _versions,
}
