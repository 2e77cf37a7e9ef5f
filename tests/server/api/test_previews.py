"""Previews over HTTP: the tests play the worker, with the farm token and the list in Redis."""

from __future__ import annotations

import base64
import struct
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_api import (
    API,
    Live,
    add_project,
    add_shot,
    assert_refused,
    live_server,
    make_ready,
    make_sequence,
    migrated_settings,
)
from redis import Redis

from roto_client.contract import PRODUCT_VERSION, PreviewRing, check_preview_spec, preview_list

ENGINE = {"engine": "flow", "model": "flow", "checkpoint_sha256": None, "device": "cpu"}
RESULT = {
    "engine": ENGINE,
    "width": 640,
    "height": 360,
    "objects": [
        {"name": "hero", "candidates": [{"png": "iVBORw0=", "score": 0.75, "box": [1, 2, 3, 4]}]}
    ],
}


def question(frame: int = 1001, x: float = 320.5, **more: Any) -> dict[str, Any]:
    hero = {"name": "hero", "points": [{"x": x, "y": 180.5, "positive": True}]}
    return {"frame": frame, "objects": [hero], **more}


class Worker:
    """A worker process as the server sees it."""

    def __init__(self, live: Live, *engines: tuple[str, str], previews: bool = True) -> None:
        self.client = httpx.Client(
            base_url=f"{live.url}{API}/farm",
            headers={"Authorization": f"Bearer {live.farm_token}"},
            timeout=60,
        )
        self.redis = Redis.from_url(live.settings.redis_url, socket_timeout=30)
        self.node, self.engines, self.previews = uuid.uuid4().hex, engines, previews
        self.register()

    def register(self) -> None:
        """Also what a restarted process does: the boot id is new."""
        self.boot = uuid.uuid4().hex
        kinds = ["track", "preview"] if self.previews else ["track"]
        body = {
            "node": self.node, "slot": 0, "boot_id": self.boot, "version": PRODUCT_VERSION,
            "queues": ["gpu"], "kinds": kinds, "device": "cpu",
            "engines": [{"engine": engine, "model": model} for engine, model in self.engines],
        }  # fmt: skip
        answer = self.client.post("/workers", json=body)
        assert answer.status_code == 200, answer.text

    def take(self, engine: str = "auto", model: str = "auto") -> PreviewRing:
        """The next ring on a list."""
        found = self.redis.blpop([preview_list(engine, model)], timeout=20)
        assert found is not None, "no preview was rung for"
        return PreviewRing.from_text(found[1].decode())

    def take_two(self) -> set[str]:
        """The ids of two previews: what waits long is rung for again."""
        ids: set[str] = set()
        while len(ids) < 2:
            ids.add(self.take().preview_id)
        return ids

    def claim(self, preview_id: str) -> httpx.Response:
        me = {"worker_id": f"{self.node}:0", "boot_id": self.boot}
        return self.client.post(f"/previews/{preview_id}/claim", json=me)

    def complete(self, preview_id: str, result: dict[str, Any] = RESULT) -> httpx.Response:
        return self.client.post(f"/previews/{preview_id}/complete", json={"result": result})

    def fail(self, preview_id: str, **error: Any) -> httpx.Response:
        return self.client.post(f"/previews/{preview_id}/fail", json={"error": error})

    def close(self) -> None:
        self.client.close()
        self.redis.close()


@pytest.fixture
def worker(live: Live) -> Iterator[Worker]:
    made = Worker(live, ("flow", "flow"))
    made.redis.flushall()
    yield made
    made.close()


@pytest.fixture
def ready(live: Live, shot: str) -> str:
    make_ready(live.database, shot)
    return shot


@contextmanager
def asking(ask: Callable[[], httpx.Response]) -> Iterator[list[httpx.Response]]:
    """``ask`` in a thread; its answer is in the list when the block has ended."""
    answers: list[httpx.Response] = []
    thread = threading.Thread(target=lambda: answers.append(ask()))
    thread.start()
    try:
        yield answers
    finally:
        thread.join()


@pytest.mark.database
def test_a_preview_is_answered_within_the_request(
    live: Live, api: httpx.Client, ready: str, worker: Worker
) -> None:
    with asking(lambda: api.post(f"/shots/{ready}/preview", json=question())) as answers:
        ring = worker.take()
        spec = worker.claim(ring.preview_id).json()
        assert worker.complete(ring.preview_id).json() == {"state": "done"}
    check_preview_spec(spec)
    assert spec["shot"]["plate"]["path"].endswith("plate.%04d.png")
    assert spec["objects"][0]["prompt"]["frame"] == spec["frame"] == 1001
    (answer,) = answers
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["state"], body["message"], body["engine"]) == ("done", "", ENGINE)
    assert body["objects"] == RESULT["objects"]
    assert api.get(body["url"].removeprefix(API)).json() == body


