"""Procedural surfaces: what the generated things and their surroundings are made of.

All colours are display-referred RGB, float32, 0..1.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Points = NDArray[np.float64]
"""Positions ``[n, 2]`` (x, y), or a 2 x 3 map of such."""
Rng = np.random.Generator


def noise(rng: Rng, width: int, height: int, cell: float, channels: int = 1, fall: float = 0.5):  # type: ignore[no-untyped-def]
    """``[height, width(, channels)]`` fractal noise about 0, deviation 1.

    ``cell`` is the size in pixels of the largest features; every octave halves it and multiplies
    the weight by ``fall`` (0.5 gives the 1/f spectrum of natural pictures).
    """
    total = np.zeros((height, width, channels) if channels > 1 else (height, width), np.float32)
    weight = 1.0
    while cell >= 1.0:
        columns, rows = int(width / cell) + 4, int(height / cell) + 4
        grid = rng.random((rows, columns, channels) if channels > 1 else (rows, columns))
        scale = np.array(
            [[1 / cell, 0, 1 + rng.random()], [0, 1 / cell, 1 + rng.random()]], np.float32
        )
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        plane = cv2.warpAffine(
            grid.astype(np.float32), scale, (width, height), flags=flags,
            borderMode=cv2.BORDER_REFLECT,
        )  # fmt: skip
        total += weight * plane
        weight *= fall
        cell /= 2
    total -= total.mean()
    return total / max(float(total.std()), 1e-4)


def palette(rng: Rng, count: int = 4, base: Image | None = None) -> Image:
    """``[count, 3]`` related colours: natural pictures are mostly dull, near one hue."""
    family = rng.choice(4, p=(0.36, 0.22, 0.22, 0.2))  # earth and skin, plants, sky, anything
    hue = (rng.normal(0.08, 0.03), rng.normal(0.26, 0.05), rng.normal(0.58, 0.05), rng.random())[
        int(family)
    ]
    saturation = rng.beta(1.3, 3.0)
    value = rng.uniform(0.12, 0.95)
    if base is not None:
        hue, saturation, value = _hsv(base)
    hues = hue + rng.normal(0, rng.choice([0.02, 0.05, 0.15]), count)
    saturations = np.clip(saturation + rng.normal(0, 0.12, count), 0, 1)
    values = np.clip(value + rng.normal(0, rng.choice([0.05, 0.15, 0.3]), count), 0.02, 1)
    hsv = np.stack([(hues % 1) * 360, saturations, values], -1).astype(np.float32)
    return np.asarray(cv2.cvtColor(hsv[None], cv2.COLOR_HSV2RGB)[0], np.float32)


def paint(rng: Rng, width: int, height: int, colours: Image, cell: float) -> Image:
    """``[height, width, 3]`` of a material drawn at random; ``cell`` scales its features."""
    kind = _KINDS[int(rng.choice(len(_KINDS), p=_WEIGHTS))]
    pattern = kind(rng, width, height, cell)
    surface = _ramp(colours, pattern)
    grain = noise(rng, width, height, max(cell / 3, 2.0), fall=rng.uniform(0.5, 0.9))
    surface *= (1 + rng.uniform(0.02, 0.22) * grain)[..., None]
    if rng.random() < 0.5:
        surface *= (1 + rng.uniform(0.05, 0.35) * gradient(rng, width, height))[..., None]
    return np.clip(surface, 0, 1)


def gradient(rng: Rng, width: int, height: int) -> Image:
    """A linear ramp in a random direction, -1..1."""
    angle = rng.uniform(0, 2 * pi)
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.asarray((cos(angle) * x + sin(angle) * y) / 1.42, np.float32)


def _hsv(colour: Image) -> tuple[float, float, float]:
    hue, saturation, value = cv2.cvtColor(colour.reshape(1, 1, 3), cv2.COLOR_RGB2HSV)[0, 0]
    return float(hue) / 360, float(saturation), float(value)


def _ramp(colours: Image, pattern: Image) -> Image:
    """Colours looked up by ``pattern`` 0..1, blended linearly."""
    steps = np.linspace(0, 1, len(colours))
    levels = np.linspace(0, 1, 64)
    table = np.stack([np.interp(levels, steps, colours[:, c]) for c in range(3)], -1)
    index = np.clip(pattern * 63, 0, 63).astype(np.intp)
    return table.astype(np.float32)[index]


def _squash(field: Image, contrast: float) -> Image:
    return np.asarray(1 / (1 + np.exp(-contrast * field)), np.float32)


def _plain(rng: Rng, width: int, height: int, cell: float) -> Image:
    return np.asarray(0.5 + 0.12 * noise(rng, width, height, 4 * cell), np.float32)


def _cloudy(rng: Rng, width: int, height: int, cell: float) -> Image:
    field = noise(rng, width, height, 3 * cell, fall=rng.uniform(0.4, 0.75))
    return _squash(field, rng.uniform(0.7, 3.0))


def _foliage(rng: Rng, width: int, height: int, cell: float) -> Image:
    field = noise(rng, width, height, cell, fall=rng.uniform(0.7, 1.0))
    return _squash(field, rng.uniform(1.0, 4.0))


def _spots(rng: Rng, width: int, height: int, cell: float) -> Image:
    field = noise(rng, width, height, 0.8 * cell, fall=0.2)
    return _squash(field - rng.uniform(0, 1), 9.0)


def _stripes(rng: Rng, width: int, height: int, cell: float) -> Image:
    angle, period = rng.uniform(0, pi), cell * rng.uniform(0.3, 1.0)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    along = (cos(angle) * x + sin(angle) * y) * (2 * pi / max(period, 2.5))
    bend = rng.uniform(0, 2.0) * noise(rng, width, height, 3 * cell, fall=0.3)
    return _squash(np.sin(along + bend), rng.uniform(1.0, 6.0))


def _blocks(rng: Rng, width: int, height: int, cell: float) -> Image:
    """Bricks, windows, planks: a grid of cells, each of its own shade."""
    across, down = max(cell * rng.uniform(0.4, 1.5), 2), max(cell * rng.uniform(0.3, 1.0), 2)
    rows, columns = int(height / down) + 1, int(width / across) + 1
    shades = rng.random((rows, columns)).astype(np.float32) ** rng.uniform(0.5, 2)
    size = (round(columns * across) + 1, round(rows * down) + 1)
    return cv2.resize(shades, size, interpolation=cv2.INTER_NEAREST)[:height, :width]


def _leaves(rng: Rng, width: int, height: int, cell: float) -> Image:
    """Dead leaves (Matheron 1968; Lee, Mumford, Huang 2001): overlapping discs of power-law size,
    the occlusion statistics of natural pictures."""
    canvas = np.full((height, width), rng.random(), np.float32)
    for radius in np.sort(cell * (1 - rng.random(60) * 0.93) ** 2)[::-1] * 1.2:
        centre = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        axes = (int(radius) + 1, int(radius * rng.uniform(0.3, 1)) + 1)
        cv2.ellipse(canvas, centre, axes, rng.uniform(0, 180), 0, 360, rng.random(), -1)
    return canvas


_KINDS: tuple[Callable[[Rng, int, int, float], Image], ...] = (
    _plain, _cloudy, _foliage, _spots, _stripes, _blocks, _leaves,
)  # fmt: skip
_WEIGHTS = (0.22, 0.24, 0.16, 0.08, 0.1, 0.08, 0.12)
