"""The things that move: articulated, shaded, textured figures with exact coverage.

A figure is a tree of flat parts painted once; a pose turns the parts about their joints.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from .materials import Image, Points, Rng, noise, paint, palette

_SUPERSAMPLE = 3


@dataclass
class Part:
    """One rigid piece. ``sprite`` is premultiplied RGBA; lengths in units of the figure's size.

    ``pivot`` is the joint in the sprite's own pixels, ``at`` where it sits on the body. The angle
    is ``rest + swing * sin(rate * t + phase)`` radians.
    """

    sprite: Image
    pivot: tuple[float, float]
    at: tuple[float, float]
    rest: float = 0.0
    swing: float = 0.0
    rate: float = 0.0
    phase: float = 0.0

    def angle(self, time: float) -> float:
        return self.rest + self.swing * sin(self.rate * time + self.phase)


@dataclass
class Figure:
    """Parts from back to front, sized ``size`` pixels (about the root of the figure's area)."""

    parts: list[Part] = field(default_factory=list)

    def draw(self, layer: Image, place: Points, time: float) -> None:
        """Lay the figure over ``layer`` (premultiplied RGBA); ``place`` is the 2 x 3 map from the
        figure's own pixels (origin in its middle) to the layer's."""
        for part in self.parts:
            turn = part.angle(time)
            c, s = cos(turn), sin(turn)
            (px, py), (ax, ay) = part.pivot, part.at
            joint = np.array(
                [[c, -s, ax - c * px + s * py], [s, c, ay - s * px - c * py], [0, 0, 1]]
            )
            _lay(layer, part.sprite, place @ joint)


def _lay(layer: Image, sprite: Image, place: Points) -> None:
    height, width = sprite.shape[:2]
    corners = place @ np.array([[0, width, width, 0], [0, 0, height, height], [1, 1, 1, 1]])
    x0, y0 = np.maximum(np.floor(corners.min(axis=1)).astype(int) - 1, 0)
    x1, y1 = np.ceil(corners.max(axis=1)).astype(int) + 2
    x1, y1 = min(int(x1), layer.shape[1]), min(int(y1), layer.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    moved = place.copy()
    moved[:, 2] -= (x0, y0)
    over = cv2.warpAffine(sprite, moved, (x1 - int(x0), y1 - int(y0)), flags=cv2.INTER_LINEAR)
    window = layer[y0:y1, x0:x1]
    window *= 1 - over[..., 3:]
    window += over


def make_figure(rng: Rng, size: float, base: Image | None = None) -> Figure:
    """A figure of about ``size`` pixels, coloured near ``base`` (RGB) where one is given."""
    look = _Look(rng, size, base)
    kind = rng.choice(5, p=(0.24, 0.26, 0.2, 0.14, 0.16))
    return (_lump, _beast, _person, _vehicle, _cluster)[int(kind)](rng, size, look)


class _Look:
    """Materials shared by the parts of one figure."""

    def __init__(self, rng: Rng, size: float, base: Image | None) -> None:
        self._rng, self._size = rng, size
        self._coats = [palette(rng, 4, base) for _ in range(2)]
        self._one_coat = rng.random() < 0.55
        self._light = rng.uniform(0, 2 * pi)
        self._shade = rng.uniform(0.05, 0.5)

    def part(self, outline: Points, coat: int = 0) -> tuple[Image, tuple[float, float]]:
        """Sprite of the polygon ``outline`` ``[n, 2]`` (pixels, any origin) and the sprite's
        position of that origin."""
        low = np.floor(outline.min(axis=0)) - 2
        width, height = (int(v) for v in np.ceil(outline.max(axis=0)) + 2 - low)
        big = ((outline - low) * _SUPERSAMPLE * 16).astype(np.int32)
        mask = np.zeros((height * _SUPERSAMPLE, width * _SUPERSAMPLE), np.uint8)
        cv2.fillPoly(mask, [big], 255, shift=4)
        alpha = np.asarray(
            cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA), np.float32
        ) / np.float32(255)
        colours = self._coats[0 if self._one_coat else coat % 2]
        cell = self._size * self._rng.uniform(0.12, 0.6)
        colour = paint(self._rng, width, height, colours, max(cell, 3.0))
        colour *= self._relief(mask, width, height)[..., None]
        rgba = np.dstack([np.clip(colour, 0, 1) * alpha[..., None], alpha])
        return np.ascontiguousarray(rgba, np.float32), (-float(low[0]), -float(low[1]))

    def _relief(self, mask: NDArray[np.uint8], width: int, height: int) -> Image:
        """Shading of a surface that bulges away from its outline."""
        depth = cv2.distanceTransform(
            cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST), cv2.DIST_L2, 3
        )
        rise = np.sqrt(depth / max(float(depth.max()), 1.0))
        rise = cv2.GaussianBlur(rise, (0, 0), max(0.05 * self._size, 0.8))
        dy, dx = np.gradient(rise)
        lit = (cos(self._light) * dx + sin(self._light) * dy) * self._size * 0.5
        return np.asarray(1 + self._shade * np.clip(lit, -1.5, 1.2), np.float32)


