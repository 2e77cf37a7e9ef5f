"""Jobs and their results; `submit`, `preview`, `login`, ... are in modules beside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from roto_shapes.errors import RotoError

from ..api import Job
from . import conform, convert, objects, projects, review, shots, trash, uploads
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
from .finding import ShotNames
from .login import login
from .options import AsJson, moment, print_json
from .outputs import publish
from .preview import preview
from .progress import StageBars
from .submit import submit

Priority = Literal["high", "normal", "low"]


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
    app.command("priority")(prioritize)
    app.command("log")(log)
    app.command("download")(download)
    app.command("publish")(publish)
    conform.register(app)
    convert.register(app)
    shots.register(app)
    objects.register(app)
    projects.register(app)
    trash.register(app)
    review.register(app)
    uploads.register(app)
    app.command("login")(login)


def jobs(
    server: Server = None,
    state: Annotated[
        str | None, typer.Option(help="Only jobs in this state: queued, running, failed, ...")
    ] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only those you submitted.")] = False,
    search: Annotated[
        str | None, typer.Option(help="Only where a shot's or object's name has this in it.")
    ] = None,
    priority: Annotated[Priority | None, typer.Option(help="Only of this priority.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first."""
    owner = "me" if mine else None
    client = connect(server)
    asked = client.jobs(state=state, limit=limit, owner=owner, search=search, priority=priority)
    found = list(asked)
    if as_json:
        print_json([one.raw for one in found])
        return
    if not found:
        typer.echo("There are no such jobs.")
    names = ShotNames(client)
    for one in found:
        stage = "" if one.ended else f"{one.progress.stage} {one.progress.fraction:.0%}"
        line = f"{one.id}  {one.kind:<6}  {one.state:<10}  {moment(one.created_at)}"
        typer.echo(f"{line}  {names.of(one)}  {one.created_by}  {stage}".rstrip())


def job(job_id: JobId, server: Server = None, as_json: AsJson = False) -> None:
    """Show a job: its stages, attempts, frames that need you and, if it failed, why."""
    client = connect(server)
    one = client.job(job_id)
    if as_json:
        print_json(one.raw)
        return
    typer.echo(f"{one.kind} job {one.id}: {one.state}, priority {one.priority}")
    typer.echo(f"  {ShotNames(client).of(one)}, by {one.created_by}, {moment(one.created_at)}")
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


def prioritize(
    job_id: JobId,
    priority: Annotated[Priority, typer.Argument(help="high, normal or low.")],
    server: Server = None,
) -> None:
    """Have a job come before or after others."""
    one = connect(server).prioritize(job_id, priority)
    typer.echo(f"job {one.id}: {one.state}, priority {one.priority}")


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


def _tell_state(one: Job) -> None:
    typer.echo(f"job {one.id}: {one.state}")
