"""Who is in a project, and who works on which shot.

Functions over a `Transport`; each raises what its `json` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Sequence

from .answers import items, read
from .models import Shot
from .transport import Transport

ROLES = ("supervisor", "artist", "viewer")


@dataclass(frozen=True)
class Person:
    """Somebody in a project (``role``: in it), or at work on a shot (``role`` is empty).

    ``email``: empty but for those who manage the project.
    """

    id: str
    name: str
    role: str = ""
    email: str = ""

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Person:
        """The model of an answer."""
        return cls(body["user_id"], body["name"], body.get("role") or "", body.get("email") or "")


def members(transport: Transport, project_id: str) -> Iterator[Person]:
    """The project's members, who joined last first."""
    return items(Person, transport, f"/projects/{project_id}/members", {})


def add_member(transport: Transport, project_id: str, email: str, role: str) -> Person:
    """Let somebody with an account in. NotFoundError: nobody has it; ConflictError: they are in."""
    body = {"email": email, "role": role}
    return read(Person, transport.json("POST", f"/projects/{project_id}/members", body=body))


def change_member(transport: Transport, project_id: str, user_id: str, role: str) -> Person:
    """Give a member another role; who becomes a viewer is taken off their shots."""
    path = f"/projects/{project_id}/members/{user_id}"
    return read(Person, transport.json("PUT", path, body={"role": role}, idempotent=True))


def remove_member(transport: Transport, project_id: str, user_id: str) -> None:
    """Take a member out of the project, and off their shots."""
    transport.send("DELETE", f"/projects/{project_id}/members/{user_id}").close()


def assignees(transport: Transport, shot_id: str) -> Iterator[Person]:
    """Who works on the shot, the last one first."""
    return items(Person, transport, f"/shots/{shot_id}/assignees", {})


def assign(
    transport: Transport,
    project_id: str,
    shot_ids: Sequence[str],
    user_ids: Sequence[str],
    mode: str = "add",
) -> int:
    """Say who works on shots of a project, all or nothing; how many shots that changed.

    ``mode``: ``add`` or ``remove`` these people, or ``set``: these and nobody else.
    """
    body = {"shot_ids": list(shot_ids), "user_ids": list(user_ids), "mode": mode}
    answer = transport.json("POST", f"/projects/{project_id}/assignments", body=body)
    return int(answer["shots_changed"])


def my_shots(transport: Transport, **filters: Any) -> Iterator[Shot]:
    """The shots you made or work on, newest first. ``filters``: project_id, state, review."""
    return items(Shot, transport, "/users/me/shots", filters)
