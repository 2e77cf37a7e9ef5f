"""A matte sequence of one object into animated shapes, and the report on them.

Outlines first (mattes are read one at a time and let go), then regions over time, then one shape
per region and life; at the end the mattes are read once more to measure what came out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from roto_shapes.document import ControlPoint, Key, Layer, Shape
from roto_shapes.errors import RotoError

from .motion.correspondence import MaterialTrack, follow
from .motion.flow import MotionSampler
from .outline.contour import Contour, MatteOutlines, extract
from .outline.curves import Values, side_lengths, smooth
from .outline.mattes import Images, MatteReader, Mattes
from .parts.regions import Track, link
from .parts.split import decompose
from .parts.strings import string_report, untied, with_strings
from .report import Report, not_followed, overlap, shape_entry, summary
from .settings import PRESETS, Settings
from .solver.layer import Known, SolvedLayer, solve_layer
from .solver.solve import SolvedShape, Terms

IGNORED_AREA = 9.0
"""Fragments and holes below this many square pixels on a plate 480 pixels high are dropped."""
FINENESS = 0.05
"""The error never allowed to exceed this share of the object's area over its perimeter."""
LEAST_PART = 0.01
"""A solid region that has this share of the object's area on any frame is never left out."""
LEAST_FLASH = 0.04
"""A region seen on one frame only is left out below this share."""

Progress = Callable[[int, int, str], None]
Lives = list[tuple[Track, MaterialTrack]]


@dataclass(frozen=True)
class VectorizeResult:
    """``layer``: one object's shapes, bottom to top. ``report``: JSON facts.

    The report: ``tolerance`` used; ``points`` and ``keys`` in all, ``transform_keys``,
    ``edit_cost`` (sum of points times keys, and the transform's keys); ``iou_mean``, ``iou_min``,
    ``worst_frame`` of the rasterised shapes against the mattes at one half; ``dropped`` fragments
    ``{count, area}`` (pixels summed over frames); ``parts``: whether limbs became shapes of their
    own; ``strings``: see :func:`.parts.strings.string_report`;
    ``not_followed``: places where a shape had to end because its outline could not be followed to
    the next frame; ``shapes``: see :func:`report.shape_entry`.
    """

    layer: Layer
    report: Report

    @property
    def shapes(self) -> list[Shape]:
        return self.layer.shapes


def vectorize(
    mattes: Mattes,
    frames: Sequence[int],
    *,
    width: int,
    height: int,
    settings: Settings = PRESETS["organic"],
    images: Images | None = None,
    key_only_at: Collection[int] | None = None,
    name: str = "object",
    object_id: str = "object",
    progress: Progress | None = None,
) -> VectorizeResult:
    """Animated shapes that follow one object's mattes.

    Args:
        mattes: frame -> matte ``[height, width]``, bool, 8 or 16 bit, or float 0..1; asked for
            twice per frame, in order, never kept.
        frames: plate frame numbers, ascending. Shapes are interpolated across numbers left out.
        width, height: the plate's size in pixels.
        settings: see :class:`Settings`. The tolerance is lowered by itself for objects so thin that
            it would eat them.
        images: frame -> the plate as sRGB ``uint8 [height, width, 3]``, so that points can follow
            the object's texture; asked for once per frame, in order, never kept.
        key_only_at: plate frames that may be keyed, or None for any. A shape that lives on none of
            them gets one key in its middle.
        name, object_id: shapes are called ``<name> 1``..., their ids start with ``object_id``.
        progress: called with (done, total, message); two steps a frame. May raise to stop.

    Raises:
        RotoError: ``empty_result`` when no matte shows anything; ``bad_matte`` for a matte of
            another size or with values that are not finite; ``bad_plate`` for such an image;
            ``bad_range`` for unordered frames.
    """
    _check_request(frames)
    report_progress = progress or (lambda _done, _total, _message: None)
    total = 2 * len(frames)
    read = MatteReader(mattes, width, height, settings.offset)

    def reading(done: int) -> None:
        report_progress(done, total, f"{name}: outlines")

    motion = MotionSampler(images, width, height) if images else None
    sequence = read_outlines(read, frames, height, settings, reading, motion)
    if not any(outlines.contours for outlines in sequence):
        raise RotoError(
            f"the mattes of {name} are empty on all {len(frames)} frames",
            code="empty_result",
            hint="Check the prompts, or the frame range.",
        )
    report_progress(len(frames), total, f"{name}: shapes")
    tolerance = tolerance_for(settings, sequence)
    terms = Terms.of(settings, tolerance, height, key_only_at)
    times = np.array(frames, np.float64)
    tracks = Tracks(sequence, times, (width, height), settings)
    solution = tracks.solve(terms)
    layer, entries = _layer(solution, times, name, object_id)
    report = summary(layer, entries, sequence, tolerance)
    report["dropped"]["count"] += solution.dropped
    report["dropped"]["area"] = round(report["dropped"]["area"] + solution.dropped_area, 1)
    report["parts"] = solution.parts
    report["strings"] = string_report(sequence, frames)
    report["not_followed"] = not_followed(solution.lives, frames, layer.shapes)

    def measured(done: int) -> None:
        report_progress(len(frames) + done, total, f"{name}: measuring")

    report |= overlap(read, frames, (width, height), layer, measured)
    return VectorizeResult(layer, report)


