"""People: how they come to have an account and a password.

Nobody learns here whether an address has an account: whoever asks gets the same answer, and what
there is to say goes to the address by mail.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..audit import record
from ..db.people import User
from ..db.session import savepoint
from ..db.types import utc_now
from ..errors import BadRequestError, ConflictError
from ..mail.address import normal_address
from ..mail.outbox import notify, post, post_to_nobody, require_mail
from ..settings import Settings
from . import passwords
from .one_time import expired, issue, link, take, void
from .principal import Principal
from .roles import Role
from .sessions import Sender, end_all

UNKNOWN = "unknown"
"""The audit log's target when nobody has the address."""


def names_of(session: Session, idents: Iterable[str | None]) -> dict[str, str]:
    """What users are called now, by id; in one question."""
    wanted = {ident for ident in idents if ident}
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(wanted))).all())


def create_person(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role = Role.ARTIST,
    state: str = "active",
    password_hash: str | None = None,
) -> User:
    """A new person; whoever calls has checked that they may be made, and records it.

    Raises:
        RotoError: ``bad_request`` for what is no address, ``conflict`` when it has an account.
    """
    user = User(
        email=_address(email),
        name=name,
        role=role,
        state=state,
        password_hash=password_hash,
        email_confirmed_at=utc_now() if state == "active" else None,
    )
    try:
        with savepoint(session):
            session.add(user)
    except IntegrityError:
        raise ConflictError("There is an account with this e-mail address already.") from None
    return user


def find_person(session: Session, email: str) -> User | None:
    """Who has the address (in its normal form: see `mail.address`)."""
    return session.scalar(select(User).where(User.email == email))


def invite(session: Session, settings: Settings, *, email: str, name: str, role: Role) -> User:
    """A new person, who is sent a link to choose a password.

    Raises:
        RotoError: as `create_person`; ``conflict`` also when this server sends no mail.
    """
    require_mail(settings)
    user = create_person(session, email=email, name=name, role=role, state="unconfirmed")
    post(session, settings, user.id, "invite")
    return user


def set_password_link(session: Session, settings: Settings, user: User) -> str:
    """A link by which ``user`` chooses a password, for somebody who hands it on by themselves."""
    return link(settings, "invite", issue(session, user, "invite", settings))


def mail_password_link(session: Session, settings: Settings, user: User) -> None:
    """Have ``user`` sent the link by which they choose a password, because an administrator asked.

    Raises:
        RotoError: ``conflict`` for somebody whom no password lets in, and without a mail server.
    """
    if user.kind != "person" or user.state not in ("active", "unconfirmed"):
        kind = "a service" if user.kind == "service" else user.state
        raise ConflictError(
            f"{user.name} is {kind}: no password lets them in.",
            hint="Services come in by keys; whoever was disabled is enabled first.",
        )
    if user.state == "active":
        post(session, settings, user.id, "reset")
    else:
        post(session, settings, user.id, "invite" if _is_invited(user) else "finish")


def check_registration(settings: Settings, email: str) -> None:
    """Raise `RotoError` unless somebody with this address may register."""
    if settings.registration == "closed":
        raise RotoError(
            "This server takes no registrations.",
            code="forbidden",
            hint="Ask an administrator of the server for an invitation.",
        )
    domain = email.rpartition("@")[2]
    if settings.registration == "domains" and domain not in settings.registration_domains:
        raise RotoError(
            f"This server takes no registrations with addresses of {domain}.",
            code="forbidden",
            hint="Use the address of your studio, or ask an administrator for an invitation.",
        )
    require_mail(settings)


