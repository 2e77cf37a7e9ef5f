"""How commands show rows: aligned columns for people, JSON lines for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]

_WIDEST = 60


def table(columns: Sequence[str], rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Print ``columns`` of ``rows``; as JSON all there is in them."""
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row, default=plain, ensure_ascii=False))
        return
    texts = [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [
        min(max([len(column), *(len(line[place]) for line in texts)]), _WIDEST)
        for place, column in enumerate(columns)
    ]
    for line in ([column.upper() for column in columns], *texts):
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        typer.echo("  ".join(padded).rstrip())


def facts(row: dict[str, Any], *, as_json: bool) -> None:
    """Print one thing: a line per fact."""
    if as_json:
        typer.echo(json.dumps(row, default=plain, ensure_ascii=False))
        return
    width = max(map(len, row))
    for name, value in row.items():
        typer.echo(f"{name.ljust(width)}  {_cell(value)}".rstrip())


def plain(value: object) -> str:
    """For JSON what JSON has no form of."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, bool | list | dict):
        return json.dumps(value, default=plain, ensure_ascii=False)
    # A name may hold what a terminal takes for a command.
    return "".join(letter if letter.isprintable() else "?" for letter in str(value))
