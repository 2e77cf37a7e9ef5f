"""What can be deleted, by the names the API and the audit log use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy.orm import Session

from .. import holding
from ..db.models import Job, Project, RotoObject, Shot

Kind = Literal["project", "shot", "object", "version"]
Thing = Project | Shot | RotoObject | Job

MODELS: Mapping[Kind, type[Thing]] = {
    "project": Project,
    "shot": Shot,
    "object": RotoObject,
    "version": Job,
}
"""What holds others before what it holds."""

VERSION_KINDS = ("roto", "export")
"""Jobs that make a version of a shot's results. Others go with their shot."""


def locked(session: Session, kind: Kind, ident: str) -> Thing | None:
    """The thing, held until the transaction ends; None when it is gone."""
    model: Any = MODELS[kind]
    thing: Thing | None = session.get(model, ident, with_for_update={"key_share": True})
    return thing


def hold(session: Session, thing: Thing) -> None:
    """Hold its row, as it is now, until the transaction ends; see `holding.hold`."""
    holding.hold(session, thing, kind_of(thing))


def kind_of(thing: Thing) -> Kind:
    """The thing's kind."""
    return next(kind for kind, model in MODELS.items() if isinstance(thing, model))


def name_of(thing: Thing) -> str:
    """What people call it."""
    return version_name(thing.version) if isinstance(thing, Job) else thing.name


def version_name(version: int) -> str:
    """What people call a version."""
    return f"v{version:03d}"


def shot_of(session: Session, thing: Thing) -> Shot | None:
    """The shot it is, or belongs to; None for a project."""
    if isinstance(thing, Project):
        return None
    return thing if isinstance(thing, Shot) else session.get_one(Shot, thing.shot_id)


def project_id_of(session: Session, thing: Thing) -> str:
    """The id of the project it is, or belongs to."""
    shot = shot_of(session, thing)
    return thing.id if shot is None else shot.project_id
