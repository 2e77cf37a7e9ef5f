"""Who is told of which event: rights held in memory, so that events cost no question per socket."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ..db.models import Event, Project, Shot, Token
from ..db.people import Assignment, LoginSession, Membership, User
from ..db.types import utc_now
from .principal import Principal
from .roles import Permission, Role, Standing, allows, in_scope

EVERYONE = frozenset({"server.maintenance"})
"""Events for whoever is signed in."""

CHANGE_RIGHTS = frozenset({"project.members", "user.updated"})
"""Events after which a `Watcher` is to be loaded again."""

_SERVER_WIDE = {"worker.updated": Permission.VIEW_FARM, "node.updated": Permission.VIEW_FARM}
_OF_SHOTS = ("job.", "note.", "shot.", "task.")

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Audience:
    """Who an event is for.

    ``permission``: what one must be allowed to be told, None for everyone; ``theirs``: whose the
    shot is (looked up in projects whose artists do not see all); ``concerned``: people who are
    told whatever they may see (any more).
    """

    permission: Permission | None
    project_id: str | None = None
    sees_all: bool = True
    theirs: frozenset[str] = NOBODY
    concerned: frozenset[str] = NOBODY


@dataclass(frozen=True)
class Watcher:
    """Somebody who follows events, as they were when last looked at. ``projects``: their roles."""

    who: Principal
    projects: Mapping[str, Role] = field(default_factory=dict)

    def may_see(self, audience: Audience) -> bool:
        """Whether they are told."""
        if not in_scope(self.who.scopes, Permission.VIEW_PROJECT):
            return False
        if audience.permission is None or self.who.user_id in audience.concerned:
            return True
        role = self.projects.get(audience.project_id) if audience.project_id else None
        mine = self.who.user_id in audience.theirs
        standing = Standing(self.who.role, role, mine, audience.sees_all)
        return allows(standing, audience.permission)


Credential = tuple[str | None, str | None]
"""The session or the key somebody came by."""


def credential(who: Principal) -> Credential:
    """What ``who`` came by."""
    return who.session_id, who.token_id


def watchers(session: Session, people: Iterable[Principal]) -> dict[Credential, Watcher]:
    """Those of ``people`` who may still come in, as they are now, in three questions."""
    known = {credential(who): who for who in people}
    current = {key: replace(known[key], role=Role(role)) for key, role in _still_in(session, known)}
    roles = _memberships(session, {who.user_id for who in current.values()})
    return {key: Watcher(who, roles.get(who.user_id, {})) for key, who in current.items()}


def audiences(session: Session, events: Sequence[Event]) -> list[Audience]:
    """The audience of each event, as the database has it now."""
    shots = {str(event.payload["shot_id"]) for event in events if "shot_id" in event.payload}
    facts = _shots(session, shots)
    return [_audience(event, facts) for event in events]


@dataclass(frozen=True)
class _ShotFacts:
    sees_all: bool
    people: frozenset[str]


_UNKNOWN = _ShotFacts(False, NOBODY)


def _audience(event: Event, facts: Mapping[str, _ShotFacts]) -> Audience:
    if event.kind in EVERYONE:
        return Audience(None)
    if event.project_id is None:
        permission = _SERVER_WIDE.get(event.kind, Permission.MANAGE_USERS)
        return Audience(permission, concerned=_concerned(event))
    if not event.kind.startswith(_OF_SHOTS):
        return Audience(Permission.VIEW_PROJECT, event.project_id, concerned=_concerned(event))
    shot = facts.get(str(event.payload.get("shot_id")), _UNKNOWN)
    return Audience(
        Permission.VIEW_SHOT, event.project_id, shot.sees_all, shot.people, _concerned(event)
    )


def _concerned(event: Event) -> frozenset[str]:
    """Who was let in or out of something: they are told of it, though they may not see it now."""
    payload = event.payload
    if event.kind in CHANGE_RIGHTS:
        return frozenset({str(payload.get("user_id"))})
    return frozenset(payload.get("removed", ())) if event.kind == "shot.assigned" else NOBODY


def _shots(session: Session, ids: set[str]) -> dict[str, _ShotFacts]:
    if not ids:
        return {}
    rows = session.execute(
        select(Shot.id, Shot.created_by, Project.artists_see_all)
        .join(Project, Project.id == Shot.project_id)
        .where(Shot.id.in_(ids))
    ).all()
    closed = [shot_id for shot_id, _, sees_all in rows if not sees_all]
    people: dict[str, set[str]] = defaultdict(set)
    if closed:
        assigned = select(Assignment.shot_id, Assignment.user_id).where(
            Assignment.shot_id.in_(closed)
        )
        for shot_id, user_id in session.execute(assigned):
            people[shot_id].add(user_id)
    return {
        shot_id: _ShotFacts(sees_all, frozenset({maker, *people[shot_id]}))
        for shot_id, maker, sees_all in rows
    }


def _still_in(
    session: Session, known: Mapping[Credential, Principal]
) -> Iterable[tuple[Credential, str]]:
    now = utc_now()
    logins = (
        select(LoginSession.id, User.role)
        .join(LoginSession.user)
        .where(
            LoginSession.id.in_([key[0] for key in known if key[0]]),
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > now,
            User.state == "active",
        )
    )
    keys = (
        select(Token.id, User.role)
        .join(User, User.id == Token.user_id)
        .where(
            Token.id.in_([key[1] for key in known if not key[0]]),
            Token.revoked.is_(False),
            or_(Token.expires_at.is_(None), Token.expires_at > now),
            User.state == "active",
        )
    )
    for ident, role in session.execute(logins):
        yield (ident, None), role
    for ident, role in session.execute(keys):
        yield (None, ident), role


def _memberships(session: Session, user_ids: set[str]) -> dict[str, dict[str, Role]]:
    roles: dict[str, dict[str, Role]] = defaultdict(dict)
    rows = session.scalars(select(Membership).where(Membership.user_id.in_(user_ids)))
    for row in rows:
        roles[row.user_id][row.project_id] = Role(row.role)
    return roles
