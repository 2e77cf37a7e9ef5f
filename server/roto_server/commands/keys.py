"""`roto admin keys`: the keys that access tokens are signed with."""

from __future__ import annotations

from typing import Annotated

import typer

from .opening import work

keys_app = typer.Typer(help="The keys that sign access tokens.", no_args_is_help=True)


@keys_app.callback()
def _keys() -> None:
    """A group, though of one command."""


@keys_app.command("rotate")
def rotate(
    *,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Take away the old keys at once (one may have been stolen)."),
    ] = False,
) -> None:
    """Sign with a new key from now on; every server process does, without a restart.

    Access tokens that are out stay good until they expire. With --all they are worthless at once,
    and clients fetch new ones by their refresh tokens.
    """
    from ..access.signing import rotate as rotate_keys

    with work() as doing:
        ident = rotate_keys(doing.session, doing.settings, doing.actor, everything=everything)
    typer.echo(f"Access tokens are signed with the key {ident} from now on.")
