"""Everything the server keeps about one person, as one JSON document, written in pieces.

Secrets are not in it (there is only the SHA-256 of most); of what they made, the rows that name
them are, not the pictures and shapes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from ..db.media import Conform, Note, Plate, Publication, Review
from ..db.models import Job, Preview, Project, Prompt, RotoObject, Shapes, Shot, Token, Upload
from ..db.people import (
    Assignment,
    AuditEntry,
    ConfigChange,
    DeviceGrant,
    Identity,
    LoginSession,
    Membership,
    OneTimeToken,
    OutgoingMail,
    SavedViews,
    User,
)
from ..db.session import Database
from ..db.types import json_default, utc_now

FORMAT = "roto-person/1"
BATCH = 500
_Column = InstrumentedAttribute[Any]


@dataclass(frozen=True)
class _Section:
    """One list of the document: ``columns`` of the rows ``where``, in the order of ``keys``."""

    name: str
    columns: tuple[_Column, ...]
    where: ColumnElement[bool]
    keys: tuple[_Column, ...]


def exported(database: Database, user_id: str) -> Iterator[bytes]:
    """The document about ``user_id``. No session is open between two pieces."""
    head = {"format": FORMAT, "exported_at": utc_now(), "account": _account(database, user_id)}
    yield _json(head)[:-1]
    for section in _sections(user_id):
        yield b"," + _json(section.name) + b":["
        between = b""
        for rows in _batches(database, section):
            yield between + b",\n".join(map(_json, rows))
            between = b",\n"
        yield b"]"
    yield b"}\n"


def _account(database: Database, user_id: str) -> dict[str, Any]:
    with database.reading() as session:
        user = session.get_one(User, user_id)
        told = {
            column.key: getattr(user, column.key)
            for column in User.__table__.columns
            if column.key != "password_hash"
        }
        return {**told, "has_password": user.password_hash is not None}


def _batches(database: Database, section: _Section) -> Iterator[list[dict[str, Any]]]:
    last: Sequence[Any] | None = None
    names = [column.key for column in section.columns]
    places = [names.index(key.key) for key in section.keys]
    while True:
        query = select(*section.columns).where(section.where).order_by(*section.keys).limit(BATCH)
        if last is not None:
            query = query.where(tuple_(*section.keys) > tuple_(*last))
        with database.reading() as session:
            rows = session.execute(query).all()
        if rows:
            yield [dict(zip(names, row, strict=True)) for row in rows]
        if len(rows) < BATCH:
            return
        last = [rows[-1][place] for place in places]


def _sections(user_id: str) -> tuple[_Section, ...]:
    return (*_access(user_id), *_work(user_id), *_traces(user_id))


def _access(user_id: str) -> tuple[_Section, ...]:
    def of(name: str, table: Any, *columns: str) -> _Section:
        chosen = tuple(getattr(table, column) for column in ("id", *columns))
        return _Section(name, chosen, table.user_id == user_id, (table.id,))

    return (
        of("identities", Identity, "issuer", "subject", "created_at"),
        of(
            "sign_ins", LoginSession, "kind", "client", "address", "created_at", "last_used_at",
            "expires_at", "revoked_at", "revoked_reason",
        ),
        of(
            "keys", Token, "name", "prefix", "scopes", "source", "revoked", "created_at",
            "expires_at", "last_used_at",
        ),
        of("links", OneTimeToken, "purpose", "created_at", "expires_at", "used_at"),
        of("device_codes", DeviceGrant, "client", "address", "state", "created_at", "expires_at"),
        of("waiting_mails", OutgoingMail, "kind", "created_at"),
        _Section(
            "saved_views",
            (SavedViews.page, SavedViews.views, SavedViews.updated_at),
            SavedViews.user_id == user_id,
            (SavedViews.page,),
        ),
    )  # fmt: skip


def _work(user_id: str) -> tuple[_Section, ...]:
    def made(name: str, table: Any, *columns: str) -> _Section:
        chosen = tuple(getattr(table, column) for column in ("id", *columns, "created_at"))
        return _Section(name, chosen, table.created_by == user_id, (table.id,))

    return (
        _Section(
            "memberships",
            (Membership.project_id, Membership.role, Membership.created_at),
            Membership.user_id == user_id,
            (Membership.project_id,),
        ),
        _Section(
            "assignments",
            (
                Assignment.shot_id, Assignment.user_id, Assignment.assigned_by,
                Assignment.created_at,
            ),
            or_(Assignment.user_id == user_id, Assignment.assigned_by == user_id),
            (Assignment.shot_id, Assignment.user_id),
        ),
        made("projects", Project, "name"),
        made("shots", Shot, "project_id", "name"),
        made("objects", RotoObject, "shot_id", "name", "label"),
        made("prompts", Prompt, "job_id", "object_id", "frame", "data"),
        made("jobs", Job, "shot_id", "kind", "state", "params", "request_id"),
        made("shapes", Shapes, "shot_id", "version"),
        made("uploads", Upload, "project_id", "files"),
        made("plates", Plate, "shot_id", "view", "version", "plate"),
        made("conforms", Conform, "project_id", "name", "kind"),
        made("publications", Publication, "job_id", "path"),
        made("notes", Note, "shot_id", "job_id", "reply_to", "frame", "x", "y", "text"),
        made("reviews", Review, "shot_id", "job_id", "before", "after", "reason"),
        made("previews", Preview, "shot_id", "frame", "client_key"),
    )  # fmt: skip


def _traces(user_id: str) -> tuple[_Section, ...]:
    entry = AuditEntry
    columns = (
        entry.seq, entry.at, entry.actor_kind, entry.actor_id, entry.via, entry.address,
        entry.request_id, entry.action, entry.target_kind, entry.target_id, entry.project_id,
        entry.before, entry.after,
    )  # fmt: skip
    about = or_(
        entry.actor_id == user_id, (entry.target_kind == "user") & (entry.target_id == user_id)
    )
    change = ConfigChange
    return (
        _Section(
            "configuration_changes",
            (change.seq, change.at, change.name, change.value),
            change.changed_by == user_id,
            (change.seq,),
        ),
        _Section("audit", columns, about, (entry.seq,)),
    )


def _json(value: Any) -> bytes:
    return json.dumps(value, default=json_default, ensure_ascii=False).encode()
