"""Other people's ways in, for administrators: sign-ins, keys, a link to a new password."""

from __future__ import annotations

from fastapi import APIRouter

from ..access import accounts
from ..access.caller import Caller
from ..access.roles import Permission
from ..access.sessions import end, end_all
from ..admin import keys, people
from ..db.models import Token
from ..db.people import LoginSession
from ..errors import NotFoundError
from . import api_keys, auth
from .deps import Reader, SettingsDep, Writer, refusals
from .paging import Cursor, Limit, newest_first
from .schemas.accounts import KeyOut, SessionOut
from .schemas.common import Page

router = APIRouter(prefix="/admin/users/{user_id}", tags=["admin"], responses=refusals(404))


@router.get("/sessions")
def list_user_sessions(
    user_id: str, caller: Reader, limit: Limit = 100, cursor: Cursor = None
) -> Page[SessionOut]:
    """Where somebody is signed in, newest first."""
    caller.demand(Permission.MANAGE_USERS)
    user = people.person(caller.session, user_id)
    order = (LoginSession.created_at, LoginSession.id)
    rows, after = newest_first(caller.session, auth.good_sessions(user.id), order, limit, cursor)
    return Page(items=[auth.present_session(row, caller) for row in rows], next=after)


@router.delete("/sessions/{session_id}", status_code=204)
def end_user_session(user_id: str, session_id: str, caller: Writer) -> None:
    """End one of somebody's sign-ins, at once."""
    caller.demand(Permission.MANAGE_USERS)
    row = caller.session.get(LoginSession, session_id)
    if row is None or row.user_id != user_id or row.revoked_at is not None:
        raise NotFoundError("session", session_id)
    end(caller.session, row, "ended by an administrator", caller.actor)


@router.post("/logout", status_code=204)
def log_user_out(user_id: str, caller: Writer) -> None:
    """End all of somebody's sign-ins, and the keys of programs that were let in by a code. Keys
    made by hand stay."""
    caller.demand(Permission.MANAGE_USERS)
    user = people.person(caller.session, user_id)
    ended = end_all(caller.session, user.id, "ended by an administrator", keys="programs")
    caller.audit("user.logged_out", "user", user.id, after={"ended": ended})


@router.get("/keys")
def list_user_keys(
    user_id: str, caller: Reader, limit: Limit = 100, cursor: Cursor = None
) -> Page[KeyOut]:
    """Somebody's keys that were not revoked, newest first; expired ones too."""
    caller.demand(Permission.MANAGE_USERS)
    user = people.person(caller.session, user_id)
    order = (Token.created_at, Token.id)
    rows, after = newest_first(caller.session, api_keys.kept_keys(user.id), order, limit, cursor)
    return Page(items=[api_keys.present_key(row) for row in rows], next=after)


@router.delete("/keys/{key_id}", status_code=204)
def revoke_user_key(user_id: str, key_id: str, caller: Writer) -> None:
    """Make one of somebody's keys worthless, at once."""
    caller.demand(Permission.MANAGE_USERS)
    keys.revoke(caller.session, caller.actor, _key_of(caller, user_id, key_id).id)


@router.post("/password-mail", status_code=204, responses=refusals(409))
def mail_password_link(user_id: str, caller: Writer, settings: SettingsDep) -> None:
    """Send somebody the mail by which they choose a password: the invitation once more, or a
    reset. 409: nobody of this kind or state signs in with a password, or this server sends no
    mail."""
    caller.demand(Permission.MANAGE_USERS)
    user = people.person(caller.session, user_id)
    accounts.mail_password_link(caller.session, settings, user)
    caller.audit("user.password_link", "user", user.id, after={"by": "mail"})


def _key_of(caller: Caller, user_id: str, key_id: str) -> Token:
    row = caller.session.get(Token, key_id)
    if row is None or row.user_id != user_id or row.revoked:
        raise NotFoundError("key", key_id)
    return row
