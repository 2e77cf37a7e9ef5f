"""The layer's own motion: translation, rotation and scale, with as few keys as it takes.

A pose is a row (x, y, angle, scale): ``p' = pivot + scale * R(angle) * (p - pivot) + (x, y)``, the
angle in radians, clockwise on screen (y down). Hosts interpolate the four numbers linearly between
keys, so that is what is fitted here. What a pose costs is judged on the outline alone, along its
normal: to second order that is a 4 x 4 *metric* per frame, in which the search for keys and their
joint fit are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from roto_shapes.document import Transform, TransformKey

from ..motion.correspondence import MaterialTrack
from ..outline.curves import Points, Values, normals
from .keys import Frames, Rules, bracket, reachable
from .refit import solve_block_tridiagonal

LONGEST = 72
"""Most frames between two keys of the search."""
FEWEST_FRAMES = 3
"""A shape that lives shorter than this says nothing about the layer's motion."""
ROUNDS = 12
LENIENCE = 6.0
"""How much farther a spot may be off on one frame than over its life."""
STIFFNESS = 1e-4
"""Share of the metric that holds a pose where its outline says nothing."""

REST = np.array([0.0, 0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Poses:
    """A layer's keyed motion: ``keys`` (indices of ``times``) and ``values`` ``(K, 4)`` there."""

    pivot: Points
    times: Values
    keys: Frames
    values: Values

    @property
    def on_frames(self) -> Values:
        """``(T, 4)``, as a host interpolates them."""
        before, after, share = bracket(self.times, self.keys)
        return (1 - share[:, None]) * self.values[before] + share[:, None] * self.values[after]

    def as_transform(self) -> Transform | None:
        """For the document; None where nothing moves."""
        if len(self.keys) == 1 and np.array_equal(self.values[0], REST):
            return None
        keys = [
            TransformKey(int(self.times[k]), x, y, angle, scale)
            for k, (x, y, angle, scale) in zip(self.keys, self._rounded(), strict=True)
        ]
        return Transform((float(self.pivot[0]), float(self.pivot[1])), keys)

    def _rounded(self) -> list[list[float]]:
        degrees = self.values.copy()
        degrees[:, 2] = np.degrees(degrees[:, 2])
        rows: list[list[float]] = degrees.round(6).tolist()
        return rows


def stabilised(track: MaterialTrack, pivot: Points, poses: Values) -> MaterialTrack:
    """A track seen from the layer that moves by ``poses`` ``(T, 4)`` on the track's frames."""
    contours = tuple(
        replace(contour, points=inverse(contour.points, pivot, pose))
        for contour, pose in zip(track.contours, poses, strict=True)
    )
    spots = [inverse(points, pivot, pose) for points, pose in zip(track.points, poses, strict=True)]
    return replace(
        track, contours=contours, points=np.stack(spots), arcs=track.arcs / poses[:, 3:4]
    )


def applied(points: Points, pivot: Points, pose: Values) -> Points:
    """Layer points ``(n, 2)`` on the plate."""
    return pivot + pose[:2] + pose[3] * (points - pivot) @ _rotation(pose[2]).T


def inverse(points: Points, pivot: Points, pose: Values) -> Points:
    """Plate points ``(n, 2)`` in the layer."""
    return pivot + (points - pivot - pose[:2]) @ _rotation(pose[2]) / pose[3]


def _rotation(angle: float) -> Values:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]])


def estimate(tracks: Sequence[MaterialTrack], count: int) -> tuple[Points, Values] | None:
    """Pivot and poses ``(count, 4)`` that hold the tracks stillest: robust Procrustes analysis.

    Points that move on their own (legs) are weighed down (Cauchy weights), so that they do not drag
    the layer along. None where no track lives long enough to tell.
    """
    chosen = [t for t in tracks if len(t.contours) >= FEWEST_FRAMES]
    if not chosen:
        return None
    main = max(chosen, key=lambda t: float(sum(c.area for c in t.contours)))
    middle = len(main.contours) // 2
    pivot = main.points[middle].mean(axis=0).round(3)
    turns, shifts = np.ones(count, complex), np.zeros(count, complex)
    known = np.zeros(count, bool)
    _procrustes([main], pivot, middle, (turns, shifts, known))
    others = [t for t in chosen if t is not main and known[t.first : t.stop].any()]
    if others:
        _procrustes([main, *others], pivot, middle, (turns, shifts, known))
    frames = np.arange(count)
    poses = np.stack([shifts.real, shifts.imag, np.zeros(count), np.abs(turns)], axis=1)
    poses[known, 2] = np.unwrap(np.angle(turns[known]))
    for column in range(4):
        poses[:, column] = np.interp(frames, frames[known], poses[known, column])
    return pivot, poses


