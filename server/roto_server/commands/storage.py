"""`roto admin storage` and `roto admin orphans`: what the storage holds, and for whom."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from .opening import current, operator, read_settings
from .telling import AsJson, table

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
Project = Annotated[str | None, typer.Option(help="Only this project (its id).")]


def storage(*, project: Project = None, as_json: AsJson = False) -> None:
    """What each project takes up, by what it is for. Every file is looked at: it may take long."""
    from sqlalchemy import select

    from ..admin.storage_figures import PARTS, measure, published_attempts
    from ..db import models
    from ..storage import open_storage

    settings = read_settings()
    place = open_storage(settings)
    query = select(models.Project.id, models.Project.name).order_by(models.Project.created_at)
    if project is not None:
        query = query.where(models.Project.id == project)
    rows: list[dict[str, Any]] = []
    with current(settings) as database:
        with database.reading() as session:
            known = session.execute(query).all()
            published = published_attempts(session, (one.id for one in known))
        for ident, name in known:
            figures = measure(place, ident, published)
            parts = {part: figures.parts[part].bytes for part in PARTS}
            rows.append({"project": ident, "name": name, "files": figures.files,
                         "bytes": figures.bytes, **parts})  # fmt: skip
    if not as_json:
        rows = [{**row, **{name: human(row[name]) for name in ("bytes", *PARTS)}} for row in rows]
    table(("project", "name", "files", "bytes", *PARTS), rows, as_json=as_json)
    if place.is_shared:  # a bucket has no end
        typer.echo(f"{human(place.free_bytes())} are free.", err=True)
    strange = set(place.folders("projects")) - {one.id for one in known}
    if strange and project is None:
        typer.echo(f"{len(strange)} folders are of no project: `roto admin orphans`.", err=True)


def orphans(
    *,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove them; else they are told.")
    ] = False,
    older_than: Annotated[
        float, typer.Option(min=1, help="Hours since the last file came; younger is left alone.")
    ] = 24.0,
    project: Project = None,
    as_json: AsJson = False,
) -> None:
    """What lies in the storage and is in no row. Without --remove nothing is changed."""
    from ..admin import orphans as rooms
    from ..storage import open_storage

    settings = read_settings()
    place = open_storage(settings)
    before = datetime.now(UTC) - timedelta(hours=older_than)
    rows: list[dict[str, Any]] = []
    with current(settings) as database:
        for one in rooms.find(database, place, before, project):
            removed = remove and rooms.remove(database, place, one, operator())
            rows.append({**asdict(one), "removed": removed})
    total = human(sum(row["bytes"] for row in rows))
    if not as_json:
        rows = [{**row, "bytes": human(row["bytes"])} for row in rows]
    table(("what", "files", "bytes", "newest", "key"), rows, as_json=as_json)
    told = f"{len(rows)} orphans with {total}"
    typer.echo(f"{told}: removed." if remove else f"{told}; --remove removes them.", err=True)


def human(size: int) -> str:
    """Bytes as people read them: 1.5 GB."""
    value, unit = float(size), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"
