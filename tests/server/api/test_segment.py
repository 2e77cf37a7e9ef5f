"""Submitting: what is known at once is refused at once; a request that comes twice is one job."""

from __future__ import annotations

import base64
import json
import struct
import threading
import uuid
from typing import Any

import httpx
import pytest
from helpers_api import Live, assert_refused, make_ready, submission
from redis import Redis
from sqlalchemy import func, select

from roto_client.contract.places import Places
from roto_server.db.farm import Node
from roto_server.db.models import Attempt, Job, Prompt, RotoObject, Worker
from roto_server.jobs.reach import Reach
from roto_server.jobs.spec import build_spec
from roto_server.storage import DirectoryStorage


def click(x: float, y: float, positive: bool = True) -> dict[str, Any]:
    return {"x": x, "y": y, "positive": positive}


def asked(*prompts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"objects": [{"name": "hero", "prompts": list(prompts)}], **more}


def ranged(own: list[int], **more: Any) -> dict[str, Any]:
    return {"objects": [{"name": "hero", "prompts": [ON], "frame_range": own}], **more}


ON = {"frame": 1001, "points": [click(10, 10)]}


@pytest.mark.database
def test_a_roto_job(live: Live, api: httpx.Client, shot: str) -> None:
    make_ready(live.database, shot)
    body = submission(
        "hero", "car", outputs=["mattes", "shapes"], exports=["nuke", "json"], engine="flow",
        frame_range=[1001, 1005], priority="high",
    )  # fmt: skip
    answer = api.post(f"/shots/{shot}/segment", json=body, headers={"X-Request-Id": "from-nuke"})
    assert answer.status_code == 202
    job = answer.json()
    assert (job["kind"], job["state"], job["priority"]) == ("roto", "queued", "high")
    assert [task["kind"] for task in job["tasks"]] == ["track", "vectorize", "export"]
    assert [task["state"] for task in job["tasks"]] == ["ready", "waiting", "waiting"]
    assert job["progress"]["fraction"] == 0
    assert job["params"]["frame_range"] == [1001, 1005]
    assert [item["name"] for item in job["params"]["objects"]] == ["hero", "car"]
    assert api.get(f"/jobs/{job['id']}").json() == job
    with live.database.reading() as session:
        row = session.get_one(Job, job["id"])
        assert row.creator is not None
        assert (row.creator.name, row.request_id) == ("ada", "from-nuke")
        prompts = session.scalars(select(Prompt).where(Prompt.job_id == job["id"])).all()
        assert {prompt.frame for prompt in prompts} == {1001}
        assert len(prompts) == 2
    with Redis.from_url(live.settings.redis_url) as redis:
        assert redis.llen("rq:queue:roto-gpu-high") >= 1


@pytest.mark.database
def test_ranges_of_objects_and_edges_reach_the_worker(
    live: Live, api: httpx.Client, shot: str
) -> None:
    make_ready(live.database, shot)
    body = submission("hero", "car", edges={"detail": True})
    body["objects"][0]["frame_range"] = [990, 1003]
    job = api.post(f"/shots/{shot}/segment", json=body).json()
    assert "frame_range" not in job["params"]["objects"][1]  # an older worker knows no such field
    storage = DirectoryStorage(live.settings.storage_root)
    reach = Reach(storage, Places())
    with live.database.reading() as session:
        for task in session.get_one(Job, job["id"]).tasks:
            attempt = Attempt(id="0" * 32, number=1, output_dir="out")
            params = build_spec(session, storage, reach, task, attempt)["params"]
            assert params["objects"][0]["frame_range"] == [990, 1003]
            assert params.get("edges") == (
                {"detail": True, "refine": True} if task.kind == "track" else None
            )


