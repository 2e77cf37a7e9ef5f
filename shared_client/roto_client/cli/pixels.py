"""Mattes from a shapes document: the formats of `roto export` that need the worker's libraries.

A pixel format is an entry point of the group ``roto.pixel_formats``: a function ``write(document,
frames, path_of)`` that returns an iterator, which writes a frame's file each time it is asked for
the next path, and a lossy report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from roto_shapes.errors import RotoError
from roto_shapes.frames import FrameRange, SequencePattern

from .connect import progress_console

if TYPE_CHECKING:
    from roto_shapes.document import Document
    from roto_shapes.formats import LossyReport

    PathOf = Callable[[int], Path]
    Writer = Callable[[Document, FrameRange, PathOf], tuple[Iterator[Path], LossyReport]]


@cache
def pixel_formats() -> dict[str, EntryPoint]:
    """The pixel formats that are installed, by name; nothing of theirs is imported."""
    return {entry.name: entry for entry in entry_points(group="roto.pixel_formats")}


def export_frames(document: Document, name: str, out: Path, span: str | None, stem: str) -> None:
    """Write one file for each frame of ``span`` (default: the document's range), with progress.

    ``out``: a folder (made if absent; files are called ``stem.NNNN.exr``), a name with a frame
    field, or, of one frame, a file.

    Raises:
        RotoError: ``bad_request`` where the worker's libraries are not installed, ``bad_range``,
            and what the format's writer raises.
    """
    from rich.progress import track

    write = _loaded(name)
    frames = FrameRange.parse(span) if span else FrameRange(*document.frame_range)
    path_of = _paths(out, frames, stem)
    path_of(frames.first).parent.mkdir(parents=True, exist_ok=True)
    paths, report = write(document, frames, path_of)
    for _ in track(
        paths,
        description=f"writing {name}",
        total=len(frames),
        console=progress_console(),
        transient=True,
    ):
        pass
    tell(path_of(frames.first), report)
    if len(frames) > 1:
        typer.echo(f"... {len(frames)} files, to {path_of(frames.last).name}")


def tell(out: Path, report: LossyReport) -> None:
    """Print what was written and what was lost."""
    typer.echo(str(out))
    for line in report.lines():
        typer.echo(f"note: {line}")


def _loaded(name: str) -> Writer:
    try:
        writer: Writer = pixel_formats()[name].load()
    except ModuleNotFoundError as error:
        raise RotoError(
            f"The {name} format is made of pixels: it needs the worker install "
            f"(the Python package {error.name!r} is missing).",
            code="bad_request",
            hint="pip install 'megaton-roto[worker]'",
        ) from error
    return writer


def _paths(out: Path, frames: FrameRange, stem: str) -> PathOf:
    field = any(sign in out.name for sign in "%#*")
    if out.suffix.lower() != ".exr":
        if field:
            raise RotoError(
                f"{out.name} does not say that its files are EXR.",
                code="bad_range",
                hint=f"Name them {out.name}.exr.",
            )
        return SequencePattern(out, f"{stem}.", 4, ".exr").path
    if field:
        return SequencePattern.parse(out).path
    if len(frames) > 1:
        raise RotoError(
            f"{out.name} is one file, and frames {frames} are {len(frames)}.",
            code="bad_range",
            hint=f"Name them {out.stem}.%04d.exr, give a folder, or --range with one frame.",
        )
    return lambda frame: out
