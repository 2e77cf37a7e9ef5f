"""Accounts for who has none, and new passwords for who forgot theirs.

The answers say nothing of whether an address has an account; the same is done for one that has and
one that has not.
"""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request

from ..access import accounts, passwords
from ..mail.outbox import require_mail
from .deps import DatabaseDep, SettingsDep, refusals
from .schemas.accounts import EmailIn, RegisterIn, ResetIn, TokenIn
from .sending import HasherDep, sender_of
from .transact import transact

router = APIRouter(prefix="/auth", tags=["auth"], responses=refusals(413, 422, 426, 429, 500, 503))


@router.post("/register", status_code=202, responses=refusals(403, 409))
async def register(
    body: RegisterIn,
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    hasher: HasherDep,
) -> None:
    """Ask for an account: a link to confirm the address goes there. 403 when the server takes no
    registrations (of such addresses)."""
    accounts.check_registration(settings, body.email)
    passwords.check(body.password, body.name, body.email)
    hashed = await hasher.hash(body.password)
    sender = sender_of(request)
    await transact(
        database,
        lambda session: accounts.register(session, settings, body.email, body.name, hashed, sender),
    )


@router.post("/confirm", status_code=204, responses=refusals(410))
async def confirm(body: TokenIn, request: Request, database: DatabaseDep) -> None:
    """Confirm the address with the secret of the link; then one can sign in."""
    sender = sender_of(request)
    await transact(database, lambda session: accounts.confirm(session, body.token, sender))


@router.post("/resend", status_code=202, responses=refusals(409))
async def resend(
    body: EmailIn, request: Request, database: DatabaseDep, settings: SettingsDep
) -> None:
    """Have the confirmation sent once more."""
    require_mail(settings)
    work = partial(accounts.resend, settings=settings, email=body.email, sender=sender_of(request))
    await transact(database, work)


@router.post("/password/forgot", status_code=202, responses=refusals(409))
async def forgot_password(
    body: EmailIn, request: Request, database: DatabaseDep, settings: SettingsDep
) -> None:
    """Have a link sent to choose a new password."""
    require_mail(settings)
    work = partial(accounts.forgot, settings=settings, email=body.email, sender=sender_of(request))
    await transact(database, work)


@router.post("/password/reset", status_code=204, responses=refusals(410))
async def reset_password(
    body: ResetIn,
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    hasher: HasherDep,
) -> None:
    """Choose a new password with the secret of the link (of an invitation too). Who was signed in
    is signed out."""
    passwords.check(body.password)
    hashed = await hasher.hash(body.password)
    sender = sender_of(request)
    await transact(
        database,
        lambda session: accounts.reset(
            session, settings, body.token, body.password, hashed, sender
        ),
    )
