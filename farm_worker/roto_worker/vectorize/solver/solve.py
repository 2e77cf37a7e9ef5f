"""One region's life as one shape: points, keys, joint refit, and what it cost in accuracy.

Points and keys are bought with one currency (see :mod:`.economy`): a point costs its price on every
key, a key its price for every point. How many of either are worth it depends on the other, so they
are chosen in turns, and the cheapest shape seen is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..motion.correspondence import MaterialTrack
from ..outline.curves import Points, Values
from ..settings import Settings
from .economy import FrameErrors, Limits, cost, frame_errors, settle
from .fit import Flags
from .fit import handles as control_points
from .fit import solve as fit_frames
from .keys import Frames, Motion, Rules
from .keys import choose as choose_keys
from .knots import untangled
from .points import Layout, layouts, polished
from .refit import Keyed, Problem, Target, samples
from .toll import Toll

PRICE = 0.05
"""Square tolerances, averaged over the outline and summed over frames, that one point of one key
has to save."""
SIZE_EXPONENT = 1.5
HD = 1080
"""Plate height beyond which an error's cost must go on farther, for the price has grown."""
OVERHEAD = 12
"""A shape costs so many points of keys more than it has: each has to be found and understood."""
WORST = 2.0
ROBUST_CAP = 2.0
TANGENTIAL = 0.02
HARD_PRICE = 2.0
HARD_CORNERS = 0.6
FINEST = 0.35
"""No layout of points is tried that errs by less than this share of the tolerance."""
USUAL_POINTS = 16
GRASP = 2
"""A point costs as if it had so many keys more: a shape of few points is easier to grasp."""
ROUNDS = 3
STRING_TOLERANCE = 0.5
"""Pixels an outline of a string may be off: it is hardly two wide."""


@dataclass(frozen=True)
class Terms:
    """What every shape of an object is solved under.

    ``tolerance`` in plate pixels; ``price`` of a point of a key, square pixels of the object's mean
    outline error summed over frames; ``key_only_at``: plate frames that may be keyed, or None;
    ``worst``: how many tolerances a frame may be off before it gets a key whatever that costs.
    ``reach``: how much farther than on an HD plate an error goes on to cost more.
    """

    tolerance: float
    price: float
    settings: Settings
    key_only_at: frozenset[int] | None = None
    worst: float = WORST
    reach: float = 1.0

    @classmethod
    def of(
        cls,
        settings: Settings,
        tolerance: float,
        height: int,
        key_only_at: Collection[int] | None = None,
    ) -> Terms:
        """``height``: the plate's, in pixels. On a larger plate a pixel is a smaller thing to see,
        and the same motion is more of them: errors weigh less against points and keys."""
        allowed = None if key_only_at is None else frozenset(key_only_at)
        size = max(1.0, height / 480) ** SIZE_EXPONENT
        price = PRICE * size * settings.looseness * tolerance**2
        return cls(tolerance, price, settings, allowed, reach=max(1.0, height / HD))

    def of_string(self) -> Terms:
        """The same for a string, which a usual tolerance would eat."""
        return replace(self, tolerance=min(self.tolerance, STRING_TOLERANCE))

    @property
    def shape_price(self) -> float:
        """``price`` on a shape's keys: a rigid object's motion belongs into its layer."""
        rigid = self.settings.hard_surface and self.may_move
        return self.price * (HARD_PRICE if rigid else 1.0)

    @property
    def may_move(self) -> bool:
        """Whether the layer may have a motion of its own."""
        return self.settings.layer_transform == "auto"

    @property
    def overhead(self) -> float:
        """What a shape costs for being one more."""
        return OVERHEAD * self.price

    @property
    def corner_angle(self) -> float:
        angle = self.settings.corner_angle
        return angle * HARD_CORNERS if self.settings.hard_surface else angle

    @property
    def toll(self) -> Toll:
        return Toll.of(self.tolerance, self.reach)

    def rules(self, times: Values) -> Rules:
        """Where keys may be, as indices of ``times``."""
        spacing = self.settings.key_spacing
        if self.key_only_at is None:
            return Rules(spacing=spacing)
        allowed = frozenset(i for i, time in enumerate(times) if int(time) in self.key_only_at)
        return Rules(allowed=allowed, spacing=spacing)

    def unfollowed(self, share: Values) -> float:
        """What it costs not to draw a region that is ``share`` of the outline on its frames."""
        return self.toll.most * float(share.sum())


@dataclass(frozen=True)
class SolvedShape:
    """A shape's keys, what they were solved against, and what they cost (see :mod:`.economy`)."""

    problem: Problem
    keyed: Keyed
    limits: Limits

    @property
    def keys(self) -> Frames:
        """Indices of the track's frames."""
        return self.keyed.keys

    @property
    def points(self) -> Values:
        """``(K, N, 6)`` as x y, in dx dy, out dx dy."""
        return control_points(self.problem.shape, self.keyed.unknowns)

    @property
    def corners(self) -> Flags:
        """``(N,)``."""
        return self.problem.shape.corners

    @cached_property
    def errors(self) -> FrameErrors:
        """Of every frame of the track."""
        return frame_errors(self.problem, self.keyed, self.limits.tolerance)

    @cached_property
    def cost(self) -> float:
        return cost(self.problem, self.keyed, self.limits)

    @property
    def placed(self) -> Points:
        """``(T, R, 2)`` the outline's samples on every frame."""
        return samples(self.problem, self.keyed)

    def untied(self) -> SolvedShape:
        """The same keys without loops in the outline."""
        return replace(self, keyed=untangled(self.problem, self.keyed))


