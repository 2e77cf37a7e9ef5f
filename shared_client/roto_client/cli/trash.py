"""`roto trash`: what was deleted, having it back, and being rid of it."""

from __future__ import annotations

from typing import Annotated

import typer

from roto_shapes.errors import RotoError

from ..api import RotoClient
from ..api import lifecycle as calls
from ..api.lifecycle import Trashed
from .connect import Server, connect
from .finding import find_project, find_shot

Kind = Annotated[
    str, typer.Argument(metavar="KIND", help="project, shot, object or version (a job's).")
]
Ident = Annotated[str, typer.Argument(metavar="ID", help="As `roto trash list` shows it.")]


def register(app: typer.Typer) -> None:
    """Add `roto trash`."""
    group = typer.Typer(no_args_is_help=True, help="What was deleted, for some days.")
    group.command("list")(listed)
    group.command("put")(put)
    group.command("restore")(restore)
    group.command("purge")(purge)
    app.add_typer(group, name="trash")


def listed(
    server: Server = None,
    project: Annotated[str | None, typer.Option(help="Only of this project.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only project, shot, object or version.")] = None,
) -> None:
    """List what you may restore, last deleted first."""
    client = connect(server)
    project_id = find_project(client, project).id if project else None
    found = list(calls.trash(client.transport, kind=kind, project_id=project_id))
    if not found:
        typer.echo("Nothing is in the trash that you may restore.")
    for one in found:
        where = "/".join(part for part in (one.project_name, one.shot_name) if part)
        name = where if one.kind in ("project", "shot") else f"{where} {one.name}"
        typer.echo(f"{one.kind:<8}  {one.id}  {name:<32}  {_when(one)}  by {one.trashed_by}")


def put(
    kind: Kind,
    ident: Annotated[
        str, typer.Argument(metavar="WHAT", help="An id; of a shot also PROJECT/SHOT.")
    ],
    server: Server = None,
) -> None:
    """Delete something; its jobs are cancelled."""
    client = connect(server)
    tell_deleted(calls.delete(client.transport, _checked(kind), _id(client, kind, ident)))


def restore(kind: Kind, ident: Ident, server: Server = None) -> None:
    """Have something back as it was."""
    calls.restore(connect(server).transport, _checked(kind), ident)
    typer.echo(f"The {kind} is back.")


def purge(
    kind: Kind,
    ident: Ident,
    server: Server = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove something in the trash for good, files and all."""
    _checked(kind)
    if not yes:
        typer.confirm(f"Remove this {kind} for good? There is no way back", abort=True, err=True)
    gone = calls.purge(connect(server).transport, kind, ident)
    typer.echo(f"{gone.kind} {gone.name} is being removed.")


def tell_deleted(one: Trashed) -> None:
    """Say what was deleted, and how it comes back."""
    typer.echo(f"{one.kind} {one.name} is in the trash ({_when(one)}).")
    if one.cancelled_jobs:
        typer.echo(f"{len(one.cancelled_jobs)} jobs were cancelled.")
    typer.echo(f"`roto trash restore {one.kind} {one.id}` has it back.", err=True)


def _when(one: Trashed) -> str:
    if one.purge_at is None:
        return "until its versions go"
    return f"until {one.purge_at.astimezone():%Y-%m-%d}"


def _checked(kind: str) -> str:
    if kind not in calls.DELETED:
        raise RotoError(
            f"There is no {kind!r} to delete.",
            hint=f"One of {', '.join(calls.DELETED)}.",
            code="bad_request",
        )
    return kind


def _id(client: RotoClient, kind: str, told: str) -> str:
    if kind == "project":
        return find_project(client, told).id
    return find_shot(client, told).id if kind == "shot" else told
