"""Versions and views of a plate, with a real worker: nothing of before is lost.

A disc moves over noise; its plate comes again longer, numbered otherwise, larger, broken, and for
the other eye.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from uuid import uuid4

import cv2
import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813
import pytest
from helpers_observing import running_worker
from helpers_people import ROTO, House
from helpers_plates import preview_of
from helpers_versions import FIRST, at_desk, codes, draw, prompts

from roto_server.db.models import Event
from roto_shapes.document import Layer, loads
from roto_shapes.outlines import outline_of


@pytest.fixture(scope="module")
def farm(house: House) -> Iterator[House]:
    with running_worker(house):
        yield house


def test_a_new_version_is_compared_and_run_again_in_one_action(farm: House) -> None:
    with at_desk(farm, handles=2) as desk:
        desk.make_shot()
        job = desk.until_done(desk.segment())
        assert (job["view"], job["plate_version"]) == ("main", 1)
        before = desk.shapes()
        assert before.json()["provenance"]["plate"] == {"view": "main", "version": 1}
        assert before.json()["provenance"]["handles"] == [2, 2]

        # Two frames more, numbered from 1.
        added = desk.add_plate("v2", 1, 8, frame_offset=1 - FIRST)
        assert (added["version"], added["state"], added["current"]) == (2, "probing", False)
        # It has not been read, and is run on all the same: the job waits for it.
        again = desk.post("rerun", {})
        assert (again["plate_version"], again["params"]["objects"][0]["prompts"][0]["frame"]) == (
            2,
            1,
        )
        plate = desk.until_read(2)
        assert (plate["current"], plate["frame_range"], plate["frame_offset"]) == (
            True, [1, 8], -1000,
        )  # fmt: skip
        assert codes(plate) == ["range_changed"]
        assert plate["warnings"][0]["detail"]["against"] == {"view": "main", "version": 1}
        assert desk.get("")["frame_range"] == [1, 8]
        done = desk.until_done(again)
        assert done["version"] == job["version"] + 1

        # Old and new lie beside each other, each with its own plate.
        assert desk.client.get(f"/jobs/{job['id']}").json()["plate_version"] == 1
        assert desk.shapes(version=job["version"]).content == before.content
        after = desk.shapes().json()
        assert (after["frame_range"], after["provenance"]["plate"]["version"]) == ([1, 8], 2)
        assert desk.frame(1).status_code == 200
        assert desk.frame(FIRST).json()["code"] == "range_outside_plate"
        assert desk.frame(FIRST, version=1).status_code == 200
        assert desk.frame(1, version=3).status_code == 404


def test_what_does_not_fit_the_new_plate_is_refused(farm: House) -> None:
    with at_desk(farm) as desk:
        desk.make_shot()
        desk.until_done(desk.segment(frame=FIRST + 5))
        desk.add_plate("short", FIRST, 4)
        plate = desk.until_read(2)
        assert codes(plate) == ["range_changed"]
        outside = desk.post("rerun", {}, 422)
        assert outside["code"] == "prompt_outside_range"
        assert outside["detail"]["object"] == "disc"
        shifted = desk.post("rerun", {"frame_offset": -2})
        desk.until_done(shifted)
        assert shifted["params"]["objects"][0]["prompts"][0]["frame"] == FIRST + 3

        # Twice the size: clicks would lie elsewhere unless they are scaled.
        desk.add_plate("large", FIRST, 6, size=(192, 128))
        plate = desk.until_read(3)
        assert codes(plate) == ["size_changed", "range_changed"]
        unsaid = desk.post("rerun", {"frame_offset": 0}, 422)
        assert unsaid["message"] == "The plate is 192 x 128 pixels, that of the prompts 96 x 64."
        assert "--fit" in unsaid["hint"]
        scaled = desk.post("rerun", {"scale": "fit", "frame_offset": 0})
        prompt = scaled["params"]["objects"][0]["prompts"][0]
        assert (prompt["points"][0]["x"], prompt["points"][0]["y"]) == (48, 64)
        assert prompt["box"] == [16, 32, 80, 96]
        desk.until_done(scaled)
        assert desk.shapes().json()["width"] == 192


def test_a_version_that_cannot_be_read_takes_nobodys_place(farm: House) -> None:
    with at_desk(farm) as desk:
        desk.make_shot()
        folder = desk.folder / "broken"
        folder.mkdir()
        for frame in range(FIRST, FIRST + 3):
            (folder / f"plate.{frame}.png").write_bytes(b"\x89PNG no picture")
        desk.post("plates", {"plate": {"path": str(folder / "plate.%04d.png")}}, 201)
        broken = desk.until_read(2)
        assert (broken["state"], broken["current"], broken["error"]["code"]) == (
            "invalid", False, "bad_plate",
        )  # fmt: skip
        shot = desk.get("")
        assert (shot["state"], shot["frame_range"], shot["error"]) == (
            "ready", [FIRST, FIRST + 5], None,
        )  # fmt: skip
        job = desk.segment()
        assert job["plate_version"] == 1
        desk.until_done(job)
        assert desk.post("rerun", {})["plate_version"] == 1

        # The first version of a shot may be the broken one: the second makes the shot whole.
        path = str(folder / "plate.%04d.png")
        body = {"name": f"sh {uuid4().hex}", "plate": {"path": path}}
        desk.shot = desk.client.post(f"/projects/{desk.project}/shots", json=body).json()["id"]
        assert desk.until_read(1)["state"] == "invalid"
        assert desk.get("")["state"] == "invalid"
        desk.add_plate("good", FIRST, 3)
        assert desk.get("")["state"] == "probing"
        waiting = desk.segment()
        assert waiting["plate_version"] == 2
        desk.until_done(waiting)
        assert (desk.get("")["state"], desk.get("")["plate"]["path"][-19:]) == (
            "ready", "good/plate.%04d.png",
        )  # fmt: skip


@pytest.mark.one_database
def test_scenes_are_those_of_the_plate_the_shot_has_now(farm: House) -> None:
    with at_desk(farm) as desk:
        desk.make_shot()
        first = desk.until_done(desk.post("scenes", {}))
        assert desk.get("scenes")["scenes"] == [{"first": FIRST, "last": FIRST + 5}]
        # One that cannot be read is not the shot's: what was found holds.
        gone = {"plate": {"path": draw(desk.folder / "gone", 1, 4)}}
        (desk.folder / "gone" / "plate.0002.png").write_bytes(b"\x89PNG no picture")
        desk.post("plates", gone, 201)
        assert desk.until_read(2)["state"] == "invalid"
        assert desk.get("scenes")["job_id"] == first["id"]
        desk.add_plate("v3", 1, 8)
        desk.until_read(3)
        old = desk.client.get(f"/shots/{desk.shot}/scenes")
        assert (old.status_code, old.json()["code"]) == (409, "conflict")
        again = desk.until_done(desk.post("scenes", {}))
        told = desk.get("scenes")
        assert (told["job_id"], told["scenes"]) == (again["id"], [{"first": 1, "last": 8}])


def test_views_are_plates_of_one_shot_with_shapes_of_their_own(farm: House) -> None:
    with at_desk(farm) as desk:
        desk.make_shot()
        assert desk.post("segment", {"objects": prompts(FIRST), "view": "right"}, 404)["code"] == (
            "not_found"
        )
        right = desk.add_plate("right", FIRST, 6, view="right", size=(120, 64))
        assert (right["view"], right["version"]) == ("right", 1)
        right = desk.until_read(2)
        assert (right["current"], codes(right)) == (True, ["size_changed"])
        assert right["warnings"][0]["detail"]["against"]["view"] == "main"
        assert desk.get("")["width"] == 96

        left = desk.until_done(desk.segment())
        other = desk.segment(objects=prompts(FIRST, (120, 64)), view="right")
        other = desk.until_done(other)
        assert (other["view"], other["version"]) == ("right", left["version"] + 1)
        assert desk.shapes().headers["X-Roto-Shapes-Version"] == str(left["version"])
        assert desk.shapes(view="right").json()["width"] == 120
        assert desk.shapes(view="right").json()["provenance"]["plate"]["view"] == "right"
        sizes = [
            cv2.imdecode(np.frombuffer(one.content, np.uint8), cv2.IMREAD_COLOR).shape[1]
            for one in (desk.frame(FIRST), desk.frame(FIRST, view="right"))
        ]
        assert sizes == [96, 120]
        assert desk.frame(FIRST, view="up").status_code == 404

        asked = {
            "frame": FIRST, "view": "right", "engine": "flow",
            "objects": [{"name": "disc", "box": [22, 16, 40, 48]}],
        }  # fmt: skip
        answer = preview_of(desk.client, desk.shot, asked)
        assert (answer.status_code, answer.json()["width"]) == (200, 120), answer.text

        # Each view's newest shapes are corrected on their own plate.
        correction = {
            "base_version": left["version"],
            "edits": [{"object": "disc", "prompts": [
                {"frame": FIRST + 5, "points": [{"x": 34, "y": 32, "positive": True}]}
            ]}],
        }  # fmt: skip
        corrected = desk.until_done(desk.post("corrections", correction))
        assert (corrected["view"], corrected["base_version"]) == ("main", left["version"])
        rows = {(row["view"], row["version"]): row["current"] for row in desk.plates()}
        assert rows == {("right", 1): True, ("main", 1): True}


@pytest.mark.one_database
def test_both_eyes_of_one_file_are_tracked_and_shown(farm: House) -> None:
    with at_desk(farm, colorspace="linear", fps=[24, 1]) as desk:
        path = desk.folder / "stereo.%04d.exr"
        desk.folder.mkdir(parents=True)
        for index in range(4):
            parts = []
            for view, shade in (("left", 0.05), ("right", 0.2)):
                picture = np.full((64, 96, 3), shade, np.float32)
                cv2.circle(picture, (24 + 2 * index, 32), 12, (0.9, 0.2, 0.1), -1)
                header = {"type": OpenEXR.scanlineimage, "view": view}
                parts.append(OpenEXR.Part(header, {"RGB": picture}, view))
            OpenEXR.File(parts).write(str(path) % (FIRST + index))
        body = {"name": f"sh {uuid4().hex}", "plate": {"path": str(path)}}
        desk.shot = desk.client.post(f"/projects/{desk.project}/shots", json=body).json()["id"]
        desk.until_read(1)
        desk.post("plates", {"plate": {"path": str(path)}, "view": "right"}, 201)
        right = desk.until_read(2)
        (told,) = right["metadata"]["report"]
        assert (told["code"], told["level"], told["detail"]["view"]) == (
            "several_views", "info", "right",
        )  # fmt: skip
        corners = [
            int(cv2.imdecode(np.frombuffer(one.content, np.uint8), cv2.IMREAD_COLOR)[2, 90, 0])
            for one in (desk.frame(FIRST), desk.frame(FIRST, view="right"))
        ]
        assert corners == pytest.approx([63, 124], abs=2)
        job = desk.until_done(desk.segment(view="right"))
        assert job["view"] == "right"


@pytest.mark.one_database
def test_overscan_and_pixel_aspect_are_carried_and_never_baked_in(farm: House) -> None:
    with at_desk(farm) as desk:
        folder = desk.folder / "wide"
        folder.mkdir(parents=True)
        for index in range(4):
            picture = np.full((80, 112, 3), 0.1, np.float32)
            cv2.circle(picture, (8 + 24 + 2 * index, 8 + 32), 12, (0.9, 0.2, 0.1), -1)
            spec = oiio.ImageSpec(112, 80, 3, "half")
            spec.x, spec.y, spec.full_width, spec.full_height = -8, -8, 96, 64
            spec.attribute("PixelAspectRatio", 2.0)
            out = oiio.ImageOutput.create("x.exr")
            assert out.open(str(folder / f"plate.{FIRST + index}.exr"), spec)
            assert out.write_image(picture)
            out.close()
        body = {
            "name": f"sh {uuid4().hex}", "plate": {"path": str(folder / "plate.%04d.exr")},
            "handles": [1, 0],
        }  # fmt: skip
        made = desk.client.post(f"/projects/{desk.project}/shots", json=body).json()
        desk.shot = made["id"]
        plate = desk.until_read(1)
        assert (plate["width"], plate["height"], plate["pixel_aspect"]) == (96, 64, 2.0)
        desk.until_done(desk.segment())
        document = desk.shapes().json()
        assert (document["width"], document["height"], document["pixel_aspect"]) == (96, 64, 2.0)
        told = document["provenance"]
        assert (told["data_window"], told["handles"]) == ("-8,-8 112x80", [1, 0])
        # In the picture, not in what lies around it: the disc's centre is at 24, 32 of it.
        layer = loads(desk.shapes().text).layers[0]
        left, top, right, bottom = bounds(layer, FIRST)
        assert abs((left + right) / 2 - 24.5) < 2
        assert abs((top + bottom) / 2 - 32.5) < 2

        # The next version comes without the overscan, and square.
        desk.add_plate("square", FIRST, 4)
        assert set(codes(desk.until_read(2))) >= {"pixel_aspect_changed", "overscan_changed"}


def bounds(layer: Layer, frame: int) -> tuple[float, float, float, float]:
    """Of the layer's points on a frame, its transform applied."""
    outline = outline_of(layer, frame)
    points = [point for curve in outline for point in curve.points]
    xs, ys = [point.x for point in points], [point.y for point in points]
    return min(xs), min(ys), max(xs), max(ys)


