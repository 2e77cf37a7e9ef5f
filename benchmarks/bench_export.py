"""Seconds to export 100 frames of 1080p in every pixel format, against the goal of 5 s on 4 cores.

The plate is a scene-linear half-float EXR sequence with grain, the object a soft disc that moves
and covers about a tenth of the picture. Every export runs as the worker's stage runs it, from masks
and plate on the disk to hashed files. The baseline, in the same run, is the same stage with one
frame in hand and one encoding thread; CPU seconds say what an otherwise idle machine could do.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from common import save, show
from roto_worker.export.exr import write_exr
from roto_worker.media.masks import write_mask16
from roto_worker.stages import export, export_work

WIDTH, HEIGHT, FRAMES, BASELINE_FRAMES, FIRST = 1920, 1080, 100, 10, 1001
GOAL = 5.0
GOAL_CORES = 4
_TEMPLATE = "{object}_v{version:03d}.{frame:04d}.{ext}"


def _video(kind: str, codec: str) -> dict[str, Any]:
    return {"videos": [{"kind": kind, "codec": codec, "quality": "standard"}]}


EXPORTS: dict[str, dict[str, Any]] = {
    "mattes, EXR": {"outputs": ["mattes"]},
    "mattes, PNG 16": {"outputs": ["mattes"], "mattes": "png16"},
    "mattes, PNG 8": {"outputs": ["mattes"], "mattes": "png8"},
    "ID mattes": {"outputs": ["cryptomatte"]},
    "overlay, H.264": {"outputs": ["overlay"]},
    "green screen, H.264": _video("greenscreen", "h264"),
    "green screen, ProRes 4444": _video("greenscreen", "prores4444"),
    "cut-out, ProRes 4444": _video("cutout", "prores4444"),
}


class Bench:
    """A task context that tells nobody."""

    def __init__(self, folder: Path, spec: dict[str, Any]) -> None:
        self.spec, self.output_dir, self.scratch_dir = spec, folder, folder
        self.resume_dirs: list[Path] = []
        folder.mkdir()

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Nobody looks."""

    def log(self, event: str, **fields: object) -> None:
        """Nobody reads."""


def write_inputs(folder: Path) -> None:
    """``plate.####.exr`` and the masks of one object."""
    rng = np.random.default_rng(0)
    scene = cv2.GaussianBlur(rng.random((HEIGHT, WIDTH, 3), np.float32), (0, 0), 9)
    scene = (scene - scene.min()) / (scene.max() - scene.min())
    grain = rng.normal(0, 0.004, (HEIGHT + 64, WIDTH, 3)).astype(np.float32)
    (folder / "masks" / "hero").mkdir(parents=True)
    (folder / "masks" / "track.json").write_text(json.dumps({"engine": {"engine": "flow"}}))
    y, x = np.mgrid[0.5:HEIGHT, 0.5:WIDTH]
    for index in range(FRAMES):
        frame = FIRST + index
        picture = np.roll(scene, 3 * index, axis=1) + grain[index % 64 :][:HEIGHT]
        half = np.clip(picture, 0, None).astype(np.float16)
        planes = {name: half[..., number] for number, name in enumerate("RGB")}
        write_exr(folder / f"plate.{frame}.exr", planes)
        distance = np.hypot(x - 400 - 8 * index, y - 540)
        matte = np.clip((260 - distance) / 6 + 0.5, 0, 1).astype(np.float32)
        write_mask16(folder / "masks" / "hero" / f"{frame}.png", matte)


def spec_of(folder: Path, wishes: Mapping[str, Any], frames: int) -> dict[str, Any]:
    """A task of the contract."""
    hero = {"id": "0" * 32, "name": "hero", "prompts": []}
    return {
        "job_id": "0" * 32,
        "shot": {
            "name": "sh010", "project": "film", "width": WIDTH, "height": HEIGHT, "fps": [24, 1],
            "pixel_aspect": 1.0,
            "plate": {"kind": "sequence", "path": str(folder / "plate.%04d.exr")},
        },
        "inputs": {"masks": str(folder / "masks")},
        "params": {
            "objects": [hero], "frame_range": [FIRST, FIRST + frames - 1], "version": 1,
            "outputs": [], "formats": [], "mattes": "exr", "template": _TEMPLATE, **wishes,
        },
        "provenance": {},
    }  # fmt: skip


def timed(folder: Path, name: str, wishes: Mapping[str, Any], frames: int) -> dict[str, float]:
    """Wall and CPU seconds and megabytes written."""
    ctx = Bench(folder / name, spec_of(folder, wishes, frames))
    begun, cpu = time.perf_counter(), time.process_time()
    result = export.run(ctx)
    return {
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - cpu,
        "mb": sum(file["size"] for file in result["files"]) / 1e6,
    }


def main() -> None:
    cores = len(os.sched_getaffinity(0))
    figures: dict[str, Any] = {"frames": FRAMES, "cores": cores, "exports": {}}
    rows = []
    with tempfile.TemporaryDirectory(prefix="roto-bench-") as made:
        folder = Path(made)
        write_inputs(folder)
        timed(folder, "warm", EXPORTS["overlay, H.264"], 4)
        real = export_work.hands
        for number, (label, wishes) in enumerate(EXPORTS.items()):
            found = timed(folder, f"out{number}", wishes, FRAMES)
            export_work.hands = lambda width, height: 1
            alone = timed(folder, f"alone{number}", wishes, BASELINE_FRAMES)
            export_work.hands = real
            baseline = alone["seconds"] * FRAMES / BASELINE_FRAMES
            reachable = found["cpu"] / GOAL_CORES
            verdict = "yes" if found["seconds"] < GOAL else "likely" if reachable < GOAL else "no"
            figures["exports"][label] = {**found, "one_at_a_time": baseline}
            rows.append([
                label, round(found["seconds"], 1), round(found["cpu"], 1), round(reachable, 1),
                round(baseline, 1), round(found["mb"]), verdict,
            ])  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures["peak_mb"] = round(peak)
    title = f"{FRAMES} frames of {WIDTH} x {HEIGHT} on {cores} cores; peak memory {peak:.0f} MB"
    columns = ["export", "s", "CPU s", f"CPU s / {GOAL_CORES}", "s, one at a time", "MB"]
    show(title, [*columns, f"< {GOAL:g} s on {GOAL_CORES} cores"], rows)
    save("export", figures)


if __name__ == "__main__":
    sys.exit(main())
