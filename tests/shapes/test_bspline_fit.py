"""Beziers as B-splines: held against the flattened originals, not against the fit's own measure."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest

from roto_shapes.bspline_fit import refit, refit_like, sharp_points
from roto_shapes.document import ControlPoint, Key
from roto_shapes.evaluate import flatten, interpolated_points, outline_at
from roto_shapes.formats import read, write
from roto_shapes.geometry import bspline_to_bezier
from shapes import helpers_fxs as fxs
from shapes.helpers_shapes import TURNING, blob, document, l_points, layer, moving_blob, one_shape


def farthest(points, polyline):
    def to_chord(p, a, b):
        dx, dy = b[0] - a[0], b[1] - a[1]
        length = dx * dx + dy * dy
        t = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length if length else 0
        t = min(1, max(0, t))
        return math.dist(p, (a[0] + t * dx, a[1] + t * dy))

    return max(min(to_chord(p, a, b) for a, b in pairwise(polyline)) for p in points)


def apart(bezier, spline, closed):
    """Hausdorff distance of the two curves."""
    ours = flatten(bezier, closed, 0.005)
    theirs = flatten(bspline_to_bezier(spline, closed), closed, 0.005)
    if closed:
        ours, theirs = [*ours, ours[0]], [*theirs, theirs[0]]
    return max(farthest(ours, theirs), farthest(theirs, ours))


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("tolerance", [2.0, 0.25])
def test_the_refit_keeps_within_the_tolerance_it_tells(closed, tolerance) -> None:
    keys = [Key(1, blob(8)), Key(9, blob(8, phase=0.5, x=990))]
    found = refit(keys, closed, tolerance)
    assert found.error <= tolerance
    worst = max(apart(a.points, b.points, closed) for a, b in zip(keys, found.keys, strict=True))
    assert worst <= tolerance * 1.2 + 0.02
    assert [key.frame for key in found.keys] == [1, 9]


@pytest.mark.parametrize("closed", [True, False])
def test_a_structure_chosen_before_is_kept_and_its_error_told(closed) -> None:
    before, now = [Key(1, blob(8))], [Key(1, blob(8, phase=0.9, radius=400))]
    first = refit(before, closed, 0.5)
    sharp = sharp_points(before, closed)
    vertices = len(first.keys[0].points)
    spans = vertices // 8 if closed else (vertices - 1) // 7
    assert refit_like(before, closed, spans, sharp) == first
    other = refit_like(now, closed, spans, sharp)
    assert len(other.keys[0].points) == vertices != len(refit(now, closed, 0.05).keys[0].points)
    assert apart(now[0].points, other.keys[0].points, closed) == pytest.approx(other.error, rel=0.3)


def test_finer_tolerances_take_more_vertices() -> None:
    keys = [Key(1, blob(5))]
    counts = [len(refit(keys, True, t).keys[0].points) for t in (5.0, 0.5, 0.1)]
    assert counts[0] < counts[1] < counts[2]


def test_between_keys_it_is_no_worse() -> None:
    keys = [Key(1, blob(8)), Key(9, blob(8, phase=0.9, x=1100))]
    found = refit(keys, True, 0.5)
    for frame in (3, 5, 7.5):
        bezier, spline = interpolated_points(keys, frame), interpolated_points(found.keys, frame)
        assert apart(bezier, spline, True) <= 0.6


def test_polygons_are_exact_with_a_corner_a_point() -> None:
    keys, error = refit([Key(1, l_points())], True, 0.25)
    assert error < 1e-9
    assert [p.corner for p in keys[0].points] == [True] * 6
    assert apart(l_points(), keys[0].points, True) < 1e-9


@pytest.mark.parametrize("at", [0, 1, 7])
def test_a_sharp_point_stays_sharp_wherever_the_shape_starts(at) -> None:
    points = list(blob(8))
    points[at] = points[at]._replace(in_dx=-points[at].in_dy, in_dy=points[at].in_dx)
    keys, error = refit([Key(1, tuple(points))], True, 0.25)
    assert sum(p.corner for p in keys[0].points) == 1
    assert error <= 0.3
    assert apart(tuple(points), keys[0].points, True) <= error * 1.2 + 0.02


def test_two_points_make_a_closed_spline() -> None:
    points = (ControlPoint(0, 0, -40, 0, 40, 0), ControlPoint(0, 90, 40, 0, -40, 0))
    keys, error = refit([Key(1, points)], True, 0.25)
    assert len(keys[0].points) >= 3
    assert error <= 0.25


def test_the_silhouette_option() -> None:
    doc = document(
        layer(moving_blob("a", feather=[1.0] * 8), moving_blob("b", kind="bspline")),
        layer(moving_blob("c"), layer_id="l2", transform=TURNING),
    )
    text, report = write(doc, "silhouette", bspline=True, tolerance=0.5)
    assert {s.attributes["shape_type"] for s in fxs.shapes(fxs.read(text))} == {"Bspline"}
    told = [line for line in report.lines() if "refitted as a B-spline of" in line]
    assert len(told) == 2
    got = read(text, "silhouette").document
    for frame in (1001, 1011):
        a = outline_at(doc.layers[0], doc.layers[0].shapes[0], frame)
        b = outline_at(got.layers[0], got.layers[0].shapes[0], frame)
        ours, theirs = flatten(a, True, 0.01), flatten(b, True, 0.01)
        assert farthest(ours, [*theirs, theirs[0]]) <= 0.6
    kept = replace(one_shape(Key(1001, blob())))
    assert "refitted" not in "".join(write(kept, "silhouette").report.lines())
