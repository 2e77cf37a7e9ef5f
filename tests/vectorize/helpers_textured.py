"""A textured object that turns and bends over another texture, every spot of it known exactly."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from roto_worker.vectorize.outline.raster import fill, fill_coverage


def noise_texture(size: int, seed: int, contrast: float = 45.0) -> np.ndarray:
    """``[size, size, 3]`` float32 around grey: coarse and fine blotches."""
    rng = np.random.default_rng(seed)
    total = np.zeros((size, size, 3), np.float32)
    for sigma in (2.0, 5.0, 14.0):
        layer = cv2.GaussianBlur(
            rng.standard_normal((size, size, 3)).astype(np.float32), (0, 0), sigma
        )
        total += layer / layer.std()
    return 128 + contrast / np.sqrt(3) * total


@dataclass
class TexturedShot:
    """``outline``: ``(n, 2)`` of the object at rest, around the origin, pixels of the plate.

    The object travels, turns by ``turn`` radians a frame, breathes and bends; spot ``q`` at rest is
    at :meth:`place` of ``q`` on every frame.
    """

    outline: np.ndarray
    width: int
    height: int
    turn: float = 0.01
    travel: tuple[float, float] = (3.0, 0.8)
    bend: float = 0.03
    grain: float = 2.0
    contrast: float = 45.0
    middle: int = 36

    def __post_init__(self) -> None:
        self.reach = float(np.hypot(*self.outline.T).max())
        self.skin = noise_texture(int(3 * self.reach), 5, self.contrast)
        self.ground = noise_texture(max(self.width, self.height) + 400, 6, self.contrast)

    def place(self, spots: np.ndarray, frame: float) -> np.ndarray:
        """Where spots at rest are on a frame."""
        return self._centre(frame) + self._grow(frame) * self._turned(
            spots + self._bent(spots, frame), self._angle(frame)
        )

    def path(self, frame: float) -> np.ndarray:
        return self.place(self.outline, frame)

    def matte(self, frame: int) -> np.ndarray:
        """Coverage, 0..1."""
        return fill_coverage([self.path(frame)], self.width, self.height)

    def noisy_matte(self, frame: int, grid: int = 256, noise: float = 1.0) -> np.ndarray:
        """As a network gives it: logits on a ``grid`` x ``grid`` picture of the plate, blown up."""
        rng = np.random.default_rng(1000 + frame)
        solid = fill([self.path(frame)], self.width, self.height).astype(np.uint8)
        inside = cv2.distanceTransform(solid, cv2.DIST_L2, 5)
        outside = cv2.distanceTransform(1 - solid, cv2.DIST_L2, 5)
        pitch = np.sqrt(self.width * self.height) / grid
        logits = np.clip((inside - outside) / pitch * 3, -12, 12).astype(np.float32)
        small = cv2.resize(logits, (grid, grid), interpolation=cv2.INTER_AREA)
        small += noise * rng.standard_normal(small.shape).astype(np.float32)
        big = cv2.resize(small, (self.width, self.height), interpolation=cv2.INTER_LINEAR)
        return 1 / (1 + np.exp(-big))

    def image(self, frame: int) -> np.ndarray:
        """The plate ``[height, width, 3]`` uint8, with grain of its own on every frame."""
        rng = np.random.default_rng(frame)
        pan = np.float32([[1, 0, 100 - 1.3 * frame], [0, 1, 100 - 0.4 * frame]])
        size = (self.width, self.height)
        back = cv2.warpAffine(
            self.ground,
            pan,
            size,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT,
        )
        mixed = back
        rows, columns = self._box(frame)
        x, y = np.meshgrid(columns + 0.5, rows + 0.5)
        rest = self._rest(np.stack([x, y], axis=-1), frame) + len(self.skin) / 2 - 0.5
        front = cv2.remap(
            self.skin,
            rest.astype(np.float32),
            None,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
        cut = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        alpha = self.matte(frame)[cut][..., None]
        mixed[cut] = alpha * front + (1 - alpha) * back[cut]
        mixed += self.grain * rng.standard_normal(mixed.shape)
        return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)

    def slip(self, points: np.ndarray, frames: np.ndarray, reference: int) -> np.ndarray:
        """How far along the outline points ``(T, n, 2)`` are from the spot they are on at index
        ``reference``, pixels ``(T, n)``."""
        where = np.stack([self._parameter(p, f) for p, f in zip(points, frames, strict=True)])
        off = (where - where[reference] + 0.5) % 1 - 0.5
        lengths = [np.hypot(*(np.roll(p, -1, 0) - p).T).sum() for p in map(self.path, frames)]
        return np.abs(off) * np.array(lengths)[:, None]

    def _parameter(self, points: np.ndarray, frame: int) -> np.ndarray:
        """Share of the outline's length at rest at which each point lies, 0..1."""
        path = self.path(frame)
        nearest = ((points[:, None] - path[None]) ** 2).sum(axis=2).argmin(axis=1)
        rest = np.hypot(*(np.roll(self.outline, -1, 0) - self.outline).T)
        along = np.concatenate([[0], np.cumsum(rest)[:-1]]) / rest.sum()
        return along[nearest]

    def _box(self, frame: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of the plate that hold the object."""
        path = self.path(frame)
        low = np.maximum(np.floor(path.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(path.max(axis=0)).astype(int) + 1, (self.width, self.height))
        return np.arange(low[1], high[1]), np.arange(low[0], high[0])

    def _centre(self, frame: float) -> np.ndarray:
        moved = np.array(self.travel) * (frame - self.middle)
        return np.array([self.width, self.height]) / 2 + moved

    def _angle(self, frame: float) -> float:
        return self.turn * (frame - self.middle)

    def _grow(self, frame: float) -> float:
        return 1 + 0.08 * np.sin(frame / 20)

    def _turned(self, spots: np.ndarray, angle: float) -> np.ndarray:
        c, s = np.cos(angle), np.sin(angle)
        return spots @ np.array([[c, s], [-s, c]])

    def _bent(self, spots: np.ndarray, frame: float) -> np.ndarray:
        size = self.bend * self.reach
        u = spots / self.reach * 2.5
        phase = frame / 9
        return size * np.stack(
            [
                np.sin(u[..., 1] + phase) + 0.5 * np.sin(2 * u[..., 0]) * np.cos(phase),
                np.sin(u[..., 0] - 0.7 * phase),
            ],
            axis=-1,
        )

    def _rest(self, places: np.ndarray, frame: float) -> np.ndarray:
        """Inverse of :meth:`place`, by fixed point."""
        wanted = self._turned(places - self._centre(frame), -self._angle(frame)) / self._grow(frame)
        spots = wanted
        for _ in range(8):
            spots = wanted - self._bent(spots, frame)
        return spots


def oval_outline(size: float, n: int = 4000) -> np.ndarray:
    a = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([size * np.cos(a), 0.8 * size * np.sin(a)], axis=1)


def lobed_outline(size: float, n: int = 4000) -> np.ndarray:
    a = np.linspace(0, 2 * np.pi, n, endpoint=False)
    r = size * (1 + 0.2 * np.cos(5 * a) + 0.08 * np.cos(a))
    return np.stack([r * np.cos(a), r * np.sin(a)], axis=1)
