"""Who may come in: every address, every kind of token."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest
from fastapi.routing import APIRoute
from helpers_api import API, Live, add_project, assert_refused
from sqlalchemy import select
from structlog.testing import capture_logs

from roto_client.contract import API_PREFIX
from roto_server.access.accounts import create_person
from roto_server.access.roles import Role
from roto_server.access.sessions import Sender, open_session
from roto_server.access.tokens import create_token
from roto_server.db.models import Token
from roto_server.openapi import document

OPEN = {"/healthz", "/readyz", "/metrics"}
VISITORS = {
    f"{API_PREFIX}/auth/{end}"
    for end in ("register", "confirm", "resend", "login", "refresh", "password/forgot",
                "password/reset", "providers", "oidc/{provider}/start", "oidc/{provider}/callback",
                "device", "device/token")
}  # fmt: skip
"""Who has no token yet gets one here."""

OF_SIGNED_IN = (f"{API_PREFIX}/auth/", f"{API_PREFIX}/api-keys")
"""Below these a key is not enough; but a ticket may be had for one."""

OF_THEMSELVES = {
    ("PATCH", f"{API_PREFIX}/users/me"),
    ("GET", f"{API_PREFIX}/users/me/export"),
    ("GET", f"{API_PREFIX}/users/me/views"),
    ("PUT", f"{API_PREFIX}/users/me/views"),
}

OF_TASKS = (
    f"{API_PREFIX}/farm/storage/",
    f"{API_PREFIX}/farm/attempts/{'0' * 32}/locations",
)
"""Below these only the token of a running task is good (tests/people has those)."""


def needs_sign_in(method: str, path: str) -> bool:
    """Whether only a session opens it."""
    if path.endswith("/auth/tickets"):
        return False
    return path.startswith(OF_SIGNED_IN) or (method, path) in OF_THEMSELVES


def guarded_addresses() -> Iterator[tuple[str, str]]:
    """Method and path of everything in the OpenAPI document that takes a token."""
    for path, methods in document()["paths"].items():
        if path not in OPEN | VISITORS:
            concrete = path.replace("{index}", "0")
            for part in concrete.split("/"):
                if part.startswith("{"):
                    concrete = concrete.replace(part, "0" * 32)
            # HEAD is GET without the body, which is what tells of a refusal.
            yield from ((method.upper(), concrete) for method in methods if method != "head")


ABOUT_THE_FARM = tuple(f"{API_PREFIX}/farm/{name}" for name in ("nodes", "queues", "history"))
"""What people ask."""
ADDRESSES = sorted(guarded_addresses())


def test_the_matrix_is_not_empty() -> None:
    assert len(ADDRESSES) > 20
    assert all(path.startswith(API_PREFIX) for _, path in ADDRESSES)


@pytest.mark.parametrize(("method", "path"), ADDRESSES, ids=[" ".join(a) for a in ADDRESSES])
def test_no_token_wrong_token_wrong_kind(live: Live, method: str, path: str) -> None:
    of_farm = path.startswith(f"{API_PREFIX}/farm") and not path.startswith(ABOUT_THE_FARM)
    with httpx.Client(base_url=live.url, timeout=60) as client:

        def ask(authorization: str | None) -> httpx.Response:
            headers = {b"Upload-Offset": b"0"}
            if authorization is not None:
                headers[b"Authorization"] = authorization.encode("latin-1")
            return client.request(method, path, headers=headers)

        if path.startswith(OF_TASKS):
            for other in (live.user_token, live.farm_token):
                assert_refused(ask(f"Bearer {other}"), 403, "forbidden")
            return
        good, other = live.user_token, live.farm_token
        if of_farm:
            good, other = other, good
        if needs_sign_in(method, path):
            assert_refused(ask(f"Bearer {good}"), 403, "forbidden")
            good = signed_in(live)
        for absent in (None, "", "Bearer", f"Basic {good}", good):
            refused = ask(absent)
            assert_refused(refused, 401, "unauthorized")
            assert refused.headers["WWW-Authenticate"] == "Bearer"
        for wrong in (good + "x", good[:-1], "é", "x" * 2000):
            assert_refused(ask(f"Bearer {wrong}"), 401, "unauthorized")
        assert_refused(ask(f"Bearer {other}"), 403, "forbidden")
        assert ask(f"Bearer {good}").status_code not in (401, 403)


def signed_in(live: Live) -> str:
    """The access token of a new person's new session."""
    with live.database.session() as session:
        user = create_person(
            session, email=f"{uuid.uuid4().hex}@studio.example", name="eve", role=Role.ADMIN
        )
        return open_session(
            session, live.settings, user, "password", Sender("tests", "", "")
        ).access


def test_every_route_but_health_is_in_the_matrix(live: Live) -> None:
    """A route hidden from the document would be hidden from the matrix."""
    hidden = {
        route.path
        for route in live.app.routes
        if isinstance(route, APIRoute) and not route.include_in_schema
    }
    assert hidden == {f"{API}/openapi.json"}
    assert_refused(httpx.get(live.url + f"{API}/openapi.json", timeout=60), 401, "unauthorized")
    with live.client() as client:
        assert client.get("/openapi.json").json()["info"]["title"] == "Megaton Roto"


@pytest.mark.database
def test_a_value_no_database_keeps_is_a_bad_request(live: Live) -> None:
    body = {"boot_id": "0" * 32}
    # Captured: the default log draws tracebacks at length.
    with live.client(live.farm_token) as client, capture_logs():
        answer = client.post("/farm/workers/%00/heartbeat", json=body)
    assert answer.status_code in (404, 409, 422), answer.text


@pytest.mark.database
def test_only_the_hash_is_kept_and_the_use_is_noted(live: Live, api: httpx.Client) -> None:
    api.get("/projects")
    with live.database.reading() as session:
        tokens = {row.name: row for row in session.scalars(select(Token))}
        assert live.user_token not in repr([vars(row) for row in tokens.values()])
        assert tokens["ada"].sha256 == hashlib.sha256(live.user_token.encode()).hexdigest()
    assert last_use(live, "ada") is not None


def last_use(live: Live, name: str) -> datetime | None:
    """When the token was last used, once the thread that notes it has written it."""
    deadline = time.monotonic() + 20
    while True:
        with live.database.reading() as session:
            used = session.scalar(select(Token.last_used_at).where(Token.name == name))
        if used is not None or time.monotonic() > deadline:
            return used
        time.sleep(0.02)


@pytest.mark.database
def test_a_revoked_token_is_out_at_once(live: Live) -> None:
    with live.database.session() as session:
        secret = create_token(session, "leaver", "user")
    with live.client(secret) as client:
        assert client.get("/projects").status_code == 200
        with live.database.session() as session:
            row = session.scalars(select(Token).where(Token.name == "leaver")).one()
            row.revoked = True
        assert_refused(client.get("/projects"), 401, "unauthorized")


def test_tokens_are_long_and_tell_their_kind(live: Live) -> None:
    assert live.user_token.startswith("roto_")
    assert live.farm_token.startswith("rotofarm_")
    assert len(live.user_token.removeprefix("roto_")) == 43
    with live.database.session() as session:
        made = {create_token(session, "many", "user") for _ in range(50)}
    assert len(made) == 50


def test_what_a_user_makes_carries_the_users_name(live: Live, api: httpx.Client) -> None:
    with live.database.session() as session:
        secret = create_token(session, "grace", "user")
    with live.client(secret) as client:
        project = add_project(client)
    assert api.get(f"/projects/{project['id']}").status_code == 200
