"""`roto uploads`: what one has sent, and giving it up."""

from __future__ import annotations

from typing import Annotated

import typer

from ..api import uploads as calls
from .connect import Server, connect
from .options import moment


def register(app: typer.Typer) -> None:
    """Add `roto uploads`."""
    group = typer.Typer(no_args_is_help=True, help="What you have sent to the server.")
    group.command("list")(listed)
    group.command("delete")(delete)
    app.add_typer(group, name="uploads")


def listed(server: Server = None) -> None:
    """List your uploads, newest first: those that are being sent, and those that are complete."""
    client = connect(server)
    names = {one.id: one.name for one in client.projects()}
    for one in calls.uploads(client.transport):
        line = f"{one.id}  {one.state:<8}  {moment(one.created_at)}  {one.file_count:6d} files"
        typer.echo(f"{line}  {names.get(one.project_id, one.project_id)}  {one.first_file}")


def delete(
    upload: Annotated[
        str, typer.Argument(metavar="UPLOAD", help="Its id, as `roto uploads list` shows it.")
    ],
    server: Server = None,
) -> None:
    """Give an upload up, sent whole or in part; shots that were made of it keep its files."""
    calls.delete_upload(connect(server).transport, upload)
    typer.echo("The upload is gone; its room is free soon.")
