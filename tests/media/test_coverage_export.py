"""Shapes into soft mattes, against areas and ramps known by geometry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from helpers_cryptomatte import decode
from hypothesis import given, settings
from hypothesis import strategies as st

from roto_shapes.document import (
    ControlPoint,
    Document,
    Key,
    Layer,
    Shape,
    Transform,
    TransformKey,
    ValueKey,
)
from roto_shapes.errors import RotoError
from roto_shapes.frames import FrameRange
from roto_worker.export.coverage import layer_coverage, note_losses, polygon_coverage
from roto_worker.export.frames import write_cryptomatte_frames, write_matte_frames
from roto_worker.vectorize.outline.outlines import rasterize_layer
from roto_worker.vectorize.outline.raster import fill_coverage
from shapes.helpers_draw import document_matte, overlap
from shapes.helpers_shapes import TURNING, moving_blob
from shapes.helpers_shapes import document as shapes_document
from shapes.helpers_shapes import layer as shapes_layer


def box(x0: float, y0: float, x1: float, y1: float, **options: object) -> Shape:
    corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    name = str(options.pop("name", f"box {x0} {y0} {x1} {y1}"))
    key = Key(1, tuple(ControlPoint(x, y, corner=True) for x, y in corners))
    return Shape(name, name, keys=[key], **options)  # type: ignore[arg-type]


def document(*layers: Layer, size: tuple[int, int] = (24, 20), **options: object) -> Document:
    return Document(*size, layers=list(layers), **options)  # type: ignore[arg-type]


def cover(*shapes: Shape, size: tuple[int, int] = (24, 20), frame: float = 1) -> np.ndarray:
    layer = Layer("l", "hero", shapes=list(shapes))
    return layer_coverage(document(layer, size=size), layer, frame)


def test_a_box_covers_its_share_of_each_pixel() -> None:
    got = cover(box(2.25, 3.5, 5.75, 6.25))
    assert got.dtype == np.float32
    expected = np.zeros((20, 24))
    expected[3:7, 2:6] = np.outer([0.5, 1, 1, 0.25], [0.75, 1, 1, 0.75])
    np.testing.assert_allclose(got, expected, atol=1e-6)


@pytest.mark.parametrize("radius", [0.4, 3.3, 90.0])
def test_a_circle_has_its_area_and_centre(radius: float) -> None:
    angle = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    path = np.stack([100.3 + radius * np.cos(angle), 99.6 + radius * np.sin(angle)], axis=1)
    got = polygon_coverage(path, 201, 203)
    assert got.sum() == pytest.approx(np.pi * radius**2, rel=1e-2)
    if radius < 10:
        return  # a few pixels know their centre no better than that
    y, x = np.mgrid[:203, :201] + 0.5
    assert (got * x).sum() / got.sum() == pytest.approx(100.3, abs=2e-3)
    assert (got * y).sum() / got.sum() == pytest.approx(99.6, abs=2e-3)


@given(st.lists(st.tuples(st.floats(-9, 33), st.floats(-9, 29)), min_size=3, max_size=7))
@settings(max_examples=60, deadline=None)
def test_any_polygon_is_the_supersampled_one(corners: list[tuple[float, float]]) -> None:
    """Crossings, slivers and what leaves the frame included."""
    path = np.array(corners)
    got = polygon_coverage(path, 24, 20)
    fine = fill_coverage([path], 24, 20, samples=32)
    assert np.abs(got - fine).max() <= 0.07
    assert np.abs(got - fine).mean() <= 0.002


def test_a_tall_shape_has_no_seam_between_bands() -> None:
    got = cover(box(1.5, -3, 9, 300.5), size=(12, 310))
    np.testing.assert_allclose(got[:300], np.tile(got[0], (300, 1)))
    np.testing.assert_allclose(got[300], got[0] / 2)
    assert not got[301:].any()


def test_shapes_paint_in_their_order_with_opacity() -> None:
    got = cover(
        box(0, 0, 10, 10, opacity=0.5),
        box(5, 0, 15, 10, opacity=[ValueKey(1, 0.0), ValueKey(3, 1.0)]),
        box(0, 0, 20, 5, mode="subtract", opacity=0.5),
        frame=2,
    )
    assert got[7, 2] == 0.5
    assert got[7, 7] == 0.75
    assert got[7, 12] == 0.5
    assert got[2, 7] == 0.375
    inverted = cover(box(0, 0, 10, 10, inverted=True))
    assert (inverted[12, 12], inverted[2, 2]) == (1, 0)


def test_outside_its_life_an_open_or_a_transparent_shape_covers_nothing() -> None:
    gone = box(0, 0, 9, 9, visible=[(5, 6)])
    for shape in (gone, box(0, 0, 9, 9, closed=False), box(0, 0, 9, 9, opacity=0.0)):
        assert not cover(shape).any()
    assert cover(gone, frame=6).any()


def test_feather_is_a_ramp_outwards_or_inwards() -> None:
    row = cover(box(10, -50, 100, 50, feather=4.0))[5]
    np.testing.assert_allclose(row[5:11], [0, 0.125, 0.375, 0.625, 0.875, 1], atol=0.02)
    row = cover(box(10, -50, 100, 50, feather=-4.0))[5]
    np.testing.assert_allclose(row[9:15], [0, 0.125, 0.375, 0.625, 0.875, 1], atol=0.02)
    # From 0 at the top to 8 pixels at the bottom of the left side.
    tapered = box(10, 0, 100, 20, feather=[0.0, 0.0, 8.0, 8.0])
    got = cover(tapered)
    assert got[0, 9] < 0.1
    assert got[18, 6] == pytest.approx(1 - 3.5 / 7.4, abs=0.05)
    assert got[10, 8] == pytest.approx(1 - 1.5 / 4.2, abs=0.05)


def test_feather_of_a_shape_out_of_frame_reaches_into_it() -> None:
    got = cover(box(-30, 2, -1, 18, feather=6.0))
    assert got[10, 0] == pytest.approx(1 - 1.5 / 6, abs=0.02)
    assert not cover(box(-300, 2, -100, 18, feather=6.0)).any()


def test_a_b_spline_and_a_transform_are_those_of_the_evaluator() -> None:
    points = tuple(ControlPoint(x, y, corner=i == 1) for i, (x, y) in enumerate(
        ((5, 5), (30, 4), (33, 25), (8, 28))
    ))  # fmt: skip
    shape = Shape("s", "s", kind="bspline", keys=[Key(1, points)], feather=[0.0, 0.0, 3.0, 0.0])
    move = Transform((16, 16), [TransformKey(1), TransformKey(11, 4, 0, 90, 0.5)])
    layer = Layer("l", "hero", transform=move, shapes=[shape])
    made = document(layer, size=(40, 40))
    hard = document(Layer("l", "hero", transform=move, shapes=[shape]), size=(40, 40))
    for frame in (1, 6, 11):
        got = layer_coverage(made, layer, frame)
        inside = rasterize_layer(hard, layer, frame)
        assert (got[inside] >= 0.3).all()
        assert got.sum() > inside.sum(), "the feather is outside"


@pytest.mark.parametrize("frame", [1001, 1007.5, 1020, 1040])
def test_a_layer_is_what_its_hosts_draw(frame: float) -> None:
    """Held against the matte that the writers' files are held against, pixel centres and all."""
    fade = [ValueKey(1001, 0.3), ValueKey(1020, 1.0)]
    layer = shapes_layer(
        moving_blob("a", opacity=fade),
        moving_blob("c", mode="subtract", visible=[(1001, 1015)]),
        moving_blob("b", kind="bspline"),
        transform=TURNING,
    )
    made = shapes_document(layer)
    ours, theirs = layer_coverage(made, layer, frame), document_matte(made, frame)
    assert theirs.sum() > 1e4
    assert overlap(ours, theirs) > 0.985
    assert abs(ours.sum() - theirs.sum()) < 2e-3 * theirs.sum()