def _oval(rng: Rng, width: float, height: float, rough: float = 0.1) -> Points:
    """A lobed closed outline about the origin; ``rough`` is the size of its lobes."""
    theta = np.linspace(0, 2 * pi, 48, endpoint=False)
    radius = np.ones_like(theta)
    for lobes in range(2, 8):
        radius += rng.normal(0, rough / lobes**0.5) * np.cos(lobes * theta + rng.uniform(0, 6.3))
    radius = np.clip(radius, 0.25, 1.9)
    power = rng.choice([1.0, 1.0, 0.6])
    x = np.sign(np.cos(theta)) * np.abs(np.cos(theta)) ** power
    y = np.sign(np.sin(theta)) * np.abs(np.sin(theta)) ** power
    return np.stack([x * radius * width / 2, y * radius * height / 2], -1)


def _polygon(rng: Rng, width: float, height: float) -> Points:
    theta = np.sort(rng.uniform(0, 2 * pi, int(rng.integers(3, 8)))) + np.linspace(0, 0.3, 1)
    radius = rng.uniform(0.6, 1.3, len(theta))
    return np.stack([np.cos(theta) * radius * width / 2, np.sin(theta) * radius * height / 2], -1)


def _limb(rng: Rng, length: float, width: float) -> Points:
    """A tapering bar hanging down from the origin."""
    knee, end = rng.uniform(0.5, 1.1), rng.uniform(0.4, 1.2)
    half = width / 2
    right = [(half, 0), (half * knee, length * 0.5), (half * end, length)]
    left = [(-x, y) for x, y in reversed(right)]
    return np.array([(0, -half * 0.7), *right, (0, length + half * 0.5), *left])


def _lump(rng: Rng, size: float, look: _Look) -> Figure:
    stretch = np.exp(rng.normal(0, 0.45))
    across, down = 1.1 * size * stretch, 1.1 * size / stretch
    if rng.random() < 0.3:
        outline = _polygon(rng, 1.3 * across, 1.3 * down)
    else:
        outline = _oval(rng, across, down, rng.choice([0.03, 0.12, 0.22]))
    figure = Figure([Part(*look.part(outline), (0, 0))])
    for _ in range(int(rng.integers(0, 3))):
        spot = _oval(rng, across * rng.uniform(0.1, 0.4), down * rng.uniform(0.1, 0.4))
        at = (across * rng.uniform(-0.25, 0.25), down * rng.uniform(-0.25, 0.25))
        figure.parts.append(Part(*look.part(spot, 1), at))
    return figure


def _beast(rng: Rng, size: float, look: _Look) -> Figure:
    long, high = size * rng.uniform(1.2, 1.8), size * rng.uniform(0.5, 0.9)
    leg = size * rng.uniform(0.25, 0.9)
    rate, swing = rng.uniform(0.15, 1.1), rng.uniform(0.05, 0.7)
    sprites = [look.part(_limb(rng, leg, size * rng.uniform(0.1, 0.26)), 1) for _ in range(2)]
    legs = [
        Part(*sprites[i % 2], (side * long * 0.33 + rng.normal(0, 0.05) * long, high * 0.3),
             0.0, swing, rate, i * pi / 2 + rng.uniform(0, 1))
        for i, side in enumerate((-1, 1, -1, 1)[: int(rng.choice([2, 4, 4]))])
    ]  # fmt: skip
    body = Part(*look.part(_oval(rng, long, high, 0.06)), (0, 0))
    neck = size * rng.uniform(0.3, 0.9)
    tilt = -rng.uniform(1.8, 2.9)
    spine = look.part(_limb(rng, neck, size * rng.uniform(0.2, 0.4)))
    root = (long * 0.38, -high * 0.15)
    parts = [*legs[:2], body, *legs[2:], Part(*spine, root, tilt, 0.15, rate, 1.0)]
    head = look.part(_oval(rng, size * rng.uniform(0.3, 0.6), size * rng.uniform(0.2, 0.4)))
    end = (root[0] - sin(tilt) * neck, root[1] + cos(tilt) * neck)
    parts.append(Part(*head, end, rng.uniform(-0.5, 0.8), 0.15, rate, 1.0))
    if rng.random() < 0.6:
        tail = look.part(_limb(rng, size * rng.uniform(0.3, 0.9), size * 0.08), 1)
        parts.insert(0, Part(*tail, (-long * 0.45, -high * 0.1), rng.uniform(0.3, 2), 0.5, 0.7))
    return Figure(parts)


