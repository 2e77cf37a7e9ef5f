"""Versions of a shot's results: its roto and export jobs, side by side."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Query
from sqlalchemy import false, or_, select
from sqlalchemy.orm import defer, joinedload, selectinload

from ..access.caller import Caller
from ..db.media import MAIN_VIEW, Plate, Review
from ..db.models import Job
from ..db.people import User
from ..reviewing.versions import Facts, facts_of
from .deps import Reader, refusals
from .paging import Cursor, Limit, newest_first
from .reviews import VERSION_KINDS, present_reviews
from .schemas.common import Page
from .schemas.jobs import JobState
from .schemas.reviews import (
    ReviewOut,
    VersionConfidence,
    VersionFiles,
    VersionObject,
    VersionOut,
    VersionPlate,
)

router = APIRouter(tags=["review"])

_SLIM = (
    defer(Job.params),
    defer(Job.provenance),
    joinedload(Job.plate).load_only(Plate.view, Plate.version),
    selectinload(Job.creator).load_only(User.name),
)


@router.get("/shots/{shot_id}/versions", responses=refusals(404))
def list_versions(
    *,
    shot_id: str,
    caller: Reader,
    kind: Literal["roto", "export"] | None = None,
    state: JobState | None = None,
    view: Annotated[str | None, Query(max_length=32, description="main, left or right.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[VersionOut]:
    """The versions of the shot's results, newest first: what each is made of, what is said of it.

    Failed and running ones are among them, those in the trash are not.
    """
    shot = caller.shot(shot_id)
    query = select(Job).where(
        Job.shot_id == shot.id,
        Job.kind.in_(VERSION_KINDS if kind is None else (kind,)),
        Job.trashed_at.is_(None),
    )
    if state is not None:
        query = query.where(Job.state == state)
    if view is not None:
        # Jobs of before there were views are of the main one.
        of_none = Job.plate_id.is_(None) if view == MAIN_VIEW else false()
        query = query.where(or_(of_none, Job.plate.has(Plate.view == view)))
    keys = (Job.created_at, Job.id)
    rows, after = newest_first(caller.session, query.options(*_SLIM), keys, limit, cursor)
    facts = facts_of(caller.session, rows)
    reviews = _reviews(caller, [one.review for one in facts.values() if one.review])
    items = [_present(row, facts[row.id], reviews.get(row.id)) for row in rows]
    return Page(items=items, next=after)


def _reviews(caller: Caller, rows: list[Review]) -> dict[str, ReviewOut]:
    return {str(told.job_id): told for told in present_reviews(caller, rows)}


def _present(row: Job, facts: Facts, review: ReviewOut | None) -> VersionOut:
    plate = row.plate
    confidence = facts.confidence
    return VersionOut(
        id=row.id,
        shot_id=row.shot_id,
        kind=cast("Literal['roto', 'export']", row.kind),
        version=row.version,
        state=cast("JobState", row.state),
        shapes_version=facts.shapes_version,
        base_version=facts.base_version,
        source_job_id=facts.source_job_id,
        plate=VersionPlate(id=plate.id, view=plate.view, version=plate.version) if plate else None,
        objects=[VersionObject(id=ident, name=name) for ident, name in facts.objects],
        files=[VersionFiles(**asdict(one)) for one in facts.files],
        published=facts.published,
        confidence=VersionConfidence(**asdict(confidence)) if confidence else None,
        notes=facts.notes,
        open_notes=facts.open_notes,
        review=review,
        engine=row.engine,
        model=row.model,
        error=row.error,
        created_by=row.creator.name if row.creator else row.created_by,
        created_by_id=row.created_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
