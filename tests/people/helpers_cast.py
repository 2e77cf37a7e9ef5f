"""The cast of the table test: everybody who may ask, and something of everything to ask for."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import httpx
from helpers_people import House, Person
from helpers_signing_in import person_with_password, signed_in

from roto_client.contract import PRODUCT_VERSION
from roto_server.access.tokens import TASK_PREFIX, create_key, new_secret, token_digest
from roto_server.conform.entries import Entry
from roto_server.conform.events import ListEvent
from roto_server.db.farm import Node
from roto_server.db.media import Conform, Note
from roto_server.db.models import (
    Attempt,
    Export,
    Job,
    Preview,
    RotoObject,
    Shapes,
    Task,
    Upload,
    Worker,
    new_id,
)
from roto_server.db.people import Membership, User
from roto_server.db.types import utc_now


@dataclass
class Cast:
    """People, tokens, and the two projects by the names the table's rows use."""

    house: House
    people: dict[str, Person]
    tokens: dict[str, str]
    closed: dict[str, str]
    open: dict[str, str]
    worker: str
    drained: str
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def names(self, column: str) -> dict[str, str]:
        """What fills the ``{name}`` of a row for the one who asks in ``column``."""
        return {
            **(self.open if column.endswith("+") else self.closed),
            "viewer_email": self.people["view"].email,
            "session_name": self.people["asg-"].name,
            "assigned": self.people["asg-"].id,
            "new_name": f"n{uuid.uuid4().hex}",
            "new_email": f"{uuid.uuid4().hex}@nowhere.example",
            "plates": str(self.house.plates),
            "version": PRODUCT_VERSION,
            "worker": self.worker,
            "worker_id": self.worker,
            "worker_node": self.worker.partition(":")[0],
            "node_id": self.drained,
            "boot": BOOT,
            "frame": "1001",
            "index": "0",
            "number": "0",
            "key_id": new_id(),
            "token_id": new_id(),
            "session_id": new_id(),
            "user_code": "BCDF-GHJK",
            "provider": "nobody",
            "name": "no-such-name",
            "seq": "999999",
        }

    def passer(self, project_id: str) -> Person:
        """An artist of the project whom nobody will miss."""
        person = self.house.person("artist")
        with self.house.database.session() as session:
            session.add(Membership(project_id=project_id, user_id=person.id, role="artist"))
        return person

    def another(self, column: str) -> dict[str, str]:
        """A project as the one who asks in ``column`` finds them, for them alone."""
        return _project(self.house, self.people, artists_see_all=column.endswith("+"))

    def attempt(self, project: dict[str, str]) -> dict[str, str]:
        """A running attempt of its own, its key in the storage and its ``token``."""
        token = new_secret(TASK_PREFIX)
        job = _job(project["shot_id"], self.people["own-"], "running")
        job.version = 2 + int(job.id[:6], 16)  # what it publishes is its own
        attempt_id = new_id()
        key = f"projects/{project['project_id']}/{project['shot_id']}/attempts/{attempt_id}"
        with self.house.database.session() as session:
            session.add(job)
            session.flush()
            task = _task(job, "export", "running")
            session.add(task)
            session.flush()
            session.add(
                Attempt(
                    id=attempt_id, task_id=task.id, worker_id=self.worker, boot_id=BOOT, number=1,
                    state="running", output_dir=key, token_sha256=token_digest(token),
                    heartbeat_at=utc_now(), progress_at=utc_now(),
                )
            )  # fmt: skip
        (self.house.folder / "storage" / key).mkdir(parents=True)
        return {"attempt_id": attempt_id, "attempt_key": key, "token": token}


BOOT = uuid.uuid4().hex


@contextmanager
def running_cast(house: House) -> Iterator[Cast]:
    """The cast, and a client for everybody in it."""
    people = {
        "othr": house.person("supervisor"),
        "view": house.person("viewer"),
        "art-": house.person("artist"),
        "asg-": person_with_password(house),
        "own-": house.person("artist"),
        "supr": house.person("supervisor"),
        "lead": house.person("artist"),
        "adm": house.admin,
    }
    house.project((people["othr"], "supervisor"))
    worker = f"table-{uuid.uuid4().hex[:8]}:0"
    drained = f"drained-{uuid.uuid4().hex[:8]}"
    with house.database.session() as session:
        session.add(Node(name=drained))
        session.add(
            Worker(
                id=worker, node=worker[:-2], slot=0, boot_id=BOOT, version=PRODUCT_VERSION,
                queues=[], kinds=[], engines=[], device="cpu",
            )
        )  # fmt: skip
    closed = _project(house, people, artists_see_all=False)
    opened = _project(house, people, artists_see_all=True)
    tokens = {"farm": house.farm_token, **{name: one.key for name, one in people.items()}}
    tokens |= {f"{name}+": tokens[f"{name}-"] for name in ("art", "asg", "own")}
    for name, scopes in (("read", ["read"]), ("writ", ["read", "write"])):
        with house.database.session() as session:
            user = session.get_one(User, people["supr"].id)
            tokens[name] = create_key(session, user, name, scopes)[1]
    with ExitStack() as stack:
        cast = Cast(house, people, tokens, closed, opened, worker, drained)
        cast.clients = {name: stack.enter_context(house.client(tokens[name])) for name in tokens}
        cast.clients["anon"] = stack.enter_context(house.client())
        cast.clients["sess"] = stack.enter_context(signed_in(house, people["asg-"]))
        yield cast


