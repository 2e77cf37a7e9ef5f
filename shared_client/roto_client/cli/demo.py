"""`roto demo`: the main job from nothing to results, everything through the public API.

The parts it needs (clip, server, worker, comparison) run as processes of their own.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from roto_shapes.frames import SequencePattern
from roto_shapes.prompts import Click, FramePrompt

from ..api import Job, JobError, ObjectPrompts, Output, RotoClient, Shot, SubmitRequest, Submitter
from ..api.download import safe_relative
from ..api.errors import InputError
from ..api.plates import find_plate
from .connect import fetch, follow, progress_console, summary
from .local_server import LocalServer, roto_command
from .progress import StageBars
from .prompts import Boxes, Negatives, Points, PromptOptions, parse_prompts

OUTPUTS = ("mattes", "shapes", "overlay", "contact_sheet")
GENERATED_FRAMES = 60
RESULTS = "results.json"


@dataclass(frozen=True)
class DemoClip:
    """A plate to show with. ``truth``: sequence pattern of its true mattes, if they are known."""

    plate: str
    folder: Path
    frame_range: tuple[int, int] | None = None
    objects: tuple[ObjectPrompts, ...] = ()
    shot: str | None = None
    truth: str | None = None


def demo(
    *,
    clip: Annotated[
        str | None,
        typer.Option(help="Your own plate: a sequence or a movie. Default: a generated clip."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for everything made.")] = Path("demo-output"),
    frames: Annotated[
        int | None,
        typer.Option(min=1, help="Frames to use from the first on; default 60, or all of --clip."),
    ] = None,
    size: Annotated[str, typer.Option(help="Size of the generated clip.")] = "960x540",
    point: Points = None,
    negative: Negatives = None,
    box: Boxes = None,
    engine: Annotated[str, typer.Option(help="auto, sam2 or flow.")] = "auto",
    mattes: Annotated[str, typer.Option(help="exr (half float), png8 or png16.")] = "exr",
) -> None:
    """Run the main job once, here: clip, server, worker, clicks, mattes and shapes."""
    console = progress_console()
    out = out.absolute()
    prompts = PromptOptions((), point or (), negative or (), box or ())
    if clip is None:
        chosen = _generated(out, frames or GENERATED_FRAMES, size, console)
    else:
        chosen = _own(clip, frames)
    if not prompts.say_nothing:
        chosen = replace(chosen, objects=parse_prompts(prompts))
    request = SubmitRequest(
        plate=chosen.plate,
        objects=chosen.objects,
        project="demo",
        shot=chosen.shot,
        frame_range=chosen.frame_range,
        outputs=OUTPUTS,
        mattes=mattes,
        engine=engine,
        transfer="path",
    )
    log = out / "logs" / "serve.log"
    console.print("Starting a server and a worker ...", highlight=False)
    server = LocalServer(out / "server", [chosen.folder.resolve()], log)
    with server as client, StageBars(console) as bars:
        try:
            job = _run(client, request, frames, bars)
        except JobError as error:
            raise _with_log(error, client, out) from None
        _clear_last_results(out)
        outputs = fetch(client, job, out, bars)
        _note_results(out, job, outputs)
    typer.echo("Results:")
    typer.echo("\n".join(summary(job, outputs, out)))
    if chosen.truth:
        typer.echo(_compared(chosen.truth, outputs, out))
    data = out / "server"
    typer.echo(f"It went through {client.server}/api/v1; logs are in {data / 'logs'}.")
    typer.echo(
        f"That server is stopped. To look further: roto serve --embedded --data-dir '{data}'\n"
        f"and, while it runs: ROTO_DATA_DIR='{data}' roto job {job.id}"
    )


def _run(client: RotoClient, request: SubmitRequest, frames: int | None, bars: StageBars) -> Job:
    """Submit and wait; the job as it succeeded. JobError if it, or reading the plate, failed."""
    submitter = Submitter(client, watcher=bars.report, say=bars.say)
    if not request.objects:
        request = _with_centre(request, _shot(submitter, request), frames, bars)
    job = submitter.submit(request).job
    bars.say(f"Job {job.id} on {client.server}")
    return follow(client, job, bars)


def _with_log(error: JobError, client: RotoClient, out: Path) -> JobError:
    """``error``, with the job's log kept: the server that has it stops with the demo."""
    path = out / "logs" / f"job-{error.job_id}.log"
    path.write_text(client.log(error.job_id), encoding="utf-8")
    return JobError(
        error.message,
        job_id=error.job_id,
        hint=f"{error.hint} It is in {path}.",
        code=error.code,
        detail=error.detail,
    )


