"""Sign-ins that are at their provider, each bound to the browser that began it.

The browser keeps ``cookie``; ``state``, which travels through addresses and their logs, is its
SHA-256, and the database has the SHA-256 of that.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import CursorResult, delete
from sqlalchemy.orm import Session

from ...db.people import OidcFlow
from ...db.session import database_now
from ..own_pages import is_own_page
from ..tokens import new_secret, token_digest
from .problems import OidcError, Problem

FLOW_SECONDS = 600
HOME = "/account"

_PREFIX = "rotooidc_"


@dataclass(frozen=True)
class Flow:
    """``state`` and ``nonce`` go to the provider, ``verifier`` stays here until the code is back,
    ``return_to`` is the page of ours that follows. ``cookie`` is empty on the way back."""

    provider: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    return_to: str
    cookie: str = field(default="", repr=False)


def begin(session: Session, provider: str, return_to: str) -> Flow:
    """A sign-in that starts. ``return_to`` other than a page of ours: home."""
    now = database_now(session)
    cookie = new_secret(_PREFIX)
    flow = Flow(
        provider,
        state=token_digest(cookie),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(64),
        return_to=return_to if is_own_page(return_to) else HOME,
        cookie=cookie,
    )
    session.add(
        OidcFlow(
            state_sha256=token_digest(flow.state),
            provider=provider,
            nonce=flow.nonce,
            verifier=flow.verifier,
            return_to=flow.return_to,
            created_at=now,
            expires_at=now + timedelta(seconds=FLOW_SECONDS),
        )
    )
    return flow


def finish(session: Session, provider: str, state: str, cookie: str) -> Flow:
    """The sign-in that comes back with ``state``; it does so once.

    Raises `OidcError` when it is not this browser's, was finished before, or took too long.
    """
    if not cookie or not hmac.compare_digest(token_digest(cookie).encode(), state.encode()):
        raise OidcError(Problem.EXPIRED, "The state is not this browser's.")
    row = session.get(OidcFlow, token_digest(state))
    if row is None or row.provider != provider or row.expires_at <= database_now(session):
        raise OidcError(Problem.EXPIRED, "The sign-in is not known, or took too long.")
    taken = session.execute(delete(OidcFlow).where(OidcFlow.state_sha256 == row.state_sha256))
    assert isinstance(taken, CursorResult)
    if taken.rowcount != 1:
        raise OidcError(Problem.EXPIRED, "The sign-in was finished at this very moment.")
    return Flow(provider, state, row.nonce, row.verifier, row.return_to)