def _person(rng: Rng, size: float, look: _Look) -> Figure:
    tall, wide = size * rng.uniform(0.8, 1.1), size * rng.uniform(0.4, 0.7)
    rate, swing = rng.uniform(0.15, 0.9), rng.uniform(0.05, 0.9)
    thick = size * rng.uniform(0.14, 0.24)
    leg = look.part(_limb(rng, tall * rng.uniform(0.7, 1.1), thick * 1.2), 1)
    arm = look.part(_limb(rng, tall * rng.uniform(0.6, 0.9), thick))
    torso = look.part(_oval(rng, wide, tall, 0.05))
    head = look.part(_oval(rng, wide * 0.65, wide * rng.uniform(0.65, 0.9), 0.04), 1)
    spread = rng.uniform(0, 1.2)
    return Figure([
        Part(*leg, (-wide * 0.2, tall * 0.35), 0.05, swing, rate, 0.0),
        Part(*arm, (-wide * 0.4, -tall * 0.3), spread, swing, rate, pi),
        Part(*leg, (wide * 0.2, tall * 0.35), -0.05, swing, rate, pi),
        Part(*torso, (0, 0)),
        Part(*head, (0, -tall * 0.62), 0.0, 0.1, rate, 1.0),
        Part(*arm, (wide * 0.4, -tall * 0.3), -spread, swing, rate, 0.0),
    ])  # fmt: skip


def _vehicle(rng: Rng, size: float, look: _Look) -> Figure:
    long, high = size * rng.uniform(1.3, 1.9), size * rng.uniform(0.4, 0.7)
    corners = np.array([(-0.5, 0.5), (-0.5, -0.3), (-0.42, -0.5), (0.4, -0.5), (0.5, -0.2),
                        (0.5, 0.5)])  # fmt: skip
    body = look.part((corners + rng.normal(0, 0.03, corners.shape)) * (long, high))
    roof = np.array([(-0.35, 0.1), (-0.25, -0.5), (0.15, -0.5), (0.33, 0.1)])
    cabin = look.part((roof + rng.normal(0, 0.04, roof.shape)) * (long, high * 1.1), 1)
    wheel = look.part(_oval(rng, high * 0.6, high * 0.6, 0.0), 1)
    turn = rng.uniform(-0.6, 0.6)
    wheels = [Part(*wheel, (side * long * 0.32, high * 0.45), 0, 2.5, turn) for side in (-1, 1)]
    return Figure([Part(*cabin, (0, -high * 0.6)), Part(*body, (0, 0)), *wheels])


def _cluster(rng: Rng, size: float, look: _Look) -> Figure:
    """Several lumps that overlap and sway: bushes, bags, flocks of cloth."""
    parts = []
    for i in range(int(rng.integers(2, 6))):
        lump = _oval(rng, size * rng.uniform(0.4, 0.9), size * rng.uniform(0.4, 0.9), 0.12)
        at = (size * rng.normal(0, 0.28), size * rng.normal(0, 0.28))
        sway = (rng.uniform(0, 0.4), rng.uniform(0.1, 0.8), rng.uniform(0, 6))
        parts.append(Part(*look.part(lump, i), at, 0.0, *sway))
    return Figure(parts)


def shape_field(rng: Rng, size: int, cell: float) -> Image:
    """Displacement ``[size, size, 2]`` in units of its deviation, smooth over ``cell`` pixels."""
    return np.asarray(noise(rng, size, size, cell, channels=2, fall=0.3), np.float32)
