"""`roto admin token`: API keys and farm tokens."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

import typer

from .opening import current, read_settings, work
from .telling import AsJson, table

token_app = typer.Typer(help="API keys and farm tokens.", no_args_is_help=True)


@token_app.command("create")
def create_token(
    *,
    scope: Annotated[str, typer.Option(help="user (an API key) or farm (for workers).")],
    name: Annotated[str, typer.Option(help="Whose or what it is; logs and jobs show it.")],
    user: Annotated[
        str | None,
        typer.Option(help="A person's key: their mail address or id. Else a service's of NAME."),
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(help="What a new service may do: admin, supervisor, artist or viewer."),
    ] = None,
    scopes: Annotated[
        str, typer.Option(help="What the key is good for, of read,write,manage,admin.")
    ] = "read,write,manage,admin",
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Good for so long; default: for ever.")
    ] = None,
) -> None:
    """Make a token and print it, this once."""
    from ..access.roles import KEY_SCOPES, Role
    from ..admin import keys

    if scope not in ("user", "farm"):
        raise typer.BadParameter("user or farm", param_hint="--scope")
    if not re.search(r"\S", name):
        raise typer.BadParameter("must say whose it is", param_hint="--name")
    if role is not None and role not in list(Role):
        raise typer.BadParameter(", ".join(Role), param_hint="--role")
    wanted = {part.strip() for part in scopes.split(",")}
    if not wanted <= set(KEY_SCOPES):
        raise typer.BadParameter("of " + ", ".join(sorted(KEY_SCOPES)), param_hint="--scopes")
    lasting = timedelta(days=days) if days else None
    with work() as at:
        if scope == "farm":
            secret = keys.create_farm_token(at.session, at.actor, name.strip())
        else:
            secret = keys.create_user_key(
                at.session, at.actor, name.strip(),
                user=user, role=Role(role) if role else None, scopes=wanted, lasting=lasting,
            )  # fmt: skip
    typer.echo(secret)


@token_app.command("list")
def list_tokens(
    *,
    user: Annotated[str | None, typer.Option(help="Of one person or service only.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that were revoked or have expired.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Who holds which tokens, and when they were last used. Never the secrets."""
    from ..admin import keys

    with current(read_settings()) as database, database.reading() as session:
        rows: list[dict[str, Any]] = keys.listed(session, user, everything=everything)
    table(
        (
            "id",
            "prefix",
            "scope",
            "name",
            "holder",
            "scopes",
            "expires_at",
            "last_used_at",
            "state",
        ),
        rows,
        as_json=as_json,
    )


@token_app.command("revoke")
def revoke_token(
    ident: Annotated[str, typer.Argument(metavar="ID", help="As `roto admin token list` shows.")],
) -> None:
    """Make a token worthless, at once and for good."""
    from ..admin import keys

    with work() as at:
        row = keys.revoke(at.session, at.actor, ident)
        name, prefix = row.name, row.prefix
    typer.echo(f"The token {prefix}... ({name}) is revoked.")
