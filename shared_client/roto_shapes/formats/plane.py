"""Projective maps of the plane, for transforms a document cannot keep."""

from __future__ import annotations

from typing import Tuple

from ..geometry import Vector

Matrix = Tuple[Tuple[float, float, float], Tuple[float, float, float], Tuple[float, float, float]]
IDENTITY: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def product(a: Matrix, b: Matrix) -> Matrix:
    rows = [tuple(sum(a[i][k] * b[k][j] for k in range(3)) for j in range(3)) for i in range(3)]
    return (rows[0], rows[1], rows[2])  # type: ignore[return-value]


def apply(matrix: Matrix, point: Vector) -> Vector:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    x, y = point
    w = g * x + h * y + i or 1.0
    return (a * x + b * y + c) / w, (d * x + e * y + f) / w
