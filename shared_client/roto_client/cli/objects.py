"""`roto objects`: what a shot's objects are called, how they look, and in which order they are."""

from __future__ import annotations

from typing import Annotated, Any, Mapping

import typer

from ..api import RotoClient
from ..api.lifecycle import change_object, delete, order_objects
from .connect import Server, connect
from .finding import ShotName, find_object, find_shot
from .options import AsJson, changes_of, numbers, print_json
from .trash import tell_deleted

ObjectName = Annotated[str, typer.Argument(metavar="OBJECT", help="An object's name, or its id.")]


def register(app: typer.Typer) -> None:
    """Add `roto objects`."""
    group = typer.Typer(no_args_is_help=True, help="The objects of a shot: what is isolated in it.")
    group.command("list")(listed)
    group.command("set")(change)
    group.command("order")(order)
    group.command("delete")(delete_object)
    app.add_typer(group, name="objects")


def listed(shot: ShotName, server: Server = None, as_json: AsJson = False) -> None:
    """List a shot's objects in their order."""
    client = connect(server)
    _list(client, find_shot(client, shot).id, as_json=as_json)


def change(
    shot: ShotName,
    thing: ObjectName,
    *,
    name: Annotated[
        str | None, typer.Option(help="A new name. What has been made keeps the old one.")
    ] = None,
    label: Annotated[str | None, typer.Option(help="What it is, for people: lead actor.")] = None,
    color: Annotated[
        str | None, typer.Option(metavar="R,G,B", help="How it is shown: 0 to 1 each: 1,0.35,0.1.")
    ] = None,
    server: Server = None,
) -> None:
    """Change an object; what is not named stays."""
    changes = changes_of(
        name=name, label=label, color=numbers("--color", color, "R,G,B") if color else None
    )
    client = connect(server)
    found = find_object(client, find_shot(client, shot), thing)
    _tell(change_object(client.transport, found["id"], changes))


def order(
    shot: ShotName,
    things: Annotated[
        list[str],
        typer.Argument(metavar="OBJECT", help="Names or ids; those not named stay behind them."),
    ],
    server: Server = None,
) -> None:
    """Put a shot's objects in an order: those named first, as they are named."""
    client = connect(server)
    found = find_shot(client, shot)
    first = [str(find_object(client, found, one)["id"]) for one in things]
    rest = [str(one["id"]) for one in client.objects(found.id)]
    order_objects(client.transport, found.id, list(dict.fromkeys([*first, *rest])))
    _list(client, found.id)


def delete_object(shot: ShotName, thing: ObjectName, server: Server = None) -> None:
    """Put an object into the trash; versions that show it go on showing it."""
    client = connect(server)
    found = find_object(client, find_shot(client, shot), thing)
    tell_deleted(delete(client.transport, "object", found["id"]))


def _list(client: RotoClient, shot_id: str, *, as_json: bool = False) -> None:
    found = client.objects(shot_id)
    if as_json:
        print_json(found)
        return
    for one in found:
        _tell(one)


def _tell(one: Mapping[str, Any]) -> None:
    color = ",".join(f"{part:g}" for part in one["color"])
    typer.echo(f"{one['id']}  {one['name']:<24}  {color:<14}  {one['label']}".rstrip())
