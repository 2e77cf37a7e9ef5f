"""One object tracked over a straight run of frames: what becomes of every frame of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What becomes of a frame of a sweep."""

    FINAL = "final"
    HOLD = "hold"
    """Kept until the sweep from the other side meets it."""
    MERGE = "merge"
    """Merged with what the sweep from ``Sweep.other`` held."""
    SEED = "seed"
    """Kept as what a correction on this frame starts from."""
    SKIP = "skip"
    """Already written by another sweep."""


@dataclass(frozen=True)
class Sweep:
    """A straight run of an engine over ``start .. stop`` (both tracked, plate frames)."""

    object: str
    start: int
    stop: int
    direction: int
    role: Role = Role.FINAL
    other: int | None = None
    """The prompted frame at the far end of the segment, if there is one."""
    other_corrects: bool = False
    corrects: bool = False
    """``start`` is a correction: the engine begins from the seed kept there."""
    seeds: bool = False
    """``stop`` is a correction: the logits tracked there are its seed."""
    writes_start: bool = True

    def __len__(self) -> int:
        return abs(self.stop - self.start) + 1

    def __contains__(self, frame: int) -> bool:
        return min(self.start, self.stop) <= frame <= max(self.start, self.stop)

    def role_at(self, frame: int) -> Role:
        if frame == self.start:
            return Role.FINAL if self.writes_start else Role.SKIP
        return Role.SEED if self.seeds and frame == self.stop else self.role

    def weight_at(self, frame: int) -> float:
        """How much this sweep counts on ``frame`` against the one from ``other`` (0..1).

        By distance; a prompt that shows the object keeps more say than a correction, which knows
        one patch and rests on tracking for the others.
        """
        if self.other is None:
            return 1.0
        near = abs(frame - self.other) / abs(self.start - self.other)
        if self.corrects == self.other_corrects:
            return near
        return near * near if self.corrects else 1 - (1 - near) ** 2