def test_a_roto_shape_is_a_prompt(api: httpx.Client, ready: str, worker: Worker) -> None:
    hero = {"name": "hero", "outline": [{"points": [[10, 10], [90, 10], [10, 90.5]]}]}
    with asking(
        lambda: api.post(f"/shots/{ready}/preview", json={"frame": 1001, "objects": [hero]})
    ) as answers:
        ring = worker.take()
        spec = worker.claim(ring.preview_id).json()
        worker.complete(ring.preview_id)
    check_preview_spec(spec)
    (outline,) = spec["objects"][0]["prompt"]["outline"]
    assert (outline["kind"], outline["mode"]) == ("bezier", "add")
    assert [point[:2] for point in outline["points"]] == [[10, 10], [90, 10], [10, 90.5]]
    assert answers[0].status_code == 200


def test_what_lies_in_redis_says_nothing_of_the_shot(
    api: httpx.Client, ready: str, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roto_server.previews.upkeep.RING_AFTER", timedelta(minutes=5))
    with asking(lambda: api.post(f"/shots/{ready}/preview", json=question(image_size=512))):
        found = worker.redis.blpop([preview_list("auto", "auto")], timeout=20)
        ring = PreviewRing.from_text(found[1].decode())
        worker.claim(ring.preview_id)
        worker.complete(ring.preview_id)
    assert ring == PreviewRing(ring.preview_id, 512)
    assert ready.encode() not in found[1]
    assert worker.redis.keys("roto-preview*") == []


def test_only_workers_with_the_model_hear_of_it(
    api: httpx.Client, ready: str, worker: Worker
) -> None:
    body = question(engine="sam2", model="nano")
    with asking(lambda: api.post(f"/shots/{ready}/preview", json=body)):
        ring = worker.take("sam2", "nano")
        worker.claim(ring.preview_id)
        worker.complete(ring.preview_id)


PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 320, 180) + bytes(9)