def test_what_pixels_cannot_show_is_told() -> None:
    shapes = [
        box(0, 0, 1, 1, name="open", closed=False),
        box(0, 0, 1, 1, name="blurred", motion_blur=True),
        box(0, 0, 1, 1, name="soft", feather=2.0),
        box(0, 0, 1, 1, name="plain"),
    ]
    made = document(Layer("l", "hero", shapes=shapes))
    from roto_shapes.formats import LossyReport

    report = LossyReport()
    note_losses(made, report)
    assert [note["where"] for note in report.as_list()] == [
        "hero / open",
        "hero / blurred",
        "hero / soft",
    ]


def test_a_document_becomes_id_mattes_with_later_layers_on_top(tmp_path: Path) -> None:
    made = document(
        Layer("1", "wall", shapes=[box(0, 0, 20, 20)]),
        Layer("2", "hero", ["people"], shapes=[box(4.5, 4, 12, 12)]),
        Layer("3", "empty"),
        size=(25, 21),
        pixel_aspect=2.0,
    )
    paths, report = write_cryptomatte_frames(
        made, FrameRange(-1, 1), lambda frame: tmp_path / f"c.{frame}.exr"
    )
    assert [path.name for path in paths] == ["c.-1.exr", "c.0.exr", "c.1.exr"]
    assert report.as_list() == []
    found = decode(tmp_path / "c.0.exr")
    assert list(found.manifest) == ["wall", "people/hero", "empty"]
    assert found.pixel_aspect == 2.0
    hero = layer_coverage(made, made.layers[1], 0)
    assert np.array_equal(found.matte("people/hero"), hero)
    wall = layer_coverage(made, made.layers[0], 0)
    np.testing.assert_allclose(found.matte("wall"), np.minimum(wall, 1 - hero), atol=1e-7)
    assert not found.matte("empty").any()


def test_a_document_becomes_one_layer_for_each_object(tmp_path: Path) -> None:
    made = document(
        Layer("1", "hero", shapes=[box(0, 0, 9.5, 20)]),
        Layer("2", "hero", shapes=[box(4, 4, 12, 12)]),
        Layer("3", "élan", shapes=[]),
    )
    paths, _ = write_matte_frames(made, FrameRange(1, 1), lambda frame: tmp_path / "m.exr")
    assert list(paths) == [tmp_path / "m.exr"]
    with OpenEXR.File(str(tmp_path / "m.exr"), separate_channels=True) as file:
        channels = {name: one.pixels.astype(np.float32) for name, one in file.channels().items()}
    assert sorted(channels) == ["A", "elan.A", "hero_1.A", "hero_2.A"]
    assert np.array_equal(channels["hero_1.A"], layer_coverage(made, made.layers[0], 1))
    assert np.array_equal(channels["hero_2.A"], layer_coverage(made, made.layers[1], 1))


@pytest.mark.parametrize("write", [write_cryptomatte_frames, write_matte_frames])
def test_a_document_without_objects_is_refused(tmp_path: Path, write: object) -> None:
    with pytest.raises(RotoError) as caught:
        write(document(), FrameRange(1, 1), lambda frame: tmp_path / "a.exr")  # type: ignore[operator]
    assert caught.value.code == "no_objects"
