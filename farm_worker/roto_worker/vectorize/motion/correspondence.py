"""The same spots of an object's outline on every frame of a track.

From the most complex outline of the track, evenly spaced samples are carried forward and backward:
the last frame's samples are moved by the best similarity, aligned with the new outline by cyclic
dynamic programming (samples or stretches of outline may be skipped, which is what happens when the
gap between two legs closes), and relaxed so that skipped stretches spread out evenly. The share of
samples that found a match is kept; where it falls below :data:`LOST` the life of the shape ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from ..outline.contour import Contour, Drift
from ..outline.curves import (
    Points,
    Values,
    arc_positions,
    normals,
    point_at,
    resample,
    side_lengths,
    smooth,
    tangents,
)
from .cyclic import UNMATCHED, Matches, align, relax, solve_cyclic, sure_pair

LOST = 0.6
"""A life ends where fewer samples than this share find their match."""
SAMPLE_SPACING = 3.0
SAMPLES = (48, 420)
ELASTICITY = 16.0
GAP_WEIGHT = 0.03
NOISE = 2.0
"""Least scale, in pixels, on which distances are judged: mattes wobble."""
MOST_GROWTH = 1.4
SETTLED = 0.02
"""The similarity is found when no sample moves farther than this in a step, pixels."""
LEAST_TRUST = 0.05
"""Where the picture says less than this all around, it is not listened to."""
SELF_TRUST = 0.01
"""What the similarity weighs where the picture says nothing, and how stiff the bending is."""
STIFFNESS = 1.0
EASED = 5.0
"""The spacing holds so many times less, and one, where the picture is seen all around: a part that
bends does stretch its outline."""
SEEN = 0.02
"""Contour points that weigh less are beyond the frame."""
LEAST_SEEN = 0.1
"""Where less of the outline than this share is in the frame, it only goes on as it went."""
COLLAPSED = 0.4
"""Samples closer together than this share of their due spacing carry no identity."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class MaterialTrack:
    """``samples`` spots of one outline over ``frames`` consecutive contours of a track.

    ``first``: index of the first contour within the track. ``points``: ``(frames, samples, 2)`` on
    the contours. ``arcs``: their arc lengths on each contour. ``weights``: ``(frames, samples)``
    length of visible outline a sample stands for, in units of the mean. ``matched``: share of
    samples matched to the frame this one was carried from.
    """

    first: int
    contours: tuple[Contour, ...]
    points: Points
    arcs: Values
    weights: Values
    matched: Values

    @property
    def stop(self) -> int:
        return self.first + len(self.contours)


@dataclass(frozen=True)
class _Placed:
    points: Points
    arcs: Values
    matched: float


def follow(contours: Sequence[Contour], first: int = 0) -> list[MaterialTrack]:
    """Material tracks covering every one of ``contours``, in time order.

    One track is the rule; more than one where the outline changed too much to be the same shape.
    """
    if not contours:
        return []
    start = _most_complex(contours)
    forward = list(_carry(contours[start:], [c.ahead for c in contours[start:]]))
    past = contours[start::-1]
    backward = list(_carry(past, [c.behind for c in past], forward[0]))
    placed = backward[:0:-1] + forward
    low, high = start - len(backward) + 1, start + len(forward)
    track = _track(contours[low:high], placed, first + low)
    before = follow(contours[:low], first)
    return [*before, track, *follow(contours[high:], first + high)]


def _track(contours: Sequence[Contour], placed: list[_Placed], first: int) -> MaterialTrack:
    weights = [_weights(c, p.arcs) for c, p in zip(contours, placed, strict=True)]
    return MaterialTrack(
        first,
        tuple(contours),
        np.stack([p.points for p in placed]),
        np.stack([p.arcs for p in placed]),
        np.stack(weights),
        np.array([p.matched for p in placed]),
    )


def carried(
    contours: Sequence[Contour], samples: Points, *, backward: bool = False
) -> tuple[list[Values], list[float]]:
    """A known outline on the first of ``contours``, and on the next ones until it is lost.

    Args:
        contours: on neighbouring frames, in the order to go.
        samples: ``(R, 2)`` of a curve that lies on the first contour, near enough.
        backward: whether ``contours`` run back in time.

    Returns:
        the samples' arc lengths on every contour reached, and the shares of them recognised there.
    """
    start = _place(samples, contours[0], side_lengths(samples))
    if start.matched < LOST:
        return [], []
    drifts = [c.behind if backward else c.ahead for c in contours]
    placed = list(_carry(contours, drifts, start))
    return [p.arcs for p in placed], [p.matched for p in placed]