@pytest.mark.database
def test_objects_are_found_by_name_on_the_next_job(
    live: Live, api: httpx.Client, shot: str
) -> None:
    make_ready(live.database, shot)
    first = api.post(f"/shots/{shot}/segment", json=submission("hero")).json()
    again = submission("hero", "car")
    again["objects"][0]["label"] = "lead"
    second = api.post(f"/shots/{shot}/segment", json=again).json()
    ids = [[item["id"] for item in job["params"]["objects"]] for job in (first, second)]
    assert ids[0][0] == ids[1][0] != ids[1][1]
    assert (first["version"], second["version"]) == (1, 2)
    labels = {o["name"]: o["label"] for o in api.get(f"/shots/{shot}/objects").json()["items"]}
    assert labels == {"hero": "lead", "car": ""}


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("no_objects", {"objects": []}),
    ("no_objects", {"objects": [{"name": "hero"}]}),
    ("no_objects", asked({"frame": 1001, "points": [click(5, 5, positive=False)]})),
    ("no_objects", asked({"frame": 1001, "absent": True})),
    ("bad_prompt", asked({"frame": 1001})),
    ("bad_prompt", asked(ON, ON)),
    ("bad_prompt", asked({**ON, "absent": True})),
    ("bad_prompt", asked({"frame": 1001, "box": [9, 9, 2, 2]})),
    ("bad_prompt", asked({"frame": 1001, "mask": {"png": "!"}})),
    ("bad_prompt", asked({"frame": 1001, "mask": {"png": base64.b64encode(b"jpeg").decode()}})),
    ("prompt_outside_plate", asked({"frame": 1001, "points": [click(-1, 10)]})),
    ("bad_request", {}),
    ("bad_request", asked(ON, engines="flow")),
    ("bad_request", asked(ON, outputs=["movie"])),
    ("bad_request", asked(ON, mattes="tiff")),
    ("bad_request", asked(ON, direction="up")),
    ("bad_request", asked(ON, priority="urgent")),
    ("bad_request", asked(ON, tolerance=0)),
    ("bad_request", asked(ON, edges={"sharpen": True})),
    ("bad_request", ranged([1005, 1001])),
    ("bad_prompt", ranged([1020, 1030], frame_range=[1001, 1010])),
    ("prompt_outside_range", ranged([1002, 1005])),
    ("bad_request", asked(ON, image_size=1)),
    ("bad_request", asked(ON, image_size=500)),
    ("bad_request", asked(ON, layer_transform="on")),
    ("bad_request", asked(ON, frame_range=[1005, 1001])),
    ("bad_request", asked({"frame": 1001, "points": [{"x": "a", "y": 1, "positive": True}]})),
    ("bad_request", asked({"frame": 2**40, "points": [click(1, 1)]})),
    ("bad_request", {"objects": [{"name": "a/b", "prompts": [ON]}]}),
    ("bad_request", {"objects": [{"name": ".", "prompts": [ON]}]}),
    ("bad_request", {"objects": [{"name": n, "prompts": [ON]} for n in ("Hero", "hero")]}),
    ("unknown_format", asked(ON, exports=["nuke", "word"])),
    ("unknown_model", asked(ON, engine="magic")),
    ("unknown_model", asked(ON, model="sam9")),
    ("unknown_model", asked(ON, engine="flow", model="sam2.1_hiera_tiny")),
    ("bad_template", asked(ON, template="{object}/{frame}.exr")),
    ("bad_template", asked(ON, template="{object}.exr")),
    ("bad_template", asked(ON, template="{frame}{secret}")),
    ("bad_template", asked(ON, template="{frame:9999d}")),
    ("bad_template", asked(ON, template="x" * 300 + "{frame}")),
    ("prompt_outside_range", asked(ON, frame_range=[1002, 1005])),
    ("prompt_outside_range", asked(ON, {"frame": 1011, "points": [click(1, 1)]})),
    ("range_outside_plate", asked(ON, frame_range=[1001, 1011])),
]
"""Refused whether the plate has been read or not."""


@pytest.mark.parametrize("ready", [False, True], ids=["probing", "ready"])
@pytest.mark.parametrize(
    ("code", "body"), REFUSED, ids=[f"{n}-{code}" for n, (code, _) in enumerate(REFUSED)]
)
def test_refused_at_once(
    live: Live, api: httpx.Client, shot: str, *, code: str, body: dict[str, Any], ready: bool
) -> None:
    if ready:
        make_ready(live.database, shot)
    assert_refused(api.post(f"/shots/{shot}/segment", json=body), 422, code)
    with live.database.reading() as session:
        jobs = select(func.count()).select_from(Job).where(Job.shot_id == shot, Job.kind == "roto")
        objects = select(func.count()).select_from(RotoObject).where(RotoObject.shot_id == shot)
        assert (session.scalar(jobs), session.scalar(objects)) == (0, 0)


