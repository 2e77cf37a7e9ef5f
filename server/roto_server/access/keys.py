"""API keys that people make for themselves."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.people import Membership, User
from .roles import KEY_SCOPES, SCOPE_OF, Role, Scope, Standing, allows

MOST_KEYS = 100


def usable_scopes(server: Role, in_projects: Iterable[Role]) -> frozenset[Scope]:
    """The scopes in which somebody with these roles may do anything.

    Their role on the server counts as one in a project too: they may be added to one tomorrow.
    """
    standings = [Standing(server, role, mine=True) for role in {server, *in_projects}]
    usable = {
        scope
        for permission, scope in SCOPE_OF.items()
        if any(allows(standing, permission) for standing in standings)
    }
    return frozenset(usable & KEY_SCOPES)


def scopes_of(session: Session, user: User) -> frozenset[Scope]:
    """The scopes that keys of ``user`` may carry."""
    roles = session.scalars(select(Membership.role).where(Membership.user_id == user.id).distinct())
    return usable_scopes(Role(user.role), [Role(role) for role in roles])


def check_scopes(session: Session, user: User, wanted: Iterable[str]) -> None:
    """Raise `RotoError` ``forbidden`` when a key of ``user`` would carry what they may never do."""
    usable = scopes_of(session, user)
    beyond = sorted(set(wanted) - usable)
    if beyond:
        raise RotoError(
            f"You may make keys with the scopes {', '.join(sorted(usable))}; not with "
            f"{', '.join(beyond)}.",
            code="forbidden",
            hint="A key can do no more than its owner.",
            detail={"usable": sorted(usable)},
        )
