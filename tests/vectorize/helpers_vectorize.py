"""Moving shapes with outlines known exactly, drawn as the mattes a tracker would give."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from roto_shapes.document import Document
from roto_worker.vectorize import VectorizeResult, vectorize
from roto_worker.vectorize.outline.outlines import rasterize_layer
from roto_worker.vectorize.outline.raster import fill, fill_coverage
from roto_worker.vectorize.settings import Settings

Paths = Callable[[int], list[np.ndarray]]
WIDTH, HEIGHT = 240, 160


def circle(cx: float, cy: float, radius: float, n: int = 360) -> np.ndarray:
    a = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([cx + radius * np.cos(a), cy + radius * np.sin(a)], axis=1)


def box(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)


def lobed(
    cx: float, cy: float, size: float, angle: float, *, lobes: int = 5, depth: float = 0.2
) -> np.ndarray:
    """A flower of ``lobes`` lobes, turned by ``angle`` radians; point i is the same spot always."""
    a = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    r = size * (1 + depth * np.cos(lobes * a) + 0.08 * np.cos(a))
    return np.stack([cx + r * np.cos(a + angle), cy + r * np.sin(a + angle)], axis=1)


def draw(paths: list[np.ndarray], soft: bool = True, size: tuple[int, int] = (WIDTH, HEIGHT)):
    if soft:
        return fill_coverage(paths, *size)
    return fill(paths, *size)


def solve(
    scene: Paths, frames: list[int], *, soft: bool = True, progress=None, **options
) -> VectorizeResult:
    settings = Settings(**options)
    return vectorize(
        lambda frame: draw(scene(frame), soft),
        frames,
        width=WIDTH,
        height=HEIGHT,
        settings=settings,
        progress=progress,
    )


def as_document(result: VectorizeResult, frames: list[int], size=(WIDTH, HEIGHT)) -> Document:
    return Document(*size, frame_range=(frames[0], frames[-1]), layers=[result.layer])


def iou(a: np.ndarray, b: np.ndarray) -> float:
    union = np.count_nonzero(a | b)
    return np.count_nonzero(a & b) / union if union else 1.0


def overlaps(result: VectorizeResult, scene: Paths, frames) -> list[float]:
    """IoU of the rasterised shapes with the scene drawn exactly, on any frames (also between)."""
    document = as_document(result, [int(frames[0]), int(frames[-1])])
    layer = document.layers[0]
    return [iou(rasterize_layer(document, layer, f), fill(scene(f), WIDTH, HEIGHT)) for f in frames]
