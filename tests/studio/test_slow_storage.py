"""A storage that takes its time takes only those with it who wait for it."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
from helpers_claims import claiming_node
from helpers_lifecycle import Studio, done
from helpers_people import running_house
from helpers_s3 import running_store
from sqlalchemy import select

from roto_server import checks
from roto_server.app import create_app
from roto_server.db.models import Export, Job, Task, new_id
from roto_server.settings import Settings

BEAT = {"progress": {"done": 1, "total": 10}}
AT_ONCE = 80
"""More than a process has connections (16), and threads that all share (40)."""


@contextmanager
def waiting(
    asks: list[Callable[[], httpx.Response]], slow: AbstractContextManager[None]
) -> Iterator[list[int]]:
    """``AT_ONCE`` requests that wait in the block, for the storage is ``slow``; their statuses once
    it has ended."""
    statuses: list[int] = []

    def ask(one: Callable[[], httpx.Response]) -> int:
        return one().status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        with slow:
            sent = [pool.submit(ask, asks[number % len(asks)]) for number in range(AT_ONCE)]
            time.sleep(1.5)
            yield statuses
            assert not any(one.done() for one in sent), "who does not wait proves nothing"
        statuses += [one.result() for one in sent]


@contextmanager
def being_hashed(folder: Path) -> Iterator[None]:
    """Every upload is locked in the block, as while a terabyte is hashed."""
    with ExitStack() as stack:
        for path in folder.rglob(".lock"):
            fcntl.flock(stack.enter_context(path.open("wb")), fcntl.LOCK_EX)
        yield


@pytest.mark.one_database
def test_a_bucket_that_does_not_answer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'roto.db'}"
    with running_store() as store, running_house(tmp_path / "h", url, **store.environment) as house:
        studio = Studio.open(house)
        shot = studio.shot()
        job = studio.version(shot)
        with house.database.session() as session:
            ended = {"kind": "ingest", "state": "succeeded", "params": {}}
            ingest = Job(
                id=new_id(),
                shot_id=shot,
                plate_id=shot,
                version=2,
                created_by=studio.lead.id,
                **ended,
            )
            session.add(ingest)
            session.flush()
            key = f"projects/{studio.project}/{shot}/proxies/v001"
            task = Task(job_id=ingest.id, position=0, queue="cpu", depends_on=[], **ended)
            task.published_dir = key
            session.add(task)
            output = session.scalars(select(Export.id).where(Export.job_id == job)).one()
        paths = [
            f"/shots/{shot}/frames/1001",
            f"/shots/{shot}/shapes",
            f"/jobs/{job}/newest-mask?object=hero",
            f"/jobs/{job}/outputs/{output}",
        ]
        asks = [partial(studio.client.get, path, timeout=60) for path in paths]
        with waiting(asks, store.silent()) as statuses:
            for path in ("/projects", f"/shots/{shot}", f"/jobs/{job}") * 2:
                done(studio.client.get(path))
        assert statuses == [404] * AT_ONCE
        studio.close()


@pytest.mark.one_database
def test_nodes_whose_bucket_does_not_answer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'roto.db'}"
    with (
        running_store() as store,
        running_house(tmp_path / "h", url, **store.environment) as house,
        claiming_node(house) as node,
    ):
        one, other = node.claim(), node.claim()
        told = {"path": "hero/1001.png", "size": 1, "role": "mask"}
        result = {"files": [told], "provenance": {}}
        paths = f"/farm/attempts/{one.spec['attempt_id']}"
        asks = [
            partial(one.api.post, f"{paths}/complete", json={"result": result}, timeout=60),
            partial(
                one.api.post, f"{paths}/locations", json={"read": [f"{one.output}/"]}, timeout=60
            ),
        ]
        beat = f"/farm/attempts/{other.spec['attempt_id']}/heartbeat"
        with waiting(asks, store.silent()) as statuses, house.client(house.admin.key) as admin:
            for _ in range(3):
                done(admin.get("/projects"))
                done(other.api.post(beat, json=BEAT))
            node.claim()
        assert set(statuses) <= {200, 409}
        assert 409 in statuses, "what is not there is no result"


def test_readyz_names_a_bucket_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_store() as store:
        for name, value in store.environment.items():
            monkeypatch.setenv(name, value)
        bucket = create_app(Settings(data_dir=tmp_path)).state.checks["storage"]
        assert asyncio.run(bucket.outcome()).ok
        monkeypatch.setattr(checks, "ANSWER_SECONDS", 0.2)
        bucket.keep_seconds = 0
        with store.silent():
            found = asyncio.run(bucket.outcome())
    assert not found.ok
    assert found.message.startswith("ROTO_S3_BUCKET: no answer")


@pytest.mark.one_database
def test_uploads_that_are_completed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'roto.db'}"
    with running_house(tmp_path / "h", url) as house:
        artist = house.person("artist")
        project = house.project((artist, "artist"))
        with house.client(artist.key) as client:
            file = {"name": "a.mov", "size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
            body = {"project_id": project, "files": [file]}
            uploads = [done(client.post("/uploads", json=body), 201)["id"] for _ in range(8)]
            for upload in uploads:
                done(client.put(f"/uploads/{upload}/files/0/pieces/0", content=b"x"), 204)
            asks = [
                partial(client.post, f"/uploads/{upload}/complete", timeout=60)
                for upload in uploads
            ]
            with waiting(asks, being_hashed(house.folder)) as statuses:
                for _ in range(3):
                    done(client.get("/projects"))
                    done(client.get(f"/uploads/{uploads[0]}"))
            assert statuses == [200] * AT_ONCE
            assert done(client.get(f"/uploads/{uploads[0]}"))["state"] == "complete"