def _procrustes(
    tracks: list[MaterialTrack],
    pivot: Points,
    middle: int,
    motion: tuple[Values, Values, Values],
) -> None:
    """Improve turns and shifts (complex numbers) on the frames of ``tracks``, in place."""
    turns, shifts, known = motion
    spots = [(t.points - pivot) @ np.array([1, 1j]) for t in tracks]
    base = [t.weights / max(float(t.weights.mean()), 1e-9) for t in tracks]
    weights = list(base)
    spans = [slice(t.first, t.stop) for t in tracks]
    for _ in range(ROUNDS):
        seen = [
            w * known[span, None] if known[span].any() else _only(w, middle)
            for w, span in zip(weights, spans, strict=True)
        ]
        rest = [
            (w * (place - shifts[span, None]) / turns[span, None]).sum(axis=0)
            / np.maximum(w.sum(axis=0), 1e-12)
            for place, w, span in zip(spots, seen, spans, strict=True)
        ]
        for t in range(min(s.start for s in spans), max(s.stop for s in spans)):
            here = [k for k, span in enumerate(spans) if span.start <= t < span.stop]
            if here:
                x = np.concatenate([rest[k] for k in here])
                y = np.concatenate([spots[k][t - spans[k].start] for k in here])
                w = np.concatenate([weights[k][t - spans[k].start] for k in here])
                turns[t], shifts[t] = _similarity(x, y, w)
                known[t] = True
        _normalise(turns, shifts, tracks[0].first + middle, known)
        weights = [
            w * _cauchy(np.abs(place - turns[span, None] * x - shifts[span, None]))
            for w, place, x, span in zip(base, spots, rest, spans, strict=True)
        ]


def _only(weights: Values, row: int) -> Values:
    kept = np.zeros_like(weights)
    kept[row] = weights[row]
    return kept


def _cauchy(residual: Values) -> Values:
    """Weights ``(T, R)``, mainly the same on all frames: were every frame weighed by itself, the
    layer would jump from following one part of a bending object to following another."""
    scale = max(1.0, 1.5 * float(np.median(residual)))
    by_spot = (1 / (1 + (residual / scale) ** 2)).mean(axis=0)
    weights: Values = by_spot / (1 + (residual / (LENIENCE * scale)) ** 2)
    return weights


def _similarity(x: Values, y: Values, w: Values) -> tuple[complex, complex]:
    """The complex turn and shift that bring ``x`` onto ``y`` (weighted least squares)."""
    total = max(float(w.sum()), 1e-12)
    mx, my = (w * x).sum() / total, (w * y).sum() / total
    turn = (w * np.conj(x - mx) * (y - my)).sum() / max(
        float((w * np.abs(x - mx) ** 2).sum()), 1e-12
    )
    if abs(turn) < 1e-3:
        turn = 1.0 + 0j
    return complex(turn), complex(my - turn * mx)


def _normalise(turns: Values, shifts: Values, at: int, known: Values) -> None:
    """Make the pose of frame ``at`` the rest pose."""
    turn, shift = turns[at], shifts[at]
    turns[known] = turns[known] / turn
    shifts[known] = shifts[known] - turns[known] * shift


def outline_metric(
    points: Points, facing: Points, weights: Values, pivot: Points, pose: Values
) -> Values:
    """``(4, 4)`` metric of one frame: square normal displacement of plate ``points`` (unit normals
    ``facing``, ``weights`` that sum to what the frame counts) per change of ``pose``."""
    rows = pose_rows(points, facing, pivot, pose)
    return (rows * weights[:, None]).T @ rows


