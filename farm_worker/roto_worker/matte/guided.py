"""Edges that follow the picture: a soft matte refined by the plate around its edge.

In linear light a pixel of an edge is ``alpha F + (1 - alpha) B``, so where foreground and
background keep their colours, alpha is a linear function of colour. The guided filter (He, Sun and
Tang 2013, "Guided Image Filtering", IEEE PAMI 35) finds that function in a window around every
pixel by regressing the matte on the picture. Three things differ from the plain filter, because an
engine's mask is blown up from a few hundred pixels and its ramp means doubt, not coverage:

- The regression weighs pixels: those close to the mask's edge, of which the mask knows least,
  count nothing. What is left are two classes, and the regression is Fisher's discriminant, scaled
  so that the foreground's mean becomes 1 and the background's 0.
- It is done on several scales, from the near surroundings (clutter) to the far ones (motion blur).
- Every scale says by its residuals in the two classes how wrong it is there. The scales are joined
  by that, and the outcome is joined with the mask as two measurements are: the mask is trusted the
  more the surer it is and the farther its edge, the picture the more it separates the two sides.
  Where it does not (flat, noisy, same colours), the mask stays.

The windows are computed on a coarse grid and enlarged ("Fast Guided Filter", He and Sun 2015).
"""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from .attached import attached
from .law import REACH, Plane, law_of

SCALES = ((6.0, 16.0), (12.0, 24.0), (24.0, 44.0))
"""(band, radius) in pixels of a plate 1080 high: the scales of `law.law_of`, each on a grid
twice as coarse as the one before."""
GRID = 8.0
"""Grid points per radius of the first scale, about."""
PRIOR_VARIANCE = 0.02
"""Least variance of the mask: coverage may differ where the mask is sure."""
WORTHLESS = 100.0
"""A law of more variance is not applied."""
SMOOTH, SURE_VARIANCE = 0.6, 0.05
"""Sigma, in grid steps, of the smoothing of doubtful results; half smoothed at this variance."""
USUAL_RAMP, LEAST_DOUBT = 6.0, 0.25
"""Pixels of a plate 1080 high over which a mask from 256 pixels rises from .1 to .9; least share of
the scales that a steeper one gets."""
TILE, MARGIN = 256, 2
"""Results are computed on squares of so many pixels, and so many grid steps around."""

_SRGB = np.arange(256) / 255
LINEAR = np.where(_SRGB <= 0.04045, _SRGB / 12.92, ((_SRGB + 0.055) / 1.055) ** 2.4)
"""Linear light of the 256 sRGB codes (IEC 61966-2-1)."""


def refine(alpha: Plane, plate: NDArray[np.uint8], *, linear: bool = True) -> Plane:
    """``alpha`` (``[h, w]``, 0..1) with its edge, where it crosses one half, laid by ``plate``.

    ``plate`` is ``[h, w, 3]`` sRGB; ``linear`` False takes its code values as they are. Farther
    than `reach_of` from the edge nothing changes, nor does a matte that has no edge.
    """
    inside = (alpha > 0.5).astype(np.uint8)
    x, y, width, height = cv2.boundingRect(inside)
    if not inside.any() or inside.all():
        return alpha
    grow, scale = reach_of(alpha.shape[0]), alpha.shape[0] / 1080 * _doubt(alpha, inside)
    window = (
        slice(max(y - grow, 0), min(y + height + grow, alpha.shape[0])),
        slice(max(x - grow, 0), min(x + width + grow, alpha.shape[1])),
    )
    refined = alpha.copy()
    codes = np.asarray(LINEAR if linear else _SRGB, np.float32)
    _refine_window(refined[window], inside[window], plate[window], codes, scale)
    return refined


def _doubt(alpha: Plane, inside: NDArray[np.uint8]) -> float:
    """How far the picture may move the edge, as a share of the usual, by how steep it is.

    An engine that works at plate resolution leaves ramps of a pixel or two; to look far from those
    for colours that are alike only makes spots.
    """
    edge = cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    ramp = ((alpha > 0.1) & (alpha < 0.9)).sum() / max(edge.sum() / 2, 1)
    return float(np.clip(ramp * 1080 / alpha.shape[0] / USUAL_RAMP, LEAST_DOUBT, 1))


def reach_of(height: int) -> int:
    """Pixels from the edge beyond which nothing changes, for a plate ``height`` pixels high."""
    return int(np.ceil(REACH * SCALES[-1][0] * height / 1080)) + 1


