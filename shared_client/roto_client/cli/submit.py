"""`roto submit`: a plate, clicks on it, and the results in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..api import Job, JobError, RotoClient, SubmitRequest, Submitter
from ..api import outputs as calls
from ..api.request import MAIN_VIEW
from .connect import Server, attention, connect, fetch, follow, progress_console, summary
from .options import Frames, View, frame_span
from .outputs import Publish, Quality, Videos
from .progress import StageBars
from .prompts import Absences, Boxes, Masks, Negatives, Points, PromptOptions, parse_prompts


def submit(
    plate: Annotated[
        str,
        typer.Argument(
            metavar="PLATE",
            help="A sequence (plate.%04d.exr, plate.####.exr, 'plate.*.exr', one of its files, or "
            "a folder holding just it) or a movie. Left out: what --shot, which is there, has.",
            show_default=False,
        ),
    ] = "",
    *,
    objects: Annotated[
        list[str] | None,
        typer.Option("--object", help="Name of an object; repeat for several."),
    ] = None,
    point: Points = None,
    negative: Negatives = None,
    box: Boxes = None,
    mask: Masks = None,
    absent: Absences = None,
    frames: Frames = None,
    object_range: Annotated[
        list[str] | None,
        typer.Option(
            "--object-range",
            metavar="[OBJ@]FIRST-LAST",
            help="In and out frame of an object; outside it its matte is empty.",
        ),
    ] = None,
    outputs: Annotated[
        str,
        typer.Option(help="Comma list of mattes, cryptomatte, shapes, overlay, contact_sheet."),
    ] = "mattes,shapes",
    export: Annotated[
        str, typer.Option(help="Shape formats, a comma list of nuke, silhouette, json.")
    ] = "nuke,silhouette,json",
    mattes: Annotated[str, typer.Option(help="exr (half float), png8 or png16.")] = "exr",
    template: Annotated[
        str | None,
        typer.Option(
            "--out-template",
            help="Matte names, e.g. {object}_matte_v{version:03d}.{frame:04d}.{ext}",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to fetch the results into.")] = None,
    project: Annotated[str, typer.Option(help="Made if it does not exist.")] = "default",
    shot: Annotated[str | None, typer.Option(help="Name of the shot; default the plate's.")] = None,
    view: View = MAIN_VIEW,
    server: Server = None,
    engine: Annotated[str, typer.Option(help="auto, sam2 or flow.")] = "auto",
    model: Annotated[str, typer.Option(help="auto, or a name of `roto models`.")] = "auto",
    priority: Annotated[str, typer.Option(help="high, normal or low.")] = "normal",
    colorspace: Annotated[
        str | None, typer.Option(help="OCIO name of the plate's colour space; default by rules.")
    ] = None,
    first_frame: Annotated[
        int | None, typer.Option(help="Movies: plate frame number of the first picture (1).")
    ] = None,
    tolerance: Annotated[
        float | None, typer.Option(help="Allowed outline error of the shapes, in plate pixels.")
    ] = None,
    detail: Annotated[
        bool, typer.Option("--detail", help="A second look at every object at full resolution.")
    ] = False,
    refine: Annotated[bool, typer.Option(help="Lay the mattes' edges by the picture.")] = True,
    video: Videos = None,
    quality: Quality = None,
    publish: Publish = False,
    by_path: Annotated[
        bool | None,
        typer.Option(
            "--by-path/--upload",
            help="Let the server read the plate in place, or send it. Default: in place if the "
            "server may read that folder.",
            show_default=False,
        ),
    ] = None,
    wait: Annotated[bool, typer.Option(help="Stay until the job has ended.")] = True,
) -> None:
    """Track objects through a plate and get mattes and editable shapes.

    With several objects, say which one a prompt is for: --object hero --object car
    --point hero@1001:640,360 --box car@1001:20,300,400,500.
    """
    wanted = comma_list(outputs)
    request = SubmitRequest(
        plate=plate,
        objects=parse_prompts(
            PromptOptions(
                objects or (),
                point or (),
                negative or (),
                box or (),
                mask or (),
                absent or (),
                object_range or (),
            )
        ),
        project=project,
        shot=shot,
        view=view,
        frame_range=frame_span(frames),
        first_frame=first_frame,
        colorspace=colorspace,
        outputs=wanted,
        exports=comma_list(export) if "shapes" in wanted else (),
        mattes=mattes,
        engine=engine,
        model=model,
        tolerance=tolerance,
        detail=detail or None,
        refine=None if refine else False,
        template=template,
        quality=quality,
        videos=tuple(calls.video(told) for told in video or ()),
        publish=publish,
        priority=priority,
        transfer={None: "auto", True: "path", False: "upload"}[by_path],
    )
    client = connect(server)
    with StageBars(progress_console()) as bars:
        submitted = Submitter(client, watcher=bars.report, say=bars.say).submit(request)
        job = submitted.job
        bars.say(f"Job {job.id} on {client.server}: shot {submitted.shot.name}.")
        if not wait:
            typer.echo(job.id)
            return
        try:
            job = follow(client, job, bars)
        except JobError:
            _tell_kept(client, job, out, bars)
            raise
        fetched = fetch(client, job, out, bars) if out else []
    if out:
        typer.echo("\n".join(summary(job, fetched, out)))
    else:
        typer.echo(f"Done. `roto download {job.id} --out DIR` fetches the results.")
    for line in attention(client, job):
        typer.echo(line)


def _tell_kept(client: RotoClient, job: Job, out: Path | None, bars: StageBars) -> None:
    """What stages before the one that failed made is there, and a retry does not make it again."""
    there = len(client.outputs(job.id))
    if there:
        bars.say(
            f"{there} files were made before: `roto download {job.id} --out {out or 'DIR'}` fetches"
            f" them. When what failed is mended, `roto retry {job.id}` goes on from there."
        )


def comma_list(text: str) -> tuple[str, ...]:
    """The parts of an option such as ``mattes,shapes``."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
