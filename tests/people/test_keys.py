"""API keys, and the keys that sign access tokens, on real server processes."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from helpers_accounts import SignedIn, audit_of, person_with_password, post, refused, sign_in
from helpers_people import ROTO, House, running_house
from sqlalchemy import select

from roto_server.access.tokens import token_digest
from roto_server.db.models import Token
from roto_server.db.people import Membership, SigningKey
from roto_server.db.types import utc_now


def make_key(ada: SignedIn, *scopes: str, **more: Any) -> httpx.Response:
    with ada.client as client:
        return client.post("/api-keys", json={"name": "render script", "scopes": scopes, **more})


def status(house: House, token: str) -> int:
    with house.client(token) as client:
        return client.get("/users/me").status_code


def test_a_key_is_shown_once_and_known_by_its_beginning(house: House) -> None:
    ada = sign_in(house)
    answer = make_key(ada, "write", "read", "read")
    assert answer.status_code == 201
    made = answer.json()
    key = made.pop("key")
    assert key.startswith("roto_")
    assert key.startswith(made["prefix"])
    assert len(made["prefix"]) < 16
    assert (made["scopes"], made["source"], made["expires_at"]) == (["read", "write"], "made", None)
    with ada.client as client:
        page = client.get("/api-keys", params={"limit": 1}).json()
        rest = client.get("/api-keys", params={"cursor": page["next"]}).json()
    assert page["items"] == [made]
    assert [row["name"] for row in rest["items"]] == ["tests"]
    assert key not in str(page)
    with house.database.reading() as session:
        row = session.get_one(Token, made["id"])
        assert row.sha256 == token_digest(key)
        assert key not in repr(vars(row))
    with house.client(key) as client:
        me = client.get("/users/me").json()
    assert (me["id"], me["scopes"]) == (ada.user_id, ["read", "write"])


def test_a_key_does_what_its_scopes_say_and_no_more(house: House) -> None:
    ada = sign_in(house, person_with_password(house, "supervisor").email)
    read = make_key(ada, "read").json()["key"]
    write = make_key(ada, "read", "write").json()["key"]
    body = {"name": f"show {ada.user_id}"}
    with house.client(read) as client:
        assert client.get("/projects").status_code == 200
        told = refused(client.post("/projects", json=body), 403, "forbidden")
        assert told["detail"] == {"scope": "write"}
    with house.client(write) as client:
        assert client.post("/projects", json=body).status_code == 201


@pytest.mark.parametrize(
    ("role", "usable"),
    [
        ("viewer", ["read"]),
        ("artist", ["read", "write"]),
        ("supervisor", ["manage", "read", "write"]),
        ("admin", ["admin", "manage", "read", "write"]),
    ],
)
def test_no_key_is_above_its_owner(house: House, role: str, usable: list[str]) -> None:
    ada = sign_in(house, person_with_password(house, role).email)
    assert make_key(ada, *usable).json()["scopes"] == usable
    for scope in {"read", "write", "manage", "admin"} - set(usable):
        told = refused(make_key(ada, "read", scope), 403, "forbidden")
        assert told["detail"] == {"usable": usable}


def test_a_supervisor_of_one_project_may_have_a_key_to_manage_it(house: House) -> None:
    person = person_with_password(house)
    ada = sign_in(house, person.email)
    project = house.project((person, "supervisor"))
    assert make_key(ada, "read", "manage").status_code == 201
    with house.database.session() as session:
        session.delete(session.get_one(Membership, (project, person.id)))
    refused(make_key(ada, "read", "manage"), 403, "forbidden")


def test_a_key_makes_no_keys(house: House) -> None:
    admin = house.admin.key
    with house.client(admin) as client:
        refused(client.get("/api-keys"), 403, "forbidden")
        body = {"name": "more", "scopes": ["read"]}
        refused(client.post("/api-keys", json=body), 403, "forbidden")


def test_a_key_expires(house: House) -> None:
    made = make_key(sign_in(house), "read", expires_in_days=30).json()
    assert status(house, made["key"]) == 200
    with house.database.session() as session:
        row = session.get_one(Token, made["id"])
        assert row.expires_at is not None
        assert timedelta(days=29) < row.expires_at - utc_now() <= timedelta(days=30)
        row.expires_at = utc_now() - timedelta(seconds=1)
    with house.client(made["key"]) as client:
        told = refused(client.get("/users/me"), 401, "unauthorized")
    assert made["prefix"] in told["message"]
    assert made["key"] not in told["message"]


def test_a_key_is_deleted_by_its_owner_only_and_dies_at_once(house: House) -> None:
    ada, eve = sign_in(house), sign_in(house)
    made = make_key(ada, "read").json()
    with eve.client as client:
        refused(client.delete(f"/api-keys/{made['id']}"), 404, "not_found")
    assert status(house, made["key"]) == 200
    with house.client(ada.access) as client:
        assert client.delete(f"/api-keys/{made['id']}").status_code == 204
        refused(client.delete(f"/api-keys/{made['id']}"), 404, "not_found")
        left = [row["id"] for row in client.get("/api-keys").json()["items"]]
        assert made["id"] not in left
    assert status(house, made["key"]) == 401
    entries = audit_of(house, made["id"])
    assert [entry.action for entry in entries] == ["key.created", "key.deleted"]
    assert {entry.actor_id for entry in entries} == {ada.user_id}
    assert entries[0].via.startswith("session ")


@pytest.mark.one_database
def test_there_are_as_many_keys_as_one_may_have(house: House) -> None:
    ada = sign_in(house)
    with house.database.session() as session:
        for number in range(100):
            digest = token_digest(f"{ada.user_id} {number}")
            session.add(Token(name="many", scope="user", sha256=digest, user_id=ada.user_id))
    told = refused(make_key(ada, "read"), 409, "conflict")
    assert "100" in told["message"]


# -- the keys that sign


@pytest.fixture
def own(empty_database: str, tmp_path: Path) -> Iterator[House]:
    """A house whose signing keys may be taken away; two processes where the database allows."""
    servers = 2 if empty_database.startswith("postgresql") else 1
    with running_house(tmp_path / "house", empty_database, servers=servers) as house:
        yield house


def rotate(house: House, *options: str) -> str:
    """What the command says."""
    command = [*ROTO, "admin", "keys", "rotate", *options]
    done = subprocess.run(
        command, env=house.environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def key_id(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def statuses(house: House, token: str) -> set[int]:
    """What every process says to a token."""
    found = set()
    for number in range(len(house.processes)):
        with house.client(token, number) as client:
            found.add(client.get("/users/me").status_code)
    return found


def test_a_new_key_signs_everywhere_and_the_old_one_goes_on_verifying(own: House) -> None:
    before = sign_in(own)
    assert statuses(own, before.access) == {200}
    said = rotate(own)
    after = sign_in(own)
    assert key_id(after.access) in said
    assert key_id(after.access) != key_id(before.access)
    assert statuses(own, before.access) == statuses(own, after.access) == {200}
    with own.database.session() as session:
        old = session.get_one(SigningKey, key_id(before.access))
        assert old.retired_at is not None
        assert old.expires_at is not None
        assert timedelta(seconds=890) < old.expires_at - utc_now() < timedelta(seconds=920)
        assert "PRIVATE" not in old.private
        old.expires_at = utc_now() - timedelta(seconds=1)
    assert statuses(own, before.access) == {401}
    assert statuses(own, after.access) == {200}
    [entry] = audit_of(own, key_id(after.access))
    assert (entry.action, entry.actor_kind) == ("signing_key.rotated", "command")


def test_all_keys_are_taken_away_at_once_and_sessions_go_on(own: House) -> None:
    ada = sign_in(own)
    rotate(own, "--all")
    assert statuses(own, ada.access) == {401}
    fresh = post(own, "refresh", refresh_token=ada.refresh).json()
    assert statuses(own, fresh["access_token"]) == {200}
    with own.database.reading() as session:
        assert list(session.scalars(select(SigningKey.id))) == [key_id(fresh["access_token"])]


@pytest.mark.postgresql
def test_a_process_with_another_secret_says_so(own: House, monkeypatch: Any) -> None:
    sign_in(own)
    monkeypatch.setattr("helpers_people.Process.wait_ready", lambda process: None)
    wrong = own.start(ROTO_SECRET_KEY="not the secret of the others, but long enough")
    ready = _readiness(wrong.url)
    assert ready["ready"] is False
    assert ready["checks"]["secret"]["ok"] is False
    assert "ROTO_SECRET_KEY" in ready["checks"]["secret"]["message"]


def _readiness(url: str) -> Any:
    """The first answer of a process that starts."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return httpx.get(url + "/readyz", timeout=60).json()
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
