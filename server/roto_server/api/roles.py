"""What each role may do: the table the server goes by, for people to read."""

from __future__ import annotations

from fastapi import APIRouter

from ..access.roles import (
    ABOUT,
    ABOUT_ROLE,
    SCOPE_OF,
    Permission,
    Role,
    granted,
    is_of_projects,
)
from .deps import Reader
from .schemas.access import RightOut, RoleOut, RolesOut

router = APIRouter(prefix="/roles", tags=["roles"])


@router.get("")
def list_roles(_caller: Reader) -> RolesOut:
    """All roles, all rights, and which have which. Anybody who is signed in may ask."""
    return RolesOut(
        roles=[RoleOut(name=role, about=ABOUT_ROLE[role]) for role in Role],
        rights=[_right(permission) for permission in Permission],
    )


def _right(permission: Permission) -> RightOut:
    found = {role: granted(role, permission) for role in Role}
    return RightOut(
        name=permission,
        about=ABOUT[permission],
        of="project" if is_of_projects(permission) else "server",
        scope=SCOPE_OF[permission],
        roles={role: when for role, when in found.items() if when is not None},
    )
