"""Changes of who works on what: rows, an audit entry, an event per shot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from sqlalchemy import delete, select, tuple_

from .. import holding
from ..access.caller import Caller
from ..db.models import Project, Shot
from ..db.people import Assignment
from ..events import emit

T = TypeVar("T")
Mode = Literal["add", "remove", "set"]
People = frozenset[str]
_BATCH = 500
"""Pairs in one statement; SQLite takes some 32,000 values."""


@dataclass(frozen=True)
class Change:
    """The people of one shot before and after."""

    shot_id: str
    before: People
    after: People

    @property
    def added(self) -> list[str]:
        """Who is new."""
        return sorted(self.after - self.before)

    @property
    def removed(self) -> list[str]:
        """Who is not on the shot any more."""
        return sorted(self.before - self.after)


def hold(caller: Caller, project: Project) -> None:
    """Keep others from changing members and assignments until the transaction ends."""
    holding.hold(caller.session, project, "project")


def assign(
    caller: Caller, project: Project, shot_ids: Iterable[str], people: People, mode: Mode
) -> list[Change]:
    """Change the people of shots of ``project`` (held); returns the shots that changed."""
    shots = list(shot_ids)
    present = _present(caller, shots)
    changes = [Change(shot, present[shot], _after(present[shot], people, mode)) for shot in shots]
    return _carry_out(caller, project, [one for one in changes if one.before != one.after])


def unassign_everywhere(caller: Caller, project: Project, user_id: str) -> None:
    """Take somebody off all shots of ``project`` (held)."""
    shots = caller.session.scalars(
        select(Shot.id)
        .join(Assignment, Assignment.shot_id == Shot.id)
        .where(Shot.project_id == project.id, Assignment.user_id == user_id)
        .order_by(Shot.id)
    ).all()
    assign(caller, project, shots, frozenset({user_id}), "remove")


def _after(before: People, people: People, mode: Mode) -> People:
    if mode == "add":
        return before | people
    return before - people if mode == "remove" else people


def _present(caller: Caller, shots: list[str]) -> dict[str, People]:
    found: dict[str, set[str]] = defaultdict(set)
    for part in _parts(shots):
        rows = caller.session.execute(
            select(Assignment.shot_id, Assignment.user_id).where(Assignment.shot_id.in_(part))
        )
        for shot_id, user_id in rows:
            found[shot_id].add(user_id)
    return {shot: frozenset(found[shot]) for shot in shots}


def _carry_out(caller: Caller, project: Project, changes: list[Change]) -> list[Change]:
    if not changes:
        return changes
    gone = [(one.shot_id, user) for one in changes for user in one.removed]
    for part in _parts(gone):
        pair = tuple_(Assignment.shot_id, Assignment.user_id)
        caller.session.execute(
            delete(Assignment).where(pair.in_(part)),
            execution_options={"synchronize_session": False},
        )
    caller.session.add_all(
        Assignment(shot_id=one.shot_id, user_id=user, assigned_by=caller.who.user_id)
        for one in changes
        for user in one.added
    )
    caller.audit(
        "shots.assigned",
        "project",
        project.id,
        project_id=project.id,
        before={"assignees": {one.shot_id: sorted(one.before) for one in changes}},
        after={"assignees": {one.shot_id: sorted(one.after) for one in changes}},
    )
    for one in changes:
        payload = {
            "shot_id": one.shot_id,
            "user_ids": sorted(one.after),
            "added": one.added,
            "removed": one.removed,
        }
        emit(caller.session, "shot.assigned", project.id, payload)
    return changes


def _parts(values: Collection[T]) -> Iterable[list[T]]:
    rows = list(values)
    return (rows[at : at + _BATCH] for at in range(0, len(rows), _BATCH))
