"""`roto correct`: clicks or an edited shape file put a job's result right where it is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Mapping

import typer

from roto_shapes.document import Document, loads
from roto_shapes.errors import DocumentError

from ..api import CorrectionRequest, Edit, Job, RotoClient
from ..api.corrections import edits_in
from ..api.errors import InputError
from .connect import JobId, Server, attention, connect, fetch, follow, progress_console, summary
from .convert import format_of
from .progress import StageBars
from .prompts import Absences, Boxes, Masks, Negatives, Points, PromptOptions, parse_prompts
from .submit import comma_list


def correct(
    job_id: JobId,
    *,
    point: Points = None,
    negative: Negatives = None,
    box: Boxes = None,
    mask: Masks = None,
    absent: Absences = None,
    shapes: Annotated[
        Path | None,
        typer.Option(help="The job's shapes as you changed them: .nk, .fxs, .setting or .json."),
    ] = None,
    frame: Annotated[
        list[int] | None,
        typer.Option("--frame", help="Where the shapes are right now; default where they differ."),
    ] = None,
    objects: Annotated[
        list[str] | None,
        typer.Option("--object", help="Only this object; repeat for several. Default all."),
    ] = None,
    outputs: Annotated[
        str | None, typer.Option(help="Comma list as of `roto submit`; default the job's.")
    ] = None,
    export: Annotated[
        str | None, typer.Option(help="Shape formats, a comma list; default the job's.")
    ] = None,
    tolerance: Annotated[
        float | None, typer.Option(help="Allowed outline error of the shapes, in plate pixels.")
    ] = None,
    priority: Annotated[
        str | None, typer.Option(help="high, normal or low; default the job's.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to fetch the results into.")] = None,
    server: Server = None,
    wait: Annotated[bool, typer.Option(help="Stay until the job has ended.")] = True,
) -> None:
    """Correct a job's result where it is wrong; everything else stays to the last bit.

    Say where the object is on a wrong frame (--point hero@1040:640,360), or change the shapes there
    and give the file (--shapes hero.nk). Tracked again are the frames up to the nearest ones you
    said something about before. The job must be the latest of its shot.
    """
    client = connect(server)
    base = client.job(job_id)
    names = _objects(base, objects)
    edits = _prompted(
        PromptOptions(
            list(names.values()),
            point or (),
            negative or (),
            box or (),
            mask or (),
            absent or (),
        )
    )
    version = int(base.params.get("shapes_version") or base.version)
    if shapes is not None:
        edits = _joined(_edited(client, base, version, shapes, names), frame, edits)
    elif frame:
        raise InputError("--frame is for --shapes.", hint="A click says its frame: 1040:640,360.")
    request = CorrectionRequest(
        version,
        tuple(edits.values()),
        outputs=None if outputs is None else comma_list(outputs),
        exports=None if export is None else comma_list(export),
        tolerance=tolerance,
        priority=priority,
    )
    job = client.correct(base.shot_id, request.body())
    _show(client, job, out, wait)


def _show(client: RotoClient, job: Job, out: Path | None, wait: bool) -> None:
    """Follow the job to its end and tell what it changed."""
    with StageBars(progress_console()) as bars:
        bars.say(
            f"Job {job.id} on {client.server}: version {job.version}, "
            f"from version {job.base_version}."
        )
        if not wait:
            typer.echo(job.id)
            return
        job = follow(client, job, bars)
        fetched = fetch(client, job, out, bars) if out else []
    if out:
        typer.echo("\n".join(summary(job, fetched, out)))
    else:
        typer.echo(f"Done. `roto download {job.id} --out DIR` fetches the results.")
    for line in (*changes(job), *attention(client, job)):
        typer.echo(line)


def changes(job: Job) -> list[str]:
    """The frames a correction tracked again, a line per object that has some."""
    lines = []
    for name, spans in (job.changed or {}).items():
        listed = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
        if listed:
            lines.append(f"tracked again: {name}: {listed}")
    return lines


def _objects(base: Job, wanted: list[str] | None) -> dict[str, str]:
    """Id -> name of the objects that are meant."""
    names = {str(one["id"]): str(one["name"]) for one in base.params.get("objects") or ()}
    if not names:
        raise InputError(f"Job {base.id} is a {base.kind} job: it has no objects.")
    for name in wanted or ():
        if name not in names.values():
            raise InputError(
                f"--object {name}: the job has no such object.",
                hint=f"It has {', '.join(names.values())}.",
            )
    return {key: name for key, name in names.items() if not wanted or name in wanted}


def _prompted(options: PromptOptions) -> dict[str, Edit]:
    said = parse_prompts(options)
    return {one.name: Edit(one.name, prompts=one.prompts) for one in said if one.prompts}


def _edited(
    client: RotoClient, base: Job, version: int, file: Path, names: Mapping[str, str]
) -> tuple[Edit, ...]:
    """What differs in the file from the version of the shapes it was made of."""
    document = loads(json.dumps(client.shapes(base.shot_id, version=version)))
    format = format_of(file)
    edits = edits_in(document, _read(file, format, document), format, names)
    if not edits:
        raise InputError(
            f"{file} shows {', '.join(names.values())} as version {version} does.",
            code="no_objects",
            hint="Change a shape on a frame that is wrong, save, and give that file.",
        )
    return edits


def _read(file: Path, format: str, base: Document) -> Document:
    from roto_shapes.formats import read

    size: dict[str, Any] = {"width": base.width, "height": base.height}
    known = {**size, "frame_range": base.frame_range} if format == "nuke" else {}
    try:
        return read(file.read_text(encoding="utf-8", errors="replace"), format, **known).document
    except DocumentError as error:
        raise DocumentError(
            f"{file}: {error.message}", hint=error.hint, detail=error.detail
        ) from error


def _joined(
    edits: tuple[Edit, ...], frames: list[int] | None, said: Mapping[str, Edit]
) -> dict[str, Edit]:
    """Shapes and prompts of each object as one edit; ``frames`` in place of where they differ."""
    joined = dict(said)
    for edit in edits:
        prompts = joined[edit.object].prompts if edit.object in joined else ()
        where = tuple(sorted(set(frames))) if frames else edit.frames
        joined[edit.object] = replace(edit, frames=where, prompts=prompts)
    return joined
