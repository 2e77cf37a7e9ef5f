"""Previews in one worker process: a real Redis and real frames, an engine that says what it saw."""

from __future__ import annotations

import base64
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import redis
from helpers_media import write_movie
from helpers_runtime import TOKEN, FarmStub, preview_spec, refused, task_spec

from roto_client.contract import PreviewRing, preview_list
from roto_shapes.errors import RotoError
from roto_shapes.prompts import FramePrompt
from roto_worker.engines import registry
from roto_worker.engines.base import Candidate, EngineInfo, Logits
from roto_worker.media.source import FrameSource, Image8
from roto_worker.preview import PreviewFrames
from roto_worker.preview import frames as preview_frames
from roto_worker.runtime.attempt import AttemptRunner
from roto_worker.runtime.farm_client import FarmClient, Registration
from roto_worker.runtime.node_cache import NodeCache
from roto_worker.runtime.outbox import Outbox
from roto_worker.runtime.previews import PreviewDesk
from roto_worker.runtime.remote_plates import RemotePlates
from roto_worker.runtime.roots import AllowedRoots
from roto_worker.runtime.scratch import SlotScratch
from roto_worker.runtime.worker import RotoWorker
from roto_worker.runtime.workspace import workspaces
from roto_worker.stages.context import StageResult, TaskContext

FLOW = {"engine": "flow", "model": "dis"}


class Looker:
    """An engine that finds a disc at the first click, and remembers how it was asked."""

    def __init__(self, engine: str = "flow", model: str = "dis") -> None:
        self.info = EngineInfo(engine, model, None, "cpu")
        self.asked: list[tuple[str, tuple[int, ...], FramePrompt]] = []
        self.before: Callable[[], None] = lambda: None

    def look(
        self, key: str, image: Image8, prompt: FramePrompt, hint: Logits | None = None
    ) -> list[Candidate]:
        self.before()
        self.asked.append((key, image.shape, prompt))
        y, x = np.mgrid[: image.shape[0], : image.shape[1]] + 0.5
        click = prompt.points[0]
        disc = (10 - np.hypot(x - click.x, y - click.y)).astype(np.float32)
        return [Candidate(disc, 0.9), Candidate(disc - 5, 0.4)]


class Desk:
    """A desk on a scripted server, and the Redis it takes from."""

    def __init__(self, farm: FarmStub, url: str, folder: Path, roots: list[Path] | None) -> None:
        self.farm, self.folder = farm, folder
        self.redis = redis.Redis.from_url(url)
        self.client = FarmClient(farm.url, TOKEN)
        self.desk = PreviewDesk(
            self.client,
            url,
            registration=lambda: Registration("node:0", 0.05, 2.0),
            boot_id=uuid.uuid4().hex,
            roots=AllowedRoots(roots),
            home=folder,
            plates=RemotePlates(self.client, TOKEN, NodeCache(folder / "cache", 10**9)),
        )
        self.desk.offer([FLOW])

    def ring(self, frame: int = 1001, **changes: Any) -> dict[str, Any]:
        """A waiting preview of the plate, rung for as the server does."""
        spec = preview_spec(self.folder / "plate.%04d.png", frame, **changes)
        self.farm.specs[spec["preview_id"]] = spec
        name = preview_list(spec["engine"], spec["model"])
        self.redis.rpush(name, PreviewRing(spec["preview_id"], spec["image_size"]).to_text())
        return spec

    def results(self) -> list[dict[str, Any]]:
        return [body["result"] for body in self.farm.named("preview_completion")]

    def errors(self) -> list[dict[str, Any]]:
        return [body["error"] for body in self.farm.named("failure")]

    def waiting(self) -> int:
        return sum(self.redis.llen(name) for name in self.redis.keys("roto-preview*"))


@pytest.fixture
def looker(monkeypatch: pytest.MonkeyPatch) -> Looker:
    """Loaded as the process's engine."""
    made = Looker()
    monkeypatch.setattr(registry, "_loaded", {("flow", "auto", None): made})
    return made


