"""The `roto` command, assembled from the packages that are installed.

Each package names a function ``register(app)`` in the entry-point group ``roto.commands``. A
package that cannot be loaded says why and takes only its own commands with it. Commands raise
`RotoError`; the one place that turns them into a message, a hint and an exit code is here.

Exit codes: 0 done, 1 the job (or a worker) failed, 2 the request was wrong, 3 no server answered
or it asks to be left alone for now.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from roto_shapes.errors import RotoError

from ..contract import PRODUCT_VERSION, is_permanent

JOB_FAILED, WRONG_REQUEST, NO_SERVER = 1, 2, 3
_SIGN_IN_AGAIN = (
    "`roto login` signs you in again; a key in ROTO_API_KEY goes before what it stores."
)
_NOT_NOW = frozenset(("server_unavailable", "maintenance", "rate_limited"))


def exit_code(error: RotoError) -> int:
    """The exit code that ``error`` means."""
    if hasattr(error, "job_id"):
        return JOB_FAILED
    if error.code in _NOT_NOW:
        return NO_SERVER
    return WRONG_REQUEST if is_permanent(error.code) else JOB_FAILED


class RotoGroup(TyperGroup):
    """Says what went wrong, in one way for every command, instead of showing a traceback."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        with _telling():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        with _telling():
            return super().invoke(ctx)


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except RotoError as error:
        tell(error)
        raise typer.Exit(exit_code(error)) from None
    except typer.TyperException as error:
        # Its name is all that typer lets one know it by: a group without a command shows its help.
        if type(error).__name__ == "NoArgsIsHelpError":
            raise
        _tell_usage(error)
        raise typer.Exit(error.exit_code) from None
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("roto_"):
            raise
        _tell_missing_package(error)
        raise typer.Exit(WRONG_REQUEST) from None
    except OSError as error:
        if error.filename is None or error.errno == errno.EPIPE:
            raise
        _say(f"{error.filename}: {error.strerror}")
        raise typer.Exit(WRONG_REQUEST) from None


def tell(error: RotoError) -> None:
    """Write an error's message and hint, and the request id support will ask for, to stderr."""
    _say(error.message)
    # What the server answers a key is written for whoever sends requests by hand.
    status: int = getattr(error, "status", 0)
    hint = _SIGN_IN_AGAIN if error.code == "unauthorized" and status else error.hint
    if hint:
        typer.echo(f"  {hint}", err=True)
    request_id = getattr(error, "request_id", "")
    if request_id:
        typer.echo(f"  request {request_id} ({error.code})", err=True)


def build_app() -> typer.Typer:
    """The application with the commands of every package that could be loaded."""
    app = typer.Typer(
        cls=RotoGroup,
        name="roto",
        no_args_is_help=True,
        add_completion=False,
        # Locals in a traceback would show keys.
        pretty_exceptions_show_locals=False,
        help="Editable animated roto from a render farm.",
    )
    app.callback()(_options)
    for entry in sorted(entry_points(group="roto.commands"), key=lambda entry: entry.name):
        try:
            entry.load()(app)
        except Exception as error:
            # Whatever is wrong with one package, the others' commands are still worth having.
            _say(f"the {entry.name} commands are left out: {type(error).__name__}: {error}")
    return app


def main() -> None:
    """Entry point of the `roto` script."""
    build_app()()


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(PRODUCT_VERSION)
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and end.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Options of `roto` itself."""


def _tell_usage(error: typer.TyperException) -> None:
    _say(error.format_message())
    context = getattr(error, "ctx", None)
    if context is not None:
        typer.echo(f"  `{context.command_path} --help` tells what it takes.", err=True)


def _tell_missing_package(error: ModuleNotFoundError) -> None:
    _say(f"this command needs the Python package {error.name!r}, which is not installed.")
    typer.echo("  pip install 'megaton-roto[client,server,worker]' brings everything.", err=True)


def _say(message: str) -> None:
    typer.secho(f"roto: {message}", err=True, fg=typer.colors.RED)
