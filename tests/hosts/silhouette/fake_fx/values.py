"""Plain values of the host: points, colours, matrices. They may be used on any thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .strict import number


@dataclass
class Point3D:
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0

    def __post_init__(self) -> None:
        self.x, self.y, self.z = (number(v, "Point3D") for v in (self.x, self.y, self.z))


@dataclass
class Point:
    x: float = 0.0
    y: float = 0.0


@dataclass
class Color:
    r: float = 0.0
    g: float = 0.0
    b: float = 0.0
    a: float = 1.0


class Matrix:
    """Row vectors: p' = p @ m, the translation in the last row. ``*`` applies the right one first,
    as ``-layer * parent`` takes a point of the parent's space into the layer's."""

    def __init__(self, rows: Sequence[Sequence[float]] | None = None) -> None:
        identity = [[float(i == j) for j in range(4)] for i in range(4)]
        self._rows = [list(map(float, row)) for row in rows] if rows else identity

    def translate(self, x: float, y: float, z: float = 0.0) -> None:
        self._rows = _product(self._rows, _moved(x, y, z))

    def __mul__(self, other: Matrix) -> Matrix:
        return Matrix(_product(other._rows, self._rows))

    def __neg__(self) -> Matrix:
        return Matrix(_inverse(self._rows))

    def _apply(self, x: float, y: float) -> tuple[float, float]:
        m = self._rows
        w = x * m[0][3] + y * m[1][3] + m[3][3]
        return (x * m[0][0] + y * m[1][0] + m[3][0]) / w, (x * m[0][1] + y * m[1][1] + m[3][1]) / w


def _moved(x: float, y: float, z: float) -> list[list[float]]:
    rows = [[float(i == j) for j in range(4)] for i in range(4)]
    rows[3][:3] = [number(x, "translate"), number(y, "translate"), number(z, "translate")]
    return rows


def _product(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
    return [[sum(a[i][k] * b[k][j] for k in range(4)) for j in range(4)] for i in range(4)]


def _inverse(rows: list[list[float]]) -> list[list[float]]:
    size = len(rows)
    work = [row[:] + [float(i == j) for j in range(size)] for i, row in enumerate(rows)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda r: abs(work[r][i]))
        work[i], work[pivot] = work[pivot], work[i]
        work[i] = [v / work[i][i] for v in work[i]]
        for j in range(size):
            if j != i:
                factor = work[j][i]
                work[j] = [v - factor * w for v, w in zip(work[j], work[i], strict=True)]
    return [row[size:] for row in work]
