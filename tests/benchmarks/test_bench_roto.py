"""The bench's command: what it exits with, and what it prints and plots."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import bench_roto
import common
from roto import report

BENCH = Path(__file__).resolve().parents[2] / "benchmarks" / "bench_roto.py"
ROW = {
    "preset": "organic",
    "edit": 120,
    "IoU": 0.99,
    "BF2": 0.98,
    "failed": [],
    "goals": {"edit <= 110": False},
    "sweep": [{"looseness": x, "edit": 200 / x, "BF2": 1 - x / 100} for x in (1, 2, 4)],
    "baselines": {"trace 1 px": {"edit": 900, "IoU": 1.0, "BF1": 1.0, "BF2": 1.0}},
}


def test_a_failed_gate_is_status_1_even_without_footage() -> None:
    failed = {**ROW, "failed": ["edit <= 100"]}
    assert bench_roto.exit_status({"a": ROW, "b": failed}, []) == 1
    assert bench_roto.exit_status({"b": failed}, ["camel"]) == 1
    assert bench_roto.exit_status({"a": ROW}, ["camel"]) == common.NO_FOOTAGE == 3
    assert bench_roto.exit_status({"a": ROW}, []) == 0


def test_real_clips_without_footage_are_skipped_and_named(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, str(BENCH), "--quick", "--only", "camel", "dog"],
        env={**os.environ, "ROTO_SHARED": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 3, ran.stderr
    assert "skipped, no footage (set ROTO_SHARED): camel, dog" in ran.stdout


def test_tables_and_plot_of_a_case(tmp_path: Path, capsys) -> None:
    rows = {"blackswan": ROW, "other": {**ROW, "failed": ["edit <= 100"]}}
    report.print_tables(rows)
    printed = capsys.readouterr().out
    assert "trace 1 px" in printed
    assert "FAIL: edit <= 100" in printed
    assert "not met: edit <= 110" in printed
    report.plot(rows, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
