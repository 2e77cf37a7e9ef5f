"""`roto admin migrate`, `backup`, `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .opening import opened, read_settings

_NAMED_FILES = 20


def migrate() -> None:
    """Bring the database schema to this version's."""
    from .. import migrations

    with opened(read_settings()) as database:
        migrations.upgrade(database)
    typer.echo(f"The schema is at {migrations.wanted_revision()}.")


def backup(file: Annotated[Path, typer.Argument(help="The .tar.gz to write.")]) -> None:
    """Write all rows and a manifest of the storage (sha256 of every file) to FILE."""
    from ..admin.backup import backup as write_backup

    settings = read_settings()
    with opened(settings) as database:
        manifest = write_backup(database, settings.storage_root, file)
    rows = sum(manifest["rows"].values())
    typer.echo(f"{file}: {rows} rows, {len(manifest['files'])} files described.")


def restore(file: Annotated[Path, typer.Argument(help="A backup.")]) -> None:
    """Fill an EMPTY database from FILE and check the storage against its manifest."""
    from ..admin.backup import restore as read_backup

    settings = read_settings()
    with opened(settings) as database:
        database.lock_single_server()
        checked = read_backup(database, settings.storage_root, file)
    typer.echo(f"The rows are restored; {checked.files} files of the storage were checked.")
    for what, paths in (("missing", checked.missing), ("changed", checked.changed)):
        for path in paths[:_NAMED_FILES]:
            typer.echo(f"  {what}: {path}")
        if len(paths) > _NAMED_FILES:
            typer.echo(f"  {what}: {len(paths) - _NAMED_FILES} more")
    if checked.missing or checked.changed:
        raise typer.Exit(1)
