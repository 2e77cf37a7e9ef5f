"""``roto clip``: clips with exact ground truth, for demos and tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Generated test clips with exact ground truth.", no_args_is_help=True)


@app.command()
def generate(
    out: Annotated[Path, typer.Argument(help="Folder to write the clip into.")],
    *,
    frames: Annotated[int, typer.Option(help="Number of frames; the first is 1001.")] = 60,
    size: Annotated[str, typer.Option(help="Width x height in pixels.")] = "960x540",
    seed: Annotated[int, typer.Option(help="The same seed gives the same clip.")] = 7,
    format: Annotated[str, typer.Option(help="png, jpg or exr.")] = "png",
    distractor: Annotated[bool, typer.Option(help="Add a look-alike passing behind.")] = False,
) -> None:
    """Write plate, truth mattes and clip.json (with suggested clicks and box) into OUT."""
    from .clip import generate_clip

    width, height = _parse_size(size)
    made = generate_clip(out, width, height, frames, seed, format=format, distractor=distractor)
    typer.echo(f"{made.pattern}  {made.frame_range[0]}-{made.frame_range[1]}")


@app.command()
def compare(
    truth: Annotated[Path, typer.Argument(help="True mattes: a pattern (%04d) or a folder.")],
    mattes: Annotated[Path, typer.Argument(help="Mattes to judge: a pattern or a folder.")],
    *,
    shapes: Annotated[
        Path | None, typer.Option(help="A roto/1 document to judge against the mattes.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Tell how well mattes fit the truth, and shapes the mattes (mean intersection over union)."""
    from .compare import compare as measure

    found = measure(truth, mattes, shapes)
    if as_json:
        typer.echo(json.dumps(found.as_json()))
        return
    typer.echo(
        f"mattes: mean IoU {found.mattes:.4f} over {found.frames} frames, "
        f"worst {found.worst:.4f} on frame {found.worst_frame}"
    )
    if found.shapes is not None:
        typer.echo(f"shapes against mattes: mean IoU {found.shapes:.4f}")


def _parse_size(text: str) -> tuple[int, int]:
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        raise typer.BadParameter(f"'{text}' is not a size like 960x540", param_hint="--size")
    return int(parts[0]), int(parts[1])
