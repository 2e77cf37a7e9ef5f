"""Masks drawn by Blender."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenEXR

from roto_shapes.formats import write

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = Path(__file__).with_name("render_masks.py")
PATHS = ("shared_client", "farm_worker", "plugins/blender")


def rendered(document, frames, folder, blend=False):
    """Blender's matte on each frame, float [height, width], top row first."""
    job = {
        "data": json.loads(write(document, "blender").text),
        "frames": list(frames),
        "out": str(folder),
        "blend": blend,
    }
    path = folder / "job.json"
    path.write_text(json.dumps(job), encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in PATHS),
        "BLENDER_USER_RESOURCES": str(folder / "user"),
    }
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(path)],
        env=environment, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return [picture(folder / f"{i}.exr") for i in range(len(job["frames"]))]


def picture(path):
    with OpenEXR.File(str(path)) as file:
        return np.asarray(file.channels()["V"].pixels, np.float32)
