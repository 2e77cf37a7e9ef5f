"""The tables of people and access. Secrets are kept as SHA-256, or encrypted where they must be
read back; passwords as argon2.

Ids are those of `db.models`. A person's row is never deleted: a deleted person's name and address
are, so that what they did can still be told apart from what others did.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .models import ID, Base, JsonObject, Timestamps, new_id
from .types import utc_now

SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


class User(Timestamps, Base):
    """Somebody who can sign in, or a service that holds keys.

    ``kind``: person or service. ``role``: admin, supervisor, artist or viewer, on the server as a
    whole. ``state``: unconfirmed, active, disabled or deleted. ``email`` is lower case.
    """

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(8), default="person")
    email: Mapped[str | None] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16), default="artist")
    state: Mapped[str] = mapped_column(String(16), default="active", index=True)
    email_confirmed_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]


class Identity(Base):
    """A person as an OpenID provider knows them: ``issuer`` and ``subject``."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(400))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class LoginSession(Base):
    """One sign-in and all refresh tokens that came of it (a family). ``kind``: password or oidc."""

    __tablename__ = "login_sessions"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    client: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_used_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None] = mapped_column(String(40))

    user: Mapped[User] = relationship()


class RefreshToken(Base):
    """Good for one new pair of tokens; used twice, its session ends."""

    __tablename__ = "refresh_tokens"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    session_id: Mapped[str] = mapped_column(ForeignKey("login_sessions.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class OneTimeToken(Base):
    """A link or ticket that works once. ``purpose``: confirm, reset, invite or socket.

    ``session_id`` and ``token_id`` say whose rights a socket's ticket carries. ``offer`` holds the
    name and the password hash of the registration that a confirmation belongs to.
    """

    __tablename__ = "one_time_tokens"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    session_id: Mapped[str | None] = mapped_column(String(32))
    token_id: Mapped[str | None] = mapped_column(String(32))
    offer: Mapped[JsonObject | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class SigningKey(Base):
    """A key access tokens are signed with; ``id`` is the ``kid``. ``private`` is encrypted.

    The newest that is not retired signs; all that are kept verify, until ``expires_at``.
    """

    __tablename__ = "signing_keys"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    algorithm: Mapped[str] = mapped_column(String(16))
    public: Mapped[str] = mapped_column(Text)
    private: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    retired_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class DeviceGrant(Base):
    """A program that asks to sign in by a code. ``state``: pending, approved, denied or taken."""

    __tablename__ = "device_grants"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    device_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_code: Mapped[str] = mapped_column(String(16), unique=True)
    client: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(16), default="pending")
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    polled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class OidcFlow(Base):
    """A sign-in that is at its OpenID provider. ``verifier`` and ``nonce`` are worthless without
    the browser's ``state``, of which only the SHA-256 is kept."""

    __tablename__ = "oidc_flows"

    state_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    provider: Mapped[str] = mapped_column(String(40))
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))
    return_to: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class OutgoingMail(Base):
    """A mail that waits to be sent; the row goes when the mail server has taken it.

    ``content`` is encrypted: links in it are secrets.
    """

    __tablename__ = "outgoing_mails"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(32))
    content: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    not_before: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Membership(Base):
    """A person's role in a project."""

    __tablename__ = "memberships"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    user: Mapped[User] = relationship()


class Assignment(Base):
    """A shot that a person works on."""

    __tablename__ = "assignments"

    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    assigned_by: Mapped[str] = mapped_column(ID)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    user: Mapped[User] = relationship()


class SavedViews(Timestamps, Base):
    """A person's saved views of one page of the dashboard: ``{name: query string}``."""

    __tablename__ = "saved_views"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    page: Mapped[str] = mapped_column(String(20), primary_key=True)
    views: Mapped[JsonObject]


class AuditEntry(Base):
    """Who did what, on what, from where. Added, never changed: the database refuses it.

    ``hash`` is the SHA-256 of the entry and of ``previous_hash`` (see `roto_server.audit`). Holds
    ids and no names, so that a person can be forgotten without a change here.
    """

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_kind: Mapped[str] = mapped_column(String(8))
    actor_id: Mapped[str] = mapped_column(String(64), index=True)
    via: Mapped[str] = mapped_column(String(64), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    request_id: Mapped[str] = mapped_column(String(64), default="")
    action: Mapped[str] = mapped_column(String(64), index=True)
    target_kind: Mapped[str] = mapped_column(String(32))
    target_id: Mapped[str] = mapped_column(String(220), index=True)
    project_id: Mapped[str | None] = mapped_column(String(32), index=True)
    before: Mapped[JsonObject | None]
    after: Mapped[JsonObject | None]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class ConfigChange(Base):
    """One change of the global configuration; the newest of a name is what holds.

    ``value`` None puts the default back.
    """

    __tablename__ = "config_changes"

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(80), index=True)
    value: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    changed_by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=utc_now)
