"""What the client commands share: the way to the server, waiting for a job, fetching results."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from roto_shapes.attention import needs_you

from ..api import (
    Job,
    Output,
    Progress,
    RotoClient,
    Transport,
    discover,
    raise_unless_succeeded,
    watch_job,
)
from ..api.errors import MaintenanceError, RateLimitedError, ServerUnavailableError
from .progress import StageBars

Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        help="Address of the job server. Default: ROTO_SERVER, the config file, or the embedded "
        "server running here.",
        show_default=False,
    ),
]

_LISTED = 4
_STRETCHES = 8

JobId = Annotated[str, typer.Argument(metavar="ID", help="A job's id, as `roto jobs` shows it.")]


def connect(server: str | None) -> RotoClient:
    """A client for the server the user means, with the key for it."""
    connection = discover(server)
    return client_for(connection.server, connection.token)


def client_for(server: str, token: str | None) -> RotoClient:
    """A client that says so when the server asks to be left alone for a while."""
    return RotoClient(server, None, transport=Transport(server, token, waiting=_tell_waiting))


def _tell_waiting(error: ServerUnavailableError, seconds: float) -> None:
    if isinstance(error, (MaintenanceError, RateLimitedError)):
        told = error.message.rstrip(".")
        typer.echo(f"roto: {told}; trying again in {seconds:.0f} s", err=True)


def progress_console() -> Console:
    """Where progress goes: stderr, so that stdout holds results only."""
    return Console(stderr=True)


def follow(client: RotoClient, job: Job, bars: StageBars) -> Job:
    """Show ``job`` until it ends; JobError if it did not succeed. Ctrl-C leaves it running."""
    try:
        for state in watch_job(client, job.id):
            bars.job(state)
            job = state
    except KeyboardInterrupt:
        bars.say(
            f"Job {job.id} goes on. `roto job {job.id}` shows it, `roto cancel {job.id}` ends it."
        )
        raise
    return raise_unless_succeeded(job)


def fetch(client: RotoClient, job: Job, folder: Path, bars: StageBars) -> list[Output]:
    """Download all results of ``job`` into ``folder``; what was fetched."""
    outputs = client.outputs(job.id)
    total = sum(output.size for output in outputs)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        bars.report(Progress("downloading", done, total, done / total if total else 1.0))

    client.download_all(job.id, folder, progress=advance)
    return outputs


def made_by(job: Job) -> str:
    """Which engine and checkpoint made a job's results, for people."""
    engine = " ".join(part for part in (job.engine, job.model) if part) or "unknown engine"
    if job.checkpoint_sha256:
        return f"{engine}, checkpoint sha256 {job.checkpoint_sha256[:16]}..."
    return f"{engine} (no checkpoint)"


def summary(job: Job, outputs: list[Output], folder: Path) -> list[str]:
    """Where the results are and what made them, as lines."""
    groups: dict[str, list[str]] = {}
    for output in outputs:
        place, _, name = output.name.rpartition("/")
        groups.setdefault(place, []).append(name)
    lines = []
    for place, names in sorted(groups.items()):
        if len(names) > _LISTED:
            lines.append(f"  {folder / place / names[0]} ... {names[-1]}  ({len(names)} files)")
        else:
            lines += [f"  {folder / place / name}" for name in names]
    return [*lines, f"made by {made_by(job)}, job {job.id}", *losses(outputs)]


def attention(client: RotoClient, job: Job) -> list[str]:
    """The frames of a tracked job that need an artist, worst first, a line per object."""
    names = {one["id"]: one["name"] for one in job.params.get("objects") or () if "id" in one}
    confidence: dict[str, dict[int, float]] = {}
    for mask in client.masks(job.shot_id, job_id=job.id) if names else ():
        if mask.get("confidence") is not None:
            confidence.setdefault(mask["object_id"], {})[mask["frame"]] = mask["confidence"]
    lines = []
    for object_id, frames in confidence.items():
        stretches = needs_you(frames)
        if stretches:
            listed = ", ".join(map(str, stretches[:_STRETCHES]))
            more = f" and {len(stretches) - _STRETCHES} more" if stretches[_STRETCHES:] else ""
            name = names.get(object_id, object_id)
            lines.append(f"frames that need you: {name}: {listed}{more}")
    return lines


def losses(outputs: list[Output]) -> list[str]:
    """What the formats could not carry, as lines."""
    lines = []
    for output in outputs:
        for loss in output.report.get("lost") or ():
            lines.append(f"note: {Path(output.name).name}: {loss['where']}: {loss['what']}")
    return lines
