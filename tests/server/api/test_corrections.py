"""Corrections: what is refused, what the worker is told, what the job then tells."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from helpers_api import Live, assert_refused
from sqlalchemy import select

from roto_server.db.models import Prompt, Shapes
from roto_server.jobs import publishing
from server.farm.helpers_farm_rows import PROMPT, RANGE, Studio, make_result

# A triangle whose second key is 10 pixels further right, below a transform of (+2, +1).
TRIANGLE = [[10, 5, 0, 0, 0, 0, True], [30, 5, 0, 0, 0, 0, True], [10, 25, 0, 0, 0, 0, True]]
OFF = {"x": 5.5, "y": 3.5, "positive": False}
NOT_HERE = {"frame": 1002, "points": [OFF]}


def layer(**changes: Any) -> dict[str, Any]:
    moved = [[point[0] + 10, *point[1:]] for point in TRIANGLE]
    shape = {
        "id": "s1",
        "name": "outline",
        "keys": [{"frame": 1001, "points": TRIANGLE}, {"frame": 1003, "points": moved}],
        **changes,
    }
    motion = {"pivot": [0, 0], "keys": [{"frame": 1001, "tx": 2, "ty": 1}]}
    return {"id": "read", "name": "hero", "transform": motion, "shapes": [shape]}


def corner(x: float, y: float) -> list[Any]:
    return [x, y, 0, 0, 0, 0, True]


@dataclass
class Shown:
    """A shot with one version of shapes, made by ``job``."""

    studio: Studio
    api: httpx.Client
    shot: str
    job: dict[str, Any]
    worker: str

    def correct(self, *edits: dict[str, Any], **more: Any) -> httpx.Response:
        headers = more.pop("headers", None)
        body = {"base_version": self.job["version"], "edits": list(edits), **more}
        return self.api.post(f"/shots/{self.shot}/corrections", json=body, headers=headers)

    def by_click(self, **more: Any) -> dict[str, Any]:
        answer = self.correct({"object": "hero", "prompts": [NOT_HERE]}, **more)
        assert answer.status_code == 202, answer.text
        job: dict[str, Any] = answer.json()
        return job

    def run(self, job: dict[str, Any], changed: list[list[int]] | None = None) -> dict[str, Any]:
        """Work through the job; the specs of its tasks by kind. ``changed`` is of its hero."""
        specs = {}
        while (task := self.studio.ready_task(job["id"])) is not None:
            spec = self.studio.start(task, self.worker)
            specs[spec["kind"]] = spec
            result = make_result(spec)
            if spec["kind"] == "track" and changed is not None:
                hero = spec["params"]["objects"][0]["id"]
                result["report"] = {"changed": {hero: changed}}
            publishing.complete(self.studio.farm, spec["attempt_id"], result)
        return specs

    def told(self, job: dict[str, Any]) -> dict[str, Any]:
        return self.api.get(f"/jobs/{job['id']}").json()


@pytest.fixture
def shown(live: Live, api: httpx.Client) -> Shown:
    studio = Studio(live.app.state.farm)
    shot = studio.shot(uuid.uuid4().hex)
    worker = studio.worker(uuid.uuid4().hex)
    body = {
        "objects": [
            {"name": "hero", "prompts": [PROMPT]},
            {"name": "car", "prompts": [PROMPT], "frame_range": [1001, 1002]},
        ],
        "edges": {"detail": True},
        "image_size": 512,
        "direction": "forward",
        "tolerance": 2.5,
        "layer_transform": "off",
        "outputs": ["mattes"],
        "exports": ["nuke"],
    }
    job = api.post(f"/shots/{shot}/segment", json=body).json()
    made = Shown(studio, api, shot, job, worker)
    made.run(job)
    assert made.told(job)["state"] == "succeeded"
    return made


@pytest.mark.database
def test_a_correction_by_click(shown: Shown) -> None:
    job = shown.by_click()
    base = shown.job
    assert (job["kind"], job["version"], job["base_version"], job["changed"]) == (
        "roto", base["version"] + 1, base["version"], None,
    )  # fmt: skip
    specs = shown.run(job, changed=[[1002, 1003]])
    hero, car = specs["track"]["params"]["objects"]
    assert [prompt["frame"] for prompt in hero["prompts"]] == [1001, 1002]
    assert (car["prompts"], car["frame_range"]) == ([PROMPT], [1001, 1002])
    track = specs["track"]["params"]
    assert track["base"] == {"objects": base["params"]["objects"]}
    told = (track["engine"], track["image_size"], track["direction"], track["edges"]["detail"])
    assert told == ("flow", 512, "forward", True)
    assert specs["track"]["inputs"] == {"base_masks": masks_of(shown, base)}
    inputs = specs["vectorize"]["inputs"]
    assert set(inputs) == {"masks", "base_shapes"}
    assert inputs["base_shapes"] != inputs["masks"]
    vectorize = specs["vectorize"]["params"]
    assert (vectorize["tolerance"], vectorize["layer_transform"]) == (2.5, "off")
    assert vectorize["edits"] == [{"object_id": hero["id"], "frames": [1002], "layer": None}]
    assert "base_shapes" not in specs["export"]["inputs"]
    assert specs["export"]["params"]["formats"] == ["nuke"]
    told = shown.told(job)
    assert (told["state"], told["changed"]) == ("succeeded", {"hero": [[1002, 1003]]})
    listed = shown.api.get("/jobs", params={"shot_id": shown.shot}).json()["items"]
    assert [one["base_version"] for one in listed] == [base["version"], None]
    with shown.studio.database.reading() as session:
        rows = session.scalars(select(Shapes).where(Shapes.shot_id == shown.shot)).all()
        assert {row.version: row.base_version for row in rows} == {1: None, 2: 1}
        prompts = session.scalars(select(Prompt).where(Prompt.job_id == job["id"])).all()
        assert len(prompts) == 3


def masks_of(shown: Shown, job: dict[str, Any]) -> str:
    (task,) = [task for task in shown.studio.job(job["id"]).tasks if task.kind == "track"]
    return str(shown.studio.path(task.published_dir or ""))


def test_an_edited_layer_is_a_prompt_on_each_frame_it_was_edited_on(shown: Shown) -> None:
    answer = shown.correct({"object": "hero", "frames": [1002, 1001, 1002], "layer": layer()})
    assert answer.status_code == 202, answer.text
    specs = shown.run(answer.json())
    first, second = specs["track"]["params"]["objects"][0]["prompts"]
    assert first == {
        "frame": 1001,
        "outline": [
            {"kind": "bezier", "mode": "add", "closed": True,
             "points": [corner(12, 6), corner(32, 6), corner(12, 26)]}
        ],
    }  # fmt: skip
    assert second["outline"][0]["points"][0] == corner(17, 6)
    (edit,) = specs["vectorize"]["params"]["edits"]
    assert edit["frames"] == [1001, 1002]
    assert edit["layer"]["shapes"][0]["keys"][1]["points"][0] == [20.0, 5.0, 0, 0, 0, 0, True]


def test_a_prompt_goes_before_the_layer_on_its_frame(shown: Shown) -> None:
    edit = {"object": "hero", "frames": [1002, 1003], "layer": layer(), "prompts": [NOT_HERE]}
    prompts = shown.correct(edit).json()["params"]["objects"][0]["prompts"]
    assert [set(prompt) - {"frame"} for prompt in prompts] == [{"points"}, {"points"}, {"outline"}]


def test_where_the_layer_shows_nothing_the_object_is_absent(shown: Shown) -> None:
    edit = {"object": "hero", "frames": [1003], "layer": layer(visible=[[1001, 1002]])}
    prompts = shown.correct(edit).json()["params"]["objects"][0]["prompts"]
    assert prompts[1] == {"frame": 1003, "absent": True}


def test_corrections_chain_and_keep_all_that_was_said(shown: Shown) -> None:
    first = shown.by_click(priority="high", exports=["json"])
    shown.run(first)
    edit = {"object": "hero", "prompts": [{"frame": 1003, "absent": True}]}
    second = shown.correct(edit, base_version=first["version"]).json()
    assert (second["base_version"], second["priority"]) == (2, "high")
    specs = shown.run(second)
    frames = [prompt["frame"] for prompt in specs["track"]["params"]["objects"][0]["prompts"]]
    assert frames == [1001, 1002, 1003]
    assert specs["track"]["params"]["base"]["objects"] == first["params"]["objects"]
    assert specs["export"]["params"]["formats"] == ["json"]


@pytest.mark.database
def test_an_object_that_is_deleted_is_left_out(shown: Shown) -> None:
    page = shown.api.get(f"/shots/{shown.shot}/objects").json()
    (car,) = [one["id"] for one in page["items"] if one["name"] == "car"]
    assert shown.api.delete(f"/objects/{car}").status_code == 200
    refused = shown.correct({"object": "car", "prompts": [NOT_HERE]})
    assert_refused(refused, 404, "not_found")
    specs = shown.run(shown.by_click(), [[1002, 1003]])
    assert [one["name"] for one in specs["track"]["params"]["objects"]] == ["hero"]
    base = specs["track"]["params"]["base"]["objects"]
    assert [one["name"] for one in base] == ["hero", "car"]


def test_only_the_latest_version_can_be_corrected(shown: Shown) -> None:
    first = shown.by_click()
    body = assert_refused(shown.correct({"object": "hero", "prompts": [NOT_HERE]}), 409, "conflict")
    assert body["detail"]["job_id"] == first["id"]
    assert body["hint"]
    shown.run(first)
    body = assert_refused(shown.correct({"object": "hero", "prompts": [NOT_HERE]}), 409, "conflict")
    assert (body["detail"]["latest"], body["detail"]["job_id"]) == (2, first["id"])


def test_a_job_that_failed_is_in_nobodys_way(shown: Shown) -> None:
    first = shown.by_click()
    assert shown.api.post(f"/jobs/{first['id']}/cancel").json()["state"] == "cancelled"
    assert shown.by_click()["version"] == 3


def test_a_job_that_makes_no_shapes_is_in_nobodys_way(shown: Shown) -> None:
    body = {"objects": [{"name": "hero", "prompts": [PROMPT]}], "outputs": ["mattes"],
            "exports": []}  # fmt: skip
    assert shown.api.post(f"/shots/{shown.shot}/segment", json=body).status_code == 202
    job = shown.by_click(outputs=["mattes"], exports=[])
    assert (job["version"], job["base_version"]) == (3, 1)
    assert "vectorize" in [task["kind"] for task in job["tasks"]]


@pytest.mark.database
def test_a_correction_that_comes_twice_is_one(shown: Shown) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    edit = {"object": "hero", "prompts": [NOT_HERE]}
    first = shown.correct(edit, headers=key).json()
    shown.run(first)
    assert shown.correct(edit, headers=key).json()["id"] == first["id"]
    assert_refused(shown.correct(edit, headers=key, priority="low"), 409, "conflict")


def test_what_is_not_there(shown: Shown) -> None:
    edit = {"object": "hero", "prompts": [NOT_HERE]}
    body = assert_refused(shown.correct(edit, base_version=7), 404, "not_found")
    assert "1" in body["hint"]
    body = assert_refused(shown.correct({**edit, "object": "dog"}), 404, "not_found")
    assert body["detail"]["known"] == ["car", "hero"]
    nowhere = shown.api.post(
        f"/shots/{'0' * 32}/corrections", json={"base_version": 1, "edits": [edit]}
    )
    assert_refused(nowhere, 404, "not_found")


OPEN = layer(closed=False)
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("bad_request", {"object": "hero"}),
    ("bad_request", {"object": "hero", "layer": layer()}),
    ("bad_request", {"object": "hero", "frames": [1003], "prompts": [NOT_HERE]}),
    ("bad_request", {"object": "hero", "frames": [1002], "layer": []}),
    ("bad_request", {"object": "hero", "frames": [1002], "layer": layer(), "base": 1}),
    ("bad_document", {"object": "hero", "frames": [1002], "layer": {}}),
    ("bad_document", {"object": "hero", "frames": [1002], "layer": layer(keys=[])}),
    ("bad_document", {"object": "hero", "frames": [1002], "layer": layer(kind="nurbs")}),
    ("bad_prompt", {"object": "hero", "frames": [1002], "layer": OPEN}),
    ("bad_prompt", {"object": "hero", "prompts": [NOT_HERE, NOT_HERE]}),
    ("bad_prompt", {"object": "hero", "prompts": [{"frame": 1002}]}),
    ("prompt_outside_range", {"object": "hero", "prompts": [{**NOT_HERE, "frame": 1000}]}),
    ("prompt_outside_range", {"object": "car", "frames": [RANGE[1]], "layer": layer()}),
    (
        "prompt_outside_plate",
        {"object": "hero", "prompts": [{"frame": 1002, "box": [1, 1, 65, 9]}]},
    ),
    ("no_objects", {"object": "hero", "prompts": [{"frame": 1001, "absent": True}]}),
]


@pytest.mark.parametrize(("code", "edit"), REFUSED)
def test_what_is_refused_makes_nothing(shown: Shown, code: str, edit: dict[str, Any]) -> None:
    body = assert_refused(shown.correct(edit), 422, code)
    if code != "bad_request":
        assert body["detail"]["object"] == edit["object"]
    jobs = shown.api.get("/jobs", params={"shot_id": shown.shot}).json()["items"]
    assert [job["id"] for job in jobs] == [shown.job["id"]]


def test_one_edit_for_an_object_and_no_layer_of_another(shown: Shown) -> None:
    edit = {"object": "hero", "prompts": [NOT_HERE]}
    assert_refused(shown.correct(edit, edit), 422, "bad_request")
    assert_refused(shown.correct(), 422, "bad_request")
    car = shown.job["params"]["objects"][1]["id"]
    swapped = {"object": "hero", "frames": [1002], "layer": {**layer(), "id": car}}
    assert_refused(shown.correct(swapped), 422, "bad_request")
    assert_refused(shown.correct(edit, exports=["word"]), 422, "unknown_format")
    assert_refused(shown.correct(edit, template="{object}"), 422, "bad_template")


def test_a_model_nobody_has_any_more(shown: Shown) -> None:
    """The version was made by a studio's own model; the worker that has it is gone."""
    with shown.studio.database.session() as session:
        row = session.get_one(type(shown.studio.job(shown.job["id"])), shown.job["id"])
        row.engine, row.model = "sam2", "sam2.1_hiera_tiny"
    assert shown.by_click(tolerance=1)["params"]["model"] == "sam2.1_hiera_tiny"
    with shown.studio.database.session() as session:
        row = session.get_one(type(shown.studio.job(shown.job["id"])), shown.job["id"])
        row.model = "studio-tuned-3"
    for job in shown.api.get("/jobs", params={"shot_id": shown.shot}).json()["items"][:1]:
        shown.api.post(f"/jobs/{job['id']}/cancel")
    edit = {"object": "hero", "prompts": [NOT_HERE]}
    body = assert_refused(shown.correct(edit), 409, "conflict")
    assert "studio-tuned-3" in body["message"]
    assert "worker" in body["hint"]