def test_a_correction_stays_on_the_plate_that_was_tracked(farm: House) -> None:
    with at_desk(farm) as desk:
        desk.make_shot()
        job = desk.until_done(desk.segment())
        desk.add_plate("v2", FIRST, 9)
        desk.until_read(2)
        correction = {
            "base_version": job["version"],
            "edits": [{"object": "disc", "prompts": [
                {"frame": FIRST + 5, "points": [{"x": 34, "y": 32, "positive": True}]}
            ]}],
        }  # fmt: skip
        corrected = desk.until_done(desk.post("corrections", correction))
        assert corrected["plate_version"] == 1
        assert desk.shapes().json()["frame_range"] == [FIRST, FIRST + 5]
        beyond = {**correction, "base_version": corrected["version"]}
        beyond["edits"] = [{"object": "disc", "prompts": [
            {"frame": FIRST + 8, "points": [{"x": 34, "y": 32, "positive": True}]}
        ]}]  # fmt: skip
        assert desk.post("corrections", beyond, 422)["code"] == "prompt_outside_range"
        # What was corrected comes along to the new plate.
        again = desk.until_done(desk.post("rerun", {}))
        assert (again["plate_version"], again["base_version"]) == (2, None)
        frames = [one["frame"] for one in again["params"]["objects"][0]["prompts"]]
        assert frames == [FIRST, FIRST + 5]
        assert desk.shapes().json()["frame_range"] == [FIRST, FIRST + 8]