def at_arcs(contours: Sequence[Contour], arcs: Values, matched: Values) -> MaterialTrack:
    """The material track of samples at rising ``arcs`` ``(T, R)`` of given contours."""
    spots = [point_at(c.points, a) for c, a in zip(contours, arcs, strict=True)]
    placed = [_Placed(p, a, m) for p, a, m in zip(spots, arcs, matched.tolist(), strict=True)]
    return _track(contours, placed, 0)


def _weights(contour: Contour, arcs: Values) -> Values:
    """Visible length of outline that each sample stands for, in units of the mean."""
    total = float(side_lengths(contour.points).sum())
    ahead = np.append(arcs[1:], arcs[0] + total) - arcs
    share = 0.5 * (ahead + np.roll(ahead, 1)) * (len(arcs) / total)
    return share * np.interp(arcs % total, arc_positions(contour.points), contour.weights)


def _most_complex(contours: Sequence[Contour]) -> int:
    """Longest seen outline for its area, smoothed over time: where an artist would start."""
    lengths = [side_lengths(c.points)[c.weights > SEEN].sum() for c in contours]
    values = [s / np.sqrt(max(c.area, 1e-9)) for s, c in zip(lengths, contours, strict=True)]
    return int(gaussian_filter1d(np.array(values), 2.0, mode="nearest").argmax())


def _carry(
    contours: Sequence[Contour], drifts: Sequence[Drift | None], start: _Placed | None = None
) -> Iterator[_Placed]:
    """Samples on the first contour, then on each next one until they are lost.

    ``drifts``: where each contour's points go on the next one.
    """
    if start is None:
        perimeter = float(side_lengths(contours[0].points).sum())
        count = int(np.clip(round(perimeter / SAMPLE_SPACING), *SAMPLES))
        arcs = np.arange(count, dtype=np.float64) * (perimeter / count)
        start = _Placed(point_at(contours[0].points, arcs), arcs, 1.0)
    spacing = side_lengths(start.points)
    velocity = np.zeros(2)
    here = start
    yield here
    for last, drift, contour in zip(contours, drifts, contours[1:], strict=False):
        before = here
        moved = _similarity(before.points, contour, velocity)
        elasticity = ELASTICITY
        if drift is not None:
            moved, seen = _drifted(before, last, drift, moved, contour)
            elasticity /= 1 + EASED * seen
        here = _place(moved, contour, spacing, elasticity)
        if here.matched < LOST:
            return
        velocity = np.median(here.points - before.points, axis=0)
        yield here


def _place(
    moved: Points, contour: Contour, spacing: Values, elasticity: float = ELASTICITY
) -> _Placed:
    """The previous frame's samples, ``moved`` to where they are expected, on a new contour."""
    pitch = float(side_lengths(moved).mean())
    perimeter = float(side_lengths(contour.points).sum())
    count = max(12, round(perimeter / max(pitch, 1e-6)))
    target = resample(contour.points, min(count, 2 * SAMPLES[1]))
    closeness = float(_nearest(cKDTree(target), moved)[0].mean())
    least = max(0.85 * pitch, NOISE)
    scale = float(np.clip(2 * closeness, least, max(4 * pitch, least)))
    costs = _costs(moved, target, scale)
    matches = align(costs)
    warped = moved + _smooth_offsets(moved, target, matches, perimeter / len(target))
    again = _costs(warped, target, max(scale / 2, 0.6 * least))
    if (matches != UNMATCHED).any():
        matches = align(again, sure_pair(again, matches))
    wanted, weights = _wanted_arcs(warped, target, matches, spacing, perimeter)
    due = _due_spacing(spacing, wanted, contour, perimeter)
    arcs = relax(wanted, weights, due, perimeter, elasticity)
    matched = float(np.mean(matches != UNMATCHED))
    return _Placed(point_at(contour.points, arcs), arcs, matched)


