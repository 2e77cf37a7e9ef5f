"""A colour space that no worker knows is refused when it is said, not when the plate is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_api import Live, add_shot, assert_refused, make_sequence

from roto_server.db.models import Project

WRONG = {"colorspace": "ACES cgg"}


@pytest.fixture
def plate(plates: Path) -> Path:
    return make_sequence(plates, [1001, 1002])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/projects/{project}/shots", {"name": "sh020", "plate": {"path": "{plate}"}}),
        ("PATCH", "/shots/{shot}", {}),
        ("POST", "/shots/{shot}/plates", {"plate": {"path": "{plate}"}}),
        ("POST", "/projects/{project}/conforms", {"name": "reel", "text": "TITLE: reel"}),
    ],
)
def test_a_mistyped_one_is_refused_with_near_names(
    *,
    api: httpx.Client,
    project: str,
    plate: Path,
    method: str,
    path: str,
    body: dict[str, Any],
) -> None:
    shot = add_shot(api, project, plate)["id"]
    told = {**body, **WRONG}
    if "plate" in body:
        told["plate"] = {"path": str(plate)}
    answer = api.request(method, path.format(project=project, shot=shot), json=told)
    refused = assert_refused(answer, 422, "bad_colorspace")
    assert "ACEScg" in refused["detail"]["near"]
    assert "ACEScg" in refused["hint"]


def test_names_of_hosts_aliases_and_roles_are_kept_as_they_are_said(
    api: httpx.Client, project: str, plate: Path
) -> None:
    for number, name in enumerate(("AlexaV3LogC", "lin_ap1", "scene_linear", "acescg", "sRGB")):
        shot = add_shot(api, project, plate, f"sh{number}", colorspace=name)
        assert shot["colorspace"] == name


def test_what_a_project_said_before_may_stay(live: Live, api: httpx.Client, project: str) -> None:
    url = f"/projects/{project}"
    assert_refused(api.patch(url, json={"settings": WRONG}), 422, "bad_colorspace")
    assert_refused(
        api.post("/projects", json={"name": f"{project} 2", "settings": WRONG}),
        422,
        "bad_colorspace",
    )
    with live.database.session() as session:
        session.get_one(Project, project).settings = WRONG
    answer = api.patch(url, json={"settings": {**WRONG, "handles": 4}})
    assert (answer.status_code, answer.json()["settings"]["handles"]) == (200, 4)
