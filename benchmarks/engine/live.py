"""How long an artist waits for a mask: clicks through client, server, Redis and worker.

A real server with one worker, once idle and once in the middle of a shot. A *first* click is on a
frame nobody has clicked on, a *second* one on the same frame; the *very first* comes to a worker
that has just started.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roto_client.api import PreviewOptions, RotoClient
from roto_client.cli.local_server import LocalServer
from roto_shapes.prompts import Click, FramePrompt
from roto_worker.synthetic.clip import Clip

_TOOK = re.compile(r"preview \w+ took ([0-9.]+) s")
_PATIENCE = 300.0


@dataclass
class Waits:
    """Seconds from the click to the mask, at the client."""

    first: list[float] = field(default_factory=list)
    second: list[float] = field(default_factory=list)

    def figures(self, name: str) -> dict[str, float]:
        found: dict[str, float] = {}
        for kind, seconds in (("first", self.first), ("second", self.second)):
            found[f"{name}_{kind}_p50"] = _quantile(seconds, 0.5)
            found[f"{name}_{kind}_p95"] = _quantile(seconds, 0.95)
        found[f"{name}_clicks"] = float(len(self.first))
        return found


def waits(clip: Clip, folder: Path, options: PreviewOptions, idle_clicks: int) -> dict[str, float]:
    """Figures of one engine on a plate of ``clip``, all in seconds but ``*_clicks``."""
    data = folder / f"server-{options.engine}-{options.model}"
    plates = clip.directory.resolve()
    server = LocalServer(data, [plates], data / "logs" / "serve.log")
    with server as client:
        shot = client.create_shot(client.create_project("bench").id, "sh", path=clip.pattern)
        _until(lambda: client.shot(shot.id).state == "ready")
        desk = _Desk(client, shot.id, clip, options)
        frames = iter(clip.frames)
        very_first = desk.click(next(frames), 1)
        idle = Waits()
        for _ in range(idle_clicks):
            desk.both(next(frames), idle)
        busy = _while_tracking(desk, frames)
    return {
        "very_first": very_first,
        **idle.figures("idle"),
        **busy.figures("busy"),
        "in_worker_p50": _quantile(list(_in_worker(data)), 0.5),
    }


@dataclass(frozen=True)
class _Desk:
    client: RotoClient
    shot: str
    clip: Clip
    options: PreviewOptions

    def click(self, frame: int, points: int) -> float:
        """Seconds until the mask for ``points`` clicks on ``frame`` is here."""
        given = (
            Click(self.clip.width / 2, self.clip.height / 2),
            Click(self.clip.width / 2 + 20, self.clip.height / 2 - 10),
        )
        prompt = FramePrompt(frame, points=given[:points])
        started = time.perf_counter()
        self.client.preview(self.shot, frame, {"object": prompt}, self.options)
        return time.perf_counter() - started

    def both(self, frame: int, into: Waits) -> None:
        into.first.append(self.click(frame, 1))
        into.second.append(self.click(frame, 2))

    def submit(self) -> str:
        body = {
            "objects": [{"name": self.clip.object, "prompts": [self.clip.prompt]}],
            "frame_range": list(self.clip.frame_range),
            "engine": self.options.engine,
            "model": self.options.model,
            "outputs": ["mattes"],
        }
        return self.client.segment(self.shot, body).id

    def tracked(self, job: str) -> int:
        """Frames that are done; -1 once the track stage is over."""
        track = next(task for task in self.client.job(job).tasks if task.kind == "track")
        if track.state in {"succeeded", "failed"}:
            return -1
        return track.progress.done if track.state == "running" else 0


def _while_tracking(desk: _Desk, frames: Iterator[int]) -> Waits:
    """Clicks while the worker tracks the whole clip; those that end after it are not counted."""
    busy = Waits()
    job = desk.submit()
    _until(lambda: desk.tracked(job) != 0)
    for frame in frames:
        one = Waits()
        desk.both(frame, one)
        if desk.tracked(job) < 0:
            break
        busy.first += one.first
        busy.second += one.second
    desk.client.cancel(job)
    return busy


def _in_worker(data: Path) -> Iterator[float]:
    """What the worker itself says each preview took."""
    for log in sorted(data.glob("logs/*worker*")):
        for line in log.read_text(errors="replace").splitlines():
            found = _TOOK.search(line)
            if found:
                yield float(found[1])


def _until(done: Any, seconds: float = _PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError("the server did not get that far")
        time.sleep(0.02)


def _quantile(values: list[float], share: float) -> float:
    if not values:
        return float("nan")
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