@pytest.fixture
def desk(farm: FarmStub, redis_url: str, tmp_path: Path) -> Iterator[Desk]:
    rng = np.random.default_rng(0)
    for frame in (1001, 1002):
        picture = rng.integers(0, 255, (60, 80, 3), np.uint8)
        cv2.imwrite(str(tmp_path / f"plate.{frame}.png"), picture)
    made = Desk(farm, redis_url, tmp_path, [tmp_path])
    yield made
    made.desk.close()
    made.redis.close()


def test_masks_scores_and_boxes_in_plate_pixels(desk: Desk, looker: Looker) -> None:
    desk.ring(frame=1002)
    desk.desk.answer_between("ingest")
    (result,) = desk.results()
    assert result["engine"]["engine"] == "flow"
    assert (result["width"], result["height"]) == (80, 60)
    first, second = result["objects"][0]["candidates"]
    assert (first["score"], second["score"]) == (0.9, 0.4)
    assert first["box"] == [30, 20, 50, 40]
    mask = cv2.imdecode(np.frombuffer(base64.b64decode(first["png"]), np.uint8), -1)
    assert mask.shape == (60, 80)
    assert (mask[30, 40], mask[0, 0]) == (255, 0)
    assert set(np.unique(mask)) - {0, 255}, "the edge is soft"
    ((key, shape, prompt),) = looker.asked
    assert shape == (60, 80, 3)
    assert (prompt.frame, prompt.points[0]) == (1002, (40.0, 30.0, True))
    assert "1002" in key


