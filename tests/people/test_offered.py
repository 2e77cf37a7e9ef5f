"""What pages are told one may do is what the server then lets one do, for everybody."""

from __future__ import annotations

import pytest
from helpers_people import House, Person

from roto_server.access.tokens import create_key
from roto_server.db.models import Job, new_id
from roto_server.db.people import User

CAST = (
    ("supervisor", "supervisor"),
    ("artist", "artist"),
    ("viewer", "viewer"),
    ("artist", "supervisor"),
    ("supervisor", "artist"),
    ("supervisor", "viewer"),
)
"""Roles on the server and in the project."""


def queued_job(house: House, shot_id: str, maker: Person) -> str:
    with house.database.session() as session:
        row = Job(
            id=new_id(), shot_id=shot_id, kind="roto", state="queued", version=1, params={},
            created_by=maker.id,
        )  # fmt: skip
        session.add(row)
        return row.id


@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("sees_all", [False, True])
def test_what_is_offered_is_what_is_allowed(house: House, sees_all: bool, archived: bool) -> None:
    people = {roles: house.person(roles[0]) for roles in CAST}
    members = [(person, role) for (_, role), person in people.items()]
    project = house.project(*members, artists_see_all=sees_all)
    lead, artist = people["supervisor", "supervisor"], people["artist", "artist"]
    boss_elsewhere = people["supervisor", "artist"]
    jobs = {}
    for made_by, *assigned in ((lead,), (lead, artist, boss_elsewhere), (artist,)):
        shot_id = house.shot(project, made_by, *assigned)
        jobs[shot_id] = queued_job(house, shot_id, made_by)
    with house.client(lead.key) as client:
        assert client.patch(f"/projects/{project}", json={"archived": archived}).is_success
    for person in (house.admin, *people.values()):
        with house.client(person.key) as client:
            [told] = [
                one
                for one in client.get("/projects", params={"archived": "all"}).json()["items"]
                if one["id"] == project
            ]
            assert told["may"] == client.get(f"/projects/{project}").json()["may"]
            renamed = client.patch(f"/projects/{project}", json={"client": ""})
            assert ("manage_project" in told["may"]) == (renamed.status_code == 200)
            listed = client.get(f"/projects/{project}/shots", params={"archived": "all"}).json()
            assert bool(listed["items"])
            for shot in listed["items"]:
                assert shot["may"] == client.get(f"/shots/{shot['id']}").json()["may"]
                edited = client.patch(f"/shots/{shot['id']}", json={"handles": [0, 0]})
                assert ("edit_shot" in shot["may"]) == (edited.status_code == 200), edited.text
                cancelled = client.post(f"/jobs/{jobs[shot['id']]}/cancel")
                assert ("cancel" in shot["may"]) == (cancelled.status_code != 403)
                note = client.post(f"/shots/{shot['id']}/notes", json={"text": "look"})
                assert ("add_note" in shot["may"]) == (note.status_code == 201), note.text
                move = {"before": "pending_review", "after": "approved"}
                review = client.post(f"/shots/{shot['id']}/reviews", json=move)
                may_review = review.status_code not in (403, 404) and not archived
                assert ("review" in shot["may"]) == may_review, review.text


def test_what_a_key_is_not_good_for_is_not_offered(house: House) -> None:
    person = house.person("supervisor")
    project = house.project((person, "supervisor"))
    shot = house.shot(project, person)
    with house.database.session() as session:
        _, key = create_key(session, session.get_one(User, person.id), "looks", ["read"])
    with house.client(key) as client:
        assert client.get(f"/projects/{project}").json()["may"] == []
        assert client.get(f"/shots/{shot}").json()["may"] == []
        assert client.get("/users/me").json()["may"] == ["view_farm"]
