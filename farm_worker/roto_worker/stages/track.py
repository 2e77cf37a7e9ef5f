"""The track stage: plate and prompts in, a soft matte per object and frame out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from roto_shapes.errors import RotoError
from roto_shapes.prompts import FramePrompt, object_range

from ..engines import registry
from ..engines.base import Detailer, EngineInfo, Segmenter, Signals
from ..engines.confidence import judge
from ..engines.driver import drive
from ..engines.evidence import Series
from ..engines.plan import Plan, plan_sweeps
from ..engines.prompts import check_against_plate
from ..matte import EdgeSettings, Finisher
from ..media import open_plate
from ..media.source import FrameSource, PlateInfo
from .context import StageResult, TaskContext, TaskSpec
from .outlines import outlines_as_masks
from .track_base import Taken, TrackBase, take_over
from .track_files import TrackFiles, fingerprint
from .track_summary import mask_files, write_summary

Prompts = dict[str, Sequence[FramePrompt]]

_COMPUTED = ("image_size", "mode", "margin")
"""Of `EngineInfo.versions`: settings of an engine that its results depend on."""


def run(ctx: TaskContext) -> StageResult:
    """Track every object of the task over its range, resuming an earlier attempt if one fits.

    Of a correction only the stretches around changed prompts are tracked; see `track_base`.

    Raises:
        RotoError: ``no_objects``, ``bad_prompt``, ``prompt_outside_plate``,
            ``prompt_outside_range``, ``range_outside_plate``, ``unknown_model``,
            ``checkpoint_invalid``, ``empty_result``, ``storage_failed`` or what the plate's reader
            raises.
        TaskStopped: the attempt is to end; a checkpoint has been left.
    """
    params, shot = ctx.spec["params"], ctx.spec["shot"]
    objects, (first, last) = params["objects"], params["frame_range"]
    source = open_plate(shot["plate"], colorspace=shot.get("colorspace"), frame_range=(first, last))
    with closing(source):
        ranges = {one["id"]: object_range((first, last), one.get("frame_range")) for one in objects}
        prompts = _prompts(objects, source.info, ranges)
        engine = registry.acquire(params["engine"], params["model"], params.get("image_size"))
        settings = _settings(ctx.spec, engine.info)
        base = _base(ctx.spec, settings, engine.info)
        taken = _taken(base, objects, ranges)
        kept = {key: one.kept for key, one in taken.items()}
        plan = plan_sweeps(prompts, (first, last), settings["direction"], ranges, kept)
        files = TrackFiles(
            ctx.output_dir,
            {one["id"]: one["name"] for one in objects},
            fingerprint(_what_results_depend_on(ctx.spec, settings, engine.info, base)),
            asdict(engine.info),
        )
        note = _base_note(params, base)
        unseeded = take_over(files, taken, plan, lambda: _check_stop(ctx, plan))
        if unseeded:
            note["seeds_from_mattes"] = unseeded
        signals, resumed_at = _track(ctx, engine, source, prompts, plan, files)
    _check_found(objects, files.found)
    files.finish(_seeds(plan, taken, unseeded))
    signals = {key: _told(signals.get(key, {}), taken.get(key)) for key in prompts}
    confidence = {
        key: judge(engine.info.engine, frames, prompts[key])
        | (dict(taken[key].confidence) if key in taken else {})
        for key, frames in signals.items()
    }
    whole = ((first, last),)
    changed = {key: kept[key].stretches if key in kept else whole for key in prompts}
    report = {"changed": {key: list(map(list, spans)) for key, spans in changed.items()}}
    facts: dict[str, Any] = {
        "frame_range": [first, last],
        "objects": [{"id": one["id"], "name": one["name"]} for one in objects],
        "engine": asdict(engine.info),
        "settings": settings,
        **(report if "base" in params else {}),
    }
    write_summary(ctx.output_dir, facts, confidence, signals, plan.kinds)
    names = {one["id"]: one["name"] for one in objects}
    return {
        "files": list(mask_files(ctx.output_dir, names, confidence)),
        "provenance": {**ctx.spec["provenance"], **asdict(engine.info), **note, **resumed_at},
        **({"report": report} if "base" in params else {}),
    }


def _told(tracked: Series, taken: Taken | None) -> dict[int, dict[str, float]]:
    """What is known of all of an object's frames."""
    stay = taken.signals if taken is not None else {}
    return {frame: dict(one) for frame, one in [*stay.items(), *tracked.items()]}


