"""`roto models` and `roto engines`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn
from rich.table import Table

from . import checkpoints, install
from .catalog import MODELS

models_app = typer.Typer(help="SAM 2 checkpoints on this node.", no_args_is_help=True)
engines_app = typer.Typer(help="Tracking engines on this node.", no_args_is_help=True)

ModelName = Annotated[str, typer.Argument(help="A name of `roto models list`.")]


@models_app.command("list")
def list_models() -> None:
    """The models the product knows, and which are here."""
    table = Table("model", "on this node", "file")
    for model in MODELS.values():
        path = checkpoints.path_of(model)
        table.add_row(model.name, "yes" if path.is_file() else "no", str(path))
    Console().print(table)


@models_app.command("path")
def show_path(name: ModelName) -> None:
    """Where a model's file is, or belongs."""
    typer.echo(checkpoints.path_of(checkpoints.model_named(name)))


@models_app.command("verify")
def verify_model(name: ModelName) -> None:
    """Read a model's file and compare it with the released hash."""
    found = checkpoints.verify(checkpoints.model_named(name))
    typer.echo(f"{name} is as released (sha256 {found})")


@models_app.command("fetch")
def fetch_model(
    name: ModelName,
    from_file: Annotated[
        Path | None, typer.Option("--from", help="Take the file from here instead of the network.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="A mirror's address of the same file.")] = None,
) -> None:
    """Fetch a checkpoint, going on where an earlier try stopped; it is verified by its hash."""
    model = checkpoints.model_named(name)
    if from_file is not None:
        path = checkpoints.copy_in(model, from_file)
    else:
        columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns) as bar:
            task = bar.add_task(name, total=None)
            path = checkpoints.fetch(
                model,
                url=url,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    typer.echo(f"{name} is in {path}")


@engines_app.command("list")
def list_engines() -> None:
    """The engines and whether they can run here."""
    table = Table("engine", "state")
    table.add_row("flow", "ready (needs no model and no GPU)")
    table.add_row("sam2", _sam2_state())
    Console().print(table)


@engines_app.command("install")
def install_engine(
    engine: Annotated[str, typer.Argument(help="sam2 is the only engine that needs installing.")],
    wheelhouse: Annotated[
        Path | None, typer.Option(help="Install from this directory, without a network.")
    ] = None,
) -> None:
    """Install torch and sam2, pinned and hash-checked, into this environment."""
    _only_sam2(engine)
    install.install(typer.echo, wheelhouse)


@engines_app.command("bundle")
def bundle_engine(
    engine: Annotated[str, typer.Argument(help="sam2")],
    wheelhouse: Annotated[Path, typer.Option(help="Directory to collect the files in.")],
) -> None:
    """Collect what `install --wheelhouse` needs, on a machine with a network."""
    _only_sam2(engine)
    install.bundle(typer.echo, wheelhouse)
    typer.echo(
        f"carry {wheelhouse} to the node and run: roto engines install sam2 --wheelhouse DIR"
    )


def _only_sam2(engine: str) -> None:
    if engine != "sam2":
        raise typer.BadParameter("the only engine to install is sam2; flow is built in")


def _sam2_state() -> str:
    if not install.is_installed():
        return "not installed: run `roto engines install sam2`"
    have = checkpoints.installed()
    if not have:
        return "installed, no checkpoint: run `roto models fetch sam2.1_hiera_tiny`"
    return "ready: " + ", ".join(model.name for model in have)
