"""Registering and signing in, as tests do it again and again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import httpx
from helpers_people import PASSWORD, House, Person
from sqlalchemy import select

from helpers_services import link_token
from roto_server.access.passwords import hash_password
from roto_server.db.people import AuditEntry, User


@dataclass
class SignedIn:
    """Somebody with a session."""

    email: str
    user_id: str
    access: str
    refresh: str
    house: House

    @property
    def client(self) -> httpx.Client:
        return self.house.client(self.access)


def new_address() -> str:
    """An address nobody had before."""
    return f"{uuid.uuid4().hex[:16]}@studio.example"


def post(house: House, path: str, /, bearer: str | None = None, **body: Any) -> httpx.Response:
    """POST to ``auth/<path>``."""
    with house.client(bearer) as client:
        return client.post(f"/auth/{path}", json=body)


def register(house: House, email: str = "", password: str = PASSWORD, name: str = "Ada") -> str:
    """Register and confirm by the mail; returns the address."""
    email = email or new_address()
    before = len(house.mails.to(email))
    answer = post(house, "register", email=email, name=name, password=password)
    assert answer.status_code == 202, answer.text
    token = link_token(house.mails.wait(email, before + 1))
    assert post(house, "confirm", token=token).status_code == 204
    return email


def login(house: House, email: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
    return post(house, "login", email=email, password=password, **more)


def sign_in(house: House, email: str = "", password: str = PASSWORD, **more: Any) -> SignedIn:
    """Sign in; without ``email`` as somebody new."""
    email = email or person_with_password(house).email
    answer = login(house, email, password, **more)
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    return SignedIn(
        email, tokens["user"]["id"], tokens["access_token"], tokens["refresh_token"], house
    )


def person_with_password(house: House, role: str = "artist", **columns: Any) -> Person:
    """A confirmed person who may sign in with PASSWORD."""
    return house.person(role, password_hash=hash_password(PASSWORD), **columns)


def set_user(house: House, email: str, **columns: Any) -> None:
    """Change the row of a person, as an administrator would."""
    with house.database.session() as session:
        user = session.scalars(select(User).where(User.email == email)).one()
        for name, value in columns.items():
            setattr(user, name, value)


def audit_of(house: House, target_id: str) -> list[AuditEntry]:
    """What the audit log tells of a target, oldest first."""
    with house.database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.target_id == target_id)
        return list(session.scalars(query.order_by(AuditEntry.seq)))


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Assert the refusal; returns its body without the request's id."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    del body["request_id"]
    return body
