"""Generated training clips: moving figures over natural-looking surroundings, with exact masks.

A clip is a pure function of its seed, its index and its size, so nothing needs to be stored and
training and evaluation never share one: they draw from different seed spaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, exp, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from .figures import Figure, Part, make_figure, shape_field
from .materials import Image, Points, Rng, gradient, noise, paint, palette

TRAINING, EVALUATION = 0, 1
"""The two seed spaces."""

_CANVAS = 1.5
"""Side of the painted background in units of the frame's; beyond it, it is mirrored."""


@dataclass(frozen=True)
class Clip:
    """``images`` uint8 RGB ``[T, S, S, 3]``; ``owners`` uint8 ``[T, S, S]``: 0 is background,
    k > 0 the visible pixels of object k (an object covers at least half of each)."""

    images: NDArray[np.uint8]
    owners: NDArray[np.uint8]

    def masks(self, objects: list[int]) -> NDArray[np.bool_]:
        """``[T, len(objects), S, S]``."""
        wanted = np.array(objects, np.uint8)[None, :, None, None]
        return np.asarray(self.owners[:, None] == wanted)

    def areas(self) -> NDArray[np.float64]:
        """``[T, n]`` share of the frame that object 1..n shows."""
        count = int(self.owners.max())
        planes = self.owners.reshape(len(self.owners), -1)
        return np.stack([(planes == k).mean(axis=1) for k in range(1, count + 1)], -1).reshape(
            len(planes), count
        )


def make_clip(
    index: int, *, seed: int = 0, space: int = TRAINING, size: int = 128, frames: int = 8
) -> Clip:
    """Clip number ``index``, ``size`` pixels square."""
    rng = np.random.default_rng([space, seed, index])
    scene = _Scene(rng, size)
    images = np.empty((frames, size, size, 3), np.uint8)
    owners = np.empty((frames, size, size), np.uint8)
    for time in range(frames):
        images[time], owners[time] = scene.render(time)
    return Clip(images, owners)


class _Motion:
    """Where a figure is: the 2 x 3 map from its own pixels to the world's, by frame."""

    def __init__(self, rng: Rng, size: float, side: int, pace: float) -> None:
        self._start = rng.uniform(0.12, 0.88, 2) * side
        heading = rng.uniform(0, 2 * pi)
        speed = pace * size * rng.gamma(1.2, 0.09)
        self._velocity = np.array([cos(heading), 0.6 * sin(heading)]) * speed
        # Whoever starts near a side mostly walks inwards.
        if rng.random() < 0.7:
            self._velocity *= np.where((self._start > side / 2) == (self._velocity > 0), -1, 1)
        self._bob = rng.uniform(0, 0.12, 2) * size * pace
        self._rate = rng.uniform(0.2, 1.4)
        self._phase = rng.uniform(0, 2 * pi, 4)
        upright = rng.random() < 0.65
        self._angle = rng.normal(0, 0.2) if upright else rng.uniform(0, 2 * pi)
        self._spin = rng.normal(0, 0.03 if upright else 0.14) * pace
        self._growth = rng.normal(0, 0.03) * pace
        self._turn = rng.uniform(0, 0.35) * pace
        self._mirror = rng.choice([-1.0, 1.0])
        squeeze = exp(rng.normal(-0.15, 0.25))
        self._aspect = (squeeze, 1 / squeeze)

    def at(self, time: float) -> tuple[Points, Points]:
        """The map and the velocity in pixels a frame."""
        wave = np.sin(self._rate * time + self._phase)
        centre = self._start + self._velocity * time + self._bob * wave[:2]
        angle = self._angle + self._spin * time + 0.1 * wave[2]
        grow = exp(self._growth * time)
        sx = self._mirror * grow * self._aspect[0] * (1 - self._turn * 0.5 * (1 + wave[3]))
        sy = grow * self._aspect[1]
        c, s = cos(angle), sin(angle)
        place = np.array([[c * sx, -s * sy, centre[0]], [s * sx, c * sy, centre[1]]])
        return place, self._velocity


