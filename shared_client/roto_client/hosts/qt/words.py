"""What the panel writes of a job, without any widget."""

from __future__ import annotations

from typing import List, Optional, Tuple

from roto_shapes.attention import Stretch

from ..orders import FrameMap
from ..state import CONNECTING, OFFLINE, READY, CodeShown, JobRow, ServerState

STATES = {
    "queued": "waiting",
    "running": "running",
    "cancelling": "stopping",
    "succeeded": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}


def duration(seconds: Optional[float]) -> str:
    """Seconds as an artist says them; empty where nobody knows."""
    if seconds is None:
        return ""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d} h"


def status(row: JobRow) -> str:
    """Where a job stands, in a few words."""
    if row.state == "running" and row.stage:
        left = duration(row.eta_seconds)
        frames = f" {row.done}/{row.total}" if row.total else ""
        return f"{row.stage}{frames}" + (f", {left} left" if left else "")
    return STATES.get(row.state, row.state)


def explanation(row: JobRow) -> str:
    """Why a job failed and what to do, or whom it asks for; empty when there is nothing to say."""
    if row.error:
        return f"{row.error} {row.hint}".strip()
    stretches = sum(len(found) for found in row.attention.values())
    return f"{stretches} stretches need you" if stretches else ""


def server_line(server: ServerState) -> str:
    """The way to the farm, in a line."""
    if server.status == READY:
        return server.server
    if server.status == CONNECTING:
        return f"Connecting to {server.server or 'the farm'}..."
    return f"{server.error} {server.hint}".strip() or "Not connected."


def code_left(code: CodeShown) -> str:
    """How long a code still waits."""
    return f"Waiting for your browser, {duration(code.seconds_left())} left."


def color_of(server: ServerState) -> str:
    """The lamp beside that line."""
    return {READY: "#5fb36a", CONNECTING: "#d6b24a", OFFLINE: "#d6b24a"}.get(
        server.status, "#d2604f"
    )


def needing(row: JobRow) -> List[Tuple[str, Stretch]]:
    """(object, stretch) of a job, the worst first."""
    found = [(name, one) for name, stretches in row.attention.items() for one in stretches]
    return sorted(found, key=lambda one: (one[1].confidence, one[1].first))


def need(name: str, stretch: Stretch, frames: FrameMap) -> str:
    """A stretch that needs the artist, in frames of the host."""
    first, last = frames.to_script(stretch.first), frames.to_script(stretch.last)
    span = str(first) if first == last else f"{first}-{last}"
    worst = frames.to_script(stretch.worst)
    return f"{name}: {span}, worst {worst} ({stretch.confidence:.0%} sure)"
