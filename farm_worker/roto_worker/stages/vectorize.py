"""The vectorize stage: tracked mattes in, a ``roto/1`` document out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from roto_shapes.document import Document, Layer, save
from roto_shapes.errors import RotoError

from ..media import open_plate
from ..media.masks import read_mask16
from ..vectorize.outline.mattes import Images
from ..vectorize.pipeline import VectorizeResult, vectorize
from ..vectorize.report import Report
from ..vectorize.settings import Settings
from .context import StageResult, TaskContext, TaskSpec
from .shapes_base import SHAPES_FILE, Again, ShapesBase
from .track_summary import read_summary

DEFAULT_FPS = (24, 1)
DEFAULT_COLOR = (1.0, 1.0, 1.0)


def run(ctx: TaskContext) -> StageResult:
    """One layer of animated shapes per object of the task.

    Of a correction only what was edited or tracked again is solved; see `shapes_base`.

    Raises:
        RotoError: ``empty_result`` for an object without any matte, ``storage_failed`` when the
            track task's output cannot be read, ``bad_plate`` or ``bad_matte`` for a matte that
            cannot be used.
        TaskStopped: the attempt is to end.
    """
    params = ctx.spec["params"]
    frame_range = (params["frame_range"][0], params["frame_range"][1])
    masks = Path(ctx.spec["inputs"]["masks"])
    track = read_summary(masks)
    confidence = {one["id"]: _confidence(track, one, frame_range) for one in params["objects"]}
    first = params["objects"][0]
    size = _size(ctx.spec["shot"], masks / first["name"] / f"{min(confidence[first['id']])}.png")
    base = _base(ctx, size, frame_range)
    known = _known(ctx.spec, track, base)
    steps = {
        key: base.steps(known[key]) if base and key in known else 2 * len(frames)
        for key, frames in confidence.items()
    }
    total = sum(steps.values())
    done = 0
    layers, reports = [], {}
    with _pictures(ctx, size) as images:
        for one in params["objects"]:
            frames = sorted(confidence[one["id"]])
            job = _Object(one, masks / one["name"], frames, size, images)
            if base and one["id"] in known:
                report = _solve_again(ctx, job, base, known[one["id"]], before=done, total=total)
            else:
                result = _vectorize(ctx, job, before=done, total=total)
                report = result.report
                color = tuple(one.get("color") or DEFAULT_COLOR)
                layers.append(replace(result.layer, color=color))
            done += steps[one["id"]]
            reports[one["id"]] = {"name": one["name"], **report}
    document = _document(ctx, layers, confidence, track, size)
    if base:
        document = base.renewed(document, steps)
    path = ctx.output_dir / SHAPES_FILE
    save(document, path)
    ctx.progress(total, total, "shapes written")
    file = {"role": "shapes", "path": SHAPES_FILE, "size": path.stat().st_size, "format": "json"}
    return {
        "files": [file],
        "provenance": document.provenance,
        "report": {"objects": reports},
    }


def _base(
    ctx: TaskContext, size: tuple[int, int], frame_range: tuple[int, int]
) -> ShapesBase | None:
    """The shapes that are corrected, if any are."""
    folder = ctx.spec["inputs"].get("base_shapes")
    if folder is None:
        return None
    base = ShapesBase(Path(folder))
    if base.fits(size, frame_range):
        return base
    ctx.log("base_not_used", reason="the corrected shapes are of another size or range")
    return None


def _known(spec: TaskSpec, track: dict[str, Any], base: ShapesBase | None) -> dict[str, Again]:
    """What is to be done to the layers that the base has, by object id."""
    params = spec["params"]
    edits = {one["object_id"]: one for one in params.get("edits", [])}
    whole = [params["frame_range"]]
    known = {}
    for object_id in (one["id"] for one in params["objects"]):
        if base and base.has(object_id):
            spans = [(a, b) for a, b in track.get("changed", {}).get(object_id, whole)]
            known[object_id] = Again(object_id, spans, edits.get(object_id))
    return known


def _solve_again(
    ctx: TaskContext, job: _Object, base: ShapesBase, again: Again, *, before: int, total: int
) -> Report:
    report = base.solve(
        again,
        lambda frame: read_mask16(job.folder / f"{frame}.png"),
        _settings(ctx),
        job.images,
        lambda done, message: ctx.progress(before + done, total, message),
    )
    ctx.log("corrected", object=job.spec["name"], state=report["state"])
    return report


@dataclass(frozen=True)
class _Object:
    spec: dict[str, Any]
    folder: Path
    frames: list[int]
    size: tuple[int, int]
    images: Images | None


def _vectorize(ctx: TaskContext, job: _Object, *, before: int, total: int) -> VectorizeResult:
    result = vectorize(
        lambda frame: read_mask16(job.folder / f"{frame}.png"),
        job.frames,
        width=job.size[0],
        height=job.size[1],
        settings=_settings(ctx),
        images=job.images,
        name=job.spec["name"],
        object_id=job.spec["id"],
        progress=lambda done, _total, message: ctx.progress(before + done, total, message),
    )
    ctx.log("vectorized", object=job.spec["name"], **_headline(result.report))
    return result


def _settings(ctx: TaskContext) -> Settings:
    params = ctx.spec["params"]
    return Settings(
        tolerance=params.get("tolerance", 1.0),
        layer_transform=params.get("layer_transform", "auto"),
    )


@contextmanager
def _pictures(ctx: TaskContext, size: tuple[int, int]) -> Iterator[Images | None]:
    """The plate's frames, by which points keep to the same spots of the object.

    Shapes can be had from the mattes alone, so a plate that cannot be opened here is no failure.
    """
    shot, frame_range = ctx.spec["shot"], tuple(ctx.spec["params"]["frame_range"])
    try:
        source = open_plate(
            shot["plate"], colorspace=shot.get("colorspace"), frame_range=frame_range
        )
    except RotoError as error:
        ctx.log("no_pictures", reason=error.message)
        yield None
        return
    with closing(source):
        if (source.info.width, source.info.height) != size:
            ctx.log("no_pictures", reason="the plate is not of the mattes' size")
            yield None
        else:
            yield source.read


def _confidence(
    track: dict[str, Any], one: dict[str, Any], frame_range: tuple[int, int]
) -> dict[int, float]:
    """Confidence by frame: the frames there are mattes for, inside the task's range."""
    listed = track.get("confidence", {}).get(one["id"], {})
    first, last = frame_range
    frames = {int(frame): float(value) for frame, value in listed.items()}
    inside = {frame: value for frame, value in sorted(frames.items()) if first <= frame <= last}
    if not inside:
        raise RotoError(
            f"{one['name']} was not tracked on any frame of {first}-{last}", code="empty_result"
        )
    return inside


