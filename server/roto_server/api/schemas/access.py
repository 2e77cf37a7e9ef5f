"""What roles may do, and tokens of the farm."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from ...access.roles import Role
from .accounts import KeyScope, PersonName
from .common import Answer, Request


class RoleOut(Answer):
    """A role, on the server or in a project."""

    name: Role
    about: str


class RightOut(Answer):
    """A right and the roles that have it. ``of`` project: by the role one has in that project,
    and by administrators everywhere; ``of`` server: by one's role on the server."""

    name: str
    about: str
    of: Literal["server", "project"]
    scope: str = Field(description="What a token must be good for. account: a sign-in, no key.")
    roles: dict[Role, Literal["always", "shown", "theirs"]] = Field(
        description="Those that have it. theirs: for shots they made or are assigned to; shown: "
        "also for the others' shots, where the project shows those to artists."
    )


class RolesOut(Answer):
    """The table of rights, as the server goes by it."""

    roles: list[RoleOut]
    rights: list[RightOut]


class ScopeOut(Answer):
    """A scope a key may carry. ``usable``: whether one of yours may."""

    name: KeyScope
    about: str
    usable: bool


class ScopesOut(Answer):
    """What keys can be good for."""

    items: list[ScopeOut]


class FarmTokenIn(Request):
    """A new token for machines of the farm."""

    name: PersonName


class FarmTokenOut(Answer):
    """A token that machines of the farm register with. ``prefix`` is how it begins."""

    id: str
    name: str
    prefix: str
    created_at: datetime
    last_used_at: datetime | None


class FarmTokenMade(FarmTokenOut):
    """A new farm token with its secret, which is shown this once."""

    token: str
