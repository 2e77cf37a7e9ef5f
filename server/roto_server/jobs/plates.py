"""Plates of a shot, version by version; the shot repeats what its current one says.

The current one is the newest *good* version of the main view: a version that is being probed, or
that cannot be read, takes no good one's place. A job's ``plate`` is None only for rows of before
there were versions; for those the shot itself is the plate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ..db.media import MAIN_VIEW, Plate
from ..db.models import Job, JsonObject, Shot, new_id
from ..errors import NotFoundError
from ..events import emit
from .changes import emit_shot
from .plate_changes import differences, frame_offset, not_read_again

_FACTS = (
    "plate",
    "colorspace",
    "width",
    "height",
    "pixel_aspect",
    "fps_num",
    "fps_den",
    "first_frame",
    "last_frame",
    "plate_metadata",
)
"""What a plate and its shot both say."""


def add_first(session: Session, shot: Shot, source: str | None) -> Plate:
    """Version 1 of the main view of a new shot, of what the shot says. ``source``: as `Plate`."""
    plate = Plate(
        id=new_id(),
        shot_id=shot.id,
        view=MAIN_VIEW,
        version=1,
        source=source,
        created_by=shot.created_by,
        **_facts_of(shot),
    )
    session.add(plate)
    shot.plate_id = plate.id
    session.flush()
    return plate


def add_version(
    session: Session,
    shot: Shot,
    view: str,
    facts: Mapping[str, Any],
    created_by: str,
    *,
    source: str | None = None,
    ident: str | None = None,
) -> Plate:
    """The next version of a view, to be probed. ``facts``: columns of `Plate` that are known.

    Whoever calls holds the shot (`changes.lock_shot`).
    """
    latest = select(func.max(Plate.version)).where(Plate.shot_id == shot.id, Plate.view == view)
    plate = Plate(
        id=ident or new_id(),
        shot_id=shot.id,
        view=view,
        version=(session.scalar(latest) or 0) + 1,
        source=source,
        created_by=created_by,
        **facts,
    )
    session.add(plate)
    _settle(session, shot)
    emit_plate(session, shot, plate)
    return plate


def current(session: Session, shot: Shot, view: str = MAIN_VIEW) -> Plate | None:
    """The plate jobs of this view work on: the newest good one, while there is none the newest.

    None: the shot has no such view.
    """
    if view == MAIN_VIEW and shot.state == "ready" and shot.plate_id:
        return session.get(Plate, shot.plate_id)
    return _best(session, shot, view)


def for_jobs(session: Session, shot: Shot, view: str | None) -> Plate | None:
    """As `current`; None only for the main view of a shot of before there were versions.

    Raises:
        NotFoundError: the shot has no such view.
    """
    view = view or MAIN_VIEW
    plate = current(session, shot, view)
    if plate is None and view != MAIN_VIEW:
        raise NotFoundError("view", view)
    return plate


def named(session: Session, shot: Shot, view: str, version: int | None) -> Plate | None:
    """The version of a view that somebody names; None says the one that jobs work on: `for_jobs`.

    Raises:
        NotFoundError: the shot has no such view, or the view no such version.
    """
    if version is None:
        return for_jobs(session, shot, view)
    query = select(Plate).where(
        Plate.shot_id == shot.id, Plate.view == view, Plate.version == version
    )
    found = session.scalars(query).first()
    if found is None:
        raise NotFoundError("version of the plate", f"{view} {version}")
    return found


def newest(session: Session, shot: Shot, view: str) -> Plate | None:
    """The newest version of the view, good or still being probed; None when there is none."""
    sound = select(Plate).where(
        Plate.shot_id == shot.id, Plate.view == view, Plate.state != "invalid"
    )
    return session.scalars(sound.order_by(Plate.version.desc()).limit(1)).first()


def offset_between(session: Session, before: Plate, now: Plate) -> int:
    """What was said of the versions of one view: frame N of ``before`` is N + this of ``now``.

    Those in between that cannot be read are left out: what came after was said of the one before
    them. The newer of the two counts whatever it is.
    """
    older, newer = sorted((before, now), key=lambda plate: plate.version)
    between = select(Plate).where(
        Plate.shot_id == now.shot_id,
        Plate.view == now.view,
        Plate.version > older.version,
        Plate.version <= newer.version,
        or_(Plate.state != "invalid", Plate.id == newer.id),
    )
    offset = sum(frame_offset(plate) for plate in session.scalars(between))
    return offset if newer is now else -offset


def frames_of(row: Plate | Shot) -> tuple[int, int] | None:
    """First and last frame; None until somebody has said or read them."""
    if row.first_frame is None or row.last_frame is None:
        return None
    return row.first_frame, row.last_frame


def view_of(job: Job) -> str:
    """The view of the plate a job works on."""
    return job.plate.view if job.plate is not None else MAIN_VIEW


def record(session: Session, job: Job, found: JsonObject) -> None:
    """An ingest job has read its plate: ``found`` is the ``plate`` of the contract's result."""
    row: Plate | Shot = job.plate or job.shot
    row.width, row.height = found["width"], found["height"]
    row.pixel_aspect = found["pixel_aspect"]
    row.fps_num, row.fps_den = found["fps"]
    row.first_frame, row.last_frame = found["frame_range"]
    row.colorspace = row.colorspace or found.get("colorspace")
    row.plate_metadata = found.get("metadata", {})
    row.state, row.error = "ready", None
    if "handles" in found:
        job.shot.handle_head, job.shot.handle_tail = found["handles"]
    if isinstance(row, Plate):
        before = _before(session, job.shot, row)
        row.warnings = differences(before, row) if before else []
        _settle(session, job.shot)
        emit_plate(session, job.shot, row)
    emit_shot(session, job.shot)


