"""`roto projects`: a studio's projects and what they say once for all their shots."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ..api import RotoClient
from ..api.answers import given, pages
from ..api.errors import InputError
from ..api.lifecycle import change_project, delete
from . import members
from .connect import Server, connect
from .finding import ProjectName, find_project
from .options import changes_of, print_json
from .trash import tell_deleted

Client = Annotated[str | None, typer.Option("--client", help="Whom the work is for.")]
Roots = Annotated[
    list[str] | None,
    typer.Option(
        "--root", help="A folder plates may be read from in place, as the server names it; repeat."
    ),
]
_SETTINGS = """PATH of a JSON file, or - for standard input: quality (draft, standard, final),
handles, colorspace, fps, places, publish. Those left out become their defaults again."""
SettingsFile = Annotated[str | None, typer.Option("--settings", help=_SETTINGS)]


def register(app: typer.Typer) -> None:
    """Add `roto projects`."""
    group = typer.Typer(no_args_is_help=True, help="Projects: settings, members, archive, trash.")
    group.command("list")(listed)
    group.command("show")(show)
    group.command("create")(create)
    group.command("set")(change)
    group.command("archive")(archive)
    group.command("unarchive")(unarchive)
    group.command("delete")(delete_project)
    members.add_to_projects(group)
    app.add_typer(group, name="projects")


def listed(
    server: Server = None,
    archived: Annotated[
        bool, typer.Option("--archived", help="Those in the archive instead.")
    ] = False,
) -> None:
    """List your projects, newest first."""
    wanted = {"archived": "only" if archived else "no"}
    for one in pages(connect(server).transport, "/projects", wanted):
        typer.echo(f"{one['id']}  {one['name']:<24}  {one.get('client', '')}".rstrip())


def show(project: ProjectName, server: Server = None) -> None:
    """Print a project with its settings, as JSON."""
    print_json(find_project(connect(server), project).raw)


def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    *,
    server: Server = None,
    client: Client = None,
    root: Roots = None,
    settings: SettingsFile = None,
) -> None:
    """Make a project, which you supervise; prints its id."""
    body = {"name": name, "client": client, "allowed_roots": root, "settings": _read(settings)}
    made = connect(server).transport.json("POST", "/projects", body=given(body))
    typer.echo(made["id"])


def change(
    project: ProjectName,
    *,
    server: Server = None,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    client: Client = None,
    root: Roots = None,
    artists_see_all: Annotated[
        bool | None,
        typer.Option(
            "--artists-see-all/--artists-see-theirs",
            help="Whether artists see shots that are not theirs.",
            show_default=False,
        ),
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Change a project; what is not named stays. `show` prints what holds."""
    changes = changes_of(
        name=name,
        client=client,
        allowed_roots=root,
        artists_see_all=artists_see_all,
        settings=_read(settings),
    )
    _change(connect(server), project, changes)


def archive(project: ProjectName, server: Server = None) -> None:
    """Close a project: it can be looked at, not worked on, and is not listed."""
    _change(connect(server), project, {"archived": True})


def unarchive(project: ProjectName, server: Server = None) -> None:
    """Open an archived project again."""
    _change(connect(server), project, {"archived": False})


def delete_project(project: ProjectName, server: Server = None) -> None:
    """Put a project with all that is in it into the trash; its jobs are cancelled."""
    client = connect(server)
    tell_deleted(delete(client.transport, "project", find_project(client, project).id))


def _change(client: RotoClient, project: str, changes: dict[str, Any]) -> None:
    found = find_project(client, project)
    print_json(change_project(client.transport, found.id, changes).raw)


def _read(path: str | None) -> Any:
    if path is None:
        return None
    text = (
        typer.get_text_stream("stdin").read()
        if path == "-"
        else Path(path).read_text(encoding="utf-8")
    )
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputError(f"{path} is not JSON: {error}.") from None
