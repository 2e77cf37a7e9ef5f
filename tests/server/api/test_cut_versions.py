"""Shots are cut out of whichever version of whichever view is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_api import Live, add_shot, assert_refused, make_ready, make_sequence
from sqlalchemy import select

from roto_server.db.media import Plate

FIRST = {("main", 1): 1001, ("main", 2): 1101, ("right", 1): 1201}
"""First frame of each plate of the shot; ten frames of each."""


@pytest.fixture
def whole(live: Live, api: httpx.Client, project: str, plates: Path) -> str:
    """A shot with two versions of its main view and one of the right one, all of them read."""
    made: dict[tuple[str, int], Path] = {}
    for (view, version), first in FIRST.items():
        folder = plates / f"{view}{version}"
        made[view, version] = make_sequence(folder, list(range(first, first + 10)))
    shot = str(add_shot(api, project, made["main", 1], "whole")["id"])
    make_ready(live.database, shot)
    for (view, version), path in made.items():
        if (view, version) != ("main", 1):
            body = {"plate": {"path": str(path)}, "view": view}
            api.post(f"/shots/{shot}/plates", json=body).raise_for_status()
    with live.database.session() as session:
        for plate in session.scalars(select(Plate).where(Plate.shot_id == shot)):
            plate.state, (plate.width, plate.height), plate.pixel_aspect = "ready", (64, 36), 1.0
            if (plate.view, plate.version) == ("main", 2):
                plate.shot.plate_id = plate.id
    return shot


@pytest.mark.parametrize(
    ("named", "cut"),
    [
        ({}, ("main", 2)),
        ({"version": 1}, ("main", 1)),
        ({"version": 2}, ("main", 2)),
        ({"view": "right"}, ("right", 1)),
        ({"view": "right", "version": 1}, ("right", 1)),
    ],
)
def test_the_plate_that_is_named_is_cut(
    api: httpx.Client, whole: str, named: dict[str, Any], cut: tuple[str, int]
) -> None:
    first = FIRST[cut]
    ranges = [{"name": "sh010", "first": first + 2, "last": first + 5}]
    answer = api.post(f"/shots/{whole}/cut", params=named, json={"ranges": ranges, "handles": 1})
    assert answer.status_code == 201, answer.text
    (made,) = answer.json()
    assert made["frame_range"] == [first + 1, first + 6]
    assert Path(made["plate"]["path"]).parent.name == f"{cut[0]}{cut[1]}"


@pytest.mark.parametrize(
    ("named", "status", "code"),
    [
        ({"version": 3}, 404, "not_found"),
        ({"view": "left"}, 404, "not_found"),
        ({"version": 1, "view": "right"}, 422, "range_outside_plate"),
    ],
)
def test_a_plate_there_is_not_and_frames_it_has_not(
    api: httpx.Client, whole: str, named: dict[str, Any], status: int, code: str
) -> None:
    ranges = [{"name": "sh010", "first": 1003, "last": 1006}]
    answer = api.post(f"/shots/{whole}/cut", params=named, json={"ranges": ranges})
    assert_refused(answer, status, code)


def test_a_version_nobody_has_read_is_not_cut(api: httpx.Client, whole: str, plates: Path) -> None:
    path = make_sequence(plates / "new", [1001, 1002])
    api.post(f"/shots/{whole}/plates", json={"plate": {"path": str(path)}}).raise_for_status()
    ranges = [{"name": "sh010", "first": 1001, "last": 1002}]
    answer = api.post(f"/shots/{whole}/cut", params={"version": 3}, json={"ranges": ranges})
    assert "probing" in assert_refused(answer, 409, "plate_not_ready")["message"]
