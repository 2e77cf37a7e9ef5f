"""Frames that need you: where a tracked matte is probably not good enough."""

from __future__ import annotations

from typing import List, Mapping, NamedTuple

NEEDS_YOU = 0.5
"""Confidence below which a frame is worth a look: more likely bad than good."""
BRIDGE = 2
"""Confident frames between two stretches of doubt that do not part them."""


class Stretch(NamedTuple):
    """Plate frames ``first`` to ``last``, both included; ``worst`` has the lowest confidence."""

    first: int
    last: int
    worst: int
    confidence: float
    """On the frame ``worst``, 0..1."""

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def needs_you(
    confidence: Mapping[int, float], threshold: float = NEEDS_YOU, bridge: int = BRIDGE
) -> List[Stretch]:
    """The stretches of one object whose confidence is below ``threshold``, worst first.

    ``confidence``: plate frame -> 0..1 (the probability that the matte is good); frames that are
    not there are not judged. Stretches begin and end on a frame in doubt; up to ``bridge`` frames
    between two of them belong to both. One correction on ``worst`` often mends a whole stretch.
    """
    stretches: List[Stretch] = []
    for frame in sorted(frame for frame, value in confidence.items() if value < threshold):
        here = Stretch(frame, frame, frame, confidence[frame])
        if stretches and frame - stretches[-1].last <= bridge + 1:
            here = _joined(stretches.pop(), here)
        stretches.append(here)
    return sorted(stretches, key=lambda one: (one.confidence, one.first))


def _joined(one: Stretch, other: Stretch) -> Stretch:
    worst = min(one, other, key=lambda each: each.confidence)
    return Stretch(one.first, other.last, worst.worst, worst.confidence)
