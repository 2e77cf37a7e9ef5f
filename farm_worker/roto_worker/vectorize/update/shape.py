"""One shape of a document brought to the new mattes of a stretch, with as little touched as can be.

Where its outline fits already nothing changes. Elsewhere it is solved anew from the last key that
fits to the next one. Where its region is gone, it is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from roto_shapes.document import Key, Shape

from ..outline.contour import MatteOutlines
from ..outline.curves import Points
from ..outline.raster import fill
from ..solver.solve import Terms
from .regions import Course
from .span import Piece, Span, solve_span
from .stretch import (
    Rows,
    Stretch,
    interpolated_key,
    is_held,
    keys_inside,
    misfit,
    pinned_keys,
    with_visibility,
)

MOSTLY = 0.9
"""A shape without a region of its own stays where the mattes agree with this share of it."""
GRID = 96


class State(Enum):
    """What becomes of a shape on a row."""

    KEPT = "kept"
    SOLVED = "solved"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Renewed:
    """``shape``: None where nothing is left of it. ``states``: by row. ``followed``: on which rows
    it follows its region. ``pieces``: what was solved. ``stuck``: rows whose keys must stay though
    they do not fit."""

    shape: Shape | None
    states: list[State]
    followed: Rows
    pieces: list[Piece]
    stuck: list[int]


def renew(stretch: Stretch, shape: Shape, course: Course, terms: Terms) -> Renewed:
    """The shape over the new mattes. Keys outside the stretch, and pinned ones, are the same
    objects as before."""
    pins = pinned_keys(stretch, shape)
    shown = stretch.shown(shape)
    fits = _fits(stretch, shape, course, terms.tolerance)
    states = [
        _unled(stretch, shape, row) if number < 0 and shown[row] else State.KEPT
        for row, number in enumerate(course.regions)
    ]
    followed = [number >= 0 for number in course.regions]
    shares = np.array(
        [
            c.visible_length / stretch.visible[row] if c is not None else 0.0
            for row, c in enumerate(course.contours)
        ]
    )
    pieces: list[Piece] = []
    for span in _spans(stretch, shape, course, pins, fits):
        rows = slice(span.first, span.last + 1)
        contours = [c for c in course.contours[rows] if c is not None]
        found = solve_span(stretch, shape, contours, shares[rows], span, terms)
        pieces += [piece for piece in found if piece.keys is not None]
        new = {row: piece.keys is not None for piece in found for row in piece.rows}
        for row in span.open_rows:
            followed[row] = row in new
            if not followed[row]:
                states[row] = State.HIDDEN
            elif new[row]:
                states[row] = State.SOLVED
    stuck = [row for row in pins if course.contours[row] is not None and not fits[row]]
    if all(state is State.KEPT for state in states):
        return Renewed(shape, states, followed, [], stuck)
    keys = _keys(stretch, shape, pins, states, pieces)
    seen = _seen(shape, pins, states, shown)
    made = with_visibility(stretch, replace(shape, keys=keys), seen) if keys else None
    return Renewed(made, states, followed, pieces, stuck)


def _fits(stretch: Stretch, shape: Shape, course: Course, tolerance: float) -> Rows:
    """Where the document's outline is good enough for the region it belongs to."""
    shown = stretch.shown(shape)

    def good(row: int) -> bool:
        contour, path = course.contours[row], stretch.polygon(shape, row) if shown[row] else None
        if contour is None or path is None or len(path) < 3:
            return False
        if misfit(path, contour, tolerance) <= 1:
            return True
        # Others may draw what is missing, or cut away what is too much.
        return len(stretch.layer.shapes) > 1 and stretch.agrees(row, tolerance)

    return [good(row) for row in range(len(shown))]


def _unled(stretch: Stretch, shape: Shape, row: int) -> State:
    """What becomes of a shape where no region is its own."""
    path = stretch.polygon(shape, row)
    held = is_held(shape, stretch.frames[row])
    if held or path is None or len(path) < 3:
        return State.KEPT
    solid = solid_share(path, stretch.sequence[row])
    agreed = solid if shape.mode == "add" else 1 - solid
    return State.KEPT if agreed >= MOSTLY else State.HIDDEN


def solid_share(path: Points, outlines: MatteOutlines) -> float:
    """Which share of a polygon the mattes' regions cover."""
    low, high = path.min(axis=0), path.max(axis=0)
    scale = GRID / max(float((high - low).max()), 1e-9)
    width, height = (np.ceil((high - low) * scale).astype(int) + 1).tolist()
    inside = fill([(path - low) * scale], width, height)
    paths = [c.points[::-1] if c.hole else c.points for c in outlines.contours]
    solid = fill([(p - low) * scale for p in paths], width, height)
    return float(np.count_nonzero(inside & solid) / max(1, int(np.count_nonzero(inside))))


def _spans(
    stretch: Stretch, shape: Shape, course: Course, pins: dict[int, Key], fits: Rows
) -> list[Span]:
    """What to solve: around every row that does not fit, from good key to good key."""
    keyed = keys_inside(stretch, shape)
    good = {row: key for row, key in {**keyed, **pins}.items() if row in pins or fits[row]}
    spans: list[Span] = []
    for first, last in course.runs():
        fences = sorted(row for row in good if first <= row <= last)
        for row in range(first, last + 1):
            if fits[row] or row in pins or (spans and first <= row <= spans[-1].last):
                continue
            low = max((f for f in fences if f < row), default=first)
            high = min((f for f in fences if f > row), default=last)
            spans.append(Span(low, high, good.get(low), good.get(high), _likely(fits, low, high)))
    return spans


def _likely(fits: Rows, low: int, high: int) -> int:
    return next((row for row in range(low, high + 1) if fits[row]), low)


def _keys(
    stretch: Stretch,
    shape: Shape,
    pins: dict[int, Key],
    states: Sequence[State],
    pieces: list[Piece],
) -> list[Key]:
    """The shape's keys: untouched ones, solved ones, and those that keep what is kept as it was."""
    keys = {key.frame: key for key in shape.keys if not stretch.holds(key.frame)}
    for row, key in keys_inside(stretch, shape).items():
        if states[row] is State.KEPT or row in pins:
            keys[key.frame] = key
    for row in _borders(states):
        frame = stretch.frames[row]
        if not is_held(shape, frame):
            keys.setdefault(frame, interpolated_key(shape, frame))
    for row, key in pins.items():
        if states[row] is not State.KEPT:
            keys.setdefault(stretch.frames[row], key)
    for piece in pieces:
        for row, key in (piece.keys or {}).items():
            keys[stretch.frames[row]] = key
    return [keys[frame] for frame in sorted(keys)]


def _borders(states: Sequence[State]) -> list[int]:
    """Kept rows next to others."""
    return [
        row
        for row, state in enumerate(states)
        if state is State.KEPT
        and any(states[n] is not State.KEPT for n in (row - 1, row + 1) if 0 <= n < len(states))
    ]


def _seen(shape: Shape, pins: dict[int, Key], states: Sequence[State], shown: Rows) -> Rows:
    """An artist who has set or locked a key wants to see it."""
    own = {row for row, key in pins.items() if key.origin == "artist" or key.locked}
    return [
        shown[row] if state is State.KEPT or row in own else state is State.SOLVED
        for row, state in enumerate(states)
    ]
