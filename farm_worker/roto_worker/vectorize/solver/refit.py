"""All keys of a shape solved at once against the outlines of all frames.

Each frame's outline is a linear function of the two keys around it, so the keys that suit every
frame best are one banded least-squares problem: distance along the outline's normal (robust), a
little along it towards the tracked spot, and fair handles. The outline's nearest point is looked
for near the tracked spot only, which keeps one leg from grabbing the outline of the other.

Keys that must not change (an artist's, or the ends of a stretch solved anew) are *pinned*: they
take part as the curve they are, and the others are solved around them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from ..outline.contour import Contour
from ..outline.curves import Points, Values, side_lengths, smooth, tangents
from .fit import Basis, fairness_normal
from .keys import Frames, bracket

REACH = 12
"""How far along the outline, in pixels, the nearest point may lie from the tracked spot."""
OFFSET_COST = 0.02
DAMPING = 1e-3


@dataclass(frozen=True)
class Target:
    """One frame's outline, ready for nearest-point questions."""

    curve: Points
    normal: Points
    pitch: float

    @classmethod
    def of(cls, contour: Contour) -> Target:
        tangent = tangents(smooth(contour.points, 1.5))
        normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
        return cls(contour.points, normal, float(side_lengths(contour.points).mean()))

    def nearest(self, points: Points, arcs: Values) -> tuple[Points, Points]:
        """Outline points (and normals) nearest to ``points`` within :data:`REACH` of ``arcs``."""
        reach = min(max(1, round(REACH / self.pitch)), len(self.curve) // 4)
        offsets = np.arange(-reach, reach + 1)
        index = (np.round(arcs / self.pitch).astype(int)[:, None] + offsets) % len(self.curve)
        # By coordinate: a sum over an axis of two costs more than everything else here.
        away = self.curve[:, 0][index] - points[:, :1]
        aside = self.curve[:, 1][index] - points[:, 1:]
        distance = away * away + aside * aside + OFFSET_COST * (offsets * self.pitch) ** 2
        chosen = index[np.arange(len(points)), distance.argmin(axis=1)]
        return self.curve[chosen], self.normal[chosen]


@dataclass(frozen=True)
class Problem:
    """What the keys of one shape are solved against; frame-wise data in one order.

    ``unit``: ``(T,)`` plate pixels per pixel of the layer's space on each frame. ``tangential``:
    how much being beside the tracked spot counts, against 1 for being off the outline; one number
    or ``(T, R)``. ``pins``: frame
    index -> the outline samples ``(R, 2)`` of a key that is given and stays.
    """

    shape: Basis
    times: Values
    targets: Sequence[Target]
    points: Points
    arcs: Values
    weights: Values
    unit: Values
    cap: float
    tangential: float | Values
    pins: Mapping[int, Points] = field(default_factory=dict)

    def part(self, first: int, stop: int) -> Problem:
        """The frames from ``first`` up to ``stop`` (not included) alone, without pins."""
        frames = slice(first, stop)
        return replace(
            self,
            times=self.times[frames],
            targets=self.targets[frames],
            points=self.points[frames],
            arcs=self.arcs[frames],
            weights=self.weights[frames],
            unit=self.unit[frames],
            pins={},
        )


@dataclass(frozen=True)
class Keyed:
    """Key frames (indices), the unknowns ``(K, D, 2)`` on them, and how much fairer than usual
    the handles of each key are held, ``(K, F)`` factors."""

    keys: Frames
    unknowns: Values
    fairer: Values

    def without(self, numbers: Frames) -> Keyed:
        kept = np.setdiff1d(np.arange(len(self.keys)), numbers)
        return Keyed(self.keys[kept], self.unknowns[kept], self.fairer[kept])


def start(problem: Problem, keys: Frames, unknowns: Values) -> Keyed:
    """Keys at their ordinary fairness."""
    return Keyed(keys, unknowns, np.ones((len(keys), len(problem.shape.fairness))))


def refit(problem: Problem, keyed: Keyed, iterations: int = 4) -> Keyed:
    """The same keys with the unknowns that suit all frames best."""
    around = bracket(problem.times, keyed.keys)
    for _ in range(iterations):
        keyed = replace(keyed, unknowns=_step(problem, around, keyed))
    return keyed


def key_samples(problem: Problem, keyed: Keyed) -> Points:
    """Outline samples ``(K, R, 2)`` of every key; of a pinned key, as it is pinned."""
    placed: Points = np.einsum("rd,kdc->krc", problem.shape.matrix, keyed.unknowns)
    for number, key in enumerate(keyed.keys):
        if int(key) in problem.pins:
            placed[number] = problem.pins[int(key)]
    return placed


def samples(problem: Problem, keyed: Keyed) -> Points:
    """Outline samples ``(T, R, 2)`` on every frame, as a host interpolates them."""
    before, after, share = bracket(problem.times, keyed.keys)
    placed = key_samples(problem, keyed)
    share = share[:, None, None]
    return (1 - share) * placed[before] + share * placed[after]


def interpolated(times: Values, keyed: Keyed) -> Values:
    """Unknowns ``(T, D, 2)`` on every frame."""
    before, after, share = bracket(times, keyed.keys)
    share = share[:, None, None]
    return (1 - share) * keyed.unknowns[before] + share * keyed.unknowns[after]


def errors(problem: Problem, placed: Points) -> Values:
    """Distance ``(T, R)`` along the normal of samples ``(T, R, 2)`` from the outline, in plate
    pixels."""
    result = np.empty(problem.weights.shape)
    for t, target in enumerate(problem.targets):
        curve, normal = target.nearest(placed[t], problem.arcs[t])
        result[t] = np.abs(((placed[t] - curve) * normal).sum(axis=1))
    return result * problem.unit[:, None]


def _step(problem: Problem, around: tuple[Frames, Frames, Values], keyed: Keyed) -> Values:
    before, after, share = around
    count, size = len(keyed.keys), 2 * problem.shape.unknowns
    weigh, goal = _frame_rows(problem, samples(problem, keyed))
    frames = np.arange(len(share))
    first = np.zeros((len(share), count))
    first[frames, before] = 1 - share
    first[frames, after] += share
    goal = goal - _pinned_part(problem, keyed, first, weigh)
    both = (1 - share) * share * (before != after)
    crossing = np.zeros((len(share), max(0, count - 1)))
    if count > 1:
        crossing[frames, np.minimum(before, count - 2)] = both
    diagonal = _blocks(problem.shape, weigh, first**2)
    upper = _blocks(problem.shape, weigh, crossing)
    pulled = np.einsum("tk,trc->krc", first, goal)
    right = np.einsum("rd,krc->kcd", problem.shape.matrix, pulled).reshape(count, size)
    flat = keyed.unknowns.transpose(0, 2, 1).reshape(count, size)
    for k in range(count):
        damping = DAMPING * max(float(np.trace(diagonal[k])) / size, 1e-6)
        fair = fairness_normal(problem.shape, keyed.fairer[k])
        diagonal[k] += np.kron(np.eye(2), fair) + damping * np.eye(size)
        right[k] += damping * flat[k]
        if int(keyed.keys[k]) in problem.pins:
            _fix(diagonal, upper, right, k, flat[k])
    solved = solve_block_tridiagonal(diagonal, upper, right)
    return solved.reshape(count, 2, -1).transpose(0, 2, 1)


def _pinned_part(problem: Problem, keyed: Keyed, first: Values, weigh: Values) -> Values:
    """What pinned keys already contribute to the weighted goals ``(T, R, 2)``."""
    numbers = [k for k, key in enumerate(keyed.keys) if int(key) in problem.pins]
    if not numbers:
        return np.zeros((len(first), *problem.points.shape[1:]))
    given = np.stack([problem.pins[int(keyed.keys[k])] for k in numbers])
    shown = np.einsum("tk,krc->trc", first[:, numbers], given)
    xx, xy, yy = weigh
    x, y = shown[..., 0], shown[..., 1]
    return np.stack([xx * x + xy * y, xy * x + yy * y], axis=-1)


def _fix(diagonal: Values, upper: Values, right: Values, k: int, value: Values) -> None:
    """Take key ``k`` out of the system: it is ``value``, and its neighbours know it already."""
    diagonal[k] = np.eye(len(value))
    right[k] = value
    if k:
        upper[k - 1] = 0.0
    if k < len(upper):
        upper[k] = 0.0


def _blocks(shape: Basis, weigh: Values, factors: Values) -> Values:
    """``(K, 2D, 2D)`` normal blocks: each frame's, times ``factors`` ``(T, K)``, summed."""
    products, places = shape.products
    d = shape.unknowns
    blocks = np.zeros((factors.shape[1], 2 * d, 2 * d))
    for axes, weights in zip(((0, 0), (0, 1), (1, 1)), weigh, strict=True):
        entries = np.zeros((factors.shape[1], d * d))
        entries[:, places] = (products @ (weights.T @ factors)).T
        block = entries.reshape(-1, d, d)
        i, j = axes
        blocks[:, i * d : (i + 1) * d, j * d : (j + 1) * d] = block
        blocks[:, j * d : (j + 1) * d, i * d : (i + 1) * d] = block
    return blocks


def _frame_rows(problem: Problem, placed: Points) -> tuple[Values, Points]:
    """Symmetric weights xx, xy, yy ``(3, T, R)`` of every sample, and its weighted goal."""
    count = problem.weights.shape
    weigh, goal = np.empty((3, *count)), np.empty((*count, 2))
    tangential = np.broadcast_to(problem.tangential, count)
    for t, target in enumerate(problem.targets):
        curve, normal = target.nearest(placed[t], problem.arcs[t])
        off = np.abs(((placed[t] - curve) * normal).sum(axis=1)) * problem.unit[t]
        visible = problem.weights[t]
        across = visible * np.minimum(1.0, problem.cap / np.maximum(off, 1e-9))
        along = visible * tangential[t]
        nx, ny = normal[:, 0], normal[:, 1]
        weigh[0, t] = across * nx * nx + along * ny * ny
        weigh[1, t] = (across - along) * nx * ny
        weigh[2, t] = across * ny * ny + along * nx * nx
        spot = problem.points[t]
        reached = across * (nx * curve[:, 0] + ny * curve[:, 1])
        held = along * (ny * spot[:, 0] - nx * spot[:, 1])
        goal[t, :, 0] = reached * nx + held * ny
        goal[t, :, 1] = reached * ny - held * nx
    return weigh, goal


def solve_block_tridiagonal(diagonal: Values, upper: Values, right: Values) -> Values:
    """Solve a symmetric positive block tridiagonal system (block Cholesky).

    ``diagonal`` ``(K, n, n)``, ``upper`` ``(K - 1, n, n)`` the blocks right of it, ``right``
    ``(K, n)``. ``diagonal`` is used up.
    """
    count = len(diagonal)
    reduced = right.copy()
    lower = []
    for k in range(count):
        lower.append(cho_factor(diagonal[k].T, lower=True, overwrite_a=True, check_finite=False))
        if k + 1 < count:
            carried = cho_solve(lower[k], upper[k], check_finite=False)
            diagonal[k + 1] -= upper[k].T @ carried
            reduced[k + 1] -= carried.T @ reduced[k]
    solution = np.empty_like(right)
    for k in range(count - 1, -1, -1):
        rest = reduced[k] if k + 1 == count else reduced[k] - upper[k] @ solution[k + 1]
        solution[k] = cho_solve(lower[k], rest, check_finite=False)
    return solution
