"""The objects of a shot: what they are called, how they look, in which order they are shown."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from roto_shapes.naming import check_name

from ..access.roles import Permission
from ..db.models import RotoObject
from ..db.session import savepoint
from ..errors import BadRequestError, ConflictError
from ..events import emit
from ..jobs.colors import next_color
from . import present
from .deps import Reader, Writer, refusals
from .paging import Cursor, Limit, by_keys
from .schemas.changes import ObjectChange, ObjectOrder
from .schemas.common import Page
from .schemas.projects import ObjectIn, ObjectOut

router = APIRouter(tags=["shots"])


@router.get("/shots/{shot_id}/objects", responses=refusals(404))
def list_objects(
    shot_id: str, caller: Reader, limit: Limit = 100, cursor: Cursor = None
) -> Page[ObjectOut]:
    """The objects of a shot in their order; while nobody has ordered them, the oldest first."""
    shot = caller.shot(shot_id)
    keys = (RotoObject.position, RotoObject.created_at, RotoObject.id)
    rows, after = by_keys(caller.session, objects_of(shot.id), keys, limit, cursor)
    return Page(items=[present.roto_object(row) for row in rows], next=after)


@router.post("/shots/{shot_id}/objects", status_code=201, responses=refusals(404, 409))
def create_object(shot_id: str, body: ObjectIn, caller: Writer) -> ObjectOut:
    """A new object of a shot, the last one, in a colour of its own if none is given. 409 when the
    shot has one of that name."""
    shot = caller.shot(shot_id, Permission.EDIT_SHOT)
    check_name(body.name)
    row = RotoObject(
        shot_id=shot.id,
        name=body.name,
        label=body.label,
        position=next_position(caller.session, shot.id),
        created_by=caller.who.user_id,
    )
    others = caller.session.scalars(objects_of(shot.id))
    row.color = list(body.color) if body.color is not None else next_color(others)
    try:
        with savepoint(caller.session):
            caller.session.add(row)
    except IntegrityError as error:
        raise name_taken(body.name) from error
    caller.audit(
        "object.created",
        "object",
        row.id,
        project_id=shot.project_id,
        after={"name": row.name, "shot_id": shot.id},
    )
    return present.roto_object(row)


@router.patch("/objects/{object_id}", responses=refusals(404, 409))
def change_object(object_id: str, body: ObjectChange, caller: Writer) -> ObjectOut:
    """Name, label and colour. What has been made keeps the names it was made with; pictures and
    movies that are exported from now on have the colour."""
    row, shot = caller.roto_object(object_id, Permission.EDIT_SHOT)
    wanted = body.model_dump(exclude_none=True)
    if "name" in wanted:
        check_name(wanted["name"])
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    if not changed:
        return present.roto_object(row)
    before = {name: getattr(row, name) for name in changed}
    try:
        with savepoint(caller.session):
            for name in changed:
                setattr(row, name, wanted[name])
    except IntegrityError as error:
        raise name_taken(wanted["name"]) from error
    caller.audit(
        "object.updated", "object", row.id,
        project_id=shot.project_id, before=before, after={name: wanted[name] for name in changed},
    )  # fmt: skip
    payload = {"shot_id": shot.id, "object_id": row.id, "change": "updated"}
    emit(caller.session, "shot.objects", shot.project_id, payload)
    return present.roto_object(row)


@router.put("/shots/{shot_id}/objects/order", status_code=204, responses=refusals(404, 409))
def order_objects(shot_id: str, body: ObjectOrder, caller: Writer) -> None:
    """Put the shot's objects in the order given, which names each of them once."""
    shot = caller.shot(shot_id, Permission.EDIT_SHOT)
    rows = {row.id: row for row in caller.session.scalars(objects_of(shot.id))}
    if sorted(rows) != sorted(body.object_ids):
        raise BadRequestError(
            "The order must name each object of the shot once.",
            hint="Objects may have come or gone meanwhile: list them again.",
            detail={"object_ids": sorted(rows)},
        )
    for position, ident in enumerate(body.object_ids):
        rows[ident].position = position
    caller.audit(
        "shot.objects_ordered", "shot", shot.id,
        project_id=shot.project_id, after={"object_ids": body.object_ids},
    )  # fmt: skip
    payload = {"shot_id": shot.id, "object_id": None, "change": "ordered"}
    emit(caller.session, "shot.objects", shot.project_id, payload)


def objects_of(shot_id: str) -> Select[RotoObject]:
    """The objects of a shot that are not in the trash."""
    return select(RotoObject).where(
        RotoObject.shot_id == shot_id, RotoObject.trashed_at.is_(None)
    )  # fmt: skip


def next_position(session: Session, shot_id: str) -> int:
    """The place of a new object: after all others, those in the trash too."""
    last = select(func.max(RotoObject.position)).where(RotoObject.shot_id == shot_id)
    highest = session.scalar(last)
    return 0 if highest is None else highest + 1


def name_taken(name: str) -> ConflictError:
    """The refusal of a second object of one name."""
    return ConflictError(f"The shot has an object called {name!r} already.")