def _prompts(
    objects: Sequence[dict[str, Any]], plate: PlateInfo, ranges: dict[str, tuple[int, int]]
) -> Prompts:
    """What engines are told: frames ascending, outlines as masks, all of it on the plate."""
    given = {one["id"]: list(map(FramePrompt.from_json, one["prompts"])) for one in objects}
    check_against_plate(given, plate, ranges)
    return {
        key: outlines_as_masks(sorted(said, key=lambda p: p.frame), plate.width, plate.height)
        for key, said in given.items()
    }


def _base(spec: TaskSpec, settings: dict[str, Any], engine: EngineInfo) -> TrackBase | None:
    """The job that is corrected, if one is."""
    params, folder = spec["params"], spec["inputs"].get("base_masks")
    if "base" not in params or folder is None:
        return None
    first, last = params["frame_range"]
    return TrackBase(Path(folder), params["base"]["objects"], (first, last), settings, engine)


def _base_note(params: dict[str, Any], base: TrackBase | None) -> dict[str, Any]:
    """For the provenance: also that a correction is given nothing to correct any more."""
    gone = {"base_not_used": ["masks"]} if "base" in params else {}
    return dict(base.notes) if base else gone


def _taken(
    base: TrackBase | None, objects: Sequence[dict[str, Any]], ranges: dict[str, tuple[int, int]]
) -> dict[str, Taken]:
    found = {one["id"]: base.take(one, ranges[one["id"]]) if base else None for one in objects}
    return {key: one for key, one in found.items() if one is not None}


def _check_stop(ctx: TaskContext, plan: Plan) -> None:
    """Not where an attempt may be resumed: its first report tells how far it is."""
    if not ctx.resume_dirs:
        ctx.progress(0, plan.steps, "taking over what stays")


def _seeds(plan: Plan, taken: dict[str, Taken], made: dict[str, list[int]]) -> set[tuple[str, int]]:
    """Objects and frames whose corrections have something to begin from in this result."""
    seeds = {(sweep.object, sweep.stop) for sweep in plan.sweeps if sweep.seeds}
    seeds |= {(key, frame) for key, one in taken.items() for frame in one.seeds}
    return seeds | {(key, frame) for key, frames in made.items() for frame in frames}


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


def _settings(spec: TaskSpec, engine: EngineInfo) -> dict[str, Any]:
    """What the mattes depend on besides plate, prompts and model; a correction's are the same."""
    params = spec["params"]
    return {
        "colorspace": spec["shot"].get("colorspace"),
        "direction": params.get("direction", "both"),
        "edges": asdict(EdgeSettings(**params.get("edges", {}))),
        "computed": [engine.versions.get(what) for what in _COMPUTED],
    }


def _what_results_depend_on(
    spec: TaskSpec, settings: dict[str, Any], engine: EngineInfo, base: TrackBase | None
) -> dict[str, Any]:
    """Not the device nor the libraries' versions: resuming across them is noted instead."""
    params = spec["params"]
    return {
        **settings,
        "plate": _known_everywhere(spec["shot"]["plate"]),
        "objects": [
            [one["id"], one["name"], one["prompts"], one.get("frame_range")]
            for one in params["objects"]
        ],
        "frame_range": params["frame_range"],
        "image_size": params.get("image_size"),
        "engine": [engine.engine, engine.model, engine.checkpoint_sha256],
        "base": [base.digest, params["base"]] if base else None,
    }


def _known_everywhere(plate: dict[str, Any]) -> dict[str, Any]:
    """The plate by the name that does not depend on the node."""
    path = plate.get("known_as", plate["path"])
    return {**{name: one for name, one in plate.items() if name != "known_as"}, "path": path}


def _check_found(objects: Sequence[dict[str, Any]], found: set[str]) -> None:
    lost = [one["name"] for one in objects if one["id"] not in found]
    if lost:
        raise RotoError(
            f"nothing was found where {', '.join(lost)} was prompted",
            code="empty_result",
            hint="Put a positive click well inside the object, or draw a box around it.",
            detail={"objects": lost},
        )
