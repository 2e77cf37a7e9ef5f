"""What a correction costs: frames tracked again and seconds, against tracking everything anew.

Through the track stage, from plate to mattes on disk; the mattes of both ways must be the same.
"""

from __future__ import annotations

import copy
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tracking
from engine.shot import OBJECT_ID, Context
from roto_shapes.prompts import FramePrompt
from roto_worker.media.masks import read_mask16
from roto_worker.stages import track
from tracking import Mask

Spec = dict[str, Any]


def cost(
    plate: Spec, truth: Mapping[int, Mask], shown: Sequence[int], corrected: int, engine: str
) -> dict[str, Any]:
    """Prompted by the true mask on the frames ``shown``, then a click on frame ``corrected``."""
    prompts = [tracking.mask_prompt(truth[frame], frame) for frame in shown]
    with tempfile.TemporaryDirectory() as folder:
        base, now, whole = (Path(folder) / name for name in ("base", "now", "whole"))
        spec = _spec(plate, truth, prompts, engine)
        _seconds(spec, base)
        found = read_mask16(base / "object" / f"{corrected}.png") >= 0.5
        click = tracking.correction(found, truth[corrected], corrected)
        full = _spec(plate, truth, [*prompts, click], engine)
        correction = copy.deepcopy(full)
        correction["params"]["base"] = {"objects": spec["params"]["objects"]}
        correction["inputs"] = {"base_masks": str(base)}
        seconds, seconds_whole = _seconds(correction, now), _seconds(full, whole)
        stretches = json.loads((now / "track.json").read_text())["changed"][OBJECT_ID]
        again = sum(last - first + 1 for first, last in stretches)
        same = all(
            (now / "object" / f"{frame}.png").read_bytes()
            == (whole / "object" / f"{frame}.png").read_bytes()
            for frame in truth
        )
    return {
        "frames": len(truth),
        "again": again,
        "share": again / len(truth),
        "seconds": seconds,
        "seconds_whole": seconds_whole,
        "ratio": seconds / seconds_whole,
        "same": same,
    }


def _spec(
    plate: Spec, truth: Mapping[int, Mask], prompts: Sequence[FramePrompt], engine: str
) -> Spec:
    given = [one.to_json() for one in sorted(prompts, key=lambda one: one.frame)]
    return {
        "shot": {"plate": plate},
        "params": {
            "objects": [{"id": OBJECT_ID, "name": "object", "prompts": given}],
            "frame_range": [min(truth), max(truth)],
            "engine": engine,
            "model": "auto" if engine == "flow" else "nano",
        },
        "inputs": {},
        "provenance": {},
    }


def _seconds(spec: Spec, folder: Path) -> float:
    folder.mkdir()
    started = time.perf_counter()
    track.run(Context(spec, folder))
    return time.perf_counter() - started
