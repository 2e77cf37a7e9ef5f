"""Whose account a sign-in at a provider opens."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ...audit import Actor, record
from ...db.people import Identity, User
from ...db.types import utc_now
from ...errors import ConflictError
from ...settings.oidc import OidcProvider
from ..accounts import create_person
from ..one_time import void
from ..roles import Role
from .claims import Vouched
from .problems import OidcError, Problem


def person_of(session: Session, who: Vouched, provider: OidcProvider, actor: Actor) -> User:
    """The account of ``who``: the one linked to them, the one with their verified address, or, if
    the provider may make people, a new one. ``actor`` is who the audit log says links or makes it.

    Raises `OidcError` when there is none, or it may not come in.
    """
    linked = session.scalars(
        select(User)
        .join(Identity, Identity.user_id == User.id)
        .where(Identity.issuer == who.issuer, Identity.subject == who.subject)
    ).one_or_none()
    if linked is not None:
        _refuse_disabled(linked)
        return linked
    if not who.address:
        raise OidcError(
            Problem.UNVERIFIED,
            "The provider does not say that it verified the address, so it opens no account.",
            hint="A provider whose addresses the studio gives out itself can have trust_email.",
        )
    try:
        return _link(session, who, provider, actor)
    except (IntegrityError, ConflictError):
        raise OidcError(
            Problem.EXPIRED, "The same person signed in twice at the same moment."
        ) from None


def _link(session: Session, who: Vouched, provider: OidcProvider, actor: Actor) -> User:
    user = session.scalars(
        select(User).where(User.email == who.address).with_for_update()
    ).one_or_none()
    if user is None:
        user = _make(session, who, provider, actor)
    elif user.state == "unconfirmed":
        _confirm(session, user)
    else:
        _refuse_disabled(user)
    session.add(Identity(user_id=user.id, issuer=who.issuer, subject=who.subject))
    session.flush()
    person = Actor("user", user.id, f"oidc {provider.name}", actor.address, actor.request_id)
    record(session, person, "identity.linked", "user", user.id, after={"provider": provider.name})
    return user


def _make(session: Session, who: Vouched, provider: OidcProvider, actor: Actor) -> User:
    if not provider.new_people:
        raise OidcError(Problem.UNKNOWN, f"Nobody has an account with the address {who.address}.")
    user = create_person(session, email=who.address, name=who.name, role=Role(provider.role))
    after = {"role": user.role, "state": user.state, "provider": provider.name}
    record(session, actor, "user.created", "user", user.id, after=after)
    return user


def _confirm(session: Session, user: User) -> None:
    """The address is proven. A password somebody chose before that is not: it may be a stranger's,
    who registered with the address to be inside of the account when its owner comes."""
    user.state = "active"
    user.password_hash = None
    user.email_confirmed_at = utc_now()
    void(session, user.id, "confirm", "reset", "invite")


def _refuse_disabled(user: User) -> None:
    if user.state != "active":
        raise OidcError(Problem.DISABLED, f"The account {user.id} is {user.state}.")
