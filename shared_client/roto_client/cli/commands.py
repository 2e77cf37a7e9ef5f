"""Jobs and their results, sign-in; `submit`, `preview`, `demo`, ... are in modules beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from roto_shapes.errors import RotoError

from ..api import Job, RotoClient
from ..api.config import find_server, store_key, write_config
from . import convert
from .connect import (
    JobId,
    Server,
    attention,
    connect,
    fetch,
    made_by,
    progress_console,
    summary,
)
from .correct import correct
from .demo import demo
from .preview import preview
from .progress import StageBars
from .submit import submit


def register(app: typer.Typer) -> None:
    """Add this package's commands to `roto`."""
    app.command("submit")(submit)
    app.command("correct")(correct)
    app.command("preview")(preview)
    app.command("demo")(demo)
    app.command("jobs")(jobs)
    app.command("job")(job)
    app.command("cancel")(cancel)
    app.command("retry")(retry)
    app.command("log")(log)
    app.command("download")(download)
    convert.register(app)
    app.command("login")(login)


AsJson = Annotated[bool, typer.Option("--json", help="Print the server's answer as JSON.")]


def jobs(
    server: Server = None,
    state: Annotated[
        str | None, typer.Option(help="Only jobs in this state: queued, running, failed, ...")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first."""
    found = list(connect(server).jobs(state=state, limit=limit))
    if as_json:
        typer.echo(json.dumps([one.raw for one in found], indent=1))
        return
    for one in found:
        created = f"{one.created_at.astimezone():%Y-%m-%d %H:%M}" if one.created_at else ""
        stage = "" if one.ended else f"{one.progress.stage} {one.progress.fraction:.0%}"
        line = f"{one.id}  {one.kind:<6}  {one.state:<10}  {created}  {one.created_by}  {stage}"
        typer.echo(line.rstrip())


def job(job_id: JobId, server: Server = None, as_json: AsJson = False) -> None:
    """Show a job: its stages, attempts, frames that need you and, if it failed, why."""
    client = connect(server)
    one = client.job(job_id)
    if as_json:
        typer.echo(json.dumps(one.raw, indent=1))
        return
    typer.echo(f"{one.kind} job {one.id}: {one.state}, priority {one.priority}")
    if one.engine:
        typer.echo(f"  {made_by(one)}")
    for task in one.tasks:
        progress = task.progress
        done = progress.total if task.state == "succeeded" else progress.done
        told = f"{done}/{progress.total}" if progress.total else ""
        typer.echo(f"  {task.kind:<10} {task.state:<10} {told:>11}  {progress.message}".rstrip())
        for attempt in task.attempts:
            reason = (attempt.error or {}).get("message", "")
            told = f"attempt {attempt.number} on {attempt.worker_id}: {attempt.state}"
            typer.echo(f"    {told} {reason}".rstrip())
    for line in attention(client, one) if one.state == "succeeded" else ():
        typer.echo(f"  {line}")
    if one.error:
        typer.echo(f"  {one.error.get('message', '')}")
        if one.error.get("hint"):
            typer.echo(f"  {one.error['hint']}")


def cancel(job_id: JobId, server: Server = None) -> None:
    """Stop a job."""
    _tell_state(connect(server).cancel(job_id))


def retry(job_id: JobId, server: Server = None) -> None:
    """Run a failed or cancelled job again from its first unfinished stage."""
    _tell_state(connect(server).retry(job_id))


def log(
    job_id: JobId,
    server: Server = None,
    attempt: Annotated[str | None, typer.Option(help="Only this attempt (its id).")] = None,
) -> None:
    """Print what the workers wrote about a job."""
    typer.echo(connect(server).log(job_id, attempt=attempt))


def download(
    job_id: JobId,
    out: Annotated[Path, typer.Option(help="Folder to fetch into; goes on where it stopped.")],
    server: Server = None,
) -> None:
    """Fetch a job's results, checked by SHA-256."""
    client = connect(server)
    one = client.job(job_id)
    with StageBars(progress_console()) as bars:
        outputs = fetch(client, one, out, bars)
    if not outputs:
        raise RotoError(f"Job {job_id} has no results (it is {one.state}).", code="not_found")
    typer.echo("\n".join(summary(one, outputs, out)))


def login(
    key: Annotated[
        str,
        typer.Option(prompt="API key", hide_input=True, help="An API key; asked for if not given."),
    ],
    server: Server = None,
) -> None:
    """Check an API key and keep it for this server: in the keyring, or a file only you can read."""
    url, _ = find_server(server)
    next(iter(RotoClient(url, key.strip()).jobs(limit=1)), None)
    kept = store_key(url, key.strip())
    typer.echo(
        f"Signed in to {url}. The key is in {kept}, the address in {write_config(server=url)}."
    )


def _tell_state(one: Job) -> None:
    typer.echo(f"job {one.id}: {one.state}")
