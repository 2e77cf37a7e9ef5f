"""What went wrong: failures by error code, retakes by reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Subquery, func, select

from ..jobs.states import SPENT_ATTEMPT, AttemptState
from ..reviewing.reasons import reasons_of
from .scope import Scope


@dataclass(frozen=True)
class Failure:
    """An error ``code``: how many jobs ended with it, and how many attempts did.

    The rates (0 to 1) are parts of all that ended by themselves. An attempt fails and the job
    succeeds when another one does.
    """

    code: str
    jobs: int
    job_rate: float
    attempts: int
    attempt_rate: float


def failures(scope: Scope) -> list[Failure]:
    """By error code, those that ended most jobs first."""
    jobs = _codes(scope, scope.jobs())
    attempts = _codes(scope, scope.attempts())
    found = [
        Failure(
            one,
            jobs[one],
            jobs[one] / max(jobs.total(), 1),
            attempts[one],
            attempts[one] / max(attempts.total(), 1),
        )
        for one in {*jobs, *attempts}
        if one is not None
    ]
    return sorted(found, key=lambda one: (-one.jobs, -one.attempts, one.code))


def retakes(scope: Scope) -> list[tuple[str, int]]:
    """Reasons (see `reviewing.reasons`) and how many retakes had them, the commonest first.

    A retake with two reasons counts for both.
    """
    heads = scope.retakes().c.head
    found: Counter[str] = Counter()
    for words, number in scope.caller.session.execute(select(heads, func.count()).group_by(heads)):
        found.update(dict.fromkeys(reasons_of(words), number))
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def _codes(scope: Scope, table: Subquery) -> Counter[str | None]:
    """How many rows of ``table`` have which code; those that succeeded have None."""
    query = select(table.c.code, func.count()).group_by(table.c.code)
    if "state" in table.c:
        query = query.where(table.c.state.in_((*SPENT_ATTEMPT, AttemptState.SUCCEEDED)))
    return Counter(dict(scope.caller.session.execute(query).all()))
