"""Who may do what: the one place where it is decided. Pure; knows no database and no HTTP.

A person has a role on the server and, by membership, a role in each project. Of the server's roles
only Admin reaches into projects; the others say what one may do beyond them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    """From most to least."""

    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    ARTIST = "artist"
    VIEWER = "viewer"


class Permission(StrEnum):
    """What can be asked for. Those of a shot depend on whose it is."""

    VIEW_PROJECT = "view_project"
    ADD_SHOT = "add_shot"
    MANAGE_PROJECT = "manage_project"
    VIEW_SHOT = "view_shot"
    EDIT_SHOT = "edit_shot"
    ADD_NOTE = "add_note"
    REVIEW = "review"
    """To approve, to send back: not what artists do with their own work."""

    CREATE_PROJECT = "create_project"
    VIEW_FARM = "view_farm"
    MANAGE_FARM = "manage_farm"
    MANAGE_USERS = "manage_users"
    CONFIGURE = "configure"
    READ_AUDIT = "read_audit"
    OWN_ACCOUNT = "own_account"
    """One's own password, keys and sessions: for a person who signed in, not for a key."""


class Scope(StrEnum):
    """What a key is good for. ACCOUNT is never a key's: only a sign-in has it."""

    READ = "read"
    WRITE = "write"
    MANAGE = "manage"
    ADMIN = "admin"
    ACCOUNT = "account"


KEY_SCOPES = frozenset({Scope.READ, Scope.WRITE, Scope.MANAGE, Scope.ADMIN})
ALL_SCOPES = frozenset(Scope)

SCOPE_OF: dict[Permission, Scope] = {
    Permission.VIEW_PROJECT: Scope.READ,
    Permission.VIEW_SHOT: Scope.READ,
    Permission.VIEW_FARM: Scope.READ,
    Permission.ADD_SHOT: Scope.WRITE,
    Permission.EDIT_SHOT: Scope.WRITE,
    Permission.ADD_NOTE: Scope.WRITE,
    Permission.REVIEW: Scope.WRITE,
    # A supervisor's plugin submits to a project that is not there yet.
    Permission.CREATE_PROJECT: Scope.WRITE,
    Permission.MANAGE_PROJECT: Scope.MANAGE,
    Permission.MANAGE_USERS: Scope.ADMIN,
    Permission.MANAGE_FARM: Scope.ADMIN,
    Permission.CONFIGURE: Scope.ADMIN,
    Permission.READ_AUDIT: Scope.ADMIN,
    Permission.OWN_ACCOUNT: Scope.ACCOUNT,
}
"""The scope a token must carry for a permission its holder has."""

ABOUT: dict[Permission, str] = {
    Permission.VIEW_PROJECT: "See a project: its shots, members and figures.",
    Permission.VIEW_SHOT: "See a shot: its plate, mattes, versions, notes and outputs.",
    Permission.ADD_SHOT: "Add shots, upload plates, conform edit lists.",
    Permission.EDIT_SHOT: "Prompt, correct, run, cancel, export and submit a shot for review.",
    Permission.ADD_NOTE: "Write notes on a shot.",
    Permission.REVIEW: "Approve a shot, or send it back for a retake.",
    Permission.MANAGE_PROJECT: (
        "Members, assignments, settings, archive and trash of a project, its part of the audit log."
    ),
    Permission.OWN_ACCOUNT: "Their own name, password, sign-ins and API keys.",
    Permission.CREATE_PROJECT: "Make projects, and be their supervisor.",
    Permission.VIEW_FARM: "See the farm: machines, queues, what is stuck.",
    Permission.MANAGE_FARM: "Drain, disable and enable machines; make and revoke farm tokens.",
    Permission.MANAGE_USERS: "Invite, change, disable and forget people; end their sign-ins, keys.",
    Permission.CONFIGURE: "Change settings while the server runs; maintenance; storage figures.",
    Permission.READ_AUDIT: "Read, export and verify the whole audit log.",
}
"""What each permission lets one do, for people to read."""
ABOUT_ROLE: dict[Role, str] = {
    Role.ADMIN: "Everything, in every project.",
    Role.SUPERVISOR: "Runs projects: decides on shots and looks after members.",
    Role.ARTIST: "Makes shots and corrects them.",
    Role.VIEWER: "Looks.",
}
ABOUT_SCOPE: dict[Scope, str] = {
    Scope.READ: "see what you see",
    Scope.WRITE: "add shots, run and change jobs, write notes, decide in review",
    Scope.MANAGE: "projects, their members and assignments",
    Scope.ADMIN: "people, the farm, the server's settings, the audit log",
}
"""What a key is for, as its maker reads it."""

