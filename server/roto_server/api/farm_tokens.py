"""Tokens that machines of the farm register with, for administrators."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import select

from ..access.roles import Permission
from ..access.tokens import token_digest
from ..admin import keys
from ..db.models import Token
from ..errors import NotFoundError
from .deps import Reader, Writer, refusals
from .paging import Cursor, Limit, newest_first
from .schemas.access import FarmTokenIn, FarmTokenMade, FarmTokenOut
from .schemas.common import Page

router = APIRouter(prefix="/admin/farm-tokens", tags=["admin"])


@router.get("")
def list_farm_tokens(
    caller: Reader, limit: Limit = 100, cursor: Cursor = None
) -> Page[FarmTokenOut]:
    """Tokens that were not revoked, newest first."""
    caller.demand(Permission.MANAGE_FARM)
    query = select(Token).where(Token.scope == "farm", ~Token.revoked)
    rows, after = newest_first(caller.session, query, (Token.created_at, Token.id), limit, cursor)
    return Page(items=[_present(row) for row in rows], next=after)


@router.post("", status_code=201)
def make_farm_token(body: FarmTokenIn, caller: Writer) -> FarmTokenMade:
    """A new token; its secret is in this answer and nowhere else."""
    caller.demand(Permission.MANAGE_FARM)
    secret = keys.create_farm_token(caller.session, caller.actor, body.name)
    row = caller.session.scalars(select(Token).where(Token.sha256 == token_digest(secret))).one()
    return FarmTokenMade(**_present(row).model_dump(), token=secret)


@router.delete("/{token_id}", status_code=204, responses=refusals(404))
def revoke_farm_token(token_id: str, caller: Writer) -> None:
    """Make a token worthless: its machines are given nothing new; what runs still finishes."""
    caller.demand(Permission.MANAGE_FARM)
    row = caller.session.get(Token, token_id)
    if row is None or row.scope != "farm" or row.revoked:
        raise NotFoundError("token", token_id)
    keys.revoke(caller.session, caller.actor, row.id)


def _present(row: Token) -> FarmTokenOut:
    return FarmTokenOut.model_validate(row, from_attributes=True)
