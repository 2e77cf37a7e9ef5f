"""A new shot: its row, its plate's, and the ingest job that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..db.models import JsonObject, Project, Shot, new_id
from ..db.session import savepoint
from ..errors import ConflictError
from . import plates
from .create import create_ingest_job


@dataclass(frozen=True)
class NewView:
    """A further view's first plate, its fields as of `NewShot`."""

    plate: JsonObject
    frames: tuple[int, int] | None = None
    source: str | None = None


@dataclass(frozen=True)
class NewShot:
    """A shot to be made, its plate checked.

    ``plate``: as `db.media.Plate` keeps it; ``frames``: those to use, as far as they are known;
    ``handles``: frames at the head and tail that are not in the cut; ``cut``: as `Shot.cut`;
    ``source``: key of an uploaded plate's folder, None for one that is read where it lies;
    ``placing``: of the contract, for a plate whose own timecode says which frames the shot is;
    ``views``: plates of further views by their names, of the same colour space and rate.
    """

    name: str
    plate: JsonObject
    frames: tuple[int, int] | None = None
    colorspace: str | None = None
    fps: tuple[int, int] | None = None
    handles: tuple[int, int] = (0, 0)
    cut: JsonObject | None = None
    source: str | None = None
    placing: JsonObject | None = None
    views: Mapping[str, NewView] = field(default_factory=dict)
    id: str = field(default_factory=new_id)


def add_shot(
    session: Session,
    project: Project,
    new: NewShot,
    created_by: str,
    *,
    request_id: str | None = None,
    max_attempts: int = 3,
) -> Shot:
    """The shot, ``probing``, with version 1 of each plate and the jobs that read them.

    Whoever calls has asked for the right (`Permission.ADD_SHOT`), and records it. Raises
    `ConflictError` when the project has a shot of that name; the session goes on.
    """
    shot = Shot(
        id=new.id,
        project_id=project.id,
        name=new.name,
        handle_head=new.handles[0],
        handle_tail=new.handles[1],
        cut=new.cut,
        created_by=created_by,
        **_facts(new, new),
    )
    try:
        with savepoint(session):
            session.add(shot)
    except IntegrityError as error:
        raise name_taken(new.name) from error
    rows = {plates.add_first(session, shot, new.source): new.placing}
    for view, one in new.views.items():
        facts = _facts(new, one)
        rows[plates.add_version(session, shot, view, facts, created_by, source=one.source)] = None
    for plate, placing in rows.items():
        create_ingest_job(
            session,
            shot,
            created_by,
            plate=plate,
            placing=placing,
            request_id=request_id,
            max_attempts=max_attempts,
        )
    return shot


def _facts(new: NewShot, of: NewShot | NewView) -> JsonObject:
    """What is known of a plate before it is read."""
    first, last = of.frames or (None, None)
    fps_num, fps_den = new.fps or (None, None)
    return {
        "plate": of.plate,
        "first_frame": first,
        "last_frame": last,
        "colorspace": new.colorspace,
        "fps_num": fps_num,
        "fps_den": fps_den,
    }


def name_taken(name: str) -> ConflictError:
    """The refusal of a second shot of one name."""
    return ConflictError(f"The project has a shot called {name!r} already.")
