"""Mattes into shapes: overlap, boundary, points, keys and time on hand-drawn and exact mattes.

Boundary F at r pixels: harmonic mean of the shares of each outline's pixels that lie within r
pixels of the other's.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import common
from roto_worker.media.masks import read_mask16
from roto_worker.synthetic.clip import generate_clip
from roto_worker.vectorize import VectorizeResult, vectorize
from roto_worker.vectorize.command import mask_files
from roto_worker.vectorize.outlines import rasterize_shapes

DAVIS = ("blackswan", "car-shadow", "camel", "cows", "dog")
COLUMNS = (
    "clip",
    "shapes",
    "points",
    "keys",
    "frames",
    "edit",
    "IoU",
    "min",
    "BF1",
    "BF2",
    "s/frame",
)

Read = Callable[[int], NDArray[np.float32]]
Mask = NDArray[np.bool_]


def main() -> None:
    folder = common.footage() / "davis"
    figures: dict[str, Any] = {}
    for clip in DAVIS:
        paths = mask_files(folder / clip / "masks")
        figures[clip] = measure(lambda frame, paths=paths: read_mask16(paths[frame]), list(paths))
    with tempfile.TemporaryDirectory() as directory:
        generated = generate_clip(Path(directory), 1920, 1080, 24, format="jpg")
        figures["generated 1080p"] = measure(generated.truth, list(generated.frames))
    rows = [[clip, *(values[column] for column in COLUMNS[1:])] for clip, values in figures.items()]
    common.show("vectorize, tolerance 1 px, one thread", COLUMNS, rows)
    common.save("vectorize", figures)


def measure(read: Read, frames: list[int]) -> dict[str, Any]:
    height, width = read(frames[0]).shape
    start = time.process_time()
    result = vectorize(read, frames, width=width, height=height)
    seconds = (time.process_time() - start) / len(frames)
    report = result.report
    boundary = [boundary_scores(result, frame, read(frame) > 0.5) for frame in frames]
    one, two = np.mean(boundary, axis=0)
    return {
        "shapes": len(result.shapes),
        "points": report["points"],
        "keys": report["keys"],
        "frames": len(frames),
        "edit": report["edit_cost"],
        "IoU": report["iou_mean"],
        "min": report["iou_min"],
        "BF1": round(float(one), 4),
        "BF2": round(float(two), 4),
        "s/frame": round(seconds, 4),
        "dropped": report["dropped"]["count"],
        "not_followed": len(report["not_followed"]),
    }


def boundary_scores(result: VectorizeResult, frame: int, truth: Mask) -> tuple[float, float]:
    found = rasterize_shapes(result.layer, result.shapes, frame, truth.shape[1], truth.shape[0])
    return boundary_f(found, truth, 1), boundary_f(found, truth, 2)


def boundary_f(one: Mask, two: Mask, radius: float) -> float:
    edges = [_edge(one), _edge(two)]
    if not any(edge.any() for edge in edges):
        return 1.0
    if not all(edge.any() for edge in edges):
        return 0.0
    away = [cv2.distanceTransform((~e).astype(np.uint8), cv2.DIST_L2, 5) for e in edges]
    near = [float((away[1 - i][edges[i]] <= radius).mean()) for i in range(2)]
    return 2 * near[0] * near[1] / sum(near) if sum(near) else 0.0


def _edge(mask: Mask) -> Mask:
    solid = mask.astype(np.uint8)
    return mask & (cv2.erode(solid, np.ones((3, 3), np.uint8), borderValue=1) == 0)


if __name__ == "__main__":
    main()
