"""The track stage: plate and prompts in, a soft matte per object and frame out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

from roto_shapes.errors import RotoError
from roto_shapes.prompts import FramePrompt

from ..engines import registry
from ..engines.base import EngineInfo, Segmenter, Signals
from ..engines.driver import drive
from ..engines.plan import plan_sweeps
from ..engines.prompts import check_against_plate
from ..media import open_plate
from ..media.masks import write_bytes
from ..media.source import FrameSource
from .context import StageResult, TaskContext, TaskSpec
from .track_files import TrackFiles, fingerprint

Prompts = dict[str, Sequence[FramePrompt]]
Confidence = dict[str, dict[int, float]]
"""Object id -> plate frame -> 0..1."""


def run(ctx: TaskContext) -> StageResult:
    """Track every object of the task over its range, resuming an earlier attempt if one fits.

    Raises:
        RotoError: ``no_objects``, ``bad_prompt``, ``prompt_outside_plate``,
            ``prompt_outside_range``, ``range_outside_plate``, ``unknown_model``,
            ``checkpoint_invalid``, ``empty_result`` or what the plate's reader raises.
        TaskStopped: the attempt is to end; a checkpoint has been left.
    """
    params, shot = ctx.spec["params"], ctx.spec["shot"]
    first, last = params["frame_range"]
    source = open_plate(shot["plate"], colorspace=shot.get("colorspace"), frame_range=(first, last))
    with closing(source):
        prompts: Prompts = {
            one["id"]: sorted(map(FramePrompt.from_json, one["prompts"]), key=lambda p: p.frame)
            for one in params["objects"]
        }
        check_against_plate(prompts, source.info, (first, last))
        engine = registry.acquire(params["engine"], params["model"], params.get("image_size"))
        files = TrackFiles(
            ctx.output_dir,
            {one["id"]: one["name"] for one in params["objects"]},
            fingerprint(_what_results_depend_on(ctx.spec, engine.info)),
            asdict(engine.info),
        )
        signals, resumed_at = _track(ctx, engine, source, prompts, files)
    _check_found(params["objects"], files.found)
    files.finish()
    confidence = {key: judge(engine.info.engine, frames) for key, frames in signals.items()}
    _write_summary(ctx, engine.info, confidence)
    provenance = {**ctx.spec["provenance"], **asdict(engine.info), **resumed_at}
    return {"files": _listing(files, confidence, ctx), "provenance": provenance}


def _track(
    ctx: TaskContext, engine: Segmenter, source: FrameSource, prompts: Prompts, files: TrackFiles
) -> tuple[Signals, dict[str, Any]]:
    """Drive the engine; also returns what the provenance says of a resume."""
    params = ctx.spec["params"]
    first, last = params["frame_range"]
    plan = plan_sweeps(prompts, (first, last), params.get("direction", "both"))
    resumed = files.resume(ctx.resume_dirs)
    note: dict[str, Any] = {}
    checkpoint = None
    if resumed is not None:
        checkpoint, maker = resumed
        note = {"resumed_at": checkpoint.done(plan)}
        if maker != asdict(engine.info):
            note["resumed_from"] = maker
        ctx.log("resumed", steps=note["resumed_at"], total=plan.steps)
    message = f"{engine.info.engine} ({engine.info.model}) on {engine.info.device}"
    ctx.progress(note.get("resumed_at", 0), plan.steps, message)
    engine.start(source, prompts)
    try:
        signals = drive(
            engine,
            plan,
            files,
            (source.info.height, source.info.width),
            resume=checkpoint,
            checkpoint_every=params.get("checkpoint_every", 25),
            on_step=lambda done: ctx.progress(done, plan.steps, message),
        )
    finally:
        engine.close()
    return signals, note


def _what_results_depend_on(spec: TaskSpec, engine: EngineInfo) -> dict[str, Any]:
    """Not the device nor the library versions: resuming across them is noted instead."""
    params = spec["params"]
    return {
        "plate": spec["shot"]["plate"],
        "colorspace": spec["shot"].get("colorspace"),
        "objects": [[one["id"], one["name"], one["prompts"]] for one in params["objects"]],
        "frame_range": params["frame_range"],
        "direction": params.get("direction", "both"),
        "image_size": params.get("image_size"),
        "engine": [engine.engine, engine.model, engine.checkpoint_sha256],
    }


def judge(engine: str, signals: Mapping[int, Mapping[str, float]]) -> dict[int, float]:
    """Confidence of one object's frames, 0..1: what an engine says of itself, as it says it."""
    return {frame: _plain(one) for frame, one in signals.items()}


def _plain(signals: Mapping[str, float]) -> float:
    if "blank" in signals:
        return signals["blank"]
    if "match" in signals:
        return signals["match"]
    there = signals["present"]
    return max(there, 1 - there) * signals["stability"]


def _check_found(objects: Sequence[dict[str, Any]], found: set[str]) -> None:
    lost = [one["name"] for one in objects if one["id"] not in found]
    if lost:
        raise RotoError(
            f"nothing was found where {', '.join(lost)} was prompted",
            code="empty_result",
            hint="Put a positive click well inside the object, or draw a box around it.",
            detail={"objects": lost},
        )


def _write_summary(ctx: TaskContext, engine: EngineInfo, confidence: Confidence) -> None:
    params = ctx.spec["params"]
    summary = {
        "frame_range": params["frame_range"],
        "objects": [{"id": one["id"], "name": one["name"]} for one in params["objects"]],
        "confidence": {
            key: {str(frame): round(values[frame], 4) for frame in sorted(values)}
            for key, values in confidence.items()
        },
        "engine": asdict(engine),
    }
    write_bytes(ctx.output_dir / "track.json", (json.dumps(summary, indent=1) + "\n").encode())


def _listing(files: TrackFiles, confidence: Confidence, ctx: TaskContext) -> list[dict[str, Any]]:
    listed = []
    for object_id, values in confidence.items():
        for frame in sorted(values):
            path = files.mask_path(object_id, frame)
            listed.append(
                {
                    "role": "mask",
                    "path": path.relative_to(ctx.output_dir).as_posix(),
                    "size": path.stat().st_size,
                    "object_id": object_id,
                    "frame": frame,
                    "confidence": round(values[frame], 4),
                }
            )
    return listed
