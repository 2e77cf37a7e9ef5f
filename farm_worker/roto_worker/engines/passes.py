"""Sweeps put together: what can be tracked on one walk over the frames is.

A frame is decoded, and its image features are computed, once per pass. What has to wait: a merge
for the side that was held, and a correction for the seed that tracking brings to its frame. Where
tracking arrives in the direction in which the correction goes on, the correction joins that very
pass, on the frame its seed was answered on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .sweeps import Role, Sweep


@dataclass(frozen=True)
class Pass:
    """A walk over plate frames with at least one sweep on each; an object has no two at once.

    ``sweeps`` are in the order in which they begin.
    """

    direction: int
    sweeps: tuple[Sweep, ...]

    @property
    def start(self) -> int:
        return self.sweeps[0].start

    @property
    def stop(self) -> int:
        return max(sweep.stop * self.direction for sweep in self.sweeps) * self.direction

    def __len__(self) -> int:
        return abs(self.stop - self.start) + 1

    def frame(self, index: int) -> int:
        return self.start + self.direction * index

    def running(self, frame: int) -> list[Sweep]:
        """The sweeps that track ``frame``, less those that begin there from a seed of this pass."""
        late = self.late(frame)
        return [sweep for sweep in self.sweeps if frame in sweep and sweep not in late]

    def late(self, frame: int) -> list[Sweep]:
        """The corrections that begin on ``frame``, once another sweep of this pass was there."""
        seeded = {one.object for one in self.sweeps if one.seeds and one.stop == frame}
        return [one for one in self.sweeps if one.start == frame and one.object in seeded]


def plan_passes(sweeps: Sequence[Sweep]) -> tuple[Pass, ...]:
    """All of ``sweeps`` in passes, the waiting ones after what they wait for.

    Passes of the two directions take turns; which begins is what makes fewer frames.
    """
    return min((tuple(_in_turns(sweeps, first)) for first in (+1, -1)), key=frames_of)


def frames_of(passes: Iterable[Pass]) -> int:
    return sum(map(len, passes))


def _in_turns(sweeps: Sequence[Sweep], direction: int) -> Iterator[Pass]:
    waiting = list(sweeps)
    while waiting:
        taken = _takeable(waiting, direction)
        waiting = [sweep for sweep in waiting if sweep not in taken]
        yield from _without_gaps(taken, direction)
        direction = -direction


def _takeable(waiting: Sequence[Sweep], direction: int) -> list[Sweep]:
    """What this turn can do: everything in its direction that waits for nothing left undone."""
    taken: list[Sweep] = []
    left = list(waiting)
    while True:
        ready = [
            sweep
            for sweep in left
            if sweep.direction == direction and not any(_waits(sweep, other) for other in left)
        ]
        if not ready:
            return taken
        taken += ready
        left = [sweep for sweep in left if sweep not in ready]


def _waits(sweep: Sweep, other: Sweep) -> bool:
    if sweep.object != other.object:
        return False
    seed = sweep.corrects and other.seeds and other.stop == sweep.start
    held = sweep.role is Role.MERGE and other.role is Role.HOLD and other.start == sweep.other
    return seed or (held and other.direction != sweep.direction)


def _without_gaps(sweeps: Sequence[Sweep], direction: int) -> Iterator[Pass]:
    """Frames on which nothing is tracked end a pass."""
    together: list[Sweep] = []
    reach = 0
    # Where a seed arrives, the sweep that brings it comes before the one that begins from it.
    for sweep in sorted(sweeps, key=lambda one: (one.start * direction, not one.seeds)):
        if together and sweep.start * direction > reach:
            yield Pass(direction, tuple(together))
            together = []
        reach = max(reach, sweep.stop * direction) if together else sweep.stop * direction
        together.append(sweep)
    if together:
        yield Pass(direction, tuple(together))
