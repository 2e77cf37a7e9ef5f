"""What every benchmark needs: where the footage is, and a table and a JSON file of the figures."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

OUT = Path(__file__).resolve().parent / "out"
NO_FOOTAGE = 3
"""Exit status when the footage is missing."""
_PACKAGES = ("megaton-roto", "numpy", "opencv-python-headless", "scipy", "torch", "sam2")


def footage() -> Path:
    """The shared footage folder; exits 3 without it."""
    folder = find_footage()
    if folder is None:
        print("no footage: set ROTO_SHARED to the folder that holds footage/davis")
        sys.exit(NO_FOOTAGE)
    return folder


def find_footage() -> Path | None:
    """The shared footage folder (in ``ROTO_SHARED``, default ``../shared``), or None."""
    shared = Path(os.environ.get("ROTO_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    folder = shared / "footage"
    return folder if (folder / "davis").is_dir() else None


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table; floats with three decimals, None as a dash."""
    table = Table(*columns, title=title)
    for row in rows:
        table.add_row(*map(_cell, row))
    Console(width=max(100, 14 * len(columns))).print(table)


def save(name: str, figures: Mapping[str, Any]) -> Path:
    """Write ``benchmarks/out/<name>.json``: the figures beside machine, versions and date."""
    OUT.mkdir(exist_ok=True)
    path = OUT / f"{name}.json"
    report = {
        "bench": name,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": {"python": platform.python_version(), **_versions()},
        "figures": dict(figures),
    }
    path.write_text(json.dumps(report, indent=1) + "\n")
    print(f"written: {path.relative_to(OUT.parent.parent)}")
    return path


def machine() -> dict[str, Any]:
    """The hardware figures depend on; no host name."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return {
        "cpu": model,
        "cores": cores,
        "memory_gib": round(memory, 1),
        "system": platform.system(),
    }


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