@dataclass(frozen=True)
class Life:
    """One shape to solve: its outline's samples on all its frames, and what they count.

    ``times``: ``(T,)`` plate frame numbers. ``share``: ``(T,)`` which part of the object's visible
    outline this is. ``unit``: ``(T,)`` plate pixels per pixel of the space the track is in.
    """

    track: MaterialTrack
    times: Values
    share: Values
    unit: Values

    @cached_property
    def targets(self) -> Sequence[Target]:
        return [Target.of(contour) for contour in self.track.contours]

    @cached_property
    def normals(self) -> Points:
        spots = zip(self.targets, self.track.points, self.track.arcs, strict=True)
        return np.stack([target.nearest(points, arcs)[1] for target, points, arcs in spots])

    @cached_property
    def long_normals(self) -> Points:
        """Normals as long as a pixel of the track's space is on the plate."""
        return self.normals * self.unit[:, None, None]


def solve_shape(life: Life, terms: Terms, rules: Rules | None = None) -> SolvedShape:
    """The cheapest shape found for one life."""
    return cheapest(life, terms, options_for(life, terms), rules).untied()


def cheapest(
    life: Life, terms: Terms, options: Sequence[Layout], rules: Rules | None = None
) -> SolvedShape:
    """:func:`solve_shape` from known layouts, not yet looked through for loops."""
    rules = rules or terms.rules(life.times)
    solved = _cheapest(life, terms, options, rules)
    most = terms.settings.most_keys
    while most is not None and len(solved.keys) > max(most, len(rules.required)):
        terms = replace(terms, price=4 * terms.price, worst=np.inf)
        solved = _cheapest(life, terms, options, rules)
    return solved


def _cheapest(life: Life, terms: Terms, options: Sequence[Layout], rules: Rules) -> SolvedShape:
    count = _first_guess(life, terms, rules)
    best: SolvedShape | None = None
    tried: set[int] = set()
    for _ in range(ROUNDS):
        layout = _worth_most(life, terms, options, count)
        points = len(layout.shape.knots)
        if points in tried:
            break
        tried.add(points)
        solved = _solved(life, terms, rules, layout, count)
        count = len(solved.keys)
        if best is None or solved.cost < best.cost:
            best = solved
    assert best is not None
    return best


def options_for(life: Life, terms: Terms) -> list[Layout]:
    """Layouts to choose from: the costly half of a solve, the same whatever looseness is asked."""
    track, settings = life.track, terms.settings
    return list(
        layouts(
            track.points,
            life.long_normals,
            track.weights,
            toll=terms.toll,
            finest=FINEST * terms.tolerance,
            most=settings.most_points,
            corner_angle=terms.corner_angle,
        )
    )


def _worth_most(life: Life, terms: Terms, options: Sequence[Layout], keys: int) -> Layout:
    """The layout that is cheapest with so many keys."""
    price = terms.shape_price / terms.settings.detail * (keys + GRASP)
    weight = float(life.share.sum())
    return min(options, key=lambda o: weight * o.error + price * len(o.shape.knots))


def _first_guess(life: Life, terms: Terms, rules: Rules) -> int:
    """How many keys the bare outline would take."""
    points = life.track.points
    return len(key_frames(life, terms, rules, points, USUAL_POINTS))


def key_frames(life: Life, terms: Terms, rules: Rules, fitted: Points, points: int) -> Frames:
    """Frames worth a key for a shape of so many points; ``fitted``: see :class:`Motion`."""
    motion = Motion(
        life.times,
        fitted,
        life.track.points,
        life.normals,
        life.track.weights,
        life.share,
        life.unit,
    )
    penalty = terms.shape_price * points
    return choose_keys(motion, penalty=penalty, toll=terms.toll, rules=rules)


def _solved(life: Life, terms: Terms, rules: Rules, layout: Layout, key_count: int) -> SolvedShape:
    track, tolerance = life.track, terms.tolerance
    worth = terms.shape_price / terms.settings.detail * (key_count + GRASP)
    worth /= max(float(life.share.sum()), 1e-9)
    shape = polished(
        layout, track.points, life.long_normals, track.weights, terms.toll, worth
    ).shape
    free = fit_frames(shape, track.points)
    fitted = np.einsum("rd,tdc->trc", shape.matrix, free)
    keys = key_frames(life, terms, rules, fitted, len(shape.knots))
    problem = Problem(
        shape,
        life.times,
        life.targets,
        track.points,
        track.arcs,
        track.weights,
        life.unit,
        ROBUST_CAP * tolerance,
        TANGENTIAL,
    )
    limits = Limits(tolerance, terms.worst, terms.shape_price, life.share, terms.toll)
    return SolvedShape(problem, settle(problem, keys, free, limits, rules), limits)
