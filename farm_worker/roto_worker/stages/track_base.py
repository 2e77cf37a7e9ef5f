"""What a correction takes over from the job it corrects: mattes, seeds, and what is known of them.

Frames outside the stretches around changed prompts are the corrected job's own files. Where that
result was made in another way (another engine, another direction...) or is not there for an object,
everything is tracked again, and why is noted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from roto_shapes.prompts import FramePrompt

from ..engines.base import EngineInfo
from ..engines.plan import Direction, Kept, Kind, Plan, plan_sweeps
from ..engines.restrict import restrict
from ..media.masks import read_mask16
from .track_files import TrackFiles, seed_path
from .track_summary import SUMMARY_FILE, read_summary

Range = tuple[int, int]


@dataclass(frozen=True)
class Taken:
    """Of one object: ``masks`` of the frames that stay, ``seeds`` of its corrections that do (as
    far as they were published), and what is known of those frames."""

    kept: Kept
    masks: Mapping[int, Path]
    seeds: Mapping[int, Path]
    confidence: Mapping[int, float]
    signals: Mapping[int, Mapping[str, float]]


class TrackBase:
    """The published track directory of the corrected job.

    ``objects`` are its objects with their prompts, ``settings`` and ``engine`` this job's (see
    `track_summary`), ``frame_range`` as well. ``notes`` go into the provenance.

    Raises:
        RotoError: ``storage_failed``: its summary cannot be read.
    """

    def __init__(
        self,
        folder: Path,
        objects: Sequence[Mapping[str, Any]],
        frame_range: Range,
        settings: Mapping[str, Any],
        engine: EngineInfo,
    ) -> None:
        self._folder = folder
        self._objects = {str(one["id"]): one for one in objects}
        self._summary = read_summary(folder)
        self._frame_range = frame_range
        self._direction: Direction = settings["direction"]
        self.notes: dict[str, Any] = {}
        differs = self._differences(settings, engine)
        if differs:
            self.notes["base_not_used"] = differs
        elif self._summary["engine"] != asdict(engine):
            self.notes["base_made_by"] = self._summary["engine"]
        self._fits = not differs

    @property
    def digest(self) -> str:
        """Changes with what is taken over."""
        return hashlib.sha256((self._folder / SUMMARY_FILE).read_bytes()).hexdigest()

    def take(self, one: Mapping[str, Any], own: Range) -> Taken | None:
        """What stays of an object of this job; None when all of it is to be tracked.

        ``own``: the plate frames it may be on.
        """
        before = self._objects.get(one["id"])
        if not self._fits or before is None:
            return None
        known = self._summary["confidence"].get(one["id"], {})
        first, last = self._frame_range
        moved = before.get("frame_range") != one.get("frame_range")
        if moved or not all(str(frame) in known for frame in range(first, last + 1)):
            return None
        old, new = (list(map(FramePrompt.from_json, given["prompts"])) for given in (before, one))
        kept = restrict(old, new, self._kinds(one["id"], old, own), own)
        again = {frame for a, b in kept.stretches for frame in range(a, b + 1)}
        stay = [frame for frame in range(first, last + 1) if frame not in again]
        signals = self._summary.get("signals", {}).get(one["id"], {})
        return Taken(
            kept,
            {frame: self._folder / str(before["name"]) / f"{frame}.png" for frame in stay},
            {
                frame: path
                for frame, kind in kept.kinds.items()
                if kind is Kind.CORRECTION
                and (path := seed_path(self._folder, one["id"], frame)).is_file()
            },
            {frame: float(known[str(frame)]) for frame in stay},
            {frame: signals.get(str(frame), {}) for frame in stay},
        )

    def _kinds(self, object_id: str, old: Sequence[FramePrompt], own: Range) -> dict[int, Kind]:
        told = self._summary.get("kinds", {}).get(object_id)
        if told is not None:
            return {int(frame): Kind(kind) for frame, kind in told.items()}
        plan = plan_sweeps({object_id: old}, self._frame_range, self._direction, {object_id: own})
        return dict(plan.kinds[object_id])

    def _differences(self, settings: Mapping[str, Any], engine: EngineInfo) -> list[str]:
        """By what this job's mattes would not go with the old ones."""
        made = self._summary["engine"]
        pairs = {
            "frame_range": (self._summary["frame_range"], list(self._frame_range)),
            "engine": (made["engine"], engine.engine),
            "model": (made["model"], engine.model),
            "checkpoint": (made["checkpoint_sha256"], engine.checkpoint_sha256),
        }
        told = self._summary.get("settings", {})
        pairs |= {name: (told[name], settings.get(name)) for name in sorted(told)}
        return [name for name, (old, new) in pairs.items() if old != new]


def take_over(
    files: TrackFiles,
    taken: Mapping[str, Taken],
    plan: Plan,
    tell: Callable[[], None] = lambda: None,
) -> dict[str, list[int]]:
    """Put what stays where this job's results go; ``tell`` is called before each object, since
    this can take a while where files cannot be shared, and may raise to stop.

    Returns by object id the corrections that begin from their own matte, because the corrected job
    (of an earlier version) has not published what they began from.

    Raises:
        RotoError: ``storage_failed``: a file of the corrected job is gone.
    """
    made: dict[str, list[int]] = {}
    for object_id, one in taken.items():
        tell()
        files.keep(object_id, one.masks, one.seeds)
    for sweep in plan.sweeps:
        of = taken.get(sweep.object)
        if of is None or not sweep.corrects or sweep.start not in of.kept.kinds:
            continue
        frames = made.setdefault(sweep.object, [])
        if sweep.start not in of.seeds and sweep.start not in frames:
            files.seed_from(sweep.object, sweep.start, read_mask16(of.masks[sweep.start]))
            frames.append(sweep.start)
    return {object_id: frames for object_id, frames in made.items() if frames}
