"""`roto preview`: what a click gives on one frame, before a whole shot is tracked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..api import PreviewOptions
from ..api.previews import Preview
from ..api.request import MAIN_VIEW
from .connect import Server, connect
from .finding import find_shot
from .options import View
from .prompts import PromptOptions, parse_prompts


def preview(
    shot: Annotated[
        str, typer.Argument(metavar="SHOT", help="A shot's id, PROJECT/SHOT, or its name.")
    ],
    *,
    frame: Annotated[int, typer.Option("--frame", help="Plate frame number.")],
    out: Annotated[Path, typer.Option(help="PNG file to write the best mask to.")],
    objects: Annotated[
        list[str] | None,
        typer.Option("--object", help="Name of an object; repeat for several."),
    ] = None,
    point: Annotated[
        list[str] | None,
        typer.Option("--point", metavar="[OBJ@]X,Y", help="A click on the object."),
    ] = None,
    negative: Annotated[
        list[str] | None,
        typer.Option("--negative", metavar="[OBJ@]X,Y", help="A click beside the object."),
    ] = None,
    box: Annotated[
        list[str] | None,
        typer.Option("--box", metavar="[OBJ@]X0,Y0,X1,Y1", help="A box around the object."),
    ] = None,
    mask: Annotated[
        list[str] | None,
        typer.Option(
            "--mask",
            metavar="[OBJ@]FILE.png",
            help="A grey PNG of the plate's size, white on the object.",
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Write the other candidates too: mask.2.png, mask.3.png.")
    ] = False,
    project: Annotated[str, typer.Option(help="Of a shot given by its name.")] = "default",
    view: View = MAIN_VIEW,
    server: Server = None,
    engine: Annotated[str, typer.Option(help="auto, sam2 or flow.")] = "auto",
    model: Annotated[str, typer.Option(help="auto, or a name of `roto models`.")] = "auto",
    image_size: Annotated[
        int | None, typer.Option(help="Side of the engine's input in pixels; default any.")
    ] = None,
) -> None:
    """Show what clicks or a box give on one frame of a shot, as masks.

    Positions are pixels of the full-size plate from its top-left corner. With several objects, say
    which one a prompt is for: --object hero --object car --point hero@640,360 --box car@20,30,90,80
    """
    prompts = parse_prompts(
        PromptOptions(
            objects or (),
            points=_on(frame, point),
            negatives=_on(frame, negative),
            boxes=_on(frame, box),
            masks=_on(frame, mask),
        )
    )
    client = connect(server)
    found = client.preview(
        find_shot(client, shot, project).id,
        frame,
        {one.name: said for one in prompts for said in one.prompts},
        PreviewOptions(engine=engine, model=model, image_size=image_size, view=view),
    )
    for line in _write(found, out, every=every):
        typer.echo(line)


def _on(frame: int, texts: list[str] | None) -> list[str]:
    """``[OBJ@]VALUES`` as `parse_prompts` reads it: ``[OBJ@]FRAME:VALUES``."""
    placed = []
    for text in texts or ():
        name, at, values = text.rpartition("@")
        placed.append(f"{name}{at}{frame}:{values}")
    return placed


def _write(found: Preview, out: Path, *, every: bool) -> list[str]:
    """Write the masks; lines that say what is where."""
    lines = []
    for thing in found.objects:
        stem = out.stem if len(found.objects) == 1 else f"{out.stem}.{thing.name}"
        for number, candidate in enumerate(thing.candidates, start=1):
            if number > 1 and not every:
                break
            path = out.with_name(stem + (f".{number}" if number > 1 else "") + ".png")
            path.write_bytes(candidate.png)
            told = "nothing found" if candidate.box is None else _told(candidate.box)
            lines.append(f"{path}  {thing.name}, score {candidate.score:.2f}, {told}")
        others = len(thing.candidates) - 1
        if others and not every:
            lines.append(f"  {others} more: --all writes them")
    return [*lines, f"made by {found.engine} {found.model}"]


def _told(box: tuple[float, float, float, float]) -> str:
    return "box " + ",".join(f"{value:g}" for value in box)
