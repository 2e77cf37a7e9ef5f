"""`roto shots`: a folder's plates as shots, versions of a shot's plate, and running it again."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from roto_shapes.errors import RotoError

from ..api import RotoClient, Shot, Uploader
from ..api import shots as calls
from ..api.answers import items
from ..api.config import read_config
from ..api.path_map import PathMap
from ..api.plates import find_plate
from ..api.request import MAIN_VIEW
from ..contract.places import WINDOWS, is_windows, this_system
from . import members, outputs, shot_changes
from .connect import Server, connect, follow, progress_console
from .finding import ProjectName, ShotName, find_project, find_shot
from .options import Frames, InReview, View, frame_span, shot_line
from .progress import StageBars
from .shot_facts import show

_AT_ONCE = 500

Colorspace = Annotated[
    str | None, typer.Option(help="OCIO name of the plates' colour space; default the project's.")
]


def register(app: typer.Typer) -> None:
    """Add `roto shots`."""
    group = typer.Typer(
        no_args_is_help=True, help="Shots: their plates, who works on them, running them again."
    )
    group.command("list")(listed)
    group.command("show")(show)
    members.add_to_shots(group)
    group.command("scan")(scan)
    group.command("plates")(plates)
    group.command("new-plate")(new_plate)
    group.command("rerun")(rerun)
    shot_changes.add_to(group)
    outputs.add_to(group)
    app.add_typer(group, name="shots")


def listed(project: ProjectName, server: Server = None, review: InReview = None) -> None:
    """List a project's shots, newest first."""
    client = connect(server)
    path = f"/projects/{find_project(client, project).id}/shots"
    for shot in items(Shot, client.transport, path, {"review": review}):
        typer.echo(shot_line(shot, shot.name))


def scan(
    project: ProjectName,
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="As this machine names it.")],
    *,
    server: Server = None,
    depth: Annotated[int, typer.Option(min=0, max=10, help="Levels of folders below it.")] = 3,
    make: Annotated[
        bool, typer.Option("--make", help="Make a shot of every whole plate that has none.")
    ] = False,
    colorspace: Colorspace = None,
) -> None:
    """Look for plates in a folder of the studio, and make shots of them."""
    client = connect(server)
    found_project = find_project(client, project)
    found = calls.scan(client.transport, found_project.id, server_path(folder), depth)
    for one in found.found:
        typer.echo(_found_line(one))
    for path, reason in found.skipped:
        typer.echo(f"left out ({reason}): {path}", err=True)
    if found.ended_by:
        typer.echo(f"There is more: the scan was ended by the limit of {found.ended_by}.", err=True)
    if make:
        _make(client, found_project.id, found, colorspace)


def plates(shot: ShotName, server: Server = None) -> None:
    """Show the versions of a shot's plate, and what differs from one to the next."""
    client = connect(server)
    for plate in calls.plates(client.transport, find_shot(client, shot).id):
        _tell_plate(plate)


def new_plate(
    shot: ShotName,
    plate: Annotated[str, typer.Argument(metavar="PLATE", help="As of `roto submit`.")],
    *,
    server: Server = None,
    view: View = MAIN_VIEW,
    frames: Frames = None,
    offset: Annotated[
        int, typer.Option(help="Frame N of the version before is frame N + this of the new one.")
    ] = 0,
    first_frame: Annotated[
        int | None, typer.Option(help="Movies: plate frame number of the first picture.")
    ] = None,
    colorspace: Colorspace = None,
    upload: Annotated[
        bool, typer.Option("--upload", help="Send it; default: the server reads it in place.")
    ] = False,
) -> None:
    """Give a shot a new version of its plate, or another view.

    Prompts and shapes stay. `roto shots rerun` runs the newest job again on it.
    """
    client = connect(server)
    found = find_shot(client, shot)
    span = frame_span(frames)
    source = _source(client, found.project_id, plate, span, upload)
    if first_frame is not None:
        source["first_frame"] = first_frame
    made = calls.add_plate(
        client.transport,
        found.id,
        source,
        view=view,
        frame_range=span,
        colorspace=colorspace,
        frame_offset=offset or None,
    )
    _tell_plate(made)


