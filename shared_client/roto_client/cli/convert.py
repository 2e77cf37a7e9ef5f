"""`roto export` and `roto import`: shapes between a roto/1 document and a host's file, here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from roto_shapes.errors import DocumentError, RotoError

from . import pixels

FormatName = Annotated[
    str | None,
    typer.Option("--format", help="The format's name; default by the file's extension."),
]
Size = Annotated[int | None, typer.Option(min=1, help="Of the plate, where a .nk does not say.")]


def register(app: typer.Typer) -> None:
    app.command("export")(export)
    app.command("import")(import_shapes)


def export(
    shapes: Annotated[Path, typer.Argument(help="A roto/1 shapes document.")],
    out: Annotated[
        Path,
        typer.Option(help="File to write; of mattes a folder, or names such as hero.%04d.exr."),
    ],
    format: FormatName = None,
    frames: Annotated[
        str | None,
        typer.Option("--range", help="Of mattes: frames, FIRST-LAST; default the document's."),
    ] = None,
) -> None:
    """Write a shapes document in a host's format, here, without a server.

    With --format cryptomatte (ID mattes) or exr (a layer for each object): one EXR for each frame.
    """
    from roto_shapes.document import load
    from roto_shapes.formats import write

    name = format or format_of(out)
    if name in pixels.pixel_formats():
        pixels.export_frames(load(shapes), name, out, frames, shapes.stem)
        return
    if frames is not None:
        raise RotoError(
            f"A {name} file holds every key; --range is for mattes.",
            code="bad_request",
            hint="Leave out --range.",
        )
    written = write(load(shapes), name)
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    draft.write_text(written.text, encoding="utf-8", newline="\n")
    os.replace(draft, out)
    pixels.tell(out, written.report)


def import_shapes(
    file: Annotated[Path, typer.Argument(help="A host's shapes: .nk, .fxs, .setting, ...")],
    out: Annotated[Path, typer.Option(help="The roto/1 shapes document to write.")],
    format: FormatName = None,
    width: Size = None,
    height: Size = None,
) -> None:
    """Read a host's shapes into a shapes document, here, without a server."""
    from roto_shapes.document import save
    from roto_shapes.formats import read

    name = format or format_of(file)
    size: dict[str, Any] = {"width": width, "height": height}
    given = {key: value for key, value in size.items() if value is not None}
    if given and name != "nuke":
        raise RotoError(
            f"A {name} file says its size itself.", code="bad_request", hint="Leave out the size."
        )
    text = file.read_text(encoding="utf-8", errors="replace")
    try:
        result = read(text, name, **given)
    except DocumentError as error:
        raise DocumentError(
            f"{file}: {error.message}", hint=error.hint, detail=error.detail
        ) from error
    out.parent.mkdir(parents=True, exist_ok=True)
    save(result.document, out)
    pixels.tell(out, result.report)


def format_of(path: Path) -> str:
    """The format a file's name stands for; of `.json` and `.lottie.json` the longer one."""
    from roto_shapes.formats import FORMATS

    fitting = [
        entry for entry in FORMATS.values() if path.name.lower().endswith(f".{entry.extension}")
    ]
    if not fitting:
        raise RotoError(
            f"{path.name}: which format?",
            code="unknown_format",
            hint=f"Give --format, one of {', '.join([*FORMATS, *pixels.pixel_formats()])}.",
        )
    return max(fitting, key=lambda entry: len(entry.extension)).name
