"""From what an artist said about one frame to a mask: grab-cut seeded by the box and the clicks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_shapes.prompts import Click

from .appearance import Plane

Labels = NDArray[np.uint8]
GRAB_SIZE = 360
"""Long side, in pixels, of the crop grab-cut works on: it wants seconds on more."""


@dataclass(frozen=True)
class Hints:
    """Clicks and box in pixels of the image at hand (origin top-left, y down)."""

    clicks: tuple[Click, ...] = ()
    box: tuple[float, float, float, float] | None = None

    def moved(self, x: float, y: float, scale: float) -> Hints:
        """The same, in a picture cut at (x, y) and scaled."""
        clicks = tuple(Click((c.x - x) * scale, (c.y - y) * scale, c.positive) for c in self.clicks)
        if self.box is None:
            return Hints(clicks)
        x0, y0, x1, y1 = self.box
        moved = ((x0 - x) * scale, (y0 - y) * scale, (x1 - x) * scale, (y1 - y) * scale)
        return Hints(clicks, moved)


def select(image: NDArray[np.uint8], hints: Hints) -> Plane:
    """The mask, 0 or 1, of what the hints point at."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = _window(hints, width, height)
    crop = image[y0:y1, x0:x1]
    scale = min(1.0, GRAB_SIZE / max(crop.shape[:2]))
    small = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = _grab(small, hints.moved(x0, y0, scale))
    mask = np.zeros((height, width), np.float32)
    size = (crop.shape[1], crop.shape[0])
    mask[y0:y1, x0:x1] = cv2.resize(found, size, interpolation=cv2.INTER_LINEAR) > 0.5
    return mask


def _window(hints: Hints, width: int, height: int) -> tuple[int, int, int, int]:
    """Twice the box; the whole picture when there is none."""
    if hints.box is None:
        return 0, 0, width, height
    x0, y0, x1, y1 = hints.box
    grow_x, grow_y = (x1 - x0) / 2 + 8, (y1 - y0) / 2 + 8
    return (
        max(int(x0 - grow_x), 0),
        max(int(y0 - grow_y), 0),
        min(int(x1 + grow_x) + 1, width),
        min(int(y1 + grow_y) + 1, height),
    )


def _grab(image: NDArray[np.uint8], hints: Hints) -> Plane:
    labels = _first_guess(image.shape[:2], hints)
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    if _both_classes(labels):
        cv2.grabCut(bgr, labels, None, background, foreground, 6, cv2.GC_INIT_WITH_MASK)
    inside = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    return _clean(inside, hints.clicks).astype(np.float32)


def _first_guess(shape: tuple[int, int], hints: Hints) -> Labels:
    """Grab-cut's labels before it has seen a colour."""
    height, width = shape
    if hints.box is None:
        labels = np.full(shape, cv2.GC_PR_BGD, np.uint8)
        reach = max(4, round(0.12 * min(shape)))
    else:
        labels = np.full(shape, cv2.GC_BGD, np.uint8)
        x0, y0, x1, y1 = (round(edge) for edge in hints.box)
        labels[max(y0, 0) : y1, max(x0, 0) : x1] = cv2.GC_PR_FGD
        reach = max(3, round(0.2 * min(x1 - x0, y1 - y0)))
    sure = max(2, reach // 4)
    for click in hints.clicks:
        at = (int(min(click.x, width - 1)), int(min(click.y, height - 1)))
        likely, certain = (
            (cv2.GC_PR_FGD, cv2.GC_FGD) if click.positive else (cv2.GC_PR_BGD, cv2.GC_BGD)
        )
        cv2.circle(labels, at, reach, likely, -1)
        cv2.circle(labels, at, sure, certain, -1)
    return labels


def _both_classes(labels: Labels) -> bool:
    inside = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))
    return bool(inside.any() and not inside.all())


def _clean(inside: Labels, clicks: Sequence[Click]) -> Labels:
    """Keep the parts under positive clicks (else the largest one) and what is nearly as large."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=4)
    if count <= 2:
        return inside
    areas = stats[:, cv2.CC_STAT_AREA].astype(float)
    areas[0] = 0
    height, width = inside.shape
    hit = {
        int(parts[int(min(c.y, height - 1)), int(min(c.x, width - 1))])
        for c in clicks
        if c.positive
    } - {0}
    main = sum(areas[part] for part in hit) if hit else areas.max()
    keep = areas > 0.25 * main
    for part in hit:
        keep[part] = True
    return keep[parts].astype(np.uint8)
