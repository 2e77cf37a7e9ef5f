"""Members, assignments and settings of a project, on a real server."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_people import House, Person
from sqlalchemy import select

from roto_server.db.models import Event, Shot, new_id
from roto_server.db.people import Assignment, AuditEntry


class Studio:
    """A project with a supervisor, an artist and a viewer, and the supervisor's client."""

    def __init__(self, house: House, **project: Any) -> None:
        self.house = house
        self.lead, self.artist, self.viewer = (
            house.person(role) for role in ("artist", "artist", "viewer")
        )
        self.project = house.project(
            (self.lead, "supervisor"), (self.artist, "artist"), (self.viewer, "viewer"), **project
        )
        self.client = house.client(self.lead.key)
        self.url = f"/projects/{self.project}"

    def assign(self, mode: str, shots: list[str], *people: Person) -> httpx.Response:
        body = {"shot_ids": shots, "user_ids": [one.id for one in people], "mode": mode}
        return self.client.post(f"{self.url}/assignments", json=body)

    def assignees(self, shot: str) -> set[str]:
        answer = self.client.get(f"/shots/{shot}/assignees")
        assert answer.status_code == 200, answer.text
        return {one["user_id"] for one in answer.json()["items"]}

    def audited(self, action: str) -> list[AuditEntry]:
        query = select(AuditEntry).where(
            AuditEntry.project_id == self.project, AuditEntry.action == action
        )
        with self.house.database.reading() as session:
            return list(session.scalars(query.order_by(AuditEntry.seq)))

    def events(self, kind: str) -> list[dict[str, Any]]:
        query = select(Event.payload).where(Event.project_id == self.project, Event.kind == kind)
        with self.house.database.reading() as session:
            return list(session.scalars(query.order_by(Event.seq)))


@pytest.fixture
def studio(house: House) -> Any:
    studio = Studio(house)
    yield studio
    studio.client.close()


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestMembers:
    def test_somebody_with_an_account_is_let_in_by_address(
        self, house: House, studio: Studio
    ) -> None:
        new = house.person("artist", name="Nia")
        with house.client(new.key) as theirs:
            assert theirs.get(studio.url).status_code == 404
            body = {"email": new.email.upper(), "role": "artist"}
            added = studio.client.post(f"{studio.url}/members", json=body)
            assert added.status_code == 201, added.text
            assert (added.json()["name"], added.json()["role"]) == ("Nia", "artist")
            assert theirs.get(studio.url).status_code == 200
        again = studio.client.post(f"{studio.url}/members", json=body)
        assert refused(again) == (409, "conflict")
        (entry,) = studio.audited("member.added")
        assert (entry.target_id, entry.before, entry.after) == (new.id, None, {"role": "artist"})
        assert entry.actor_id == studio.lead.id
        assert studio.events("project.members") == [{"user_id": new.id, "role": "artist"}]

    def test_who_has_no_account_in_use_is_nobody(self, house: House, studio: Studio) -> None:
        """The same words for all of them: nothing is told of other people's projects."""
        gone = house.person("artist", state="disabled")
        waiting = house.person("artist", state="unconfirmed")
        answers = [
            studio.client.post(f"{studio.url}/members", json={"email": email, "role": "artist"})
            for email in ("nobody@nowhere.example", gone.email, waiting.email)
        ]
        assert {refused(answer) for answer in answers} == {(404, "not_found")}
        assert len({answer.json()["message"] for answer in answers}) == 1
        assert studio.audited("member.added") == []

    def test_a_role_counts_at_once(self, house: House, studio: Studio) -> None:
        shot = house.shot(studio.project, studio.lead)
        body = {"name": "hero"}
        with house.client(studio.viewer.key) as theirs:
            assert refused(theirs.post(f"/shots/{shot}/objects", json=body)) == (403, "forbidden")
            member = f"{studio.url}/members/{studio.viewer.id}"
            assert studio.client.put(member, json={"role": "supervisor"}).status_code == 200
            assert theirs.post(f"/shots/{shot}/objects", json=body).status_code == 201
        (entry,) = studio.audited("member.changed")
        assert (entry.before, entry.after) == ({"role": "viewer"}, {"role": "supervisor"})

    def test_who_leaves_or_only_looks_on_is_taken_off_their_shots(
        self, house: House, studio: Studio
    ) -> None:
        shot = house.shot(studio.project, studio.lead, studio.artist)
        member = f"{studio.url}/members/{studio.artist.id}"
        assert studio.client.put(member, json={"role": "viewer"}).status_code == 200
        assert studio.assignees(shot) == set()
        studio.client.put(member, json={"role": "artist"})
        studio.assign("add", [shot], studio.artist)
        assert studio.client.delete(member).status_code == 204
        assert studio.assignees(shot) == set()
        with house.client(studio.artist.key) as theirs:
            assert refused(theirs.get(f"/shots/{shot}")) == (404, "not_found")
        assert refused(studio.client.delete(member)) == (404, "not_found")

    def test_the_last_supervisor_may_go_and_admins_remain(
        self, house: House, studio: Studio
    ) -> None:
        assert studio.client.delete(f"{studio.url}/members/{studio.lead.id}").status_code == 204
        assert refused(studio.client.get(studio.url)) == (404, "not_found")
        with house.client(house.admin.key) as admin:
            body = {"email": studio.lead.email, "role": "supervisor"}
            assert admin.post(f"{studio.url}/members", json=body).status_code == 201
        assert studio.client.get(studio.url).status_code == 200

    def test_members_are_listed_in_parts_and_addresses_are_for_who_manages(
        self, house: House, studio: Studio
    ) -> None:
        seen: list[dict[str, Any]] = []
        query = "?limit=2"
        while True:
            page = studio.client.get(f"{studio.url}/members{query}").json()
            seen += page["items"]
            if page["next"] is None:
                break
            query = f"?limit=2&cursor={page['next']}"
        wanted = {one.id: one.email for one in (studio.lead, studio.artist, studio.viewer)}
        assert {one["user_id"]: one["email"] for one in seen} == wanted
        with house.client(studio.artist.key) as theirs:
            items = theirs.get(f"{studio.url}/members").json()["items"]
        assert {one["email"] for one in items} == {None}

    def test_no_member_becomes_an_administrator(self, studio: Studio) -> None:
        member = f"{studio.url}/members/{studio.artist.id}"
        answer = studio.client.put(member, json={"role": "admin"})
        assert refused(answer) == (422, "bad_request")