def test_who_may_see_the_shot_is_told_of_its_plates(farm: House) -> None:
    with at_desk(farm) as desk:
        desk.make_shot()
        desk.add_plate("v2", FIRST, 6, colorspace="ACEScg", fps=[25, 1])
        plate = desk.until_read(2)
        assert set(codes(plate)) == {"fps_changed", "colorspace_changed"}
        # What somebody said holds on.
        desk.add_plate("v3", FIRST, 6)
        third = desk.until_read(3)
        assert (third["colorspace"], third["fps"], third["warnings"]) == ("ACEScg", [25, 1], [])
        with farm.database.reading() as session:
            events = [
                one.payload
                for one in session.query(Event).filter_by(kind="shot.plate").order_by(Event.seq)
                if one.payload["shot_id"] == desk.shot
            ]
        assert [(one["version"], one["state"], len(one["warnings"])) for one in events] == [
            (1, "ready", 0), (2, "probing", 0), (2, "ready", 2), (3, "probing", 0), (3, "ready", 0),
        ]  # fmt: skip
        stranger = farm.person()
        with farm.client(stranger.key) as client:
            assert client.get(f"/shots/{desk.shot}/plates").status_code == 404
            assert client.post(f"/shots/{desk.shot}/rerun", json={}).status_code == 404


