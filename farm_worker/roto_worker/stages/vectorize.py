"""The vectorize stage: tracked mattes in, a ``roto/1`` document out."""

from __future__ import annotations

import json
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
from .context import StageResult, TaskContext

SHAPES_FILE = "shapes.json"
DEFAULT_FPS = (24, 1)
DEFAULT_COLOR = (1.0, 1.0, 1.0)


def run(ctx: TaskContext) -> StageResult:
    """One layer of animated shapes per object of the task.

    Raises:
        RotoError: ``empty_result`` for an object without any matte, ``storage_failed`` when the
            track task's output cannot be read, ``bad_plate`` or ``bad_matte`` for a matte that
            cannot be used.
        TaskStopped: the attempt is to end.
    """
    params = ctx.spec["params"]
    masks = Path(ctx.spec["inputs"]["masks"])
    track = _read_track(masks / "track.json")
    confidence = {
        one["id"]: _confidence(track, one, tuple(params["frame_range"]))
        for one in params["objects"]
    }
    total = 2 * sum(map(len, confidence.values()))
    done = 0
    layers, reports = [], {}
    first = params["objects"][0]
    size = _size(ctx.spec["shot"], masks / first["name"] / f"{min(confidence[first['id']])}.png")
    with _pictures(ctx, size) as images:
        for one in params["objects"]:
            frames = sorted(confidence[one["id"]])
            job = _Object(one, masks / one["name"], frames, size, images)
            result = _vectorize(ctx, job, before=done, total=total)
            done += 2 * len(frames)
            color = tuple(one.get("color") or DEFAULT_COLOR)
            layers.append(replace(result.layer, color=color))
            reports[one["id"]] = {"name": one["name"], **result.report}
            ctx.log("vectorized", object=one["name"], **_headline(result.report))
    document = _document(ctx, layers, confidence, track, size)
    path = ctx.output_dir / SHAPES_FILE
    save(document, path)
    ctx.progress(total, total, "shapes written")
    file = {"role": "shapes", "path": SHAPES_FILE, "size": path.stat().st_size, "format": "json"}
    return {
        "files": [file],
        "provenance": document.provenance,
        "report": {"objects": reports},
    }


@dataclass(frozen=True)
class _Object:
    spec: dict[str, Any]
    folder: Path
    frames: list[int]
    size: tuple[int, int]
    images: Images | None


def _vectorize(ctx: TaskContext, job: _Object, *, before: int, total: int) -> VectorizeResult:
    return vectorize(
        lambda frame: read_mask16(job.folder / f"{frame}.png"),
        job.frames,
        width=job.size[0],
        height=job.size[1],
        settings=Settings(
            tolerance=ctx.spec["params"].get("tolerance", 1.0),
            layer_transform=ctx.spec["params"].get("layer_transform", "auto"),
        ),
        images=job.images,
        name=job.spec["name"],
        object_id=job.spec["id"],
        progress=lambda done, _total, message: ctx.progress(before + done, total, message),
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


def _read_track(path: Path) -> dict[str, Any]:
    try:
        track: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RotoError(
            f"the track result cannot be read: {error}",
            code="storage_failed",
            hint="Check that this node sees the storage.",
        ) from error
    return track


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
