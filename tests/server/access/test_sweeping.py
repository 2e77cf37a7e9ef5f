"""What signing in leaves behind goes when nobody needs it, and not before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from roto_server.access.accounts import create_person
from roto_server.access.sweeping import sweep
from roto_server.db.models import Project
from roto_server.db.people import (
    DeviceGrant,
    LoginSession,
    Membership,
    OidcFlow,
    OneTimeToken,
    OutgoingMail,
    RefreshToken,
    SigningKey,
    User,
)
from roto_server.db.session import Database
from roto_server.db.types import utc_now

pytestmark = pytest.mark.database
NOW = utc_now()


def ago(**span: float) -> object:
    return NOW - timedelta(**span)


def add_sessions(session: Session, user: User) -> None:
    for name, expires, revoked in (
        ("live", -10, None),
        ("just ended", -10, 1),
        ("ended long ago", -10, 31),
        ("ran out", 1, None),
        ("ran out long ago", 31, None),
    ):
        login = LoginSession(
            user_id=user.id,
            kind="password",
            client=name,
            expires_at=ago(days=expires),
            revoked_at=ago(days=revoked) if revoked else None,
        )
        session.add(login)
        session.flush()
        session.add(
            RefreshToken(
                session_id=login.id, sha256=name, used_at=ago(days=40), expires_at=login.expires_at
            )
        )


def test_what_is_over_goes_and_what_counts_stays(database: Database) -> None:
    with database.session() as session:
        user = create_person(session, email="ada@studio.example", name="Ada")
        add_sessions(session, user)
        for name, days in (("good", -1.0), ("late", 0.5), ("old", 2)):
            expires = ago(days=days)
            session.add_all(
                [
                    OneTimeToken(user_id=user.id, purpose="reset", sha256=name, expires_at=expires),
                    OidcFlow(
                        state_sha256=name, provider="p", nonce="", verifier="", expires_at=expires
                    ),
                    DeviceGrant(
                        device_sha256=name, user_code=name, client=name, expires_at=expires
                    ),
                    SigningKey(id=name, algorithm="EdDSA", public="", private="",
                               expires_at=expires),
                    OutgoingMail(user_id=user.id, kind=name, content="",
                                 created_at=ago(days=days * 5)),
                ]
            )  # fmt: skip
        session.add(SigningKey(id="signs", algorithm="EdDSA", public="", private=""))
    sweep(database, NOW)
    with database.reading() as session:

        def kept(column: object) -> set[str]:
            return set(session.scalars(select(column)))  # type: ignore[call-overload]

        sessions = {"live", "just ended", "ran out"}
        assert kept(LoginSession.client) == kept(RefreshToken.sha256) == sessions
        assert kept(OneTimeToken.sha256) == {"good", "late"}
        assert kept(OidcFlow.state_sha256) == {"good"}
        assert kept(DeviceGrant.user_code) == {"good", "late"}
        assert kept(SigningKey.id) == {"good", "signs"}
        assert kept(OutgoingMail.kind) == {"good", "late"}


def test_an_address_nobody_confirms_is_forgotten(database: Database) -> None:
    with database.session() as session:
        people = {
            name: create_person(
                session, email=f"{name}@studio.example", name=name, state="unconfirmed"
            )
            for name in ("stale", "fresh", "invited", "member")
        }
        for name, user in people.items():
            user.updated_at = ago(days=1 if name == "fresh" else 31)  # type: ignore[assignment]
        good = ago(days=-1)
        session.add(
            OneTimeToken(
                user_id=people["invited"].id, purpose="invite", sha256="x", expires_at=good
            )
        )
        project = Project(name="show", created_by=people["member"].id)
        session.add(project)
        session.flush()
        session.add(Membership(project_id=project.id, user_id=people["member"].id, role="artist"))
        ident = people["stale"].id
    sweep(database, NOW)
    with database.reading() as session:
        stale = session.get_one(User, ident)
        assert (stale.state, stale.email, stale.password_hash) == ("deleted", None, None)
        left = session.scalars(select(User.name).where(User.state == "unconfirmed"))
        assert set(left) == {"fresh", "invited", "member"}
