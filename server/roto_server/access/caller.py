"""`Caller`: one request's transaction together with who sent it; hands out rows with the right to
them.

What one may not see is not there: `NotFoundError`, in the words of an id that never was. What one
sees and may not do is ``forbidden``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from roto_shapes.errors import RotoError

from ..audit import Actor, record
from ..db.media import Note
from ..db.models import Base, Job, Project, RotoObject, Shot, Trashable, Upload
from ..db.people import Assignment, Membership
from ..errors import ConflictError, NotFoundError
from .principal import Principal
from .roles import SCOPE_OF, Permission, Role, Standing, allows, in_scope

Row = TypeVar("Row", bound=Base)
T = TypeVar("T")
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass
class Caller:
    """Someone (``who``) in one transaction (``session``). Not shared between threads."""

    session: Session
    who: Principal
    request_id: str = ""
    _memberships: dict[str, Role | None] = field(default_factory=dict)

    # -- rows

    def project(
        self,
        ident: str,
        permission: Permission = Permission.VIEW_PROJECT,
        *,
        trashed: bool = False,
    ) -> Project:
        """The project, if they may; raises `NotFoundError` or ``forbidden``.

        What lies in the trash is found only with ``trashed``, here and below. Raises ``conflict``
        for what `CLOSED_BY_ARCHIVE` forbids in an archived project.
        """
        project = self._row(Project, ident, "project")
        self._check(project, None, permission, "project", ident, trashed=trashed)
        return project

    def shot(
        self,
        ident: str,
        permission: Permission = Permission.VIEW_SHOT,
        *,
        trashed: bool = False,
    ) -> Shot:
        """The shot, if they may; raises `NotFoundError`, ``forbidden`` or ``conflict``."""
        shot = self._row(Shot, ident, "shot", joinedload(Shot.project))
        self._check(shot.project, shot, permission, "shot", ident, trashed=trashed)
        return shot

    def job(
        self,
        ident: str,
        permission: Permission = Permission.VIEW_SHOT,
        *options: ORMOption,
        trashed: bool = False,
        archived: bool = False,
    ) -> Job:
        """The job, by the right to its shot; raises as `shot` does.

        ``options`` say what of it is loaded, and what not. With ``archived`` the archive closes
        nothing: for what adds nothing.
        """
        whose = joinedload(Job.shot).joinedload(Shot.project)
        job = self._row(Job, ident, "job", whose, *options)
        shot = job.shot
        self._check(
            shot.project, shot, permission, "job", ident, job, trashed=trashed, archived=archived
        )
        return job

    def note(self, ident: str, permission: Permission = Permission.VIEW_SHOT) -> Note:
        """The note, by the right to its shot; raises as `shot` does."""
        note = self._row(Note, ident, "note", joinedload(Note.shot).joinedload(Shot.project))
        self._check(note.shot.project, note.shot, permission, "note", ident)
        return note

    def roto_object(
        self,
        ident: str,
        permission: Permission = Permission.VIEW_SHOT,
        *,
        trashed: bool = False,
    ) -> tuple[RotoObject, Shot]:
        """An object and its shot, by the right to that; raises as `shot` does."""
        item = self._row(RotoObject, ident, "object")
        shot = self.session.get_one(Shot, item.shot_id, options=[joinedload(Shot.project)])
        self._check(shot.project, shot, permission, "object", ident, item, trashed=trashed)
        return item, shot

    def upload(self, ident: str) -> Upload:
        """An upload of their own; raises `NotFoundError` for everyone else's.

        Raises ``forbidden`` to those who may add no shots (any more).
        """
        upload = self._row(Upload, ident, "upload")
        theirs = upload.created_by == self.who.user_id or self.who.role is Role.ADMIN
        if upload.state == "expired" or not theirs:
            raise NotFoundError("upload", ident)
        project = self.session.get_one(Project, upload.project_id)
        self._check(project, None, Permission.ADD_SHOT, "upload", ident)
        return upload

    # -- rights

    def demand(self, permission: Permission) -> None:
        """Raise ``forbidden`` unless they may do what concerns the whole server."""
        if not allows(Standing(self.who.role), permission):
            raise _forbidden(permission)
        self._demand_scope(permission)

    def may(self, shot: Shot, permission: Permission) -> bool:
        """Whether they may do it with this shot."""
        standing = self._standing(shot.project, shot)
        return allows(standing, permission) and in_scope(self.who.scopes, permission)

    def may_in(self, project: Project, permission: Permission) -> bool:
        """Whether they may do it in this project."""
        standing = self._standing(project, None)
        return allows(standing, permission) and in_scope(self.who.scopes, permission)

    def role_in(self, project_id: str) -> Role | None:
        """Their role in a project; None for those who are not in it (Admins too)."""
        if project_id not in self._memberships:
            found = self.session.get(Membership, (project_id, self.who.user_id))
            self._memberships[project_id] = Role(found.role) if found else None
        return self._memberships[project_id]

    # -- lists

    def visible_projects(self, query: Select[T]) -> Select[T]:
        """``query``, which selects from projects, with those they may see."""
        self._demand_scope(Permission.VIEW_PROJECT)
        query = query.where(Project.trashed_at.is_(None))
        if self.who.role is Role.ADMIN:
            return query
        mine = select(Membership.project_id).where(Membership.user_id == self.who.user_id)
        return query.where(Project.id.in_(mine))

    def visible_shots(self, query: Select[T]) -> Select[T]:
        """``query``, which selects from shots or joins them, with those they may see."""
        self._demand_scope(Permission.VIEW_SHOT)
        return query.where(self._shot_is_there(), self._shot_is_visible())

    def visible_jobs(self, query: Select[T]) -> Select[T]:
        """``query``, which selects from jobs, with those of shots they may see."""
        self._demand_scope(Permission.VIEW_SHOT)
        shots = select(Shot.id).where(self._shot_is_there(), self._shot_is_visible())
        return query.where(Job.trashed_at.is_(None), Job.shot_id.in_(shots))

    def manages_project(self) -> ColumnElement[bool]:
        """SQL: they may MANAGE_PROJECT the project."""
        if self.who.role is Role.ADMIN:
            return true()
        return Project.id.in_(self._projects_as(Role.SUPERVISOR))

    def edits_shot(self) -> ColumnElement[bool]:
        """SQL: they may EDIT_SHOT the shot."""
        if self.who.role is Role.ADMIN:
            return true()
        as_artist = and_(Shot.project_id.in_(self._projects_as(Role.ARTIST)), self.is_mine())
        return or_(Shot.project_id.in_(self._projects_as(Role.SUPERVISOR)), as_artist)

    def is_told_of(
        self, maker: ColumnElement[Any] | InstrumentedAttribute[Any]
    ) -> ColumnElement[bool]:
        """SQL, beside shots: figures of ``maker``'s work on the shot are for them.

        One's own are, and everybody's in projects one supervises.
        """
        if self.who.role is Role.ADMIN:
            return true()
        supervised = Shot.project_id.in_(self._projects_as(Role.SUPERVISOR))
        return or_(maker == self.who.user_id, supervised)

    def is_mine(self) -> ColumnElement[bool]:
        """SQL: the shot was made by or assigned to them."""
        assigned = exists().where(
            Assignment.shot_id == Shot.id, Assignment.user_id == self.who.user_id
        )
        return or_(Shot.created_by == self.who.user_id, assigned)

    # -- traces

    def audit(
        self,
        action: str,
        target_kind: str,
        target_id: str,
        *,
        project_id: str | None = None,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Record what they do, in their transaction (see `roto_server.audit.record`)."""
        record(
            self.session,
            self.actor,
            action,
            target_kind,
            target_id,
            project_id=project_id,
            before=before,
            after=after,
        )

    @property
    def actor(self) -> Actor:
        """They, as the audit log names them."""
        return Actor(
            self.who.kind, self.who.user_id, self.who.via, self.who.address, self.request_id
        )

    def _row(self, model: type[Row], ident: str, what: str, *options: ORMOption) -> Row:
        row = self.session.get(model, ident, options=options) if _ID.fullmatch(ident) else None
        if row is None:
            raise NotFoundError(what, ident)
        return row

    def _check(
        self,
        project: Project,
        shot: Shot | None,
        permission: Permission,
        what: str,
        ident: str,
        *own: Trashable,
        trashed: bool = False,
        archived: bool = False,
    ) -> None:
        """``own``: the row itself, where it may lie in the trash and is neither shot nor project;
        ``trashed``, ``archived``: it may be, or lie in what is."""
        rows = [*own, project, *([shot] if shot else [])]
        if not trashed and any(row.trashed_at is not None for row in rows):
            raise NotFoundError(what, ident)
        standing = self._standing(project, shot)
        seeing = Permission.VIEW_PROJECT if shot is None else Permission.VIEW_SHOT
        if not allows(standing, seeing):
            raise NotFoundError(what, ident)
        self._demand_scope(seeing)
        if not allows(standing, permission):
            raise _forbidden(permission)
        self._demand_scope(permission)
        if permission in CLOSED_BY_ARCHIVE and not archived:
            _refuse_archived(project, shot)

    def _standing(self, project: Project, shot: Shot | None) -> Standing:
        if self.who.role is Role.ADMIN:
            return Standing(Role.ADMIN)
        role = self.role_in(project.id)
        mine = role is Role.ARTIST and shot is not None and self._is_theirs(shot)
        return Standing(self.who.role, role, mine, project.artists_see_all)

    def _is_theirs(self, shot: Shot) -> bool:
        if shot.created_by == self.who.user_id:
            return True
        return self.session.get(Assignment, (shot.id, self.who.user_id)) is not None

    def _projects_as(self, role: Role) -> Select[str]:
        return select(Membership.project_id).where(
            Membership.user_id == self.who.user_id, Membership.role == role
        )

    def _shot_is_there(self) -> ColumnElement[bool]:
        trashed = select(Project.id).where(Project.trashed_at.is_not(None))
        return and_(Shot.trashed_at.is_(None), Shot.project_id.not_in(trashed))

    def _shot_is_visible(self) -> ColumnElement[bool]:
        if self.who.role is Role.ADMIN:
            return true()
        member = (
            select(Membership.project_id)
            .join(Project, Project.id == Membership.project_id)
            .where(Membership.user_id == self.who.user_id)
        )
        whole = member.where(or_(Membership.role != Role.ARTIST, Project.artists_see_all))
        return or_(Shot.project_id.in_(whole), and_(Shot.project_id.in_(member), self.is_mine()))

    def _demand_scope(self, permission: Permission) -> None:
        if not in_scope(self.who.scopes, permission):
            raise RotoError(
                f"This token is not good for that: it lacks the scope {SCOPE_OF[permission]}.",
                code="forbidden",
                hint="Make an API key with the scope, or sign in.",
                detail={"scope": str(SCOPE_OF[permission])},
            )


