"""The vectorize stage: tracked mattes in, a ``roto/1`` document out."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from roto_shapes.document import Document, Layer, save
from roto_shapes.errors import RotoError

from ..media.masks import read_mask16
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
    size = None
    for one in params["objects"]:
        frames = sorted(confidence[one["id"]])
        folder = masks / one["name"]
        size = size or _size(ctx.spec["shot"], folder / f"{frames[0]}.png")
        result = _vectorize(ctx, one, folder, frames, size=size, before=done, total=total)
        done += 2 * len(frames)
        color = tuple(one.get("color") or DEFAULT_COLOR)
        layers.append(replace(result.layer, color=color))
        reports[one["id"]] = {"name": one["name"], **result.report}
        ctx.log("vectorized", object=one["name"], **_headline(result.report))
    document = _document(ctx, layers, confidence, track, size or (1, 1))
    path = ctx.output_dir / SHAPES_FILE
    save(document, path)
    ctx.progress(total, total, "shapes written")
    file = {"role": "shapes", "path": SHAPES_FILE, "size": path.stat().st_size, "format": "json"}
    return {
        "files": [file],
        "provenance": document.provenance,
        "report": {"objects": reports},
    }


def _vectorize(
    ctx: TaskContext,
    one: dict[str, Any],
    folder: Path,
    frames: list[int],
    *,
    size: tuple[int, int],
    before: int,
    total: int,
) -> VectorizeResult:
    return vectorize(
        lambda frame: read_mask16(folder / f"{frame}.png"),
        frames,
        width=size[0],
        height=size[1],
        settings=Settings(tolerance=ctx.spec["params"].get("tolerance", 1.0)),
        name=one["name"],
        object_id=one["id"],
        progress=lambda done, _total, message: ctx.progress(before + done, total, message),
    )


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
