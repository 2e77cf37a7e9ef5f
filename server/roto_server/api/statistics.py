"""Statistics, for who runs a show and who runs the farm; as JSON, or one table of it as CSV."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from .. import statistics
from ..access.caller import Caller
from ..db.session import database_now
from ..errors import BadRequestError
from ..spreadsheets import csv_lines
from ..statistics import Grouping, Scope
from .deps import Reader, Responses, refusals
from .schemas.common import Answer, Moment
from .schemas.statistics import (
    FailureOut,
    FiguresOut,
    GroupOut,
    RetakeOut,
    StageOut,
    StatisticsOut,
)

router = APIRouter(prefix="/statistics", tags=["statistics"])

USUAL = timedelta(days=30)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Table = Literal["groups", "stages", "failures", "retakes"]
_ROWS: dict[Table, type[Answer]] = {
    "groups": GroupOut,
    "stages": StageOut,
    "failures": FailureOut,
    "retakes": RetakeOut,
}
_FILE: Responses = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.get("", response_model=StatisticsOut, responses={**_FILE, **refusals(404)})
def get_statistics(
    *,
    caller: Reader,
    since: Annotated[
        Moment | None, Query(description="Within; 30 days before `until` when absent.")
    ] = None,
    until: Annotated[Moment | None, Query(description="Not within; now when absent.")] = None,
    project_id: Annotated[str | None, Query(pattern="^[0-9a-f]{32}$")] = None,
    by: Annotated[Grouping, Query(description="What `groups` are.")] = "day",
    format: Annotated[Literal["json", "csv"], Query()] = "json",
    table: Annotated[Table, Query(description="Which list a CSV file is of.")] = "groups",
) -> StatisticsOut | Response:
    """What was done, how long it took, and what went wrong.

    Administrators see everybody's figures, supervisors those of their projects, and everybody what
    they submitted themselves. Everything counts when it ended: a job when it finished, an attempt
    with the hours of its worker when it finished, a retake when it was asked for. What lies in the
    trash does not count, nor does what still runs or was cancelled, except for its GPU hours.

    ``gpu_hours`` are from the attempt's claim to its end, added over all attempts on workers whose
    device, as the worker registered last, is a GPU; two GPUs in one hour make two hours. Retakes
    are told apart by what their reason begins with: chatter, edge, missing part, wrong object or
    holes, several parted by commas, then a colon; everything else is ``other``.
    """
    if project_id is not None:
        caller.project(project_id)
    scope = _scope(caller, since, until, project_id)
    told = _told(scope, by)
    if format == "json":
        return told
    columns = list(_ROWS[table].model_fields)
    rows = [[getattr(row, name) for name in columns] for row in getattr(told, table)]
    name = f"statistics-{table}-{scope.since:%Y%m%d}-{scope.until:%Y%m%d}.csv"
    return Response(
        csv_lines([columns, *rows]),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _scope(
    caller: Caller, since: datetime | None, until: datetime | None, project_id: str | None
) -> Scope:
    until = until or database_now(caller.session)
    since = since or max(until, _EPOCH) - USUAL
    if since >= until:
        raise BadRequestError(
            "There is no time between since and until.",
            hint="since is the first moment that counts, until the first one that does not.",
            detail={"since": since.isoformat(), "until": until.isoformat()},
        )
    return Scope(caller, since, until, project_id)


def _told(scope: Scope, by: Grouping) -> StatisticsOut:
    groups = statistics.grouped(scope, by)
    stages = statistics.stage_times(scope)
    return StatisticsOut(
        since=scope.since,
        until=scope.until,
        by=by,
        total=FiguresOut(**asdict(statistics.total(scope, groups))),
        groups=[GroupOut(key=one.key, name=one.name, **asdict(one.figures)) for one in groups],
        stages=[StageOut(**asdict(one)) for one in stages],
        slowest_stage=statistics.slowest(stages),
        failures=[FailureOut(**asdict(one)) for one in statistics.failures(scope)],
        retakes=[
            RetakeOut(reason=reason, retakes=number) for reason, number in statistics.retakes(scope)
        ],
    )
