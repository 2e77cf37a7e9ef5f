"""Which jobs a list is of, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, Query
from sqlalchemy import ColumnElement, Select, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from ..access.caller import Caller
from ..db.models import Job, Prompt, RotoObject, Shot
from .paging import by_keys, newest_first, skipped
from .schemas.common import Moment
from .schemas.jobs import JobKind, JobState
from .schemas.segment import Priority

T = TypeVar("T")
_IDENT = "^[0-9a-f]{32}$"
_Ident = Annotated[str | None, Query(pattern=_IDENT)]
_When = Annotated[Moment | None, Query(description="By when jobs were submitted.")]

Sort = Literal[
    "created", "-created", "updated", "-updated", "priority", "-priority", "confidence",
    "-confidence",
]  # fmt: skip
SortBy = Annotated[
    Sort,
    Query(
        description="With a minus the other way round. priority: the most urgent first, and of "
        "those the oldest; confidence: the lowest of a job's mattes first, jobs without any last."
    ),
]
_KEYS: dict[str, tuple[InstrumentedAttribute[Any], ...]] = {
    "created": (Job.created_at, Job.id),
    "updated": (Job.updated_at, Job.id),
    "priority": (Job.urgency, Job.created_at, Job.id),
    "confidence": (Job.worst_confidence, Job.id),
}


class JobFilters:
    """What is asked of jobs but their state."""

    def __init__(
        self,
        *,
        ident: Annotated[
            list[Annotated[str, Query(pattern=_IDENT)]] | None,
            Query(alias="id", max_length=200, description="These jobs and no others."),
        ] = None,
        shot_id: _Ident = None,
        project_id: _Ident = None,
        kind: Annotated[list[JobKind] | None, Query()] = None,
        owner: Annotated[
            str | None, Query(pattern="^(me|[0-9a-f]{32})$", description="A user's id, or me.")
        ] = None,
        search: Annotated[
            str | None, Query(max_length=200, description="Part of a shot's or object's name.")
        ] = None,
        priority: Annotated[list[Priority] | None, Query()] = None,
        since: _When = None,
        until: _When = None,
        newest: Annotated[
            bool, Query(description="Only those that are the newest of their shots.")
        ] = False,
    ) -> None:
        self._ids = ident
        self._shot_id = shot_id
        self._project_id = project_id
        self._kinds = kind
        self._owner = owner
        self._search = search
        self._priorities = priority
        self._since: datetime | None = since
        self._until: datetime | None = until
        self._newest = newest

    def apply(self, caller: Caller, query: Select[T]) -> Select[T]:
        """``query``, which selects from jobs, with those that are asked for and may be seen."""
        query = caller.visible_jobs(query)
        if self._ids is not None:
            query = query.where(Job.id.in_(self._ids))
        if self._shot_id is not None:
            query = query.where(Job.shot_id == self._shot_id)
        if self._project_id is not None:
            of_project = select(Shot.id).where(Shot.project_id == self._project_id)
            query = query.where(Job.shot_id.in_(of_project))
        if self._kinds:
            query = query.where(Job.kind.in_(self._kinds))
        if self._owner is not None:
            owner = caller.who.user_id if self._owner == "me" else self._owner
            query = query.where(Job.created_by == owner)
        if self._search:
            query = query.where(_named(self._search))
        if self._priorities:
            query = query.where(Job.priority.in_(self._priorities))
        if self._since is not None:
            query = query.where(Job.created_at >= self._since)
        if self._until is not None:
            query = query.where(Job.created_at < self._until)
        return query.where(_is_newest()) if self._newest else query


Filters = Annotated[JobFilters, Depends()]
# A client of before knows one state only.
States = Annotated[list[JobState] | JobState | None, Query(description="Any of these.")]


def in_states(query: Select[T], states: list[JobState] | JobState | None) -> Select[T]:
    """Those of ``query`` that are in one of ``states``; None or none: all."""
    asked = [states] if isinstance(states, str) else states
    return query.where(Job.state.in_(asked)) if asked else query


def sorted_by(
    session: Session, query: Select[T], sort: Sort, limit: int, cursor: str | None
) -> tuple[Sequence[T], str | None]:
    """A part of ``query``, which selects jobs, in that order, and the cursor of the next."""
    read = newest_first if sort.startswith("-") else by_keys
    return read(session, query, _KEYS[sort.removeprefix("-")], limit, cursor)


def passed_over(session: Session, query: Select[Any], sort: Sort, skip: int) -> str | None:
    """The cursor after the first ``skip`` jobs of ``query``; None when there are no more."""
    keys = _KEYS[sort.removeprefix("-")]
    return skipped(session, query, keys, skip, descending=sort.startswith("-"))


def _is_newest() -> ColumnElement[bool]:
    newer = aliased(Job)
    later = tuple_(newer.created_at, newer.id) > tuple_(Job.created_at, Job.id)
    of_shot = select(newer.id).where(newer.shot_id == Job.shot_id, newer.trashed_at.is_(None))
    return ~of_shot.where(later).correlate(Job).exists()


def _named(text: str) -> ColumnElement[bool]:
    shots = select(Shot.id).where(Shot.name.icontains(text, autoescape=True))
    prompted = (
        select(Prompt.job_id)
        .join(RotoObject, RotoObject.id == Prompt.object_id)
        .where(RotoObject.name.icontains(text, autoescape=True))
    )
    return or_(Job.shot_id.in_(shots), Job.id.in_(prompted))
