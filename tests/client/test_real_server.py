"""The client against the real server app (no worker, no Redis: the database is the truth)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_api import Live, add_output, live_server, make_ready
from helpers_client import QUICK
from sqlalchemy import select

from roto_client.api import (
    ObjectPrompts,
    RotoClient,
    SubmitRequest,
    Submitted,
    Submitter,
    UploadNotes,
    WatchOptions,
    watch_job,
)
from roto_client.api.errors import (
    ConflictError,
    NotFoundError,
    PathRefusedError,
    PlateError,
    SignInError,
)
from roto_client.cli.finding import ShotNames
from roto_server import migrations
from roto_server.db.models import Job, Shot
from roto_server.db.session import Database
from roto_server.events import emit
from roto_server.settings import Settings
from roto_shapes.errors import PromptError
from roto_shapes.prompts import Click, FramePrompt

HERO = ObjectPrompts("hero", (FramePrompt(1001, (Click(320.0, 180.0),), (300, 150, 340, 200)),))


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("live")
    settings = Settings(
        data_dir=folder, redis_url=f"unix://{folder}/none.sock", allowed_roots=[folder / "plates"]
    )
    database = Database(settings.database_url)
    migrations.upgrade(database)
    database.dispose()
    with live_server(settings) as server:
        yield server


@pytest.fixture
def real(live: Live) -> RotoClient:
    return RotoClient(live.url, live.user_token, retry=QUICK)


@pytest.fixture
def allowed(live: Live, request: pytest.FixtureRequest) -> Path:
    """A plate the server may read in place, of this test's own."""
    folder = live.settings.data_dir / "plates" / request.node.name
    folder.mkdir(parents=True)
    for frame in range(1001, 1006):
        (folder / f"p.{frame}.png").write_bytes(b"\x89PNG frame %d" % frame)
    return folder / "p.%04d.png"


class Farm:
    """Stands in for the farm: every shot that is being probed becomes ready."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()

    def _run(self) -> None:
        while not self.stop.wait(0.05):
            with self.live.database.reading() as session:
                probing = session.scalars(select(Shot.id).where(Shot.state == "probing")).all()
            for shot_id in probing:
                make_ready(self.live.database, shot_id)


def submit(live: Live, real: RotoClient, plate: Path, notes: Path, **facts: object) -> Submitted:
    given = {"plate": str(plate), "objects": (HERO,), "project": "heist", **facts}
    with Farm(live):
        return Submitter(real, notes=UploadNotes(notes)).submit(SubmitRequest(**given))


def test_submit_in_place(live: Live, real: RotoClient, allowed: Path, tmp_path: Path) -> None:
    done = submit(live, real, allowed, tmp_path, shot="in place", tolerance=0.5, engine="flow")
    assert done.in_place
    assert (done.shot.width, done.shot.frame_range) == (640, (1001, 1005))
    assert [task.kind for task in done.job.tasks] == ["track", "vectorize", "export"]
    assert done.job.params["exports"] == ["nuke", "silhouette", "json"]
    assert [thing["name"] for thing in real.objects(done.shot.id)] == ["hero"]
    assert real.job(done.job.id) == done.job
    assert real.status(done.job.id)["state"] == "queued"
    assert next(real.jobs(shot_id=done.shot.id)).id == done.job.id
    assert next(real.shots(done.project.id, name="in place")) == done.shot
    assert ShotNames(real).of(done.job) == f"{done.project.name}/in place v001"
    again = submit(live, real, allowed, tmp_path, shot="in place")
    assert again.shot.id == done.shot.id


def test_a_plate_outside_the_roots_is_uploaded(
    live: Live, real: RotoClient, plate: Path, tmp_path: Path
) -> None:
    with pytest.raises(PathRefusedError):
        submit(live, real, plate, tmp_path, transfer="path")
    done = submit(live, real, plate, tmp_path)
    assert not done.in_place
    stored = Path(done.shot.plate["path"])
    assert (
        Path(str(stored) % 1004).read_bytes() == (plate.parent / "heist_010.1004.png").read_bytes()
    )
    assert submit(live, real, plate, tmp_path).shot.id == done.shot.id


def test_what_the_server_refuses_comes_back_typed(
    live: Live, real: RotoClient, allowed: Path, tmp_path: Path
) -> None:
    with pytest.raises(SignInError) as caught:
        list(RotoClient(live.url, "roto_wrong", retry=QUICK).projects())
    assert caught.value.request_id
    with pytest.raises(NotFoundError):
        real.job("0" * 32)
    project = real.create_project("typed")
    assert next(real.projects(name="typed")) == project
    with pytest.raises(ConflictError):
        real.create_project("typed")
    (allowed.parent / "p.1003.png").unlink()
    with pytest.raises(PlateError) as holes:
        real.create_shot(project.id, "s", path=str(allowed))
    assert (holes.value.code, holes.value.detail["missing"]) == ("missing_frame", [1003])
    far = ObjectPrompts("hero", (FramePrompt(1001, (Click(700.0, 1.0),)),))
    with pytest.raises(PromptError, match="outside"):
        submit(live, real, allowed, tmp_path, objects=(far,), frame_range=(1001, 1002))


def test_cancel_retry_and_log(live: Live, real: RotoClient, allowed: Path, tmp_path: Path) -> None:
    job = submit(live, real, allowed, tmp_path).job
    assert real.cancel(job.id).state == "cancelled"
    assert real.cancel(job.id).state == "cancelled"
    assert real.retry(job.id).state == "queued"
    with pytest.raises(ConflictError):
        real.retry(job.id)
    assert real.log(job.id) == ""
    assert list(real.masks(job.shot_id)) == []
    with pytest.raises(NotFoundError):
        real.shapes(job.shot_id)


def test_download(live: Live, real: RotoClient, allowed: Path, tmp_path: Path) -> None:
    job = submit(live, real, allowed, tmp_path).job
    content = bytes(range(256)) * 1000
    add_output(live, job.id, "mattes/hero_matte_v001.1001.exr", content)
    target = tmp_path / "out" / "mattes" / "hero_matte_v001.1001.exr"
    target.parent.mkdir(parents=True)
    (target.parent / f".{target.name}.part").write_bytes(content[:100_000])
    assert real.download_all(job.id, tmp_path / "out") == [target]
    assert target.read_bytes() == content


@pytest.mark.parametrize("socket", [True, False], ids=["socket", "polling"])
def test_watch(live: Live, real: RotoClient, allowed: Path, tmp_path: Path, socket: bool) -> None:
    job = submit(live, real, allowed, tmp_path).job
    seen = []
    options = WatchOptions(quiet=60.0, websocket=socket)
    for state in watch_job(real, job.id, options=options):
        seen.append(state.state)
        if len(seen) == 1:
            threading.Thread(target=finish, args=(live, job.id), daemon=True).start()
    assert (seen[0], seen[-1]) == ("queued", "succeeded")


def finish(live: Live, job_id: str) -> None:
    """What the farm does at a job's end, a moment from now."""
    time.sleep(0.3)
    with live.database.session() as session:
        job = session.get_one(Job, job_id)
        job.state = "succeeded"
        payload = {"job_id": job_id, "state": "succeeded", "progress": {}}
        emit(session, "job.updated", job.shot.project_id, payload)