def _drifted(
    before: _Placed, last: Contour, drift: Drift, moved: Points, goal: Contour
) -> tuple[Points, float]:
    """``moved`` bent to where the picture says the samples went; stiff where it does not say.

    Where that is not on the outline ``goal``, the object turns in depth: its outline runs over
    other spots then, and the picture is no guide. Also returns the mean trust, 0..1.
    """
    along = arc_positions(last.points)
    total = float(side_lengths(last.points).sum())
    trust = np.interp(before.arcs, along, drift.trust, period=total)
    if trust.max() < LEAST_TRUST:
        return moved, 0.0
    offsets = np.stack(
        [np.interp(before.arcs, along, column, period=total) for column in drift.offsets.T], axis=1
    )
    missed, _ = _nearest(cKDTree(goal.points), before.points + offsets)
    trust = trust / (1 + (missed / NOISE) ** 4)
    wanted = trust[:, None] * (before.points + offsets - moved)
    held = trust + SELF_TRUST + 2 * STIFFNESS
    bent = moved + np.stack([solve_cyclic(held, -STIFFNESS, w) for w in wanted.T], axis=1)
    return bent, float(trust.mean())


def _costs(samples: Points, target: Points, scale: float) -> Values:
    """Match cost of each sample with each target point: distance and direction of the outline."""
    distance = ((samples[:, None] - target[None]) ** 2).sum(axis=2)
    turn = 1 - normals(smooth(samples, 1.0)) @ normals(smooth(target, 1.0)).T
    return np.minimum(distance / (2 * scale**2), 12.0) + 3.0 * turn


def _smooth_offsets(samples: Points, target: Points, matches: Matches, pitch: float) -> Points:
    """The match as a displacement field along the curve, smooth, gaps bridged.

    The match picks whole target points; what it says along the curve below their pitch is only how
    the two samplings happen to lie, and would make all samples slip together.
    """
    known = matches != UNMATCHED
    along = _tangent_shift(samples, target, matches, pitch)
    goals = target[matches] + along[:, None] * tangents(target)[matches]
    offsets = np.where(known[:, None], goals - samples, 0.0)
    weights = np.where(known, 1.0, 1e-6)[:, None]
    return smooth(offsets * weights, 3.0) / smooth(weights, 3.0)


def _wanted_arcs(
    samples: Points, target: Points, matches: Matches, spacing: Values, perimeter: float
) -> tuple[Values, Values]:
    """Arc positions on the target curve by the match alone, and how sure each is."""
    pitch = perimeter / len(target)
    known = np.flatnonzero(matches != UNMATCHED)
    if len(known) < 3:
        even = np.concatenate([[0.0], np.cumsum(spacing[:-1])]) * (perimeter / spacing.sum())
        return even, np.ones(len(samples))
    along = _tangent_shift(samples[known], target, matches[known], pitch)
    steps = np.diff(matches[known]) % len(target)
    arcs = (matches[known[0]] + np.concatenate([[0], np.cumsum(steps)])) * pitch + along
    rows = np.arange(len(samples))
    wanted = np.interp(
        rows, [*known, known[0] + len(samples)], [*arcs, arcs[0] + perimeter], left=np.nan
    )
    lead = np.isnan(wanted)
    wanted[lead] = np.interp(
        rows[lead] + len(samples),
        [*known, known[0] + len(samples)],
        [*arcs, arcs[0] + perimeter],
    )
    wanted[lead] -= perimeter
    # Samples that had collapsed into a closed gap do not know where they are either.
    due = spacing * (side_lengths(samples).sum() / spacing.sum())
    lost = (matches == UNMATCHED) | (side_lengths(samples) < COLLAPSED * due)
    return wanted, np.where(lost, GAP_WEIGHT, 1.0)


def _due_spacing(spacing: Values, arcs: Values, contour: Contour, perimeter: float) -> Values:
    """The reference's spacing; beyond the frame, where the outline is made up, that of ``arcs``.

    Spots that have left crowd there, and would push those in the frame along the outline.
    """
    weights = np.interp(arcs % perimeter, arc_positions(contour.points), contour.weights)
    seen = weights > SEEN
    seen |= np.roll(seen, -1)
    if seen.all() or not seen.any():
        return spacing
    steps = np.append(arcs[1:], arcs[0] + perimeter) - arcs
    scale = steps[seen].sum() / spacing[seen].sum()
    return np.where(seen, scale * spacing, np.maximum(steps, 1e-3 * spacing))


