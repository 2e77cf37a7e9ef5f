"""`roto admin user`: people, from the server's machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .opening import Work, current, operator, read_settings, work
from .telling import AsJson, facts, table

if TYPE_CHECKING:
    from ..access.roles import Role
    from ..db.people import User

user_app = typer.Typer(help="People and what they may do.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(help="Mail address or id; of a service also its name.")]
RoleText = Annotated[str, typer.Option(help="admin, supervisor, artist or viewer.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@user_app.command("create")
def create_user(
    *,
    email: Annotated[str, typer.Option(help="What they sign in with.")],
    name: Annotated[str, typer.Option(help="What others see.")],
    role: RoleText = "artist",
    password_stdin: FromStdin = False,
    mail: Annotated[
        bool, typer.Option("--mail", help="Send them the link instead of printing it.")
    ] = False,
) -> None:
    """Make an account; prints a link, good once, by which its holder chooses a password."""
    from ..access import accounts
    from ..access.passwords import check, hash_password

    wanted, called = _role(role), _name(name)
    if mail and password_stdin:
        raise typer.BadParameter("goes without --password-stdin", param_hint="--mail")
    with work() as at:
        if mail:
            user = accounts.invite(at.session, at.settings, email=email, name=called, role=wanted)
            told = f"{user.email} is sent a link to choose a password."
        elif password_stdin:
            password = _password()
            check(password, called, email)
            user = accounts.create_person(
                at.session, email=email, name=called, role=wanted,
                password_hash=hash_password(password),
            )  # fmt: skip
            told = f"{user.email} can sign in."
        else:
            user = accounts.create_person(
                at.session, email=email, name=called, role=wanted, state="unconfirmed"
            )
            told = accounts.set_password_link(at.session, at.settings, user)
        action = "user.invited" if mail else "user.created"
        _record(at, action, user, after={"role": user.role})
    typer.echo(told)


@user_app.command("list")
def list_users(
    *,
    query: Annotated[str | None, typer.Option(help="Part of a name or mail address.")] = None,
    role: Annotated[str | None, typer.Option(help="Only with this role.")] = None,
    state: Annotated[
        str | None, typer.Option(help="unconfirmed, active, disabled or deleted.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Everybody but those who were deleted, by name."""
    from ..admin import people
    from ..db.people import User

    found = people.searched(query, _role(role) if role else None, state)
    with current(read_settings()) as database, database.reading() as session:
        rows = [_row(user) for user in session.scalars(found.order_by(User.name, User.id))]
    table(("id", "name", "email", "role", "state", "last_seen_at"), rows, as_json=as_json)


@user_app.command("show")
def show_user(who: Who, *, as_json: AsJson = False) -> None:
    """One person, with the projects they are in."""
    from sqlalchemy import select

    from ..admin import people
    from ..db.models import Project
    from ..db.people import Membership

    with current(read_settings()) as database, database.reading() as session:
        user = people.find(session, who)
        projects = session.execute(
            select(Project.name, Membership.role)
            .join(Project, Project.id == Membership.project_id)
            .where(Membership.user_id == user.id)
            .order_by(Project.name)
        )
        row = {**_row(user), "projects": dict(projects.all())}
    facts(row, as_json=as_json)


@user_app.command("role")
def set_role(who: Who, role: Annotated[str, typer.Argument(help="The new role.")]) -> None:
    """Change what somebody may do on the server as a whole."""
    from ..admin.people import Change

    _apply(who, Change(role=_role(role)))


@user_app.command("rename")
def rename(who: Who, name: Annotated[str, typer.Argument(help="What others see.")]) -> None:
    """Change what somebody is called."""
    from ..admin.people import Change

    _apply(who, Change(name=_name(name)))


@user_app.command("disable")
def disable(who: Who) -> None:
    """Let somebody in no more; ends their sign-ins and keys for good."""
    from ..admin.people import Change

    _apply(who, Change(active=False))


@user_app.command("enable")
def enable(who: Who) -> None:
    """Let somebody in again."""
    from ..admin.people import Change

    _apply(who, Change(active=True))


@user_app.command("delete")
def delete(
    who: Who,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget a person: name, address, password, sign-ins, keys. Cannot be undone.

    What they made, and the audit log, stays under an id that tells nothing.
    """
    from ..admin import people

    if not yes:
        typer.confirm(f"Forget {who} for good?", abort=True)
    with work() as at:
        user = people.find(at.session, who)
        people.anonymise(at.session, at.actor, user)
        ident = user.id
    typer.echo(f"{ident} is deleted.")


@user_app.command("export")
def export(
    who: Who,
    *,
    output: Annotated[
        Path | None, typer.Option(help="A new file, for its owner's eyes; default: standard out.")
    ] = None,
) -> None:
    """Everything that is kept about a person, as one JSON document."""
    from ..admin import people
    from ..admin.export import exported
    from ..audit import record

    with current(read_settings()) as database:
        with database.session() as session:
            ident = people.find(session, who).id
            record(session, operator(), "user.exported", "user", ident)
        pieces = exported(database, ident)
        if output is None:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            return
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
    typer.echo(f"{output}: everything kept about {ident}.")


@user_app.command("reset-password")
def reset_password(who: Who, *, password_stdin: FromStdin = False) -> None:
    """Print a link, good once, by which somebody chooses a new password; or set one at once, which
    ends their sign-ins."""
    from ..access import accounts
    from ..access.passwords import check, hash_password
    from ..access.sessions import end_all
    from ..admin import people
    from ..errors import ConflictError

    with work() as at:
        user = people.find(at.session, who)
        if user.state not in ("active", "unconfirmed") or user.kind != "person":
            raise ConflictError(f"{user.name} is {user.state}: no password lets them in.")
        if password_stdin:
            password = _password()
            check(password, user.name, user.email or "")
            user.password_hash = hash_password(password)
            ended = end_all(at.session, user.id, "password set by an operator", keys="programs")
            _record(at, "user.password_set", user, after={"ended": ended})
            told = f"{user.email} has a new password."
        else:
            told = accounts.set_password_link(at.session, at.settings, user)
            _record(at, "user.password_link", user)
    typer.echo(told)


def _apply(who: str, change: Any) -> None:
    from ..admin import people

    with work() as at:
        user = people.find(at.session, who)
        people.apply(at.session, at.actor, user, change)
        row = _row(user)
    typer.echo(f"{row['name']} ({row['email'] or row['id']}): {row['role']}, {row['state']}.")


def _record(at: Work, action: str, user: User, after: dict[str, Any] | None = None) -> None:
    from ..audit import record

    record(at.session, at.actor, action, "user", user.id, after=after)


def _row(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "kind": user.kind,
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "state": user.state,
        "last_seen_at": user.last_seen_at,
        "created_at": user.created_at,
    }


def _role(text: str) -> Role:
    from ..access.roles import Role

    if text not in list(Role):
        raise typer.BadParameter(", ".join(Role), param_hint="role")
    return Role(text)


def _name(text: str) -> str:
    name = text.strip()
    if not 0 < len(name) <= 100 or not name.isprintable():
        raise typer.BadParameter("1 to 100 characters on one line", param_hint="name")
    return name


def _password() -> str:
    """The first line of standard input."""
    return sys.stdin.readline().rstrip("\r\n")
