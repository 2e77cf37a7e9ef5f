"""What there is to know of a shot's versions (roto and export jobs), in a few questions for many.

An export has no objects and no tracking of its own: those are of the version it was made of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.orm import Session

from roto_shapes.attention import NEEDS_YOU

from ..db.media import Note, Publication, Review
from ..db.models import Export, Job, Mask, Prompt, RotoObject, Shapes

_Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Files:
    """Result files of one role and format; ``bytes`` of all of them."""

    role: str
    format: str | None
    files: int
    bytes: int


@dataclass(frozen=True)
class Confidence:
    """Of ``frames`` mattes; ``needs_you`` of them are more likely bad than good."""

    frames: int
    mean: float
    lowest: float
    needs_you: int


@dataclass(frozen=True)
class Facts:
    """What belongs to one version. ``objects``: id and name, in the shot's order."""

    shapes_version: int | None
    base_version: int | None
    source_job_id: str | None
    objects: Sequence[tuple[str, str]]
    files: Sequence[Files]
    published: int
    confidence: Confidence | None
    notes: int
    open_notes: int
    review: Review | None


def facts_of(session: Session, jobs: Sequence[Job]) -> dict[str, Facts]:
    """The facts of each of ``jobs`` by its id; as many questions for a hundred as for one."""
    ids = [job.id for job in jobs]
    told = {row.id: row for row in session.execute(_told(ids))}
    sources = {ident: told[ident].source or ident for ident in ids}
    tracked = sorted(set(sources.values()))
    objects = _grouped(session.execute(_objects(tracked)))
    confidence = {row.job_id: row for row in session.execute(_confidence(tracked))}
    files = _grouped(session.execute(_files(ids)))
    shapes: dict[str, int] = dict(session.execute(_shapes(ids)).all())
    published: dict[str, int] = dict(session.execute(_published(ids)).all())
    notes = {row.job_id: row for row in session.execute(_notes(ids))}
    reviews = _last_reviews(session, ids)
    return {
        ident: Facts(
            shapes_version=shapes.get(ident) or told[ident].shapes_version,
            base_version=told[ident].base_version,
            source_job_id=told[ident].source,
            objects=[(row.id, row.name) for row in objects[sources[ident]]],
            files=[Files(row.role, row.format, row.files, row.bytes) for row in files[ident]],
            published=published.get(ident, 0),
            confidence=_as_confidence(confidence.get(sources[ident])),
            notes=notes[ident].number if ident in notes else 0,
            open_notes=notes[ident].open if ident in notes else 0,
            review=reviews.get(ident),
        )
        for ident in ids
    }


def _told(ids: Sequence[str]) -> _Query:
    """What a job's parameters say, without loading them: drawn masks are megabytes."""
    return select(
        Job.id,
        Job.params["source_job_id"].as_string().label("source"),
        Job.params["shapes_version"].as_integer().label("shapes_version"),
        Job.params[("base", "version")].as_integer().label("base_version"),
    ).where(Job.id.in_(ids))


def _objects(ids: Sequence[str]) -> _Query:
    return (
        select(Prompt.job_id, RotoObject.id, RotoObject.name)
        .join(RotoObject, RotoObject.id == Prompt.object_id)
        .where(Prompt.job_id.in_(ids))
        .distinct()
        .order_by(RotoObject.position, RotoObject.created_at, RotoObject.id)
        .add_columns(RotoObject.position, RotoObject.created_at)
    )


def _confidence(ids: Sequence[str]) -> _Query:
    doubted = func.sum(case((Mask.confidence < NEEDS_YOU, 1), else_=0))
    return (
        select(
            Mask.job_id,
            func.count(Mask.confidence).label("frames"),
            func.avg(Mask.confidence).label("mean"),
            func.min(Mask.confidence).label("lowest"),
            doubted.label("needs_you"),
        )
        .where(Mask.job_id.in_(ids), Mask.confidence.is_not(None))
        .group_by(Mask.job_id)
    )


def _files(ids: Sequence[str]) -> _Query:
    return (
        select(
            Export.job_id,
            Export.role,
            Export.format,
            func.count().label("files"),
            func.sum(Export.size).label("bytes"),
        )
        .where(Export.job_id.in_(ids))
        .group_by(Export.job_id, Export.role, Export.format)
        .order_by(Export.role, Export.format)
    )


def _shapes(ids: Sequence[str]) -> _Query:
    return select(Shapes.job_id, Shapes.version).where(Shapes.job_id.in_(ids))


def _published(ids: Sequence[str]) -> _Query:
    mine = Publication.job_id.in_(ids)
    return select(Publication.job_id, func.count()).where(mine).group_by(Publication.job_id)


def _notes(ids: Sequence[str]) -> _Query:
    """Threads that begin at a version; answers carry no version of their own."""
    waiting = func.sum(case((Note.resolved_at.is_(None), 1), else_=0))
    return (
        select(Note.job_id, func.count().label("number"), waiting.label("open"))
        .where(Note.job_id.in_(ids))
        .group_by(Note.job_id)
    )


def _last_reviews(session: Session, ids: Sequence[str]) -> Mapping[str, Review]:
    rows = session.scalars(
        select(Review).where(Review.job_id.in_(ids)).order_by(Review.created_at, Review.id)
    )
    return {str(row.job_id): row for row in rows}


def _as_confidence(row: Row[Any] | None) -> Confidence | None:
    if row is None:
        return None
    return Confidence(row.frames, float(row.mean), float(row.lowest), int(row.needs_you))


def _grouped(rows: Iterable[Row[Any]]) -> Mapping[str, list[Row[Any]]]:
    groups: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[row.job_id].append(row)
    return groups
