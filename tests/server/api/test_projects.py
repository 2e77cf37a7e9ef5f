"""Projects, shots and objects: making, finding, paging."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path

import httpx
import pytest
from helpers_api import Live, add_project, add_shot, assert_refused, make_sequence


@pytest.mark.database
def test_a_project_is_made_once(api: httpx.Client) -> None:
    name = f"Überfall {uuid.uuid4().hex}"
    made = add_project(api, name)
    assert made["name"] == name
    assert made["created_at"].endswith("Z")
    assert_refused(api.post("/projects", json={"name": name}), 409, "conflict")
    assert api.get("/projects", params={"name": name}).json() == {"items": [made], "next": None}
    assert api.get(f"/projects/{made['id']}").json() == made


@pytest.mark.database
def test_a_shot_makes_its_ingest_job(api: httpx.Client, project: str, plates: Path) -> None:
    shot = add_shot(
        api, project, make_sequence(plates, [1001, 1002]), "sh 010", colorspace="ACEScg"
    )
    assert shot["project_id"] == project
    assert shot["colorspace"] == "ACEScg"
    assert api.get(f"/shots/{shot['id']}").json() == shot
    listed = api.get(f"/projects/{project}/shots", params={"name": "sh 010"}).json()
    assert listed == {"items": [shot], "next": None}
    [job] = api.get("/jobs", params={"shot_id": shot["id"]}).json()["items"]
    assert (job["kind"], job["state"], job["created_by"]) == ("ingest", "queued", "ada")
    assert job["project_id"] == project
    assert [task["kind"] for task in job["tasks"]] == ["ingest"]


@pytest.mark.database
def test_shots_are_found_by_a_part_of_their_name(
    api: httpx.Client, project: str, plates: Path
) -> None:
    pattern = make_sequence(plates, [1001, 1002])
    ids = [add_shot(api, project, pattern, name)["id"] for name in ("sq_010", "SQX010", "other")]

    def found(search: str) -> list[str]:
        listed = api.get("/shots", params={"project_id": project, "search": search})
        return [one["id"] for one in listed.json()["items"]]

    assert found("sq") == [ids[1], ids[0]]
    assert found("Q_0") == [ids[0]]
    assert found("nothing") == []


@pytest.mark.database
def test_shot_names_are_unique_in_their_project(
    api: httpx.Client, project: str, shot: str, plates: Path
) -> None:
    body = {"name": "heist_010", "plate": {"path": str(plates / "plate.%04d.png")}}
    assert_refused(api.post(f"/projects/{project}/shots", json=body), 409, "conflict")
    other = add_project(api)["id"]
    assert api.post(f"/projects/{other}/shots", json=body).status_code == 201


@pytest.mark.parametrize("name", ["漢" * 70, "x" * 101])
def test_names_fit_a_file_system(api: httpx.Client, shot: str, name: str) -> None:
    answer = api.post(f"/shots/{shot}/objects", json={"name": name})
    assert_refused(answer, 422, "bad_request")


@pytest.mark.database
def test_objects(api: httpx.Client, shot: str) -> None:
    made = api.post(f"/shots/{shot}/objects", json={"name": "hero", "color": [0, 0.5, 1]})
    assert made.status_code == 201
    assert made.json()["color"] == [0, 0.5, 1]
    assert_refused(api.post(f"/shots/{shot}/objects", json={"name": "hero"}), 409, "conflict")
    plain = api.post(f"/shots/{shot}/objects", json={"name": "car", "label": "the getaway car"})
    assert plain.json()["label"] == "the getaway car"
    assert len(plain.json()["color"]) == 3
    names = [item["name"] for item in api.get(f"/shots/{shot}/objects").json()["items"]]
    assert names == ["hero", "car"]


@pytest.mark.parametrize("color", [[0, 0], [0, 0, 2], [0, 0, -1], "red", [0, 0, None]])
def test_bad_colours(api: httpx.Client, shot: str, color: object) -> None:
    answer = api.post(f"/shots/{shot}/objects", json={"name": "x", "color": color})
    assert_refused(answer, 422, "bad_request")


@pytest.mark.database
def test_pages_are_whole_and_stable_while_rows_arrive(api: httpx.Client, shot: str) -> None:
    place = f"/shots/{shot}/objects"
    for number in range(7):
        api.post(place, json={"name": f"o{number}"})
    seen: list[str] = []
    cursor = None
    while len(seen) < 7:
        params = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        page = api.get(place, params=params).json()
        seen += [item["name"] for item in page["items"]]
        api.post(place, json={"name": f"late{len(seen)}"})
        cursor = page["next"]
    assert seen == [*(f"o{number}" for number in range(7)), "late3", "late6"]


@pytest.mark.database
def test_an_exact_page_has_no_next(api: httpx.Client, shot: str) -> None:
    for number in range(3):
        api.post(f"/shots/{shot}/objects", json={"name": f"o{number}"})
    page = api.get(f"/shots/{shot}/objects", params={"limit": 3}).json()
    assert len(page["items"]) == 3
    assert page["next"] is None


@pytest.mark.database
def test_many_at_once_make_one_project(live: Live) -> None:
    name = uuid.uuid4().hex
    statuses: list[int] = []

    def make() -> None:
        with live.client() as client:
            statuses.append(client.post("/projects", json={"name": name}).status_code)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [409] * 5
