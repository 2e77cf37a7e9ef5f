"""Housekeeping on a real server: what projects take up, what is in no row, and its removal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest
from helpers_people import House, running_house
from helpers_review import Show, show
from helpers_s3 import BUCKET, running_store
from sqlalchemy import select
from typer.testing import CliRunner

from roto_client import cli
from roto_server.admin import storage_figures
from roto_server.admin.orphans import Orphan, find, remove, why
from roto_server.audit import COMMAND
from roto_server.db.media import Plate
from roto_server.db.models import Attempt, Shot, Task, Upload, Worker, new_id
from roto_server.db.people import AuditEntry
from roto_server.db.types import utc_now
from roto_server.settings import load_settings
from roto_server.storage import DirectoryStorage, open_storage

pytestmark = pytest.mark.one_database


@pytest.fixture(scope="module")
def own_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of one's own: orphans are looked for in all of the storage."""
    folder = tmp_path_factory.mktemp("kept")
    with running_house(folder, f"sqlite:///{folder / 'roto.db'}") as house:
        yield house


@pytest.fixture
def heist(own_house: House) -> Show:
    return show(own_house)


@pytest.fixture
def storage(own_house: House) -> DirectoryStorage:
    return DirectoryStorage(own_house.folder / "storage")


def test_a_project_is_told_by_what_its_files_are_for(heist: Show) -> None:
    shot = f"{heist.project_id}/{heist.shot_id}"
    for name, size in (
        (f"{heist.project_id}/uploads/{new_id()}/a.exr", 100),
        (f"{shot}/source/v001/a.exr", 50),
        (f"{shot}/proxies/v001/proxies/1001.jpg", 7),
        (f"{shot}/masks/v001/hero/1001.png", 11),
        (f"{shot}/masks/v001/hero/1002.png", 13),
        (f"{shot}/shapes/v001/shapes.json", 3),
        (f"{shot}/exports/v001/a.nk", 2),
        (f"{shot}/attempts/{new_id()}/half.png", 17),
        (f"{shot}/logs/{new_id()}.log", 19),
        (f"{shot}/strange.txt", 23),
    ):
        _write(heist.house, name, size)
    with heist.house.client(heist.house.admin.key) as client:
        told = client.get("/admin/storage", params={"project_id": heist.project_id}).json()
    [row] = told["items"]
    assert (row["name"], row["trashed_at"]) == (f"show {heist.project_id}", None)
    assert (row["files"], row["bytes"], row["complete"]) == (10, 245, True)
    assert {part: (one["files"], one["bytes"]) for part, one in row["parts"].items()} == {
        "uploads": (1, 100), "sources": (1, 50), "proxies": (1, 7), "masks": (2, 24),
        "shapes": (1, 3), "exports": (1, 2), "attempts": (1, 17), "logs": (1, 19),
        "other": (1, 23),
    }  # fmt: skip


def test_bytes_with_two_names_count_once(heist: Show) -> None:
    first = f"{heist.project_id}/{heist.shot_id}/masks/v001/1001.png"
    _write(heist.house, first, 1000)
    second = _path(heist.house, f"{heist.project_id}/{heist.shot_id}/masks/v002/1001.png")
    second.parent.mkdir(parents=True)
    second.hardlink_to(_path(heist.house, first))
    [row] = _told(heist.house, heist.project_id)
    assert (row["files"], row["bytes"]) == (2, 1000)


