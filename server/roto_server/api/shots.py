"""Shots: lists and one by one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import selectinload

from ..access.caller import Caller
from ..db.media import Review
from ..db.models import Project, Shot
from ..reviewing import ReviewState, sent
from . import present
from .deps import Reader, refusals
from .paging import Cursor, Limit, newest_first
from .schemas.common import Moment, Page
from .schemas.projects import Archived, ShotOut, ShotState, which

router = APIRouter(tags=["shots"])

Name = Annotated[str | None, Query(max_length=200)]
_ProjectId = Annotated[str | None, Query(pattern="^[0-9a-f]{32}$")]


@router.get("/shots")
def list_all_shots(
    *,
    caller: Reader,
    project_id: _ProjectId = None,
    state: ShotState | None = None,
    review: ReviewState | None = None,
    reviewed_since: Annotated[
        Moment | None, Query(description="Only those moved to their review state since.")
    ] = None,
    sent_since: Annotated[
        Moment | None,
        Query(description="Only those sent to review since, whatever has become of them."),
    ] = None,
    name: Name = None,
    search: Annotated[str | None, Query(max_length=200, description="Part of the name.")] = None,
    mine: Annotated[bool, Query(description="Only those you made or are assigned to.")] = False,
    archived: Archived = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ShotOut]:
    """The shots of all your projects, newest first.

    A shot counts as archived when its project is.
    """
    query = by_archive(select(Shot), which(archived, name))
    if project_id is not None:
        query = query.where(Shot.project_id == project_id)
    if state is not None:
        query = query.where(Shot.state == state)
    if review is not None:
        query = query.where(Shot.review == review)
    if reviewed_since is not None:
        moves = select(Review.id).where(
            Review.shot_id == Shot.id,
            Review.after == Shot.review,
            Review.created_at >= reviewed_since,
        )
        query = query.where(moves.exists())
    if sent_since is not None:
        query = query.where(sent.sent_since(sent_since))
    if name is not None:
        query = query.where(Shot.name == name)
    if search:
        query = query.where(Shot.name.icontains(search, autoescape=True))
    if mine:
        query = query.where(caller.is_mine())
    return shot_page(caller, query, limit, cursor)


@router.get("/projects/{project_id}/shots", responses=refusals(404))
def list_shots(
    project_id: str,
    caller: Reader,
    name: Name = None,
    review: ReviewState | None = None,
    archived: Archived = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ShotOut]:
    """The shots of a project, newest first; with ``name`` only the one called so."""
    project = caller.project(project_id)
    query = select(Shot).where(Shot.project_id == project.id)
    wanted = which(archived, name)
    if wanted != "all":
        query = query.where(Shot.archived_at.is_not(None) == (wanted == "only"))
    if name is not None:
        query = query.where(Shot.name == name)
    if review is not None:
        query = query.where(Shot.review == review)
    return shot_page(caller, query, limit, cursor)


@router.get("/shots/{shot_id}", responses=refusals(404))
def get_shot(shot_id: str, caller: Reader) -> ShotOut:
    """One shot as it stands."""
    return present.shot_for(caller, caller.shot(shot_id))


def shot_page(caller: Caller, query: Select[Shot], limit: int, cursor: str | None) -> Page[ShotOut]:
    """A part of those shots of ``query`` they may see, newest first."""
    visible = caller.visible_shots(query).options(selectinload(Shot.project))
    rows, after = newest_first(caller.session, visible, (Shot.created_at, Shot.id), limit, cursor)
    return Page(items=present.shots_for(caller, rows), next=after)


def by_archive(query: Select[Shot], wanted: str) -> Select[Shot]:
    """Those of ``query`` that are archived, or are in an archived project, or are not."""
    if wanted == "all":
        return query
    projects = select(Project.id).where(Project.archived_at.is_not(None))
    archived = or_(Shot.archived_at.is_not(None), Shot.project_id.in_(projects))
    return query.where(archived if wanted == "only" else ~archived)
