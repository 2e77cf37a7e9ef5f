"""How long the stages of jobs take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import case, func, select

from ..jobs.states import AttemptState
from .scope import Scope


@dataclass(frozen=True)
class StageTimes:
    """Seconds a worker spent on a stage, of ``attempts`` that succeeded.

    ``p95_seconds``: the shortest time that 95 of 100 did not exceed (nearest rank, so always a time
    that was measured).
    """

    stage: str
    attempts: int
    mean_seconds: float
    p95_seconds: float


def stage_times(scope: Scope) -> list[StageTimes]:
    """By name of the stage."""
    times = scope.attempts().c
    places = select(
        times.stage,
        times.seconds,
        func.row_number().over(partition_by=times.stage, order_by=times.seconds).label("place"),
        func.count().over(partition_by=times.stage).label("number"),
    )
    ranked = places.where(times.state == AttemptState.SUCCEEDED).subquery().c
    # Ranks, not percentile_cont: of that SQLite knows nothing, and both must tell the same.
    beyond = case((ranked.place * 100 >= ranked.number * 95, ranked.seconds))
    told = (
        select(ranked.stage, func.count(), func.avg(ranked.seconds), func.min(beyond))
        .group_by(ranked.stage)
        .order_by(ranked.stage)
    )
    return [StageTimes(*row) for row in scope.caller.session.execute(told)]


def slowest(stages: Iterable[StageTimes]) -> str | None:
    """The stage that takes longest on average; None without any."""
    ordered = sorted(stages, key=lambda one: (one.mean_seconds, one.stage))
    return ordered[-1].stage if ordered else None