def probing(session: Session, job: Job) -> None:
    """An ingest job is run again; a plate that was read before stays good meanwhile."""
    if (job.plate or job.shot).state != "ready":
        _set_state(session, job, "probing", None)


def invalid(session: Session, job: Job, error: JsonObject | None) -> None:
    """An ingest job has ended without having read its plate.

    One that was read before stays good, with a warning until it is read again, when that was not
    its files' fault: somebody cancelled, a machine failed.
    """
    spoiled = error is not None and error["code"] == "bad_plate"
    if spoiled or (job.plate or job.shot).state != "ready":
        _set_state(session, job, "invalid", error)
    elif job.plate is not None:
        others = [one for one in job.plate.warnings or () if one["code"] != "not_read_again"]
        job.plate.warnings = [*others, not_read_again(error)]
        emit_plate(session, job.shot, job.plate)


def _set_state(session: Session, job: Job, state: str, error: JsonObject | None) -> None:
    if job.plate is not None:
        job.plate.state, job.plate.error = state, error
        _settle(session, job.shot)
        emit_plate(session, job.shot, job.plate)
    else:
        job.shot.state, job.shot.error = state, error
    emit_shot(session, job.shot)


def emit_plate(session: Session, shot: Shot, plate: Plate) -> None:
    """A ``shot.plate`` event: a version was added, is read, or cannot be."""
    emit(
        session,
        "shot.plate",
        shot.project_id,
        {
            "shot_id": shot.id,
            "plate_id": plate.id,
            "view": plate.view,
            "version": plate.version,
            "state": plate.state,
            "warnings": plate.warnings or [],
            "error": plate.error,
        },
    )


def _before(session: Session, shot: Shot, plate: Plate) -> Plate | None:
    """The good version before; of a view's first one, what the main view shows."""
    earlier = (
        select(Plate)
        .where(
            Plate.shot_id == shot.id,
            Plate.view == plate.view,
            Plate.version < plate.version,
            Plate.state == "ready",
        )
        .order_by(Plate.version.desc())
    )
    found = session.scalars(earlier.limit(1)).first()
    if found is not None or plate.view == MAIN_VIEW:
        return found
    main = current(session, shot)
    return main if main is not None and main.state == "ready" else None


def _settle(session: Session, shot: Shot) -> None:
    """Let the shot repeat the best plate of its main view: the newest good one, else the newest."""
    session.flush()
    plate = _best(session, shot, MAIN_VIEW)
    if plate is None:
        return
    shot.plate_id = plate.id
    for name, value in _facts_of(plate).items():
        setattr(shot, name, value)
    shot.state, shot.error = plate.state, plate.error


def _best(session: Session, shot: Shot, view: str) -> Plate | None:
    of_view = select(Plate).where(Plate.shot_id == shot.id, Plate.view == view)
    best = of_view.order_by((Plate.state == "ready").desc(), Plate.version.desc())
    return session.scalars(best.limit(1)).first()


def _facts_of(row: Shot | Plate) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _FACTS}
