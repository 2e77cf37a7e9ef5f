"""Shapes of a document back to pixels."""

from __future__ import annotations

import numpy as np
import pytest
from helpers_vectorize import box

from roto_shapes.document import (
    ControlPoint,
    Document,
    Key,
    Layer,
    Shape,
    Transform,
    TransformKey,
)
from roto_worker.vectorize.outline.outlines import polygon, rasterize_layer
from roto_worker.vectorize.outline.raster import fill


def polygon_shape(name: str, points, **options) -> Shape:
    keys = [Key(1, tuple(ControlPoint(float(x), float(y)) for x, y in points))]
    return Shape(name, name, keys=keys, **options)


def rasterized(layer: Layer, frame: float = 1) -> np.ndarray:
    return rasterize_layer(Document(40, 30, layers=[layer]), layer, frame)


def test_straight_shapes_fill_like_their_polygon():
    points = box(3.5, 4.5, 20.5, 9.5)
    layer = Layer("a", "a", shapes=[polygon_shape("s", points)])
    np.testing.assert_array_equal(rasterized(layer), fill([points], 40, 30))


def test_subtract_cuts_what_lies_below_and_not_what_comes_later():
    shapes = [
        polygon_shape("body", box(0, 0, 20, 20)),
        polygon_shape("hole", box(5, 5, 15, 15), mode="subtract"),
        polygon_shape("island", box(8, 8, 12, 12)),
    ]
    mask = rasterized(Layer("a", "a", shapes=shapes))
    assert mask.sum() == 400 - 100 + 16


def test_a_shape_counts_only_where_it_is_visible():
    shape = polygon_shape("s", box(0, 0, 10, 10), visible=[(1, 3), (6, 7)])
    layer = Layer("a", "a", shapes=[shape])
    seen = [rasterized(layer, f).any() for f in range(9)]
    assert seen == [False, True, True, True, False, False, True, True, False]


def test_inverted_transparent_and_open_shapes():
    inverted = polygon_shape("s", box(0, 0, 10, 10), inverted=True)
    assert rasterized(Layer("a", "a", shapes=[inverted])).sum() == 40 * 30 - 100
    for nothing in (
        polygon_shape("s", box(0, 0, 10, 10), opacity=0.0),
        polygon_shape("s", box(0, 0, 10, 10), closed=False),
    ):
        assert not rasterized(Layer("a", "a", shapes=[nothing])).any()


def test_the_layers_transform_is_applied():
    turn = Transform((10.0, 10.0), [TransformKey(1, tx=5.0, ty=2.0, rotate=90.0)])
    points = box(10, 10, 16, 12)
    layer = Layer("a", "a", transform=turn, shapes=[polygon_shape("s", points)])
    path = polygon(layer, layer.shapes[0], 1)
    assert path is not None
    # 90 degrees clockwise on screen: what pointed right now points down.
    np.testing.assert_allclose(path.min(axis=0), [13, 12], atol=1e-9)
    np.testing.assert_allclose(path.max(axis=0), [15, 18], atol=1e-9)


@pytest.mark.parametrize("frame", [1.0, 2.5, 4.0])
def test_in_between_frames_are_interpolated(frame):
    start, end = box(0, 0, 6, 6), box(12, 0, 18, 6)
    keys = [
        Key(f, tuple(ControlPoint(float(x), float(y)) for x, y in p))
        for f, p in ((1, start), (4, end))
    ]
    layer = Layer("a", "a", shapes=[Shape("s", "s", keys=keys)])
    left = 12 * (frame - 1) / 3
    np.testing.assert_array_equal(
        rasterized(layer, frame), fill([box(left, 0, left + 6, 6)], 40, 30)
    )
