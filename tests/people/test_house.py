"""The house the other tests live in stands."""

from __future__ import annotations

from helpers_people import House


def test_an_admin_gets_in_and_a_stranger_does_not(house: House) -> None:
    with house.client(house.admin.key) as client:
        assert client.get("/projects").status_code == 200
    with house.client() as client:
        assert client.get("/projects").status_code == 401


def test_people_projects_and_shots_can_be_made(house: House) -> None:
    artist = house.person("artist")
    project = house.project((artist, "artist"))
    shot = house.shot(project, artist)
    with house.client(artist.key) as client:
        assert client.get(f"/shots/{shot}").json()["project_id"] == project
