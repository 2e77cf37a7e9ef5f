"""The figure of ARCHITECTURE.md: one generated walk, from matte to keys.

``python benchmarks/roto/figure.py`` writes docs/images/vectorizer.png.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from matplotlib import pyplot as plt  # noqa: E402

from roto.scenes import articulated  # noqa: E402
from roto.shots import Shot  # noqa: E402
from roto_shapes.document import Layer  # noqa: E402
from roto_shapes.evaluate import outline_at  # noqa: E402
from roto_worker.vectorize import vectorize  # noqa: E402
from roto_worker.vectorize.motion.correspondence import follow  # noqa: E402
from roto_worker.vectorize.outline.contour import extract  # noqa: E402
from roto_worker.vectorize.outline.mattes import as_alpha  # noqa: E402
from roto_worker.vectorize.outline.outlines import polygon  # noqa: E402
from roto_worker.vectorize.parts.split import decompose  # noqa: E402

OUT = ROOT / "docs" / "images" / "vectorizer.png"
SHOWN = (16, 20, 24)
EVERY_SPOT = 9


def main() -> None:
    shot = articulated()
    frames = list(shot.frames)
    size = (shot.width, shot.height)
    sequence = [extract(as_alpha(shot.matte(f), *size, f)) for f in frames]
    tracks = decompose(sequence, size)
    result = vectorize(shot.matte, frames, width=size[0], height=size[1])
    figure, axes = plt.subplots(2, 2, figsize=(12, 8.4), dpi=100)
    _regions(axes[0][0], shot, frames, tracks)
    _spots(axes[0][1], frames, tracks)
    _points(axes[1][0], frames, result.layer)
    _keys(axes[1][1], frames, result.layer)
    figure.tight_layout()
    figure.savefig(OUT)


def _regions(axis: Any, shot: Shot, frames: list[int], tracks: list[Any]) -> None:
    axis.set_title(
        "1  regions: body and limbs overlap, hidden seams weigh nothing (dotted)", fontsize=10
    )
    at = SHOWN[1]
    axis.imshow(
        1 - 0.15 * as_alpha(shot.matte(frames[at]), shot.width, shot.height, at),
        cmap="gray",
        vmin=0,
        vmax=1,
    )
    for number, track in enumerate(tracks):
        if track.first <= at < track.stop:
            contour = track.contours[at - track.first]
            seen = np.where(contour.weights[:, None] > 0.5, contour.points, np.nan)
            hidden = np.where(contour.weights[:, None] <= 0.5, contour.points, np.nan)
            axis.plot(*seen.T, color=f"C{number % 10}", lw=2)
            axis.plot(*hidden.T, color=f"C{number % 10}", lw=1, ls=":")
    _frame_around(axis, tracks, at)


def _spots(axis: Any, frames: list[int], tracks: list[Any]) -> None:
    axis.set_title("2  correspondence: the same spots on every frame", fontsize=10)
    main_track = max(tracks, key=lambda t: t.area)
    life = max(follow(main_track.contours, main_track.first), key=lambda x: len(x.contours))
    for shade, at in zip((0.75, 0.5, 0.0), SHOWN, strict=True):
        row = at - life.first
        if 0 <= row < len(life.contours):
            axis.plot(
                *np.append(life.points[row], life.points[row][:1], 0).T, color=str(shade), lw=1
            )
    span = [at - life.first for at in range(SHOWN[0], SHOWN[-1] + 1)]
    span = [row for row in span if 0 <= row < len(life.contours)]
    for spot in range(0, life.points.shape[1], EVERY_SPOT):
        axis.plot(*life.points[span, spot].T, color="C3", lw=0.8)
    _frame_around(axis, [main_track], SHOWN[1], 60)


def _points(axis: Any, frames: list[int], layer: Layer) -> None:
    axis.set_title(
        "3  few points, chosen for all frames; handles in line between keys, too", fontsize=10
    )
    frame = frames[SHOWN[1]]
    for number, shape in enumerate(layer.shapes):
        curve, points = polygon(layer, shape, frame), outline_at(layer, shape, frame)
        if curve is None or points is None:
            continue
        axis.plot(*np.append(curve, curve[:1], 0).T, color=f"C{number % 10}", lw=1.5)
        for p in points:
            axis.plot(
                [p.x + p.in_dx, p.x, p.x + p.out_dx],
                [p.y + p.in_dy, p.y, p.y + p.out_dy],
                color="0.6",
                lw=0.8,
            )
            axis.plot(p.x, p.y, "s", color="k", ms=3.5)
    axis.set_aspect("equal")
    axis.invert_yaxis()
    axis.axis("off")


def _keys(axis: Any, frames: list[int], layer: Layer) -> None:
    axis.set_title(
        "4  keys where the motion turns, refitted together against every frame", fontsize=10
    )
    rows = [(s.name, [k.frame for k in s.keys], s.visible) for s in layer.shapes]
    if layer.transform:
        rows.append(("transform", [k.frame for k in layer.transform.keys], []))
    for row, (_, keys, visible) in enumerate(rows):
        for first, last in visible or [(frames[0], frames[-1])]:
            axis.plot([first, last], [row, row], color=f"C{row % 10}", lw=1.5)
        axis.plot(keys, [row] * len(keys), "D", color=f"C{row % 10}", ms=5)
    axis.set_yticks(range(len(rows)), [name for name, _, _ in rows])
    axis.set_xlabel("frame")
    axis.set_ylim(-0.6, len(rows) - 0.4)


def _frame_around(axis: Any, tracks: list[Any], at: int, margin: int = 25) -> None:
    points = [t.contours[at - t.first].points for t in tracks if t.first <= at < t.stop]
    low, high = (
        np.concatenate(points).min(axis=0) - margin,
        np.concatenate(points).max(axis=0) + margin,
    )
    axis.set_xlim(low[0], high[0])
    axis.set_ylim(high[1], low[1])
    axis.set_aspect("equal")
    axis.axis("off")


if __name__ == "__main__":
    main()
