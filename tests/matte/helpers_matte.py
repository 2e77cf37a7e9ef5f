"""Plates composited in linear light from known coverage, and logits as coarse as an engine's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_worker.media.source import Image8
from roto_worker.synthetic.noise import fractal_noise, mix, smoothstep

Plane = NDArray[np.float32]
Colour = tuple[float, float, float]
MASK_SIZE = 256
"""Side of the square mask SAM 2 predicts, whatever the plate's shape."""
OVERSAMPLED = 4


@dataclass(frozen=True)
class Composite:
    """``plate`` 8-bit sRGB ``[h, w, 3]``, ``alpha`` its exact coverage 0..1."""

    plate: Image8
    alpha: Plane


def encode(linear: Plane) -> Image8:
    """Linear light to 8-bit sRGB (IEC 61966-2-1)."""
    clipped = np.clip(linear, 0, 1)
    high = 1.055 * clipped ** (1 / 2.4) - 0.055
    return np.rint(255 * np.where(clipped <= 0.0031308, 12.92 * clipped, high)).astype(np.uint8)


def star(width: int, height: int, lobes: int = 7, depth: float = 0.22) -> Plane:
    """The coverage of a round star, a quarter of the plate high in the mean, at its centre."""
    k = OVERSAMPLED
    y, x = (np.mgrid[: height * k, : width * k].astype(np.float32) + 0.5) / k
    dx, dy = x - width / 2, y - height / 2
    theta = np.arctan2(dy, dx)
    radius = height / 4 * (1 + depth * np.cos(lobes * theta) + 0.05 * np.sin(3 * theta + 1))
    inside = (np.hypot(dx, dy) < radius).astype(np.float32)
    return np.asarray(cv2.resize(inside, (width, height), interpolation=cv2.INTER_AREA))


def spokes(width: int, height: int) -> Plane:
    """A disc with twelve spokes that taper from 1 % of the plate's height to nothing."""
    k = OVERSAMPLED
    picture = np.zeros((height * k, width * k), np.uint8)
    centre, reach = np.array([width, height]) * k / 2, 0.4 * height * k
    cv2.circle(picture, centre.astype(int).tolist(), int(reach / 2), 255, -1)
    for angle in np.arange(12) * np.pi / 6 + 0.1:
        along, across = (
            np.array([np.cos(angle), np.sin(angle)]),
            np.array([-np.sin(angle), np.cos(angle)]),
        )
        base = centre + 0.48 * reach * along
        foot = 0.006 * height * k * across
        points = np.array([base - foot, base + foot, centre + reach * along])
        cv2.fillPoly(picture, [np.rint(points).astype(int)], 255)
    area = cv2.resize(
        picture.astype(np.float32) / 255, (width, height), interpolation=cv2.INTER_AREA
    )
    return np.asarray(area, np.float32)


def paint(
    seed: int, shape: tuple[int, int], dark: Colour, bright: Colour, contrast: float
) -> Plane:
    """A linear RGB texture between two colours; ``contrast`` 0 is flat."""
    rng = np.random.default_rng(seed)
    coarse = fractal_noise(rng, shape[1], shape[0], shape[0] / 8)
    mixed = 0.5 + contrast * (smoothstep(0.2, 0.8, coarse) - 0.5)
    return mix(np.array(dark, np.float32), np.array(bright, np.float32), mixed)


def composite(
    alpha: Plane,
    front: Plane,
    back: Plane,
    *,
    blur: Callable[[Plane], Plane] = lambda plane: plane,
    grain: float = 0.02,
    seed: int = 0,
) -> Composite:
    """``front`` over ``back``; ``blur`` is the shutter or the lens, in premultiplied linear light.

    ``grain`` is its standard deviation at full white; it falls with the root of the light.
    """
    covered = np.clip(blur(alpha), 0, 1)
    lit = blur(front * alpha[..., None]) + back * (1 - covered[..., None])
    noise = np.random.default_rng(seed).standard_normal(lit.shape, dtype=np.float32)
    return Composite(encode(lit + grain * np.sqrt(np.maximum(lit, 0)) * noise), covered)


def shutter(pixels: float, angle: float = 0.5) -> Callable[[Plane], Plane]:
    """Motion blur of a straight path of ``pixels``, box shutter."""
    size = int(np.ceil(pixels)) | 1
    kernel = np.zeros((size, size), np.float32)
    middle = size / 2
    for t in np.linspace(-0.5, 0.5, 8 * size):
        x, y = middle + t * pixels * np.cos(angle), middle + t * pixels * np.sin(angle)
        kernel[min(int(y), size - 1), min(int(x), size - 1)] += 1
    kernel /= kernel.sum()
    return lambda plane: np.asarray(cv2.filter2D(plane, -1, kernel), np.float32)


def defocus(sigma: float) -> Callable[[Plane], Plane]:
    return lambda plane: np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)


def coarse_logits(
    alpha: Plane, *, size: int = MASK_SIZE, wander: float = 0.3, slope: float = 3.0, seed: int = 0
) -> Plane:
    """Logits as SAM 2 gives them: a ``size`` x ``size`` mask of the object, blown up.

    ``slope``: logits per mask pixel across the edge; ``wander``: standard deviation, in mask
    pixels, of the edge's place.
    """
    height, width = alpha.shape
    small = cv2.resize((alpha > 0.5).astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
    big = cv2.resize(small, None, fx=4, fy=4, interpolation=cv2.INTER_LINEAR)
    inside = (big > 0.5).astype(np.uint8)
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, 5) - cv2.distanceTransform(
        1 - inside, cv2.DIST_L2, 5
    )
    distance = cv2.resize(
        cv2.GaussianBlur(distance / 4, (0, 0), 2), (size, size), interpolation=cv2.INTER_AREA
    )
    noise = np.random.default_rng(seed).standard_normal((size, size)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), 3)
    distance += wander * noise / noise.std()
    logits = np.clip(slope * distance, -12, 12)
    return np.asarray(
        cv2.resize(logits, (width, height), interpolation=cv2.INTER_LINEAR), np.float32
    )


def sigmoid(logits: Plane) -> Plane:
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def band_around(alpha: Plane, pixels: int) -> NDArray[np.bool_]:
    """Where the coverage is partial, and ``pixels`` around."""
    partial = ((alpha > 0.01) & (alpha < 0.99)).astype(np.uint8)
    edge = cv2.morphologyEx((alpha > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1, 2 * pixels + 1))
    return np.asarray(cv2.dilate(partial | edge, disc) > 0)


def alpha_error(alpha: Plane, truth: Composite, band: NDArray[np.bool_]) -> float:
    """Mean absolute error in ``band``."""
    return float(np.abs(alpha - truth.alpha)[band].mean())


def gradient_error(alpha: Plane, truth: Composite, band: NDArray[np.bool_]) -> float:
    """Mean difference of gradient magnitude in ``band``, Gaussian derivative of 1.4 pixels.

    After Rhemann et al. 2009, "A perceptually motivated online benchmark for image matting".
    """

    def slope(plane: Plane) -> Plane:
        smooth = cv2.GaussianBlur(plane, (0, 0), 1.4)
        return np.hypot(cv2.Sobel(smooth, -1, 1, 0) / 8, cv2.Sobel(smooth, -1, 0, 1) / 8)

    return float(np.abs(slope(alpha) - slope(truth.alpha))[band].mean())