def rerun(
    shot: ShotName,
    *,
    server: Server = None,
    job: Annotated[str | None, typer.Option(help="The job to run again; default newest.")] = None,
    view: Annotated[str | None, typer.Option(help="The view; default the job's.")] = None,
    offset: Annotated[
        int | None, typer.Option(help="Added to every frame; default as the plates say.")
    ] = None,
    fit: Annotated[
        bool | None,
        typer.Option(
            "--fit/--no-fit",
            help="Where the plate's size is another: scale the prompts as it was, or leave them.",
        ),
    ] = None,
    priority: Annotated[str | None, typer.Option(help="high, normal or low.")] = None,
    wait: Annotated[bool, typer.Option(help="Stay until the job has ended.")] = True,
) -> None:
    """Run a shot's newest job again on the newest version of its plate."""
    client = connect(server)
    found = find_shot(client, shot)
    made = calls.rerun(
        client.transport,
        found.id,
        job_id=job,
        view=view,
        frame_offset=offset,
        scale=None if fit is None else "fit" if fit else "keep",
        priority=priority,
    )
    if wait:
        with StageBars(progress_console()) as bars:
            follow(client, made, bars)
    typer.echo(made.id)


def server_path(path: str) -> str:
    """A path of this machine as the server names it; one of Windows stays: the server may know."""
    rules = PathMap.from_settings(read_config().get("path_map", ""))
    foreign = is_windows(path) and this_system() != WINDOWS
    return rules.to_server(path if foreign else os.path.abspath(path))


def _source(
    client: RotoClient,
    project_id: str,
    plate: str,
    frames: tuple[int, int] | None,
    upload: bool,
) -> dict[str, Any]:
    """What the server is told of where the plate is; it is sent there first if it must be."""
    local = find_plate(plate)
    if not upload:
        return {"path": server_path(local.path)}
    with StageBars(progress_console()) as bars:
        uploader = Uploader(client.transport, watcher=bars.report)
        sent = uploader.send(project_id, uploader.look_at(local.files(frames)))
    return {"upload_id": sent.id}


def _make(
    client: RotoClient, project_id: str, found: calls.Scanned, colorspace: str | None
) -> None:
    whole = [one for one in found.found if not one.missing]
    wanted = [
        {
            "name": one.name,
            "plate": {"path": one.path},
            "views": {eye.view: {"path": eye.path} for eye in whole if eye.beside == one.path},
            "colorspace": colorspace,
        }
        for one in whole
        if one.shot_id is None and one.beside is None
    ]
    failed = 0
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        for made in calls.make_shots(client.transport, project_id, part, all_or_none=False):
            failed += made.shot is None
            told = made.shot.id if made.shot else made.error
            typer.echo(f"{made.name}: {told}", err=made.shot is None)
    if failed:
        raise RotoError(f"{failed} of {len(wanted)} shots were not made.", code="conflict")


def _found_line(one: calls.Found) -> str:
    frames = f"{one.frames[0]}-{one.frames[1]}" if one.frames else one.kind
    lacks = f"  lacks {one.missing} frames" if one.missing else ""
    known = "  has a shot" if one.shot_id else ""
    view = f"  view {one.view}" if one.beside else ""
    return f"{one.name:<24}  {frames:<14}  {one.path}{view}{lacks}{known}"


def _tell_plate(plate: calls.PlateVersion) -> None:
    frames = "{}-{}".format(*plate.frames) if plate.frames else ""
    size = "{}x{}".format(*plate.size) if plate.size else ""
    mark = "*" if plate.current else " "
    line = f"{mark} {plate.view} v{plate.version:03d}  {plate.state:<8}  {size:<10}  {frames:<12}"
    typer.echo(f"{line}  {plate.path}")
    for warning in plate.warnings:
        typer.echo(f"    {warning}")
    if plate.error:
        typer.echo(f"    {plate.error}")