class TestAssignments:
    def test_add_set_and_remove(self, house: House, studio: Studio) -> None:
        shots = [house.shot(studio.project, studio.lead) for _ in range(3)]
        added = studio.assign("add", shots, studio.artist).json()
        assert added == {"added": 3, "removed": 0, "shots_changed": 3}
        assert studio.assign("add", shots, studio.artist).json()["shots_changed"] == 0
        changed = studio.assign("set", shots[:2], studio.lead).json()
        assert changed == {"added": 2, "removed": 2, "shots_changed": 2}
        assert studio.assignees(shots[0]) == {studio.lead.id}
        assert studio.assignees(shots[2]) == {studio.artist.id}
        assert studio.assign("remove", shots, studio.artist).json()["removed"] == 1
        assert studio.assign("set", shots).json()["removed"] == 2
        assert [studio.assignees(shot) for shot in shots] == [set()] * 3
        entries = studio.audited("shots.assigned")
        assert len(entries) == 4, "one for each change, none for none"
        assert entries[1].before == {"assignees": {shot: [studio.artist.id] for shot in shots[:2]}}
        assert entries[1].after == {"assignees": {shot: [studio.lead.id] for shot in shots[:2]}}
        told = [one for one in studio.events("shot.assigned") if one["shot_id"] == shots[0]]
        assert [(one["user_ids"], one["removed"]) for one in told] == [
            ([studio.artist.id], []),
            ([studio.lead.id], [studio.artist.id]),
            ([], [studio.lead.id]),
        ]

    def test_all_of_them_or_none(self, house: House, studio: Studio) -> None:
        shot = house.shot(studio.project, studio.lead)
        stranger = house.person("artist")
        elsewhere = house.shot(house.project((studio.lead, "supervisor")), studio.lead)
        for people in ((stranger,), (studio.artist, studio.viewer)):
            assert refused(studio.assign("add", [shot], *people)) == (422, "bad_request")
        for other in (elsewhere, new_id()):
            answer = studio.assign("add", [shot, other], studio.artist)
            assert refused(answer) == (404, "not_found")
        assert studio.assignees(shot) == set()
        assert studio.audited("shots.assigned") == []

    def test_a_thousand_shots_at_once(self, house: House, studio: Studio) -> None:
        shots = [new_id() for _ in range(1000)]
        with house.database.session() as session:
            session.add_all(
                Shot(
                    id=shot, project_id=studio.project, name=shot,
                    plate={"kind": "movie", "path": "/plates/many.mov"},
                    created_by=studio.lead.id, state="ready",
                )
                for shot in shots
            )  # fmt: skip
        people = [studio.artist, studio.lead]
        assert studio.assign("set", shots, *people).json()["added"] == 2000
        assert studio.assign("remove", shots, *people).json()["removed"] == 2000
        assert len(studio.audited("shots.assigned")) == 2
        too_many = studio.assign("add", [*shots, new_id()], studio.artist)
        assert refused(too_many) == (422, "bad_request")

    def test_two_supervisors_at_once(self, house: House, studio: Studio) -> None:
        shots = [house.shot(studio.project, studio.lead) for _ in range(5)]
        codes: list[int] = []

        def assign() -> None:
            codes.append(studio.assign("add", shots, studio.artist, studio.lead).status_code)

        threads = [threading.Thread(target=assign) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert codes == [200] * 6
        with house.database.reading() as session:
            rows = session.scalars(select(Assignment).where(Assignment.shot_id.in_(shots))).all()
        assert len(rows) == 10
        assert len(studio.audited("shots.assigned")) == 1

    def test_my_shots_are_those_i_made_or_am_assigned_to(
        self, house: House, studio: Studio
    ) -> None:
        made = house.shot(studio.project, studio.artist)
        given = house.shot(studio.project, studio.lead, studio.artist)
        house.shot(studio.project, studio.lead)
        house.shot(house.project(), studio.artist)  # of a project they have left
        with house.client(studio.artist.key) as theirs:
            first = theirs.get("/users/me/shots?limit=1").json()
            second = theirs.get(f"/users/me/shots?limit=1&cursor={first['next']}").json()
            found = [one["id"] for page in (first, second) for one in page["items"]]
            assert found == [given, made]
            assert second["next"] is None
            others = theirs.get("/users/me/shots?state=invalid").json()["items"]
        assert others == []

    def test_only_who_is_assigned_edits(self, house: House, studio: Studio) -> None:
        shot = house.shot(studio.project, studio.lead)
        with house.client(studio.artist.key) as theirs:
            objects = f"/shots/{shot}/objects"
            assert refused(theirs.post(objects, json={"name": "a"})) == (403, "forbidden")
            studio.assign("add", [shot], studio.artist)
            assert theirs.post(objects, json={"name": "a"}).status_code == 201
            studio.assign("remove", [shot], studio.artist)
            assert refused(theirs.post(objects, json={"name": "b"})) == (403, "forbidden")


class TestSettings:
    def test_whether_artists_see_all(self, house: House, studio: Studio) -> None:
        shot = house.shot(studio.project, studio.lead)
        with house.client(studio.artist.key) as theirs:
            assert theirs.get(f"/shots/{shot}").status_code == 200
            answer = studio.client.patch(studio.url, json={"artists_see_all": False})
            assert answer.json()["artists_see_all"] is False
            assert refused(theirs.get(f"/shots/{shot}")) == (404, "not_found")
            assert theirs.get(f"{studio.url}/shots").json()["items"] == []
        (entry,) = studio.audited("project.updated")
        assert entry.before == {"artists_see_all": True}
        assert entry.after == {"artists_see_all": False}
        assert studio.events("project.updated") == [{"changed": ["artists_see_all"]}]

    def test_name_and_roots(self, house: House, studio: Studio) -> None:
        other = house.project((studio.lead, "supervisor"))
        taken = studio.client.patch(studio.url, json={"name": f"show {other}"})
        assert refused(taken) == (409, "conflict")
        root = str(house.plates / "new")
        body = {"name": f"new {studio.project}", "allowed_roots": [root]}
        assert studio.client.patch(studio.url, json=body).json()["allowed_roots"] == [root]
        assert studio.client.get(studio.url).json()["name"] == body["name"]
        refusal = studio.client.patch(studio.url, json={"allowed_roots": ["../up"]})
        assert refused(refusal) == (403, "path_refused")

    def test_no_supervisor_opens_the_servers_disk(
        self, house: House, studio: Studio, tmp_path: Path
    ) -> None:
        """Only an administrator, and only in development; what they allowed may stay."""
        root = str(tmp_path)
        for roots in (["/"], [root]):
            answer = studio.client.patch(studio.url, json={"allowed_roots": roots})
            assert refused(answer) == (403, "path_refused")
        boss = house.person("supervisor")
        with house.client(boss.key) as client:
            body = {"name": f"boss {studio.project}", "allowed_roots": [root]}
            assert refused(client.post("/projects", json=body)) == (403, "path_refused")
        with house.client(house.admin.key) as admin:
            allowed = admin.patch(studio.url, json={"allowed_roots": [root]})
            assert allowed.status_code == 200, allowed.text
        roots = [root, str(house.plates / "more")]
        kept = studio.client.patch(studio.url, json={"allowed_roots": roots})
        assert kept.json()["allowed_roots"] == roots

    def test_what_changes_nothing_leaves_no_trace(self, studio: Studio) -> None:
        assert studio.client.patch(studio.url, json={}).status_code == 200
        assert studio.client.patch(studio.url, json={"artists_see_all": True}).status_code == 200
        assert studio.audited("project.updated") == []
