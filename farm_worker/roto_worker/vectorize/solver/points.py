"""Where a shape's control points sit: few, at corners and curvature extremes, for all frames.

Points are added one at a time where they help most, judged on frames spread over the whole life,
then slid and pruned. The error is that of the outline, measured along its normal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..outline.curves import Points, Values, side_lengths, smooth, tangents
from .fit import Basis, Flags, Indices, basis, on_samples, reparametrised, solve
from .toll import Toll

JUDGED_FRAMES = 16
MIN_GAP = 2
"""Fewest samples between neighbouring control points."""


@dataclass(frozen=True)
class Evidence:
    """What the points are judged on: a few frames' outlines, normals and weights."""

    outlines: Points
    normals: Points
    weights: Values
    spacing: Values
    sharpness: Values
    toll: Toll


@dataclass(frozen=True)
class _Candidate:
    error: float
    mean: float
    profile: Values
    shape: Basis


@dataclass(frozen=True)
class Layout:
    """Control points that could be taken: ``error`` is the mean toll of every frame's own fit."""

    shape: Basis
    error: float


def layouts(
    outlines: Points,
    normals: Points,
    weights: Values,
    *,
    toll: Toll,
    finest: float,
    most: int,
    corner_angle: float,
) -> Iterator[Layout]:
    """Ever more control points for outlines ``(T, R, 2)``, each where it helps most.

    Args:
        outlines: samples on the same spots of the object on every frame.
        normals: ``(T, R, 2)`` normals there, as long as a pixel of that space is on the plate.
        weights: ``(T, R)`` visibility.
        toll: what an error costs.
        finest: rms error on a typical bad frame at which to stop, pixels.
        most: upper limit of points.
        corner_angle: degrees an outline has to turn to get a corner.
    """
    evidence = _evidence(outlines, normals, weights, toll)
    samples = outlines.shape[1]
    most = max(4, min(most, samples // (MIN_GAP + 1)))
    knots = _spread_extremes(evidence.sharpness, 4)
    best = _judge(evidence, knots, np.zeros(len(knots), bool))
    yield Layout(best.shape, best.mean)
    while best.error > finest and len(best.shape.knots) < most:
        options = list(_additions(evidence, best, np.radians(corner_angle)))
        if not options:
            return
        better = max(options, key=lambda option: _worth(best, option))
        evidence, best = _settle(evidence, better)
        yield Layout(best.shape, best.mean)


def polished(
    layout: Layout, outlines: Points, normals: Points, weights: Values, toll: Toll, price: float
) -> Layout:
    """The layout with every point slid where that helps, less the points not worth ``price``
    (square pixels of mean error)."""
    evidence = _evidence(outlines, normals, weights, toll)
    knots, corners = layout.shape.knots, layout.shape.corners
    best = _judge(evidence, knots, corners)
    for _ in range(3):
        evidence, best = _settle(evidence, best)
    best = _polish(evidence, best, price)
    return Layout(best.shape, best.mean)


def _settle(evidence: Evidence, best: _Candidate) -> tuple[Evidence, _Candidate]:
    """One step of reparametrisation, kept if it helps."""
    spacing = reparametrised(best.shape, evidence.outlines, evidence.spacing)
    settled = replace(evidence, spacing=spacing)
    better = _judge(settled, best.shape.knots, best.shape.corners)
    return (settled, better) if better.error < best.error else (evidence, best)


def _evidence(outlines: Points, normals: Points, weights: Values, toll: Toll) -> Evidence:
    count = min(JUDGED_FRAMES, len(outlines))
    frames = np.unique(np.linspace(0, len(outlines) - 1, count).round().astype(int))
    spacing = np.mean([side_lengths(o) / side_lengths(o).sum() for o in outlines], axis=0)
    spacing *= np.mean([side_lengths(o).sum() for o in outlines])
    sharpness = np.mean([_turning(outlines[t]) * weights[t] for t in frames], axis=0)
    return Evidence(outlines[frames], normals[frames], weights[frames], spacing, sharpness, toll)


def _turning(outline: Points) -> Values:
    """How much the outline turns around each sample, radians, regardless of side."""
    direction = tangents(smooth(outline, 1.5))
    ahead, behind = np.roll(direction, -2, axis=0), np.roll(direction, 2, axis=0)
    cross = behind[:, 0] * ahead[:, 1] - behind[:, 1] * ahead[:, 0]
    return np.abs(np.arctan2(cross, (behind * ahead).sum(axis=1)))


def _spread_extremes(sharpness: Values, count: int) -> Indices:
    """The sharpest samples, no two within an eighth of the outline."""
    left = sharpness + 1e-9
    reach = max(MIN_GAP, len(left) // 8)
    chosen = []
    for _ in range(count):
        best = int(left.argmax())
        chosen.append(best)
        left = left.copy()
        left[np.arange(best - reach, best + reach + 1) % len(left)] = -1.0
    return np.sort(np.array(chosen, np.intp))


def _judge(evidence: Evidence, knots: Indices, corners: Flags) -> _Candidate:
    shape = basis(knots, corners, evidence.spacing)
    away = on_samples(shape, solve(shape, evidence.outlines)) - evidence.outlines
    away *= evidence.normals
    error = away[..., 0] + away[..., 1]
    square = evidence.weights * evidence.toll(error)
    mean = square.sum(axis=1) / np.maximum(evidence.weights.sum(axis=1), 1e-9)
    # Fourth powers: a shape that fails on one frame has failed, however well the others fit.
    total = float(np.mean(mean**2)) ** 0.25
    return _Candidate(
        total, float(mean.mean()), mean @ square / max(float(mean.sum()), 1e-12), shape
    )


def _additions(evidence: Evidence, best: _Candidate, angle: float) -> Iterator[_Candidate]:
    """One more point in one of the worst segments, or one of the sharpest points made a corner."""
    knots, corners, samples = best.shape.knots, best.shape.corners, len(best.profile)
    per_segment = np.bincount(best.shape.segment, best.profile, minlength=len(knots))
    for k in np.argsort(-per_segment, kind="stable")[:3]:
        stop = knots[(k + 1) % len(knots)]
        length = int((stop - knots[k]) % samples)
        inside = (knots[k] + np.arange(MIN_GAP, length - MIN_GAP + 1)) % samples
        if len(inside) == 0:
            continue
        spots = {
            int(inside[evidence.sharpness[inside].argmax()]),
            int(inside[best.profile[inside].argmax()]),
            int(inside[len(inside) // 2]),
        }
        for spot in sorted(spots):
            at = int(np.searchsorted(knots, spot))
            yield _judge(evidence, np.insert(knots, at, spot), np.insert(corners, at, False))
    sharpest = np.argsort(-evidence.sharpness[knots], kind="stable")[:6]
    for k in sharpest[~corners[sharpest] & (evidence.sharpness[knots[sharpest]] >= angle)]:
        freed = corners.copy()
        freed[k] = True
        yield _judge(evidence, knots, freed)


def _worth(best: _Candidate, option: _Candidate) -> float:
    """Error saved per point; freeing a corner adds half a point's numbers."""
    added = len(option.shape.knots) > len(best.shape.knots)
    return (best.error - option.error) / (1.0 if added else 0.5)


def _polish(evidence: Evidence, best: _Candidate, price: float) -> _Candidate:
    """Slide every point where that helps, then drop those that are not worth their price."""
    for k in range(len(best.shape.knots)):
        for slide in (-3, -1, 1, 3):
            knots = _slid(best.shape.knots, k, slide, len(best.profile))
            if knots is not None:
                moved = _judge(evidence, knots, best.shape.corners)
                best = moved if moved.error < best.error else best
    k = 0
    while k < len(best.shape.knots) and len(best.shape.knots) > 4:
        less = _judge(evidence, np.delete(best.shape.knots, k), np.delete(best.shape.corners, k))
        if less.mean - best.mean <= price:
            best = less
        else:
            k += 1
    return best


def _slid(knots: Indices, k: int, slide: int, samples: int) -> Indices | None:
    """``knots`` with one moved, or None where it would run into a neighbour or the seam."""
    moved = knots[k] + slide
    low = knots[k - 1] + MIN_GAP if k else 0
    high = knots[k + 1] - MIN_GAP if k + 1 < len(knots) else samples - 1
    if not low <= moved <= high:
        return None
    result = knots.copy()
    result[k] = moved
    wraps = result[0] + samples - result[-1]
    return result if wraps >= MIN_GAP else None
