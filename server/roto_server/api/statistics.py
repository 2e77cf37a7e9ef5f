"""Statistics, for who runs a show and who runs the farm; as JSON, or one table of it as CSV."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from roto_shapes.errors import RotoError

from .. import statistics
from ..access.caller import Caller
from ..db.gate import RETRY_AFTER_SECONDS, Gate
from ..db.session import database_now
from ..errors import BadRequestError
from ..spreadsheets import csv_lines
from ..statistics import Grouping, Scope
from .deps import Responses, refusals, transact
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
LONGEST = timedelta(days=400)
"""A year and a month of it: what is counted at once has an end."""
AT_ONCE = 2
"""How many count in one server process at a time; the database is also the farm's."""
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
async def get_statistics(
    *,
    request: Request,
    since: Annotated[
        Moment | None, Query(description="Within; 30 days before `until` when absent.")
    ] = None,
    until: Annotated[Moment | None, Query(description="Not within; now when absent.")] = None,
    project_id: Annotated[str | None, Query(pattern="^[0-9a-f]{32}$")] = None,
    by: Annotated[Grouping, Query(description="What `groups` are.")] = "day",
    format: Annotated[Literal["json", "csv"], Query()] = "json",
    table: Annotated[Table, Query(description="Which list a CSV file is of.")] = "groups",
) -> StatisticsOut | Response:
    """What was done, how long it took, and what went wrong, in at most 400 days.

    Administrators see everybody's figures, supervisors those of their projects, and everybody what
    they submitted themselves. Everything counts when it ended: a job when it finished, an attempt
    with the hours of its worker when it finished, a retake when it was asked for. What lies in the
    trash does not count, nor does what still runs or was cancelled, except for its GPU hours.

    ``gpu_hours`` are from the attempt's claim to its end, added over all attempts at stages of the
    queue ``gpu`` (tracking) on workers whose device, as the worker registered last, is a GPU; two
    GPUs in one hour make two hours. Engine ``flow`` uses none, nor do the other stages, though the
    same worker runs them. Days are those of UTC, in a CSV file too. Retakes are told apart by what
    their reason begins with: chatter, edge, missing part, wrong object or holes, several parted by
    commas, then a colon; everything else is ``other``.
    """
    asked = partial(_scope, since=since, until=until, project_id=project_id)
    told = await transact(request, lambda caller: _nothing(asked(caller), by), writing=False)
    if told is None:
        # Outside of the database's gate: who waits here keeps nobody from anything else.
        places: Gate = request.app.state.statistics
        async with places.admit():
            told = await transact(request, lambda caller: _told(asked(caller), by), writing=False)
    if format == "json":
        return told
    columns = list(_ROWS[table].model_fields)
    rows = [[getattr(row, name) for name in columns] for row in getattr(told, table)]
    name = f"statistics-{table}-{told.since:%Y%m%d}-{told.until:%Y%m%d}.csv"
    return Response(
        csv_lines([columns, *rows]),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def all_counting(places: int, waited_seconds: float) -> RotoError:
    """The refusal when every place to count in stayed taken for ``waited_seconds``."""
    return RotoError(
        f"{places} others had statistics counted for the {waited_seconds:g} s that this waited.",
        hint="Try again in a moment. A shorter time, or one project, is counted sooner.",
        code="server_unavailable",
        detail={"retry_after": RETRY_AFTER_SECONDS},
    )


def _scope(
    caller: Caller, since: datetime | None, until: datetime | None, project_id: str | None
) -> Scope:
    if project_id is not None:
        caller.project(project_id)
    until = until or database_now(caller.session)
    since = since or max(until, _EPOCH) - USUAL
    if since >= until:
        raise BadRequestError(
            "There is no time between since and until.",
            hint="since is the first moment that counts, until the first one that does not.",
            detail={"since": since.isoformat(), "until": until.isoformat()},
        )
    if until - since > LONGEST:
        raise BadRequestError(
            f"Statistics are of at most {LONGEST.days} days; from since to until there are "
            f"{(until - since).days}.",
            hint="Ask for one year after the other.",
            detail={"most_days": LONGEST.days},
        )
    return Scope(caller, since, until, project_id)


def _nothing(scope: Scope, by: Grouping) -> StatisticsOut | None:
    """The answer to those who see no project; None: there is something to count."""
    if not scope.is_empty():
        return None
    zero = FiguresOut(**asdict(statistics.Figures()))
    return StatisticsOut(
        since=scope.since, until=scope.until, by=by, total=zero, groups=[], stages=[],
        slowest_stage=None, failures=[], retakes=[],
    )  # fmt: skip


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
