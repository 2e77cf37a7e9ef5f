"""All keys of a shape solved at once against the outlines of all frames.

Each frame's outline is a linear function of the two keys around it, so the keys that suit every
frame best are one banded least-squares problem: distance along the outline's normal (robust), a
little along it towards the tracked spot, and fair handles. The outline's nearest point is looked
for near the tracked spot only, which keeps one leg from grabbing the outline of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from .contour import Contour
from .curves import Points, Values, side_lengths, smooth, tangents
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
        distance = ((self.curve[index] - points[:, None]) ** 2).sum(axis=2)
        distance += OFFSET_COST * (offsets * self.pitch) ** 2
        chosen = index[np.arange(len(points)), distance.argmin(axis=1)]
        return self.curve[chosen], self.normal[chosen]


@dataclass(frozen=True)
class Problem:
    """What the keys of one shape are solved against; frame-wise data in one order."""

    shape: Basis
    times: Values
    targets: Sequence[Target]
    points: Points
    arcs: Values
    weights: Values
    cap: float
    tangential: float

    def part(self, first: int, stop: int) -> Problem:
        """The frames from ``first`` up to ``stop`` (not included) alone."""
        frames = slice(first, stop)
        return replace(
            self,
            times=self.times[frames],
            targets=self.targets[frames],
            points=self.points[frames],
            arcs=self.arcs[frames],
            weights=self.weights[frames],
        )


def refit(problem: Problem, keys: Frames, start: Values, iterations: int = 4) -> Values:
    """Unknowns ``(K, D, 2)`` of all keys, from ``start`` of the same shape."""
    before, after, share = bracket(problem.times, keys)
    found = start
    for _ in range(iterations):
        found = _step(problem, before, after, share, found)
    return found


def interpolated(times: Values, keys: Frames, unknowns: Values) -> Values:
    """Unknowns ``(T, D, 2)`` on every frame, as a host interpolates them."""
    before, after, share = bracket(times, keys)
    share = share[:, None, None]
    return (1 - share) * unknowns[before] + share * unknowns[after]


def errors(problem: Problem, unknowns: Values) -> Values:
    """Distance ``(T, R)`` along the normal of every sample from its outline, pixels."""
    result = np.empty(problem.weights.shape)
    for t, target in enumerate(problem.targets):
        placed = problem.shape.matrix @ unknowns[t]
        curve, normal = target.nearest(placed, problem.arcs[t])
        result[t] = np.abs(((placed - curve) * normal).sum(axis=1))
    return result


def _step(
    problem: Problem, before: Frames, after: Frames, share: Values, current: Values
) -> Values:
    size = 2 * problem.shape.unknowns
    count = len(current)
    diagonal = np.zeros((count, size, size))
    upper = np.zeros((max(0, count - 1), size, size))
    right = np.zeros((count, size))
    for t in range(len(problem.times)):
        a, b, w = int(before[t]), int(after[t]), float(share[t])
        normal, goal = _frame_rows(problem, t, (1 - w) * current[a] + w * current[b])
        diagonal[a] += (1 - w) ** 2 * normal
        right[a] += (1 - w) * goal
        if w > 0:
            diagonal[b] += w * w * normal
            right[b] += w * goal
            upper[a] += w * (1 - w) * normal
    fair = np.kron(np.eye(2), fairness_normal(problem.shape))
    flat = current.transpose(0, 2, 1).reshape(count, size)
    for k in range(count):
        damping = DAMPING * max(float(np.trace(diagonal[k])) / size, 1e-6)
        diagonal[k] += fair + damping * np.eye(size)
        right[k] += damping * flat[k]
    solved = solve_block_tridiagonal(diagonal, upper, right)
    return solved.reshape(count, 2, -1).transpose(0, 2, 1)


def _frame_rows(problem: Problem, t: int, unknowns: Values) -> tuple[Values, Values]:
    """Normal matrix and right side of one frame; unknowns ordered all x, then all y."""
    matrix = problem.shape.matrix
    placed = matrix @ unknowns
    curve, normal = problem.targets[t].nearest(placed, problem.arcs[t])
    off = np.abs(((placed - curve) * normal).sum(axis=1))
    visible = problem.weights[t]
    across = visible * np.minimum(1.0, problem.cap / np.maximum(off, 1e-9))
    along = visible * problem.tangential
    nx, ny = normal[:, 0], normal[:, 1]
    xx = across * nx * nx + along * ny * ny
    xy = (across - along) * nx * ny
    yy = across * ny * ny + along * nx * nx
    mixed = (matrix * xy[:, None]).T @ matrix
    block = np.block(
        [
            [(matrix * xx[:, None]).T @ matrix, mixed],
            [mixed, (matrix * yy[:, None]).T @ matrix],
        ]
    )
    spot = problem.points[t]
    reached = across * (nx * curve[:, 0] + ny * curve[:, 1])
    held = along * (ny * spot[:, 0] - nx * spot[:, 1])
    goal = np.concatenate(
        [matrix.T @ (reached * nx + held * ny), matrix.T @ (reached * ny - held * nx)]
    )
    return block, goal


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
