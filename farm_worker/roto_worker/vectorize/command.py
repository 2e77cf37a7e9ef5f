"""``roto vectorize``: a folder of mattes into a ``roto/1`` document, or into a stretch of one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from roto_shapes.errors import RotoError

from .files import image_reader, mask_files

if TYPE_CHECKING:
    from roto_shapes.document import Document

    from .pipeline import VectorizeResult
    from .settings import Settings
    from .update.document import UpdateResult

Show = Callable[[int, int, str], None]
DEFAULT_NAME = "object"


def vectorize_command(
    mask_dir: Annotated[
        Path, typer.Argument(help="Folder of grey PNG mattes, *.NNNN.png or NNNNN.png.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="The roto/1 document to write.")],
    object_name: Annotated[
        str | None,
        typer.Option("--object", help="Name of the object; with --update, the layer to update."),
    ] = None,
    frames: Annotated[
        Path | None, typer.Option(help="Folder of the plate's pictures, for truer points.")
    ] = None,
    frame_range: Annotated[
        str | None, typer.Option("--range", help="Only these frames: FIRST-LAST.")
    ] = None,
    update: Annotated[
        Path | None,
        typer.Option(help="A document of which only the stretch --range is solved again."),
    ] = None,
    fps: Annotated[
        str | None, typer.Option(help="Frame rate: 24 (default), 23.976 or 24000/1001.")
    ] = None,
    preset: Annotated[
        str, typer.Option(help="organic, hard-surface or fine; other options override it.")
    ] = "organic",
    tolerance: Annotated[
        float | None, typer.Option(help="Outline error as good as none, plate pixels.")
    ] = None,
    looseness: Annotated[
        float | None, typer.Option(help="2 trades twice the error for fewer points and keys.")
    ] = None,
    detail: Annotated[float | None, typer.Option(help="2 for more points, 0.5 for fewer.")] = None,
    max_points: Annotated[int | None, typer.Option(help="Most points of a shape.")] = None,
    max_keys: Annotated[int | None, typer.Option(help="Most keys of a shape.")] = None,
    key_spacing: Annotated[
        int | None, typer.Option(help="Least frames from one key of a shape to the next.")
    ] = None,
    key_only_at: Annotated[
        str | None, typer.Option(help="The only frames to key: 1001,1010-1020.")
    ] = None,
    smooth: Annotated[
        float | None, typer.Option(help="Smooth outlines by so many pixels first.")
    ] = None,
    corner_angle: Annotated[
        float | None, typer.Option(help="Degrees an outline has to turn to get a corner.")
    ] = None,
    offset: Annotated[
        float | None, typer.Option(help="Grow (or shrink, negative) by so many pixels.")
    ] = None,
    parts: Annotated[
        str | None, typer.Option(help="Body and limbs as shapes of their own: auto, on or off.")
    ] = None,
    ignore_area: Annotated[
        float | None, typer.Option(help="Leave out fragments below so many square pixels.")
    ] = None,
    ignore_life: Annotated[
        int | None, typer.Option(help="Leave out fragments that live fewer frames.")
    ] = None,
    hard_surface: Annotated[
        bool | None,
        typer.Option(help="A rigid object: its motion goes into the layer's transform."),
    ] = None,
    transform: Annotated[
        bool | None,
        typer.Option(
            "--transform/--no-transform",
            help="Split common motion off into the layer's transform where that leaves less to "
            "edit (default), or leave all motion to the shapes.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Turn a sequence of mattes of one object into animated splines."""
    from roto_shapes.document import load, save

    asked = {
        "tolerance": tolerance,
        "looseness": looseness,
        "detail": detail,
        "most_points": max_points,
        "most_keys": max_keys,
        "key_spacing": key_spacing,
        "smooth": smooth,
        "corner_angle": corner_angle,
        "offset": offset,
        "parts": parts,
        "ignored_area": ignore_area,
        "ignored_life": ignore_life,
        "hard_surface": hard_surface,
        "layer_transform": {None: None, True: "auto", False: "off"}[transform],
    }
    settings = settings_of(preset, asked)
    only = parse_frames(key_only_at) if key_only_at is not None else None
    wanted = parse_range(frame_range)
    if not out.parent.is_dir():
        raise RotoError(f"there is no folder {out.parent}", code="bad_request")
    paths = mask_files(mask_dir, wanted)
    from .report_table import print_update, print_vectorized, progress_bar

    if update is not None:
        _refuse_rate(fps)
        document = load(update)
        with progress_bar() as show:
            result = update_files(
                document, paths, wanted, object_name, settings, frames, only, show
            )
        save(result.document, out)
        print_update(result.report, out)
        return
    with progress_bar() as show:
        made, document = vectorize_files(
            paths, settings, object_name or DEFAULT_NAME, fps or "24", frames, only, show
        )
    save(document, out)
    print_vectorized(made.report, out)


