"""The server's commands: `serve`, `admin`. Nothing heavy is imported before one of them runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from .commands import admin_app
from .commands.opening import opened, read_settings

DEFAULT_PORT = 8710


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
    from . import migrations
    from .app import create_app
    from .observing.start import start_logging
    from .serving import serve as serve_app

    settings = read_settings(data_dir, port)
    start_logging(settings)
    with opened(settings) as database:
        # The app checks both again; asked here, a refusal is a message and not a traceback.
        database.lock_single_server()
        migrations.check_current(database)
    serve_app(create_app(settings), settings)
