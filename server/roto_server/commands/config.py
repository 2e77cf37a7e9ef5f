"""`roto admin config`: the settings that change while servers run."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .opening import current, read_settings, work
from .telling import AsJson, facts, table

if TYPE_CHECKING:
    from ..admin.configuration import Entry

config_app = typer.Typer(
    help="Settings that change while servers run, and their history.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="As `roto admin config list` shows it.")]


@config_app.command("list")
def list_config(*, as_json: AsJson = False) -> None:
    """Every name with its value and where that comes from."""
    from ..admin.configuration import entries

    settings = read_settings()
    with current(settings) as database, database.reading() as session:
        rows = [asdict(found) for found in entries(session, settings)]
    table(("name", "value", "source", "default", "changed_by", "changed_at"), rows, as_json=as_json)


@config_app.command("get")
def get_config(name: Name, *, as_json: AsJson = False) -> None:
    """One value; with --json all that is known of it."""
    from ..admin.configuration import entry

    settings = read_settings()
    with current(settings) as database, database.reading() as session:
        found = entry(session, settings, name)
    if as_json:
        facts(asdict(found), as_json=True)
    else:
        typer.echo(_text(found.value))


@config_app.command("set")
def set_config(
    name: Name,
    value: Annotated[
        str | None, typer.Argument(help="Text, a number, true, or a list a,b.")
    ] = None,
    *,
    default: Annotated[bool, typer.Option("--default", help="Put the default back.")] = False,
) -> None:
    """Change a value on all servers, within two seconds."""
    from ..admin import configuration

    if (value is None) is not default:
        raise typer.BadParameter("give a value, or --default", param_hint="VALUE")
    with work() as at:
        configuration.known(name)
        given = None if value is None else _parsed(configuration.plain(at.started, name), value)
        found = configuration.change(at.session, at.actor, at.started, name, given)
    _tell(found)


@config_app.command("history")
def show_history(
    name: Annotated[str | None, typer.Argument(help="Of one name only.")] = None,
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Changes at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Who changed what when, newest first."""
    from ..admin.configuration import history
    from ..db.people import ConfigChange

    query = history(name).order_by(ConfigChange.seq.desc()).limit(limit)
    with current(read_settings()) as database, database.reading() as session:
        found = session.scalars(query).all()
    rows = [
        {
            "change": row.seq,
            "at": row.at,
            "name": row.name,
            "value": "(default)" if row.value is None and not as_json else row.value,
            "changed_by": row.changed_by,
        }
        for row in found
    ]
    table(("change", "at", "name", "value", "changed_by"), rows, as_json=as_json)


@config_app.command("rollback")
def roll_back(
    change: Annotated[int, typer.Argument(help="A number that `history` shows.")],
) -> None:
    """Give a name the value it had after CHANGE."""
    from ..admin import configuration

    with work() as at:
        found = configuration.roll_back(at.session, at.actor, at.started, change)
    _tell(found)


def _tell(found: Entry) -> None:
    by_default = " (the default)" if found.source != "changed" else ""
    typer.echo(f"{found.name} is {_text(found.value)}{by_default}.")


def _parsed(before: Any, text: str) -> Any:
    """What was typed, as the kind of value that was there before."""
    if isinstance(before, list) and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    if isinstance(before, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