def read_outlines(
    read: MatteReader,
    frames: Sequence[int],
    height: int,
    settings: Settings,
    reading: Callable[[int], None],
    motion: MotionSampler | None = None,
) -> list[MatteOutlines]:
    """The outlines on every frame, with their motion where there is a sampler of it.

    ``reading`` is told how many are done, before each.
    """
    least = settings.ignored_area
    if least is None:
        least = IGNORED_AREA * (height / 480) ** 2
    sequence: list[MatteOutlines] = []
    for done, frame in enumerate(frames):
        reading(done)
        alpha = read(frame)
        outlines = _smoothed(extract(alpha, min_area=least), settings.smooth)
        sequence.append(with_strings(alpha, outlines, least))
        if motion is not None:
            motion.sample(frame, alpha, sequence)
    return untied(sequence)


def tolerance_for(settings: Settings, sequence: Sequence[MatteOutlines]) -> float:
    """The asked tolerance, lowered for objects so thin that it would eat them."""
    if not any(outlines.contours for outlines in sequence):
        return settings.tolerance
    return min(settings.tolerance, max(0.25, FINENESS * _thickness(sequence)))


@dataclass(frozen=True)
class Solution:
    """Regions' lives in painting order, each with its solved shape, and what was left out."""

    lives: Lives
    layer: SolvedLayer
    parts: bool
    dropped: int
    dropped_area: float


class Tracks:
    """An object's regions followed over time, as they are and taken apart, ready to be solved."""

    def __init__(
        self,
        sequence: Sequence[MatteOutlines],
        times: Values,
        size: tuple[int, int],
        settings: Settings,
    ) -> None:
        self._times = times
        self._known: dict[tuple[bool, float], Known] = {}
        self._outline = np.array(
            [max(1e-9, sum(c.visible_length for c in o.contours)) for o in sequence]
        )
        self._area = np.array([max(1e-9, o.area) for o in sequence])
        self._whole = _lives(link(sequence), settings)
        self._parts: Lives | None = None
        if settings.parts != "off":
            apart = _lives(decompose(sequence, size), settings)
            self._parts = apart if _differ(apart, self._whole) else None

    def solve(self, terms: Terms) -> Solution:
        """The cheapest solution: with parts, without, or what the settings say.

        Asked again with another looseness it takes a fraction of the first time.
        """
        solution = self._cheapest(terms)
        shapes = [shape.untied() for shape in solution.layer.shapes]
        return replace(solution, layer=replace(solution.layer, shapes=shapes))

    def _cheapest(self, terms: Terms) -> Solution:
        if self._parts is None or terms.settings.parts == "off":
            return self._solved(self._whole, terms, parts=False)
        apart = self._solved(self._parts, terms, parts=True)
        if terms.settings.parts == "on":
            return apart
        whole = self._solved(self._whole, terms, parts=False)
        return apart if apart.layer.cost < whole.layer.cost else whole

    def _solved(self, lives: Lives, terms: Terms, *, parts: bool) -> Solution:
        tracks = [life for _, life in lives]
        shares = [_visible(life) / self._outline[life.first : life.stop] for life in tracks]
        known = self._known.setdefault((parts, terms.tolerance), {})
        layer = solve_layer(tracks, shares, self._times, terms, known)
        worth = [
            self._essential(track, life)
            or (not self._flash(life) and shape.cost + terms.overhead < terms.unfollowed(share))
            for (track, life), share, shape in zip(lives, shares, layer.shapes, strict=True)
        ]
        left_out = [life for life, kept in zip(tracks, worth, strict=True) if not kept]
        saved = sum(
            shape.cost + terms.overhead - terms.unfollowed(share)
            for share, shape, kept in zip(shares, layer.shapes, worth, strict=True)
            if not kept
        )
        shapes = [shape for shape, kept in zip(layer.shapes, worth, strict=True) if kept]
        return Solution(
            [life for life, kept in zip(lives, worth, strict=True) if kept],
            replace(layer, shapes=shapes, cost=layer.cost - saved),
            parts,
            sum(len(life.contours) for life in left_out),
            float(sum(c.area for life in left_out for c in life.contours)),
        )

    def _essential(self, track: Track, life: MaterialTrack) -> bool:
        """Whether a solid region is too large to be left out as a fragment."""
        return not track.hole and not self._flash(life) and self._largest(life) >= LEAST_PART

    def _flash(self, life: MaterialTrack) -> bool:
        """Whether a region shows up on one frame of many and is small."""
        single = len(life.contours) == 1 < len(self._times)
        return single and self._largest(life) < LEAST_FLASH

    def _largest(self, life: MaterialTrack) -> float:
        """A region's largest share of the object's area."""
        areas = np.array([contour.area for contour in life.contours])
        return float((areas / self._area[life.first : life.stop]).max())


