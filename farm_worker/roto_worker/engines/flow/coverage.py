"""From "how likely is this pixel inside" to "how much of this pixel is inside".

The tracker's mask is a belief: where it is unsure it lies between 0 and 1 over many pixels, which
on a matte would be a halo. An edge is where the belief crosses one half; this module turns it into
logits whose sigmoid is the coverage of the pixels the edge runs through.
"""

from __future__ import annotations

import cv2
import numpy as np

from ..base import Logits
from .appearance import Plane

FINE = 4
"""The crossing is found on a grid this many times finer than the plate."""
EDGE_LOGIT = 6.0
"""At a pixel that just no longer touches the edge: sigmoid(6) = 0.9975."""
LOGITS_PER_PIXEL = 2.0
"""Growth away from the edge, so that two joined directions meet halfway between their edges."""
FAR_LOGIT = 16.0
"""Where that growth ends."""


def coverage_logits(belief: Plane) -> Logits:
    """Logits at plate size of the region where ``belief`` (0..1, ``[height, width]``) exceeds 1/2.

    Within a pixel of the edge their sigmoid is the share of the pixel inside, to 1/8; beyond, they
    grow with the distance to the edge.
    """
    inside = belief > 0.5
    if not inside.any() or inside.all():
        return np.full(belief.shape, FAR_LOGIT if inside.any() else -FAR_LOGIT, np.float32)
    distance = _distance(inside)
    away = EDGE_LOGIT + LOGITS_PER_PIXEL * (np.abs(distance) - 1)
    logits = np.sign(distance) * np.minimum(away, FAR_LOGIT)
    _refine_edge(logits, belief, np.abs(distance) < 1.5)
    return np.asarray(logits, np.float32)


def _distance(inside: np.ndarray) -> Plane:
    """Pixels to the nearest pixel of the other side, negative outside; never 0."""
    mask = inside.astype(np.uint8)
    within = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5)
    without = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(within - without, np.float32)


def _refine_edge(logits: Plane, belief: Plane, edge: np.ndarray) -> None:
    """Replace the ``edge`` pixels of ``logits`` by those of their coverage, in place."""
    rows, columns = np.flatnonzero(edge.any(axis=1)), np.flatnonzero(edge.any(axis=0))
    window = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    part = belief[window]
    height, width = part.shape
    fine = cv2.resize(part, (width * FINE, height * FINE), interpolation=cv2.INTER_LINEAR)
    covered = (fine > 0.5).astype(np.float32)
    coverage = cv2.resize(covered, (width, height), interpolation=cv2.INTER_AREA)
    least = 1 / (1 + np.exp(EDGE_LOGIT))
    odds = np.clip(coverage, least, 1 - least)
    np.copyto(logits[window], np.log(odds / (1 - odds)), where=edge[window])
