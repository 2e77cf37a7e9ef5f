"""The dashboard in Chromium, over a real server with 50,000 jobs, and a player over 240 frames.

Everything is generated. Chromium runs without a GPU, so what draws is the processor; what cannot be
measured here is the compositor of a real screen: whether a frame that was drawn in time is also
shown in time, and what a GPU would take off. Yardsticks of the same run: a page that does next to
nothing at a key, and a loop that draws the same decoded pictures and nothing else. Goals are told
as met or missed, and gate nothing. ``--quick``: few of everything.

Exit status 3: Chromium is missing, or the dashboard has not been built.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from browsing import jobs, player
from browsing.browser import find_chromium, running_chromium
from browsing.house import running_studio
from common import save, show
from roto_server.dashboard import built

MISSING = 3
GOAL_KB, GOAL_MS, GOAL_FPS, GOAL_FLAT = 300.0, 100.0, 24.0, 1.1
NEARLY = 0.99
"""Of the frames asked for: a clock that is asked for 24 a second shows 23.98 in ten seconds."""


@dataclass(frozen=True)
class Size:
    """How much of everything. ``loaded``: rows scrolled over; ``times``: each input's;
    ``events``: a second; ``frames`` and ``objects``: the player's shot's."""

    jobs: int = 50_000
    loaded: int = 5000
    visits: int = 5
    times: int = 40
    seconds: float = 10.0
    events: int = 500
    frames: int = 240
    objects: tuple[str, ...] = ("hero", "car", "dog", "tree")


QUICK = Size(400, 200, 1, 6, 2.0, 100, 30, ("hero", "car"))


def _needed() -> str:
    """Where Chromium is; exits 3 where something is missing."""
    path = find_chromium()
    if path is None:
        print("no Chromium: apt-get install chromium")
        sys.exit(MISSING)
    if not built():
        print("the dashboard has not been built: make dashboard")
        sys.exit(MISSING)
    return path


def goals(figures: Mapping[str, Any]) -> list[list[Any]]:
    """What was wished for, what was measured, and whether that is met."""
    acts = {k: v for k, v in figures["interaction"].items() if isinstance(v, dict) and "p95" in v}
    acts = {name: one for name, one in acts.items() if name != "nothing"}
    worst = max(acts, key=lambda name: acts[name]["p95"])
    slowest = max(acts, key=lambda name: acts[name]["max"])
    first, kept = (one for one in figures["player"][:3] if one["speed"] == 1)
    flat = figures["memory"]["heap, third round over first"]
    storm = figures["storm"]["storm"]
    rows = [
        ["first load of the jobs, kB", figures["load"]["kB"], f"< {GOAL_KB:.0f}",
         figures["load"]["kB"] < GOAL_KB],
        [f"input to frame, p95 ms ({worst})", acts[worst]["p95"], f"< {GOAL_MS:.0f}",
         acts[worst]["p95"] < GOAL_MS],
        [f"input to frame, slowest ms ({slowest})", acts[slowest]["max"], f"< {GOAL_MS:.0f}",
         acts[slowest]["max"] < GOAL_MS],
        ["input to frame in a storm of events, p95 ms", storm["p95"], f"< {GOAL_MS:.0f}",
         storm["p95"] < GOAL_MS],
        ["player, frames a second, first time", first["fps"], f"{GOAL_FPS:.0f}",
         first["fps"] >= GOAL_FPS * NEARLY],
        ["player, frames a second, seen before", kept["fps"], f"{GOAL_FPS:.0f}",
         kept["fps"] >= GOAL_FPS * NEARLY],
        ["player, heap of the third round in the first's", flat, f"< {GOAL_FLAT}",
         flat < GOAL_FLAT],
    ]  # fmt: skip
    return [[*row[:3], "met" if row[3] else "MISSED"] for row in rows]


def measure(folder: Path, chromium: str, size: Size) -> dict[str, Any]:
    """All figures."""
    with (
        running_studio(folder / "house", size.jobs, size.frames, size.objects) as studio,
        running_chromium(chromium) as browser,
    ):
        return {
            "jobs": size.jobs,
            "load before": os.getloadavg(),
            "load": jobs.loading(browser, studio, size.visits),
            "interaction": jobs.interacting(browser, studio, size.loaded, size.times),
            "last row ms": jobs.to_the_last(browser, studio),
            "storm": jobs.storming(browser, studio, size.seconds, size.events),
            "player": player.playing(browser, studio, size.seconds),
            "memory": player.memory(browser, studio),
            "load after": os.getloadavg(),
        }


def tell(figures: Mapping[str, Any]) -> None:
    """The tables."""
    load = figures["load"]
    show("first load of the jobs page", ["what", "figure"], [[k, v] for k, v in load.items()])
    acts = figures["interaction"]
    bare = acts["nothing"]["p50"]
    columns = ["n", "p50", "p95", "max", "event timing max", "longest task"]
    show(
        f"{figures['jobs']} jobs: ms from an input to the frame after it",
        ["input", *columns, "in a bare page's p50"],
        [
            [name, *(one[column] for column in columns), one["p50"] / bare]
            for name, one in acts.items()
            if isinstance(one, dict) and "p50" in one
        ],
    )
    print(f"the last row, from a list just opened: {figures['last row ms']:.0f} ms")
    print(f"a filter, until the server's rows are there: {acts['filtered ms']:.0f} ms")
    storm = figures["storm"]
    scrolled = ["p50", "p95", "max", "frame gap p95", "long tasks", "longest task"]
    show(
        f"scrolling while {storm['events']} events arrive",
        ["", *scrolled],
        [[name, *(storm[name][one] for one in scrolled)] for name in ("quiet", "storm")],
    )
    played = ["objects", "pictures", "speed", "asked", "fps", "plain fps", "of plain", "late",
              "gap p95 ms", "longest task"]  # fmt: skip
    show("the player, tint over proxies of 540 lines of a 1080p plate", played,
         [[one[name] for name in played] for one in figures["player"]])  # fmt: skip
    kept = figures["memory"]
    show(
        f"memory over {kept['frames']} frames, MiB",
        ["", "opened", "1 round", "2 rounds", "3 rounds"],
        [["heap", *kept["heap MiB"]], ["renderer, pictures included", *kept["renderer MiB"]]],
    )
    show("goals", ["goal", "measured", "wished for", ""], goals(figures))
    print(
        f"load average before {figures['load before'][0]:.1f}, after {figures['load after'][0]:.1f}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args(arguments).quick
    chromium = _needed()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), chromium, QUICK if quick else Size())
    tell(figures)
    save("dashboard", figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
