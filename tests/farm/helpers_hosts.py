"""What a host would draw from the files a job made, by the tests' own decoders of the formats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import OpenEXR

from roto_worker.vectorize.raster import fill
from shapes import helpers_fxs, helpers_nk

STEPS = np.linspace(0, 1, 16, endpoint=False)[:, None]
Bezier = Sequence[Sequence[tuple[float, float]]]
"""Per control point: incoming handle, point, outgoing handle; absolute plate pixels, y down."""


def nuke_mask(text: str, frame: int, width: int, height: int) -> np.ndarray:
    """The alpha of the file's only Roto node: shapes listed first lie on top."""
    (knob,) = helpers_nk.curves_knobs(text)
    mask = np.zeros((height, width), bool)
    for shape in reversed(list(helpers_nk.shapes_of(knob.root))):
        if shape.visible(frame):
            inside = fill([polygon(shape.outline(frame, height))], width, height)
            mask[inside] = shape.attribute("a", frame, 1) > 0
    return mask


def silhouette_mask(text: str, frame: int) -> np.ndarray:
    """The matte of all shapes of an ``.fxs``, lowest first."""
    file = helpers_fxs.read(text)
    mask = np.zeros((file.height, file.width), bool)
    key = frame - file.start
    for shape in helpers_fxs.shapes(file):
        if shape.number("opacity", key) > 0:
            points = [[file.pixel(p) for p in triple] for triple in shape.path(key)]
            outline = [(before, at, after) for at, before, after in points]
            inside = fill([polygon(outline)], file.width, file.height)
            mask[inside] = shape.properties["mode"].constant != "Subtract"
    return mask


def polygon(points: Bezier) -> np.ndarray:
    """The closed cubic Bezier curve, 16 chords per segment."""
    chords = []
    for (_, start, leaving), (arriving, end, _) in zip(
        points, [*points[1:], points[0]], strict=True
    ):
        a, b, c, d = (np.array(point) for point in (start, leaving, arriving, end))
        s = 1 - STEPS
        chords.append(s**3 * a + 3 * s**2 * STEPS * b + 3 * s * STEPS**2 * c + STEPS**3 * d)
    return np.concatenate(chords)


def matte(path: Path) -> np.ndarray:
    """Where the main channel of an EXR matte is at least one half."""
    with OpenEXR.File(str(path)) as file:
        return np.asarray(file.channels()["A"].pixels >= 0.5)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union."""
    union = (one | other).sum()
    return float((one & other).sum() / union) if union else 1.0
