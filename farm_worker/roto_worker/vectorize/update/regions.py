"""Which outline of the new mattes each of a document's shapes should follow in a stretch.

The mattes' regions are linked over the stretch. A shape takes the region it lies on where it is
known to be right, on its pinned keys, and goes with that region to where the next pin lies; so it
finds its way where the document had lost it. Several shapes that share one region are parts of it:
its outline is cut among them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from roto_shapes.document import Shape

from ..outline.contour import Contour
from ..outline.curves import Points, signed_area
from ..parts.regions import LINK_IOU, Track, link, overlap
from .parts import cut_among
from .stretch import Stretch, is_held, misfit, pinned_keys, starts_anew

NO_REGION = -1
INSIDE = 0.5
"""A shape of which this share lies within a region is part of it."""


Homes = dict[int, int]
"""The number of the region a shape lies on, by row; only rows on which it is known to be right."""


@dataclass
class Course:
    """What a shape should follow: per row a contour or None, and the number of its region.

    ``wholes``: the outline of which the contour is a part, or all. ``fresh``: rows on which the
    shape jumps, off a hold key.
    """

    contours: list[Contour | None]
    wholes: list[Contour | None]
    regions: list[int]
    fresh: list[bool]

    @property
    def depth(self) -> int | None:
        """How deep its region lies in others, if it has one."""
        return next((c.depth for c in self.wholes if c is not None), None)

    def runs(self) -> list[tuple[int, int]]:
        """First and last row of every stretch of one region."""
        found: list[tuple[int, int]] = []
        for row, region in enumerate(self.regions):
            if region == NO_REGION:
                continue
            goes_on = row and self.regions[row - 1] == region and not self.fresh[row]
            if goes_on:
                found[-1] = (found[-1][0], row)
            else:
                found.append((row, row))
        return found


def courses(stretch: Stretch, shapes: Sequence[Shape], tolerance: float) -> dict[str, Course]:
    """The course of every shape, by its id."""
    tracks = link(stretch.sequence)
    paths = {shape.id: _Paths(stretch, shape) for shape in shapes}
    homes = {shape.id: _homes(paths[shape.id], tracks) for shape in shapes}
    shared = _shared(tracks, list(paths.values()), list(homes.values()))
    routes = {s.id: _route(paths[s.id], homes[s.id], tracks, tolerance) for s in shapes}
    _settle_claims(paths, routes, tracks, shared)
    found = {shape.id: _course(stretch, shape, routes[shape.id], tracks) for shape in shapes}
    for number in shared:
        members = [(paths[s.id], found[s.id]) for s in shapes if number in routes[s.id]]
        _share(stretch, tracks[number], number, members)
    return found


def _settle_claims(
    paths: Mapping[str, _Paths],
    routes: Mapping[str, list[int]],
    tracks: Sequence[Track],
    shared: set[int],
) -> None:
    """Leave each region that is not shared to one shape a row: one that the document shows there,
    the one that lies on it best."""
    claims: dict[tuple[int, int], list[str]] = defaultdict(list)
    for key, route in routes.items():
        for row, number in enumerate(route):
            if number != NO_REGION and number not in shared:
                claims[row, number].append(key)
    for (row, number), keys in claims.items():
        if len(keys) < 2:
            continue
        contour = tracks[number].contours[row - tracks[number].first]

        def worth(key: str, row: int = row, contour: Contour = contour) -> float:
            outline = paths[key][row]
            return -1.0 if outline is None else overlap(outline, contour.points)

        best = max(keys, key=worth)
        for key in keys:
            if key != best:
                routes[key][row] = NO_REGION


def _share(
    stretch: Stretch, track: Track, number: int, members: Sequence[tuple[_Paths, Course]]
) -> None:
    """Give every member of a shared region its piece of the outline, row by row."""
    for row, solid in enumerate(track.contours, track.first):
        here = [(path[row], course) for path, course in members if course.regions[row] == number]
        outlines = [outline for outline, _ in here if outline is not None]
        whole = len(outlines) < 2
        pieces = iter([solid] if whole else cut_among(stretch.sequence[row], solid, outlines))
        for outline, course in here:
            piece = next(pieces) if outline is not None else None
            course.contours[row] = piece
            if piece is None:
                course.regions[row] = NO_REGION


class _Paths:
    """A shape's outlines on the plate, row by row, evaluated when asked for."""

    def __init__(self, stretch: Stretch, shape: Shape) -> None:
        self.shape = shape
        self.pins = pinned_keys(stretch, shape)
        self.shown = stretch.shown(shape)
        self._stretch = stretch
        self._known: dict[int, Points | None] = {}

    def __getitem__(self, row: int) -> Points | None:
        if row not in self._known:
            path = self._stretch.polygon(self.shape, row) if self.shown[row] else None
            self._known[row] = path if path is not None and len(path) >= 3 else None
        return self._known[row]

    @property
    def seen(self) -> list[int]:
        return [row for row, shown in enumerate(self.shown) if shown]