def test_shapes_as_prompts_of_a_first_job(shown: Shown) -> None:
    points = [[10, 5], [30, 5, 0, 0, 0, 0, True], [-400.5, 25]]
    outline = [{"points": points}, {"points": points, "kind": "bspline", "mode": "subtract"}]

    def ask(outline: list[dict[str, Any]], **more: Any) -> httpx.Response:
        body = {"objects": [{"name": "hero", "prompts": [
            {"frame": 1001, "outline": outline, **more}]}]}  # fmt: skip
        return shown.api.post(f"/shots/{shown.shot}/segment", json=body)

    job = ask(outline).json()
    (told,) = job["params"]["objects"][0]["prompts"]
    assert told["outline"][0] == {
        "kind": "bezier", "mode": "add", "closed": True,
        "points": [[10, 5, 0, 0, 0, 0, False], corner(30, 5), [-400.5, 25, 0, 0, 0, 0, False]],
    }  # fmt: skip
    assert [one["mode"] for one in told["outline"]] == ["add", "subtract"]
    assert shown.studio.start(shown.studio.task(job["id"]), shown.worker)
    assert_refused(ask(outline[1:]), 422, "bad_prompt")
    assert_refused(ask(outline, absent=True), 422, "bad_prompt")
    assert_refused(ask([{"points": points[:2]}]), 422, "bad_request")
    assert_refused(ask([{"points": [[1, 2, 3], [2, 3], [4, 5]]}]), 422, "bad_prompt")
    assert_refused(ask([{"points": points, "closed": False}]), 422, "bad_request")
    assert_refused(ask([]), 422, "bad_request")
