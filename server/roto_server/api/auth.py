"""Signing in and out: sessions, their tokens, tickets for sockets, and one's own password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from roto_shapes.errors import RotoError

from ..access import accounts, passwords
from ..access.caller import Caller
from ..access.roles import ALL_SCOPES
from ..access.sessions import Issued, end, end_all, end_replaced, refresh, signed_out
from ..access.signing_in import Attempt, bad_credentials, sign_in, stored_hash
from ..access.tickets import TICKET_SECONDS, issue_ticket
from ..db.people import LoginSession
from ..db.types import utc_now
from ..errors import NotFoundError
from ..settings import Settings
from . import deps
from .cookies import (
    REFRESH_COOKIE,
    clear_session_cookies,
    cookie_of,
    forget_pictures,
    refuse_foreign_origin,
    set_session_cookies,
)
from .deps import DatabaseDep, SettingsDep, Writer, refusals
from .me import present_user
from .own import OwnReader, OwnRow, OwnWriter
from .paging import Cursor, Limit, newest_first
from .schemas.accounts import ChangeIn, LoginIn, RefreshIn, SessionOut, Ticket, Tokens
from .schemas.common import Page
from .sending import BackoffDep, HasherDep, sender_of
from .transact import transact

router = APIRouter(
    prefix="/auth", tags=["auth"], responses=refusals(401, 403, 413, 422, 426, 429, 500, 503)
)


@router.post("/login")
async def login(
    body: LoginIn,
    request: Request,
    response: Response,
    database: DatabaseDep,
    settings: SettingsDep,
    hasher: HasherDep,
    backoff: BackoffDep,
) -> Tokens:
    """Sign in with a password. After a few wrong ones each try has to wait (429)."""
    if body.cookie:
        refuse_foreign_origin(request, settings)
    sender = sender_of(request, body.client)
    await run_in_threadpool(backoff.charge, body.email, sender.address)
    # No transaction is open while the password is hashed: that takes its time.
    stored = await transact(database, lambda session: stored_hash(session, body.email),
                            writing=False)  # fmt: skip
    attempt = Attempt(body.email, stored, await hasher.verify(body.password, stored))
    former = cookie_of(request.headers, REFRESH_COOKIE) if body.cookie else ""

    def signing_in(session: Session) -> Issued | RotoError:
        outcome = sign_in(session, settings, attempt, sender)
        if former and isinstance(outcome, Issued):
            actor = sender.as_actor(outcome.user.id, f"session {outcome.login.id}")
            end_replaced(session, former, actor)
        return outcome

    issued = _or_raise(await transact(database, signing_in))
    await run_in_threadpool(backoff.clear, body.email, sender.address)
    return _hand_out(response, settings, issued, by_cookie=body.cookie)


@router.post("/refresh")
async def refresh_tokens(
    request: Request,
    response: Response,
    database: DatabaseDep,
    settings: SettingsDep,
    body: Annotated[RefreshIn | None, Body()] = None,
) -> Tokens:
    """A new pair of tokens for a refresh token, which works once: the second use of one ends its
    session. Send one refresh at a time."""
    secret = body.refresh_token if body else None
    by_cookie = secret is None
    if by_cookie:
        secret = cookie_of(request.headers, REFRESH_COOKIE)
        if not secret:
            raise signed_out()
        refuse_foreign_origin(request, settings)
    given, sender = str(secret), sender_of(request)
    outcome = await transact(database, lambda session: refresh(session, settings, given, sender))
    return _hand_out(response, settings, _or_raise(outcome), by_cookie=by_cookie)


@router.post("/logout", status_code=204)
def logout(caller: OwnWriter, response: Response, settings: SettingsDep) -> None:
    """End this session."""
    end(caller.session, _own_session(caller, str(caller.who.session_id)), "logout", caller.actor)
    clear_session_cookies(response, settings)
    forget_pictures(response)


@router.post("/logout-everywhere", status_code=204)
def logout_everywhere(caller: OwnWriter, response: Response, settings: SettingsDep) -> None:
    """End all sessions, and the keys that programs got by a code. Keys made by hand stay."""
    ended = end_all(caller.session, caller.who.user_id, "logout everywhere", keys="programs")
    caller.audit("user.logged_out", "user", caller.who.user_id, after={"ended": ended})
    clear_session_cookies(response, settings)
    forget_pictures(response)


@router.get("/sessions")
def list_sessions(caller: OwnReader, limit: Limit = 100, cursor: Cursor = None) -> Page[SessionOut]:
    """Where one is signed in, newest first."""
    keys = (LoginSession.created_at, LoginSession.id)
    query = good_sessions(caller.who.user_id)
    rows, after = newest_first(caller.session, query, keys, limit, cursor)
    return Page(items=[present_session(row, caller) for row in rows], next=after)


@router.delete("/sessions/{session_id}", status_code=204, responses=refusals(404))
def end_session(session_id: str, caller: OwnWriter) -> None:
    """End one of one's own sessions."""
    end(caller.session, _own_session(caller, session_id), "ended by its owner", caller.actor)


