"""A studio with many jobs and one long shot, made of rows and generated pictures; no worker ran."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from helpers_people import House, Person, running_house
from helpers_signing_in import person_with_password
from sqlalchemy import insert

from roto_server.db.media import Plate
from roto_server.db.models import (
    NO_CONFIDENCE,
    URGENCY,
    Job,
    Project,
    Prompt,
    RotoObject,
    Shot,
    Task,
    new_id,
)
from roto_server.db.types import utc_now

WIDTH, HEIGHT = 1920, 1080
LINES = 540
"""Of proxies, as workers make them (`roto_worker.stages.ingest`)."""
FIRST = 1001
SHOTS = 500
PROJECTS = 5
STAGES = ("track", "vectorize", "export")
THUMBNAIL = (213, 120)
NOBODY = "nobody"
"""A queue without workers."""
_STATES = {"running": 20, "queued": 200, "failed": 500, "cancelled": 280}
_PART = 5000


@dataclass
class Studio:
    """``running``: ids of jobs at work, with their shots and their first stages."""

    house: House
    boss: Person
    shot: str
    frames: int
    objects: tuple[str, ...]
    jobs: int
    projects: list[str] = field(default_factory=list)
    running: list[tuple[str, str, str]] = field(default_factory=list)


@contextmanager
def running_studio(
    folder: Path, jobs: int, frames: int, objects: tuple[str, ...]
) -> Iterator[Studio]:
    """A server on SQLite, as `roto serve` runs by itself, with ``jobs`` jobs and a tracked shot of
    ``frames`` frames."""
    # What is measured is one person who does more a second than a limit expects of anybody.
    limits = {"ROTO_LIMIT_USER": "off", "ROTO_LIMIT_ADDRESS": "off"}
    with running_house(folder, f"sqlite:///{folder / 'roto.db'}", **limits) as house:
        boss = person_with_password(house, "admin", name="Boss")
        studio = Studio(house, boss, new_id(), frames, objects, jobs)
        _fill(studio)
        yield studio


def _fill(studio: Studio) -> None:
    boss, now = studio.boss.id, utc_now()
    studio.projects = [new_id() for _ in range(PROJECTS)]
    shots = [studio.shot, *(new_id() for _ in range(min(SHOTS, studio.jobs) - 1))]
    published = _pictures(studio)
    facts = {
        "state": "ready", "width": WIDTH, "height": HEIGHT, "pixel_aspect": 1.0, "fps_num": 24,
        "fps_den": 1, "first_frame": FIRST, "last_frame": FIRST + studio.frames - 1,
        "plate": {"kind": "sequence", "path": "/plates/p.%04d.exr", "first_frame": None},
        "created_by": boss,
    }  # fmt: skip
    rows: dict[type[Any], list[dict[str, Any]]] = {
        one: [] for one in (Project, Shot, Plate, RotoObject, Job, Prompt, Task)
    }
    rows[Project] = [
        {"id": ident, "name": f"Show {number}", "created_by": boss}
        for number, ident in enumerate(studio.projects)
    ]
    for number, shot in enumerate(shots):
        at = now - timedelta(days=40, minutes=-number)
        ingest = new_id()
        rows[Shot].append(
            {"id": shot, "project_id": studio.projects[number % PROJECTS], "plate_id": shot,
             "name": f"sq{number // 10:02d}_sh{10 * (number % 10 + 1):03d}", "created_at": at,
             "review": "pending_review" if number == 0 else "in_progress", **facts}
        )  # fmt: skip
        rows[Plate].append({"id": shot, "shot_id": shot, **facts})
        rows[Job].append(_job(ingest, shot, shot, "ingest", "succeeded", 1, boss, at))
        rows[Task].append(_task(ingest, "ingest", 0, "succeeded", at, f"{published}/plate"))
        rows[RotoObject] += [
            {"id": _object(shot, name), "shot_id": shot, "name": name, "created_by": boss}
            for name in studio.objects
        ]
    for number, state in enumerate(_states(studio.jobs)):
        shot, job = shots[number % len(shots)], new_id()
        at = now - timedelta(seconds=40 * number)
        names = studio.objects if number < len(shots) else studio.objects[:1]
        version = 1 + (studio.jobs - number) // len(shots)
        rows[Job].append(_job(job, shot, shot, "roto", state, version, boss, at, names))
        rows[Prompt] += [
            {"job_id": job, "object_id": _object(shot, name), "frame": FIRST, "data": {},
             "created_by": boss}
            for name in names
        ]  # fmt: skip
        for position, kind in enumerate(STAGES):
            stage = _stage_state(state, position)
            task = _task(job, kind, position, stage, at, f"{published}/mattes", studio.frames)
            rows[Task].append(task)
            if stage == "running":
                studio.running.append((job, shot, task["id"]))
    with studio.house.database.engine.begin() as connection:
        for table, some in rows.items():
            for begin in range(0, len(some), _PART):
                connection.execute(insert(table), some[begin : begin + _PART])
        connection.exec_driver_sql("ANALYZE")


def _object(shot: str, name: str) -> str:
    """An id that is known by its shot and name."""
    return f"{shot[:24]}{sum(map(ord, name)):08x}"


def _states(count: int) -> list[str]:
    """The newest wait and run, some have failed, most are done; the very first is done."""
    share = min(1.0, count / 50_000)
    some = [state for state, each in _STATES.items() for _ in range(max(1, round(each * share)))]
    return ["succeeded", *some, *["succeeded"] * count][:count]


def _stage_state(job: str, position: int) -> str:
    if job == "running":
        return "running" if position == 0 else "waiting"
    if job == "queued":
        return "ready" if position == 0 else "waiting"
    return job


def _job(
    ident: str, shot: str, plate: str, kind: str, state: str, version: int, boss: str, at: Any,
    names: tuple[str, ...] = (),
) -> dict[str, Any]:  # fmt: skip
    ended = state not in ("running", "queued")
    known = state == "succeeded" and kind == "roto"
    prompt = {"frame": FIRST, "points": [{"x": 20.5, "y": 10.5, "positive": True}]}
    return {
        "id": ident, "shot_id": shot, "plate_id": plate, "kind": kind, "state": state,
        "priority": "normal", "urgency": URGENCY["normal"], "version": version, "engine": "flow",
        "worst_confidence": 0.3 + int(ident[:4], 16) / 2**17 if known else NO_CONFIDENCE,
        "params": {"objects": [{"name": name, "prompts": [prompt]} for name in names]},
        "error": {"code": "out_of_memory", "message": "No memory left."}
        if state == "failed" else None,
        "created_by": boss, "created_at": at, "updated_at": at,
        "started_at": at, "finished_at": at if ended else None,
    }  # fmt: skip


def _task(
    job: str, kind: str, position: int, state: str, at: Any, published: str, total: int = 0
) -> dict[str, Any]:
    done = {"succeeded": total, "running": total // 3}.get(state, 0)
    told = {"done": done, "total": total}
    if state == "running":
        told |= {"frames_per_second": 4.5, "eta_seconds": 60}
    return {
        "id": new_id(), "job_id": job, "kind": kind, "position": position, "queue": NOBODY,
        "state": state, "params": {}, "progress": told, "created_at": at, "updated_at": at,
        "published_dir": published if state == "succeeded" else None,
    }  # fmt: skip


def _pictures(studio: Studio) -> str:
    """Proxies, thumbnails and small mattes as workers write them; key of their folder."""
    key = f"projects/{studio.projects[0]}/{studio.shot}"
    root = studio.house.folder / "storage" / key
    width = WIDTH * LINES // HEIGHT
    chance = np.random.default_rng(7)
    # Grain is what makes a plate's JPEG large.
    grain = chance.normal(0, 6, (LINES + 64, width + 64, 3))
    y, x = np.mgrid[0:LINES, 0:width]
    for folder in ("plate/proxies", "plate/thumbnails"):
        (root / folder).mkdir(parents=True)
    for name in studio.objects:
        (root / "mattes/.small" / name).mkdir(parents=True)
    for number in range(studio.frames):
        frame, along = FIRST + number, number / studio.frames
        left, top = chance.integers(0, 64, 2)
        ramp = np.stack([90 + 80 * np.sin(x / 97 + 6 * along), 60 + y / 6, 140 - x / 16], axis=-1)
        plate = ramp + grain[top : top + LINES, left : left + width]
        cv2.rectangle(
            plate, (int(width * along), 200), (int(width * along) + 160, 420), (20, 60, 200), -1
        )
        picture = np.clip(plate, 0, 255).astype(np.uint8)
        cv2.imwrite(
            str(root / f"plate/proxies/{frame}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 90]
        )
        if number == studio.frames // 2:
            small = cv2.resize(picture, THUMBNAIL, interpolation=cv2.INTER_AREA)
            cv2.imwrite(str(root / f"plate/thumbnails/{frame}.jpg"), small)
        for place, name in enumerate(studio.objects):
            matte = np.zeros((LINES, width), np.uint8)
            middle = (int(width * ((along + place / len(studio.objects)) % 1)), 150 + 60 * place)
            cv2.ellipse(matte, middle, (120, 80), 20 * number / 24, 0, 360, 255, -1, cv2.LINE_AA)
            cv2.imwrite(str(root / f"mattes/.small/{name}/{frame}.png"), matte)
    (root / "mattes/track.json").write_text(json.dumps(_summary(studio)))
    return key


def _summary(studio: Studio) -> dict[str, Any]:
    frames = range(FIRST, FIRST + studio.frames)
    idents = {name: _object(studio.shot, name) for name in studio.objects}
    return {
        "frame_range": [frames[0], frames[-1]],
        "objects": [{"id": ident, "name": name} for name, ident in idents.items()],
        "confidence": {one: {str(frame): 0.9 for frame in frames} for one in idents.values()},
        "signals": {
            one: {str(frame): {"area": 30000.0} for frame in frames} for one in idents.values()
        },
    }