def pose_rows(points: Points, facing: Points, pivot: Points, pose: Values) -> Values:
    """``(n, 4)``: how far plate ``points`` move along ``facing`` per change of each pose number."""
    arm = points - pivot - pose[:2]
    turning = facing[:, 1] * arm[:, 0] - facing[:, 0] * arm[:, 1]
    growing = (facing * arm).sum(axis=1) / pose[3]
    return np.column_stack([facing, turning, growing])


def reduce(
    times: Values, poses: Values, metric: Values, price: float, pivot: Points, rules: Rules
) -> Poses:
    """Fewest keys: each costs ``price``, in the metric's square pixels summed over frames."""
    keys = _search(times, poses, metric, price, rules)
    return Poses(pivot, times, keys, _joint(times, poses, metric, keys))


def _search(times: Values, poses: Values, metric: Values, price: float, rules: Rules) -> Frames:
    count = len(times)
    admitted = [t for t in range(count) if rules.admits(t)] or [count // 2]
    best = np.full(count, np.inf)
    previous = np.full(count, -1, np.intp)
    for place, b in enumerate(admitted):
        best[b] = _off(metric[:b], poses[b] - poses[:b]) + price
        near = [a for a in reachable(admitted[:place], b - LONGEST) if rules.apart(a, b)]
        totals = best[near] + _spans(times, poses, metric, near, b) + price
        if near and totals.min() < best[b]:
            best[b], previous[b] = totals.min(), near[int(totals.argmin())]
    tails = [best[a] + _off(metric[a + 1 :], poses[a] - poses[a + 1 :]) for a in admitted]
    keys = [admitted[int(np.argmin(tails))]]
    while previous[keys[-1]] >= 0:
        keys.append(int(previous[keys[-1]]))
    return np.array(keys[::-1], np.intp)


def _spans(times: Values, poses: Values, metric: Values, starts: list[int], b: int) -> Values:
    """How far the poses between each of ``starts`` and ``b`` are off, interpolated linearly."""
    before = np.array(starts, np.intp)
    counts = b - 1 - before
    ends = np.cumsum(counts)
    a = np.repeat(before, counts)
    frames = np.arange(len(a)) - np.repeat(ends - counts, counts) + a + 1
    share = ((times[frames] - times[a]) / (times[b] - times[a]))[:, None]
    away = (1 - share) * poses[a] + share * poses[b] - poses[frames]
    off = np.einsum("ti,tij,tj->t", away, metric[frames], away)
    return np.array([off[end - n : end].sum() for end, n in zip(ends, counts, strict=True)])


def _off(metric: Values, away: Values) -> float:
    return float(np.einsum("ti,tij,tj->", away, metric, away)) if len(away) else 0.0


def _joint(times: Values, poses: Values, metric: Values, keys: Frames) -> Values:
    """Key values that fit all frames best in the metric."""
    before, after, share = bracket(times, keys)
    count = len(keys)
    mean = metric.mean(axis=0)
    hold = STIFFNESS * mean + 1e-12 * np.eye(4)
    diagonal, upper = np.tile(hold, (count, 1, 1)), np.zeros((max(0, count - 1), 4, 4))
    right = poses[keys] @ hold
    for t, g in enumerate(metric):
        a, b, w = int(before[t]), int(after[t]), float(share[t])
        pull = g @ poses[t]
        diagonal[a] += (1 - w) ** 2 * g
        right[a] += (1 - w) * pull
        if w > 0:
            diagonal[b] += w * w * g
            right[b] += w * pull
            upper[a] += w * (1 - w) * g
    return solve_block_tridiagonal(diagonal, upper, right)


def still(times: Values) -> Poses:
    """No motion at all."""
    return Poses(np.zeros(2), times, np.zeros(1, np.intp), REST[None].copy())


def metric_of(
    tracks: Sequence[MaterialTrack], shares: Sequence[Values], pivot: Points, poses: Values
) -> Values:
    """``(T, 4, 4)`` from the outlines themselves."""
    metric = np.zeros((len(poses), 4, 4))
    for track, share in zip(tracks, shares, strict=True):
        for row, (points, weights) in enumerate(zip(track.points, track.weights, strict=True)):
            t = track.first + row
            w = weights * (share[row] / max(float(weights.sum()), 1e-9))
            metric[t] += outline_metric(points, normals(points), w, pivot, poses[t])
    return metric
