"""Projects with something of everything in them, on a real server, to see what becomes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
from helpers_people import House, Person
from sqlalchemy import func, select

from roto_server.db.media import Note, Plate, Publication, Review
from roto_server.db.models import (
    Attempt,
    Base,
    Event,
    Export,
    Job,
    Mask,
    Preview,
    Prompt,
    RotoObject,
    Shapes,
    Shot,
    Task,
    Worker,
    new_id,
)
from roto_server.db.people import Assignment, AuditEntry
from roto_server.db.types import utc_now

T = TypeVar("T")
DRAWN = {"frame": 1001, "points": [{"x": 5.5, "y": 5.5, "positive": True}]}


@dataclass
class Studio:
    """A project with a supervisor and an artist, and their clients."""

    house: House
    lead: Person
    artist: Person
    project: str
    client: httpx.Client
    theirs: httpx.Client
    _workers: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, house: House, **columns: Any) -> Studio:
        """With a project of its own."""
        lead, artist = house.person("supervisor"), house.person("artist")
        project = house.project((lead, "supervisor"), (artist, "artist"), **columns)
        return cls(house, lead, artist, project, house.client(lead.key), house.client(artist.key))

    def close(self) -> None:
        self.client.close()
        self.theirs.close()

    @property
    def storage(self) -> Path:
        return self.house.folder / "storage"

    def folder(self, shot: str, project: str = "") -> Path:
        """Where the shot's files are."""
        return self.storage / "projects" / (project or self.project) / shot

    def shot(self, *assigned: Person) -> str:
        return self.house.shot(self.project, self.lead, *assigned)

    def version(
        self, shot: str, *, number: int = 1, item: str | None = None, kind: str = "roto",
        state: str = "succeeded", **columns: Any,
    ) -> str:  # fmt: skip
        """A job of one task that has published masks, shapes and an export; its id.

        Of one that has not ended the task is ready, so that it can be claimed and cancelled.
        """
        house, job_id, attempt_id = self.house, new_id(), new_id()
        ended = state in ("succeeded", "failed", "cancelled")
        key = f"projects/{self.project}/{shot}"
        item = item or self.object(shot)
        params = {"objects": [{"id": item, "name": "hero", "prompts": [DRAWN]}]}
        columns.setdefault("params", params)
        if ended:
            for name in (f"masks/v{number:03d}/hero/1001.png", f"shapes/v{number:03d}/shapes.json",
                         f"exports/v{number:03d}/a.exr", f"logs/{attempt_id}.log"):  # fmt: skip
                path = self.storage / key / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(name.encode())
        with house.database.session() as session:
            if session.get(Worker, "lifecycle:0") is None:
                session.add(
                    Worker(id="lifecycle:0", node="lifecycle", slot=0, boot_id=new_id(),
                           version="0.2.0", queues=[], kinds=[], engines=[], device="cpu")
                )  # fmt: skip
            session.add(
                Job(id=job_id, shot_id=shot, plate_id=shot, kind=kind, state=state, version=number,
                    created_by=self.lead.id, **columns)
            )  # fmt: skip
            session.flush()
            session.add(
                Prompt(job_id=job_id, object_id=item, frame=1001, data=DRAWN,
                       created_by=self.lead.id)
            )  # fmt: skip
            tasks = {"track": "masks", "vectorize": "shapes", "export": "exports"}
            first = ""
            for position, (stage, folder) in enumerate(tasks.items()):
                task_id = new_id()
                first = first or task_id
                waits = "ready" if position == 0 else "waiting"
                session.add(
                    Task(id=task_id, job_id=job_id, kind=stage, position=position, queue="cpu",
                         state=state if ended else waits, params={},
                         depends_on=[] if position == 0 else [first],
                         published_dir=f"{key}/{folder}/v{number:03d}" if ended else None)
                )  # fmt: skip
            session.flush()
            if not ended:
                return job_id
            now = utc_now()
            session.add(
                Attempt(id=attempt_id, task_id=first, worker_id="lifecycle:0", boot_id=new_id(),
                        number=1, state="succeeded", output_dir=f"{key}/attempts/{attempt_id}",
                        heartbeat_at=now, progress_at=now)
            )  # fmt: skip
            session.flush()
            session.add_all(
                [
                    Mask(shot_id=shot, object_id=item, job_id=job_id, attempt_id=attempt_id,
                         frame=1001, path=f"{key}/masks/v{number:03d}/hero/1001.png"),
                    Shapes(shot_id=shot, job_id=job_id, version=number, size=1,
                           path=f"{key}/shapes/v{number:03d}/shapes.json",
                           created_by=self.lead.id),
                    Export(shot_id=shot, job_id=job_id, role="matte", object_id=item, frame=1001,
                           name="a.exr", path=f"{key}/exports/v{number:03d}/a.exr", size=1),
                ]
            )  # fmt: skip
        return job_id

    def furnish(self, shot: str, job: str) -> None:
        """One of everything else that can hang on a shot and a version of it."""
        studio = self.house.folder / "published" / new_id()
        studio.parent.mkdir(exist_ok=True)
        studio.write_bytes(b"published")
        with self.house.database.session() as session:
            item = session.scalars(select(Mask.object_id).where(Mask.job_id == job)).one()
            note = Note(id=new_id(), shot_id=shot, job_id=job, object_id=item, text="softer",
                        created_by=self.lead.id)  # fmt: skip
            session.add(note)
            session.flush()
            now = utc_now()
            session.add_all(
                [
                    Note(shot_id=shot, reply_to=note.id, text="done", created_by=self.artist.id),
                    Review(shot_id=shot, job_id=job, before="pending_review", after="retake",
                           reason="softer", created_by=self.lead.id),
                    Publication(shot_id=shot, job_id=job, path=str(studio), size=9,
                                created_by=self.lead.id),
                    Preview(shot_id=shot, state="done", frame=1001, request={}, rung_at=now,
                            expires_at=now, created_by=self.artist.id, created_at=now),
                ]
            )  # fmt: skip

    def object(self, shot: str, name: str = "") -> str:
        """The id of a new object."""
        ident = new_id()
        with self.house.database.session() as session:
            session.add(RotoObject(id=ident, shot_id=shot, name=name or f"o {ident}",
                                   created_by=self.lead.id))  # fmt: skip
        return ident

    def upload_plate(self, shot: str) -> Path:
        """Have the shot's plate be one that was uploaded; its first frame."""
        key = f"projects/{self.project}/{shot}/source/v001"
        folder = self.storage / key
        folder.mkdir(parents=True)
        (folder / "plate.1001.png").write_bytes(b"uploaded")
        path = {"kind": "sequence", "path": f"{folder}/plate.%04d.png", "first_frame": None}
        with self.house.database.session() as session:
            session.get_one(Shot, shot).plate = path
            plate = session.get_one(Plate, shot)
            plate.plate, plate.source = path, key
        return folder / "plate.1001.png"

    def audited(self, action: str, ident: str) -> list[AuditEntry]:
        query = select(AuditEntry).where(AuditEntry.action == action, AuditEntry.target_id == ident)
        with self.house.database.reading() as session:
            return list(session.scalars(query.order_by(AuditEntry.seq)))

    def events(self, kind: str) -> list[dict[str, Any]]:
        query = select(Event.payload).where(Event.project_id == self.project, Event.kind == kind)
        with self.house.database.reading() as session:
            return list(session.scalars(query.order_by(Event.seq)))

    def trash(self, **params: Any) -> list[dict[str, Any]]:
        """What the supervisor sees in it."""
        answer = self.client.get("/trash", params={"project_id": self.project, **params})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