def _size(shot: dict[str, Any], matte: Path) -> tuple[int, int]:
    """The plate's width and height; from the first matte where the shot does not say."""
    if shot.get("width") and shot.get("height"):
        return int(shot["width"]), int(shot["height"])
    height, width = read_mask16(matte).shape
    return width, height


def _document(
    ctx: TaskContext,
    layers: list[Layer],
    confidence: dict[str, dict[int, float]],
    track: dict[str, Any],
    size: tuple[int, int],
) -> Document:
    shot, params = ctx.spec["shot"], ctx.spec["params"]
    engine = track.get("engine", {})
    return Document(
        size[0],
        size[1],
        pixel_aspect=shot.get("pixel_aspect") or 1.0,
        fps=tuple(shot.get("fps") or DEFAULT_FPS),
        frame_range=tuple(params["frame_range"]),
        layers=layers,
        prompts=[
            {"object": one["id"], **prompt}
            for one in params["objects"]
            for prompt in one["prompts"]
        ],
        confidence={
            key: {frame: min(1.0, max(0.0, value)) for frame, value in values.items()}
            for key, values in confidence.items()
            if all(map(math.isfinite, values.values()))
        },
        provenance={**engine, **ctx.spec["provenance"]},
    )


def _headline(report: Report) -> Report:
    names = ("points", "keys", "iou_mean", "iou_min", "worst_frame", "tolerance")
    return {name: report[name] for name in names}
