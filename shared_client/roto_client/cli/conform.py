"""`roto conform` and `roto scenes`: edit lists into shots, and long plates cut."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from roto_shapes.errors import RotoError

from ..api import RotoClient, conforming
from .connect import Server, connect, follow, progress_console
from .finding import ProjectName, ShotName, find_project, find_shot
from .options import AsJson, frame_span, print_json, rate_of
from .progress import StageBars
from .shots import server_path

ConformId = Annotated[str, typer.Argument(metavar="CONFORM", help="As `conform list` has it.")]
Folders = Annotated[
    list[str] | None,
    typer.Option("--folder", help="Where its media lie, as this machine names it; repeatable."),
]
Handles = Annotated[
    int | None,
    typer.Option(
        min=0,
        metavar="N",
        help="Frames wanted on either side of a cut; default what was said of the list, or else "
        "the project's.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands to `roto`."""
    group = typer.Typer(no_args_is_help=True, help="Edit lists (EDL, XML, AAF, OTIO) into shots.")
    group.command("new")(new)
    group.command("list")(listed)
    group.command("show")(show)
    group.command("match")(match)
    group.command("event")(event)
    group.command("apply")(apply)
    app.add_typer(group, name="conform")
    app.command("scenes")(scenes)


def new(
    project: ProjectName,
    edit: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The edit list.")],
    *,
    name: Annotated[
        str | None,
        typer.Option(help="Of the edit; default the file's. An older list of it is compared."),
    ] = None,
    folder: Folders = None,
    fps: Annotated[str | None, typer.Option(help="Of an EDL: 24, 24000/1001, 29.97.")] = None,
    handles: Handles = None,
    template: Annotated[str | None, typer.Option(help="Shots' names: {list}_{event:03d}0.")] = None,
    sequence: Annotated[str | None, typer.Option(help="The one to use of several.")] = None,
    movie: Annotated[
        str | None, typer.Option(help="A shot whose movie is the whole edit: cut by record times.")
    ] = None,
    make: Annotated[bool, typer.Option("--apply", help="Make shots of what matches.")] = False,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Read an edit list, tell what media it means, and make shots of it if you like."""
    client = connect(server)
    found = conforming.new(
        client.transport,
        find_project(client, project).id,
        name or edit.stem,
        edit.read_bytes(),
        edit.name,
        fps=rate_of(fps) if fps else None,
        folders=[server_path(one) for one in folder or []],
        handles=handles,
        template=template,
        sequence=sequence,
        movie_shot_id=find_shot(client, movie).id if movie else None,
    )
    if make:
        found = conforming.apply(client.transport, found.id)
    _tell(found, as_json=as_json)


def listed(project: ProjectName, server: Server = None) -> None:
    """List a project's edit lists, newest first."""
    client = connect(server)
    for one in conforming.listed(client.transport, find_project(client, project).id):
        states = ", ".join(f"{number} {state}" for state, number in sorted(one.states.items()))
        typer.echo(f"{one.id}  {one.name:<24}  {one.kind:<7}  {one.state:<7}  {states}")


def show(conform: ConformId, server: Server = None, as_json: AsJson = False) -> None:
    """Show an edit list's events and what they mean."""
    _tell(conforming.get(connect(server).transport, conform), as_json=as_json)


def match(
    conform: ConformId, *, folder: Folders = None, handles: Handles = None, server: Server = None
) -> None:
    """Look for the media again, in the same folders or in others."""
    folders = None if folder is None else [server_path(one) for one in folder]
    found = conforming.match(connect(server).transport, conform, folders=folders, handles=handles)
    _tell(found)


def event(
    conform: ConformId,
    index: Annotated[
        int, typer.Argument(min=0, help="The event's, the first column of `conform show`.")
    ],
    *,
    name: Annotated[str | None, typer.Option(help="Of its shot.")] = None,
    media: Annotated[str | None, typer.Option(help="Its plate, as this machine names it.")] = None,
    begins: Annotated[str | None, typer.Option(help="Timecode of the plate's first frame.")] = None,
    frames: Annotated[
        str | None, typer.Option("--range", help="The cut in plate frames, FIRST-LAST.")
    ] = None,
    skip: Annotated[bool | None, typer.Option("--skip/--no-skip", help="No shot of it.")] = None,
    server: Server = None,
) -> None:
    """Say what an event means."""
    found = conforming.change(
        connect(server).transport,
        conform,
        index,
        name=name,
        path=server_path(media) if media else None,
        media_start=begins,
        frames=frame_span(frames),
        skip=skip,
    )
    typer.echo(_line(found.events[index]))


def apply(
    conform: ConformId,
    index: Annotated[
        list[int] | None, typer.Argument(help="Events, by index; default all.")
    ] = None,
    server: Server = None,
) -> None:
    """Make shots of the events that match."""
    _tell(conforming.apply(connect(server).transport, conform, index or None))


def scenes(
    shot: ShotName,
    *,
    threshold: Annotated[
        float, typer.Option(min=0.01, max=1, help="How much changes at a cut; less finds more.")
    ] = 0.25,
    shortest: Annotated[int, typer.Option(min=1, help="Frames a scene has at least.")] = 6,
    again: Annotated[bool, typer.Option("--again", help="Have a worker look once more.")] = False,
    merge: Annotated[
        list[int] | None,
        typer.Option(
            metavar="FRAME", help="The scene that begins there goes on from the one before. Repeat."
        ),
    ] = None,
    split: Annotated[
        list[int] | None, typer.Option(metavar="FRAME", help="A scene begins there too. Repeat.")
    ] = None,
    cut: Annotated[
        str | None, typer.Option(metavar="TEMPLATE", help="Make shots, named so: sh{event:03d}0.")
    ] = None,
    handles: Annotated[
        int, typer.Option(min=0, metavar="N", help="Frames wanted on either side of a cut.")
    ] = 0,
    server: Server = None,
) -> None:
    """Find the cuts in a long plate, and make shots of what lies between."""
    client = connect(server)
    ident = find_shot(client, shot).id
    found = _looked(client, ident, threshold, shortest, again=again)
    found = found.edited(merge or (), split or ())
    for number, (first, last) in enumerate(found.ranges, 1):
        score = found.scores.get(first)
        typer.echo(f"{number:4d}  {first}-{last}" + (f"  {score:.2f}" if score else ""))
    if cut is None:
        return
    ranges = [
        (_named(cut, number), first, last) for number, (first, last) in enumerate(found.ranges, 1)
    ]
    for made in conforming.cut(client.transport, ident, ranges, handles):
        typer.echo(f"{made.id}  {made.name}")


def _named(template: str, number: int) -> str:
    """The name of a scene's shot; raises ``bad_request``."""
    try:
        return template.format(event=number)
    except (LookupError, ValueError, AttributeError) as error:
        raise RotoError(
            f"{template!r} names no shots.",
            hint="Its one field is the scene's number, from 1: sh{event:03d}0.",
            code="bad_request",
        ) from error


def _looked(
    client: RotoClient, shot: str, threshold: float, shortest: int, *, again: bool
) -> conforming.Scenes:
    """The scenes of the newest look; of a new one where there is none."""
    if not again:
        try:
            return conforming.scenes(client.transport, shot, threshold=threshold, shortest=shortest)
        except RotoError as error:
            if error.code != "conflict":
                raise
    with StageBars(progress_console()) as bars:
        follow(client, conforming.find_scenes(client.transport, shot), bars)
    return conforming.scenes(client.transport, shot, threshold=threshold, shortest=shortest)


def _tell(found: conforming.Conform, *, as_json: bool = False) -> None:
    if as_json:
        print_json(found.raw)
        return
    for one in found.events:
        typer.echo(_line(one))
    for name in found.gone:
        typer.echo(f"gone from the list: shot {name}")
    states = ", ".join(f"{number} {state}" for state, number in sorted(found.states.items()))
    typer.echo(f"{found.id}  {states}; {found.made} made")


def _line(one: conforming.Event) -> str:
    """An event, its media and what is to be said of it, one below the other.

    First its index, by which it is addressed: the list's own number, after it, may come twice.
    """
    frames = "{}-{}".format(*one.frames) if one.frames else ""
    state = "made" if one.made else one.state
    head = f"{one.index:4d}  {one.number:<5}  {one.name:<20}  {state:<9}  {one.change:<7}"
    head = f"{head}  {one.record[0]}  {frames}"
    more = [one.path, *one.remarks, one.error, *(f"or {path}" for path in one.candidates)]
    return "\n".join([head.rstrip(), *(f"      {told}" for told in more if told)])