def test_counting_ends_when_the_time_is_over(
    heist: Show, storage: DirectoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for frame in range(40):
        _write(heist.house, f"{heist.project_id}/{heist.shot_id}/masks/v001/{frame}.png", 1)
    monkeypatch.setattr(storage_figures, "_CLOCK_EVERY", 10)
    ticks = iter(range(100))
    clock = SimpleNamespace(monotonic=lambda: next(ticks))
    monkeypatch.setattr(storage_figures, "time", clock)
    figures = storage_figures.measure(storage, heist.project_id, {}, until=3)
    assert (figures.complete, figures.files) == (False, 30)


def test_results_that_stay_in_an_attempts_folder_are_results(heist: Show) -> None:
    """As an object store publishes."""
    attempt, task = _attempt(heist, "succeeded", "succeeded", kind="track")
    key = f"projects/{heist.project_id}/{heist.shot_id}/attempts/{attempt}"
    _publish(heist, task, key)
    _write(heist.house, f"{key.removeprefix('projects/')}/hero/1001.png", 9)
    [row] = _told(heist.house, heist.project_id)
    assert (row["parts"]["masks"]["bytes"], row["parts"]["attempts"]["bytes"]) == (9, 0)


def test_what_no_row_knows_is_found_and_nothing_else(
    heist: Show, storage: DirectoryStorage
) -> None:
    house = heist.house
    shot = f"{heist.project_id}/{heist.shot_id}"
    nowhere = new_id()
    orphans = {
        f"{nowhere}/{new_id()}/masks/v001/a.png": "project",
        f"{heist.project_id}/{new_id()}/masks/v001/a.png": "shot",
        f"{heist.project_id}/{show(house).shot_id}/masks/v001/a.png": "shot",
        f"{heist.project_id}/{heist.shot_id}.{new_id()}/masks/v001/a.png": "move",
        f"{heist.project_id}/uploads/{new_id()}/a.exr": "upload",
        f"{heist.project_id}/uploads/{new_id()}.incoming/a.exr": "upload",
        f"{shot}/attempts/{new_id()}/a.png": "attempt",
        f"{shot}/attempts/{_attempt(heist, 'failed', 'failed')[0]}/a.png": "attempt",
        f"{shot}/attempts/{_attempt(heist, 'lost', 'succeeded')[0]}/a.png": "attempt",
        f"{shot}/masks/v077/a.png": "result",
        f"{shot}/source/v009/a.exr": "source",
        f"{shot}/logs/{new_id()}.log": "log",
    }
    kept = _kept(heist)
    for name in (*orphans, *kept):
        _write(house, name, 5)
    found = {one.key: one for one in _found(house, storage, heist.project_id, nowhere)}
    told = {f"projects/{name}": what for name, what in orphans.items()}
    assert {_folder(key, what): what for key, what in told.items()} == {
        key: one.what for key, one in found.items()
    }
    assert all((one.files, one.bytes) == (1, 5) for one in found.values())
    for one in found.values():
        assert remove(house.database, storage, one, COMMAND)
    assert not any(_path(house, name).exists() for name in orphans)
    assert all(_path(house, name).exists() for name in kept)
    assert _found(house, storage, heist.project_id, nowhere) == []


def _found(house: House, storage: DirectoryStorage, *projects: str) -> list[Orphan]:
    """Those of these projects: tests share the storage."""
    everywhere = find(house.database, storage, _later())
    return [one for one in everywhere if one.key.split("/")[1] in projects]


def test_an_object_store_is_looked_at_as_a_directory_is(
    heist: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, shot = heist.house, f"{heist.project_id}/{heist.shot_id}"
    attempt, task = _attempt(heist, "succeeded", "succeeded", kind="track")
    _publish(heist, task, f"projects/{shot}/attempts/{attempt}")
    left = f"projects/{shot}/attempts/{_attempt(heist, 'lost', 'succeeded')[0]}"
    upload = f"projects/{heist.project_id}/uploads/{new_id()}"
    with running_store() as store:
        for name, value in store.environment.items():
            monkeypatch.setenv(name, value)
        kept = f"projects/{shot}/attempts/{attempt}/hero/1001.png"
        for key in (kept, f"{left}/hero/1001.png", f"{upload}/a.exr"):
            store.client.put_object(Bucket=BUCKET, Key=f"studio/roto/{key}", Body=b"12345")
        storage = open_storage(load_settings())
        figures = storage_figures.measure(storage, heist.project_id, {attempt: "track"})
        told = {part: one.bytes for part, one in figures.parts.items() if one.files}
        assert told == {"masks": 5, "attempts": 5, "uploads": 5}
        found = list(find(house.database, storage, _later(), heist.project_id))
        assert {one.key: one.what for one in found} == {left: "attempt", upload: "upload"}
        assert all(remove(house.database, storage, one, COMMAND) for one in found)
        assert store.names() == [f"studio/roto/{kept}"]


def _kept(heist: Show) -> list[str]:
    """Files that rows know, or that are not called as ours are."""
    shot = f"{heist.project_id}/{heist.shot_id}"
    running, _ = _attempt(heist, "running", "running")
    resumable, _ = _attempt(heist, "lost", "ready")
    done, task = _attempt(heist, "succeeded", "succeeded")
    in_place, other = _attempt(heist, "succeeded", "succeeded")
    publishing, _ = _attempt(heist, "publishing", "running", kind="track", version=5)
    _publish(heist, task, f"projects/{shot}/exports/v001")
    _publish(heist, other, f"projects/{shot}/attempts/{in_place}")
    with heist.house.database.session() as session:
        upload = Upload(project_id=heist.project_id, files=[], created_by=heist.artist.id)
        session.add_all([upload, Plate(shot_id=heist.shot_id, version=3, plate={},
                                       source=f"projects/{shot}/source/v003",
                                       created_by=heist.artist.id)])  # fmt: skip
        session.flush()
        upload_id = upload.id
    return [
        f"{heist.project_id}/uploads/{upload_id}/a.exr",
        f"{heist.project_id}/uploads/{upload_id}.incoming/a.exr",
        f"{heist.project_id}/notes-of-it/a.txt",
        f"{heist.project_id}/{heist.shot_id}.old/a.txt",
        "readme/a.txt",
        f"{shot}/attempts/{running}/a.png",
        f"{shot}/attempts/{resumable}/a.png",
        f"{shot}/attempts/{in_place}/a.png",
        f"{shot}/attempts/by-hand/a.png",
        f"{shot}/exports/v001/a.nk",
        f"{shot}/exports/backup/a.nk",
        f"{shot}/masks/v005/a.png",
        f"{shot}/source/v003/a.exr",
        *(f"{shot}/logs/{ident}.log" for ident in (running, resumable, done, publishing)),
        f"{shot}/logs/readme.txt",
    ]


def test_what_came_lately_is_left_alone(heist: Show, storage: DirectoryStorage) -> None:
    name = f"{heist.project_id}/{new_id()}/masks/v001/a.png"
    _write(heist.house, name, 5)
    os.utime(_path(heist.house, name), (0, 0))  # a link of old bytes
    hour_ago = utc_now() - timedelta(hours=1)
    assert list(find(heist.house.database, storage, hour_ago, heist.project_id)) == []
    assert len(list(find(heist.house.database, storage, _later(), heist.project_id))) == 1


def test_what_a_row_knows_by_now_is_not_removed(heist: Show, storage: DirectoryStorage) -> None:
    ident = new_id()
    name = f"{heist.project_id}/{ident}/masks/v001/a.png"
    _write(heist.house, name, 5)
    [orphan] = find(heist.house.database, storage, _later(), heist.project_id)
    with heist.house.database.session() as session:
        session.add(Shot(id=ident, project_id=heist.project_id, name="late", plate={},
                         created_by=heist.artist.id))  # fmt: skip
    assert not remove(heist.house.database, storage, orphan, COMMAND)
    assert _path(heist.house, name).exists()
    with heist.house.database.reading() as session:
        traces = session.scalars(select(AuditEntry).where(AuditEntry.target_id == orphan.key))
        assert list(traces) == []
        assert why(session, f"projects/{heist.project_id}/{heist.shot_id}") is None


def test_the_commands_tell_first_and_remove_when_asked(
    heist: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = heist.house
    for setting, value in house.environment.items():
        monkeypatch.setenv(setting, value)
    kept = f"{heist.project_id}/{heist.shot_id}/strange.txt"
    name = f"{heist.project_id}/{new_id()}/masks/v001/a.png"
    _write(house, kept, 1500)
    _write(house, name, 5)
    key = "projects/" + "/".join(name.split("/")[:2])
    scope = ("--project", heist.project_id)
    # An hour at least: a shot that is being made has files before it has rows.
    hasty = CliRunner().invoke(cli.build_app(), ["admin", "orphans", "--older-than", "0"])
    assert hasty.exit_code == 2
    rows, _ = _roto("orphans", *scope, "--older-than", "1")
    assert rows == []
    command = import_module("roto_server.commands.storage")
    monkeypatch.setattr(command, "datetime", _TwoHoursOn)
    rows, told = _roto("orphans", *scope, "--older-than", "1")
    assert [(row["key"], row["what"], row["removed"]) for row in rows] == [(key, "shot", False)]
    assert "1 orphans with 5 B; --remove removes them." in told
    assert _path(house, name).exists()
    rows, told = _roto("orphans", *scope, "--older-than", "1", "--remove")
    assert [row["removed"] for row in rows] == [True]
    assert not _path(house, name).exists()
    with house.database.reading() as session:
        trace = session.scalars(select(AuditEntry).where(AuditEntry.target_id == key)).one()
    assert (trace.action, trace.project_id) == ("storage.orphan_removed", heist.project_id)
    assert trace.before == {"what": "shot", "files": 1, "bytes": 5}
    [row], told = _roto("storage", *scope)
    assert (row["files"], row["bytes"], row["other"]) == (1, 1500, 1500)
    assert "are free." in told


def test_only_administrators_are_told(heist: Show) -> None:
    for person, status in ((heist.supervisor, 403), (heist.house.admin, 200)):
        with heist.as_(person) as client:
            assert client.get("/admin/storage").status_code == status


def _told(house: House, project_id: str) -> list[dict[str, Any]]:
    with house.client(house.admin.key) as client:
        answer = client.get("/admin/storage", params={"project_id": project_id})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


def _roto(*words: str) -> tuple[list[dict[str, Any]], str]:
    """JSON rows on standard out, and what was said beside."""
    done = CliRunner().invoke(cli.build_app(), ["admin", *words, "--json"])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def _path(house: House, name: str) -> Path:
    return house.folder / "storage" / "projects" / name


def _write(house: House, name: str, size: int) -> None:
    path = _path(house, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)


class _TwoHoursOn(datetime):
    """The clock of a command: when a file came (ctime) cannot be set back."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + timedelta(hours=2)


def _later() -> Any:
    return utc_now() + timedelta(minutes=1)


def _folder(key: str, what: str) -> str:
    """What is told as the orphan: the folder that no row knows, not the file in it."""
    depth = {"project": 2, "shot": 3, "move": 3, "upload": 4}.get(what, 5)
    return "/".join(key.split("/")[:depth])


def _attempt(
    heist: Show, state: str, task_state: str, kind: str = "export", version: int = 1
) -> tuple[str, str]:
    """Ids of an attempt in this state and of its task."""
    now = utc_now()
    worker = f"kept-{new_id()[:8]}:0"
    job = heist.version(version)
    with heist.house.database.session() as session:
        task = Task(id=new_id(), job_id=job, kind=kind, position=0, queue="cpu", params={},
                    state=task_state)  # fmt: skip
        session.add_all([task, Worker(id=worker, node="kept", slot=0, boot_id=new_id(),
                                      version="0", queues=[], kinds=[], engines=[],
                                      device="cpu")])  # fmt: skip
        session.flush()
        # A heartbeat from tomorrow: the server's reconciler lets it be.
        attempt = Attempt(id=new_id(), task_id=task.id, worker_id=worker, boot_id=new_id(),
                          number=1, output_dir="x", heartbeat_at=now + timedelta(days=1),
                          progress_at=now, state=state)  # fmt: skip
        session.add(attempt)
        session.flush()
        return attempt.id, task.id


def _publish(heist: Show, task_id: str, key: str) -> None:
    with heist.house.database.session() as session:
        session.get_one(Task, task_id).published_dir = key
