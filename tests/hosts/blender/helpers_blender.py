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
RUN = Path(__file__).with_name("in_blender.py")
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
    _run([str(SCRIPT), str(path)], folder)
    return [picture(folder / f"{i}.exr") for i in range(len(job["frames"]))]


def in_blender(module, function, folder, **environment):
    """A function of a module in this folder, run in an empty Blender; what it wrote to stdout."""
    return _run([str(RUN), module, function, str(folder)], folder, **environment)


def _run(arguments, folder, **environment):
    done = subprocess.run(
        [sys.executable, *arguments],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in PATHS),
            "BLENDER_USER_RESOURCES": str(folder / "user"),
            **environment,
        },
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def picture(path):
    with OpenEXR.File(str(path)) as file:
        return np.asarray(file.channels()["V"].pixels, np.float32)
