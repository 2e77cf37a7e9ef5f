"""The server's commands: `serve`, `admin`. Nothing heavy is imported before one of them runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from .db.session import Database
    from .settings import Settings

DEFAULT_PORT = 8710
_NAMED_FILES = 20

admin_app = typer.Typer(help="Look after a server: schema, tokens, backups.", no_args_is_help=True)
token_app = typer.Typer(help="API keys and farm tokens.", no_args_is_help=True)
admin_app.add_typer(token_app, name="token")


def register(app: typer.Typer) -> None:
    """Add this package's commands to `roto`."""
    app.command("serve")(serve)
    app.add_typer(admin_app, name="admin")


def serve(
    *,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="Bring Redis, database and workers along.")
    ] = False,
    data_dir: Annotated[
        Path | None, typer.Option(envvar="ROTO_DATA_DIR", help="Where the server keeps its files.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help=f"0 takes a free one. Default: ROTO_PORT or {DEFAULT_PORT}.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=0, help="With --embedded: how many workers to start.")
    ] = 1,
    allow: Annotated[
        list[Path] | None,
        typer.Option(help="With --embedded: a folder plates may be read from; may be repeated."),
    ] = None,
) -> None:
    """Run the job server until Ctrl-C. Settings come from ROTO_* variables (docs/install.md)."""
    if not embedded:
        _serve_configured(data_dir, port)
        return
    from .embedded.serve import EmbeddedOptions, serve_embedded
    from .settings import default_data_dir

    chosen = port if port is not None else int(os.environ.get("ROTO_PORT", DEFAULT_PORT))
    options = EmbeddedOptions(
        data_dir=data_dir or default_data_dir(),
        port=chosen,
        workers=workers,
        allowed_roots=tuple(path.absolute() for path in allow or ()),
    )
    serve_embedded(options, typer.echo)


def _serve_configured(data_dir: Path | None, port: int | None) -> None:
    import uvicorn

    from . import migrations
    from .app import create_app
    from .logs import configure_logging

    settings = _settings(data_dir, port)
    with _open(settings) as database:
        # The app checks both again; asked here, a refusal is a message and not a traceback.
        database.lock_single_server()
        migrations.check_current(database)
    configure_logging()
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=20,
    )


@admin_app.command("migrate")
def migrate() -> None:
    """Bring the database schema to this version's."""
    from . import migrations

    with _open(_settings()) as database:
        migrations.upgrade(database)
    typer.echo(f"The schema is at {migrations.wanted_revision()}.")


@token_app.command("create")
def create_token(
    *,
    scope: Annotated[str, typer.Option(help="user (an API key) or farm (for workers).")],
    name: Annotated[str, typer.Option(help="Whose it is; logs and jobs show it.")],
) -> None:
    """Make a token and print it, this once."""
    from . import auth, migrations
    from .auth import Scope

    scopes: dict[str, Scope] = {"user": "user", "farm": "farm"}
    if scope not in scopes:
        raise typer.BadParameter("user or farm", param_hint="--scope")
    if not re.search(r"\S", name):
        raise typer.BadParameter("must say whose it is", param_hint="--name")
    with _open(_settings()) as database:
        migrations.check_current(database)
        with database.session() as session:
            secret = auth.create_token(session, name.strip(), scopes[scope])
    typer.echo(secret)


@admin_app.command("backup")
def backup(file: Annotated[Path, typer.Argument(help="The .tar.gz to write.")]) -> None:
    """Write all rows and a manifest of the storage (sha256 of every file) to FILE."""
    from .admin.backup import backup as write_backup

    settings = _settings()
    with _open(settings) as database:
        manifest = write_backup(database, settings.storage_root, file)
    rows = sum(manifest["rows"].values())
    typer.echo(f"{file}: {rows} rows, {len(manifest['files'])} files described.")


@admin_app.command("restore")
def restore(file: Annotated[Path, typer.Argument(help="A backup.")]) -> None:
    """Fill an EMPTY database from FILE and check the storage against its manifest."""
    from .admin.backup import restore as read_backup

    settings = _settings()
    with _open(settings) as database:
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


def _settings(data_dir: Path | None = None, port: int | None = None) -> Settings:
    from .settings import load_settings

    given = {"data_dir": data_dir, "port": port}
    return load_settings(**{name: value for name, value in given.items() if value is not None})


@contextmanager
def _open(settings: Settings) -> Iterator[Database]:
    from sqlalchemy.exc import OperationalError

    from roto_shapes.errors import RotoError

    from .db.session import Database

    database = Database(settings.database_url)
    try:
        yield database
    except OperationalError as error:
        raise RotoError(
            f"The database does not answer: {error.orig}",
            hint="ROTO_DATABASE_URL says where it is; `roto doctor` checks it.",
            code="server_unavailable",
        ) from error
    finally:
        database.dispose()
