"""What administrators do with people, over HTTP."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_people import PASSWORD, House, Person, running_house
from sqlalchemy import select

from helpers_services import link_token
from roto_server.access.passwords import hash_password
from roto_server.access.tokens import token_digest
from roto_server.audit import broken
from roto_server.db.models import Base, RotoObject, Token
from roto_server.db.people import DeviceGrant, Identity, OneTimeToken, OutgoingMail, User
from roto_server.db.types import utc_now


def sign_in(house: House, email: str, password: str = PASSWORD) -> httpx.Response:
    with house.client() as visitor:
        body = {"email": email, "password": password, "client": "a browser"}
        return visitor.post("/auth/login", json=body)


def with_password(house: House, role: str = "artist", **columns: Any) -> Person:
    return house.person(
        role, password_hash=hash_password(PASSWORD), email_confirmed_at=utc_now(), **columns
    )


def entries(house: House, **wanted: Any) -> list[dict[str, Any]]:
    with house.client(house.admin.key) as admin:
        answer = admin.get("/audit", params=wanted)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_somebody_who_is_invited_chooses_a_password_and_is_in(house: House) -> None:
    address = f"{uuid.uuid4().hex[:12]}@studio.example"
    invitation = {"email": address.upper(), "name": "Ada Invited", "role": "supervisor"}
    with house.client(house.admin.key) as admin:
        made = admin.post("/admin/users", json=invitation)
        assert made.status_code == 201, made.text
        assert (made.json()["email"], made.json()["state"]) == (address, "unconfirmed")
        assert admin.post("/admin/users", json=invitation).status_code == 409
    assert sign_in(house, address).status_code == 401
    secret = link_token(house.mails.wait(address))
    with house.client() as visitor:
        body = {"token": secret, "password": PASSWORD}
        assert visitor.post("/auth/password/reset", json=body).status_code == 204
        assert visitor.post("/auth/password/reset", json=body).status_code == 410
    signed_in = sign_in(house, address)
    assert signed_in.status_code == 200, signed_in.text
    with house.client(signed_in.json()["access_token"]) as ada:
        assert ada.get("/users/me").json()["role"] == "supervisor"
    [entry] = entries(house, target=made.json()["id"], action="user.invited")
    assert entry["actor"] == {"kind": "user", "id": house.admin.id, "name": "the admin"}
    assert entry["after"] == {"role": "supervisor"}


def test_people_are_found_by_name_address_role_and_state(house: House) -> None:
    mark = uuid.uuid4().hex[:8]
    people = [house.person("viewer", f"{mark} 100% {number}") for number in range(5)]
    other = house.person("artist", f"{mark} 100x other")
    with house.client(house.admin.key) as admin:

        def found(**query: Any) -> list[str]:
            answer = admin.get("/admin/users", params=query)
            assert answer.status_code == 200, answer.text
            return [item["id"] for item in answer.json()["items"]]

        assert set(found(query=mark.upper())) == {person.id for person in [*people, other]}
        assert set(found(query=f"{mark} 100%")) == {person.id for person in people}
        assert found(query=people[2].email[:20]) == [people[2].id]
        assert found(query=mark, role="artist") == [other.id]
        assert found(query=mark, state="disabled") == []
        admin.patch(f"/admin/users/{other.id}", json={"state": "disabled"})
        assert found(query=mark, state="disabled") == [other.id]
        assert found(query="\x00") == found()


def test_the_list_is_paged_without_gaps_while_people_come(house: House) -> None:
    mark = uuid.uuid4().hex[:8]
    made = [house.person("viewer", f"{mark} {number}").id for number in range(7)]
    seen: list[str] = []
    cursor = None
    with house.client(house.admin.key) as admin:
        while True:
            query = {"query": mark, "limit": 3, **({"cursor": cursor} if cursor else {})}
            page = admin.get("/admin/users", params=query).json()
            seen += [item["id"] for item in page["items"]]
            house.person("viewer", f"{mark} late")
            cursor = page["next"]
            if cursor is None:
                break
    assert seen == made[::-1]


def test_one_person_is_shown_with_ways_in_and_projects(house: House) -> None:
    ada = with_password(house)
    project = house.project((ada, "artist"))
    with house.database.session() as session:
        session.add(Identity(user_id=ada.id, issuer="https://sso.example", subject="ada"))
    assert sign_in(house, ada.email).status_code == 200
    with house.client(house.admin.key) as admin:
        shown = admin.get(f"/admin/users/{ada.id}").json()
        assert admin.get(f"/admin/users/{'0' * 32}").status_code == 404
    assert shown["has_password"] is True
    assert shown["issuers"] == ["https://sso.example"]
    assert (shown["sessions"], shown["keys"]) == (1, 1)
    assert [(item["project_id"], item["role"]) for item in shown["memberships"]] == [
        (project, "artist")
    ]
    assert "hash" not in str(shown)


def test_a_changed_role_holds_for_the_next_request(house: House) -> None:
    ada = house.person("artist")
    with house.client(ada.key) as client, house.client(house.admin.key) as admin:
        project = {"name": f"show {uuid.uuid4().hex}"}
        assert client.post("/projects", json=project).status_code == 403
        changed = admin.patch(
            f"/admin/users/{ada.id}", json={"role": "supervisor", "name": "Ada Promoted"}
        )
        assert changed.json()["role"] == "supervisor"
        assert changed.json()["name"] == "Ada Promoted"
        assert client.post("/projects", json=project).status_code == 201
    [entry] = entries(house, target=ada.id, action="user.role")
    assert (entry["before"], entry["after"]) == ({"role": "artist"}, {"role": "supervisor"})
    assert entry["target_name"] == "Ada Promoted"
    assert "Promoted" not in str([one["after"] for one in entries(house, target=ada.id)])


def test_somebody_disabled_is_out_at_once_and_stays_out_of_old_doors(house: House) -> None:
    ada = with_password(house)
    tokens = sign_in(house, ada.email).json()
    path = f"/admin/users/{ada.id}"
    with (
        house.client(house.admin.key) as admin,
        house.client(ada.key) as by_key,
        house.client(tokens["access_token"]) as signed_in,
        house.client() as visitor,
    ):
        assert by_key.get("/projects").status_code == 200
        assert signed_in.get("/users/me").status_code == 200
        assert admin.patch(path, json={"state": "disabled"}).json()["state"] == "disabled"
        for client in (by_key, signed_in):
            assert client.get("/projects").status_code in (401, 403)
        refresh = {"refresh_token": tokens["refresh_token"]}
        assert visitor.post("/auth/refresh", json=refresh).status_code == 401
        assert sign_in(house, ada.email).status_code == 403
        assert admin.patch(path, json={"state": "active"}).json()["state"] == "active"
        for client in (by_key, signed_in):
            assert client.get("/projects").status_code == 401
    assert sign_in(house, ada.email).status_code == 200
    actions = [entry["action"] for entry in entries(house, target=ada.id, action="user.")]
    assert actions[:2] == ["user.enabled", "user.disabled"]


def test_the_last_administrator_stays(empty_database: str, tmp_path: Path) -> None:
    with running_house(tmp_path / "house", empty_database) as house:
        service = house.person("admin", "a service", kind="service")
        me = f"/admin/users/{house.admin.id}"
        with house.client(house.admin.key) as admin:
            for refused in (
                admin.patch(me, json={"role": "artist"}),
                admin.patch(me, json={"state": "disabled"}),
                admin.post(f"{me}/delete"),
            ):
                assert refused.status_code == 409, refused.text
                assert "last active administrator" in refused.json()["message"]
            gone = admin.patch(f"/admin/users/{service.id}", json={"state": "disabled"})
            assert gone.status_code == 200
        other = house.person("admin")
        # Both at once: whoever comes second is the last one.
        with ThreadPoolExecutor(2) as pool:
            answers = list(
                pool.map(
                    lambda pair: (
                        httpx.patch(
                            f"{house.url}/api/v1/admin/users/{pair[1].id}",
                            json={"role": "artist"},
                            headers={"Authorization": f"Bearer {pair[0].key}"},
                            timeout=30,
                        ).status_code
                    ),
                    [(house.admin, other), (other, house.admin)],
                )
            )
        assert answers.count(200) == 1
        with house.database.reading() as session:
            left = select(User).where(User.role == "admin", User.state == "active")
            assert len(session.scalars(left).all()) == 1


def test_a_deleted_person_is_forgotten_and_their_work_stays(house: House) -> None:
    ada = with_password(house, name=f"Ada Forgotten {uuid.uuid4().hex}")
    project = house.project((ada, "artist"))
    shot = house.shot(project, ada, ada)
    assert sign_in(house, ada.email).status_code == 200
    now = utc_now()
    with house.database.session() as session:
        session.add_all(
            [
                Identity(user_id=ada.id, issuer="https://sso.example", subject=ada.email),
                OneTimeToken(user_id=ada.id, purpose="reset", sha256="0" * 63 + ada.id[0],
                             expires_at=now),
                OutgoingMail(user_id=ada.id, kind="reset", content="x",
                             not_before=now + timedelta(days=1)),
                DeviceGrant(user_id=ada.id, device_sha256=ada.id * 2, user_code=ada.id[:16],
                            client="Nuke of Ada", expires_at=now + timedelta(days=1)),
            ]
        )  # fmt: skip
    with house.client(house.admin.key) as admin:
        deleted = admin.post(f"/admin/users/{ada.id}/delete")
        assert deleted.status_code == 200, deleted.text
        assert deleted.json()["email"] is None
        assert deleted.json()["state"] == "deleted"
        assert admin.post(f"/admin/users/{ada.id}/delete").status_code == 409
        assert admin.patch(f"/admin/users/{ada.id}", json={"name": "x"}).status_code == 409
        assert admin.get(f"/shots/{shot}").status_code == 200
        found = admin.get("/admin/users", params={"query": ada.id[:8]}).json()["items"]
        assert found == []
    assert sign_in(house, ada.email).status_code == 401
    with house.client(ada.key) as client:
        assert client.get("/projects").status_code == 401
    assert where_it_stands(house, ada.name) == []
    assert where_it_stands(house, ada.email) == []
    kept = where_it_stands(house, ada.id)
    assert "shots.created_by" in kept
    assert "audit.target_id" in kept
    assert not {place for place in kept if place.endswith(".user_id")}
    with house.database.reading() as session:
        assert list(broken(session)) == []


def where_it_stands(house: House, text: str) -> list[str]:
    """The columns of the whole database that hold ``text`` somewhere."""
    found = []
    with house.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if any(text in str(value) for value in session.scalars(select(column))):
                    found.append(f"{table.name}.{column.name}")
    return found


def test_all_that_is_kept_of_a_person_is_exported_without_secrets(house: House) -> None:
    ada = with_password(house)
    project = house.project((ada, "artist"))
    shot = house.shot(project, ada, ada)
    others = house.shot(project, house.admin)
    tokens = sign_in(house, ada.email).json()
    with house.database.session() as session:
        session.add(Identity(user_id=ada.id, issuer="https://sso.example", subject="ada-77"))
    with house.client(house.admin.key) as admin:
        answer = admin.get(f"/admin/users/{ada.id}/export")
        assert admin.get(f"/admin/users/{'0' * 32}/export").status_code == 404
    assert answer.status_code == 200
    document = answer.json()
    assert document["format"] == "roto-person/1"
    assert document["account"]["email"] == ada.email
    assert document["account"]["has_password"] is True
    assert [item["subject"] for item in document["identities"]] == ["ada-77"]
    assert [item["client"] for item in document["sign_ins"]] == ["a browser"]
    assert [item["prefix"] for item in document["keys"]] == [ada.key[:12]]
    assert [item["project_id"] for item in document["memberships"]] == [project]
    assert [item["shot_id"] for item in document["assignments"]] == [shot]
    assert [item["id"] for item in document["shots"]] == [shot]
    assert {"session.opened", "user.exported"} <= {one["action"] for one in document["audit"]}
    with house.database.reading() as session:
        key = session.scalars(select(Token).where(Token.user_id == ada.id)).one()
        hashed = session.get_one(User, ada.id).password_hash
    secrets = (ada.key, key.sha256, hashed, tokens["refresh_token"], others,
               token_digest(tokens["refresh_token"]))  # fmt: skip
    for secret in secrets:
        assert secret is not None
        assert secret not in answer.text


def test_an_export_of_many_rows_is_whole(house: House) -> None:
    ada = house.person("artist")
    project = house.project((ada, "artist"))
    shots = [house.shot(project, ada) for _ in range(3)]
    with house.database.session() as session:
        session.add_all(
            RotoObject(shot_id=shots[0], name=f"object {number}", created_by=ada.id)
            for number in range(1205)
        )
    with house.client(house.admin.key) as admin:
        document = admin.get(f"/admin/users/{ada.id}/export").json()
    assert sorted(item["id"] for item in document["shots"]) == sorted(shots)
    assert len({item["id"] for item in document["objects"]}) == 1205


def test_ones_own_data_is_exported_after_signing_in(house: House) -> None:
    ada = with_password(house)
    with house.client(ada.key) as client:
        assert client.get("/users/me/export").status_code == 403
    with house.client(sign_in(house, ada.email).json()["access_token"]) as client:
        document = client.get("/users/me/export").json()
    assert document["account"]["id"] == ada.id


@pytest.mark.parametrize("role", ["supervisor", "artist", "viewer"])
def test_nobody_else_administrates(house: House, role: str) -> None:
    person, other = house.person(role), house.person("artist")
    invitation = {"email": "x@studio.example", "name": "x"}
    with house.client(person.key) as client:
        answers = [
            client.get("/admin/users"),
            client.post("/admin/users", json=invitation),
            client.get(f"/admin/users/{person.id}"),
            client.patch(f"/admin/users/{person.id}", json={"role": "admin"}),
            client.post(f"/admin/users/{other.id}/delete"),
            client.get(f"/admin/users/{other.id}/export"),
        ]
    assert {answer.status_code for answer in answers} == {403}
