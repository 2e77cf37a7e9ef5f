"""How much was done: per day, project or person, and in all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields

from sqlalchemy import func, select

from ..access.accounts import names_of
from ..db.models import Project
from .scope import Grouping, Rows, Scope, key_of


@dataclass
class Figures:
    """``shots``: distinct ones with a roto job that succeeded; ``frames``: of those jobs' plates,
    anew for every version; ``gpu_hours``: of attempts that used a GPU, whatever became of them;
    ``jobs``: that succeeded or failed; ``retakes``: moves to that review state."""

    shots: int = 0
    frames: int = 0
    gpu_hours: float = 0.0
    jobs: int = 0
    failed: int = 0
    retakes: int = 0


@dataclass
class Group:
    """``key``: a day (UTC) or the id of a project or user; ``name``: what people call it."""

    key: str
    name: str
    figures: Figures


def grouped(scope: Scope, by: Grouping) -> list[Group]:
    """A group for each day, project or person with anything to tell, by name."""
    found: dict[str, Figures] = defaultdict(Figures)
    for query in (_jobs(scope, by), _gpu_hours(scope, by), _retakes(scope, by)):
        for row in scope.caller.session.execute(query.group_by("key")).mappings():
            figures = found[row["key"]]
            for name, value in row.items():
                if name != "key":
                    setattr(figures, name, value)
    names = _names(scope, by, found)
    groups = (Group(key, names.get(key, key), figures) for key, figures in found.items())
    return sorted(groups, key=lambda group: (group.name.casefold(), group.key))


def total(scope: Scope, groups: Iterable[Group]) -> Figures:
    """All ``groups`` of ``scope`` together; a shot of several groups counts once."""
    whole = Figures()
    for group in groups:
        for field in fields(Figures):
            one = getattr(group.figures, field.name)
            setattr(whole, field.name, getattr(whole, field.name) + one)
    done = select(func.count(scope.jobs().c.done.distinct()))
    whole.shots = scope.caller.session.scalar(done) or 0
    return whole


def _jobs(scope: Scope, by: Grouping) -> Rows:
    jobs = scope.jobs()
    return select(
        key_of(by, jobs),
        func.count(jobs.c.done.distinct()).label("shots"),
        func.sum(jobs.c.frames).label("frames"),
        func.count().label("jobs"),
        func.count(jobs.c.code).label("failed"),
    )


def _gpu_hours(scope: Scope, by: Grouping) -> Rows:
    attempts = scope.attempts()
    hours = func.sum(attempts.c.gpu_hours).label("gpu_hours")
    return select(key_of(by, attempts), hours).where(attempts.c.gpu_hours > 0)


def _retakes(scope: Scope, by: Grouping) -> Rows:
    return select(key_of(by, scope.retakes()), func.count().label("retakes"))


def _names(scope: Scope, by: Grouping, keys: Iterable[str]) -> dict[str, str]:
    if by == "day":
        return {}
    session = scope.caller.session
    if by == "user":
        return names_of(session, keys)
    asked = select(Project.id, Project.name).where(Project.id.in_(list(keys)))
    return dict(session.execute(asked).all())