REFUSED = {
    "a click beside the plate": (question(x=641), 422, "prompt_outside_plate"),
    "a frame beside the plate's": (question(frame=1011), 422, "prompt_outside_range"),
    "nothing said": ({"frame": 1001, "objects": []}, 422, "no_objects"),
    "an object without prompts": (
        {"frame": 1001, "objects": [{"name": "hero"}]}, 422, "bad_prompt",
    ),
    "negative clicks alone": (
        {"frame": 1001, "objects": [{"points": [{"x": 1, "y": 1, "positive": False}]}]},
        422, "no_objects",
    ),
    "a box turned inside out": (
        {"frame": 1001, "objects": [{"box": [9, 9, 1, 1]}]}, 422, "bad_prompt",
    ),
    "a mask of another size": (
        {"frame": 1001, "objects": [{"mask": {"png": base64.b64encode(PNG).decode()}}]},
        422, "bad_prompt",
    ),
    "one name twice": (
        {"frame": 1001, "objects": question()["objects"] * 2}, 422, "bad_request",
    ),
    "an engine nobody knows": (question(engine="magic"), 422, "unknown_model"),
    "a model nobody knows": (question(engine="flow", model="large"), 422, "unknown_model"),
    "a field nobody knows": (question(later=True), 422, "bad_request"),
    "a key with a line break": (question(client_key="a\nb"), 422, "bad_request"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_at_once(api: httpx.Client, ready: str, worker: Worker, name: str) -> None:
    body, status, code = REFUSED[name]
    assert_refused(api.post(f"/shots/{ready}/preview", json=body), status, code)
    assert worker.redis.keys("roto-preview*") == [], "nobody was rung for"


def test_shots_that_cannot_be_previewed(api: httpx.Client, shot: str) -> None:
    nowhere = uuid.uuid4().hex
    assert_refused(api.post(f"/shots/{nowhere}/preview", json=question()), 404, "not_found")
    refusal = api.post(f"/shots/{shot}/preview", json=question())
    assert "probing" in assert_refused(refusal, 409, "plate_not_ready")["message"]


def test_rights(live: Live, api: httpx.Client, ready: str, worker: Worker) -> None:
    unknown = uuid.uuid4().hex
    assert_refused(api.get(f"/shots/{ready}/previews/{unknown}"), 404, "not_found")
    with live.client(live.farm_token) as farm:
        answer = farm.post(f"/shots/{ready}/preview", json=question())
        assert_refused(answer, 403, "forbidden")
    with live.client("roto_nonsense") as stranger:
        answer = stranger.get(f"/shots/{ready}/previews/{unknown}")
        assert_refused(answer, 401, "unauthorized")
    for verb in ("claim", "complete", "fail"):
        assert_refused(api.post(f"/farm/previews/{unknown}/{verb}", json={}), 403, "forbidden")
    assert_refused(worker.claim(unknown), 409, "not_claimable")


def test_a_preview_belongs_to_its_shot(
    live: Live, api: httpx.Client, project: str, plates: Path, ready: str, worker: Worker
) -> None:
    other = add_shot(api, project, make_sequence(plates / "other", [1, 2]), "other")["id"]
    with asking(lambda: api.post(f"/shots/{ready}/preview", json=question())):
        preview_id = worker.take().preview_id
        worker.complete(preview_id)
    assert api.get(f"/shots/{ready}/previews/{preview_id}").status_code == 200
    assert_refused(api.get(f"/shots/{other}/previews/{preview_id}"), 404, "not_found")


@pytest.mark.database
def test_a_newer_request_of_the_same_view_supersedes(
    api: httpx.Client, ready: str, worker: Worker
) -> None:
    def show(frame: int) -> httpx.Response:
        return api.post(f"/shots/{ready}/preview", json=question(frame, client_key="nuke-1"))

    with asking(lambda: show(1001)) as first, asking(lambda: show(1002)) as second:
        specs = {ident: worker.claim(ident) for ident in worker.take_two()}
        taken = {ident for ident, answer in specs.items() if answer.status_code == 200}
        states = {ident: worker.complete(ident) for ident in specs}
        done = [ident for ident, answer in states.items() if answer.status_code == 200]
    answers = [*first, *second]
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (late,) = (answer for answer in answers if answer.status_code == 409)
    old = assert_refused(late, 409, "superseded")["detail"]["preview_id"]
    assert len(done) == 1
    assert done[0] in taken
    assert done[0] != old
    assert_refused(states[old], 409, "stale_attempt")
    assert_refused(api.get(f"/shots/{ready}/previews/{old}"), 409, "superseded")


def test_another_view_and_no_view_supersede_nothing(
    api: httpx.Client, ready: str, worker: Worker
) -> None:
    keys: list[dict[str, Any]] = [{}, {}, {"client_key": "a"}, {"client_key": "b"}]
    answers: list[httpx.Response] = []

    def show(more: dict[str, Any]) -> None:
        answers.append(api.post(f"/shots/{ready}/preview", json=question(**more)))

    threads = [threading.Thread(target=show, args=(more,)) for more in keys]
    for thread in threads:
        thread.start()
    done = 0
    while done < len(keys):
        # One that has been answered may be rung for once more.
        done += worker.complete(worker.take().preview_id).status_code == 200
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 4


def test_what_the_worker_met_comes_back_with_its_code(
    api: httpx.Client, ready: str, worker: Worker
) -> None:
    with asking(lambda: api.post(f"/shots/{ready}/preview", json=question())) as answers:
        ident = worker.take().preview_id
        worker.claim(ident)
        worker.fail(ident, code="missing_frame", message="frame 1001 is gone", hint="bring it back")
    body = assert_refused(answers[0], 422, "missing_frame")
    assert (body["message"], body["hint"]) == ("frame 1001 is gone", "bring it back")
    assert_refused(worker.complete(ident), 409, "stale_attempt")


def test_answers_are_held_to_the_contract(
    api: httpx.Client, ready: str, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roto_server.previews.answer.LARGEST_PREVIEW_BYTES", 1000)
    with asking(lambda: api.post(f"/shots/{ready}/preview", json=question())) as answers:
        ident = worker.take().preview_id
        worker.claim(ident)
        assert_refused(worker.complete(ident, {**RESULT, "objects": []}), 422, "bad_request")
        large = {"name": "x", "candidates": [{"png": "A" * 1000, "score": 1, "box": None}]}
        assert_refused(worker.complete(ident, {**RESULT, "objects": [large]}), 413, "too_large")
        worker.complete(ident)
    assert answers[0].status_code == 200


# -- what time does; servers whose clocks run fast


@contextmanager
def quick_server(folder: Path, redis_url: str, **seconds: float) -> Iterator[tuple[Live, str]]:
    """A server with short times, and a ready shot on it."""
    settings = migrated_settings(folder, f"sqlite:///{folder / 'roto.db'}", redis_url)
    times = {"reconcile_seconds": 0.05, "preview_wait_seconds": 0.2, **seconds}
    with live_server(settings.model_copy(update=times)) as live, live.client() as api:
        plate = make_sequence(settings.allowed_roots[0], list(range(1001, 1011)))
        shot = str(add_shot(api, str(add_project(api)["id"]), plate)["id"])
        make_ready(live.database, shot)
        with Redis.from_url(redis_url) as redis:
            redis.flushall()
        yield live, shot


def until(ask: Callable[[], httpx.Response], status: int) -> httpx.Response:
    """Ask again and again, as a client does, until the answer is another than 202."""
    while (answer := ask()).status_code == 202:
        pass
    assert answer.status_code == status, answer.text
    return answer


def test_too_slow_for_the_request_but_not_for_the_client(redis_url: str, tmp_path: Path) -> None:
    with quick_server(tmp_path, redis_url) as (live, shot), live.client() as api:
        worker = Worker(live, ("flow", "flow"))
        answer = api.post(f"/shots/{shot}/preview", json=question())
        assert answer.status_code == 202
        assert answer.json()["state"] == "waiting"
        assert "not come to it yet" in answer.json()["message"]
        ident = worker.take().preview_id
        worker.claim(ident)
        running = api.get(f"/shots/{shot}/previews/{ident}")
        assert (running.status_code, running.json()["state"]) == (202, "running")
        assert worker.node in running.json()["message"]
        worker.complete(ident)
        assert api.get(answer.json()["url"].removeprefix(API)).json()["state"] == "done"
        worker.close()


def test_nobody_there_to_answer(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        quick_server(tmp_path, redis_url, preview_seconds=3) as (live, shot),
        live.client() as api,
    ):
        old_worker = Worker(live, ("flow", "flow"), previews=False)
        asked = api.post(f"/shots/{shot}/preview", json=question(engine="flow"))
        assert asked.status_code == 202
        assert "No worker" in asked.json()["message"]
        url = asked.json()["url"].removeprefix(API)
        late = assert_refused(until(lambda: api.get(url), 504), 504, "preview_expired")
        assert "No worker that answers previews with engine flow" in late["message"]
        assert late["hint"]
        assert_refused(old_worker.claim(asked.json()["id"]), 409, "not_claimable")
        assert_refused(old_worker.complete(asked.json()["id"]), 409, "stale_attempt")
        old_worker.close()


def test_a_ring_that_redis_forgot_is_rung_again(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roto_server.previews.upkeep.RING_AFTER", timedelta(seconds=0.2))
    with quick_server(tmp_path, redis_url) as (live, shot), live.client() as api:
        worker = Worker(live, ("flow", "flow"))
        ident = api.post(f"/shots/{shot}/preview", json=question()).json()["id"]
        worker.redis.flushall()
        assert worker.take().preview_id == ident
        worker.redis.flushall()
        assert worker.take().preview_id == ident
        assert worker.redis.llen(preview_list("auto", "auto")) <= 1, "never twice in the list"
        worker.close()


def test_a_worker_lost_over_it_is_replaced_once(redis_url: str, tmp_path: Path) -> None:
    with quick_server(tmp_path, redis_url) as (live, shot), live.client() as api:
        worker = Worker(live, ("flow", "flow"))
        ident = api.post(f"/shots/{shot}/preview", json=question()).json()["id"]
        for _ in range(2):
            assert worker.take().preview_id == ident
            assert worker.claim(ident).status_code == 200
            worker.register()
        lost = assert_refused(api.get(f"/shots/{shot}/previews/{ident}"), 503, "worker_lost")
        assert "2 workers" in lost["message"]
        worker.close()


def test_a_worker_that_falls_silent_is_not_waited_for(redis_url: str, tmp_path: Path) -> None:
    with (
        quick_server(tmp_path, redis_url, preview_answer_seconds=0.2) as (live, shot),
        live.client() as api,
    ):
        worker, other = Worker(live, ("flow", "flow")), Worker(live, ("flow", "flow"))
        ident = api.post(f"/shots/{shot}/preview", json=question()).json()["id"]
        worker.claim(worker.take().preview_id)
        assert other.take().preview_id == ident
        live.app.state.farm.settings.preview_answer_seconds = 60  # the second is not silent
        other.claim(ident)
        worker.complete(ident)
        assert api.get(f"/shots/{shot}/previews/{ident}").status_code == 200
        assert_refused(other.complete(ident), 409, "stale_attempt")
        worker.close()
        other.close()


def test_answers_are_forgotten(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with quick_server(tmp_path, redis_url) as (live, shot), live.client() as api:
        worker = Worker(live, ("flow", "flow"))
        ident = api.post(f"/shots/{shot}/preview", json=question()).json()["id"]
        worker.complete(ident)
        monkeypatch.setattr("roto_server.previews.upkeep.KEEP", timedelta(0))
        while (answer := api.get(f"/shots/{shot}/previews/{ident}")).status_code == 200:
            pass
        assert_refused(answer, 404, "not_found")
        worker.close()