def _generated(out: Path, frames: int, size: str, console: Console) -> DemoClip:
    # The folder's name says what is in it: another size is another plate, never the same path.
    folder = out / f"clip-{size}-{frames}"
    if (folder / "clip.json").exists():
        console.print(f"Using the clip in {folder}", highlight=False)
    else:
        console.print(f"Making a clip of {frames} frames in {folder} ...", highlight=False)
        subprocess.run(
            roto_command("clip", "generate", str(folder), "--frames", str(frames), "--size", size),
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return replace(_described(folder, None), shot=folder.name)


def _own(clip: str, frames: int | None) -> DemoClip:
    folder = Path(clip)
    if (folder / "clip.json").exists():
        return _described(folder.absolute(), frames)
    plate = find_plate(clip)
    if not plate.is_here:
        raise InputError(f"{clip} is not there.", code="bad_plate")
    there = plate.range(None)
    if there and frames:
        there = (there[0], min(there[1], there[0] + frames - 1))
    return DemoClip(plate.path, Path(plate.path).parent, there)


def _described(folder: Path, frames: int | None) -> DemoClip:
    """A generated clip, which says itself what is in it."""
    told = json.loads((folder / "clip.json").read_text(encoding="utf-8"))
    first, last = told["frame_range"]
    prompts = tuple(FramePrompt.from_json(prompt) for prompt in told["prompts"])
    return DemoClip(
        plate=str(folder / told["plate"]),
        folder=folder,
        frame_range=(first, min(last, first + frames - 1) if frames else last),
        objects=(ObjectPrompts(told["object"], prompts),),
        truth=str(folder / told["truth"]),
    )


def _shot(submitter: Submitter, request: SubmitRequest) -> Shot:
    """The plate's shot, when its size must be known before there are prompts."""
    project = submitter.project(request.project)
    shot, _ = submitter.shot(project, request, find_plate(request.plate))
    return submitter.wait_ready(shot)


def _with_centre(
    request: SubmitRequest, shot: Shot, frames: int | None, bars: StageBars
) -> SubmitRequest:
    """``request`` with a click in the middle of the first frame and a box of half the frame."""
    if shot.frame_range is None or not shot.width or not shot.height:
        raise InputError(f"The size of {request.plate} is not known; give --point or --box.")
    first, last = shot.frame_range
    if frames:
        last = min(last, first + frames - 1)
    width, height = shot.width, shot.height
    box = (width * 0.25, height * 0.25, width * 0.75, height * 0.75)
    middle = Click(width * 0.5, height * 0.5, True)
    bars.say(
        f"No prompt given: frame {first} gets a click at {middle.x:g},{middle.y:g} and the box "
        f"{box[0]:g},{box[1]:g},{box[2]:g},{box[3]:g}. If the object is elsewhere: "
        f"--point {first}:X,Y --box {first}:X0,Y0,X1,Y1."
    )
    prompt = FramePrompt(first, (middle,), box)
    return replace(
        request, objects=(ObjectPrompts("object", (prompt,)),), frame_range=(first, last)
    )


def _clear_last_results(out: Path) -> None:
    """Remove what the last demo fetched (just those files), so that two runs never mix."""
    note = out / RESULTS
    if note.exists():
        for name in json.loads(note.read_text(encoding="utf-8"))["files"]:
            (out / safe_relative(name)).unlink(missing_ok=True)
        note.unlink()


def _note_results(out: Path, job: Job, outputs: list[Output]) -> None:
    told = {"job": job.raw, "files": [output.name for output in outputs]}
    (out / RESULTS).write_text(json.dumps(told, indent=1), encoding="utf-8")


def _compared(truth: str, outputs: list[Output], out: Path) -> str:
    """A line on how the results fit the truth; the worker's own tool measures it."""
    matte = next(output.name for output in outputs if output.role == "matte")
    shapes = next(output.name for output in outputs if output.name.endswith(".json"))
    done = subprocess.run(
        roto_command(
            *("clip", "compare", truth, SequencePattern.parse(out / matte).printf),
            *("--shapes", str(out / shapes), "--json"),
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        return f"The comparison with the clip's truth failed: {done.stderr.strip()[-400:]}"
    told: dict[str, Any] = json.loads(done.stdout)
    return (
        f"Against the clip's truth: mattes mean IoU {told['mattes']:.3f} over {told['frames']} "
        f"frames (worst {told['worst']:.3f}); shapes against mattes {told['shapes']:.3f}."
    )
