"""Whole matte sequences into shapes: every frame covered, few keys, honest errors."""

from __future__ import annotations

import numpy as np
import pytest
from helpers_vectorize import (
    HEIGHT,
    WIDTH,
    as_document,
    box,
    circle,
    draw,
    lobed,
    overlaps,
    solve,
)

from roto_shapes.document import dumps, loads
from roto_shapes.errors import RotoError
from roto_worker.vectorize import vectorize
from roto_worker.vectorize.outline.raster import fill
from roto_worker.vectorize.settings import Settings

FRAMES = list(range(1001, 1025))


def turning(f: float) -> list[np.ndarray]:
    return [lobed(100 + 1.5 * (f - 1001), 80, 45, 0.03 * (f - 1001))]


def leaving(f: float) -> list[np.ndarray]:
    return [circle(120 + 7 * (f - 1001), 80, 40)]


def opening(f: float) -> list[np.ndarray]:
    hole = [circle(100, 80, 3 + 1.2 * (f - 1010))[::-1]] if f >= 1010 else []
    return [circle(100, 80, 50), *hole]


def splitting(f: float) -> list[np.ndarray]:
    return [circle(110 - 3 * (f - 1001), 80, 30), circle(110 + 3 * (f - 1001), 80, 30)]


def merging(f: float) -> list[np.ndarray]:
    return splitting(2025 - f)


def island(f: float) -> list[np.ndarray]:
    return [circle(100, 80, 60), circle(100, 80, 40)[::-1], circle(88 + f - 1001, 80, 15)]


@pytest.mark.parametrize("soft", [True, False])
@pytest.mark.parametrize(
    ("scene", "mean", "least", "shapes"),
    [
        (turning, 0.98, 0.965, 1),
        (leaving, 0.98, 0.87, 1),
        (opening, 0.995, 0.99, 2),
        (splitting, 0.985, 0.96, 2),
        (merging, 0.985, 0.96, 2),
        (island, 0.995, 0.99, 3),
    ],
)
def test_shapes_cover_what_the_mattes_show(scene, mean, least, shapes, soft):
    result = solve(scene, FRAMES, soft=soft)
    found = overlaps(result, scene, FRAMES)
    assert np.mean(found) > mean
    assert min(found) > least
    # A figure of eight that falls apart may also end its life and start a new one.
    lost = len(result.report["not_followed"])
    assert len(result.shapes) == shapes + lost
    assert lost <= (scene in {splitting, merging})
    assert all(entry["keys"] <= 8 for entry in result.report["shapes"])
    assert result.report["iou_mean"] == pytest.approx(np.mean(found), abs=0.01)


def test_in_betweens_are_right_too():
    """Solved from every second frame, compared on the frames in between."""
    result = solve(turning, FRAMES[::2])
    assert min(overlaps(result, turning, FRAMES[1:-1:2])) > 0.97
    assert min(overlaps(result, turning, [f + 0.5 for f in FRAMES[:-2]])) > 0.97


def test_keys_are_fewer_than_frames_and_points_few():
    report = solve(turning, FRAMES).report
    assert report["keys"] <= 6
    assert report["points"] <= 14


def test_still_life_needs_one_key():
    report = solve(lambda _: [circle(100, 80, 40)], FRAMES).report
    assert (report["points"], report["keys"]) == (4, 1)


def test_a_smaller_tolerance_follows_closer():
    loose, tight = (solve(turning, FRAMES, tolerance=t) for t in (3.0, 0.4))
    assert tight.report["shapes"][0]["mean_error"] < 0.9 * loose.report["shapes"][0]["mean_error"]
    assert tight.report["edit_cost"] > loose.report["edit_cost"]
    assert tight.report["edit_cost"] > loose.report["edit_cost"]


def test_the_same_mattes_give_the_same_bytes():
    one, two = (dumps(as_document(solve(splitting, FRAMES), FRAMES)) for _ in range(2))
    assert one == two


def test_the_result_is_a_valid_document_with_constant_points():
    result = solve(splitting, FRAMES)
    document = loads(dumps(as_document(result, FRAMES)))
    for shape in document.layers[0].shapes:
        assert len({len(key.points) for key in shape.keys}) == 1
        (span,) = shape.visible
        assert span[0] <= shape.keys[0].frame
        assert shape.keys[-1].frame <= span[1]


def test_holes_are_cut_and_islands_lie_on_top():
    modes = [shape.mode for shape in solve(island, FRAMES).shapes]
    assert modes == ["add", "subtract", "add"]


def test_shapes_live_only_where_their_region_does():
    result = solve(lambda f: [circle(100, 80, 30)] if 1005 <= f <= 1012 else [], FRAMES)
    (shape,) = result.shapes
    assert shape.visible == [(1005, 1012)]


def test_an_object_on_one_frame_only():
    result = solve(lambda f: [circle(100, 80, 30)] if f == 1010 else [], FRAMES)
    (shape,) = result.shapes
    assert shape.visible == [(1010, 1010)]
    assert [key.frame for key in shape.keys] == [1010]
    assert result.report["iou_min"] > 0.98


