"""One shape solved anew between two keys that stay, or up to the end of its region.

The samples of the pinned curves are carried over the new outlines from both ends and blended, so
every spot arrives at the far pin where that pin has it. Then the keys between are searched and
fitted as in a first solve, around the pins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from roto_shapes.document import ControlPoint, Key, Shape
from roto_shapes.evaluate import interpolated_points

from ..motion.correspondence import MaterialTrack, at_arcs, carried
from ..outline.contour import Contour
from ..outline.curves import Points, Values, side_lengths
from ..solver.economy import FrameErrors, Limits, cost, frame_errors, judged, settle
from ..solver.fit import handles as control_points
from ..solver.fit import solve as fit_frames
from ..solver.keys import Frames, Rules
from ..solver.knots import untangled
from ..solver.refit import Keyed, Problem
from ..solver.solve import ROBUST_CAP, TANGENTIAL, Life, Terms, key_frames
from ..solver.transform import applied, stabilised
from .curve import Curve
from .stretch import Stretch

HABIT = 0.9
"""What is new has to cost less than this share of what keeps to the document."""


@dataclass(frozen=True)
class Span:
    """Rows ``first`` to ``last`` of one region, and the keys on them that stay, if any.

    ``likely``: the row on which the document fits best, for a span without such keys.
    """

    first: int
    last: int
    left: Key | None
    right: Key | None
    likely: int

    @property
    def open_rows(self) -> range:
        """Rows without a key that stays."""
        return range(self.first + (self.left is not None), self.last + (self.right is None))


@dataclass(frozen=True)
class Piece:
    """What was solved: ``keys`` by row, pinned ones left out, and the errors of every row.

    ``keys`` None: what the document has is good enough, after all.
    """

    first: int
    keys: Mapping[int, Key] | None
    errors: FrameErrors
    matched: float

    @property
    def rows(self) -> range:
        return range(self.first, self.first + len(self.errors.mean))


def solve_span(
    stretch: Stretch,
    shape: Shape,
    contours: Sequence[Contour],
    shares: Values,
    span: Span,
    terms: Terms,
) -> list[Piece]:
    """Pieces in time order. Rows in none of them could not be followed.

    Args:
        contours: of the span's rows. shares: ``(n,)`` which part of the object's visible outline
            each is.
    """
    reference = _reference(stretch, shape, span)
    curve = Curve.of(shape, reference[1], float(stretch.poses[reference[0], 3]))
    arcs, matched = _followed(stretch, contours, span, curve, reference)
    pieces = []
    for first, stop in _covered(arcs):
        pins = {
            row - first: key
            for row, key in ((0, span.left), (len(arcs) - 1, span.right))
            if key is not None and first <= row < stop
        }
        if len(pins) == stop - first:
            continue
        part = slice(first, stop)
        track = at_arcs(contours[part], np.stack(arcs[part]), np.array(matched[part]))
        pieces.append(
            _solve(stretch, shape, span.first + first, track, shares[part], pins, curve, terms)
        )
    return pieces


def _reference(stretch: Stretch, shape: Shape, span: Span) -> tuple[int, Sequence[ControlPoint]]:
    """A row and the control points there that the samples are laid out on."""
    if span.left is not None:
        return span.first, span.left.points
    if span.right is not None:
        return span.last, span.right.points
    return span.likely, interpolated_points(shape.keys, stretch.frames[span.likely])


def _followed(
    stretch: Stretch,
    contours: Sequence[Contour],
    span: Span,
    curve: Curve,
    reference: tuple[int, Sequence[ControlPoint]],
) -> tuple[list[Values], list[float]]:
    """Arc lengths of the samples on every contour (empty where they are lost), and the shares of
    them that were recognised."""

    def on_plate(row: int, points: Sequence[ControlPoint]) -> Points:
        return applied(curve.samples(points), stretch.pivot, stretch.poses[row])

    count = len(contours)
    ahead = [_NOTHING] * count, [0.0] * count
    back = [_NOTHING] * count, [0.0] * count
    if span.left is not None:
        _fill(ahead, 0, 1, carried(contours, on_plate(span.first, span.left.points)))
    if span.right is not None:
        samples = on_plate(span.last, span.right.points)
        _fill(back, count - 1, -1, carried(contours[::-1], samples, backward=True))
    if span.left is None and span.right is None:
        row = reference[0] - span.first
        samples = on_plate(*reference)
        _fill(ahead, row, 1, carried(contours[row:], samples))
        _fill(ahead, row, -1, carried(contours[row::-1], samples, backward=True))
    return _blended(contours, ahead, back)


_NOTHING = np.zeros(0)
_Found = tuple[list[Values], list[float]]


def _fill(into: _Found, start: int, step: int, found: _Found) -> None:
    for place, (arcs, matched) in enumerate(zip(*found, strict=True)):
        into[0][start + step * place] = arcs
        into[1][start + step * place] = matched


def _blended(contours: Sequence[Contour], ahead: _Found, back: _Found) -> _Found:
    """Two ways to the same rows, each trusted near its own end."""
    both = [row for row in range(len(contours)) if len(ahead[0][row]) and len(back[0][row])]
    arcs = [a if len(a) else b for a, b in zip(ahead[0], back[0], strict=True)]
    matched = [max(a, b) for a, b in zip(ahead[1], back[1], strict=True)]
    if not both:
        return arcs, matched
    # Whole ways end on their own pins; one that is lost before is left gradually.
    low = both[0] if both[0] == 0 else both[0] - 1
    high = both[-1] if both[-1] == len(arcs) - 1 else both[-1] + 1
    for row in both:
        total = float(side_lengths(contours[row].points).sum())
        apart = back[0][row] - ahead[0][row]
        apart = apart - total * np.round(np.median(apart) / total)
        arcs[row] = ahead[0][row] + apart * ((row - low) / max(high - low, 1))
    return arcs, matched


def _covered(arcs: Sequence[Values]) -> list[tuple[int, int]]:
    """First and behind-last index of every run of rows that are known."""
    found: list[tuple[int, int]] = []
    for row, known in enumerate(arcs):
        if not len(known):
            continue
        if found and found[-1][1] == row:
            found[-1] = (found[-1][0], row + 1)
        else:
            found.append((row, row + 1))
    return found


def _solve(
    stretch: Stretch,
    shape: Shape,
    first: int,
    track: MaterialTrack,
    share: Values,
    pins: Mapping[int, Key],
    curve: Curve,
    terms: Terms,
) -> Piece:
    count = len(track.contours)
    rows = slice(first, first + count)
    times = np.array(stretch.frames[rows], np.float64)
    poses = stretch.poses[rows]
    given = {row: curve.samples(key.points) for row, key in pins.items()}
    moved = _pinned(stabilised(track, stretch.pivot, poses), given)
    life = Life(moved, times, share, poses[:, 3])
    problem = Problem(
        curve.basis,
        times,
        life.targets,
        moved.points,
        moved.arcs,
        moved.weights,
        life.unit,
        ROBUST_CAP * terms.tolerance,
        TANGENTIAL,
        given,
    )
    rules = replace(terms.rules(times), required=_required(shape, times, pins))
    limits = Limits(terms.tolerance, terms.worst, terms.shape_price, life.share, terms.toll)
    here = {int(t): row for row, t in enumerate(times)}
    known = {here[k.frame]: k for k in shape.keys if k.frame in here}
    keyed = _cheapest(problem, life, terms, limits, rules, known)
    errors = frame_errors(problem, keyed, terms.tolerance)
    matched = float(track.matched.min())
    price = limits.price * len(curve.basis.knots)
    new_cost = cost(problem, keyed, limits) - price * len(pins)
    old_cost = _as_it_was(stretch, shape, curve, problem, limits, pins)
    if HABIT * (old_cost + price * len(known.keys() - pins.keys())) <= new_cost:
        return Piece(first, None, errors, matched)
    points = control_points(curve.basis, keyed.unknowns)
    keys = {
        first + row: curve.key(stretch.frames[first + row], points[number], known.get(row))
        for number, row in enumerate(keyed.keys.tolist())
        if row not in pins
    }
    return Piece(first, keys, errors, matched)


def _as_it_was(
    stretch: Stretch,
    shape: Shape,
    curve: Curve,
    problem: Problem,
    limits: Limits,
    pins: Mapping[int, Key],
) -> float:
    """What the document's own errors cost; infinite where it has no say, or is off too far."""
    frames = [int(time) for time in problem.times]
    shown = stretch.shown(shape)
    if not all(shown[stretch.row(frame)] for frame in frames):
        return np.inf
    placed = [curve.samples(interpolated_points(shape.keys, frame)) for frame in frames]
    price, trouble = judged(problem, np.stack(placed), limits)
    return np.inf if np.delete(trouble, list(pins)).max() > 1 else price


