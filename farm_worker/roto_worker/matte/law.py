"""Alpha as a linear function of colour, in every window along an edge.

A *law* is an array ``[rows, columns, 5]`` on a grid of every n-th pixel of a plate: the slopes for
r, g, b and the offset of that function, and the variance of its error.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

REACH = 2.0
"""A law counts in full within its band around the edge, and no more at this many bands."""
HONESTY = 0.25
"""A residual's variance is divided by this: neighbouring errors are alike and add up."""
RELATIVE_EPS, ABSOLUTE_EPS = 1e-3, 1e-6
"""Regularisation of the colour covariance, relative to it and in squared full-scale units."""
NO_DIFFERENCE = 0.5
"""Squared Mahalanobis distance that two samples of the same colours have by chance, about."""
FEW = 0.05
"""Where less of a window than this is known to be inside, or outside, there is no law."""
ERROR_FLOOR = 1e-4
"""Least variance of a law."""


def law_of(
    guide: Plane, inside: NDArray[np.uint8], distance: Plane, band: float, side: int
) -> Plane:
    """The law of one scale, on the grid of ``guide`` (``[rows, columns, 3]``).

    Pixels nearer to the edge than half the ``band`` are not believed, those farther than it are in
    full; ``distance`` to the edge is in the unit of ``band``. Windows reach ``side`` grid points.
    """
    known = np.clip(2 * distance / band - 1, 0, 1)
    near = np.clip(REACH - distance / band, 0, 1)
    front, back = _Side(guide, known * inside, side), _Side(guide, known * (1 - inside), side)
    law, distinct = _discriminant(guide, front, back)
    half = max(1, side // 2)
    trust = distinct / (distinct + 4) + 1e-4
    law = blur(law * trust[..., None], half) / blur(trust, half)[..., None]
    return _judged(law, guide, front, back, blur(distinct, half), near)


def blur(plane: Plane, side: int) -> Plane:
    """Mean over ``2 side + 1`` squared."""
    return np.asarray(cv2.blur(plane, (2 * side + 1, 2 * side + 1), borderType=cv2.BORDER_REFLECT))


class _Side:
    """Local statistics of the pixels known to be on one side of the edge."""

    def __init__(self, guide: Plane, weight: Plane, side: int) -> None:
        self.weight, self._side = weight, side
        self.share = blur(weight, side)
        self.mean_colour = self.mean(guide)

    def mean(self, plane: Plane) -> Plane:
        """The weighted mean of ``plane`` in every window."""
        if plane.ndim == 3:
            return blur(plane * self.weight[..., None], self._side) / (self.share + 1e-6)[..., None]
        return blur(plane * self.weight, self._side) / (self.share + 1e-6)

    def covariance(self, product: Plane, i: int, j: int) -> Plane:
        """Of colour channels ``i`` and ``j``, whose ``product`` is given."""
        spread = self.mean(product) - self.mean_colour[..., i] * self.mean_colour[..., j]
        return np.asarray(spread, np.float32)


def _discriminant(guide: Plane, front: _Side, back: _Side) -> tuple[Plane, Plane]:
    """Fisher's linear discriminant, 1 at the mean of ``front`` and 0 at that of ``back``.

    ``[rows, columns, 4]``, and the squared Mahalanobis distance of both means; 0 where too little
    is known.
    """

    def covariance(i: int, j: int) -> Plane:
        product = guide[..., i] * guide[..., j]
        return np.asarray(
            (front.covariance(product, i, j) + back.covariance(product, i, j)) / 2, np.float32
        )

    apart = front.mean_colour - back.mean_colour
    rr, gg, bb = covariance(0, 0), covariance(1, 1), covariance(2, 2)
    rg, rb, gb = covariance(0, 1), covariance(0, 2), covariance(1, 2)
    eps = RELATIVE_EPS * ((rr + gg + bb) / 3 + (apart * apart).sum(-1) / 12) + ABSOLUTE_EPS
    rr, gg, bb = rr + eps, gg + eps, bb + eps
    slope = _solved((rr, gg, bb, rg, rb, gb), apart)
    distinct = (slope * apart).sum(-1)
    slope /= np.maximum(distinct, NO_DIFFERENCE)[..., None]
    offset = -(slope * back.mean_colour).sum(-1)
    known = np.minimum(front.share, back.share) >= FEW
    return np.dstack([slope, offset]), np.where(known, distinct, np.float32(0))


def _solved(symmetric: tuple[Plane, Plane, Plane, Plane, Plane, Plane], right: Plane) -> Plane:
    """``x`` of ``A x = right`` at every point; A is given as (rr, gg, bb, rg, rb, gb)."""
    rr, gg, bb, rg, rb, gb = symmetric
    cofactors = (gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg)
    determinant = np.maximum(rr * cofactors[0] + rg * cofactors[1] + rb * cofactors[2], 1e-20)
    r, g, b = (right[..., i] for i in range(3))
    solved = np.dstack(
        [
            cofactors[0] * r + cofactors[1] * g + cofactors[2] * b,
            cofactors[1] * r + (rr * bb - rb * rb) * g + (rg * rb - rr * gb) * b,
            cofactors[2] * r + (rg * rb - rr * gb) * g + (rr * gg - rg * rg) * b,
        ]
    )
    return np.asarray(solved / determinant[..., None], np.float32)


def _judged(
    law: Plane, guide: Plane, front: _Side, back: _Side, distinct: Plane, near: Plane
) -> Plane:
    """``law`` with its variance, and stretched so that the usual error on both sides is cut off."""
    slope, offset = law[..., :3], law[..., 3]
    told = np.clip((slope * guide).sum(-1) + offset, -3, 4)
    error_f = np.maximum(front.mean((np.minimum(told, 1) - 1) ** 2), 0)
    error_b = np.maximum(back.mean(np.maximum(told, 0) ** 2), 0)
    low, high = np.sqrt(error_b), 1 - np.sqrt(error_f)
    gain = 1 / np.maximum(high - low, 0.1)
    error = np.maximum(error_f, error_b) + ERROR_FLOOR
    error = np.maximum(error, 1 / np.maximum(distinct - NO_DIFFERENCE, 1e-6))
    variance = error / (HONESTY * np.maximum(near, 1e-7))
    return np.dstack([slope * gain[..., None], (offset - low) * gain, variance])
