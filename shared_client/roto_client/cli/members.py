"""`roto projects members`, `roto shots assign`, `unassign` and `mine`: who works on what."""

from __future__ import annotations

from typing import Annotated

import typer

from ..api import Project, RotoClient, Shot
from ..api import members as calls
from ..api.errors import ConflictError, InputError, NotFoundError
from ..api.members import Person
from ..api.request import check_choice
from .connect import Server, connect
from .finding import ProjectName, find_project, find_shot
from .options import InReview, shot_line

PersonName = Annotated[
    str, typer.Argument(metavar="PERSON", help="A member's name, e-mail address or id.")
]
Role = Annotated[str, typer.Option("--role", help=f"One of {', '.join(calls.ROLES)}.")]
Shots = Annotated[
    list[str],
    typer.Argument(metavar="SHOT", help="Ids, or PROJECT/SHOT; all of one project."),
]


def add_to_projects(group: typer.Typer) -> None:
    """Add `members` to `roto projects`."""
    members = typer.Typer(no_args_is_help=True, help="Who is in a project, and as what.")
    members.command("list")(listed)
    members.command("add")(add)
    members.command("set")(change)
    members.command("remove")(remove)
    group.add_typer(members, name="members")


def add_to_shots(group: typer.Typer) -> None:
    """Add the commands about assignments to `roto shots`."""
    group.command("assign")(assign)
    group.command("unassign")(unassign)
    group.command("mine")(mine)


def listed(project: ProjectName, server: Server = None) -> None:
    """List a project's members, who joined last first."""
    client = connect(server)
    for one in calls.members(client.transport, find_project(client, project).id):
        _tell(one)


def add(
    project: ProjectName,
    email: Annotated[
        str, typer.Argument(metavar="EMAIL", help="The address of somebody who has an account.")
    ],
    role: Role = "artist",
    server: Server = None,
) -> None:
    """Let somebody into a project."""
    check_choice("--role", (role,), calls.ROLES)
    client = connect(server)
    _tell(calls.add_member(client.transport, find_project(client, project).id, email, role))


def change(project: ProjectName, person: PersonName, role: Role, server: Server = None) -> None:
    """Give a member another role. Who becomes a viewer is taken off their shots."""
    check_choice("--role", (role,), calls.ROLES)
    client = connect(server)
    found = find_project(client, project)
    (member,) = _members(client, found, [person])
    _tell(calls.change_member(client.transport, found.id, member.id, role))


def remove(project: ProjectName, person: PersonName, server: Server = None) -> None:
    """Take somebody out of a project and off their shots; what they made stays."""
    client = connect(server)
    found = find_project(client, project)
    (member,) = _members(client, found, [person])
    calls.remove_member(client.transport, found.id, member.id)
    typer.echo(f"{member.name} is no member of {found.name} any more.")


def assign(
    shots: Shots,
    *,
    to: Annotated[
        list[str],
        typer.Option(
            "--to",
            metavar="PERSON",
            help="Who is to work on them: a member's name, e-mail address or id. Repeat.",
        ),
    ],
    only: Annotated[
        bool, typer.Option("--only", help="And nobody else: others are taken off them.")
    ] = False,
    server: Server = None,
) -> None:
    """Give shots to artists or supervisors of their project, all shots or none."""
    client = connect(server)
    _assign(client, shots, to, "set" if only else "add")


def unassign(
    shots: Shots,
    *,
    people: Annotated[
        list[str] | None,
        typer.Option(
            "--from", metavar="PERSON", help="Who is taken off them; default everybody. Repeat."
        ),
    ] = None,
    server: Server = None,
) -> None:
    """Take people off shots; what they made stays."""
    client = connect(server)
    _assign(client, shots, people or [], "remove" if people else "set")


def mine(
    server: Server = None,
    project: Annotated[str | None, typer.Option(help="Only of this project.")] = None,
    review: InReview = None,
) -> None:
    """List the shots you made or are assigned to, newest first."""
    client = connect(server)
    wanted = find_project(client, project).id if project else None
    names = {one.id: one.name for one in client.projects()}
    for shot in calls.my_shots(client.transport, project_id=wanted, review=review):
        typer.echo(shot_line(shot, f"{names.get(shot.project_id, shot.project_id)}/{shot.name}"))


def _assign(client: RotoClient, told: list[str], people: list[str], mode: str) -> None:
    shots = [find_shot(client, one) for one in told]
    project = _project_of(client, shots)
    ids = [one.id for one in _members(client, project, people)]
    changed = calls.assign(client.transport, project.id, [one.id for one in shots], ids, mode)
    typer.echo(f"{changed} of {len(shots)} shots have other people now.")


def _project_of(client: RotoClient, shots: list[Shot]) -> Project:
    found = {one.project_id for one in shots}
    if len(found) > 1:
        raise InputError(
            "The shots are of several projects.", hint="Assign those of one project at a time."
        )
    return client.project(found.pop())


def _members(client: RotoClient, project: Project, told: list[str]) -> list[Person]:
    """The members that are meant; raises NotFoundError, and ConflictError for a name of several."""
    known = list(calls.members(client.transport, project.id)) if told else []
    return [_member(known, project, one) for one in told]


def _member(known: list[Person], project: Project, told: str) -> Person:
    found = [one for one in known if told in (one.id, one.name, one.email)]
    if not found:
        raise NotFoundError(
            f"{project.name} has no member {told!r}.",
            hint="`roto projects members list` shows them, `... add` lets somebody in.",
        )
    if len(found) > 1:
        raise ConflictError(
            f"{project.name} has {len(found)} members called {told!r}.",
            hint=f"Give the id of one: {', '.join(one.id for one in found)}.",
        )
    return found[0]


def _tell(one: Person) -> None:
    typer.echo(f"{one.id}  {one.name:<24}  {one.role:<10}  {one.email}".rstrip())