def _project(house: House, people: dict[str, Person], *, artists_see_all: bool) -> dict[str, str]:
    """A project with one of everything, made by ``own-``; its ids by the API's names."""
    roles = {
        "view": "viewer", "art-": "artist", "asg-": "artist", "own-": "artist",
        "supr": "supervisor", "lead": "supervisor",
    }  # fmt: skip
    members = [(people[name], role) for name, role in roles.items()]
    project_id = house.project(*members, artists_see_all=artists_see_all)
    owner = people["own-"]
    shot_id = house.shot(project_id, owner, people["asg-"])
    folder = f"projects/{project_id}/{shot_id}"
    files = {
        f"{folder}/proxies/v001/proxies/1001.jpg": b"a picture",
        f"{folder}/proxies/v001/thumbnails/1001.jpg": b"a small picture",
        f"{folder}/exports/v001/a.txt": b"an output",
        f"{folder}/shapes/v001/shapes.json": b"{}",
    }
    for key, content in files.items():
        path = house.folder / "storage" / key
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    picture, _, output, shapes = files
    ingest, job = _job(shot_id, owner, "succeeded", "ingest"), _job(shot_id, owner, "succeeded")
    upload = Upload(project_id=project_id, files=[_EMPTY], created_by=owner.id)
    now = utc_now()
    preview = Preview(
        shot_id=shot_id, state="done", frame=1001, request={"objects": [{"name": "hero"}]},
        result={"engine": _FLOW, "width": 1, "height": 1, "objects": [_ANSWER]},
        rung_at=now, expires_at=now, created_by=owner.id, created_at=now,
    )  # fmt: skip
    export = Export(
        shot_id=shot_id, job_id=job.id, role="report", name="a.txt", path=output, size=9
    )
    item = RotoObject(shot_id=shot_id, name="hero", created_by=owner.id)
    document = Shapes(
        shot_id=shot_id, job_id=job.id, version=1, path=shapes, size=2, created_by=owner.id
    )
    ingested = _task(ingest, "ingest", "succeeded")
    ingested.published_dir = f"{folder}/proxies/v001"
    done = _task(job, "export", "succeeded")
    conform = an_open_conform(project_id, owner.id)
    with house.database.session() as session:
        session.add_all([ingest, job, upload, preview, item, conform])
        session.flush()
        session.add_all([ingested, done, export, document])
        session.flush()
        note, answer = _an_answered_note(shot_id, owner.id)
        session.add(note)
        session.flush()
        session.add(answer)
        return {
            "project_id": project_id,
            "project_name": f"show {project_id}",
            "shot_id": shot_id,
            "job_id": job.id,
            "task_id": done.id,
            "output_id": export.id,
            "object_id": item.id,
            "upload_id": upload.id,
            "preview_id": preview.id,
            "conform_id": conform.id,
            "note_id": note.id,
            "key": picture,
        }


def an_open_conform(project_id: str, maker: str) -> Conform:
    """An edit list of one event that means no media there is."""
    event = ListEvent("001", "V1", "clip", "reel", "", Fraction(24), 0, 24, 0, 24)
    options = {
        "title": "reel", "folders": [], "depth": 1, "handles": 0, "template": "{list}_{event:03d}0",
        "colorspace": None, "drop_frame": False, "movie": None,
    }  # fmt: skip
    report = {
        "left_out": {}, "folders": [], "gone": [],
        "counts": {"states": {"unmatched": 1}, "changes": {"new": 1}, "made": 0},
    }  # fmt: skip
    return Conform(
        id=new_id(), project_id=project_id, name="reel", kind="edl", fps_num=24, fps_den=1,
        options=options, events=[Entry(event, "reel_0010").to_json()], report=report,
        created_by=maker,
    )  # fmt: skip


_FLOW = {"engine": "flow", "model": "flow", "checkpoint_sha256": None, "device": "cpu"}
_ANSWER = {"name": "hero", "candidates": [{"png": "", "score": 1, "box": None}]}
_EMPTY = {
    "name": "a.exr",
    "size": 0,
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
}


def _job(shot_id: str, maker: Person, state: str, kind: str = "roto") -> Job:
    params: dict[str, Any] = {"objects": [{"id": new_id(), "name": "hero", "prompts": []}]}
    return Job(
        id=new_id(),
        shot_id=shot_id,
        plate_id=shot_id,
        kind=kind,
        state=state,
        params=params,
        created_by=maker.id,
    )


def _an_answered_note(shot_id: str, maker: str) -> tuple[Note, Note]:
    note = Note(id=new_id(), shot_id=shot_id, text="look here", created_by=maker)
    return note, Note(shot_id=shot_id, text="I did", reply_to=note.id, created_by=maker)


def _task(job: Job, kind: str, state: str) -> Task:
    return Task(job_id=job.id, kind=kind, position=0, queue="cpu", state=state, params={})
