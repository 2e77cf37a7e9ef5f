"""How the jobs of the script's nodes stand, in the nodes' own status lines.

The panel shows more; this is what an artist sees who has only the node open. It is told of changes
at most five times a second, whatever the number of jobs.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

from roto_client.hosts import Desk, DeskState, JobRow

from .node import RotoNode, roto_nodes

_STAGES = {
    "ingest": "reading the plate",
    "track": "tracking",
    "vectorize": "making shapes",
    "export": "writing results",
}
_stop: Optional[Callable[[], None]] = None
_told: Dict[str, str] = {}


def watch(desk: Desk) -> None:
    """Write what happens to jobs into their nodes from now on. Main thread; once is enough."""
    global _stop  # noqa: PLW0603
    if _stop is None:
        _stop = desk.subscribe(_changed)


def close() -> None:
    """Nothing is written any more."""
    global _stop  # noqa: PLW0603
    if _stop is not None:
        _stop()
    _stop = None
    _told.clear()


def _changed(state: DeskState) -> None:
    rows = {row.id: row for row in state.jobs}
    for roto in roto_nodes():
        note = newest(roto)
        row = rows.get(str(note.get("id"))) if note else None
        if row is None or (note and note.get("fetched")):
            continue
        text = in_words(row)
        # Only what is new is written: an artist's script is not touched for nothing.
        if _told.get(row.id) != text:
            _told[row.id] = text
            roto.say(text)


def newest(roto: RotoNode) -> Optional[Dict[str, Any]]:
    """The note of the job that was sent last from a node."""
    notes = roto.jobs()
    return notes[-1] if notes else None


def in_words(row: JobRow) -> str:
    """One line about a job."""
    name = f"Version {row.version}"
    if row.state == "succeeded":
        return f"{name} is ready: press Fetch result."
    if row.state == "failed":
        return f"{name} failed: {row.error} {row.hint}".strip()
    if row.state in ("cancelled", "cancelling"):
        return f"{name} was cancelled." if row.ended else f"{name} is being cancelled."
    if row.state == "queued":
        return f"{name} waits for a worker."
    stage = _STAGES.get(row.stage, row.stage)
    text = f"{name}: {stage}, {row.done} of {row.total}" if row.total else f"{name}: {stage}"
    return f"{text}, {_left(row.eta_seconds)}" if row.eta_seconds else text


def _left(seconds: float) -> str:
    if seconds < 90:
        return f"about {round(seconds)} s left"
    return f"about {round(seconds / 60)} min left"
