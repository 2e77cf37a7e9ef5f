"""A moving creature over a moving background, frame by frame, in linear light.

Every motion is a bounded function of the frame's index: any frame can be made alone, a longer clip
begins with the same pictures, and nothing runs out of its canvas.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import cv2
import numpy as np

from .creature import Pose, Skin, Window, coverage
from .noise import Plane, fractal_noise, mix, smoothstep

_HERO = (np.array([0.80, 0.16, 0.06], np.float32), np.array([0.42, 0.03, 0.16], np.float32))
_DISTRACTOR = (np.array([0.70, 0.30, 0.05], np.float32), np.array([0.30, 0.06, 0.10], np.float32))


@dataclass(frozen=True)
class RenderedFrame:
    """One frame: ``plate`` linear Rec.709 RGB, ``matte`` the hero's exact coverage 0..1."""

    plate: Plane
    matte: Plane


class Scene:
    """Renders the frames of one clip; ``width`` and ``height`` in pixels."""

    def __init__(self, width: int, height: int, seed: int, *, distractor: bool = False) -> None:
        self.width, self.height, self.seed = width, height, seed
        rng = np.random.default_rng(seed)
        self._phases = rng.uniform(0, 2 * pi, 12)
        self._sway = 0.12 * height
        self._layers = _paint_layers(rng, width, height, self._margin)
        self._skin = Skin(rng, _HERO)
        self._other = Skin(rng, _DISTRACTOR) if distractor else None

    @property
    def _margin(self) -> int:
        return int(np.ceil(2 * self._sway)) + 2

    def pose(self, index: int) -> Pose:
        """The hero on frame ``index`` (0 is the clip's first frame)."""
        p, t = self._phases, index / 24
        return Pose(
            x=self.width * (0.5 + 0.2 * sin(1.1 * t + p[0])),
            y=self.height * (0.5 + 0.12 * sin(1.7 * t + p[1])),
            size=self.height * 0.2 * (1 + 0.12 * sin(0.8 * t + p[2])),
            angle=0.5 * sin(0.9 * t + p[3]),
            twist=0.35 * sin(1.3 * t + p[4]),
            lobes=(
                (2, 0.12 + 0.05 * sin(1.5 * t + p[5]), 0.6 * sin(0.7 * t + p[6])),
                (3, 0.10, p[7]),
                (5, 0.12 + 0.04 * cos(2.1 * t + p[8]), p[9]),
                (8, 0.03, p[10] + 1.1 * t),
            ),
        )

    def distractor_pose(self, index: int) -> Pose:
        """The look-alike that passes behind the hero."""
        p, t = self._phases, index / 24
        return Pose(
            x=self.width * (0.5 - 0.38 * cos(0.7 * t + p[11])),
            y=self.height * (0.62 + 0.1 * sin(1.2 * t + p[0])),
            size=self.height * 0.12,
            angle=0.8 * t,
            twist=0.2,
            lobes=((3, 0.14, p[1]), (4, 0.08 + 0.03 * sin(t), p[2])),
        )

    def render(self, index: int) -> RenderedFrame:
        """Frame ``index``, the same picture for the same seed whatever was rendered before."""
        plate = self._background(index)
        if self._other is not None:
            self._lay_over(plate, self.distractor_pose(index), self._other)
        matte = self._lay_over(plate, self.pose(index), self._skin)
        grain = np.random.default_rng((self.seed, index)).standard_normal(
            plate.shape[:2], dtype=np.float32
        )
        plate *= (1 + 0.03 * grain)[..., None]
        return RenderedFrame(np.maximum(plate, 0), matte)

    def _lay_over(self, plate: Plane, pose: Pose, skin: Skin) -> Plane:
        window = Window.of(pose, self.width, self.height)
        alpha = coverage(pose, window)
        area = window.slices
        plate[area] = mix(plate[area], skin.shade(pose, window), alpha)
        matte = np.zeros((self.height, self.width), np.float32)
        matte[area] = alpha
        return matte

    def _background(self, index: int) -> Plane:
        t, margin = index / 24, self._margin
        far, near, near_alpha = self._layers
        drift = (sin(0.5 * t + self._phases[3]), sin(0.37 * t + self._phases[4]))

        def placed(layer: Plane, depth: float) -> Plane:
            move = np.array(
                [
                    [1, 0, depth * self._sway * drift[0] - margin],
                    [0, 1, depth * self._sway * drift[1] * 0.5 - margin],
                ],
                np.float32,
            )
            return np.asarray(cv2.warpAffine(layer, move, (self.width, self.height)), np.float32)

        return mix(placed(far, 0.7), placed(near, 1.9), placed(near_alpha, 1.9))


def _paint_layers(
    rng: np.random.Generator, width: int, height: int, margin: int
) -> tuple[Plane, Plane, Plane]:
    """Far layer, near layer and the near layer's alpha, with a margin to move in."""
    w, h = width + 2 * margin, height + 2 * margin
    cell = height / 3
    haze = fractal_noise(rng, w, h, cell * 1.5)
    detail = fractal_noise(rng, w, h, cell / 4)
    fall = np.linspace(0, 1, h, dtype=np.float32)[:, None] * np.ones((1, w), np.float32)
    far = mix(
        np.array([0.10, 0.26, 0.34], np.float32), np.array([0.05, 0.12, 0.07], np.float32), fall
    )
    far = mix(far, np.array([0.36, 0.44, 0.34], np.float32), smoothstep(0.45, 0.85, haze))
    far *= (0.55 + 0.9 * detail)[..., None]
    mass = fractal_noise(rng, w, h, cell, 6)
    leaf = fractal_noise(rng, w, h, cell / 6, 4)
    near = mix(
        np.array([0.015, 0.05, 0.035], np.float32), np.array([0.13, 0.24, 0.06], np.float32), leaf
    )
    alpha = smoothstep(0.5, 0.56, mass * 0.85 + 0.25 * (fall - 0.5) + 0.1 * leaf)
    return far, near, alpha