@pytest.mark.parametrize(
    ("thing", "least"),
    [
        (box(50, 60, 51, 61), 1.0),
        (box(-10, -10, 500, 500), 1.0),
        (box(0, 70, 240, 72), 0.95),
        (circle(0, 0, 70), 0.98),
        (box(20, 70, 200, 71), 0.95),
    ],
    ids=["one pixel", "whole frame", "across the frame", "in the corner", "a line one pixel thin"],
)
@pytest.mark.parametrize("soft", [True, False])
def test_awkward_objects(thing, least, soft):
    result = solve(lambda _: [thing], FRAMES[:6], soft=soft)
    assert min(overlaps(result, lambda _: [thing], FRAMES[:6])) >= least


def test_an_l_is_neither_mirrored_nor_shifted():
    shape = np.array([[40, 30], [60, 30], [60, 100], [120, 100], [120, 120], [40, 120]], float)
    result = solve(lambda _: [shape], FRAMES[:4])
    assert min(overlaps(result, lambda _: [shape], FRAMES[:4])) > 0.99
    (key,) = result.shapes[0].keys
    for x, y in shape:
        assert min(np.hypot(p.x - x, p.y - y) for p in key.points) < 4.5


@pytest.mark.parametrize("shift", [0.0, 0.25, 0.5])
def test_positions_are_sub_pixel(shift):
    result = solve(lambda _: [circle(100 + shift, 80, 40)], FRAMES[:3])
    points = np.array([(p.x, p.y) for p in result.shapes[0].keys[0].points])
    np.testing.assert_allclose(np.hypot(*(points - [100 + shift, 80]).T), 40, atol=0.1)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint16, np.float32, np.float64])
def test_mattes_of_every_usual_type_mean_the_same(dtype):
    alpha = fill([circle(100, 80, 40)], WIDTH, HEIGHT)
    full = 1 if dtype in {bool, np.float32, np.float64} else np.iinfo(dtype).max
    matte = (alpha * full).astype(dtype)
    result = vectorize({1: matte}, [1], width=WIDTH, height=HEIGHT)
    assert result.report["iou_mean"] > 0.99


def test_small_fragments_are_dropped_and_counted():
    def scene(f):
        return [circle(100, 80, 30), box(200, 20, 201, 21)] if f == 1003 else [circle(100, 80, 30)]

    report = solve(scene, FRAMES[:5], ignored_area=4.0).report
    assert report["dropped"]["count"] == 1
    assert len(report["shapes"]) == 1


def test_every_matte_is_asked_for_twice_in_order_and_not_kept():
    asked, alive = [], []

    class Counted(np.ndarray):
        def __del__(self):
            alive.remove(id(self))

    def read(frame):
        asked.append(frame)
        matte = draw([circle(100, 80, 30)]).view(Counted)
        alive.append(id(matte))
        assert len(alive) <= 2
        return matte

    vectorize(read, FRAMES, width=WIDTH, height=HEIGHT)
    assert asked == FRAMES * 2


def test_progress_never_falls_and_can_stop_the_work():
    steps = []

    def progress(done, total, message):
        assert message
        steps.append((done, total))
        if done > 30:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        solve(turning, FRAMES, progress=progress)
    assert steps == sorted(steps)
    assert {total for _, total in steps} == {2 * len(FRAMES)}


@pytest.mark.parametrize(
    ("mattes", "frames", "code"),
    [
        ({}, [], "empty_result"),
        ({1: np.zeros((4, 6))}, [1], "empty_result"),
        ({1: np.ones((4, 6)), 2: np.ones((4, 7))}, [1, 2], "bad_matte"),
        ({1: np.ones((4, 6, 3))}, [1], "bad_matte"),
        ({1: np.full((4, 6), np.nan)}, [1], "bad_matte"),
        ({1: np.ones((4, 6)), 2: np.ones((4, 6))}, [2, 1], "bad_range"),
    ],
)
def test_bad_input_gets_a_clear_error(mattes, frames, code):
    with pytest.raises(RotoError) as caught:
        vectorize(mattes, frames, width=6, height=4)
    assert caught.value.code == code
    assert caught.value.message


@pytest.mark.parametrize("tolerance", [0.0, -1.0, float("nan")])
def test_a_tolerance_must_be_positive(tolerance):
    with pytest.raises(RotoError) as caught:
        Settings(tolerance=tolerance)
    assert caught.value.code == "bad_request"


def test_the_report_says_where_the_tolerance_is_not_kept():
    kept, missed = (
        solve(turning, FRAMES, most_points=most).report["shapes"][0] for most in (64, 4)
    )
    assert kept["beyond_tolerance"] == 0
    assert missed["beyond_tolerance"] == len(FRAMES)
    assert missed["mean_error"] > 1 > kept["mean_error"]
