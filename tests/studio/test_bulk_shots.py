"""From a folder of plates to shots, over HTTP: looked through, named, made at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from helpers_people import House
from helpers_plates import EXR, folder_of_plates, send_upload, shot_in


def test_a_folder_becomes_shots(house: House) -> None:
    ann = house.person()
    project = house.project((ann, "artist"), settings={
        "handles": 8, "colorspace": "ACEScg", "fps": [24000, 1001],
    })  # fmt: skip
    folder = folder_of_plates(house, "sh010", "sh020", "sh030")
    (folder / "sh020" / "plate.1002.exr").unlink()
    (folder / "sh010" / "take\n.mov").write_bytes(b"")
    with house.client(ann.key) as client:
        found = client.post(f"/projects/{project}/scan", json={"path": str(folder)}).json()
        assert [
            (one["name"], one["frames"], one["count"], one["gaps"], one["missing"], one["shot_id"])
            for one in found["found"]
        ] == [
            ("sh010", [1001, 1004], 4, [], 0, None),
            ("sh020", [1001, 1004], 3, [[1002, 1002]], 1, None),
            ("sh030", [1001, 1004], 4, [], 0, None),
        ]
        assert [(one["reason"], one["path"][-12:]) for one in found["skipped"]] == [
            ("bad_name", "take\\x0a.mov")
        ]
        assert (found["folders"], found["ended_by"]) == (4, None)

        shots = [
            {"name": one["name"], "plate": {"path": one["path"]}, "handles": [2, 1]}
            if one["name"] == "sh030"
            else {"name": one["name"], "plate": {"path": one["path"]}}
            for one in found["found"]
        ]
        refused = client.post(f"/projects/{project}/shots/bulk", json={"shots": shots})
        assert (refused.status_code, refused.json()["code"]) == (422, "missing_frame")
        (item,) = refused.json()["detail"]["items"]
        assert (item["index"], item["name"]) == (1, "sh020")
        assert item["error"]["detail"]["missing"] == [1002]
        assert client.get(f"/projects/{project}/shots").json()["items"] == []

        body = {"shots": shots, "all_or_none": False}
        made = client.post(f"/projects/{project}/shots/bulk", json=body)
        assert made.status_code == 201, made.text
        items = made.json()["items"]
        assert made.json()["made"] == 2
        assert [one["error"] and one["error"]["code"] for one in items] == [
            None, "missing_frame", None,
        ]  # fmt: skip
        first, last = items[0]["shot"], items[2]["shot"]
        assert (first["colorspace"], first["fps"], first["handles"]) == (
            "ACEScg", [24000, 1001], [8, 8],
        )  # fmt: skip
        assert last["handles"] == [2, 1]
        assert (first["state"], first["frame_range"]) == ("probing", [1001, 1004])
        jobs = client.get("/jobs", params={"shot_id": last["id"]}).json()["items"]
        assert [(one["kind"], one["view"], one["plate_version"]) for one in jobs] == [
            ("ingest", "main", 1)
        ]

        again = client.post(f"/projects/{project}/scan", json={"path": str(folder)}).json()
        assert [one["shot_id"] for one in again["found"]] == [first["id"], None, last["id"]]
        assert [one["name"] for one in again["found"]] == ["sh010-2", "sh020", "sh030-2"]


@pytest.mark.one_database
def test_names_are_checked_before_files_and_among_themselves(house: House) -> None:
    ann = house.person()
    project = house.project((ann, "artist"))
    folder = folder_of_plates(house, "a", "b")
    with house.client(ann.key) as client:
        url = f"/projects/{project}/shots/bulk"
        shots = [shot_in(folder, "a"), shot_in(folder, "b"), shot_in(folder, "a")]
        twice = client.post(url, json={"shots": shots})
        assert (twice.status_code, twice.json()["code"]) == (409, "conflict")
        assert [one["index"] for one in twice.json()["detail"]["items"]] == [2]
        odd = [{"name": "a/b", "plate": {"path": "/etc/passwd.%04d.exr"}}, shot_in(folder, "b")]
        told = client.post(url, json={"shots": odd, "all_or_none": False})
        assert told.status_code == 201, told.text
        assert told.json()["items"][0]["error"]["code"] == "bad_request"
        none = client.post(url, json={"shots": [shot_in(folder, "b")], "all_or_none": False})
        assert (none.status_code, none.json()["made"]) == (200, 0)
        assert none.json()["items"][0]["error"]["code"] == "conflict"
        outside = {"name": "c", "plate": {"path": "/etc/c.%04d.exr"}}
        refused = client.post(url, json={"shots": [outside]})
        assert (refused.status_code, refused.json()["code"]) == (403, "path_refused")
        names = [one["name"] for one in client.get(f"/projects/{project}/shots").json()["items"]]
        assert names == ["b"]


@pytest.mark.one_database
def test_uploads_of_what_is_refused_stay_as_they_were(house: House) -> None:
    ann = house.person()
    project = house.project((ann, "artist"))
    storage = house.folder / "storage" / "projects" / project
    with house.client(ann.key) as client:
        url = f"/projects/{project}/shots/bulk"
        upload = send_upload(client, project, "take.mov", b"a movie, says its name")
        good = {"name": "take", "plate": {"upload_id": upload}}
        bad = {"name": "gone", "plate": {"upload_id": "f" * 32}}
        refused = client.post(url, json={"shots": [good, bad]})
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
        assert not list(storage.glob("*/source/*"))
        made = client.post(url, json={"shots": [good, bad], "all_or_none": False})
        assert made.json()["made"] == 1, made.text
        (kept,) = storage.glob("*/source/v001/take.mov")
        assert kept.read_bytes() == b"a movie, says its name"


@pytest.mark.one_database
def test_folders_outside_the_roots_are_not_looked_at(house: House, tmp_path: Path) -> None:
    ann = house.person()
    project = house.project((ann, "artist"))
    (tmp_path / "secret.1001.exr").write_bytes(EXR)
    inside = folder_of_plates(house, "a")
    (inside / "out").symlink_to(tmp_path)
    with house.client(ann.key) as client:
        for path in (str(tmp_path), str(house.folder / "storage"), f"{inside}/../..", "/nowhere"):
            answer = client.post(f"/projects/{project}/scan", json={"path": path})
            assert (answer.status_code, answer.json()["code"]) == (403, "path_refused"), path
        answer = client.post(f"/projects/{project}/scan", json={"path": f"{inside}/out"})
        assert answer.json()["code"] == "path_refused"
        told = client.post(f"/projects/{project}/scan", json={"path": str(inside)}).text
        assert "secret" not in told


def test_versions_that_come_at_once_are_numbered_one_by_one(house: House) -> None:
    ann = house.person()
    project = house.project((ann, "artist"))
    shot = house.shot(project, ann)
    folder = folder_of_plates(house, "v")
    body = {"plate": {"path": f"{folder}/v/plate.%04d.exr"}}
    with house.client(ann.key) as client, ThreadPoolExecutor(5) as pool:
        url = f"/shots/{shot}/plates"
        answers = list(pool.map(lambda _: client.post(url, json=body), range(5)))
        assert [one.status_code for one in answers] == [201] * 5, answers[0].text
        assert sorted(one.json()["version"] for one in answers) == [2, 3, 4, 5, 6]
        listed = client.get(url, params={"limit": 4}).json()
        rest = client.get(url, params={"cursor": listed["next"]}).json()["items"]
        rows = [*listed["items"], *rest]
        assert sorted((one["version"], one["current"]) for one in rows) == [
            (1, True), (2, False), (3, False), (4, False), (5, False), (6, False),
        ]  # fmt: skip


@pytest.mark.one_database
def test_both_eyes_become_one_shot(house: House) -> None:
    ann = house.person()
    project = house.project((ann, "artist"))
    folder = folder_of_plates(house, "sh010/left", "sh010/right", "sh020")
    with house.client(ann.key) as client:
        found = client.post(f"/projects/{project}/scan", json={"path": str(folder)}).json()["found"]
        told = {one["path"].removeprefix(f"{folder}/"): one for one in found}
        left, right = (told[f"sh010/{eye}/plate.%04d.exr"] for eye in ("left", "right"))
        assert (left["view"], left["beside"]) == ("main", None)
        assert (right["view"], right["beside"], right["name"]) == (
            "right", left["path"], left["name"],
        )  # fmt: skip
        assert {one["name"] for one in found} == {"sh010", "sh020"}
        body = {
            "name": left["name"], "plate": {"path": left["path"]},
            "views": {"right": {"path": right["path"]}},
        }  # fmt: skip
        for views in ({"main": body["plate"]}, {"Right": body["plate"]}):
            refused = client.post(f"/projects/{project}/shots", json={**body, "views": views})
            assert (refused.status_code, refused.json()["code"]) == (422, "bad_request")
        made = client.post(f"/projects/{project}/shots/bulk", json={"shots": [body]})
        assert made.status_code == 201, made.text
        shot = made.json()["items"][0]["shot"]
        plates = client.get(f"/shots/{shot['id']}/plates").json()["items"]
        assert {(one["view"], one["version"], one["plate"]["path"]) for one in plates} == {
            ("main", 1, left["path"]), ("right", 1, right["path"]),
        }  # fmt: skip
        jobs = client.get("/jobs", params={"shot_id": shot["id"]}).json()["items"]
        assert sorted((one["kind"], one["view"]) for one in jobs) == [
            ("ingest", "main"), ("ingest", "right"),
        ]  # fmt: skip

        # One eye that cannot be read is no shot, and the other's upload stays as it was.
        upload = send_upload(client, project, "take_left.mov", b"the left eye")
        half = {
            "name": "half", "plate": {"upload_id": upload},
            "views": {"right": {"path": f"{folder}/nowhere.%04d.exr"}},
        }  # fmt: skip
        assert client.post(f"/projects/{project}/shots", json=half).json()["code"] == (
            "missing_frame"
        )
        assert not list((house.folder / "storage" / "projects" / project).glob("*/source/*"))
