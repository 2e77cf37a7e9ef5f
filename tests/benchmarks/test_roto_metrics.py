"""The bench's metrics on masks and layers whose answer is known by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers_benchmarks import BOW_TIE, layer, polygon, shape

from roto import editing
from roto.editing import Material
from roto.metrics import OutlineDistances, iou, lost_parts


def block(x0: int, y0: int, x1: int, y1: int, size: tuple[int, int] = (40, 40)) -> np.ndarray:
    mask = np.zeros(size, bool)
    mask[y0:y1, x0:x1] = True
    return mask


NOTHING = np.zeros((40, 40), bool)


def test_iou_of_a_square_moved_by_half_its_width() -> None:
    assert iou(block(0, 0, 10, 10), block(5, 0, 15, 10)) == pytest.approx(50 / 150)
    assert iou(NOTHING, NOTHING) == 1.0
    assert iou(NOTHING, block(1, 1, 2, 2)) == 0.0


def test_a_grown_square_is_a_pixel_away_at_its_sides_and_more_at_its_corners() -> None:
    """Side 10 in side 14: outlines of 36 and 52 pixels, two pixels apart, corners farther."""
    away = OutlineDistances.between(block(12, 12, 22, 22), block(10, 10, 24, 24))
    assert (away.forth.size, away.back.size) == (36, 52)
    assert away.forth.tolist() == pytest.approx([2.0] * 36)
    # On each side the outer outline's middle 10 pixels face the inner one squarely.
    near = 40 / 52
    assert away.boundary_f(2) == pytest.approx(2 * near / (1 + near))
    assert away.boundary_f(1) == 0.0
    assert away.boundary_f(3) == 1.0
    assert away.hausdorff95() == pytest.approx(math.sqrt(8), abs=1e-6)


def test_frame_edge_is_no_outline() -> None:
    """A half-plane has one side only; the same one pixel on lies within one pixel everywhere."""
    away = OutlineDistances.between(block(0, 0, 20, 40), block(0, 0, 21, 40))
    assert away.forth.size == away.back.size == 40
    assert away.boundary_f(1) == 1.0
    assert away.boundary_f(0.5) == 0.0


def test_distances_to_nothing() -> None:
    both, one = OutlineDistances.between(NOTHING, NOTHING), block(5, 5, 9, 9)
    assert (both.boundary_f(2), both.hausdorff95()) == (1.0, 0.0)
    missed = OutlineDistances.between(one, NOTHING)
    assert (missed.boundary_f(2), missed.hausdorff95()) == (0.0, math.inf)
    invented = OutlineDistances.between(NOTHING, one)
    assert (invented.boundary_f(2), invented.hausdorff95()) == (0.0, math.inf)


def test_hausdorff_ignores_the_worst_twentieth_only() -> None:
    """A spike of 2 pixels on an outline of some 70 is forgiven, one of 12 is not."""
    square = block(10, 10, 28, 28)
    short, long = square.copy(), square.copy()
    short[8:10, 20] = True
    long[0:10, 20] = True
    assert OutlineDistances.between(square, short).hausdorff95() <= 1.0
    assert OutlineDistances.between(square, long).hausdorff95() > 1.0


def test_a_part_is_lost_below_half_its_pixels() -> None:
    truth = block(0, 0, 20, 10) | block(30, 30, 34, 32)
    assert lost_parts(truth, truth) == 0
    assert lost_parts(truth, block(0, 0, 20, 10)) == 1
    assert lost_parts(truth, block(0, 0, 20, 10) | block(30, 30, 32, 32)) == 0
    assert lost_parts(truth, block(0, 0, 20, 10) | block(30, 30, 33, 31)) == 1
    assert lost_parts(truth, NOTHING) == 2
    assert lost_parts(NOTHING, truth) == 0


def test_crumbs_below_a_hundredth_are_not_parts() -> None:
    crumb = block(39, 39, 40, 40)
    assert lost_parts(block(0, 0, 20, 5) | crumb, block(0, 0, 20, 5)) == 0  # 1 of 101
    assert lost_parts(block(0, 0, 11, 9) | crumb, block(0, 0, 11, 9)) == 1  # 1 of 100


def test_parts_hang_together_by_corners() -> None:
    truth = block(0, 0, 10, 10) | block(10, 10, 13, 13)
    assert lost_parts(truth, block(0, 0, 10, 10)) == 0


def test_edit_cost_counts_every_transform_key_once() -> None:
    one = shape({1: polygon(), 5: polygon(dx=3)})
    two = shape({1: polygon()[:3], 3: polygon()[:3], 9: polygon()[:3]})
    made = layer(one, two, moves={1: (0, 0), 4: (1, 0)})
    assert editing.point_count(made) == 7
    assert editing.key_count(made) == 7
    assert editing.edit_cost(made) == 4 * 2 + 3 * 3 + 2
    assert editing.transform_keys(made) == 2
    assert editing.keyed_frames(made) == 4  # 1, 3, 5, 9; not 4, where the layer alone is keyed


def test_lives_are_counted_with_their_interruptions() -> None:
    blinking = shape({1: polygon()}, visible=[(1, 3), (6, 8)])
    short = shape({1: polygon()}, visible=[(3, 4)])
    assert editing.lives(layer(blinking, short), range(1, 9)) == (3, 2)
    assert editing.lives(layer(), range(1, 9)) == (0, 0)


def test_jitter_is_the_second_difference_in_plate_space() -> None:
    """The layer goes 0, 3, 3 in x while the shape goes 0, 4, 8 in y."""
    made = layer(shape({1: polygon(), 3: polygon(dy=8)}), moves={1: (0, 0), 2: (3, 0), 3: (3, 0)})
    assert editing.motion(made, [1, 2, 3]).jitter == pytest.approx(3.0)


def test_jitter_knows_no_jump_over_an_absence() -> None:
    blink = shape(
        {f: polygon(dx=50.0 * (f > 3)) for f in (1, 2, 3, 6, 7, 8)}, visible=[(1, 3), (6, 8)]
    )
    assert editing.motion(layer(blink), range(1, 9)).jitter == 0.0


def test_shape_of_two_frames_has_no_jitter() -> None:
    assert editing.motion(layer(shape({1: polygon()})), [1, 2]).jitter is None


def spots(places: np.ndarray, tangents: tuple[float, float]) -> Material:
    """All spots visible, with one tangent."""
    direction = np.broadcast_to(np.array(tangents), places.shape).copy()
    return Material(places, direction, np.ones(places.shape[:2], bool))


def test_slip_is_drift_along_the_outline_from_the_middle_frame() -> None:
    """The points move right by 2 px a frame, the material by 3, its outline runs along x."""
    made = layer(shape({1: polygon(), 3: polygon(dx=4)}))
    corners = np.array([(p.x, p.y) for p in polygon(dx=2)])
    places = np.stack([corners + np.array([3, 7]) * step for step in (-1, 0, 1)])
    found = editing.motion(made, [1, 2, 3], spots(places, (1, 0)))
    assert found.slip == pytest.approx(1.0)
    across = editing.motion(made, [1, 2, 3], spots(places, (0, 1)))
    assert across.slip == pytest.approx(7.0)
    assert found.true == pytest.approx(0.0)


def test_slip_counts_visible_spots_only() -> None:
    made = layer(shape({1: polygon()}))
    corners = np.array([(p.x, p.y) for p in polygon()])
    material = spots(np.stack([corners, corners, corners + np.array([5, 0])]), (1, 0))
    assert editing.motion(made, [1, 2, 3], material).slip == pytest.approx(2.5)
    material.visible[2] = False
    assert editing.motion(made, [1, 2, 3], material).slip == 0.0


def test_points_far_from_all_material_do_not_slip() -> None:
    made = layer(shape({1: polygon()}))
    material = spots(np.full((3, 2, 2), 500.0), (1, 0))
    assert editing.motion(made, [1, 2, 3], material).slip is None


def test_true_motion_leaves_out_frames_without_the_spot() -> None:
    made = layer(shape({1: polygon()}))
    corners = np.array([(p.x, p.y) for p in polygon()])
    places = np.repeat(corners[None], 5, axis=0)
    places[0] = np.nan
    material = spots(places, (1, 0))
    material.visible[0] = False
    assert editing.motion(made, range(1, 6), material).true == 0.0


def test_chatter_is_the_deviation_of_a_side_that_should_stand_still() -> None:
    """The top side is at y = 0, 2, 0, 2: its distance to a spot on y = 0 deviates by 1."""
    keys = {f: polygon(dy=0.0 if f % 2 else 2.0) for f in (1, 2, 3, 4)}
    places = np.full((4, 1, 2), 5.0)
    places[..., 1] = 0.0
    made = layer(shape(keys))
    assert editing.chatter(made, range(1, 5), spots(places, (1, 0))) == pytest.approx(1.0)
    places[:, 0, 0] += np.arange(4)
    assert editing.chatter(made, range(1, 5), spots(places, (1, 0))) is None


def test_a_bow_tie_crosses_itself() -> None:
    """Half of the four (shape, frame) outlines are tied."""
    tied, plain = shape({1: polygon(BOW_TIE)}), shape({1: polygon()})
    assert editing.self_intersections(layer(tied, plain), [1, 2]) == 0.5
    assert editing.self_intersections(layer(plain), [1, 2]) == 0.0


def test_a_handle_too_long_ties_a_loop() -> None:
    calm = polygon()
    wild = (calm[0]._replace(out_dx=30.0, out_dy=-20.0), calm[1]._replace(in_dx=-30.0, in_dy=-20.0))
    looped = shape({1: (*wild, *calm[2:])})
    assert editing.self_intersections(layer(looped), [1]) == 1.0


def test_touching_ends_are_no_crossing() -> None:
    assert not editing.crosses_itself(np.array([[0.0, 0], [4, 0], [4, 4], [0, 0], [-4, 4]]))
    assert editing.crosses_itself(np.array([[0.0, 0], [4, 4], [4, 0], [0, 4]]))
