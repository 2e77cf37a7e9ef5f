"""Who one is."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter

from ..access.roles import Role, of_server
from ..db.people import User
from ..db.types import utc_now
from .deps import Reader, refusals
from .own import OwnWriter
from .schemas.accounts import Me, MeChange

router = APIRouter(
    prefix="/users/me", tags=["me"], responses=refusals(401, 403, 413, 422, 426, 429, 500, 503)
)


@router.get("")
def get_me(caller: Reader) -> Me:
    """Who the token belongs to; any token of a person or service may ask."""
    me = present_user(caller.session.get_one(User, caller.who.user_id), caller.who.scopes)
    if (until := caller.who.until) is not None:
        me.expires_in = max(0, int((until - utc_now()).total_seconds()))
    return me


@router.patch("")
def change_me(body: MeChange, caller: OwnWriter) -> Me:
    """Change one's name."""
    user = caller.session.get_one(User, caller.who.user_id)
    if user.name != body.name:
        user.name = body.name
        # The log holds no names: people can be forgotten.
        caller.audit("user.changed", "user", user.id, after={"changed": ["name"]})
    return present_user(user, caller.who.scopes)


def present_user(user: User, scopes: Iterable[str]) -> Me:
    """A person or service as they see themselves."""
    return Me(
        id=user.id,
        name=user.name,
        email=user.email,
        kind="service" if user.kind == "service" else "person",
        role=Role(user.role).value,
        scopes=sorted(scopes),
        may=[str(one) for one in of_server(Role(user.role), scopes)],
        created_at=user.created_at,
    )
