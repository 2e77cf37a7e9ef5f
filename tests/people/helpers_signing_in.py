"""People with passwords, and clients that are signed in."""

from __future__ import annotations

from functools import cache
from typing import Any

import httpx
from helpers_people import PASSWORD, House, Person
from sqlalchemy import select

from roto_server.access.passwords import hash_password
from roto_server.db.people import AuditEntry


@cache
def password_hash() -> str:
    """Of PASSWORD; once, for it takes its time."""
    return hash_password(PASSWORD)


def person_with_password(house: House, role: str = "artist", **columns: Any) -> Person:
    """A confirmed person who signs in with PASSWORD."""
    return house.person(role, password_hash=password_hash(), **columns)


def signed_in(house: House, person: Person, process: int = 0) -> httpx.Client:
    """A client with the access token of a fresh sign-in of ``person``."""
    with house.client(process=process) as client:
        answer = client.post("/auth/login", json={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return house.client(answer.json()["access_token"], process=process)


def audited(house: House, action: str, target_id: str) -> list[AuditEntry]:
    """What the audit log says of it, oldest first."""
    query = select(AuditEntry).where(AuditEntry.action == action, AuditEntry.target_id == target_id)
    with house.database.reading() as session:
        return list(session.scalars(query.order_by(AuditEntry.seq)))
