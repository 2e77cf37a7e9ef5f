"""`roto admin maintenance`: people's writes wait while the server is looked after."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from .opening import current, read_settings, work
from .telling import AsJson, facts

if TYPE_CHECKING:
    from ..admin.maintenance import Maintenance

maintenance_app = typer.Typer(
    help="Have people's writes wait while you look after the server.", no_args_is_help=True
)


@maintenance_app.command("on")
def turn_on(
    message: Annotated[str, typer.Argument(help="What people are told.")] = "",
    *,
    until: Annotated[
        datetime | None, typer.Option(help="When it is expected to end, this machine's time.")
    ] = None,
    farm_waits: Annotated[
        bool, typer.Option("--farm-waits", help="Workers finish what they run, and wait.")
    ] = False,
) -> None:
    """Refuse writes of everybody but administrators; reading goes on."""
    from ..admin import maintenance

    expected = until.astimezone() if until else None
    with work() as at:
        now = maintenance.begin(
            at.session, at.actor, message, until=expected, farm_waits=farm_waits
        )
    _show(now, as_json=False)


@maintenance_app.command("off")
def turn_off() -> None:
    """Let everybody work again."""
    from ..admin import maintenance

    with work() as at:
        now = maintenance.end(at.session, at.actor)
    _show(now, as_json=False)


@maintenance_app.command("status")
def show(*, as_json: AsJson = False) -> None:
    """Whether maintenance is on, since when, and what people are told."""
    from ..admin import maintenance

    with current(read_settings()) as database, database.reading() as session:
        now = maintenance.read(session)
    _show(now, as_json=as_json)


def _show(now: Maintenance, *, as_json: bool) -> None:
    if now.on or as_json:
        facts(now.model_dump(mode="json" if as_json else "python"), as_json=as_json)
    else:
        typer.echo("Maintenance is off.")
