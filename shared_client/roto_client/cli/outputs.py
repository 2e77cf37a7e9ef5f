"""`roto shots export`, `roto shots published` and `roto publish`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..api import outputs as calls
from ..api.errors import InputError
from ..api.request import MAIN_VIEW
from .connect import JobId, Server, connect, fetch, follow, progress_console, summary
from .finding import ShotName, find_shot
from .options import View
from .progress import StageBars

Videos = Annotated[
    list[str] | None,
    typer.Option(
        "--video",
        metavar="KIND[:CODEC][:NAME=VALUE]",
        help="A movie: greenscreen, cutout or overlay, in h264 or prores4444 (with alpha: the "
        "default of a cutout); color=R,G,B behind the objects (0 to 1), objects=NAME,NAME that it "
        "is of, side=PIXELS of its longest side. Repeat for several.",
    ),
]
Quality = Annotated[
    str | None, typer.Option(help="draft, standard or final; default the project's.")
]
Publish = Annotated[
    bool, typer.Option("--publish", help="Copy the files to where the project publishes.")
]
Wait = Annotated[bool, typer.Option(help="Stay until the job has ended.")]


def add_to(group: typer.Typer) -> None:
    """Add the commands to `roto shots`."""
    group.command("export")(export)
    group.command("published")(published)


def export(
    shot: ShotName,
    *,
    server: Server = None,
    version: Annotated[
        int | None, typer.Option(min=1, help="Of the results; default the view's newest.")
    ] = None,
    view: View = MAIN_VIEW,
    format: Annotated[
        list[str] | None, typer.Option(help="A shape format: nuke, silhouette, ... Repeat.")
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(help="mattes, cryptomatte, overlay or contact_sheet. Repeat for several."),
    ] = None,
    mattes: Annotated[str | None, typer.Option(help="exr (half float), png8 or png16.")] = None,
    video: Videos = None,
    quality: Quality = None,
    publish: Publish = False,
    out: Annotated[Path | None, typer.Option(help="Folder to fetch the results into.")] = None,
    wait: Wait = True,
) -> None:
    """Write a version of a shot's results once more: shapes, mattes, movies, pictures."""
    if version is not None and view != MAIN_VIEW:
        raise InputError(
            "Versions are counted through all views.", hint="Give --version or --view, not both."
        )
    client = connect(server)
    job = calls.export_shot(
        client.transport,
        find_shot(client, shot).id,
        formats=format or (),
        outputs=output or (),
        videos=[calls.video(told) for told in video or ()],
        mattes=mattes,
        version=version,
        view=view,
        quality=quality,
        publish=publish,
    )
    if not wait:
        typer.echo(job.id)
        return
    with StageBars(progress_console()) as bars:
        job = follow(client, job, bars)
        fetched = fetch(client, job, out, bars) if out else []
    typer.echo("\n".join(summary(job, fetched, out)) if out else job.id)


def published(shot: ShotName, server: Server = None) -> None:
    """List a shot's files in the studio's folders, newest first."""
    client = connect(server)
    for one in calls.publications(client.transport, find_shot(client, shot).id):
        typer.echo(one.path)


def publish(job_id: JobId, server: Server = None, wait: Wait = True) -> None:
    """Copy what a finished job has written to where its project publishes; nothing there is ever
    overwritten."""
    client = connect(server)
    job = calls.publish_job(client.transport, job_id)
    if not wait:
        typer.echo(job.id)
        return
    with StageBars(progress_console()) as bars:
        follow(client, job, bars)
    for one in calls.publications(client.transport, job.shot_id):
        if one.job_id == job_id:
            typer.echo(one.path)
