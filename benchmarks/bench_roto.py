"""Mattes into shapes: the roto bench's table, against gates and goals.

Exits 1 when a gate fails, 3 when the shared footage is missing (the generated shots still run).
"""

from __future__ import annotations

import argparse
import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # Before numpy: small matrices, one core.

from pathlib import Path
from typing import Any

import cv2

import common
from roto.cases import CASES, Case
from roto.measure import figures, solve
from roto_worker.vectorize.settings import preset

COLUMNS = (
    "shapes", "points", "keys", "keyed frames", "edit", "IoU", "min IoU", "BF1", "BF2", "BF4",
    "HD95", "lost", "jitter", "true motion", "slip", "chatter", "knots", "s/frame",
)  # fmt: skip


def main() -> int:
    arguments = _arguments()
    cv2.setNumThreads(1)
    folder = common.find_footage()
    found: dict[str, dict[str, Any]] = {}
    skipped = []
    for case in _chosen(arguments.only):
        if case.kind != "generated" and folder is None:
            skipped.append(case.name)
            continue
        found[case.name] = run(case, folder, not arguments.no_images)
        print(case.name, found[case.name], flush=True)
    _print(found)
    common.save("roto", found)
    if skipped:
        print(f"skipped, no footage (set ROTO_SHARED): {', '.join(skipped)}")
    failed = [name for name, row in found.items() if row["failed"]]
    return 1 if failed else common.NO_FOOTAGE if skipped else 0


def run(case: Case, folder: Path | None, with_images: bool) -> dict[str, Any]:
    source = case.source(folder)
    result, seconds = solve(source, preset(case.preset), with_images=with_images)
    row = {"preset": case.preset, **figures(source, result.layer), "s/frame": round(seconds, 4)}
    row["failed"] = [str(gate) for gate in case.gates if not gate.holds(row)]
    row["goals"] = {str(goal): goal.holds(row) for goal in case.goals}
    return row


def _print(found: dict[str, dict[str, Any]]) -> None:
    rows = [[name, *(row[c] for c in COLUMNS)] for name, row in found.items()]
    common.show("roto: one thread, class = preset", ("case", *COLUMNS), rows)
    verdicts = [(name, row["preset"], *_verdict(row)) for name, row in found.items()]
    common.show("gates and goals", ("case", "preset", "gates", "goals"), verdicts)


def _verdict(row: dict[str, Any]) -> tuple[str, str]:
    gates = "FAIL: " + ", ".join(row["failed"]) if row["failed"] else "pass"
    goals = [f"{'met' if met else 'not met'}: {goal}" for goal, met in row["goals"].items()]
    return gates, ", ".join(goals)


def _chosen(names: list[str]) -> list[Case]:
    return [case for case in CASES if not names or case.name in names]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", default=[], choices=[c.name for c in CASES])
    parser.add_argument("--quick", action="store_true", help="no baselines, no Pareto sweep")
    parser.add_argument("--no-images", action="store_true", help="mattes alone, no plates")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