def test_the_second_click_finds_the_frame_and_the_key_of_the_first(
    desk: Desk, looker: Looker, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[int] = []
    decode = PreviewFrames._decode

    def counted(self: PreviewFrames, plate: Any, space: Any, frame: int, key: str) -> Image8:
        decoded.append(frame)
        return decode(self, plate, space, frame, key)

    monkeypatch.setattr(PreviewFrames, "_decode", counted)
    for frame in (1001, 1001, 1002, 1001):
        desk.ring(frame)
        desk.desk.answer_between("ingest")
    keys = [key for key, _, _ in looker.asked]
    assert decoded == [1001, 1002]
    assert keys[0] == keys[1] == keys[3] != keys[2]

    picture = desk.folder / "plate.1001.png"
    picture.write_bytes((desk.folder / "plate.1002.png").read_bytes() + b" ")
    desk.ring(1001)
    desk.desk.answer_between("ingest")
    assert decoded == [1001, 1002, 1001], "a frame rendered anew is another one"
    assert looker.asked[-1][0] != keys[0]


def test_a_movie_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    open_plate = preview_frames.open_plate

    def counted(plate: dict[str, Any], **options: Any) -> FrameSource:
        opened.append(plate["path"])
        return open_plate(plate, **options)

    monkeypatch.setattr(preview_frames, "open_plate", counted)
    plates = [{"kind": "movie", "path": str(tmp_path / name)} for name in ("a.mov", "b.mov")]
    for plate in plates:
        write_movie(Path(plate["path"]), "prores_ks", "yuv422p10le", 5)
    frames = PreviewFrames()
    seen = {}
    for plate in (plates[0], plates[0], plates[1], plates[1]):
        for frame in (4, 2):
            key, image = frames.read(plate, None, frame)
            assert np.array_equal(seen.setdefault(key, image), image)
    frames.close()
    assert len(seen) == 4
    assert opened == [plates[0]["path"], plates[1]["path"]]


def test_old_frames_are_let_go(desk: Desk) -> None:
    frames = PreviewFrames(keep_bytes=60 * 80 * 3)
    plate = {"kind": "sequence", "path": str(desk.folder / "plate.%04d.png")}
    for frame in (1001, 1002, 1001):
        frames.read(plate, None, frame)
        assert len(frames._frames) == 1


def test_large_plates_come_back_smaller(
    desk: Desk, looker: Looker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roto_worker.preview.masks.MASK_SIDES", (64, 40, 20))
    desk.ring()
    desk.desk.answer_between("ingest")
    monkeypatch.setattr("roto_worker.preview.masks.LARGEST_PREVIEW_BYTES", 1)
    desk.ring()
    desk.desk.answer_between("ingest")
    first, least = desk.results()
    assert (first["width"], first["height"]) == (64, 48)
    assert (least["width"], least["height"]) == (20, 15)
    assert first["objects"][0]["candidates"][0]["box"] == [30, 20, 50, 40], "still plate pixels"


def test_what_goes_wrong_is_told_and_never_raised(desk: Desk, looker: Looker) -> None:
    def broken() -> None:
        raise RuntimeError("CUDA is unhappy")

    looker.before = broken
    desk.ring()
    desk.desk.answer_between("track")
    desk.ring(frame=1003)
    desk.desk.answer_between("track")
    desk.ring(objects=[{"name": "x", "prompt": {"frame": 1001, "box": [1, 1, 800, 30]}}])
    desk.desk.answer_between("track")
    desk.ring(shot={**preview_spec(Path("/etc/x.%04d.png"), 1)["shot"]})
    desk.desk.answer_between("track")
    codes = [error["code"] for error in desk.errors()]
    assert codes == ["engine_failed", "missing_frame", "prompt_outside_plate", "path_refused"]
    assert "CUDA is unhappy" in desk.errors()[0]["message"]
    assert all(error["hint"] for error in desk.errors())


def test_a_server_that_refuses_or_is_away_disturbs_nobody(desk: Desk, looker: Looker) -> None:
    spec = desk.ring()
    desk.farm.specs.clear()
    desk.desk.answer_between("track")
    assert not looker.asked, "somebody else has it"
    desk.farm.script["preview_completion"] = [refused("stale_attempt"), refused("too_large", 413)]
    for _ in range(2):
        desk.ring()
        desk.desk.answer_between("track")
    assert [error["code"] for error in desk.errors()] == ["too_large"]
    desk.redis.rpush(preview_list("auto", "auto"), "os.system", '{"preview_id": 7}', b"\xff")
    for _ in range(3):
        desk.desk.answer_between("track")
    desk.farm.stop()
    desk.farm.specs[spec["preview_id"]] = spec
    desk.ring()
    desk.desk.answer_between("track")
    desk.farm.start()
    assert desk.waiting() == 0
    assert len(looker.asked) == 2


def test_a_redis_that_is_away_is_left_alone_for_a_while(
    farm: FarmStub, looker: Looker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[float] = []
    connect = redis.connection.UnixDomainSocketConnection.connect
    away = f"{tmp_path}/none.sock"

    def counted(self: Any) -> None:
        if self.path == away:  # Other tests' servers may have a Redis of theirs in this process.
            tries.append(time.monotonic())
        connect(self)

    monkeypatch.setattr(redis.connection.UnixDomainSocketConnection, "connect", counted)
    desk = Desk(farm, f"unix://{away}", tmp_path, None)
    for _ in range(100):
        desk.desk.answer_between("track")
    assert len(tries) == 1


def test_a_tracking_process_answers_with_the_engine_it_holds_only(
    desk: Desk, looker: Looker, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.desk.offer([{"engine": "sam2", "model": "nano"}, FLOW])
    left = [desk.ring(engine="sam2", model="nano"), desk.ring(engine="flow", image_size=512)]
    mine = [desk.ring(), desk.ring(engine="flow"), desk.ring(engine="flow", model="dis")]
    for _ in range(3):
        desk.desk.answer_between("track")
    assert len(desk.results()) == len(mine)
    assert set(desk.farm.specs) == {spec["preview_id"] for spec in left}
    assert desk.waiting() == len(left), "left for others"

    sam2 = Looker("sam2", "nano")
    loads: list[tuple[str, str, int | None]] = []

    def acquire(engine: str, model: str, image_size: int | None) -> Looker:
        loads.append((engine, model, image_size))
        return sam2

    monkeypatch.setattr(registry, "acquire", acquire)
    desk.desk.answer_between("vectorize")
    assert sorted(loads, key=str) == [("flow", "auto", 512), ("sam2", "nano", None)]
    desk.ring()
    desk.desk.answer_between("vectorize")
    assert loads[-1] == ("sam2", "auto", None), "auto is the best there is, not what lies about"
    assert desk.waiting() == 0


def test_an_engine_without_previews_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Blind:
        info = EngineInfo("flow", "dis", None, "cpu")

    monkeypatch.setattr(registry, "_loaded", {("flow", "auto", None): Blind()})
    desk.ring()
    desk.desk.answer_between("track")
    assert [error["code"] for error in desk.errors()] == ["unknown_model"]


def test_a_process_that_offers_nothing_takes_nothing(desk: Desk, looker: Looker) -> None:
    desk.desk.offer([])
    desk.ring()
    for kind in ("track", "vectorize"):
        desk.desk.answer_between(kind)
    assert desk.desk.lists() == []
    assert desk.waiting() == 1


def test_the_model_is_loaded_before_the_first_click(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    loads: list[str] = []

    def acquire(engine: str) -> Looker:
        loads.append(engine)
        if len(loads) > 1:
            raise RotoError("it is damaged", code="checkpoint_invalid")
        return Looker("sam2", "large")

    monkeypatch.setattr(registry, "acquire", acquire)
    desk.desk.offer([])
    desk.desk.warm()
    assert loads == [], "a process that answers no previews loads no model"
    desk.desk.offer([FLOW])
    with caplog.at_level("INFO"):
        desk.desk.warm()
        assert "sam2 (large) is loaded" in caplog.text
        desk.desk.warm()
    assert loads == ["auto", "auto"]
    assert "it is damaged" in caplog.text, "and the worker goes on"


# -- within the worker's loops


def test_an_idle_worker_answers_before_it_takes_a_task(
    desk: Desk, looker: Looker, redis_url: str
) -> None:
    worker = RotoWorker(
        ["gpu"], name=uuid.uuid4().hex, connection=redis.Redis.from_url(redis_url),
        on_drain=lambda: None, previews=desk.desk,
    )  # fmt: skip
    for _ in range(3):
        desk.ring()
    worker.work(burst=True, logging_level=None)
    assert len(desk.results()) == 3


def test_a_signal_during_a_preview_lets_it_finish(
    desk: Desk, looker: Looker, redis_url: str
) -> None:
    drained: list[bool] = []
    worker = RotoWorker(
        ["gpu"], name=uuid.uuid4().hex, connection=redis.Redis.from_url(redis_url),
        on_drain=lambda: drained.append(True), previews=desk.desk,
    )  # fmt: skip
    looker.before = lambda: worker.request_stop(15, None)
    desk.ring()
    desk.ring()
    worker.work(logging_level=None)
    assert worker.drained
    assert drained == [True]
    assert len(desk.results()) == 1
    assert desk.waiting() == 1


def test_between_two_steps_of_a_stage(desk: Desk, looker: Looker) -> None:
    scratch = SlotScratch(desk.folder / "scratch", 0)
    runner = AttemptRunner(
        desk.client,
        scratch,
        Outbox(scratch.reports, desk.client),
        registration=lambda: Registration("node:0", 0.05, 2.0),
        boot_id=uuid.uuid4().hex,
        workspaces=workspaces(
            desk.client, AllowedRoots(None), NodeCache(desk.folder / "cache", 10**9), 30.0
        ),
        stages=lambda kind: stage,
        interlude=desk.desk.answer_between,
    )
    answered: list[int] = []

    def stage(context: TaskContext) -> StageResult:
        for step in range(3):
            desk.ring()
            elsewhere = threading.Thread(target=context.progress, args=(step, 3))
            elsewhere.start()
            elsewhere.join()
            assert len(desk.results()) == step, "in the stage's own thread only"
            context.progress(step, 3)
            answered.append(len(desk.results()))
        runner.drain(60)
        desk.ring()
        context.progress(3, 3)
        answered.append(len(desk.results()))
        return {"files": [], "provenance": {}}

    spec = task_spec(desk.folder, kind="track", params={
        "objects": [{"id": "0" * 32, "name": "x", "prompts": []}], "frame_range": [1, 2],
        "engine": "flow", "model": "auto",
    })  # fmt: skip
    desk.farm.specs[spec["task_id"]] = spec
    runner.run(spec["task_id"])
    scratch.close()
    assert answered == [1, 2, 3, 3], "a draining worker takes no more"
    assert len(desk.farm.named("completion")) == 1