def _refine_window(
    alpha: Plane, inside: NDArray[np.uint8], plate: NDArray[np.uint8], codes: Plane, scale: float
) -> None:
    """`refine` in place on the object's surroundings."""
    step = max(1, round(SCALES[0][1] * scale / GRID))
    rows, columns = -(-alpha.shape[0] // step), -(-alpha.shape[1] // step)
    laws = []
    for octave, (band, radius) in enumerate(SCALES):
        coarse = step << octave
        small = np.ascontiguousarray(inside[::coarse, ::coarse])
        if not small.any() or small.all():
            break
        guide = cv2.LUT(np.ascontiguousarray(plate[::coarse, ::coarse]), codes)
        side = round(radius * scale / coarse)
        law = law_of(guide, small, _distance(small) * coarse, band * scale, side)
        times = 1 << octave
        laws.append(cv2.resize(law, None, fx=times, fy=times)[:rows, :columns])
    if laws:
        before = alpha.copy()
        _apply(_join(laws), alpha, plate, codes, step)
        _drop_detached(alpha, before, inside, step, scale)


def _drop_detached(
    alpha: Plane, before: Plane, inside: NDArray[np.uint8], step: int, scale: float
) -> None:
    """Take back, in place, what the picture added or took away apart from the edge.

    A spot of the background that has the object's colours is no part of it, nor is a spot on the
    object that has the background's a hole; a streak of motion blur is joined to the edge.
    """
    object_side = np.ascontiguousarray(inside[::step, ::step])
    size = object_side.shape[::-1]
    old = cv2.resize(before, size, interpolation=cv2.INTER_AREA)
    new = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    edge = _distance(object_side) * step <= SCALES[0][0] * scale
    turns = int(REACH * SCALES[-1][0] * scale / step) + 1
    kept = np.minimum(
        attached(old, new, edge | (object_side == 1), turns),
        attached(1 - old, 1 - new, edge | (object_side == 0), turns),
    )
    if kept.min() < 1:
        kept = cv2.resize(kept, None, fx=step, fy=step)[: alpha.shape[0], : alpha.shape[1]]
        alpha += (1 - kept) * (before - alpha)


def _distance(inside: NDArray[np.uint8]) -> Plane:
    """Grid steps to the edge, on both sides of it."""
    within = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_5)
    without = cv2.distanceTransform(1 - inside, cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(np.maximum(within, without) - 0.5, np.float32)


def _join(laws: list[Plane]) -> Plane:
    """One law of several: the surer, the more it counts."""
    joined, total = np.zeros_like(laws[0]), np.zeros_like(laws[0][..., 4:])
    for law in laws:
        weight = law[..., 4:] ** -2
        joined += law * weight
        total += weight
    return joined / total


def _apply(law: Plane, alpha: Plane, plate: NDArray[np.uint8], codes: Plane, step: int) -> None:
    """Join mask and picture, tile by tile, in place; tiles with nothing to say are passed over."""
    precision = np.where(law[..., 4] > WORTHLESS, 0, 1 / law[..., 4])
    law = np.dstack([law[..., :4], precision])
    span = max(1, TILE // step)
    for i, j in product(range(0, law.shape[0], span), range(0, law.shape[1], span)):
        if not law[i : i + span, j : j + span, 4].any():
            continue
        top, left = max(i - MARGIN, 0), max(j - MARGIN, 0)
        part = law[top : i + span + MARGIN, left : j + span + MARGIN]
        maps = cv2.resize(part, None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
        seen = plate[top * step :, left * step :][: maps.shape[0], : maps.shape[1]]
        maps = maps[: seen.shape[0], : seen.shape[1]]
        told = _told(maps, cv2.LUT(np.ascontiguousarray(seen), codes), step)
        core = (slice((i - top) * step, None), slice((j - left) * step, None))
        tile = alpha[i * step : (i + span) * step, j * step : (j + span) * step]
        _fuse(
            tile, *(plane[core][: tile.shape[0], : tile.shape[1]] for plane in (told, maps[..., 4]))
        )


def _told(maps: Plane, guide: Plane, step: int) -> Plane:
    """What the picture says alpha is, 0..1; smoothed where it is not sure, to keep grain out."""
    told = maps[..., 3].copy()
    for channel in range(3):
        told += guide[..., channel] * maps[..., channel]
    smooth = cv2.GaussianBlur(told, (0, 0), SMOOTH * step)
    told += (smooth - told) / (1 + SURE_VARIANCE * maps[..., 4])
    return np.clip(told, 0, 1, out=told)


def _fuse(alpha: Plane, told: Plane, precision: Plane) -> None:
    doubt = np.maximum(alpha * (1 - alpha), PRIOR_VARIANCE) * precision
    alpha += doubt / (doubt + 1) * (told - alpha)
