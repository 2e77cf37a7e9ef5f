"""What an outline error costs."""

from __future__ import annotations

from dataclasses import dataclass

from numpy import divide, minimum
from numpy.typing import NDArray

EASE = 1.25
"""Tolerances at which an error costs half its square."""
CAP = 4.0
"""Tolerances beyond which an error costs no more."""


@dataclass(frozen=True)
class Toll:
    """Cost of an error of so many pixels, in square pixels.

    Nearly nothing well below the tolerance, for nobody sees it and keys spent on it are wasted; its
    square above; no more beyond ``cap``, where the outline is simply elsewhere.
    """

    ease: float
    cap: float

    @classmethod
    def of(cls, tolerance: float, reach: float = 1.0) -> Toll:
        """``reach`` multiplies the cap."""
        return cls(EASE * tolerance, CAP * tolerance * reach)

    def __call__(self, error: NDArray) -> NDArray:
        square: NDArray = error * error
        minimum(square, self.cap**2, out=square)
        result: NDArray = square + self.ease**2
        divide(square, result, out=result)
        result *= square
        return result

    @property
    def most(self) -> float:
        return self.cap**4 / (self.cap**2 + self.ease**2)
