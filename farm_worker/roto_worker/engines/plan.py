"""Which way to track what: sweeps outward from every prompted frame.

Pure planning over frame numbers. Before the first prompt an object is tracked backward, after the
last one forward, and between two prompts from both sides, to be merged. Three kinds of prompted
frames matter:

- *shown*: a box, a mask, an outline, or clicks with nothing to lean on say where the object is;
- *correction*: clicks alone, on a frame that tracking from another prompt reaches. That tracking
  runs up to and onto the frame first, and the engine begins there from it and the clicks;
- *absent*: the object ends there, and stays away until its next prompt.

Where an earlier result is corrected, `Kept` says what of it stays: see `restrict`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
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


class Kind(Enum):
    """What a prompted frame is to the plan; see the module's docstring."""

    SHOWN = "shown"
    ABSENT = "absent"
    CORRECTION = "correction"


@dataclass(frozen=True)
class Kept:
    """What stays of an earlier result of one object.

    ``kinds``: what the prompted frames that stay were there; their mattes stay, and the seeds of
    their corrections are there. ``stretches``: all that is tracked again, inclusive, ascending and
    disjoint; they end at frames of ``kinds`` or with the object's range.
    """

    kinds: Mapping[int, Kind]
    stretches: tuple[tuple[int, int], ...]

    def within(self, first: int, last: int) -> list[tuple[int, int]]:
        """What is tracked again of ``first .. last``."""
        cut = [(max(first, a), min(last, b)) for a, b in self.stretches]
        return [(a, b) for a, b in cut if a <= b]


@dataclass(frozen=True)
class Plan:
    """Everything to be done for a shot; ``sweeps`` are run in the order of `passes`.

    ``kinds``: object id -> prompted frame -> what it is.
    """

    sweeps: tuple[Sweep, ...]
    blanks: tuple[Blank, ...]
    kinds: Mapping[str, Mapping[int, Kind]] = field(default_factory=dict)

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
    kept: Mapping[str, Kept] | None = None,
) -> Plan:
    """Plan the sweeps over the inclusive ``frame_range``, every object by its own prompts alone.

    ``ranges``: object id -> its inclusive in/out range within ``frame_range``, which holds all of
    its prompts; outside it the object is not there. ``kept``: object id -> what stays of an
    earlier result; of such an object nothing but its stretches is planned.

    Raises:
        PromptError: nothing shows where an object is, or a frame is corrected by negative clicks
            alone where no tracking arrives.
    """
    sweeps: list[Sweep] = []
    blanks: list[Blank] = []
    kinds: dict[str, dict[int, Kind]] = {}
    for object_id, given in prompts.items():
        own = (ranges or {}).get(object_id, frame_range)
        stays = (kept or {}).get(object_id) or Kept({}, (frame_range,))
        anchors = _anchors(object_id, given, direction, stays)
        planned = _Object(object_id, anchors, own, direction, stays)
        sweeps += planned.sweeps()
        outside = ((frame_range[0], own[0] - 1), (own[1] + 1, frame_range[1]))
        empty = [Blank(object_id, a, b, known=True) for a, b in outside if a <= b]
        for blank in [*planned.blanks(), *empty]:
            cut = stays.within(blank.first, blank.last)
            blanks += [replace(blank, first=a, last=b) for a, b in cut]
        kinds[object_id] = {anchor.frame: anchor.kind for anchor in anchors}
    return Plan(tuple(sweeps), tuple(blanks), kinds)


@dataclass(frozen=True)
class _Anchor:
    """A prompted frame. A correction is reached from the prompted frame ``source`` beside it, as
    number ``rank`` of the corrections on the way from the prompt that shows the object. ``kept``:
    its matte stays, and so does the seed of a correction, wherever that came from."""

    frame: int
    kind: Kind
    rank: int = 0
    source: int | None = None
    kept: bool = False


def _anchors(
    object_id: str, prompts: Sequence[FramePrompt], direction: Direction, stays: Kept
) -> tuple[_Anchor, ...]:
    """Ascending; every correction is reached from the side of the nearest prompt that shows the
    object, so that a further correction beyond it changes nothing on this side."""
    ordered = sorted(prompts, key=lambda prompt: prompt.frame)
    anchors = [
        _Anchor(one.frame, stays.kinds.get(one.frame, _kind(one)), kept=one.frame in stays.kinds)
        for one in ordered
    ]
    while True:
        reached = _reach(anchors, direction)
        lost = [
            index
            for index, anchor in enumerate(reached)
            if anchor.kind is Kind.CORRECTION and anchor.source is None and not anchor.kept
        ]
        if not lost and any(anchor.kind is Kind.SHOWN or _seeded(anchor) for anchor in anchors):
            return tuple(reached)
        index = _first_to_show(object_id, ordered, lost)
        anchors[index] = _Anchor(ordered[index].frame, Kind.SHOWN)


def _seeded(anchor: _Anchor) -> bool:
    """Whether it is a correction that can begin without any sweep arriving there."""
    return anchor.kept and anchor.kind is Kind.CORRECTION