def register(
    session: Session, settings: Settings, email: str, name: str, password_hash: str, sender: Sender
) -> None:
    """Have the address confirmed, or its holder told that they have an account.

    The link in the mail carries the name and the password of this very registration: somebody who
    registered with the same address before, or does after, gains nothing when it is followed.
    """
    offer = {"name": name, "password_hash": password_hash}
    user = find_person(session, email)
    if user is None:
        try:
            user = create_person(
                session, email=email, name=name, state="unconfirmed", password_hash=password_hash
            )
        except ConflictError:
            # Somebody registered with it in this moment: the next one to ask is told.
            user = find_person(session, email)
    elif user.state == "unconfirmed" and not _is_invited(user):
        user.name, user.password_hash = name, password_hash
    else:
        user.updated_at = utc_now()
    if user is not None and _is_invited(user):
        # Never a confirmation: a stranger's password would come with the invitation's role.
        post(session, settings, user.id, "invite")
    elif user is not None and user.state == "unconfirmed":
        post(session, settings, user.id, "confirm", offer)
    elif user is not None and user.state == "active":
        post(session, settings, user.id, "known")
    else:
        post_to_nobody(session, settings)
    _note(session, sender, "user.registered", user)


def resend(session: Session, settings: Settings, email: str, sender: Sender) -> None:
    """Send a link that confirms the address, or the invitation, once more.

    The link lets one choose a password: which of several registrations is meant, nobody knows.
    """
    user = find_person(session, email)
    if user is None or user.state != "unconfirmed":
        post_to_nobody(session, settings)
    else:
        post(session, settings, user.id, "invite" if _is_invited(user) else "finish")
    _note(session, sender, "user.confirmation_asked", user)


def confirm(session: Session, secret: str, sender: Sender) -> User:
    """Make an account of a registration; raises ``link_expired``."""
    user, row = take(session, secret, "confirm")
    if user.state != "unconfirmed" or _is_invited(user) or row.offer is None:
        raise expired()
    user.name, user.password_hash = row.offer["name"], row.offer["password_hash"]
    _let_in(session, user)
    record(session, sender.as_actor(user.id), "user.confirmed", "user", user.id)
    return user


def forgot(session: Session, settings: Settings, email: str, sender: Sender) -> None:
    """Send a link to choose a new password."""
    user = find_person(session, email)
    if user is None or user.state not in ("active", "unconfirmed"):
        post_to_nobody(session, settings)
    else:
        post(session, settings, user.id, "reset")
    _note(session, sender, "user.password_forgotten", user)


def reset(
    session: Session,
    settings: Settings,
    secret: str,
    password: str,
    password_hash: str,
    sender: Sender,
) -> User:
    """Take a new password, of somebody who reads the address' mail. Whoever knew the old one may
    have made keys with it, so all keys end with all sessions.

    Raises:
        RotoError: ``link_expired``, ``weak_password``; the link is then still good.
    """
    user, row = take(session, secret, "reset", "invite")
    passwords.check(password, user.name, user.email or "")
    user.password_hash = password_hash
    _let_in(session, user)
    ended = end_all(session, user.id, "password reset", keys="all")
    after = {"by": row.purpose, "ended": ended}
    actor = sender.as_actor(user.id)
    record(session, actor, "user.password_reset", "user", user.id, after=after)
    if row.purpose == "reset":
        notify(session, settings, user.id, "password_changed")
    return user


def change_password(
    session: Session, settings: Settings, who: Principal, password_hash: str, sender: Sender
) -> None:
    """Take a new password of somebody who knew the old one; their other sessions end."""
    user = session.get_one(User, who.user_id)
    user.password_hash = password_hash
    void(session, user.id, "reset", "invite")
    ended = end_all(session, user.id, "password change", spare=who.session_id)
    actor = sender.as_actor(user.id, who.via)
    after = {"ended": ended}
    record(session, actor, "user.password_changed", "user", user.id, after=after)
    notify(session, settings, user.id, "password_changed")


def _is_invited(user: User) -> bool:
    """Whether an administrator made the account and nobody has chosen its password yet."""
    return user.state == "unconfirmed" and user.password_hash is None


def _let_in(session: Session, user: User) -> None:
    """The address is theirs: they read the mail that was sent there."""
    user.email_confirmed_at = user.email_confirmed_at or utc_now()
    user.state = "active"
    void(session, user.id, "confirm", "reset", "invite")


def _note(session: Session, sender: Sender, action: str, user: User | None) -> None:
    record(session, sender.as_actor(), action, "user", user.id if user else UNKNOWN)


def _address(text: str) -> str:
    try:
        return normal_address(text)
    except ValueError as error:
        raise BadRequestError(f"This is no e-mail address: {error}") from None