def _tangent_shift(samples: Points, target: Points, matches: Matches, pitch: float) -> Values:
    """How far along the curve each sample lies from the target point it matched."""
    shift = ((samples - target[matches]) * tangents(target)[matches]).sum(axis=1)
    return np.clip(shift, -0.5 * pitch, 0.5 * pitch)


def _similarity(samples: Points, contour: Contour, velocity: Points) -> Points:
    """``samples`` moved onto ``contour`` by the similarity that fits best (trimmed ICP).

    Beyond the frame the outline is made up, and stands still whatever the object does.
    """
    seen = contour.weights > SEEN
    if np.count_nonzero(seen) < LEAST_SEEN * len(seen):
        return samples + velocity
    curve = _Curve(contour.points, normals(smooth(contour.points, 2.0)), seen)
    shift = contour.points.mean(axis=0) - samples.mean(axis=0)
    starts = (velocity, shift, np.zeros(2)) if seen.all() else (velocity, np.zeros(2))
    fits = [_icp(samples + start, curve) for start in starts]
    return min(fits, key=lambda f: f[0])[1]


@dataclass(frozen=True)
class _Curve:
    """An outline to move samples onto. ``seen``: which of its points lie inside the frame."""

    points: Points
    facing: Points
    seen: Flags

    @cached_property
    def tree(self) -> cKDTree:
        return cKDTree(self.points)


def _icp(start: Points, curve: _Curve) -> tuple[float, Points]:
    """Closest-point iterations on the distance along the curve's normal, the worst fifth left
    out, so that sliding along the curve costs nothing.

    Returns the mean distance between the two curves both ways (else a shape shrunk onto a stretch
    of the curve would win) and the moved samples.
    """
    moved = start
    for _ in range(15):
        distance, nearest = _nearest(curve.tree, moved)
        distance = np.where(curve.seen[nearest], distance, np.inf)
        keep = max(3, int(0.8 * np.count_nonzero(np.isfinite(distance))))
        close = np.argsort(distance, kind="stable")[:keep]
        before = moved
        moved = _moved(moved, close, curve.points[nearest[close]], curve.facing[nearest[close]])
        if np.abs(moved - before).max() < SETTLED:
            break
    if not 1 / MOST_GROWTH < _spread(moved) / max(_spread(start), 1e-9) < MOST_GROWTH:
        moved = start
    there, nearest = _nearest(curve.tree, moved)
    back, _ = _nearest(cKDTree(moved), curve.points[curve.seen])
    return _trimmed(there[curve.seen[nearest]]) + _trimmed(back), moved


def _spread(points: Points) -> float:
    return float((points - points.mean(axis=0)).std())


def _trimmed(distance: Values) -> float:
    """Mean without the largest fifth; infinite for none."""
    if len(distance) == 0:
        return np.inf
    return float(np.sort(distance)[: max(3, int(0.8 * len(distance)))].mean())


def _moved(points: Points, chosen: Matches, goals: Points, facing: Points) -> Points:
    """All ``points`` by the small similarity that brings the chosen ones onto their goals' lines.

    Scale and turn are held back a little, so that a circle does not spin.
    """
    centre = points[chosen].mean(axis=0)
    arm = points[chosen] - centre
    reach = max(float(np.abs(arm).max()), 1e-9)
    arm = arm / reach
    stretch = (facing * arm).sum(axis=1)
    turn = facing[:, 1] * arm[:, 0] - facing[:, 0] * arm[:, 1]
    rows = np.column_stack([stretch, turn, facing])
    gaps = (facing * (goals - points[chosen])).sum(axis=1)
    normal = rows.T @ rows + 1e-3 * len(rows) * np.diag([1.0, 1.0, 1e-3, 1e-3])
    scale, angle, x, y = np.linalg.solve(normal, rows.T @ gaps)
    factor = np.clip(1 + scale / reach, 0.8, 1.25) * np.exp(1j * np.clip(angle / reach, -0.2, 0.2))
    z = (points - centre) @ np.array([1, 1j]) * factor
    return centre + np.array([x, y]) + np.stack([z.real, z.imag], axis=1)


def _nearest(tree: cKDTree, points: Points) -> tuple[Values, Matches]:
    distance, index = tree.query(points)
    return np.asarray(distance), np.asarray(index, np.intp)
