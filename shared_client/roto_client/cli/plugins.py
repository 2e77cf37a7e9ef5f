"""`roto plugins`: the host plugins, built into zips and installed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..plugins import HOSTS, build, install

_Wheelhouse = Annotated[
    Path | None,
    typer.Option(
        "--wheelhouse", help="Folder with the wheels that go in; nothing is downloaded then."
    ),
]
_Host = Annotated[str, typer.Argument(metavar="HOST", help=f"One of {', '.join(HOSTS)}.")]


def register(app: typer.Typer) -> None:
    """Add `roto plugins`."""
    plugins = typer.Typer(
        no_args_is_help=True, help="Plugins for Nuke, Silhouette, Blender and After Effects."
    )
    plugins.command("build")(_build)
    plugins.command("install")(_install)
    app.add_typer(plugins, name="plugins")


def _build(
    host: Annotated[str, typer.Argument(metavar="HOST", help=f"{', '.join(HOSTS)}, or all.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the zips.")] = Path("dist"),
    wheelhouse: _Wheelhouse = None,
) -> None:
    """Write a plugin's zip, with everything it needs and all licences inside."""
    for name in HOSTS if host == "all" else (host,):
        typer.echo(build(name, out, wheelhouse))


def _install(
    host: _Host,
    path: Annotated[
        Path | None,
        typer.Option(
            "--path", help="Folder to unpack it in. Default: where this user's host looks."
        ),
    ] = None,
    wheelhouse: _Wheelhouse = None,
) -> None:
    """Put a plugin where its host finds it; an older one is replaced."""
    done = install(host, path.expanduser().absolute() if path else None, wheelhouse)
    for folder in done.folders:
        typer.echo(f"{HOSTS[host].title} plugin: {folder}")
    for note in done.notes:
        typer.echo(f"  {note}")
