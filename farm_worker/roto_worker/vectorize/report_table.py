"""What the vectorizer reports, for an artist at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from .report import Report
from .update.document import NOT_SEEN

MOST_LINES = 8
"""Of one kind of remark; what is more is counted."""


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int, str], None]]:
    """A bar on stderr, and the function to be told (done, total, message)."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading mattes", total=None)

        def show(done: int, total: int, message: str) -> None:
            bar.update(task, completed=done, total=total, description=message)

        yield show


def print_vectorized(report: Report, out: Path) -> None:
    """Shapes, what they cost to edit, and where they could not follow."""
    table = Table("shape", "mode", "frames", "points", "keys", "mean px", "max px", "worst frame")
    for entry in report["shapes"]:
        first, last = entry["visible"][0]
        table.add_row(
            entry["name"],
            entry["mode"],
            f"{first}-{last}",
            str(entry["points"]),
            str(entry["keys"]),
            f"{entry['mean_error']:.2f}",
            f"{entry['max_error']:.2f}",
            str(entry["worst_frame"]),
        )
    console = Console()
    console.print(table)
    _say(
        console,
        f"{report['keys']} shape keys, {report['transform_keys']} keys of the layer's transform, "
        f"edit cost {report['edit_cost']}",
    )
    names = {entry["id"]: entry["name"] for entry in report["shapes"]}
    _say_some(
        console,
        [
            f"{names[one['shape']]} could not be followed past frame {one['after_frame']}"
            for one in report["not_followed"]
        ],
    )
    _say_end(console, report, out)


def print_update(report: Report, out: Path) -> None:
    """What became of every shape that is seen on the stretch."""
    table = Table("shape", "on the stretch", "keys", "mean px", "max px", "worst frame")
    for entry in report["shapes"]:
        if entry["state"] == NOT_SEEN:
            continue
        keys = f"{entry['keys_before']} -> {entry['keys']}" if "keys" in entry else ""
        solved = "mean_error" in entry
        table.add_row(
            entry["name"],
            entry["state"],
            keys,
            f"{entry['mean_error']:.2f}" if solved else "",
            f"{entry['max_error']:.2f}" if solved else "",
            str(entry["worst_frame"]) if solved else "",
        )
    for entry in report["opened"]:
        table.add_row(entry["name"], f"new, {entry['mode']}", f"0 -> {entry['keys']}", "", "", "")
    console = Console()
    console.print(table)
    names = {entry["id"]: entry["name"] for entry in report["shapes"]}
    _say_some(
        console,
        [
            f"{entry['name']} opened on frames {entry['visible'][0][0]}-{entry['visible'][0][1]}"
            for entry in report["opened"]
        ],
    )
    _say_some(
        console,
        [
            f"{names[gap['shape']]} hidden on frames {gap['frames'][0]}-{gap['frames'][1]}"
            for gap in report["gaps"]
        ],
    )
    _say_some(
        console,
        [
            f"{names[one['shape']]} keeps its key on frame {one['frame']}, which the mattes do not "
            "agree with"
            for one in report["stuck"]
        ],
    )
    _say_end(console, report, out)


def _say_end(console: Console, report: Report, out: Path) -> None:
    strings = report.get("strings")
    if strings:
        _say(
            console,
            f"thin strings on {strings['frames']} frames ({strings['first']}-{strings['last']}): "
            f"{strings['length']:g} px long, {strings['width']:g} px wide, "
            f"{strings['area_share']:.1%} of the area; no closed shape follows them well",
        )
    dropped = report["dropped"]
    _say(console, f"{dropped['count']} fragments left out ({dropped['area']:g} square pixels)")
    _say(
        console,
        f"{out}: IoU {report['iou_mean']:.3f} mean, {report['iou_min']:.3f} on frame "
        f"{report['worst_frame']}",
    )


def _say_some(console: Console, lines: list[str]) -> None:
    for line in lines[:MOST_LINES]:
        _say(console, line)
    if len(lines) > MOST_LINES:
        _say(console, f"... and {len(lines) - MOST_LINES} more")


def _say(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
