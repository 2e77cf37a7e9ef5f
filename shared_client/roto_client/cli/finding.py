"""What people mean when they name a project or a shot: its id, or what it is called."""

from __future__ import annotations

import re
from typing import Annotated, Any, Mapping, TypeVar

import typer

from roto_shapes.errors import RotoError

from ..api import Job, Project, RotoClient, Shot
from ..api.client import first
from ..api.errors import NotFoundError
from ..api.submit import project_named

ShotName = Annotated[str, typer.Argument(metavar="SHOT", help="A shot's id, or PROJECT/SHOT.")]
ProjectName = Annotated[str, typer.Argument(metavar="PROJECT", help="A project's id or name.")]

T = TypeVar("T")
_ID = re.compile(r"[0-9a-f]{32}")


def find_project(client: RotoClient, told: str) -> Project:
    """The project of that id or name; raises ``not_found``, ``conflict`` where several have it."""
    if _ID.fullmatch(told):
        return client.project(told)
    return _one(project_named(client, told), f"project called {told!r}")


def find_shot(client: RotoClient, told: str, within: str = "") -> Shot:
    """The shot of that id, or ``PROJECT/SHOT``, or of that name in the project ``within``.

    Raises RotoError ``not_found``, ``bad_request``.
    """
    if _ID.fullmatch(told):
        return client.shot(told)
    project, _, name = told.rpartition("/")
    project = project or within
    if not project:
        raise RotoError(
            f"{told!r} names no shot.",
            hint="Give its id, or PROJECT/SHOT: heist/heist_010.",
            code="bad_request",
        )
    found = client.shots(find_project(client, project).id, name)
    return _one(first(found), f"shot called {name!r} in {project!r}")


def find_object(client: RotoClient, shot: Shot, told: str) -> Mapping[str, Any]:
    """The object of the shot of that id or name, as the server tells it; raises ``not_found``."""
    found = (one for one in client.objects(shot.id) if told in (one["id"], one["name"]))
    return _one(first(found), f"object called {told!r} in the shot {shot.name!r}")


class ShotNames:
    """What the shots of jobs are called, each asked for once."""

    def __init__(self, client: RotoClient) -> None:
        self._client = client
        self._projects: dict[str, str] = {}
        self._shots: dict[str, str] = {}

    def of(self, job: Job) -> str:
        """``PROJECT/SHOT vNNN``; the shot's id where it is in the trash."""
        name = self._shots.get(job.shot_id)
        if name is None:
            name = self._shots[job.shot_id] = self._ask(job)
        return f"{name} v{job.version:03d}"

    def _ask(self, job: Job) -> str:
        try:
            shot = self._client.shot(job.shot_id)
            if shot.project_id not in self._projects:
                self._projects[shot.project_id] = self._client.project(shot.project_id).name
        except NotFoundError:
            return job.shot_id
        return f"{self._projects[shot.project_id]}/{shot.name}"


def _one(found: T | None, what: str) -> T:
    if found is None:
        raise RotoError(f"There is no {what}, or it is not yours to see.", code="not_found")
    return found