_OF_PROJECT_ROLE: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.VIEW_PROJECT, Permission.VIEW_SHOT}),
    Role.ARTIST: frozenset({Permission.VIEW_PROJECT, Permission.VIEW_SHOT, Permission.ADD_SHOT}),
    Role.SUPERVISOR: frozenset(
        {
            Permission.VIEW_PROJECT,
            Permission.VIEW_SHOT,
            Permission.ADD_SHOT,
            Permission.EDIT_SHOT,
            Permission.ADD_NOTE,
            Permission.REVIEW,
            Permission.MANAGE_PROJECT,
        }
    ),
    Role.ADMIN: frozenset(),
}
_OF_SERVER_ROLE: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.OWN_ACCOUNT}),
    Role.ARTIST: frozenset({Permission.OWN_ACCOUNT}),
    Role.SUPERVISOR: frozenset(
        {Permission.OWN_ACCOUNT, Permission.CREATE_PROJECT, Permission.VIEW_FARM}
    ),
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True)
class Standing:
    """Someone before something.

    ``project``: their role in its project, None outside or where there is none. ``mine``: the shot
    is theirs (made by or assigned to them). ``sees_all``: the project lets artists see each
    other's shots.
    """

    server: Role
    project: Role | None = None
    mine: bool = False
    sees_all: bool = True


def allows(standing: Standing, permission: Permission) -> bool:
    """Whether someone of this standing may."""
    if permission in _OF_SERVER_ROLE[standing.server]:
        return True
    if standing.project is None:
        return False
    if standing.project is Role.ARTIST:
        if permission is Permission.EDIT_SHOT:
            return standing.mine
        if permission in (Permission.VIEW_SHOT, Permission.ADD_NOTE):
            return standing.mine or standing.sees_all
    return permission in _OF_PROJECT_ROLE[standing.project]


When = Literal["always", "shown", "theirs"]
"""Of which shots a right is: of all; of theirs, and of the others' where the project shows those to
artists; of theirs (made by or assigned to them)."""


def is_of_projects(permission: Permission) -> bool:
    """Whether a membership can give it."""
    return any(permission in given for given in _OF_PROJECT_ROLE.values())


def granted(role: Role, permission: Permission) -> When | None:
    """When somebody of this role may: in the project where they have it, or on the server for what
    is of no project. Asked of `allows`, so that what people read is what holds."""
    project = role if is_of_projects(permission) else None
    server = Role.VIEWER if project and role is not Role.ADMIN else role
    cases: tuple[tuple[When, bool, bool], ...] = (
        ("always", False, False),
        ("shown", False, True),
        ("theirs", True, False),
    )
    for when, mine, sees_all in cases:
        if allows(Standing(server, project, mine, sees_all), permission):
            return when
    return None


def of_server(role: Role, scopes: Iterable[str]) -> list[Permission]:
    """What somebody of this role may do, whatever the project, by a token with ``scopes``."""
    held = frozenset(scopes)
    allowed = (one for one in Permission if allows(Standing(role), one))
    return [one for one in allowed if in_scope(held, one)]


def in_scope(scopes: Iterable[str], permission: Permission) -> bool:
    """Whether a token with ``scopes`` may be used for ``permission``."""
    return SCOPE_OF[permission] in frozenset(scopes)