@router.post("/password/change", status_code=204)
async def change_password(
    body: ChangeIn,
    user: OwnRow,
    request: Request,
    settings: SettingsDep,
    hasher: HasherDep,
    backoff: BackoffDep,
) -> None:
    """Choose a new password; one's other sessions end. 401 when the old one is wrong."""
    passwords.check(body.new, user.name, user.email or "")
    sender = sender_of(request)
    await run_in_threadpool(backoff.charge, user.id, sender.address)
    if not (await hasher.verify(body.old, user.password_hash)).right:
        await deps.transact(request, _note_refusal, writing=True)
        raise bad_credentials()
    hashed = await hasher.hash(body.new)

    def change(caller: Caller) -> None:
        accounts.change_password(caller.session, settings, caller.who, hashed, sender)

    await deps.transact(request, change, writing=True)
    await run_in_threadpool(backoff.clear, user.id, sender.address)


@router.post("/tickets")
def make_ticket(caller: Writer) -> Ticket:
    """A ticket to open the events' socket with, for browsers: their sockets send no header."""
    return Ticket(ticket=issue_ticket(caller.session, caller.who), expires_in=TICKET_SECONDS)


def _note_refusal(caller: Caller) -> None:
    """Whoever tries passwords on somebody's open session is seen."""
    caller.audit("user.password_refused", "user", caller.who.user_id)


def _own_session(caller: Caller, session_id: str) -> LoginSession:
    """One's own session that is still good; raises `NotFoundError` for any other."""
    row = caller.session.get(LoginSession, session_id)
    if row is None or row.user_id != caller.who.user_id or row.revoked_at is not None:
        raise NotFoundError("session", session_id)
    return row


def good_sessions(user_id: str) -> Select[LoginSession]:
    """Sign-ins of somebody that are still good, in no order."""
    return select(LoginSession).where(
        LoginSession.user_id == user_id,
        LoginSession.revoked_at.is_(None),
        LoginSession.expires_at > utc_now(),
    )


def present_session(row: LoginSession, caller: Caller) -> SessionOut:
    """A sign-in as its holder and administrators see it."""
    return SessionOut(
        id=row.id,
        kind="oidc" if row.kind == "oidc" else "password",
        client=row.client,
        address=row.address,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
        current=row.id == caller.who.session_id,
    )


def _or_raise(outcome: Issued | RotoError) -> Issued:
    """What was issued; a refusal is raised here, after what it wrote was committed."""
    if isinstance(outcome, RotoError):
        raise outcome
    return outcome


def _hand_out(response: Response, settings: Settings, issued: Issued, *, by_cookie: bool) -> Tokens:
    if by_cookie:
        set_session_cookies(response, settings, issued)
    return Tokens(
        access_token=None if by_cookie else issued.access,
        refresh_token=None if by_cookie else issued.refresh,
        token_type="Bearer",  # noqa: S106
        expires_in=settings.access_token_seconds,
        user=present_user(issued.user, ALL_SCOPES),
    )