def _reach(anchors: Sequence[_Anchor], direction: Direction) -> list[_Anchor]:
    """The anchors with ``rank`` and ``source`` of the corrections that tracking arrives at."""
    left = _ways(anchors, +1) if direction != "backward" else [None] * len(anchors)
    right = _ways(anchors, -1) if direction != "forward" else [None] * len(anchors)
    reached = list(anchors)
    for index, anchor in enumerate(anchors):
        ways = [(way, side) for way, side in ((left[index], -1), (right[index], +1)) if way]
        if anchor.kind is Kind.CORRECTION and ways:
            way, side = min(ways, key=lambda one: (one[0].stand_in, one[0].distance))
            reached[index] = replace(anchor, rank=way.rank, source=anchors[index + side].frame)
    return reached


@dataclass(frozen=True)
class _Way:
    """To a correction: in frames and in corrections from the prompt that shows the object, or from
    a correction that has its seed and stands in for one."""

    distance: int
    rank: int
    stand_in: bool


def _ways(anchors: Sequence[_Anchor], step: int) -> list[_Way | None]:
    """To each correction from the last anchor that shows the object, walking by ``step``. None
    behind an absence, or before the first one."""
    found: list[_Way | None] = [None] * len(anchors)
    shown: _Anchor | None = None
    rank = 0
    for index in range(len(anchors))[::step]:
        anchor = anchors[index]
        if anchor.kind is not Kind.CORRECTION:
            shown, rank = (anchor if anchor.kind is Kind.SHOWN else None), 0
        elif shown is not None:
            rank += 1
            found[index] = _Way(abs(anchor.frame - shown.frame), rank, _seeded(shown))
        elif _seeded(anchor):
            shown, rank = anchor, 0
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


def _kind(prompt: FramePrompt) -> Kind:
    if prompt.absent:
        return Kind.ABSENT
    return Kind.SHOWN if prompt.is_shown else Kind.CORRECTION


@dataclass(frozen=True)
class _Object:
    """``anchors`` ascend. ``stays``: what is left alone."""

    object: str
    anchors: tuple[_Anchor, ...]
    frame_range: tuple[int, int]
    direction: Direction
    stays: Kept

    def sweeps(self) -> list[Sweep]:
        """Segments in the order tracking arrives at their corrections, then the two ends."""
        segments = [pair for pair in pairwise(self.anchors) if self._again(*pair)]
        segments.sort(key=_arrival_rank)
        found = [sweep for left, right in segments for sweep in self._segment(left, right)]
        first, last = self.frame_range
        start, end = self.anchors[0], self.anchors[-1]
        if self._tracks(start, -1) and self._again(None, start):
            found.append(self._sweep(start, first, -1))
        if self._tracks(end, +1) and self._again(end, None):
            found.append(self._sweep(end, last, +1))
        return _each_start_once(found, self.stays.kinds)

    def _again(self, left: _Anchor | None, right: _Anchor | None) -> bool:
        """Whether what is between two neighbours, or one and the end, is not to stay as it is."""
        first = self.frame_range[0] if left is None else left.frame + 1
        last = self.frame_range[1] if right is None else right.frame - 1
        kept = all(anchor.kept for anchor in (left, right) if anchor is not None)
        return not kept or bool(self.stays.within(first, last))

    def _tracks(self, anchor: _Anchor, direction: int) -> bool:
        refused = "backward" if direction > 0 else "forward"
        return anchor.kind is not Kind.ABSENT and self.direction != refused

    def _sweep(self, anchor: _Anchor, stop: int, direction: int) -> Sweep:
        corrects = anchor.kind is Kind.CORRECTION
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
            seeds = far.source == near.frame and not far.kept
            stop = far.frame if seeds else far.frame - direction
            sweep = self._sweep(near, stop, direction)
            corrected = far.kind is Kind.CORRECTION
            found.append(
                replace(sweep, role=role, other=far.frame, other_corrects=corrected, seeds=seeds)
            )
        return found

    def blanks(self) -> list[Blank]:
        """What lies between the planned sweeps, attributed to the prompt that governs it."""
        first, last = self.frame_range
        start, end = self.anchors[0], self.anchors[-1]
        spans = [(a.frame, a.frame, True) for a in self.anchors if a.kind is Kind.ABSENT]
        if not self._tracks(start, -1):
            spans.append((first, start.frame - 1, start.kind is Kind.ABSENT))
        for left, right in pairwise(self.anchors):
            if not (self._tracks(left, +1) or self._tracks(right, -1)):
                known = Kind.ABSENT in (left.kind, right.kind)
                spans.append((left.frame + 1, right.frame - 1, known))
        if not self._tracks(end, +1):
            spans.append((end.frame + 1, last, end.kind is Kind.ABSENT))
        return [Blank(self.object, a, b, known) for a, b, known in sorted(spans) if a <= b]


_LAST = 1 << 30


def _arrival_rank(segment: tuple[_Anchor, _Anchor]) -> tuple[int, int]:
    left, right = segment
    ranks = [far.rank for near, far in ((left, right), (right, left)) if far.source == near.frame]
    return (min(ranks), left.frame) if ranks else (_LAST, left.frame)


def _each_start_once(sweeps: Sequence[Sweep], staying: Collection[int]) -> list[Sweep]:
    """Let the first sweep from a prompted frame write it, unless its matte is ``staying``; drop
    those with nothing else to do."""
    longer = {sweep.start for sweep in sweeps if len(sweep) > 1}
    written = set(staying)
    kept: list[Sweep] = []
    for sweep in sweeps:
        if len(sweep) > 1 or sweep.start not in longer | written:
            kept.append(replace(sweep, writes_start=sweep.start not in written))
            written.add(sweep.start)
    return kept
