"""The bench's tables, and its plot of edit cost against boundary F."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import common

from .cases import CASES
from .run import Row

EDITING = (
    "frames", "shapes", "lives", "at once", "points", "keys", "transform keys", "own keys",
    "keyed frames", "edit", "% of trace", "s/frame, flow", "s/frame", "flow / DIS", "s/frame again",
)  # fmt: skip
FITTING = ("IoU", "min IoU", "BF1", "BF2", "BF4", "HD95", "lost")
MOVING = ("jitter", "true motion", "slip", "chatter", "self-crossing")
BASELINE = ("edit", "IoU", "BF1", "BF2", "jitter", "slip")


def print_tables(rows: Mapping[str, Row]) -> None:
    for title, columns in (
        ("what there is to edit (one thread, class = preset)", EDITING),
        ("how it fits, and how it moves", FITTING + MOVING),
    ):
        cells = [[name, *(row.get(column) for column in columns)] for name, row in rows.items()]
        common.show(title, ("case", *columns), cells)
    held = [
        [name, which, *(figures.get(column) for column in BASELINE)]
        for name, row in rows.items()
        for which, figures in {"solved": row, **row.get("baselines", {})}.items()
    ]
    if len(held) > len(rows):
        common.show("against the baselines", ("case", "method", *BASELINE), held)
    verdicts = [(name, row["preset"], *_verdict(row)) for name, row in rows.items()]
    common.show("gates and goals", ("case", "preset", "gates", "goals"), verdicts)


def plot(rows: Mapping[str, Row], path: Path) -> None:
    """A PNG with one panel per case that has a sweep: edit cost against BF@2px, and the gate."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    swept = {name: row for name, row in rows.items() if "sweep" in row}
    columns = min(4, len(swept))
    lines = -(-len(swept) // columns)
    figure, panels = pyplot.subplots(
        lines, columns, figsize=(4.2 * columns, 3.4 * lines), squeeze=False, layout="constrained"
    )
    for panel in panels.flat[len(swept) :]:
        panel.axis("off")
    for panel, (name, row) in zip(panels.flat, swept.items(), strict=False):
        _panel(panel, name, row)
    figure.legend(*panels.flat[0].get_legend_handles_labels(), loc="outside upper center", ncols=6)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _panel(panel: Any, name: str, row: Row) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    sweep = sorted((point["edit"], point["BF2"]) for point in row["sweep"])
    panel.plot(*zip(*sweep, strict=True), "o-", label="solved, by looseness")
    panel.plot(row["edit"], row["BF2"], "o", ms=10, mfc="none", mec="k", label="solved, the preset")
    for marker, (which, figures) in zip("sDv", row["baselines"].items(), strict=False):
        panel.plot(figures["edit"], figures["BF2"], marker, label=which)
    bounds = {b.figure: b.limit for c in CASES if c.name == name for b in (*c.goals, *c.gates)}
    corner = bounds.get("edit"), bounds.get("BF2")
    for limit, line in zip(corner, (panel.axvline, panel.axhline), strict=True):
        if limit is not None:
            line(limit, color="0.6", lw=0.8, ls="--")
    panel.set(title=name, xscale="log", xlabel="edit cost", ylabel="BF@2px")
    panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    panel.xaxis.set_major_formatter("{x:.0f}")
    panel.xaxis.set_minor_locator(NullLocator())
    panel.grid(alpha=0.3)


def _verdict(row: Row) -> tuple[str, str]:
    gates = "FAIL: " + ", ".join(row["failed"]) if row["failed"] else "pass"
    goals = [f"{'met' if met else 'not met'}: {goal}" for goal, met in row["goals"].items()]
    return gates, ", ".join(goals)
