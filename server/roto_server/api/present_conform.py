"""Conforms as the API tells them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, cast

from roto_shapes.timecode import Timecode

from ..conform.entries import Candidate, Entry
from ..conform.working import counts
from ..db.media import Conform
from ..db.models import Project
from ..places import told
from .conform_rows import entries_of
from .schemas.conform import (
    ConformEvent,
    ConformOut,
    ConformSummary,
    FolderOut,
    GoneOut,
    MediaOut,
    RemarkOut,
    TimesOut,
)


def summary(row: Conform) -> ConformSummary:
    """A conform in figures."""
    return ConformSummary(**_figures(row, row.report.get("counts", {})))


def conform(row: Conform, project: Project) -> ConformOut:
    """A conform with its events; paths as whoever asks names them."""
    entries = entries_of(row)
    rate = Fraction(row.fps_num, row.fps_den)
    movie = row.options.get("movie")
    drop = bool(row.options["drop_frame"])
    return ConformOut(
        **_figures(row, counts(entries)),
        title=row.options["title"],
        handles=row.options["handles"],
        template=row.options["template"],
        folders=[
            FolderOut(
                path=told(one["path"], project), plates=one["plates"], ended_by=one["ended_by"]
            )
            for one in row.report["folders"]
        ],
        movie_shot_id=movie and movie["shot_id"],
        movie_start=movie and str(Timecode.at(movie["start"], rate, drop=drop)),
        left_out=row.report["left_out"],
        gone=[GoneOut.model_validate(one) for one in row.report["gone"]],
        entries=[_event(index, entry, rate, project) for index, entry in enumerate(entries)],
    )


def _figures(row: Conform, counted: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "project_id": row.project_id,
        "name": row.name,
        "kind": row.kind,
        "state": row.state,
        "fps": (row.fps_num, row.fps_den),
        "events": sum(counted["states"].values()),
        **counted,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _event(index: int, entry: Entry, rate: Fraction, project: Project) -> ConformEvent:
    event = entry.event
    return ConformEvent(
        index=index,
        number=event.number,
        track=event.track,
        name=entry.name,
        state=cast("Any", entry.state),
        change=cast("Any", entry.change),
        shot_id=entry.shot_id,
        made=entry.made,
        clip=event.clip,
        reel=event.reel,
        file=told(event.file, project),
        source=_times(event.source_in, event.source_out, event.rate, drop=event.drop_frame),
        record=_times(event.record_in, event.record_out, rate, drop=event.drop_frame),
        speed=event.speed,
        transitions=(event.head, event.tail),
        by=entry.by,
        match=_media(entry.match, project) if entry.match else None,
        placed_by=entry.placed_by,
        frames=entry.frames,
        handles=entry.handles,
        candidates=[_media(candidate, project) for candidate in entry.candidates],
        remarks=[RemarkOut(**remark.told()) for remark in (*event.remarks, *entry.remarks)],
        error=entry.error,
    )


def _times(first: int, end: int, rate: Fraction, *, drop: bool) -> TimesOut:
    told_in, told_out = (str(Timecode.at(at, rate, drop=drop)) for at in (first, end))
    return TimesOut(in_=told_in, out=told_out, rate=(rate.numerator, rate.denominator))


def _media(candidate: Candidate, project: Project) -> MediaOut:
    kind = cast("Any", candidate.kind)
    return MediaOut(path=told(candidate.path, project), kind=kind, frames=candidate.frames)
