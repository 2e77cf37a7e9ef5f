"""Which way to track what: sweeps outward from every prompted frame.

Pure planning over frame numbers. Before the first prompt an object is tracked backward, after the
last one forward, and between two prompts from both sides, to be merged. Three kinds of prompted
frames matter:

- *shown*: a box, a mask, or clicks with nothing to lean on say where the object is;
- *correction*: clicks alone, on a frame that tracking from another prompt reaches. That tracking
  runs up to and onto the frame first, and the engine begins there from it and the clicks;
- *absent*: the object ends there, and stays away until its next prompt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from itertools import pairwise
from typing import Literal

from roto_shapes.errors import PromptError
from roto_shapes.prompts import FramePrompt

from .passes import Pass, frames_of, plan_passes
from .sweeps import Role, Sweep

Direction = Literal["both", "forward", "backward"]


@dataclass(frozen=True)
class Blank:
    """Frames ``first .. last`` of an object that no sweep reaches: their matte is empty.

    ``known``: the artist said so (absent, or outside the object's range); otherwise the chosen
    direction left them out.
    """

    object: str
    first: int
    last: int
    known: bool


@dataclass(frozen=True)
class Plan:
    """Everything to be done for a shot; ``sweeps`` are run in the order of `passes`."""

    sweeps: tuple[Sweep, ...]
    blanks: tuple[Blank, ...]

    @cached_property
    def passes(self) -> tuple[Pass, ...]:
        return plan_passes(self.sweeps)

    @property
    def steps(self) -> int:
        """Frames over all passes, each counted once: the total of a progress bar."""
        return frames_of(self.passes)


def plan_sweeps(
    prompts: Mapping[str, Sequence[FramePrompt]],
    frame_range: tuple[int, int],
    direction: Direction = "both",
    ranges: Mapping[str, tuple[int, int]] | None = None,
) -> Plan:
    """Plan the sweeps over the inclusive ``frame_range``, every object by its own prompts alone.

    ``ranges``: object id -> its inclusive in/out range within ``frame_range``, which holds all of
    its prompts; outside it the object is not there.

    Raises:
        PromptError: nothing shows where an object is, or a frame is corrected by negative clicks
            alone where no tracking arrives.
    """
    sweeps: list[Sweep] = []
    blanks: list[Blank] = []
    for object_id, given in prompts.items():
        anchors = _anchors(object_id, given, direction)
        own = (ranges or {}).get(object_id, frame_range)
        planned = _Object(object_id, anchors, own, direction)
        sweeps += planned.sweeps()
        blanks += planned.blanks()
        outside = ((frame_range[0], own[0] - 1), (own[1] + 1, frame_range[1]))
        blanks += [Blank(object_id, a, b, known=True) for a, b in outside if a <= b]
    return Plan(tuple(sweeps), tuple(blanks))


class _Kind(Enum):
    SHOWN = "shown"
    ABSENT = "absent"
    CORRECTION = "correction"


@dataclass(frozen=True)
class _Anchor:
    """A prompted frame. A correction is reached from the prompted frame ``source`` beside it, as
    number ``rank`` of the corrections on the way from the prompt that shows the object."""

    frame: int
    kind: _Kind
    rank: int = 0
    source: int | None = None


def _anchors(
    object_id: str, prompts: Sequence[FramePrompt], direction: Direction
) -> tuple[_Anchor, ...]:
    """Ascending; every correction is reached from the side of the nearest prompt that shows the
    object, so that a further correction beyond it changes nothing on this side."""
    ordered = sorted(prompts, key=lambda prompt: prompt.frame)
    anchors = [_Anchor(prompt.frame, _kind(prompt)) for prompt in ordered]
    while True:
        reached = _reach(anchors, direction)
        lost = [
            index
            for index, anchor in enumerate(reached)
            if anchor.kind is _Kind.CORRECTION and anchor.source is None
        ]
        if not lost and any(anchor.kind is _Kind.SHOWN for anchor in anchors):
            return tuple(reached)
        index = _first_to_show(object_id, ordered, lost)
        anchors[index] = _Anchor(ordered[index].frame, _Kind.SHOWN)


def _reach(anchors: Sequence[_Anchor], direction: Direction) -> list[_Anchor]:
    """The anchors with ``rank`` and ``source`` of the corrections that tracking arrives at."""
    left = _distances(anchors, +1) if direction != "backward" else [None] * len(anchors)
    right = _distances(anchors, -1) if direction != "forward" else [None] * len(anchors)
    reached = list(anchors)
    for index, anchor in enumerate(anchors):
        ways = [(way, side) for way, side in ((left[index], -1), (right[index], +1)) if way]
        if anchor.kind is _Kind.CORRECTION and ways:
            (_, rank), side = min(ways, key=lambda way: way[0][0])
            reached[index] = replace(anchor, rank=rank, source=anchors[index + side].frame)
    return reached


def _distances(anchors: Sequence[_Anchor], step: int) -> list[tuple[int, int] | None]:
    """Of each anchor from the last one that shows the object, walking by ``step``: in frames and
    in corrections. None behind an absence, or before the first one."""
    found: list[tuple[int, int] | None] = [None] * len(anchors)
    shown: _Anchor | None = None
    rank = 0
    for index in range(len(anchors))[::step]:
        anchor = anchors[index]
        if anchor.kind is not _Kind.CORRECTION:
            shown, rank = (anchor if anchor.kind is _Kind.SHOWN else None), 0
        elif shown is not None:
            rank += 1
            found[index] = abs(anchor.frame - shown.frame), rank
    return found


def _first_to_show(object_id: str, prompts: Sequence[FramePrompt], lost: Sequence[int]) -> int:
    """Of prompts that lean on nothing, the first positive clicks: they show the object."""
    for index in lost:
        if any(point.positive for point in prompts[index].points):
            return index
    raise PromptError(
        "no prompt shows where the object is",
        hint="Give at least one positive click, a box or a mask where tracking can start.",
        detail={"object": object_id, "frames": [prompts[index].frame for index in lost]},
    )


def _kind(prompt: FramePrompt) -> _Kind:
    if prompt.absent:
        return _Kind.ABSENT
    alone = prompt.box is not None or prompt.mask_png is not None
    return _Kind.SHOWN if alone else _Kind.CORRECTION


@dataclass(frozen=True)
class _Object:
    """``anchors`` ascend."""

    object: str
    anchors: tuple[_Anchor, ...]
    frame_range: tuple[int, int]
    direction: Direction

    def sweeps(self) -> list[Sweep]:
        """Segments in the order tracking arrives at their corrections, then the two ends."""
        segments = list(pairwise(self.anchors))
        segments.sort(key=_arrival_rank)
        found = [sweep for left, right in segments for sweep in self._segment(left, right)]
        first, last = self.frame_range
        if self._tracks(self.anchors[0], -1):
            found.append(self._sweep(self.anchors[0], first, -1))
        if self._tracks(self.anchors[-1], +1):
            found.append(self._sweep(self.anchors[-1], last, +1))
        return _each_start_once(found)

    def _tracks(self, anchor: _Anchor, direction: int) -> bool:
        refused = "backward" if direction > 0 else "forward"
        return anchor.kind is not _Kind.ABSENT and self.direction != refused

    def _sweep(self, anchor: _Anchor, stop: int, direction: int) -> Sweep:
        corrects = anchor.kind is _Kind.CORRECTION
        return Sweep(self.object, anchor.frame, stop, direction, corrects=corrects)

    def _segment(self, left: _Anchor, right: _Anchor) -> list[Sweep]:
        """One or two sweeps; the one that arrives at a correction goes first."""
        ways = [(left, right, +1), (right, left, -1)]
        ways = [way for way in ways if self._tracks(way[0], way[2])]
        if len(ways) == 2 and left.source == right.frame:
            ways.reverse()
        found = []
        for index, (near, far, direction) in enumerate(ways):
            role = Role.FINAL if len(ways) == 1 else (Role.HOLD, Role.MERGE)[index]
            seeds = far.source == near.frame
            stop = far.frame if seeds else far.frame - direction
            sweep = self._sweep(near, stop, direction)
            corrected = far.kind is _Kind.CORRECTION
            found.append(
                replace(sweep, role=role, other=far.frame, other_corrects=corrected, seeds=seeds)
            )
        return found

    def blanks(self) -> list[Blank]:
        """What lies between the planned sweeps, attributed to the prompt that governs it."""
        first, last = self.frame_range
        start, end = self.anchors[0], self.anchors[-1]
        spans = [(a.frame, a.frame, True) for a in self.anchors if a.kind is _Kind.ABSENT]
        if not self._tracks(start, -1):
            spans.append((first, start.frame - 1, start.kind is _Kind.ABSENT))
        for left, right in pairwise(self.anchors):
            if not (self._tracks(left, +1) or self._tracks(right, -1)):
                known = _Kind.ABSENT in (left.kind, right.kind)
                spans.append((left.frame + 1, right.frame - 1, known))
        if not self._tracks(end, +1):
            spans.append((end.frame + 1, last, end.kind is _Kind.ABSENT))
        return [Blank(self.object, a, b, known) for a, b, known in sorted(spans) if a <= b]


_LAST = 1 << 30


def _arrival_rank(segment: tuple[_Anchor, _Anchor]) -> tuple[int, int]:
    left, right = segment
    ranks = [far.rank for near, far in ((left, right), (right, left)) if far.source == near.frame]
    return (min(ranks), left.frame) if ranks else (_LAST, left.frame)


def _each_start_once(sweeps: Sequence[Sweep]) -> list[Sweep]:
    """Let the first sweep from a prompted frame write it; drop those with nothing else to do."""
    longer = {sweep.start for sweep in sweeps if len(sweep) > 1}
    written: set[int] = set()
    kept: list[Sweep] = []
    for sweep in sweeps:
        if len(sweep) > 1 or sweep.start not in longer | written:
            kept.append(replace(sweep, writes_start=sweep.start not in written))
            written.add(sweep.start)
    return kept
