"""What becomes of projects, shots, objects and versions: changed, moved, deleted, restored."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Iterator, Mapping, Sequence

from .answers import items, read
from .models import Json, Project, Shot, time_of
from .transport import Transport

DELETED = {
    "project": "/projects/{}",
    "shot": "/shots/{}",
    "object": "/objects/{}",
    "version": "/jobs/{}",
}
"""What can be deleted, and its address. A version's id is that of the job that made it."""


@dataclass(frozen=True)
class Trashed:
    """Something in the trash. ``purge_at``: when it is purged by itself, None for an object that
    versions show; ``cancelled_jobs``: told by `delete` alone."""

    kind: str
    id: str
    name: str
    project_name: str
    shot_name: str | None
    trashed_at: datetime | None
    trashed_by: str
    purge_at: datetime | None
    cancelled_jobs: tuple[str, ...] = ()
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, body: Json) -> Trashed:
        """The model of an answer."""
        return cls(
            kind=body["kind"],
            id=body["id"],
            name=body["name"],
            project_name=body["project_name"],
            shot_name=body.get("shot_name"),
            trashed_at=time_of(body.get("trashed_at")),
            trashed_by=body["trashed_by"],
            purge_at=time_of(body.get("purge_at")),
            cancelled_jobs=tuple(body.get("cancelled_jobs") or ()),
            raw=body,
        )


def change_project(transport: Transport, project_id: str, changes: Mapping[str, Any]) -> Project:
    """Change a project: the body of ``PATCH /projects/{id}``, of which what is left out stays."""
    answer = transport.json("PATCH", f"/projects/{project_id}", body=changes, idempotent=True)
    return read(Project, answer)


def change_shot(transport: Transport, shot_id: str, changes: Mapping[str, Any]) -> Shot:
    """Change a shot: the body of ``PATCH /shots/{id}``."""
    answer = transport.json("PATCH", f"/shots/{shot_id}", body=changes, idempotent=True)
    return read(Shot, answer)


def move_shot(transport: Transport, shot_id: str, project_id: str) -> Shot:
    """Give a shot to another project. ConflictError while jobs run, or the name is taken there."""
    body = {"project_id": project_id}
    return read(Shot, transport.json("POST", f"/shots/{shot_id}/move", body=body))


def change_object(
    transport: Transport, object_id: str, changes: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Change an object: the body of ``PATCH /objects/{id}``. ConflictError: the name is taken."""
    answer: Mapping[str, Any] = transport.json(
        "PATCH", f"/objects/{object_id}", body=changes, idempotent=True
    )
    return answer


def order_objects(transport: Transport, shot_id: str, object_ids: Sequence[str]) -> None:
    """Put a shot's objects in an order, which names each of them once."""
    body = {"object_ids": list(object_ids)}
    transport.send("PUT", f"/shots/{shot_id}/objects/order", json=body, idempotent=True).close()


def delete(transport: Transport, kind: str, ident: str) -> Trashed:
    """Put something into the trash; its jobs are cancelled."""
    return read(Trashed, transport.json("DELETE", DELETED[kind].format(ident)))


def trash(
    transport: Transport, *, kind: str | None = None, project_id: str | None = None
) -> Iterator[Trashed]:
    """What may be restored, last deleted first."""
    return items(Trashed, transport, "/trash", {"kind": kind, "project_id": project_id})


def restore(transport: Transport, kind: str, ident: str) -> None:
    """Have something back. ConflictError when its name was given to another meanwhile."""
    transport.send("POST", f"/trash/{kind}/{ident}/restore").close()


def purge(transport: Transport, kind: str, ident: str) -> Trashed:
    """Remove something in the trash for good."""
    return read(Trashed, transport.json("DELETE", f"/trash/{kind}/{ident}"))