def _check_request(frames: Sequence[int]) -> None:
    if not frames:
        raise RotoError("there are no mattes", code="empty_result", hint="Check the frame range.")
    if any(b <= a for a, b in pairwise(frames)):
        raise RotoError("frames must be in ascending order", code="bad_range")


def _smoothed(outlines: MatteOutlines, sigma: float) -> MatteOutlines:
    """Outlines with what is smaller than ``sigma`` pixels ironed out."""
    if sigma <= 0:
        return outlines
    contours = tuple(
        replace(c, points=smooth(c.points, sigma / float(side_lengths(c.points).mean())))
        for c in outlines.contours
    )
    return replace(outlines, contours=contours)


def _thickness(sequence: Sequence[MatteOutlines]) -> float:
    """Area over perimeter of all outlines of all frames: half the width of a long thin thing.

    Strings aside, which are shapes with a tolerance of their own.
    """
    every = [c for outlines in sequence for c in outlines.contours]
    contours = [c for c in every if not c.thread] or every
    return _area(contours) / sum(float(side_lengths(c.points).sum()) for c in contours)


def _area(contours: Sequence[Contour]) -> float:
    return sum(-c.area if c.hole else c.area for c in contours)


def _lives(tracks: Sequence[Track], settings: Settings) -> Lives:
    """Every region's lives, in painting order: solids, their holes, islands in those..."""
    largest = max(tracks, key=lambda t: t.area)
    kept = [t for t in tracks if len(t.contours) >= settings.ignored_life or t is largest]
    ordered = sorted(kept, key=lambda t: (t.depth, -t.area, t.first))
    return [(track, life) for track in ordered for life in follow(track.contours, track.first)]


def _differ(one: Lives, two: Lives) -> bool:
    """Whether taking the object apart changed anything."""
    spans = [[(life.first, life.stop, life.contours[0].area) for _, life in s] for s in (one, two)]
    return spans[0] != spans[1]


def _visible(life: MaterialTrack) -> Values:
    """Visible length of the outline on every frame of a life, pixels."""
    return np.array([contour.visible_length for contour in life.contours])


def _layer(
    solution: Solution, times: Values, name: str, object_id: str
) -> tuple[Layer, list[Report]]:
    shapes, entries = [], []
    for number, ((track, life), one) in enumerate(
        zip(solution.lives, solution.layer.shapes, strict=True), 1
    ):
        own = times[life.first : life.stop]
        shape = shape_of(one, own, f"{object_id}.{number}", f"{name} {number}", track.hole)
        shapes.append(shape)
        entries.append(shape_entry(shape, one, life, own))
    transform = solution.layer.poses.as_transform()
    return Layer(object_id, name, transform=transform, shapes=shapes), entries


def shape_of(solved: SolvedShape, times: Values, shape_id: str, name: str, hole: bool) -> Shape:
    """A solved life as a shape of the document, seen on its ``times``."""
    keys = [
        Key(
            int(times[index]),
            tuple(
                ControlPoint._make([*row, bool(corner)])
                for row, corner in zip(points.round(6).tolist(), solved.corners, strict=True)
            ),
        )
        for index, points in zip(solved.keys, solved.points, strict=True)
    ]
    visible = [(int(times[0]), int(times[-1]))]
    mode = "subtract" if hole else "add"
    return Shape(shape_id, name, mode=mode, visible=visible, keys=keys)