@pytest.mark.database
def test_a_click_outside_a_ready_plate(live: Live, api: httpx.Client, shot: str) -> None:
    make_ready(live.database, shot, size=(640, 360))
    body = asked(
        {"frame": 1001, "points": [click(640, 360)]}, {"frame": 1002, "box": [0, 0, 641, 9]}
    )
    refusal = assert_refused(
        api.post(f"/shots/{shot}/segment", json=body), 422, "prompt_outside_plate"
    )
    assert refusal["detail"]["object"] == "hero"
    assert refusal["detail"]["frame"] == 1002


def test_a_mask_of_another_size(live: Live, api: httpx.Client, shot: str) -> None:
    make_ready(live.database, shot, size=(4, 2))

    def masked(width: int, height: int) -> dict[str, Any]:
        header = struct.pack(">II5B", width, height, 8, 0, 0, 0, 0)
        content = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header
        return asked({"frame": 1001, "mask": {"png": base64.b64encode(content).decode()}})

    refusal = assert_refused(
        api.post(f"/shots/{shot}/segment", json=masked(2, 4)), 422, "bad_prompt"
    )
    assert refusal["detail"] == {"frame": 1001, "object": "hero"}
    assert api.post(f"/shots/{shot}/segment", json=masked(4, 2)).status_code == 202


