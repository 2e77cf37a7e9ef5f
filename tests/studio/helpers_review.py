"""A show with people in every role, and versions that jobs would have made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from helpers_people import House, Person

from roto_server.db.models import Job, Prompt, RotoObject, Shapes, new_id
from roto_server.db.types import utc_now


@dataclass
class Show:
    """A project, a shot of the artist's in it, and who works there."""

    house: House
    project_id: str
    shot_id: str
    supervisor: Person
    artist: Person
    other: Person
    viewer: Person

    def as_(self, person: Person) -> httpx.Client:
        """A client of the API as ``person``."""
        return self.house.client(person.key)

    def move(self, person: Person, before: str, after: str, **more: Any) -> httpx.Response:
        """Move the shot from one review state to another."""
        body = {"before": before, "after": after, **more}
        with self.as_(person) as client:
            return client.post(f"/shots/{self.shot_id}/reviews", json=body)

    def note(self, person: Person, text: str = "look here", **pins: Any) -> httpx.Response:
        """Say something about the shot."""
        with self.as_(person) as client:
            return client.post(f"/shots/{self.shot_id}/notes", json={"text": text, **pins})

    def version(self, number: int, kind: str = "roto", **columns: Any) -> str:
        """The id of a finished job of the shot's, as its rows are left by the farm."""
        ident = new_id()
        facts = {"params": {"objects": []}, "state": "succeeded", "finished_at": utc_now(),
                 "plate_id": self.shot_id, "created_by": self.artist.id, **columns}  # fmt: skip
        with self.house.database.session() as session:
            session.add(Job(id=ident, shot_id=self.shot_id, kind=kind, version=number, **facts))
        return ident

    def object(self, name: str, *jobs: str, **columns: Any) -> str:
        """The id of an object of the shot's that ``jobs`` were prompted for."""
        ident = new_id()
        with self.house.database.session() as session:
            session.add(RotoObject(id=ident, shot_id=self.shot_id, name=name,
                                   created_by=self.artist.id, **columns))  # fmt: skip
            session.flush()
            session.add_all(
                Prompt(job_id=job, object_id=ident, frame=frame, data={"frame": frame},
                       created_by=self.artist.id)
                for job in jobs for frame in (1001, 1005)
            )  # fmt: skip
        return ident

    def shapes(self, job_id: str, version: int) -> None:
        """The shapes document that ``job_id`` made."""
        with self.house.database.session() as session:
            session.add(Shapes(shot_id=self.shot_id, job_id=job_id, version=version, path="x",
                               size=1, created_by=self.artist.id))  # fmt: skip


def show(house: House, **columns: Any) -> Show:
    """A new one; ``columns`` are the project's."""
    roles = ("supervisor", "artist", "artist", "viewer")
    people = [house.person(role if role != "supervisor" else "artist") for role in roles]
    project = house.project(*zip(people, roles, strict=True), **columns)
    shot = house.shot(project, people[0], people[1])
    return Show(house, project, shot, *people)
