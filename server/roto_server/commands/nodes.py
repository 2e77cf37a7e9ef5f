"""`roto admin nodes`: machines of the farm, and which of them are given work."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .opening import current, read_settings, work
from .telling import AsJson, table

nodes_app = typer.Typer(
    help="See the farm's nodes; drain or disable one to look after it.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="The node, as `roto admin nodes list` calls it.")]
Reason = Annotated[str, typer.Option(help="Told to everybody whose work waits for it.")]


@nodes_app.command("list")
def show(*, as_json: AsJson = False) -> None:
    """Every node a worker of which has ever registered."""
    from sqlalchemy import func, select

    from ..db.farm import Node
    from ..db.models import Worker

    query = (
        select(Node, func.count(Worker.id), func.max(Worker.last_seen_at))
        .outerjoin(Worker, Worker.node == Node.name)
        .group_by(Node.name)
        .order_by(Node.name)
    )
    with current(read_settings()) as database, database.reading() as session:
        rows: list[dict[str, Any]] = [
            {"node": node.name, "state": node.state, "workers": workers, "last_seen": seen,
             "reason": node.reason, "since": node.changed_at}
            for node, workers, seen in session.execute(query)
        ]  # fmt: skip
    columns = ("node", "state", "workers", "last_seen", "reason", "since")
    table(columns, rows, as_json=as_json)


@nodes_app.command("drain")
def drain(node: Name, *, reason: Reason) -> None:
    """Give it nothing new; what it runs it finishes."""
    _change(node, "draining", reason)


@nodes_app.command("disable")
def disable(node: Name, *, reason: Reason) -> None:
    """Give it nothing new; what it runs it gives back at once, for another node to go on with."""
    _change(node, "disabled", reason)


@nodes_app.command("enable")
def enable(node: Name) -> None:
    """Give it work again."""
    _change(node, "enabled", "")


def _change(name: str, state: str, reason: str) -> None:
    from ..jobs import nodes

    with work() as at:
        node = nodes.change(at.session, at.actor, name, state, reason)
    told = nodes.told(node)
    typer.echo(f"{told[0].upper()}{told[1:]}.")
