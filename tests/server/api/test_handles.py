"""Handles as long as the plate leave nothing for the cut: refused, or told once it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_api import Live, add_shot, assert_refused, make_ready, make_sequence

from roto_server.db.media import Plate
from roto_server.db.models import Shot


def body(plate: Path, handles: tuple[int, int], **more: Any) -> dict[str, Any]:
    return {"name": "heist_010", "plate": {"path": str(plate)}, "handles": handles, **more}


@pytest.fixture
def plate(plates: Path) -> Path:
    """Frames 1001 to 1010."""
    return make_sequence(plates, list(range(1001, 1011)))


@pytest.mark.parametrize(("handles", "frames"), [((5, 5), None), ((0, 3), (1004, 1006))])
def test_a_new_shot_needs_a_frame_of_the_cut(
    api: httpx.Client, project: str, plate: Path, handles: tuple[int, int], frames: Any
) -> None:
    told = body(plate, handles, frame_range=frames)
    refused = assert_refused(api.post(f"/projects/{project}/shots", json=told), 422, "bad_request")
    assert refused["detail"]["handles"] == list(handles)
    many = api.post(f"/projects/{project}/shots/bulk", json={"shots": [told]})
    assert_refused(many, 422, "bad_request")
    assert api.get(f"/projects/{project}/shots").json()["items"] == []
    fits = {**told, "handles": (handles[0], handles[1] - 1)}
    made = api.post(f"/projects/{project}/shots", json=fits)
    assert (made.status_code, made.json()["warnings"]) == (201, [])


def test_a_shot_that_is_there_keeps_one_too(api: httpx.Client, shot: str) -> None:
    too_long = api.patch(f"/shots/{shot}", json={"handles": [9, 1]})
    assert "leave none of 1001-1010" in assert_refused(too_long, 422, "bad_request")["message"]
    assert api.patch(f"/shots/{shot}", json={"handles": [9, 0]}).json()["handles"] == [9, 0]


def test_a_movie_nobody_has_read_may_turn_out_too_short(
    live: Live, api: httpx.Client, project: str, plates: Path
) -> None:
    (plates / "heist.mov").touch()
    shot = add_shot(api, project, plates / "heist.mov", handles=(8, 8))
    assert shot["warnings"] == []
    make_ready(live.database, shot["id"])
    with live.database.session() as session:
        row = session.get_one(Shot, shot["id"])
        for one in (row, session.get_one(Plate, row.plate_id)):
            one.first_frame, one.last_frame = 1, 16
    (told,) = api.get(f"/shots/{shot['id']}").json()["warnings"]
    assert (told["code"], told["detail"]["frame_range"]) == ("no_cut", [1, 16])
    shorter = api.patch(f"/shots/{shot['id']}", json={"handles": [8, 7]})
    assert (shorter.status_code, shorter.json()["warnings"]) == (200, [])


def test_what_the_project_says_of_all_is_told_of_a_short_one(
    api: httpx.Client, project: str, plate: Path
) -> None:
    api.patch(f"/projects/{project}", json={"settings": {"handles": 8}}).raise_for_status()
    shot = add_shot(api, project, plate)
    assert (shot["handles"], shot["warnings"][0]["code"]) == ([8, 8], "no_cut")