@pytest.mark.one_database
def test_the_commands_of_roto(farm: House) -> None:
    with at_desk(farm) as desk:
        draw(desk.folder / "sh010", FIRST, 4)
        draw(desk.folder / "sh020", FIRST, 4)
        (desk.folder / "sh020" / f"plate.{FIRST + 1}.png").unlink()

        def roto(*arguments: str, code: int = 0) -> str:
            environment = {
                **farm.environment, "ROTO_SERVER": farm.url, "ROTO_API_KEY": desk.artist.key,
                "PYTHONPATH": "",
            }  # fmt: skip
            done = subprocess.run(
                [*ROTO, "shots", *arguments], env=environment, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
            assert done.returncode == code, done.stdout + done.stderr
            return done.stdout

        told = roto("scan", desk.project, str(desk.folder), "--make")
        assert "lacks 1 frames" in told
        (row,) = roto("list", desk.project).splitlines()
        desk.shot = row.split()[0]
        assert row.split()[1] == "sh010"
        assert desk.until_read(1)["state"] == "ready"
        assert "has a shot" in roto("scan", desk.project, str(desk.folder))

        desk.until_done(desk.segment())
        path = draw(desk.folder / "v2", FIRST, 6)
        assert "main v002  probing" in roto("new-plate", desk.shot, path)
        desk.until_read(2)
        told = roto("plates", desk.shot)
        assert told.startswith("* main v002  ready")
        assert "\n  main v001  ready" in told
        assert "Frames: 1001-1006, where 1001-1004 were expected." in told
        job = roto("rerun", desk.shot, "--no-wait").strip()
        assert desk.until_done({"id": job})["plate_version"] == 2