class _Camera:
    """Pan, zoom, roll and shake of the whole picture."""

    def __init__(self, rng: Rng, side: int) -> None:
        still = rng.random() < 0.3
        force = 0.0 if still else 1.0
        self._middle = side / 2
        self._pan = rng.normal(0, 0.009, 2) * side * force
        self._zoom = rng.normal(0, 0.009) * force
        self._roll = rng.normal(0, 0.008) * force
        shake = rng.exponential(0.004) * side * (0.3 if still else 1.0)
        self._shake = rng.normal(0, shake, (256, 2))

    def at(self, time: int, depth: float = 1.0) -> Points:
        """The 3 x 3 map of the world at ``depth`` (1 is the figures') to the frame."""
        move = self._pan * time * depth + self._shake[time % len(self._shake)]
        grow, roll, m = exp(self._zoom * time * depth), self._roll * time, self._middle
        c, s = cos(roll) * grow, sin(roll) * grow
        x, y = m - c * m + s * m + move[0], m - s * m - c * m + move[1]
        return np.array([[c, -s, x], [s, c, y], [0, 0, 1]])


@dataclass
class _Actor:
    figure: Figure
    motion: _Motion
    depth: float
    owner: int
    bend: Image | None
    bend_rate: float


class _Scene:
    def __init__(self, rng: Rng, side: int) -> None:
        self._side = side
        self._rng = rng
        self._camera = _Camera(rng, side)
        self._tint = palette(rng)
        self._background = _surroundings(rng, round(side * _CANVAS), self._tint)
        self._actors = self._cast()
        self._shadow = rng.uniform(0.2, 0.6) if rng.random() < 0.4 else 0.0
        self._shadow_at = rng.normal(0, 0.02, 2) * side
        self._smear = rng.random() < 0.35
        self._look = _Look(rng, side, float(self._background.mean()))
        y, x = np.mgrid[0:side, 0:side].astype(np.float32)
        self._grid = np.stack([x, y], -1)

    def _cast(self) -> list[_Actor]:
        rng, side = self._rng, self._side
        pace = float(rng.choice([0.2, 0.6, 1.2]))
        count = int(rng.choice([1, 2, 3, 4], p=(0.3, 0.35, 0.22, 0.13)))
        actors: list[_Actor] = []
        for owner in range(1, count + 1):
            size = side * float(np.sqrt(np.exp(rng.uniform(np.log(0.012), np.log(0.4)))))
            twin = actors[-1] if actors and rng.random() < 0.25 else None
            if twin is not None:
                figure = twin.figure
            else:
                hidden = rng.random() < 0.1
                figure = make_figure(rng, size, self._tint[0] if hidden else None)
            bend = None
            if rng.random() < 0.4:
                amount = size * rng.uniform(0.01, 0.07)
                bend = amount * shape_field(rng, side, max(size * rng.uniform(0.4, 1), 8))
            still = 0.15 if rng.random() < 0.2 else 1.0
            motion = _Motion(rng, size, side, pace * still)
            actors.append(_Actor(figure, motion, 1.0, owner, bend, rng.uniform(0.2, 1.2)))
        rng.shuffle(actors)
        if rng.random() < 0.25:
            bars = _Motion(rng, side * 0.5, side, 0.1)
            actors.append(_Actor(_bars(rng, side, self._tint), bars, 1.4, 0, None, 0.0))
        return actors

    def render(self, time: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """The picture and who owns each pixel."""
        side = self._side
        margin = (self._background.shape[0] - side) / 2
        place = self._camera.at(time, 0.8)[:2].copy()
        place[:, 2] -= place[:, :2] @ (margin, margin)
        picture = cv2.warpAffine(
            self._background, place, (side, side), borderMode=cv2.BORDER_REFLECT_101
        )
        owners = np.zeros((side, side), np.uint8)
        for actor in self._actors:
            layer = self._layer(actor, time)
            alpha = layer[..., 3]
            if self._shadow:
                picture *= 1 - self._shadow * self._cast_shadow(alpha)[..., None]
            picture *= 1 - layer[..., 3:]
            picture += layer[..., :3]
            owners[alpha >= 0.5] = actor.owner
        return self._look.develop(picture, time), owners

    def _layer(self, actor: _Actor, time: int) -> Image:
        layer = np.zeros((self._side, self._side, 4), np.float32)
        place, velocity = actor.motion.at(time)
        camera = self._camera.at(time, actor.depth)
        actor.figure.draw(
            layer, camera[:2, :2] @ place + [[0, 0, camera[0, 2]], [0, 0, camera[1, 2]]], time
        )
        if actor.bend is not None:
            moved = self._grid + actor.bend * np.float32(sin(actor.bend_rate * time + actor.owner))
            layer = cv2.remap(layer, moved, None, cv2.INTER_LINEAR)
        length = float(np.hypot(*velocity)) * 0.6
        if self._smear and length > 1.2:
            layer = cv2.filter2D(layer, -1, _streak(velocity, min(length, 9.0)))
        return layer

    def _cast_shadow(self, alpha: Image) -> Image:
        sigma = 0.025 * self._side
        soft = cv2.blur(alpha, (int(2 * sigma) | 1, int(2 * sigma) | 1))
        shift = np.array([[1, 0, self._shadow_at[0]], [0, 1, self._shadow_at[1]]], np.float32)
        return np.asarray(cv2.warpAffine(soft, shift, alpha.shape[::-1]), np.float32)


class _Look:
    """What a camera and a codec do to the picture; the same for every frame of a clip."""

    def __init__(self, rng: Rng, side: int, brightness: float) -> None:
        """``brightness``: the surroundings' mean, which decides the exposure."""
        self._rng = rng
        self._gamma = exp(rng.normal(0, 0.2))
        exposure = float(np.clip(rng.uniform(0.25, 0.55) / max(brightness, 0.05), 0.5, 2.5))
        self._gain = exposure * np.exp(rng.normal(0, 0.06, 3))
        self._lift = rng.uniform(-0.05, 0.08)
        self._flicker = rng.exponential(0.02)
        self._blur = rng.uniform(0.3, 0.9) * side / 128 if rng.random() < 0.35 else 0.0
        self._grain = rng.exponential(0.008)
        self._quality = int(rng.integers(25, 90)) if rng.random() < 0.3 else 0
        self._light = 1 + rng.uniform(0, 0.4) * gradient(rng, side, side)
        self._grey = rng.random() < 0.04

    def develop(self, picture: Image, time: int) -> NDArray[np.uint8]:
        """``picture`` 0..1 as 8-bit."""
        if self._blur:
            picture = cv2.GaussianBlur(picture, (0, 0), self._blur)
        gain = self._gain * (1 + self._flicker * sin(1.7 * time))
        picture = picture * self._light[..., None] * gain.astype(np.float32) + np.float32(
            self._lift
        )
        if self._grain > 0.003:
            shape = picture.shape
            picture += self._rng.standard_normal(shape, np.float32) * np.float32(self._grain)
        table = np.round(255 * np.linspace(0, 1, 1025) ** self._gamma).astype(np.uint8)
        shown = table[np.clip(picture * 1024, 0, 1024).astype(np.intp)]
        if self._grey:
            shown = cv2.cvtColor(cv2.cvtColor(shown, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        if self._quality:
            _, packed = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, self._quality])
            shown = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
        return np.asarray(shown, np.uint8)


def _surroundings(rng: Rng, side: int, tint: Image) -> Image:
    """A background ``[side, side, 3]``: ground and sky, patches of stuff, things that stand."""
    cell = side * rng.uniform(0.05, 0.4)
    stuffs = [paint(rng, side, side, palette(rng, 4, tint[i % 4] if rng.random() < 0.5 else None),
                    cell * rng.uniform(0.3, 1.2)) for i in range(3)]  # fmt: skip
    canvas = stuffs[0]
    if rng.random() < 0.6:
        horizon = side * rng.uniform(0.25, 0.75)
        ragged = noise(rng, side, 1, side / 3)[0] * side * rng.exponential(0.03)
        below = np.arange(side)[:, None] > horizon + ragged[None]
        canvas[below] = stuffs[1][below]
    for _ in range(int(rng.choice([0, 2, 6, 14]))):
        _patch(rng, canvas, stuffs[int(rng.integers(1, 3))])
    if rng.random() < 0.4:
        layer = np.zeros((side, side, 4), np.float32)
        for _ in range(int(rng.integers(1, 4))):
            size = side * rng.uniform(0.06, 0.35)
            place, _ = _Motion(rng, size, side, 0.0).at(0)
            make_figure(rng, size).draw(layer, place, 0)
        canvas = canvas * (1 - layer[..., 3:]) + layer[..., :3]
    if rng.random() < 0.3:
        canvas = cv2.GaussianBlur(canvas, (0, 0), side * rng.uniform(0.003, 0.015))
    return np.ascontiguousarray(canvas, np.float32)


def _patch(rng: Rng, canvas: Image, stuff: Image) -> None:
    side = canvas.shape[0]
    mask = np.zeros((side, side), np.uint8)
    centre = rng.uniform(0, side, 2)
    reach = side * rng.uniform(0.03, 0.3)
    theta = np.linspace(0, 2 * pi, int(rng.choice([3, 4, 5, 24])), endpoint=False)
    radius = reach * rng.uniform(0.6, 1.4, len(theta))
    ring = centre + np.stack([np.cos(theta) * radius, np.sin(theta) * radius], -1) * rng.uniform(
        0.4, 1.6, 2
    )
    cv2.fillPoly(mask, [(ring * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    alpha = (mask / np.float32(255))[..., None]
    colour = stuff * np.exp(rng.normal(0, 0.3)).astype(np.float32) + rng.normal(0, 0.08, 3).astype(
        np.float32
    )
    canvas += (np.clip(colour, 0, 1) - canvas) * alpha


def _bars(rng: Rng, side: int, tint: Image) -> Figure:
    """Something in front: posts, branches."""
    parts = []
    for _ in range(int(rng.integers(1, 4))):
        wide = max(side * rng.uniform(0.02, 0.12), 2.0)
        high = side * rng.uniform(1.0, 2.0)
        colours = palette(rng, 4, tint[1])
        colour = paint(rng, int(wide) + 2, int(high), colours, wide * 2)
        alpha = np.ones((*colour.shape[:2], 1), np.float32)
        alpha[:, [0, -1]] = 0
        sprite = np.ascontiguousarray(np.dstack([colour * alpha, alpha]), np.float32)
        at = (side * rng.uniform(-0.5, 0.5), 0.0)
        parts.append(Part(sprite, (wide / 2, high / 2), at, rng.normal(0, 0.3)))
    return Figure(parts)


def _streak(velocity: Points, length: float) -> Image:
    """A line kernel along ``velocity``, ``length`` pixels long, sum 1."""
    reach = int(length / 2) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    step = velocity / max(float(np.hypot(*velocity)), 1e-6) * length / 2
    ends = np.round((reach + np.stack([-step, step])) * 16).astype(int)
    cv2.line(kernel, tuple(map(int, ends[0])), tuple(map(int, ends[1])), 1.0, 1, cv2.LINE_AA, 4)
    if kernel.sum() == 0:
        kernel[reach, reach] = 1
    return np.asarray(kernel / kernel.sum(), np.float32)