CLOSED_BY_ARCHIVE = frozenset(
    {Permission.ADD_SHOT, Permission.EDIT_SHOT, Permission.ADD_NOTE, Permission.REVIEW}
)
"""What nobody does in an archived project, nor with an archived shot, but cancel what runs."""


def _refuse_archived(project: Project, shot: Shot | None) -> None:
    if project.archived_at is not None:
        raise ConflictError(
            "The project is archived: it can be looked at, not worked on.",
            hint="A supervisor of the project can take it out of the archive.",
        )
    if shot is not None and shot.archived_at is not None:
        raise ConflictError(
            "The shot is archived: it can be looked at, not worked on.",
            hint="Take it out of the archive first.",
        )


_WHO_MAY = {
    Permission.ADD_NOTE: "Artists and supervisors of the project may.",
    Permission.REVIEW: "Supervisors of the project may.",
    Permission.EDIT_SHOT: "Those the shot is assigned to may, its maker, and supervisors.",
    Permission.ADD_SHOT: "Artists and supervisors of the project may.",
    Permission.MANAGE_PROJECT: "Supervisors of the project may.",
    Permission.CREATE_PROJECT: "Supervisors of the server may: ask one to make the project and to "
    "add you to it.",
    Permission.VIEW_FARM: "Supervisors of the server may.",
}


def _forbidden(permission: Permission) -> RotoError:
    return RotoError(
        "You are not allowed to do that.",
        code="forbidden",
        hint=_WHO_MAY.get(permission, "Administrators of the server may."),
        detail={"permission": str(permission)},
    )
