"""A real server in a thread, and what tests of it need again and again."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from roto_server import migrations
from roto_server.access.tokens import create_token
from roto_server.app import create_app
from roto_server.db.media import Plate
from roto_server.db.models import Export, Job, Shot, Task
from roto_server.db.session import Database
from roto_server.jobs.folders import shot_key
from roto_server.settings import Settings

API = "/api/v1"


@dataclass
class Live:
    """A server that answers at ``url``, its app, and a token of each scope."""

    app: FastAPI
    url: str
    user_token: str
    farm_token: str

    @property
    def database(self) -> Database:
        database: Database = self.app.state.database
        return database

    @property
    def settings(self) -> Settings:
        settings: Settings = self.app.state.settings
        return settings

    @property
    def websocket_url(self) -> str:
        return self.url.replace("http://", "ws://") + API + "/events"

    def client(self, token: str | None = None) -> httpx.Client:
        """A client of the public API; without ``token`` the user's."""
        bearer = self.user_token if token is None else token
        return httpx.Client(
            base_url=self.url + API, headers={"Authorization": f"Bearer {bearer}"}, timeout=30
        )


@contextmanager
def live_server(settings: Settings) -> Iterator[Live]:
    """Serve ``settings`` (whose database is migrated) with uvicorn on a free port."""
    database = Database(settings.database_url)
    with database.session() as session:
        user = create_token(session, "ada", "user")
        farm = create_token(session, "node", "farm")
    database.dispose()
    app = create_app(settings)
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="server")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Live(app, f"http://127.0.0.1:{port}", user, farm)
    finally:
        server.should_exit = True
        thread.join(timeout=60)
        assert not thread.is_alive(), "the server did not stop"


def migrated_settings(folder: Path, database_url: str, redis_url: str) -> Settings:
    """Settings below ``folder`` with a migrated database and one allowed root."""
    plates = folder / "plates"
    plates.mkdir()
    settings = Settings(
        data_dir=folder / "data",
        database_url=database_url,
        redis_url=redis_url,
        allowed_roots=[plates],
    )
    database = Database(database_url)
    migrations.upgrade(database)
    database.dispose()
    return settings


def make_sequence(folder: Path, frames: list[int], name: str = "plate") -> Path:
    """Files that look like a sequence (nothing on the server decodes them)."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame in frames:
        (folder / f"{name}.{frame:04d}.png").write_bytes(b"\x89PNG frame %d" % frame)
    return folder / f"{name}.%04d.png"


def add_project(client: httpx.Client, name: str = "", **more: Any) -> dict[str, Any]:
    """A new project, by default with a name nobody else has."""
    answer = client.post("/projects", json={"name": name or uuid.uuid4().hex, **more})
    assert answer.status_code == 201, answer.text
    project: dict[str, Any] = answer.json()
    return project


def add_shot(
    client: httpx.Client, project_id: str, plate: Path, name: str = "heist_010", **more: Any
) -> dict[str, Any]:
    body = {"name": name, "plate": {"path": str(plate)}, **more}
    answer = client.post(f"/projects/{project_id}/shots", json=body)
    assert answer.status_code == 201, answer.text
    shot: dict[str, Any] = answer.json()
    return shot


def make_ready(database: Database, shot_id: str, size: tuple[int, int] = (640, 360)) -> None:
    """What a finished ingest leaves behind: the shot's size is known and its job is done."""
    with database.session() as session:
        shot = session.get_one(Shot, shot_id)
        for row in (shot, session.get_one(Plate, shot.plate_id)):
            row.state, (row.width, row.height), row.pixel_aspect = "ready", size, 1.0
        for job in session.scalars(select(Job).where(Job.shot_id == shot_id)):
            job.state = "succeeded"
            for task in session.scalars(select(Task).where(Task.job_id == job.id)):
                task.state = "succeeded"


def submission(*objects: str, frame: int = 1001, **more: Any) -> dict[str, Any]:
    """A body of ``segment`` with one click for each object."""
    prompts = [{"frame": frame, "points": [{"x": 320.5, "y": 180.5, "positive": True}]}]
    return {"objects": [{"name": name, "prompts": prompts} for name in objects], **more}


def add_output(live: Live, job_id: str, name: str, content: bytes, role: str = "matte") -> str:
    """A published file of a job; returns the output's id."""
    with live.database.session() as session:
        job = session.get_one(Job, job_id)
        key = f"{shot_key(job.shot)}/exports/v{job.version:03d}/{name}"
        path = live.settings.storage_root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        row = Export(
            shot_id=job.shot_id, job_id=job_id, role=role, format="exr", frame=1001,
            name=name, path=key, size=len(content), sha256=None, report={},
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def assert_refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The answer has the one shape of a refusal; returns its body."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert set(body) == {"code", "message", "hint", "detail", "request_id"}
    assert body["code"] == code, body
    assert body["request_id"] == answer.headers["X-Request-Id"] != ""
    assert "Traceback" not in answer.text
    return body
