"""Snapping a soft mask to the edges of the picture: the guided filter."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .appearance import Plane


def guide_coefficients(
    image: NDArray[np.uint8], mask: Plane, radius: int = 6, smoothness: float = 0.002
) -> Plane:
    """The mask as a locally linear function of colour, ``[height, width, 4]`` (r, g, b, 1).

    The guided filter of He, Sun and Tang (2013) for a colour guide. The coefficients may be
    enlarged and applied to a larger picture ("fast guided filter", He and Sun 2015).
    """
    guide = image.astype(np.float32) / 255

    def mean(plane: NDArray[Any]) -> Plane:
        side = 2 * radius + 1
        return np.asarray(cv2.blur(plane, (side, side), borderType=cv2.BORDER_REFLECT))

    means, mask_mean = mean(guide), mean(mask)
    covariance = mean(guide * mask[..., None]) - means * mask_mean[..., None]
    r, g, b = (guide[..., i] for i in range(3))
    mr, mg, mb = (means[..., i] for i in range(3))
    rr = mean(r * r) - mr * mr + smoothness
    gg = mean(g * g) - mg * mg + smoothness
    bb = mean(b * b) - mb * mb + smoothness
    rg, rb, gb = mean(r * g) - mr * mg, mean(r * b) - mr * mb, mean(g * b) - mg * mb
    cofactors = (gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg)
    cr, cg, cb = (covariance[..., i] for i in range(3))
    determinant = rr * cofactors[0] + rg * cofactors[1] + rb * cofactors[2]
    slope_r = cofactors[0] * cr + cofactors[1] * cg + cofactors[2] * cb
    slope_g = cofactors[1] * cr + (rr * bb - rb * rb) * cg + (rg * rb - rr * gb) * cb
    slope_b = cofactors[2] * cr + (rg * rb - rr * gb) * cg + (rr * gg - rg * rg) * cb
    slopes = np.dstack([slope_r, slope_g, slope_b]) / determinant[..., None]
    offset = mask_mean - (slopes * means).sum(axis=-1)
    return mean(np.dstack([slopes, offset]))


def apply_guide(image: NDArray[np.uint8], coefficients: Plane) -> Plane:
    """The filtered mask, 0..1, at the size of ``image``."""
    if coefficients.shape[:2] != image.shape[:2]:
        size = (image.shape[1], image.shape[0])
        coefficients = cv2.resize(coefficients, size, interpolation=cv2.INTER_LINEAR)
    mask = coefficients[..., 3].copy()
    for channel in range(3):
        mask += coefficients[..., channel] * (image[..., channel] * np.float32(1 / 255))
    return np.clip(mask, 0, 1)
