"""`roto review`, `roto versions` and `roto notes`: what people say of a shot and its results."""

from __future__ import annotations

from typing import Annotated

import typer

from ..api import RotoClient, reviewing
from .connect import Server, connect
from .finding import ShotName, find_object, find_shot
from .options import AsJson, moment, numbers, print_json

notes_app = typer.Typer(help="Notes on a shot and answers to them.", no_args_is_help=True)

JobOption = Annotated[str | None, typer.Option("--job", help="A version: the id of its job.")]
NoteId = Annotated[str, typer.Argument(metavar="NOTE", help="A note's id, as `notes list` has it.")]
Words = Annotated[str, typer.Argument(help="What you have to say.")]


def register(app: typer.Typer) -> None:
    """Add these commands to `roto`."""
    app.command("review")(review)
    app.command("versions")(versions)
    app.add_typer(notes_app, name="notes")


def review(
    shot: ShotName,
    state: Annotated[
        str | None, typer.Argument(help=f"The state to move it to: {', '.join(reviewing.STATES)}.")
    ] = None,
    *,
    reason: Annotated[str, typer.Option(help="Why; a retake needs one.")] = "",
    job: JobOption = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Show how a shot came to its review state, or move it to another."""
    client = connect(server)
    found = find_shot(client, shot)
    if state is None:
        past = list(reviewing.moves(client.transport, found.id))
        if as_json:
            print_json([one.raw for one in past])
            return
        typer.echo(f"{found.name}: {_state_of(client, found.id)}")
        for one in past:
            typer.echo(f"  {_move_line(one)}")
        return
    before = _state_of(client, found.id)
    moved = reviewing.move(client.transport, found.id, before, state, reason=reason, job_id=job)
    if as_json:
        print_json(moved.raw)
    else:
        typer.echo(f"{found.name}: {moved.after}")


def versions(
    shot: ShotName,
    *,
    kind: Annotated[str | None, typer.Option(help="Only roto, or only export.")] = None,
    view: Annotated[str | None, typer.Option(help="Only of this view: main, left, right.")] = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """List the versions of a shot's results, newest first."""
    client = connect(server)
    found = find_shot(client, shot)
    listed = list(reviewing.versions(client.transport, found.id, kind=kind, view=view))
    if as_json:
        print_json([one.raw for one in listed])
        return
    for one in listed:
        typer.echo(_version_line(one))


@notes_app.command("list")
def list_notes(
    shot: ShotName,
    *,
    frame: Annotated[int | None, typer.Option(help="Only those pinned to this frame.")] = None,
    job: JobOption = None,
    unresolved: Annotated[bool, typer.Option("--open", help="Only what is not resolved.")] = False,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Show the notes on a shot, oldest thread first, answers below what they answer."""
    client = connect(server)
    found = find_shot(client, shot)
    resolved = "false" if unresolved else None
    listed = list(
        reviewing.notes(client.transport, found.id, frame=frame, job_id=job, resolved=resolved)
    )
    if as_json:
        print_json([one.raw for one in listed])
        return
    names = {one["id"]: str(one["name"]) for one in client.objects(found.id)}
    oldest_first = listed[::-1]
    for head in (one for one in oldest_first if one.reply_to is None):
        typer.echo(_note_text(head, names))
        for answer in (one for one in oldest_first if one.reply_to == head.id):
            typer.echo(_note_text(answer, names, indent="    "))


@notes_app.command("add")
def add_note(
    shot: ShotName,
    text: Words,
    *,
    frame: Annotated[int | None, typer.Option(help="Plate frame it is about.")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="X,Y", help="Place on the frame, in plate pixels.")
    ] = None,
    object_name: Annotated[str | None, typer.Option("--object", help="Name of an object.")] = None,
    job: JobOption = None,
    server: Server = None,
) -> None:
    """Say something about a shot."""
    client = connect(server)
    found = find_shot(client, shot)
    x, y = numbers("--at", at, "X,Y") if at else (None, None)
    thing = find_object(client, found, object_name)["id"] if object_name else None
    made = reviewing.add_note(
        client.transport, found.id, text, frame=frame, x=x, y=y, object_id=thing, job_id=job
    )
    typer.echo(made.id)


@notes_app.command("answer")
def answer(note: NoteId, text: Words, server: Server = None) -> None:
    """Answer a note."""
    transport = connect(server).transport
    head = reviewing.note(transport, note)
    typer.echo(reviewing.add_note(transport, head.shot_id, text, reply_to=head.id).id)


@notes_app.command("resolve")
def resolve(
    note: NoteId,
    *,
    undo: Annotated[bool, typer.Option("--undo", help="It is not dealt with after all.")] = False,
    server: Server = None,
) -> None:
    """Say that a note is dealt with."""
    changed = reviewing.change_note(connect(server).transport, note, resolved=not undo)
    typer.echo(f"{changed.id}: {'resolved' if changed.resolved else 'open'}")


@notes_app.command("delete")
def delete(note: NoteId, server: Server = None) -> None:
    """Take a note back."""
    reviewing.delete_note(connect(server).transport, note)


def _state_of(client: RotoClient, shot_id: str) -> str:
    return str(client.shot(shot_id).raw.get("review", "waiting"))


def _move_line(one: reviewing.Move) -> str:
    version = f" (job {one.job_id})" if one.job_id else ""
    reason = f": {one.reason}" if one.reason else ""
    line = f"{moment(one.created_at)}  {one.before} -> {one.after}  {one.created_by}{version}"
    return f"{line}{reason}"


def _version_line(one: reviewing.Version) -> str:
    plate = f"{one.view} plate v{one.plate_version:03d}" if one.plate_version else one.view
    source = one.raw.get("shapes_version") if one.kind == "export" else None
    of = f"of v{source:03d}" if source else ""
    told = [
        f"v{one.version:03d}",
        f"{one.kind:<6}",
        of,
        f"{one.state:<9}",
        moment(one.created_at),
    ]
    told += [plate, one.created_by, one.id, ",".join(one.objects)]
    if one.confidence is not None:
        told.append(f"confidence {one.confidence:.2f}, {one.needs_you} frames need you")
    if one.open_notes:
        told.append(f"{one.open_notes} open notes")
    if one.review:
        told.append(one.review.after)
    return "  ".join(part for part in told if part)


def _note_text(one: reviewing.Note, names: dict[str, str], indent: str = "") -> str:
    where = [f"frame {one.frame}"] if one.frame is not None else []
    where += ["at {:g},{:g}".format(*one.place)] if one.place else []
    where += [names.get(one.object_id, "an object")] if one.object_id else []
    where += [f"job {one.job_id}"] if one.job_id else []
    where += ["resolved"] if one.resolved else []
    head = f"{indent}{moment(one.created_at)}  {one.created_by}  {', '.join(where)}".rstrip()
    lines = [f"{indent}  {line}" for line in one.text.splitlines()]
    return "\n".join([f"{head}  [{one.id}]", *lines])
