"""Masks drawn by Blender, and what our rasteriser makes of the same document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenEXR

from roto_shapes.evaluate import flatten, opacity_at, outline_at
from roto_shapes.formats import write
from roto_worker.vectorize.raster import fill

ROOT = Path(__file__).resolve().parents[2]
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


def drawn(document, frame):
    """Our matte, float [height, width]: shapes over one another in a layer, the lightest layer."""
    mattes = [layer_drawn(document, layer, frame) for layer in document.layers]
    return np.maximum.reduce(mattes)


def layer_drawn(document, layer, frame):
    matte = np.zeros((document.height, document.width), np.float32)
    for shape in layer.shapes:
        points = outline_at(layer, shape, frame)
        if points is None:
            continue
        inside = fill([np.array(flatten(points, True, 0.02))], document.width, document.height)
        value = opacity_at(shape, frame) * (inside ^ shape.inverted)
        matte = matte * (1 - value) if shape.mode == "subtract" else matte + value * (1 - matte)
    return matte


def overlap(one, other):
    """Intersection over union of two mattes, of their values: min over max."""
    union = np.maximum(one, other).sum()
    return float(np.minimum(one, other).sum() / union) if union else 1.0
