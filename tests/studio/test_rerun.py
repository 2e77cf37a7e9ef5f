"""Running again over HTTP, as far as no worker is needed: what comes along, what is refused."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import cv2
import httpx
import numpy as np
from helpers_people import House
from helpers_plates import folder_of_plates, send_upload

from roto_server.db.media import Plate

CLICK = {"x": 20, "y": 10, "positive": True}


def mask_of(width: int, height: int) -> dict[str, str]:
    png = cv2.imencode(".png", np.full((height, width), 255, np.uint8))[1].tobytes()
    return {"png": base64.b64encode(png).decode()}


class Desk:
    """An artist with a ready shot of 64 x 36, frames 1001-1010, and no farm."""

    def __init__(self, house: House, client: httpx.Client, project: str, shot: str) -> None:
        self.house = house
        self.client = client
        self.project = project
        self.shot = shot

    def post(self, path: str, body: dict[str, Any], status: int, **headers: str) -> dict[str, Any]:
        url = f"/shots/{self.shot}/{path}"
        answer = self.client.post(url, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def submit(self, **more: Any) -> dict[str, Any]:
        objects = [
            {"name": "hero", "prompts": [{"frame": 1002, "points": [CLICK]}]},
            {"name": "car", "frame_range": [1003, 1006],
             "prompts": [{"frame": 1004, "points": [CLICK]}]},
        ]  # fmt: skip
        return self.post("segment", {"objects": objects, **more}, 202)

    def add(self, frames: int = 10, **more: Any) -> dict[str, Any]:
        """A version of as many frames from 1001 on, which nobody reads."""
        folder = folder_of_plates(self.house, "v", frames=frames)
        body = {"plate": {"path": f"{folder}/v/plate.%04d.exr"}, **more}
        return self.post("plates", body, 201)


@contextmanager
def at_desk(house: House, role: str = "artist") -> Iterator[Desk]:
    artist = house.person()
    project = house.project((artist, role))
    with house.client(artist.key) as client:
        yield Desk(house, client, project, house.shot(project, artist))


def test_objects_prompts_and_wishes_come_along(house: House) -> None:
    with at_desk(house) as desk:
        job = desk.submit(
            frame_range=[1002, 1008], exports=["nuke"], tolerance=2.5, priority="high",
            template="{object}.{frame:04d}.{ext}", direction="forward",
        )  # fmt: skip
        plate = desk.add(frame_offset=-1)
        again = desk.post("rerun", {}, 202)
        assert (again["plate_version"], again["state"]) == (plate["version"], "queued")
        for name in ("exports", "tolerance", "priority", "template", "direction", "outputs"):
            assert again["params"][name] == job["params"][name], name
        assert again["params"]["frame_range"] == [1001, 1007]
        assert [
            (one["name"], one.get("frame_range"), one["prompts"][0]["frame"])
            for one in again["params"]["objects"]
        ] == [("hero", None, 1001), ("car", [1002, 1005], 1003)]
        ids = [[one["id"] for one in each["params"]["objects"]] for each in (job, again)]
        assert ids[0] == ids[1]

        low = desk.post("rerun", {"priority": "low", "job_id": job["id"]}, 202)
        assert (low["priority"], low["params"]["frame_range"]) == ("low", [1001, 1007])
        part = desk.post("rerun", {"frame_range": [1003, 1004], "frame_offset": 0}, 422)
        assert (part["code"], part["detail"]["object"]) == ("prompt_outside_range", "hero")


def test_a_key_makes_one_job(house: House) -> None:
    with at_desk(house) as desk:
        desk.submit()
        key = {"Idempotency-Key": uuid4().hex}
        first, second = (desk.post("rerun", {}, 202, **key) for _ in range(2))
        assert first["id"] == second["id"]
        assert desk.post("rerun", {"frame_offset": 1}, 409, **key)["code"] == "conflict"


def test_what_cannot_be_run_again_is_said(house: House) -> None:
    with at_desk(house) as desk:
        assert desk.post("rerun", {}, 404)["code"] == "not_found"
        ingests = desk.client.get("/jobs", params={"shot_id": desk.shot}).json()["items"]
        assert ingests == []
        desk.add(4)
        ingest = desk.client.get("/jobs", params={"shot_id": desk.shot}).json()["items"][0]
        assert desk.post("rerun", {"job_id": ingest["id"]}, 404)["code"] == "not_found"
        desk.submit(frame_range=[1001, 1010])
        told = desk.post("rerun", {}, 422)
        assert (told["code"], told["detail"]["plate"]) == ("range_outside_plate", [1001, 1004])
        assert desk.post("rerun", {"scale": "fit"}, 409)["code"] == "plate_not_ready"
        assert desk.post("rerun", {"view": "right"}, 404)["code"] == "not_found"
        job = desk.client.get("/jobs", params={"shot_id": desk.shot}).json()["items"][0]
        told = desk.post("rerun", {"job_id": job["id"], "view": "right"}, 409)
        assert told["code"] == "plate_not_ready"
        with at_desk(house) as other:
            told = other.post("rerun", {"job_id": job["id"]}, 404)
            assert told["code"] == "not_found"


def test_a_plate_numbered_otherwise_says_the_offset(house: House) -> None:
    with at_desk(house) as desk:
        desk.submit()
        folder = folder_of_plates(house, "renumbered", frames=10, first=1)
        desk.post("plates", {"plate": {"path": f"{folder}/renumbered/plate.%04d.exr"}}, 201)
        told = desk.post("rerun", {}, 422)
        assert told["code"] == "prompt_outside_range"
        assert "say frame_offset -1000 (roto shots rerun --offset -1000)" in told["hint"]
        again = desk.post("rerun", {"frame_offset": -1000}, 202)
        assert again["params"]["objects"][0]["prompts"][0]["frame"] == 2
        # As long as it was not: nothing is guessed.
        desk.add(4)
        hint = desk.post("rerun", {"frame_offset": 900}, 422)["hint"]
        assert "frame_offset" not in hint
        assert "those of v002, made on plate v002; job_id (--job) names another" in hint


def test_objects_in_the_trash_stay_there_and_renamed_ones_are_renamed(house: House) -> None:
    with at_desk(house) as desk:
        job = desk.submit()
        hero, car = (one["id"] for one in job["params"]["objects"])
        assert desk.client.delete(f"/objects/{hero}").status_code in (200, 204)
        assert desk.client.patch(f"/objects/{car}", json={"name": "taxi"}).status_code == 200
        again = desk.post("rerun", {}, 202)
        assert [one["name"] for one in again["params"]["objects"]] == ["taxi"]
        assert desk.client.delete(f"/objects/{car}").status_code in (200, 204)
        assert desk.post("rerun", {}, 422)["code"] == "no_objects"


def test_a_plate_of_another_size_asks_what_becomes_of_the_prompts(house: House) -> None:
    with at_desk(house) as desk:
        desk.submit()
        added = desk.add()
        with house.database.session() as session:
            plate = session.get_one(Plate, added["id"])
            plate.state, plate.width, plate.height = "ready", 128, 72
        told = desk.post("rerun", {}, 422)
        assert told["code"] == "bad_request"
        assert told["message"] == "The plate is 128 x 72 pixels, that of the prompts 64 x 36."
        assert "those of v001, made on plate v001" in told["hint"]
        kept = desk.post("rerun", {"scale": "keep"}, 202)
        assert kept["params"]["objects"][0]["prompts"][0]["points"][0]["x"] == CLICK["x"]


def test_objects_have_colours_of_their_own(house: House) -> None:
    with at_desk(house) as desk:
        job = desk.submit()
        hero, car = (one["color"] for one in job["params"]["objects"])
        assert hero != car
        body = {"name": "third"}
        third = desk.client.post(f"/shots/{desk.shot}/objects", json=body).json()
        assert third["color"] not in (hero, car)
        assert desk.client.delete(f"/objects/{third['id']}").status_code in (200, 204)
        again = desk.client.post(f"/shots/{desk.shot}/objects", json=body).json()
        assert again["color"] == third["color"], "that of one that is gone is free"


def test_movies_are_of_a_codec_that_holds_them(house: House) -> None:
    with at_desk(house) as desk:
        plain = {"kind": "cutout"}
        over = {"kind": "cutout", "color": [0, 0, 1]}
        job = desk.submit(videos=[plain, over, {"kind": "greenscreen"}])
        codecs = [one["codec"] for one in job["params"]["videos"]]
        assert codecs == ["prores4444", "h264", "h264"]
        with house.database.session() as session:
            for plate in session.query(Plate).filter(Plate.shot_id == desk.shot):
                plate.width = 17_000
        objects = [{"name": "hero", "prompts": [{"frame": 1002, "points": [CLICK]}]}]
        body: dict[str, Any] = {"objects": objects, "videos": [over]}
        told = desk.post("segment", body, 422)
        assert (told["code"], told["detail"]["most"]) == ("bad_request", 16384)
        assert "17000 x 36" in told["message"]
        for video in (plain, {**over, "longest_side": 16384}):
            desk.post("segment", {**body, "videos": [video]}, 202)


def test_drawn_masks_fit_their_plate(house: House) -> None:
    with at_desk(house) as desk:
        prompt = {"frame": 1001, "mask": mask_of(64, 36)}
        desk.post("segment", {"objects": [{"name": "hero", "prompts": [prompt]}]}, 202)
        desk.post("rerun", {}, 202)
        assert desk.post("rerun", {"scale": "fit"}, 202)["state"] == "queued"


def test_an_uploaded_version_lies_with_its_shot(house: House) -> None:
    with at_desk(house) as desk:
        upload = send_upload(desk.client, desk.project, "take.mov", b"says it is a movie")
        body = {"plate": {"upload_id": upload, "first_frame": 1001}, "view": "left"}
        plate = desk.post("plates", body, 201)
        shot = house.folder / "storage" / "projects" / desk.project / desk.shot
        assert (shot / "source" / plate["id"] / "take.mov").read_bytes() == b"says it is a movie"
        # The next one says no number: it begins where this one does.
        second = desk.post("plates", {"plate": {"upload_id": upload}, "view": "left"}, 201)
        assert (second["version"], second["plate"]["first_frame"]) == (2, 1001)
        gone = {"plate": {"upload_id": "0" * 32}, "view": "left"}
        assert desk.post("plates", gone, 404)["code"] == "not_found"
        odd = {"plate": {"path": "/etc/passwd.%04d.exr"}}
        assert desk.post("plates", odd, 403)["code"] == "path_refused"
        for view in ("", "Left", "a/b", "x" * 33):
            assert desk.post("plates", {**body, "view": view}, 422)["code"] == "bad_request"
        listed = desk.client.get(f"/shots/{desk.shot}/plates", params={"view": "left"}).json()
        assert [one["version"] for one in listed["items"]] == [2, 1]
        me = desk.client.get("/users/me").json()
        assert {(one["created_by"], one["created_by_id"]) for one in (plate, *listed["items"])} == {
            (me["name"], me["id"])
        }
        assert len(list((shot / "source").iterdir())) == 2
