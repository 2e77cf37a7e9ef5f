"""``roto clip``: clips with exact ground truth, for demos and tests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Generated test clips with exact ground truth.", no_args_is_help=True)


@app.callback()
def clip() -> None:
    """Keeps `generate` a named command while it is the only one."""


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
    from .clip import generate_clip  # noqa: PLC0415 - keeps numpy and cv2 out of `roto --help`

    width, height = _parse_size(size)
    made = generate_clip(out, width, height, frames, seed, format=format, distractor=distractor)
    typer.echo(f"{made.pattern}  {made.frame_range[0]}-{made.frame_range[1]}")


def _parse_size(text: str) -> tuple[int, int]:
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        raise typer.BadParameter(f"'{text}' is not a size like 960x540", param_hint="--size")
    return int(parts[0]), int(parts[1])
