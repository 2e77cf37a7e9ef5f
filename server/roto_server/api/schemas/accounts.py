"""Bodies of accounts, sessions and keys."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from ...mail.address import normal_address
from .common import Answer, Line, Once, Request

Email = Annotated[
    str, StringConstraints(min_length=3, max_length=254), AfterValidator(normal_address)
]
PersonName = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=100, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]
# What a password must be is `access.passwords.check`; this keeps argon2 from megabytes.
Password = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\w-]*$")]
KeyScope = Literal["read", "write", "manage", "admin"]
RoleName = Literal["admin", "supervisor", "artist", "viewer"]


class RegisterIn(Request):
    """Somebody who wants an account."""

    email: Email
    name: PersonName
    password: Password


class EmailIn(Request):
    """An address to send something to."""

    email: Email


class TokenIn(Request):
    """The secret of a link in a mail."""

    token: Secret


class ResetIn(Request):
    """A new password for the secret of a link in a mail."""

    token: Secret
    password: Password


class ChangeIn(Request):
    """A new password for the old one."""

    old: Password
    new: Password


class LoginIn(Request):
    """``cookie``: keep the refresh token in a cookie (for pages of this server). ``client``: what
    the list of sessions calls it."""

    email: Email
    password: Password
    cookie: bool = False
    client: Line = ""


class RefreshIn(Request):
    """Without a token the one in the cookie is used."""

    refresh_token: Secret | None = None


class Me(Answer):
    """Who the token belongs to. ``scopes``: what it is good for."""

    id: str
    name: str
    email: str | None
    kind: Literal["person", "service"]
    role: RoleName
    scopes: list[str]
    may: list[str] = Field(
        default_factory=list, description="What they may do that is of no project."
    )
    expires_in: int | None = Field(
        None, description="Seconds the access token that asks is still good for; not of a key."
    )
    created_at: datetime


class MeChange(Request):
    """What a person may change of themselves."""

    name: PersonName


class Tokens(Answer):
    """A pair of tokens. ``expires_in``: seconds the access token is good for. Both are null when
    they are in the cookies."""

    access_token: str | None
    refresh_token: str | None
    token_type: Literal["Bearer"]
    expires_in: float
    user: Me


class SessionOut(Answer):
    """A sign-in that is still good. ``current``: the one that asks."""

    id: str
    kind: Literal["password", "oidc"]
    client: str
    address: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool


class Ticket(Answer):
    """For ``events?ticket=``: good once, for ``expires_in`` seconds."""

    ticket: str
    expires_in: int


class KeyIn(Request):
    """A new API key; without ``expires_in_days`` it is good until it is deleted."""

    name: PersonName
    scopes: Annotated[list[KeyScope], Field(min_length=1, max_length=4), Once]
    expires_in_days: Annotated[float, Field(gt=0, le=3650)] | None = None


class KeyOut(Answer):
    """An API key. ``prefix`` is how it begins; ``source`` device: made by signing in with a
    code."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    source: Literal["made", "device"]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class KeyMade(KeyOut):
    """A new API key with its secret, which is shown this once."""

    key: str