def _shared(tracks: Sequence[Track], paths: Sequence[_Paths], homes: Sequence[Homes]) -> set[int]:
    """Numbers of the regions that several shapes are parts of at a time."""
    rows: dict[int, set[int]] = defaultdict(set)
    shared: set[int] = set()
    for path, own in zip(paths, homes, strict=True):
        shown = set(path.seen)
        for number in set(own.values()):
            if not tracks[number].hole and rows[number] & shown:
                shared.add(number)
            rows[number] |= shown
    return shared


def _homes(path: _Paths, tracks: Sequence[Track]) -> Homes:
    """On the shape's pins; where they tell nothing, wherever it is seen."""

    def on(rows: Sequence[int]) -> Homes:
        found = {row: _home(path, row, tracks) for row in rows}
        return {row: number for row, number in found.items() if number != NO_REGION}

    return on([row for row in path.pins if path.shown[row]]) or on(path.seen)


def _home(path: _Paths, row: int, tracks: Sequence[Track]) -> int:
    """The region that a shape outlines, or else lies in as a part; or none."""
    outline = path[row]
    if outline is None:
        return NO_REGION
    hole = path.shape.mode == "subtract"
    alive = [
        (number, track.contours[row - track.first])
        for number, track in enumerate(tracks)
        if track.hole == hole and track.first <= row < track.stop
    ]
    likeness = {number: overlap(outline, contour.points) for number, contour in alive}
    best = max(likeness, key=lambda number: likeness[number], default=NO_REGION)
    if best != NO_REGION and likeness[best] > LINK_IOU:
        return best
    around = (n for n, c in alive if not hole and _part(outline, c, likeness[n]) > INSIDE)
    return next(around, NO_REGION)


def _part(path: Points, contour: Contour, likeness: float) -> float:
    """Which share of a shape lies inside a contour, from their intersection over union."""
    own = max(abs(signed_area(path)), 1e-9)
    return likeness * (own + contour.area) / (1 + likeness) / own


def _route(path: _Paths, homes: Homes, tracks: Sequence[Track], tolerance: float) -> list[int]:
    """Per row the number of the region the shape goes with."""
    route = [NO_REGION] * len(path.shown)
    anchors = sorted(homes.items())
    if not path.pins.keys() & homes.keys():
        anchors = _best_fitting(path, anchors, tracks, tolerance)
    for row, number in anchors:
        route[row] = number
    ends = [(-1, NO_REGION), *anchors, (len(route), NO_REGION)]
    for (a, left), (b, right) in pairwise(ends):
        stop = min(tracks[left].stop, b) if left != NO_REGION else a + 1
        start = max(tracks[right].first, a + 1) if right != NO_REGION else b
        if left != right and start < stop:
            # Two regions claim the rows between: each has those nearer to its end.
            start = stop = min(max((a + b + 1) // 2, start), stop)
        for row in range(a + 1, b):
            route[row] = left if row < stop else right if row >= start else NO_REGION
    return route


def _best_fitting(
    path: _Paths, anchors: list[tuple[int, int]], tracks: Sequence[Track], tolerance: float
) -> list[tuple[int, int]]:
    """The one row on which a shape without pins fits best."""

    def off(anchor: tuple[int, int]) -> float:
        row, number = anchor
        outline = path[row]
        assert outline is not None
        return misfit(outline, tracks[number].contours[row - tracks[number].first], tolerance)

    return [min(anchors, key=off)] if anchors else []


def _course(stretch: Stretch, shape: Shape, route: list[int], tracks: Sequence[Track]) -> Course:
    regions = [
        NO_REGION if is_held(shape, frame) else number
        for frame, number in zip(stretch.frames, route, strict=True)
    ]
    contours = [
        None if number == NO_REGION else tracks[number].contours[row - tracks[number].first]
        for row, number in enumerate(regions)
    ]
    fresh = [starts_anew(shape, frame) for frame in stretch.frames]
    return Course(contours, list(contours), regions, fresh)
