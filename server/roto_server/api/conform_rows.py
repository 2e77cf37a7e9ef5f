"""Conforms with the right to them, and what of the project stands around one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import Select, select
from starlette.requests import HTTPConnection

from ..access.caller import Caller
from ..access.roles import Permission, Role
from ..conform.comparing import MadeShot
from ..conform.entries import Entry
from ..conform.media import Media
from ..conform.working import Movie, counts
from ..db.media import Conform, Plate
from ..db.models import Project, Shot
from ..errors import NotFoundError
from ..events import emit
from ..holding import hold
from .deps import transact
from .shared_plates import WholePlate, whole

_ID = re.compile(r"[0-9a-f]{32}")


def conform_row(
    caller: Caller, ident: str, permission: Permission = Permission.VIEW_PROJECT
) -> tuple[Conform, Project]:
    """The conform and its project, if they may.

    It tells of shots: where artists see only theirs, they see only their own conforms. Raises
    `NotFoundError` or ``forbidden``.
    """
    row = caller.session.get(Conform, ident) if _ID.fullmatch(ident) else None
    if row is None:
        raise NotFoundError("conform", ident)
    try:
        project = caller.project(row.project_id)
    except NotFoundError as error:
        raise NotFoundError("conform", ident) from error
    if _sees_own_only(caller, project) and row.created_by != caller.who.user_id:
        raise NotFoundError("conform", ident)
    return row, caller.project(row.project_id, permission)


async def _open_conform(conform_id: str, connection: HTTPConnection) -> tuple[Conform, Project]:
    return await transact(
        connection,
        lambda caller: conform_row(caller, conform_id, Permission.ADD_SHOT),
        writing=False,
    )


OpenConform = Annotated[tuple[Conform, Project], Depends(_open_conform)]
"""A conform that they may change, as it stands, and its project; asked before any body is read."""


def conform_for_change(caller: Caller, ident: str) -> tuple[Conform, Project]:
    """As `conform_row`, to be changed: nobody else changes it meanwhile."""
    row, project = conform_row(caller, ident, Permission.ADD_SHOT)
    hold(caller.session, row, "conform", whole=True)
    return row, project


def conforms_of(caller: Caller, project: Project) -> Select[Conform]:
    """Those of the project that they may see."""
    query = select(Conform).where(Conform.project_id == project.id)
    if _sees_own_only(caller, project):
        query = query.where(Conform.created_by == caller.who.user_id)
    return query


def entries_of(row: Conform) -> list[Entry]:
    """The events of a conform."""
    return [Entry.from_json(event) for event in row.events]


def invalid_among(caller: Caller, entries: Iterable[Entry]) -> set[str]:
    """Ids of the shots of entries whose plate never could be read."""
    ids = {entry.shot_id for entry in entries if entry.shot_id is not None}
    query = select(Shot.id).where(Shot.state == "invalid", Shot.trashed_at.is_(None))
    return ids & set(caller.session.scalars(query.where(Shot.id.in_(ids))))


def keep(caller: Caller, row: Conform, entries: Sequence[Entry]) -> None:
    """Write the events of a conform, and how many there are of which."""
    row.events = [entry.to_json() for entry in entries]
    row.report = {**row.report, "counts": counts(entries)}
    caller.session.add(row)
    caller.session.flush()
    emit(caller.session, "conform.updated", row.project_id, {"conform_id": row.id})


@dataclass(frozen=True)
class Around:
    """The shots of a project that bear on a conform.

    ``shots``: those that came from a list of the same name; ``names``: of all.
    """

    shots: list[MadeShot]
    names: set[str]


def plates_of(caller: Caller, project: Project) -> list[Plate]:
    """Plates of the project's shots that were read, as far as they may see them."""
    read = select(Plate).join(Shot, Shot.id == Plate.shot_id).where(Shot.project_id == project.id)
    read = read.where(Shot.trashed_at.is_(None), Plate.state == "ready")
    return list(caller.session.scalars(caller.visible_shots(read).order_by(Plate.created_at)))


def around(caller: Caller, project: Project, title: str) -> Around:
    """The project as it stands. ``title``: name of the list."""
    there = Shot.project_id == project.id, Shot.trashed_at.is_(None)
    cuts = select(Shot).where(*there, Shot.cut.is_not(None))
    shots = caller.session.scalars(caller.visible_shots(cuts).order_by(Shot.created_at, Shot.id))
    made = [
        MadeShot(shot.id, shot.name, shot.cut)
        for shot in shots
        if shot.cut and shot.cut.get("list") == title and "source" in shot.cut
    ]
    # Shots that artists do not see have names too.
    return Around(made, set(caller.session.scalars(select(Shot.name).where(*there))))


def uploaded(plates: Iterable[Plate]) -> dict[str, WholePlate]:
    """Of plates, those whose files are the server's own, by path: shots of them share the files.

    Of those that share a path already, the first one that was made.
    """
    found: dict[str, WholePlate] = {}
    for one in plates:
        if one.source is not None:
            found.setdefault(str(one.plate["path"]), whole(one))
    return found


def movie_in(options: dict[str, Any]) -> Movie | None:
    """The movie that is the whole edit, as a conform's options keep it."""
    told = options.get("movie")
    if told is None:
        return None
    rate = None if told["rate"] is None else Fraction(*told["rate"])
    first, last = told["frames"]
    media = Media(
        told["kind"], told["path"], "", first, last, rate=rate, first_frame=told["first_frame"]
    )
    return Movie(media, told["start"], Fraction(*told["list_rate"]), told["by"])


def movie_to_options(movie: Movie, shot_id: str) -> dict[str, Any]:
    """The inverse of `movie_in`."""
    media, rate = movie.media, movie.media.rate
    return {
        "shot_id": shot_id,
        "kind": media.kind,
        "path": media.path,
        "frames": [media.first, media.last],
        "first_frame": media.first_frame,
        "rate": None if rate is None else [rate.numerator, rate.denominator],
        "start": movie.start,
        "list_rate": [movie.rate.numerator, movie.rate.denominator],
        "by": movie.by,
    }


def _sees_own_only(caller: Caller, project: Project) -> bool:
    artist = caller.role_in(project.id) is Role.ARTIST and caller.who.role is not Role.ADMIN
    return artist and not project.artists_see_all
