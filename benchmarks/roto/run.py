"""One case from the matte sequence to its rows: the solver's, the baselines', the trade-off's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from roto_worker.vectorize.settings import Settings, preset

from .again import Again, dis_seconds
from .baselines import keyed_everywhere, traced
from .cases import EVERY_GATE, EVERY_GOAL, Case, Source
from .editing import edit_cost
from .measure import figures, overlap, rasterized, solve

SWEEP = (0.5, 2.0, 4.0)
"""Loosenesses of the trade-off curve beside the preset's, as multiples of it."""
TRACE = "trace 1 px"
Row = dict[str, Any]


def run(case: Case, footage: Path | None, *, images: bool, quick: bool) -> Row:
    """The case's row; unless ``quick`` with ``baselines`` and ``sweep`` (looseness, edit, BF2).

    Seconds are of one thread's processor: ``s/frame`` of a first solve, the part that follows the
    plate's picture apart, as a share of DIS flow (medium) on the whole plate; ``s/frame again`` of
    a solve with another looseness. ``quick`` knows only ``s/frame, flow``, the two together, and
    judges no goal about the others.
    """
    source = case.source(footage)
    settings = preset(case.preset)
    result, seconds = solve(source, settings, images=images)
    row: Row = {"preset": case.preset, **figures(source, result.layer), "s/frame, flow": seconds}
    if not quick:
        row["baselines"] = {
            TRACE: traced(source, 1.0),
            "trace 2 px": traced(source, 2.0),
            "keyed on all frames": keyed_everywhere(source, result.layer),
        }
        row["% of trace"] = 100 * row["edit"] / row["baselines"][TRACE]["edit"]
        row |= _again(source, settings, row, images)
    gates, goals = (*case.gates, *EVERY_GATE), (*case.goals, *EVERY_GOAL)
    row["failed"] = [str(gate) for gate in gates if not gate.holds(row)]
    row["goals"] = {str(goal): goal.holds(row) for goal in goals if goal.figure in row}
    return row


def _again(source: Source, settings: Settings, row: Row, images: bool) -> Row:
    again = Again(source, settings, images=images)
    found: Row = {"s/frame": row["s/frame, flow"] - (again.flow or 0.0)}
    if again.flow is not None:
        found["flow / DIS"] = again.flow / dis_seconds(source)
    again.solve(settings.looseness)
    sweep = [{"looseness": settings.looseness, "edit": row["edit"], "BF2": row["BF2"]}]
    seconds = []
    for factor in SWEEP:
        looseness = settings.looseness * factor
        layer, spent = again.solve(looseness)
        scores = overlap(source, rasterized(source, layer))
        seconds.append(spent)
        sweep.append({"looseness": looseness, "edit": edit_cost(layer), "BF2": scores["BF2"]})
    return {**found, "s/frame again": sum(seconds) / len(seconds), "sweep": sweep}