def done(answer: httpx.Response, status: int = 200) -> Any:
    """The answer's JSON, which says that it was done."""
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def soon(what: Callable[[], T], seconds: float = 60) -> T:
    """The first answer of ``what`` that is true."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.05)
    return found


def rows(studio: Studio, table: Any, condition: Any) -> int:
    with studio.house.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(condition)) or 0


def hanging_on(studio: Studio, shot: str) -> dict[str, int]:
    """How many rows of each table hang on the shot."""
    jobs = select(Job.id).where(Job.shot_id == shot)
    tasks = select(Task.id).where(Task.job_id.in_(jobs))
    counts = {
        table.__tablename__: rows(studio, table, table.shot_id == shot)
        for table in (Assignment, Export, Job, Mask, Note, Plate, Preview, Publication, Review,
                      RotoObject, Shapes)
    }  # fmt: skip
    counts["prompts"] = rows(studio, Prompt, Prompt.job_id.in_(jobs))
    counts["tasks"] = rows(studio, Task, Task.job_id.in_(jobs))
    counts["attempts"] = rows(studio, Attempt, Attempt.task_id.in_(tasks))
    return counts


def is_gone(studio: Studio, table: type[Base], ident: str) -> bool:
    with studio.house.database.reading() as session:
        return session.get(table, ident) is None