@pytest.mark.database
def test_wanted_twice_is_made_once(live: Live, api: httpx.Client, shot: str) -> None:
    make_ready(live.database, shot)
    body = asked(ON, exports=["json", "nuke", "json"], outputs=["shapes", "mattes", "shapes"])
    job = api.post(f"/shots/{shot}/segment", json=body).json()
    assert job["params"]["exports"] == ["json", "nuke"]
    assert job["params"]["outputs"] == ["shapes", "mattes"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none(api: httpx.Client, shot: str, number: str) -> None:
    body = json.dumps(asked({"frame": 1001, "points": [click(0.125, 1)]})).replace("0.125", number)
    answer = api.post(
        f"/shots/{shot}/segment",
        content=body,
        headers={"Content-Type": "application/json"},
    )
    assert_refused(answer, 422, "bad_request")


@pytest.mark.database
def test_a_probing_shot_takes_the_job_and_lets_it_wait(
    live: Live, api: httpx.Client, shot: str
) -> None:
    body = asked({"frame": 1001, "points": [click(5000, 10)]})
    job = api.post(f"/shots/{shot}/segment", json=body).json()
    assert job["state"] == "queued"
    assert job["tasks"][0]["state"] == "waiting"


@pytest.mark.database
def test_an_invalid_shot_takes_no_job(live: Live, api: httpx.Client, shot: str) -> None:
    [ingest] = api.get("/jobs", params={"shot_id": shot}).json()["items"]
    assert api.post(f"/jobs/{ingest['id']}/cancel").json()["state"] == "cancelled"
    assert api.get(f"/shots/{shot}").json()["state"] == "invalid"
    answer = api.post(f"/shots/{shot}/segment", json=submission("hero"))
    assert_refused(answer, 409, "plate_not_ready")


@pytest.mark.database
def test_models_of_living_workers_are_known(live: Live, api: httpx.Client, shot: str) -> None:
    make_ready(live.database, shot)
    body = submission("hero", model="studio_tuned", engine="sam2")
    assert_refused(api.post(f"/shots/{shot}/segment", json=body), 422, "unknown_model")
    with live.database.session() as session:
        session.merge(Worker(
            id="node:0", node="node", slot=0, boot_id="0" * 32, version="0.1.0", queues=["gpu"],
            kinds=["track", "preview"], device="cpu",
            engines=[{"engine": "sam2", "model": "studio_tuned"}],
        ))  # fmt: skip
    assert api.post(f"/shots/{shot}/segment", json=body).status_code == 202
    told = {"engine": "sam2", "model": "studio_tuned", "workers": 1, "previews": True}
    assert told in api.get("/engines").json()["engines"]
    with live.database.session() as session:
        session.add(Node(name="node", state="draining", reason="a test"))
    # It may still be named: the job waits until the node is given work again.
    assert {**told, "workers": 0, "previews": False} in api.get("/engines").json()["engines"]
    assert api.post(f"/shots/{shot}/segment", json=body).status_code == 202
    with live.database.session() as session:
        session.delete(session.get_one(Node, "node"))
        session.delete(session.get_one(Worker, "node:0"))


def test_every_model_that_is_listed_may_be_named(api: httpx.Client, shot: str) -> None:
    listed = api.get("/engines").json()["engines"]
    assert ("sam2", "nano", 0) in [(one["engine"], one["model"], one["workers"]) for one in listed]
    for one in listed:
        body = submission("hero", engine=one["engine"], model=one["model"])
        assert api.post(f"/shots/{shot}/segment", json=body).status_code == 202


@pytest.mark.parametrize("model", ["sam2.1_hiera_tiny", "sam2.1_hiera_large", "nano"])
@pytest.mark.parametrize("engine", ["auto", "sam2"])
def test_known_models(api: httpx.Client, shot: str, engine: str, model: str) -> None:
    body = submission("hero", engine=engine, model=model)
    assert api.post(f"/shots/{shot}/segment", json=body).status_code == 202


@pytest.mark.database
class TestIdempotency:
    def send(self, api: httpx.Client, shot: str, key: str, **more: Any) -> httpx.Response:
        return api.post(
            f"/shots/{shot}/segment",
            json=submission("hero", **more),
            headers={"Idempotency-Key": key},
        )

    def test_the_same_request_twice_is_one_job(self, api: httpx.Client, shot: str) -> None:
        key = uuid.uuid4().hex
        first, second = self.send(api, shot, key), self.send(api, shot, key)
        assert first.status_code == second.status_code == 202
        assert first.json() == second.json()
        assert self.send(api, shot, uuid.uuid4().hex).json()["id"] != first.json()["id"]

    def test_another_body_or_shot_under_the_key_is_a_conflict(
        self, api: httpx.Client, shot: str, project: str
    ) -> None:
        key = uuid.uuid4().hex
        first = self.send(api, shot, key).json()
        refusal = assert_refused(self.send(api, shot, key, priority="low"), 409, "conflict")
        assert refusal["detail"]["job_id"] == first["id"]
        plate = api.get(f"/shots/{shot}").json()["plate"]["path"]
        body = {"name": "other", "plate": {"path": plate}}
        other = api.post(f"/projects/{project}/shots", json=body).json()["id"]
        assert_refused(self.send(api, other, key), 409, "conflict")

    def test_keys_belong_to_their_user(self, live: Live, api: httpx.Client, shot: str) -> None:
        from roto_server.access.tokens import create_token

        key = uuid.uuid4().hex
        with live.database.session() as session:
            secret = create_token(session, "grace", "user")
        with live.client(secret) as grace:
            ids = {self.send(client, shot, key).json()["id"] for client in (api, grace)}
        assert len(ids) == 2

    def test_ten_at_once_are_one_job(self, live: Live, shot: str) -> None:
        key = uuid.uuid4().hex
        answers: list[httpx.Response] = []

        def send() -> None:
            with live.client() as client:
                answers.append(self.send(client, shot, key))

        threads = [threading.Thread(target=send) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["id"] for answer in answers}) == 1

    def test_one_key_for_two_shots_at_once_serves_one(
        self, live: Live, api: httpx.Client, shot: str, project: str
    ) -> None:
        plate = api.get(f"/shots/{shot}").json()["plate"]["path"]
        body = {"name": "other", "plate": {"path": plate}}
        other = api.post(f"/projects/{project}/shots", json=body).json()["id"]
        key = uuid.uuid4().hex
        together = threading.Barrier(6)
        answers: list[httpx.Response] = []

        def send(one: str) -> None:
            with live.client() as client:
                together.wait(20)
                answers.append(self.send(client, one, key))

        threads = [threading.Thread(target=send, args=(one,)) for one in (shot, other) * 3]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answer.status_code for answer in answers) == [202] * 3 + [409] * 3
        made = {answer.json()["id"] for answer in answers if answer.status_code == 202}
        assert len(made) == 1

    @pytest.mark.parametrize("key", ["", "x" * 201])
    def test_keys_are_printable_and_short(self, api: httpx.Client, shot: str, key: str) -> None:
        assert_refused(self.send(api, shot, key), 422, "bad_request")


@pytest.mark.database
def test_ten_different_jobs_at_once_get_ten_versions(live: Live, shot: str) -> None:
    make_ready(live.database, shot)
    answers: list[httpx.Response] = []

    def send(number: int) -> None:
        with live.client() as client:
            body = submission(f"o{number % 3}", "shared")
            answers.append(client.post(f"/shots/{shot}/segment", json=body))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {202}
    assert sorted(answer.json()["version"] for answer in answers) == list(range(1, 11))
    with live.client() as client:
        names = [item["name"] for item in client.get(f"/shots/{shot}/objects").json()["items"]]
    assert sorted(names) == ["o0", "o1", "o2", "shared"]
