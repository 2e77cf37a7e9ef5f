"""The thing to be isolated: a lobed, textured blob whose outline is known exactly.

The outline is a polar curve in the creature's own space, ``rho = radius(theta)``: inside and
outside are one comparison at any point of the plane, which makes the truth matte exact.
The texture is painted in the same space and therefore deforms with the outline.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .noise import Plane, fractal_noise, mix, smoothstep

TEXTURE_SIZE = 1024
SUPERSAMPLES = 16
_LIGHT = np.array([-0.45, -0.6, 0.66], np.float32)


@dataclass(frozen=True)
class Pose:
    """Where the creature is and what shape it has on one frame.

    ``x``/``y``/``size`` in pixels (``size`` is the mean radius), ``angle`` in radians clockwise on
    screen, ``lobes`` rows of (count, amplitude, phase), ``twist`` in radians at the mean radius.
    """

    x: float
    y: float
    size: float
    angle: float
    twist: float
    lobes: tuple[tuple[int, float, float], ...]

    @property
    def reach(self) -> float:
        """No part of the creature is farther from its centre than this, in pixels."""
        return self.size * (1 + sum(abs(amplitude) for _, amplitude, _ in self.lobes))

    def polar(self, x: NDArray, y: NDArray) -> tuple[NDArray, NDArray]:
        """Points of the plate in the creature's space: (rho / size, theta)."""
        dx, dy = (x - self.x) / self.size, (y - self.y) / self.size
        rho = np.hypot(dx, dy)
        return rho, np.arctan2(dy, dx) - self.angle - self.twist * rho

    def radius(self, theta: NDArray) -> NDArray:
        """The outline's rho at ``theta``."""
        radius = np.ones_like(theta)
        for count, amplitude, phase in self.lobes:
            radius = radius + amplitude * np.cos(count * theta + phase)
        return radius

    def inside(self, x: NDArray, y: NDArray) -> NDArray[np.bool_]:
        """Whether points of the plate lie in the creature."""
        rho, theta = self.polar(x, y)
        return np.asarray(rho < self.radius(theta), np.bool_)


@dataclass(frozen=True)
class Window:
    """The part of the plate a creature can touch: pixel rows and columns, end exclusive."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def of(cls, pose: Pose, width: int, height: int) -> Window:
        """The creature's bounding square, cut to the plate."""
        reach = pose.reach + 2
        return cls(
            top=int(np.clip(np.floor(pose.y - reach), 0, height)),
            left=int(np.clip(np.floor(pose.x - reach), 0, width)),
            bottom=int(np.clip(np.ceil(pose.y + reach), 0, height)),
            right=int(np.clip(np.ceil(pose.x + reach), 0, width)),
        )

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def centres(self) -> tuple[NDArray, NDArray]:
        """x and y of the window's pixel centres, ``[rows, columns]``."""
        y, x = np.mgrid[self.top : self.bottom, self.left : self.right].astype(np.float64)
        return x + 0.5, y + 0.5


def coverage(pose: Pose, window: Window) -> Plane:
    """The share of each pixel of ``window`` that the creature covers, 0..1.

    Pixels near the outline are sampled 16 x 16 times, so the value is exact to about 1/100;
    the others are 0 or 1.
    """
    x, y = window.centres()
    covered = pose.inside(x, y).astype(np.float32)
    if not covered.size:
        return covered
    kernel = np.ones((5, 5), np.uint8)
    band = cv2.dilate(covered, kernel) != cv2.erode(covered, kernel)
    steps = (np.arange(SUPERSAMPLES) + 0.5) / SUPERSAMPLES - 0.5
    offset_y, offset_x = (grid.ravel() for grid in np.meshgrid(steps, steps, indexing="ij"))
    samples = pose.inside(x[band][:, None] + offset_x, y[band][:, None] + offset_y)
    covered[band] = samples.mean(axis=1)
    return covered


class Skin:
    """The creature's texture, painted once and bent with its outline."""

    def __init__(self, rng: np.random.Generator, hue: tuple[NDArray, NDArray]) -> None:
        self._texture = _paint(rng, *hue)

    def shade(self, pose: Pose, window: Window) -> Plane:
        """Linear RGB of the creature over ``window``, also outside its outline."""
        x, y = window.centres()
        rho, theta = pose.polar(x, y)
        depth = np.clip(rho / pose.radius(theta), 0, 1.2).astype(np.float32)
        half = TEXTURE_SIZE / 2
        u = (depth * np.cos(theta) * 0.8 * half + half).astype(np.float32)
        v = (depth * np.sin(theta) * 0.8 * half + half).astype(np.float32)
        colour = cv2.remap(self._texture, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        direction = np.arctan2(y - pose.y, x - pose.x)
        bulge = np.minimum(depth, 1)
        facing = np.stack(
            [bulge * np.cos(direction), bulge * np.sin(direction), np.sqrt(1 - bulge**2)], axis=-1
        )
        light = np.clip(facing @ _LIGHT, 0, 1)
        gloss = 0.5 * np.clip(light, 0, 1) ** 24
        lit = colour * (0.28 + 0.85 * light)[..., None] + gloss[..., None]
        return np.asarray(lit, np.float32)


def _paint(rng: np.random.Generator, warm: NDArray, cool: NDArray) -> Plane:
    """Bands, speckles and two eyes in a square texture, linear RGB."""
    size = TEXTURE_SIZE
    v, u = np.mgrid[0:size, 0:size].astype(np.float32) / (size / 2) - 1
    wobble = fractal_noise(rng, size, size, 260)
    speckle = fractal_noise(rng, size, size, 36, 4)
    bands = 0.5 + 0.5 * np.sin(16 * np.hypot(u, v + 0.4) + 9 * wobble)
    colour = mix(warm, cool, smoothstep(0.25, 0.75, bands.astype(np.float32)))
    colour *= (0.45 + 0.9 * speckle)[..., None]
    spots = smoothstep(0.62, 0.68, speckle * 0.6 + wobble * 0.4)
    colour = mix(colour, np.array([0.95, 0.78, 0.30], np.float32), spots)
    for side in (-1, 1):
        eye = np.hypot(u - side * 0.2, v + 0.12)
        for outer, tint in ((0.15, (0.03, 0.02, 0.03)), (0.13, (0.9, 0.9, 0.85))):
            colour = mix(
                colour, np.array(tint, np.float32), 1 - smoothstep(outer - 0.01, outer, eye)
            )
        pupil = np.hypot(u - side * 0.18, v + 0.1)
        colour = mix(
            colour, np.array((0.01, 0.01, 0.02), np.float32), 1 - smoothstep(0.06, 0.07, pupil)
        )
    return colour
