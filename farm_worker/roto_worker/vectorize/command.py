"""``roto vectorize``: a folder of mattes into a ``roto/1`` document."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from roto_shapes.errors import RotoError

if TYPE_CHECKING:
    from roto_shapes.document import Document

    from .pipeline import VectorizeResult

# A minus belongs to the number only where it cannot be a dash between words.
_LAST_NUMBER = re.compile(r"((?<![^._])-)?\d+(?=\D*$)")


def vectorize_command(
    mask_dir: Annotated[
        Path, typer.Argument(help="Folder of grey PNG mattes, *.NNNN.png or NNNNN.png.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="The roto/1 document to write.")],
    tolerance: Annotated[float, typer.Option(help="Allowed outline error, plate pixels.")] = 1.0,
    object_name: Annotated[str, typer.Option("--object", help="Name of the object.")] = "object",
    fps: Annotated[str, typer.Option(help="Frame rate: 24, 23.976 or 24000/1001.")] = "24",
) -> None:
    """Turn a sequence of mattes of one object into animated splines."""
    from rich.console import Console
    from rich.progress import Progress

    from roto_shapes.document import save

    paths = mask_files(mask_dir)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading mattes", total=2 * len(paths))

        def show(done: int, total: int, message: str) -> None:
            bar.update(task, completed=done, total=total, description=message)

        result, document = vectorize_files(paths, tolerance, object_name, fps, show)
    save(document, out)
    _print_report(result, out)


def mask_files(folder: Path) -> dict[int, Path]:
    """Frame number (the last digits of the name) -> matte file, ascending.

    Raises:
        RotoError: ``empty_result`` for a folder without mattes, ``bad_range`` for two files of one
            frame, ``missing_frame`` for a gap in an otherwise regular sequence.
    """
    found: dict[int, Path] = {}
    for path in sorted(folder.glob("*.png")):
        number = _LAST_NUMBER.search(path.stem)
        if number is None:
            continue
        frame = int(number[0])
        if frame in found:
            raise RotoError(
                f"{found[frame].name} and {path.name} are both frame {frame}",
                code="bad_range",
                hint="Put one sequence into a folder.",
            )
        found[frame] = path
    if not found:
        raise RotoError(
            f"no mattes in {folder}",
            code="empty_result",
            hint="Mattes are PNG files named *.NNNN.png or NNNNN.png.",
        )
    frames = sorted(found)
    _check_regular(frames)
    return {frame: found[frame] for frame in frames}


def _check_regular(frames: list[int]) -> None:
    """Every n-th frame is a sequence too (hand-drawn masks often are); a hole in it is not."""
    steps = [b - a for a, b in pairwise(frames)]
    if not steps:
        return
    step = min(steps)
    missing = sorted(set(range(frames[0], frames[-1] + 1, step)) - set(frames))
    if missing:
        raise RotoError(
            f"frame {missing[0]} is missing ({len(missing)} in all)",
            code="missing_frame",
            hint="Where the object is out of sight, write an empty matte.",
            detail={"missing": missing},
        )


def vectorize_files(
    paths: Mapping[int, Path],
    tolerance: float,
    object_name: str,
    fps: str,
    progress: Callable[[int, int, str], None] | None = None,
) -> tuple[VectorizeResult, Document]:
    """The shapes of ``paths`` (frame -> matte file) and a document holding them.

    Raises:
        RotoError: ``bad_request`` for a bad name or rate, and what reading the mattes and
            :func:`roto_worker.vectorize.vectorize` raise.
    """
    from roto_shapes.document import Document
    from roto_shapes.naming import check_name

    from ..media.masks import read_mask16
    from .pipeline import vectorize
    from .settings import Settings

    check_name(object_name)
    rate = parse_rate(fps)
    frames = list(paths)
    height, width = read_mask16(paths[frames[0]]).shape
    result = vectorize(
        lambda frame: read_mask16(paths[frame]),
        frames,
        width=width,
        height=height,
        settings=Settings(tolerance=tolerance),
        name=object_name,
        object_id=object_name,
        progress=progress,
    )
    document = Document(
        width,
        height,
        fps=rate,
        frame_range=(frames[0], frames[-1]),
        layers=[result.layer],
    )
    return result, document


def parse_rate(text: str) -> tuple[int, int]:
    """``24``, ``24000/1001`` or ``23.976`` as a fraction; NTSC decimals become exact.

    Raises:
        RotoError: ``bad_request``.
    """
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= 1000:
        raise RotoError(
            f"{text!r} is not a frame rate", code="bad_request", hint="--fps 24000/1001"
        )
    ntsc = Fraction(math.ceil(rate) * 1000, 1001)
    if rate.denominator != 1 and abs(rate - ntsc) < Fraction(1, 200):
        rate = ntsc
    return rate.numerator, rate.denominator


def _print_report(result: VectorizeResult, out: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    report = result.report
    table = Table("shape", "mode", "frames", "points", "keys", "mean px", "max px")
    for entry in report["shapes"]:
        first, last = entry["visible"][0]
        table.add_row(
            entry["name"],
            entry["mode"],
            f"{first}-{last}",
            str(entry["points"]),
            str(entry["keys"]),
            f"{entry['mean_error']:.2f}",
            f"{entry['max_error']:.2f}",
        )
    console = Console()
    console.print(table)
    console.print(
        f"{out}: IoU {report['iou_mean']:.3f} mean, {report['iou_min']:.3f} on frame "
        f"{report['worst_frame']}; {report['keys']} keys, {report['dropped']['count']} fragments "
        "dropped",
        highlight=False,
    )
