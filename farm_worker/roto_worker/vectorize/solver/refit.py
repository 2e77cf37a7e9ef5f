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
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.linalg.lapack import dpotrf, dpotrs

from ..outline.contour import Contour
from ..outline.curves import Points, Values, side_lengths, smooth, tangents
from .fit import Basis, fairness_normal, on_samples
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

    @cached_property
    def _windows(self) -> tuple[Points, Points, Values]:
        """Around every outline point the x and the y of those within :data:`REACH`, and what the
        way along the outline to each of them costs."""
        reach = min(max(1, round(REACH / self.pitch)), len(self.curve) // 4)
        offsets = np.arange(-reach, reach + 1)
        around = np.arange(-reach, len(self.curve) + reach) % len(self.curve)
        x, y = (sliding_window_view(column[around], len(offsets)) for column in self.curve.T)
        return x, y, np.asarray(OFFSET_COST * (offsets * self.pitch) ** 2, np.float64)

    @classmethod
    def of(cls, contour: Contour) -> Target:
        tangent = tangents(smooth(contour.points, 1.5))
        normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
        return cls(contour.points, normal, float(side_lengths(contour.points).mean()))

    def nearest(self, points: Points, arcs: Values) -> tuple[Points, Points]:
        """Outline points (and normals) nearest to ``points`` within :data:`REACH` of ``arcs``."""
        x, y, along = self._windows
        middle = np.round(arcs / self.pitch).astype(np.intp) % len(self.curve)
        # By coordinate and in place: this is where most of a solve's time goes.
        distance, aside = x[middle], y[middle]
        distance -= points[:, :1]
        aside -= points[:, 1:]
        distance *= distance
        aside *= aside
        distance += aside
        distance += along
        chosen = (middle + distance.argmin(axis=1) - len(along) // 2) % len(self.curve)
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
    placed = on_samples(problem.shape, keyed.unknowns)
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
    return _off(placed, *_nearest(problem, placed)) * problem.unit[:, None]


def _step(problem: Problem, around: tuple[Frames, Frames, Values], keyed: Keyed) -> Values:
    before, after, share = around
    count, half = len(keyed.keys), problem.shape.unknowns
    size = 2 * half
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
    pulled = (first.T @ goal.reshape(len(goal), -1)).reshape(count, *goal.shape[1:])
    right = (pulled.transpose(0, 2, 1) @ problem.shape.matrix).reshape(count, size)
    flat = keyed.unknowns.transpose(0, 2, 1).reshape(count, size)
    for k in range(count):
        damping = DAMPING * max(float(np.trace(diagonal[k])) / size, 1e-6)
        fair = _fair(problem.shape, keyed.fairer[k]) + damping * np.eye(half)
        diagonal[k, :half, :half] += fair
        diagonal[k, half:, half:] += fair
        right[k] += damping * flat[k]
        if int(keyed.keys[k]) in problem.pins:
            _fix(diagonal, upper, right, k, flat[k])
    solved = solve_block_tridiagonal(diagonal, upper, right)
    return solved.reshape(count, 2, -1).transpose(0, 2, 1)


def _fair(shape: Basis, factors: Values) -> Values:
    return shape.plainly_fair if (factors == 1).all() else fairness_normal(shape, factors)


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
    curve, normal = _nearest(problem, placed)
    (x, y), (nx, ny) = np.moveaxis(curve, -1, 0), np.moveaxis(normal, -1, 0)
    off = _off(placed, curve, normal) * problem.unit[:, None]
    across = problem.weights * np.minimum(1.0, problem.cap / np.maximum(off, 1e-9))
    along = problem.weights * problem.tangential
    weigh = np.stack(
        [
            across * nx * nx + along * ny * ny,
            (across - along) * nx * ny,
            across * ny * ny + along * nx * nx,
        ]
    )
    reached = across * (nx * x + ny * y)
    held = along * (ny * problem.points[..., 0] - nx * problem.points[..., 1])
    return weigh, np.stack([reached * nx + held * ny, reached * ny - held * nx], axis=-1)


def _nearest(problem: Problem, placed: Points) -> tuple[Points, Points]:
    """Outline points and normals ``(T, R, 2)`` nearest to samples of all frames."""
    curve, normal = np.empty(placed.shape), np.empty(placed.shape)
    for t, target in enumerate(problem.targets):
        curve[t], normal[t] = target.nearest(placed[t], problem.arcs[t])
    return curve, normal


def _off(placed: Points, curve: Points, normal: Points) -> Values:
    """Distance along the normal; by coordinate, since sums over an axis of two are slow."""
    away = placed - curve
    away *= normal
    return np.abs(away[..., 0] + away[..., 1])


def solve_block_tridiagonal(diagonal: Values, upper: Values, right: Values) -> Values:
    """Solve a symmetric positive block tridiagonal system (block Cholesky).

    ``diagonal`` ``(K, n, n)``, ``upper`` ``(K - 1, n, n)`` the blocks right of it, ``right``
    ``(K, n)``. ``diagonal`` is used up.
    """
    count = len(diagonal)
    reduced = right.copy()
    lower = []
    for k in range(count):
        lower.append(_factor(diagonal[k]))
        if k + 1 < count:
            carried = dpotrs(lower[k], upper[k], lower=1)[0]
            diagonal[k + 1] -= upper[k].T @ carried
            reduced[k + 1] -= carried.T @ reduced[k]
    solution = np.empty_like(right)
    for k in range(count - 1, -1, -1):
        rest = reduced[k] if k + 1 == count else reduced[k] - upper[k] @ solution[k + 1]
        solution[k] = dpotrs(lower[k], rest, lower=1)[0]
    return solution


def _factor(block: Values) -> Values:
    """Lower Cholesky factor. LAPACK by itself: its wrappers cost as much as the small blocks."""
    factor, failed = dpotrf(block.T, lower=1, clean=0, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError(f"block not positive definite at row {failed}")
    found: Values = factor
    return found
