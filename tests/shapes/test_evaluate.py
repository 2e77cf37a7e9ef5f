"""Geometry and evaluation: what a shape is on a frame."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roto_shapes.baking import baked_keys, merged_spans, without_holds
from roto_shapes.document import ControlPoint, Key, Shape, Transform, TransformKey, ValueKey
from roto_shapes.evaluate import (
    bezier_segments,
    bspline_to_bezier,
    flatten,
    interpolated_points,
    is_visible,
    opacity_at,
    outline_at,
    points_at,
    transform_at,
)
from roto_shapes.geometry import outward_normals, signed_area, split_first_segment, transformed
from shapes.helpers_shapes import TURNING, blob, coordinates, l_points, layer, moving_blob, polygon


def curve(points, closed, t):
    """B(t) of every segment."""
    w = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return [
        tuple(sum(v * p[i] for v, p in zip(w, segment, strict=True)) for i in (0, 1))
        for segment in bezier_segments(points, closed)
    ]


def test_linear_and_held_keys() -> None:
    a, b, c = (ControlPoint(x, 0, 1, 2, 3, 4) for x in (0.0, 10.0, 30.0))
    keys = [Key(10, (a, a)), Key(20, (b, b), interpolation="hold"), Key(30, (c, c))]
    shape = Shape("s", "s", keys=keys)
    xs = [points_at(shape, f)[0].x for f in (0, 10, 12.5, 20, 29.9, 30, 99)]
    assert xs == [0, 0, 2.5, 10, 10, 30, 30]


def test_handles_interpolate_and_corners_are_the_first_key_s() -> None:
    keys = [
        Key(0, (ControlPoint(0, 0, 0, 2, 4, 8, True),) * 2),
        Key(4, (ControlPoint(4, 4, 4, 4, 0, 0),) * 2),
    ]
    assert interpolated_points(keys, 1)[0] == ControlPoint(1, 1, 1, 2.5, 3, 6, True)


def test_visibility_is_by_whole_frames() -> None:
    shape = moving_blob(visible=[(1001, 1003), (1006, 1006)])
    seen = [f for f in (1000.9, 1001, 1003, 1003.9, 1004, 1006.5, 1007) if is_visible(shape, f)]
    assert seen == [1001, 1003, 1003.9, 1006.5]
    assert points_at(shape, 1004) is None
    assert outline_at(layer(shape), shape, 1004) is None
    assert is_visible(moving_blob(), -5)


def test_opacity() -> None:
    shape = moving_blob(opacity=[ValueKey(0, 0.0), ValueKey(10, 1.0, "hold"), ValueKey(20, 0.5)])
    assert [opacity_at(shape, f) for f in (-1, 5, 10, 15, 20, 30)] == [0, 0.5, 1, 1, 0.5, 0.5]
    assert opacity_at(moving_blob(opacity=0.25), 3) == 0.25


def test_a_positive_angle_turns_clockwise_on_screen() -> None:
    (point,) = transformed(
        (ControlPoint(11, 20, 1, 0, 0, 1),), (10, 20), TransformKey(1, 5, 7, 90, 2)
    )
    # From right of the pivot to below it.
    assert point == pytest.approx((15, 29, 0, 2, -2, 0, 0))


def test_transform_values_between_keys() -> None:
    move = transform_at(TURNING, 1005.5)
    assert (move.tx, move.ty, move.rotate, move.scale) == pytest.approx((25, -10, 15, 1.1))
    shape = moving_blob()
    plain, moved = (
        outline_at(layer(shape), shape, 1001),
        outline_at(layer(shape, transform=TURNING), shape, 1001),
    )
    assert moved == pytest.approx([pytest.approx(p) for p in plain])


def test_bspline_spans_are_the_uniform_cubic() -> None:
    points = [ControlPoint(*xy) for xy in ((0, 0), (100, 10), (130, 90), (40, 160), (-30, 70))]
    for t in (0.0, 0.35, 0.9):
        weights = ((1 - t) ** 3, 3 * t**3 - 6 * t * t + 4, -3 * t**3 + 3 * t * t + 3 * t + 1, t**3)
        for i, found in enumerate(curve(bspline_to_bezier(points, True), True, t)):
            span = [points[(i + k - 1) % 5] for k in range(4)]
            due = [sum(w * p[a] for w, p in zip(weights, span, strict=True)) / 6 for a in (0, 1)]
            assert found == pytest.approx(due)


def test_bspline_corners_and_open_ends_lie_on_their_vertices() -> None:
    points = [
        ControlPoint(x, y, corner=i == 1)
        for i, (x, y) in enumerate(((0, 0), (90, 0), (90, 80), (0, 80)))
    ]
    bezier = bspline_to_bezier(points, True)
    assert len(bezier) == 6
    corner = [p for p in bezier if p.corner]
    assert [(p.x, p.y) for p in corner] == [(90, 0)]
    assert (corner[0].in_dy, corner[0].out_dx) == (0, 0)
    opened = bspline_to_bezier(points, False)
    assert ((opened[0].x, opened[0].y), (opened[-1].x, opened[-1].y)) == ((0, 0), (0, 80))


@given(st.lists(st.tuples(coordinates, coordinates), min_size=6, max_size=6), st.booleans())
def test_flatten_stays_within_its_tolerance(numbers, closed) -> None:
    points = [ControlPoint(*numbers[i], *numbers[i + 1], *numbers[i + 2]) for i in (0, 3)]
    polyline = flatten(points, closed, 0.5)
    loop = [*polyline, polyline[0]] if closed else polyline
    assert len(polyline) < 2000
    for t in (0.11, 0.5, 0.87):
        for p in curve(points, closed, t):
            assert min(distance(p, a, b) for a, b in pairwise(loop)) <= 0.5 + 1e-6


def distance(p, a, b):
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length)) if length else 0.0
    return math.dist(p, (a[0] + t * dx, a[1] + t * dy))


def test_flatten_of_straight_shapes_and_its_tolerance() -> None:
    assert flatten(l_points(), True) == [(p.x, p.y) for p in l_points()]
    assert flatten(l_points(), False)[-1] == (100, 230)
    for tolerance in (0, -1, math.nan):
        with pytest.raises(ValueError, match="tolerance"):
            flatten(l_points(), True, tolerance)


def test_splitting_a_segment_leaves_the_curve() -> None:
    points = blob(5)
    split = split_first_segment(points)
    assert len(split) == 6
    half = curve(points, True, 0.5)[0]
    assert (split[1].x, split[1].y) == pytest.approx(half)
    assert curve(split, True, 0.5)[0] == pytest.approx(curve(points, True, 0.25)[0])
    assert curve(split, True, 0.5)[2] == pytest.approx(curve(points, True, 0.5)[1])


def backwards(points):
    return [
        p._replace(in_dx=p.out_dx, in_dy=p.out_dy, out_dx=p.in_dx, out_dy=p.in_dy)
        for p in reversed(points)
    ]


def test_normals_leave_the_shape_whatever_its_winding() -> None:
    for points in (blob(), backwards(blob()), polygon((0, 0), (10, 0), (10, 10), (0, 10))):
        outside = [
            (p.x + n[0] * 0.5, p.y + n[1] * 0.5)
            for p, n in zip(points, outward_normals(points, True), strict=True)
        ]
        moved = abs(signed_area(outside))
        assert moved > abs(signed_area([(p.x, p.y) for p in points]))
    assert outward_normals([ControlPoint(1, 1)] * 3, True) == [(0, 0)] * 3


def test_holds_become_linear_keys() -> None:
    keys = [
        Key(1, l_points(), interpolation="hold"),
        Key(5, l_points(1), interpolation="hold"),
        Key(6, l_points(2), interpolation="hold"),
        Key(9, l_points(2), interpolation="hold"),
    ]
    linear = without_holds(keys)
    assert [k.frame for k in linear] == [1, 4, 5, 6, 9]
    assert {k.interpolation for k in linear} == {"linear"}
    for frame in range(0, 12):
        assert interpolated_points(linear, frame) == interpolated_points(keys, frame)
    values = without_holds([ValueKey(1, 0.5, "hold"), ValueKey(4, 0.5, "hold"), ValueKey(8, 1.0)])
    assert [(k.frame, k.value) for k in values] == [(1, 0.5), (4, 0.5), (7, 0.5), (8, 1.0)]


def test_spans_merge() -> None:
    assert merged_spans([(1, 3), (4, 6), (8, 9)]) == [(1, 6), (8, 9)]
    assert merged_spans([]) == []


@pytest.mark.parametrize("span", [None, (1005, 1020), (900, 950), (2000, 2010)])
def test_baked_keys_equal_the_transformed_ones_on_every_frame_of_the_span(span) -> None:
    shape = moving_blob()
    baked = Shape("b", "b", keys=baked_keys(shape.keys, TURNING, span))
    moved = layer(shape, transform=TURNING)
    first, last = span or (990, 1050)
    for frame in range(first, last + 1):
        due = outline_at(moved, shape, frame)
        got = outline_at(layer(baked), baked, frame)
        assert [pytest.approx(p, abs=1e-6) for p in due] == list(got)
    if span == (1005, 1020):
        assert [k.frame for k in baked.keys] == list(range(1005, 1021))


def test_a_resting_transform_adds_no_keys() -> None:
    shape = moving_blob()
    still = Transform((0, 0), [TransformKey(7, 1, 2, 30, 2)])
    assert [k.frame for k in baked_keys(shape.keys, still, None)] == [1001, 1011, 1040]