def settings_of(preset: str, asked: Mapping[str, Any]) -> Settings:
    """The preset with everything ``asked`` (None: not) put over it.

    Raises:
        RotoError: ``bad_request`` for an unknown preset or a value out of its limits.
    """
    from .settings import preset as named

    return replace(named(preset), **{name: v for name, v in asked.items() if v is not None})


def parse_range(text: str | None) -> range | None:
    """``1001-1060`` as its frames. Raises RotoError ``bad_range``."""
    from roto_shapes.frames import FrameRange

    if text is None:
        return None
    found = FrameRange.parse(text)
    return range(found.first, found.last + 1)


def parse_frames(text: str) -> list[int]:
    """``1001,1010-1020`` as frame numbers, ascending. Raises RotoError ``bad_range``."""
    from roto_shapes.frames import FrameRange

    return sorted({frame for part in text.split(",") for frame in FrameRange.parse(part.strip())})


def vectorize_files(
    paths: Mapping[int, Path],
    settings: Settings,
    object_name: str,
    fps: str,
    pictures: Path | None = None,
    key_only_at: list[int] | None = None,
    progress: Show | None = None,
) -> tuple[VectorizeResult, Document]:
    """The shapes of ``paths`` (frame -> matte file) and a document holding them.

    Args:
        pictures: folder of the plate's pictures, or None.
        key_only_at: the only plate frames to key, or None for any; the layer remembers them.

    Raises:
        RotoError: ``bad_request`` for a bad name or rate, and what reading the files and
            :func:`roto_worker.vectorize.vectorize` raise.
    """
    from roto_shapes.document import Document
    from roto_shapes.naming import check_name

    from ..media.masks import read_mask16
    from .pipeline import vectorize

    check_name(object_name)
    rate = parse_rate(fps)
    frames = list(paths)
    height, width = read_mask16(paths[frames[0]]).shape
    result = vectorize(
        lambda frame: read_mask16(paths[frame]),
        frames,
        width=width,
        height=height,
        settings=settings,
        images=image_reader(pictures, frames) if pictures else None,
        key_only_at=key_only_at,
        name=object_name,
        object_id=object_name,
        progress=progress,
    )
    document = Document(
        width,
        height,
        fps=rate,
        frame_range=(frames[0], frames[-1]),
        layers=[replace(result.layer, key_only_at=key_only_at)],
    )
    return result, document


def update_files(
    document: Document,
    paths: Mapping[int, Path],
    stretch: range | None,
    layer: str | None,
    settings: Settings,
    pictures: Path | None = None,
    key_only_at: list[int] | None = None,
    progress: Show | None = None,
) -> UpdateResult:
    """The document with a layer solved again on a stretch.

    Args:
        paths: frame -> matte file.
        stretch: its frames, or None for all from the first of ``paths`` to the last.

    Raises:
        RotoError: what reading the files and :func:`.update.document.update` raise;
            ``missing_frame`` for a gap.
    """
    from ..media.masks import read_mask16
    from .update.document import chosen_layer, update

    chosen = chosen_layer(document, layer)
    if key_only_at is not None:
        told = replace(chosen, key_only_at=key_only_at)
        layers = [told if one is chosen else one for one in document.layers]
        document = replace(document, layers=layers)
    stretch = stretch or range(min(paths), max(paths) + 1)
    gaps = sorted(set(stretch) - set(paths))
    if gaps:
        raise RotoError(
            f"frame {gaps[0]} has no matte ({len(gaps)} in all)",
            code="missing_frame",
            hint="A stretch is updated from mattes on all of its frames.",
            detail={"missing": gaps},
        )
    return update(
        document,
        lambda frame: read_mask16(paths[frame]),
        (stretch[0], stretch[-1]),
        layer=chosen.id,
        settings=settings,
        images=image_reader(pictures, paths) if pictures else None,
        progress=progress,
    )


def _refuse_rate(fps: str | None) -> None:
    if fps is not None:
        raise RotoError("--fps cannot be changed by --update", code="bad_request")


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
