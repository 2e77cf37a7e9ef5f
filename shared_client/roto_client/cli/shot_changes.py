"""`roto shots set, move, archive, unarchive, delete`."""

from __future__ import annotations

from typing import Annotated

import typer

from ..api import Shot
from ..api.lifecycle import change_shot, delete, move_shot
from .connect import Server, connect
from .finding import ProjectName, ShotName, find_project, find_shot
from .options import changes_of, handles_of, rate_of
from .trash import tell_deleted

_BY_RULES = "auto"


def add_to(group: typer.Typer) -> None:
    """Add the commands to `roto shots`."""
    group.command("set")(change)
    group.command("move")(move)
    group.command("archive")(archive)
    group.command("unarchive")(unarchive)
    group.command("delete")(delete_shot)


def change(
    shot: ShotName,
    *,
    server: Server = None,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    handles: Annotated[
        str | None,
        typer.Option(
            metavar="N|HEAD,TAIL",
            help="Frames at both ends, or at head and tail, that are not in the cut.",
        ),
    ] = None,
    colorspace: Annotated[
        str | None, typer.Option(help=f"OCIO name, or {_BY_RULES}: by file rules.")
    ] = None,
    fps: Annotated[str | None, typer.Option(help="24, 24000/1001 or 29.97.")] = None,
) -> None:
    """Change a shot; what is not named stays. With another colour space its plate is read again."""
    changes = changes_of(
        name=name,
        handles=handles_of(handles) if handles else None,
        colorspace=colorspace,
        fps=rate_of(fps) if fps else None,
    )
    if colorspace == _BY_RULES:
        changes["colorspace"] = None
    client = connect(server)
    _tell(change_shot(client.transport, find_shot(client, shot).id, changes))


def move(shot: ShotName, project: ProjectName, server: Server = None) -> None:
    """Give a shot with all that was made of it to another project; you supervise both."""
    client = connect(server)
    target = find_project(client, project)
    _tell(move_shot(client.transport, find_shot(client, shot).id, target.id))


def archive(shot: ShotName, server: Server = None) -> None:
    """Close a shot: it can be looked at, not worked on, and is not listed."""
    client = connect(server)
    _tell(change_shot(client.transport, find_shot(client, shot).id, {"archived": True}))


def unarchive(shot: ShotName, server: Server = None) -> None:
    """Open an archived shot again."""
    client = connect(server)
    _tell(change_shot(client.transport, find_shot(client, shot).id, {"archived": False}))


def delete_shot(shot: ShotName, server: Server = None) -> None:
    """Put a shot with all that is in it into the trash; its jobs are cancelled."""
    client = connect(server)
    tell_deleted(delete(client.transport, "shot", find_shot(client, shot).id))


def _tell(shot: Shot) -> None:
    typer.echo(f"{shot.id}  {shot.name}  project {shot.project_id}")
