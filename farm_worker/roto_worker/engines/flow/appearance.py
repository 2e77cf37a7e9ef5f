"""What the object looks like: a small network over colour and texture, trained on prompted frames.

It is trained anew for every object, in a tenth of a second, on the pixels the artist vouched for,
and kept up to date with what was tracked since. Nothing is learned beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

BLURS = (1.5, 4.0, 9.0)
"""Scales (pixels of the work image) at which colour is looked at, beside the pixel itself."""
TEXTURE_SCALES = (2.5, 6.0)
HIDDEN = (32, 16)
CHUNK = 400
"""Rows multiplied at once: below what OpenBLAS would split over threads, which on a busy machine
wait for each other, and which change the last bits."""


def features(image: NDArray[np.uint8]) -> Plane:
    """Lab colour at several scales and texture energy: ``[height, width, 20]``, about unit size."""
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.float32)
    lab = (lab - np.float32(128)) / np.array([50, 20, 20], np.float32)
    planes = [lab, *(cv2.GaussianBlur(lab, (0, 0), sigma) for sigma in BLURS)]
    light = np.ascontiguousarray(lab[..., 0])
    across = np.abs(cv2.Sobel(light, cv2.CV_32F, 1, 0, ksize=3)) / 4
    down = np.abs(cv2.Sobel(light, cv2.CV_32F, 0, 1, ksize=3)) / 4
    slopes = np.dstack([across, down, np.hypot(across, down)])
    for sigma in TEXTURE_SCALES:
        mean = cv2.GaussianBlur(light, (0, 0), sigma)
        variance = cv2.GaussianBlur(light * light, (0, 0), sigma) - mean * mean
        planes.append(3 * cv2.GaussianBlur(slopes, (0, 0), sigma))
        planes.append(2 * np.sqrt(np.maximum(variance, 0))[..., None])
    return np.concatenate(planes, axis=-1)


@dataclass
class Samples:
    """Pixels as rows: ``x`` features ``[n, 20]``, ``y`` 1 on the object and 0 beside it."""

    x: Plane
    y: Plane

    @classmethod
    def of(cls, look: Plane, where: NDArray[np.bool_], y: float) -> Samples:
        """The pixels of ``look`` in a region, all of one class."""
        x = look[where]
        return cls(x, np.full(len(x), y, np.float32))

    @classmethod
    def join(cls, parts: Sequence[Samples]) -> Samples:
        return cls(np.concatenate([p.x for p in parts]), np.concatenate([p.y for p in parts]))

    def draw(self, count: int, rng: np.random.Generator) -> Samples:
        """``count`` of them at random, with repetition."""
        rows = rng.integers(0, len(self.y), count)
        return Samples(self.x[rows], self.y[rows])

    def weights(self) -> Plane:
        """Make both classes count alike, however few one of them is."""
        share = float(self.y.mean())
        inside, outside = 0.5 / max(share, 0.05), 0.5 / max(1 - share, 0.05)
        return np.where(self.y > 0.5, np.float32(inside), np.float32(outside))


class Appearance:
    """A two-layer perceptron trained by Adam (Kingma and Ba 2015); all its state is in arrays."""

    def __init__(self, reference: Samples, *, steps: int = 300, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.reference = reference
        self.mean = reference.x.mean(axis=0)
        self.scale = reference.x.std(axis=0) + np.float32(0.05)
        sizes = (reference.x.shape[1], *HIDDEN, 1)
        self.layers: list[Plane] = []
        for fan_in, fan_out in pairwise(sizes):
            weight = rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in)
            self.layers += [weight.astype(np.float32), np.zeros(fan_out, np.float32)]
        self.first_moment = [np.zeros_like(layer) for layer in self.layers]
        self.second_moment = [np.zeros_like(layer) for layer in self.layers]
        self.steps = 0
        self.train(reference, steps, rng, rate=3e-3)

    def logits(self, x: Plane) -> Plane:
        """Log-odds that pixels ``[..., 20]`` belong to the object."""
        flat = (x.reshape(-1, x.shape[-1]) - self.mean) / self.scale
        parts = [self._forward(part)[-1][:, 0] for part in _chunks(flat)]
        return np.concatenate(parts).reshape(x.shape[:-1])

    def update(self, seen: Samples, rng: np.random.Generator, *, steps: int = 10) -> None:
        """Learn from a tracked frame, holding on to the prompted ones, which count twice."""
        mixed = Samples.join([seen.draw(6000, rng), self.reference.draw(11_000, rng)])
        self.train(mixed, steps, rng, rate=1e-3)

    def train(self, samples: Samples, steps: int, rng: np.random.Generator, *, rate: float) -> None:
        x = (samples.x - self.mean) / self.scale
        weights = samples.weights()
        for _ in range(steps):
            rows = rng.integers(0, len(x), 1024)
            self._descend(self._slopes(x[rows], samples.y[rows], weights[rows]), rate)

    def _slopes(self, x: Plane, y: Plane, weights: Plane) -> list[Plane]:
        """The mean gradient of the weighted cross entropy, with a little weight decay."""
        total = [
            np.float32(1e-4) * layer if layer.ndim == 2 else 0 * layer for layer in self.layers
        ]
        for part in _chunks(np.arange(len(y))):
            values = self._forward(x[part])
            error = 1 / (1 + np.exp(-values[-1][:, 0])) - y[part]
            slope = np.asarray(error * weights[part] / len(y), np.float32)[:, None]
            for sum_, gradient in zip(total, self._gradients(values, slope), strict=True):
                np.add(sum_, gradient, out=sum_)
        return total

    def arrays(self) -> dict[str, Plane]:
        """Everything `from_arrays` needs."""
        named = {"mean": self.mean, "scale": self.scale}
        named |= {"reference_x": self.reference.x, "reference_y": self.reference.y}
        for name in ("layers", "first_moment", "second_moment"):
            named |= {f"{name}_{i}": array for i, array in enumerate(getattr(self, name))}
        return named

    @classmethod
    def from_arrays(cls, arrays: dict[str, Plane], steps: int) -> Appearance:
        """The very network `arrays` was taken from, after ``steps`` training steps."""
        new = cls.__new__(cls)
        new.mean, new.scale, new.steps = arrays["mean"], arrays["scale"], steps
        new.reference = Samples(arrays["reference_x"], arrays["reference_y"])
        count = 2 * (len(HIDDEN) + 1)
        for name in ("layers", "first_moment", "second_moment"):
            setattr(new, name, [arrays[f"{name}_{i}"].copy() for i in range(count)])
        return new

    def _forward(self, x: Plane) -> list[Plane]:
        """The input and every layer's output."""
        values = [x]
        last = len(self.layers) - 2
        for i in range(0, len(self.layers), 2):
            out = values[-1] @ self.layers[i] + self.layers[i + 1]
            values.append(out if i == last else np.maximum(out, 0))
        return values

    def _gradients(self, values: list[Plane], slope: Plane) -> list[Plane]:
        gradients: list[Plane] = []
        for i in range(len(self.layers) - 2, -1, -2):
            x = values[i // 2]
            weight = self.layers[i]
            gradients = [x.T @ slope, slope.sum(axis=0), *gradients]
            slope = (slope @ weight.T) * (x > 0)
        return gradients

    def _descend(self, gradients: list[Plane], rate: float) -> None:
        self.steps += 1
        first_bias, second_bias = 1 - 0.9**self.steps, 1 - 0.99**self.steps
        for i, gradient in enumerate(gradients):
            m, v = self.first_moment[i], self.second_moment[i]
            np.add(m, np.float32(0.1) * (gradient - m), out=m)
            np.add(v, np.float32(0.01) * (gradient * gradient - v), out=v)
            spread = np.sqrt(v / np.float32(second_bias)) + np.float32(1e-8)
            self.layers[i] -= np.float32(rate / first_bias) * m / spread


def _chunks(rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
