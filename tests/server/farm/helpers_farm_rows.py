"""A small studio to test the farm with: rows as the API makes them, workers as calls."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from roto_server.db.models import Attempt, Job, Project, RotoObject, Shot, Task, Worker, new_id
from roto_server.db.session import Database, database_now
from roto_server.jobs import attempts, claim, publishing
from roto_server.jobs.create import create_ingest_job, create_roto_job
from roto_server.jobs.farm import Farm, open_farm
from roto_server.settings import Settings

PLATE = {"kind": "sequence", "path": "/plates/heist/sh010.%04d.exr"}
RANGE = [1001, 1003]
PROMPT = {"frame": 1001, "points": [{"x": 20.5, "y": 10.5, "positive": True}]}
STAGES = ["track", "vectorize", "export"]


def open_studio(database: Database, data_dir: Path, **settings: Any) -> Studio:
    """A studio on ``database`` whose retries rest no time unless ``settings`` say so."""
    chosen = Settings(
        data_dir=data_dir,
        database_url=database.url.render_as_string(hide_password=False),
        **{"retry_backoff_seconds": 0.0, **settings},
    )
    return Studio(open_farm(database, chosen))


@dataclass
class Studio:
    """The farm, and shortcuts that do what the API and the workers do."""

    farm: Farm
    boots: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.farm.database

    def shot(self, name: str = "sh010", *, ready: bool = True) -> str:
        """A shot's id; ``ready`` means 64 x 36 pixels, frames 1001-1003."""
        with self.database.session() as session:
            project = session.scalars(select(Project)).first()
            project = project or Project(id=new_id(), name="heist", created_by="ann")
            session.add(project)
            session.flush()
            shot = Shot(project_id=project.id, name=name, plate=PLATE, created_by="ann")
            if ready:
                shot.state, shot.width, shot.height, shot.pixel_aspect = "ready", 64, 36, 1.0
                shot.fps_num, shot.fps_den = 24, 1
                shot.first_frame, shot.last_frame = RANGE
            session.add(shot)
            session.flush()
            return shot.id

    def ingest(self, shot_id: str) -> str:
        """A new ingest job's id."""
        with self.database.session() as session:
            return create_ingest_job(session, session.get_one(Shot, shot_id), "ann").id

    def roto(self, shot_id: str, prompt: dict[str, Any] | None = None, **request: Any) -> str:
        """A new roto job's id: one object ``hero``."""
        with self.database.session() as session:
            shot = session.get_one(Shot, shot_id)
            hero = session.scalars(select(RotoObject).where(RotoObject.shot_id == shot_id)).first()
            hero = hero or RotoObject(shot_id=shot_id, name="hero", created_by="ann")
            session.add(hero)
            session.flush()
            pairs = [(hero, [prompt or PROMPT])]
            return create_roto_job(session, shot, pairs, request, "ann").id

    def worker(self, node: str = "node1", **changes: Any) -> str:
        """Register a worker with a new boot id; returns the worker's id."""
        body = {
            "node": node,
            "slot": 0,
            "boot_id": uuid.uuid4().hex,
            "version": "0.1.0",
            "queues": ["gpu", "cpu"],
            "kinds": ["ingest", "track", "vectorize", "export"],
            "engines": [{"engine": "flow", "model": "flow"}],
            "device": "cpu",
            **changes,
        }
        worker_id = str(claim.register(self.farm, body)["worker_id"])
        self.boots[worker_id] = body["boot_id"]
        return worker_id

    def claim(self, task_id: str, worker_id: str) -> dict[str, Any]:
        """The spec ``worker_id`` gets for the task."""
        return claim.claim(self.farm, task_id, worker_id, self.boots[worker_id]).spec

    def beat(self, attempt_id: str, done: int = 0, total: int = 3) -> dict[str, Any]:
        """One heartbeat of an attempt."""
        return attempts.heartbeat(self.farm, attempt_id, {"done": done, "total": total})

    def start(self, task_id: str, worker_id: str) -> dict[str, Any]:
        """Claim and first heartbeat."""
        spec = self.claim(task_id, worker_id)
        self.beat(spec["attempt_id"])
        return spec

    def finish(self, spec: dict[str, Any]) -> None:
        """Write what the stage would and report it."""
        publishing.complete(self.farm, spec["attempt_id"], make_result(spec))

    def run(self, job_id: str, worker_id: str) -> None:
        """Work through all the job's tasks."""
        while (task_id := self.ready_task(job_id)) is not None:
            self.finish(self.start(task_id, worker_id))

    def ready_task(self, job_id: str) -> str | None:
        """The id of the job's ready task."""
        with self.database.reading() as session:
            return session.scalars(
                select(Task.id).where(Task.job_id == job_id, Task.state == "ready")
            ).first()

    def task(self, job_id: str) -> str:
        """The id of the job's ready task, which there is."""
        task_id = self.ready_task(job_id)
        assert task_id is not None
        return task_id

    def job(self, job_id: str) -> Job:
        """The job's row as it is now, detached, with its tasks and their attempts."""
        with self.database.reading() as session:
            job = session.get_one(Job, job_id)
            for task in job.tasks:
                _ = task.attempts
            _ = job.shot
            return job

    def states(self, job_id: str) -> dict[str, str]:
        """State of the job and, by kind, of its tasks."""
        job = self.job(job_id)
        return {"job": job.state, **{task.kind: task.state for task in job.tasks}}

    def attempt_states(self, job_id: str) -> list[str]:
        """States of the job's attempts in order of tasks and numbers."""
        return [attempt.state for task in self.job(job_id).tasks for attempt in task.attempts]

    def silence(self, attempt_id: str, seconds: float) -> None:
        """Let the attempt's last heartbeat be ``seconds`` ago by the database's clock."""
        with self.database.session() as session:
            attempt = session.get_one(Attempt, attempt_id)
            attempt.heartbeat_at -= timedelta(seconds=seconds)

    def forget_workers(self) -> None:
        """Let every worker's last sign of life be long ago."""
        with self.database.session() as session:
            long_ago = database_now(session) - timedelta(hours=1)
            session.execute(update(Worker).values(last_seen_at=long_ago))

    def path(self, key: str) -> Path:
        """Where ``key`` lies."""
        return self.farm.settings.storage_root.resolve() / key


