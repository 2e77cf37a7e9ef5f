"""What the plugins cost an artist: time at the host's start, and the longest time the host's
main thread is held, with 60 objects over 3000 frames.

The work is that of the large tests (`tests/hosts`), in the fake hosts: what is measured is the
plugins' own time, not the hosts'. Starts are CPU seconds of a fresh Python, from the built zips.
For After Effects (`aftereffects.py`) it is the time its scripts take in the emulator, by the
number of masks in one.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from common import save, show
from roto_client.plugins import HOSTS, build

ROOT = Path(__file__).resolve().parents[1]
START_BUDGET, HELD_BUDGET = 0.1, 0.05
LARGE = {
    "nuke": "tests/hosts/nuke/test_large.py",
    "silhouette": "tests/hosts/silhouette/test_scale.py",
    "core": "tests/hosts/core/test_thin.py::test_sixty_objects_hold_nobody_up",
}
_STARTS = 9

_NUKE = """
import fake_nuke; fake_nuke.install()
began = time.process_time()
for name in ("init.py", "menu.py"):
    path = folder + "/" + name
    exec(compile(open(path).read(), path, "exec"), {"__file__": path})
"""
_SILHOUETTE = """
import importlib, os, fake_fx; fake_fx.install()
sys.path.insert(0, os.path.dirname(folder))
began = time.process_time()
importlib.import_module(os.path.basename(folder))
"""
_CORE = """
sys.path.insert(0, folder + "/vendor")
began = time.process_time()
import roto_client.hosts
"""
_PROGRAM = """
import sys, time
fake, folder = sys.argv[1:]
sys.path[:0] = [fake, {tests!r}]
import json, logging, dataclasses, pathlib, urllib.parse, uuid, queue, hashlib  # hosts have these
{start}
print(time.process_time() - began)
"""
_PROGRAMS = {"nuke": _NUKE, "silhouette": _SILHOUETTE, "core": _CORE}


class Watch:
    """Notes how long each large test held the main thread (pytest plugin)."""

    def __init__(self) -> None:
        self.held: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: Any) -> Iterator[Any]:
        pieces: list[float] = []
        if hasattr(item.module, "check_pieces"):
            check = item.module.check_pieces
            item.module.check_pieces = lambda loop: (pieces.extend(loop.held), check(loop))
        result = yield
        given = item.funcargs
        if "host" in given:
            pieces += [seconds for _, seconds in given["host"].main_calls]
        if "studio" in given:
            pieces.append(given["studio"].main.longest)
        name = f"{Path(item.path).parent.name}: {item.name.removeprefix('test_').replace('_', ' ')}"
        self.held[name] = max(pieces)
        return result


def held() -> dict[str, float]:
    """Test -> the longest time the main thread was held, in seconds."""
    watch = Watch()
    for tests in LARGE.values():
        # In one process each would find the other's fake host.
        if pytest.main(["-q", "--no-header", str(ROOT / tests)], plugins=[watch]) != 0:
            sys.exit(f"{tests} fails")
    return watch.held


def start(host: str, folder: Path) -> float:
    """CPU seconds until the plugin is loaded, the least of some starts."""
    fake = ROOT / "tests" / "hosts" / ("nuke" if host == "core" else host)
    program = _PROGRAM.format(tests=str(ROOT / "tests"), start=_PROGRAMS[host])
    command = [sys.executable, "-c", program, str(fake), str(folder)]
    found = []
    for _ in range(_STARTS):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found.append(float(done.stdout.split()[-1]))
    return min(found)


def starts() -> dict[str, float]:
    """Host -> CPU seconds of its plugin's start, and of the shared core at first use.

    Blender's is measured in the real one (tests/hosts/blender/try_extension.py); After Effects'
    panel has none in Python.
    """
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        for host, layout in HOSTS.items():
            if host not in _PROGRAMS:  # of Blender and After Effects no fake starts in a Python
                continue
            with zipfile.ZipFile(build(host, Path(scratch))) as archive:
                archive.extractall(scratch)
            found[host] = start(host, Path(scratch) / layout.top)
        found["core"] = start("core", Path(scratch) / HOSTS["nuke"].top)
    return found


def scripts() -> tuple[list[dict[str, Any]], list[str]]:
    """What After Effects' scripts take, by the number of masks in one; those over budget."""
    # Not at the top: its helpers load packages that pytest wants to load itself (see `held`).
    from aftereffects import BUDGET_MS, longest, pieces

    found = pieces()
    rows = [(one.masks, one.stage, one.apply, one.update, one.total) for one in found]
    columns = ("masks in a script", "stage ms", "apply ms", "update all ms", "all ms")
    show(f"After Effects, 60 masks, 7200 keys: budget {BUDGET_MS:.0f} ms a script", columns, rows)
    late = [f"After Effects' {what}" for what, ms in longest(found).items() if ms >= BUDGET_MS]
    return [asdict(one) for one in found], late


def main() -> None:
    times = {"start_seconds": starts(), "longest_held_seconds": held()}
    budgets = {"start_seconds": START_BUDGET, "longest_held_seconds": HELD_BUDGET}
    for kind, figures in times.items():
        budget = budgets[kind]
        rows = [(what, 1000 * seconds, seconds < budget) for what, seconds in figures.items()]
        show(f"{kind}: budget {1000 * budget:.0f} ms", ("what", "ms", "within"), rows)
    in_scripts, late_scripts = scripts()
    save("hosts", {**times, "budgets_seconds": budgets, "aftereffects_scripts": in_scripts})
    late = [
        f"{kind} of {what}"
        for kind, figures in times.items()
        for what, seconds in figures.items()
        if seconds >= budgets[kind]
    ]
    late += late_scripts
    if late:
        sys.exit(f"over budget: {', '.join(late)}")


if __name__ == "__main__":
    main()
