"""One's own API keys. Only who signed in makes or deletes them: a key makes no keys."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

from fastapi import APIRouter
from sqlalchemy import Select, func, select

from ..access.keys import MOST_KEYS, check_scopes, scopes_of
from ..access.roles import ABOUT_SCOPE, Scope
from ..access.tokens import create_key
from ..db.models import Token
from ..db.people import User
from ..db.types import utc_now
from ..errors import ConflictError, NotFoundError
from .deps import refusals
from .own import OwnReader, OwnWriter
from .paging import Cursor, Limit, newest_first
from .schemas.access import ScopeOut, ScopesOut
from .schemas.accounts import KeyIn, KeyMade, KeyOut, KeyScope
from .schemas.common import Page

router = APIRouter(
    prefix="/api-keys",
    tags=["api keys"],
    responses=refusals(401, 403, 413, 422, 426, 429, 500, 503),
)


@router.post("", status_code=201, responses=refusals(409))
def make_key(body: KeyIn, caller: OwnWriter) -> KeyMade:
    """A new key; its secret is in this answer and nowhere else. 403 for scopes in which one may do
    nothing oneself."""
    user = caller.session.get_one(User, caller.who.user_id)
    check_scopes(caller.session, user, body.scopes)
    mine = select(func.count()).where(Token.user_id == user.id, ~Token.revoked)
    if caller.session.scalars(mine).one() >= MOST_KEYS:
        raise ConflictError(
            f"You have {MOST_KEYS} keys, which is as many as one may have.",
            hint="Delete those that are not used any more.",
        )
    expires_at = utc_now() + timedelta(days=body.expires_in_days) if body.expires_in_days else None
    row, secret = create_key(caller.session, user, body.name, body.scopes, expires_at=expires_at)
    after = {"scopes": row.scopes, "expires_at": expires_at.isoformat() if expires_at else None}
    caller.audit("key.created", "api_key", row.id, after=after)
    return KeyMade(**present_key(row).model_dump(), key=secret)


@router.get("")
def list_keys(caller: OwnReader, limit: Limit = 100, cursor: Cursor = None) -> Page[KeyOut]:
    """One's keys that were not deleted, newest first; expired ones too."""
    query = kept_keys(caller.who.user_id)
    rows, after = newest_first(caller.session, query, (Token.created_at, Token.id), limit, cursor)
    return Page(items=[present_key(row) for row in rows], next=after)


@router.get("/scopes")
def list_scopes(caller: OwnReader) -> ScopesOut:
    """What keys can be good for, and which of it one's own may be."""
    user = caller.session.get_one(User, caller.who.user_id)
    usable = scopes_of(caller.session, user)
    return ScopesOut(
        items=[
            ScopeOut(name=name, about=ABOUT_SCOPE[Scope(name)], usable=Scope(name) in usable)
            for name in get_args(KeyScope)
        ]
    )


@router.delete("/{key_id}", status_code=204, responses=refusals(404))
def delete_key(key_id: str, caller: OwnWriter) -> None:
    """Make a key worthless, at once."""
    row = caller.session.get(Token, key_id)
    if row is None or row.user_id != caller.who.user_id or row.revoked:
        raise NotFoundError("key", key_id)
    row.revoked = True
    caller.audit("key.deleted", "api_key", row.id)


def kept_keys(user_id: str) -> Select[Token]:
    """Somebody's keys that were not revoked, in no order."""
    return select(Token).where(Token.user_id == user_id, ~Token.revoked)


def present_key(row: Token) -> KeyOut:
    """A key as its holder and administrators see it."""
    return KeyOut(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=row.scopes,
        source="device" if row.source == "device" else "made",
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