def make_result(spec: dict[str, Any]) -> dict[str, Any]:
    """Files in the attempt's directory and the result that names them."""
    output = Path(spec["output_dir"])
    files = [{**file, "size": _write(output / str(file["path"]))} for file in _files_of(spec)]
    result: dict[str, Any] = {"files": files, "provenance": {"device": "cpu"}}
    if spec["kind"] == "ingest":
        result["plate"] = {
            "width": 64,
            "height": 36,
            "pixel_aspect": 1.0,
            "fps": [24, 1],
            "frame_range": RANGE,
            "colorspace": "sRGB",
            "metadata": {"reel": "A001"},
        }
    if spec["kind"] == "track":
        result["provenance"] = {
            "engine": "flow",
            "model": "flow",
            "checkpoint_sha256": None,
            "device": "cpu",
        }
    if spec["kind"] == "export":
        result["report"] = {"nuke": [{"note": "baked"}]}
    return result


def _files_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    if spec["kind"] == "ingest":
        return [{"role": "proxy", "path": "proxy.mp4"}]
    if spec["kind"] == "vectorize":
        return [{"role": "shapes", "path": "shapes.json"}]
    if spec["kind"] == "export":
        return [
            {"role": "matte", "path": f"mattes/hero_matte_v001.{frame}.exr", "frame": frame}
            for frame in range(RANGE[0], RANGE[1] + 1)
        ] + [{"role": "shape_export", "path": "shapes/sh010_v001.nk", "format": "nuke"}]
    return [
        {
            "role": "mask",
            "path": f"{item['name']}/{frame}.png",
            "object_id": item["id"],
            "frame": frame,
            "confidence": 0.9,
        }
        for item in spec["params"]["objects"]
        for frame in range(RANGE[0], RANGE[1] + 1)
    ]


def _write(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"pixels of " + path.name.encode())
    return path.stat().st_size
