"""The track stage: plate and prompts in, a soft matte per object and frame out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

from roto_shapes.errors import RotoError
from roto_shapes.prompts import FramePrompt, object_range

from ..engines import registry
from ..engines.base import Detailer, EngineInfo, Segmenter, Signals
from ..engines.confidence import judge
from ..engines.driver import drive
from ..engines.plan import Plan, plan_sweeps
from ..engines.prompts import check_against_plate
from ..matte import EdgeSettings, Finisher
from ..media import open_plate
from ..media.masks import write_bytes
from ..media.source import FrameSource
from .context import StageResult, TaskContext, TaskSpec
from .track_files import TrackFiles, fingerprint

Prompts = dict[str, Sequence[FramePrompt]]
Confidence = dict[str, dict[int, float]]
"""Object id -> plate frame -> 0..1."""


_COMPUTED = ("image_size", "mode", "margin")
"""Of `EngineInfo.versions`: settings of an engine that its results depend on."""


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
        ranges = {
            one["id"]: object_range((first, last), one.get("frame_range"))
            for one in params["objects"]
        }
        check_against_plate(prompts, source.info, ranges)
        plan = plan_sweeps(prompts, (first, last), params.get("direction", "both"), ranges)
        engine = registry.acquire(params["engine"], params["model"], params.get("image_size"))
        files = TrackFiles(
            ctx.output_dir,
            {one["id"]: one["name"] for one in params["objects"]},
            fingerprint(_what_results_depend_on(ctx.spec, engine.info)),
            asdict(engine.info),
        )
        signals, resumed_at = _track(ctx, engine, source, prompts, plan, files)
    _check_found(params["objects"], files.found)
    files.finish()
    confidence = {
        key: judge(engine.info.engine, frames, prompts[key]) for key, frames in signals.items()
    }
    _write_summary(ctx, engine.info, confidence, signals)
    provenance = {**ctx.spec["provenance"], **asdict(engine.info), **resumed_at}
    return {"files": _listing(files, confidence, ctx), "provenance": provenance}


def _track(
    ctx: TaskContext,
    engine: Segmenter,
    source: FrameSource,
    prompts: Prompts,
    plan: Plan,
    files: TrackFiles,
) -> tuple[Signals, dict[str, Any]]:
    """Drive the engine; also returns what the provenance says of a resume."""
    params = ctx.spec["params"]
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
    detailer = engine if isinstance(engine, Detailer) else None
    edges = EdgeSettings(**params.get("edges", {}))
    finisher = Finisher(source, edges, detailer, prompts)
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
            finish=finisher,
        )
    finally:
        engine.close()
    if finisher.disagreements:
        note["second_look_refused"] = finisher.disagreements
    return signals, note


def _what_results_depend_on(spec: TaskSpec, engine: EngineInfo) -> dict[str, Any]:
    """Not the device nor the libraries' versions: resuming across them is noted instead."""
    params = spec["params"]
    return {
        "plate": spec["shot"]["plate"],
        "colorspace": spec["shot"].get("colorspace"),
        "objects": [
            [one["id"], one["name"], one["prompts"], one.get("frame_range")]
            for one in params["objects"]
        ],
        "frame_range": params["frame_range"],
        "direction": params.get("direction", "both"),
        "image_size": params.get("image_size"),
        "edges": asdict(EdgeSettings(**params.get("edges", {}))),
        "engine": [engine.engine, engine.model, engine.checkpoint_sha256],
        "computed": [engine.versions.get(what) for what in _COMPUTED],
    }


def _check_found(objects: Sequence[dict[str, Any]], found: set[str]) -> None:
    lost = [one["name"] for one in objects if one["id"] not in found]
    if lost:
        raise RotoError(
            f"nothing was found where {', '.join(lost)} was prompted",
            code="empty_result",
            hint="Put a positive click well inside the object, or draw a box around it.",
            detail={"objects": lost},
        )


def _write_summary(
    ctx: TaskContext, engine: EngineInfo, confidence: Confidence, signals: Signals
) -> None:
    params = ctx.spec["params"]
    summary = {
        "frame_range": params["frame_range"],
        "objects": [{"id": one["id"], "name": one["name"]} for one in params["objects"]],
        "confidence": {
            key: {str(frame): round(values[frame], 4) for frame in sorted(values)}
            for key, values in confidence.items()
        },
        "signals": {
            key: {
                str(frame): {name: round(value, 4) for name, value in sorted(values[frame].items())}
                for frame in sorted(values)
            }
            for key, values in signals.items()
        },
        "engine": asdict(engine),
    }
    text = json.dumps(summary, separators=(",", ":")) + "\n"
    write_bytes(ctx.output_dir / "track.json", text.encode())


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
