"""Plugins one minor version older are served; what is further away is told so."""

from __future__ import annotations

import pytest
from helpers_people import House

from roto_client.contract import PRODUCT_VERSION, VERSION_HEADER

MAJOR, MINOR = (int(part) for part in PRODUCT_VERSION.split(".")[:2])


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("minor", "status"), [(MINOR - 1, 200), (MINOR, 200), (MINOR + 1, 200), (MINOR + 2, 426)]
)
def test_versions_one_apart_are_served(house: House, minor: int, status: int) -> None:
    with house.client(house.admin.key) as client:
        answer = client.get("/projects", headers={VERSION_HEADER: f"{MAJOR}.{minor}.9"})
    assert answer.status_code == status
    assert answer.headers[VERSION_HEADER] == PRODUCT_VERSION


def test_a_submission_of_the_released_client_is_taken(house: House) -> None:
    """Bodies as version 0.1.0 sends them, with its header, from project to job."""
    artist = house.person("supervisor")
    with house.client(artist.key) as client:
        client.headers[VERSION_HEADER] = "0.1.0"
        project = client.post("/projects", json={"name": f"show of {artist.id}"}).json()
        shot = house.shot(project["id"], artist)
        prompt = {"frame": 1001, "points": [{"x": 20.5, "y": 10.5, "positive": True}]}
        body = {"objects": [{"name": "hero", "prompts": [prompt]}], "engine": "flow"}
        answer = client.post(f"/shots/{shot}/segment", json=body)
        assert answer.status_code == 202, answer.text
        job = client.get(f"/jobs/{answer.json()['id']}").json()
        assert (job["state"], job["created_by"]) == ("queued", artist.name)
