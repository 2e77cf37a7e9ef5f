"""`roto admin audit`: who did what, and whether the log is whole."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .opening import current, operator, read_settings
from .telling import AsJson, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ..admin.audit_log import Filter

audit_app = typer.Typer(help="Who did what, when, from where.", no_args_is_help=True)

_AT_ONCE = 1000
Actor = Annotated[
    str | None, typer.Option(help="Who acted: mail address, id, or a service's name.")
]
Action = Annotated[str | None, typer.Option(help="Its beginning: user. or user.disabled")]
Target = Annotated[str | None, typer.Option(help="Id of what it was done to.")]
Project = Annotated[str | None, typer.Option(help="Id of a project.")]
Since = Annotated[datetime | None, typer.Option(help="Not before, this machine's time.")]
Until = Annotated[datetime | None, typer.Option(help="Before, this machine's time.")]


@audit_app.command("list")
def list_audit(
    *,
    actor: Actor = None,
    action: Action = None,
    target: Target = None,
    project: Project = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Entries at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """The newest entries, newest first."""
    from ..admin import audit_log

    with current(read_settings()) as database, database.reading() as session:
        wanted = _filter(session, actor, action, target, project, since, until)
        entries = audit_log.newest(session, wanted, limit)
        names = audit_log.names_of(session, entries)
    rows = [audit_log.as_row(entry, names) for entry in entries]
    for row in rows:
        row["who"] = row["actor_name"] or row["via"] or row["actor_id"] or row["actor_kind"]
        row["target"] = f"{row['target_kind']} {row['target_id']}"
    columns = ("seq", "at", "who", "action", "target", "address", "before", "after")
    table(columns, rows, as_json=as_json)


@audit_app.command("export")
def export_audit(
    output: Annotated[
        Path | None, typer.Argument(help="A new file; default: standard out.")
    ] = None,
    *,
    actor: Actor = None,
    action: Action = None,
    target: Target = None,
    project: Project = None,
    since: Since = None,
    until: Until = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV instead of JSON lines.")] = False,
) -> None:
    """All entries as JSON lines or CSV, oldest first."""
    from ..admin import audit_log
    from ..audit import record

    with current(read_settings()) as database:
        with database.session() as session:
            wanted = _filter(session, actor, action, target, project, since, until)
            record(session, operator(), "audit.exported", "server", "audit", project_id=project)
        pieces = audit_log.exported(database, wanted, "csv" if as_csv else "jsonl")
        if output is None:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            return
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
    typer.echo(f"{output}: written.")


@audit_app.command("verify")
def verify(
    *,
    known: Annotated[
        str | None,
        typer.Option(metavar="SEQ:HASH", help="What an earlier run ended with, kept elsewhere."),
    ] = None,
) -> None:
    """Compare every entry with its hash; exit code 1 when the log was tampered with."""
    from sqlalchemy import select

    from ..audit import START, check_part
    from ..db.people import AuditEntry

    number, digest = _known(known)
    broken: list[int] = []
    entries, part = 0, START
    with current(read_settings()) as database:
        while part.more:
            with database.reading() as session:
                part = check_part(session, part, _AT_ONCE)
            broken += part.broken
            entries += part.entries
        if number:
            with database.reading() as session:
                kept = session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == number))
            if kept != digest:
                typer.echo(f"Entry {number} is not what it was: the log was cut or rewritten.")
                raise typer.Exit(1)
    for seq in broken:
        typer.echo(f"Entry {seq} was changed, or one before it was taken out.")
    if broken:
        raise typer.Exit(1)
    typer.echo(f"{entries} entries are whole. The last one: {part.seq}:{part.hash}")


def _filter(
    session: Session,
    actor: str | None,
    action: str | None,
    target: str | None,
    project: str | None,
    since: datetime | None,
    until: datetime | None,
) -> Filter:
    from ..admin.audit_log import Filter
    from ..admin.people import find

    return Filter(
        actor=find(session, actor).id if actor else None,
        action=action,
        target=target,
        project=project,
        since=since.astimezone() if since else None,
        until=until.astimezone() if until else None,
    )


def _known(text: str | None) -> tuple[int, str]:
    if text is None:
        return 0, ""
    seq, _, digest = text.partition(":")
    if not seq.isdecimal() or len(digest) != 64:
        raise typer.BadParameter("is not SEQ:HASH", param_hint="--known")
    return int(seq), digest