def _pinned(track: MaterialTrack, given: Mapping[int, Points]) -> MaterialTrack:
    """The track lying on the pinned curves where there are such."""
    points = track.points.copy()
    for row, samples in given.items():
        points[row] = samples
    return replace(track, points=points)


def _required(shape: Shape, times: Values, pins: Mapping[int, Key]) -> frozenset[int]:
    """The pins, and ends beyond which the shape has other keys to go to."""
    rows = set(pins)
    if shape.keys[0].frame < times[0]:
        rows.add(0)
    if shape.keys[-1].frame > times[-1]:
        rows.add(len(times) - 1)
    return frozenset(rows)


def _cheapest(
    problem: Problem,
    life: Life,
    terms: Terms,
    limits: Limits,
    rules: Rules,
    known: Mapping[int, Key],
) -> Keyed:
    """Keys on the document's frames, unless others are clearly cheaper."""
    keyed = _keyed(problem, life, terms, limits, rules, known)
    most = terms.settings.most_keys
    while most is not None and len(keyed.keys) > max(most, len(rules.required)):
        terms = replace(terms, price=4 * terms.price)
        limits = replace(limits, price=4 * limits.price, worst=np.inf)
        keyed = _keyed(problem, life, terms, limits, rules, known)
    return keyed


def _keyed(
    problem: Problem,
    life: Life,
    terms: Terms,
    limits: Limits,
    rules: Rules,
    known: Mapping[int, Key],
) -> Keyed:
    free = fit_frames(problem.shape, problem.points)
    fitted = np.einsum("rd,tdc->trc", problem.shape.matrix, free)
    searched = key_frames(life, terms, rules, fitted, len(problem.shape.knots))
    fixed = np.array(sorted(rules.required), np.intp)
    old = rules.addable(np.array(sorted(set(known) - rules.required), np.intp), fixed)
    usual = np.sort(np.concatenate([fixed, old]))

    def settled(keys: Frames) -> tuple[float, Keyed]:
        keyed = untangled(problem, settle(problem, keys, free, limits, rules))
        return cost(problem, keyed, limits), keyed

    best = settled(searched)
    if len(usual) and not np.array_equal(usual, searched):
        kept = settled(usual)
        best = kept if HABIT * kept[0] <= best[0] else best
    return best[1]
