"""Mattes into shapes: the roto bench's table, against gates, goals and baselines.

Exits 1 when a gate fails, 3 when the shared footage is missing (the generated shots still run).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # Before numpy: small matrices, one core.

import cv2

import common
from roto.cases import CASES
from roto.report import plot, print_tables
from roto.run import Row, run


def main() -> int:
    arguments = _arguments()
    cv2.setNumThreads(1)
    footage = common.find_footage()
    rows: dict[str, Row] = {}
    skipped = []
    for case in (case for case in CASES if not arguments.only or case.name in arguments.only):
        if case.kind != "generated" and footage is None:
            skipped.append(case.name)
            continue
        row = run(case, footage, images=not arguments.no_images, quick=arguments.quick)
        rows[case.name] = row
        failed = f", FAIL: {', '.join(row['failed'])}" if row["failed"] else ""
        print(f"{case.name}: edit {row['edit']}, BF2 {row['BF2']:.3f}{failed}", flush=True)
    if rows:
        print_tables(rows)
        common.save("roto", rows)
    if rows and not arguments.quick:
        plot(rows, common.OUT / "roto.png")
        print("written: benchmarks/out/roto.png")
    if skipped:
        print(f"skipped, no footage (set ROTO_SHARED): {', '.join(skipped)}")
    return exit_status(rows, skipped)


def exit_status(rows: Mapping[str, Row], skipped: Sequence[str]) -> int:
    if any(row["failed"] for row in rows.values()):
        return 1
    return common.NO_FOOTAGE if skipped else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", default=[], choices=[c.name for c in CASES])
    parser.add_argument("--quick", action="store_true", help="no baselines, no trade-off sweep")
    parser.add_argument("--no-images", action="store_true", help="mattes alone, no plates")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
