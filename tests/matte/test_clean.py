"""Specks and pinholes, on logits with the soft skirts an engine gives them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from helpers_matte import Plane, sigmoid

from roto_worker.matte.clean import clean

HEIGHT, WIDTH = 360, 640


def blob(x: float, y: float, radius: float, slope: float = 0.6) -> Plane:
    """Logits of a disc: ``slope`` per pixel, within +-8."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32) + 0.5
    return np.clip(slope * (radius - np.hypot(columns - x, rows - y)), -8, 8)


def union(*parts: Plane) -> Plane:
    return np.maximum.reduce(parts)


def with_hole(body: Plane, hole: Plane) -> Plane:
    return np.minimum(body, -hole)


BODY = blob(320, 180, 100)


def steepest(logits: Plane) -> float:
    return float(max(np.abs(np.diff(logits, axis=axis)).max() for axis in (0, 1)))


def test_nothing_small_nothing_done() -> None:
    cleaned = clean(union(BODY, blob(100, 100, 30)))
    assert np.array_equal(cleaned, union(BODY, blob(100, 100, 30)))


@pytest.mark.parametrize("x", [60.0, 197.0, 208.0])
def test_a_speck_goes_and_leaves_nothing_behind(x: float) -> None:
    """Far from the body, near it, and nearly touching it."""
    dirty = union(BODY, blob(x, 180, 3))
    assert cv2.connectedComponents((dirty > 0).astype(np.uint8))[0] == 3
    cleaned = clean(dirty)
    assert np.array_equal(cleaned > 0, BODY > 0)
    assert np.abs(sigmoid(cleaned) - sigmoid(BODY)).max() < (0.15 if x < 200 else 0.35)
    assert steepest(cleaned) < 4 * steepest(BODY)


def test_a_pinhole_is_filled() -> None:
    dirty = with_hole(BODY, blob(330, 200, 3))
    cleaned = clean(dirty)
    assert np.array_equal(cleaned > 0, BODY > 0)
    assert sigmoid(cleaned)[170:230, 300:360].min() > 0.97


def test_many_at_once_and_on_both_sides() -> None:
    rng = np.random.default_rng(3)
    dirty = BODY
    for x, y in rng.uniform((20, 20), (200, 340), (12, 2)):
        dirty = union(dirty, blob(x, y, 2.5))
    for x, y in rng.uniform((270, 130), (370, 230), (9, 2)):
        dirty = with_hole(dirty, blob(x, y, 2.5))
    assert np.array_equal(clean(dirty) > 0, BODY > 0)


def test_real_parts_and_real_holes_stay() -> None:
    ring = with_hole(BODY, blob(320, 180, 40))
    both = union(ring, blob(520, 90, 20))
    assert np.array_equal(clean(both), both)


def test_the_object_stays_however_small_it_is() -> None:
    speck = blob(100, 100, 2)
    assert np.array_equal(clean(speck), speck)


def test_what_the_artist_clicked_on_stays() -> None:
    speck, hole = blob(60.5, 180.5, 3), blob(330.5, 200.5, 3)
    dirty = with_hole(union(BODY, speck), hole)
    kept = clean(dirty, inside=[(60.5, 180.5)], outside=[(330.5, 200.5)])
    assert np.array_equal(kept, dirty)
    assert not np.array_equal(clean(dirty, inside=[(500.0, 20.0)]), dirty)


def test_a_part_coming_in_through_the_frame_stays_longer() -> None:
    """The same area is a speck in the picture and an arriving arm at its border."""
    inside, entering = blob(40, 180, 5), blob(0, 180, 6)
    sizes = [np.minimum(np.abs(one) / 4, 1)[one > 0].sum() for one in (inside, entering)]
    assert sizes[1] < 1.2 * sizes[0]
    assert np.array_equal(clean(union(BODY, inside)) > 0, BODY > 0)
    assert np.array_equal(clean(union(BODY, entering)), union(BODY, entering))


@pytest.mark.parametrize("value", [-8.0, 8.0])
def test_empty_and_full(value: float) -> None:
    flat = np.full((HEIGHT, WIDTH), value, np.float32)
    assert np.array_equal(clean(flat), flat)


def test_the_input_is_not_changed_and_the_answer_is_always_the_same() -> None:
    dirty = with_hole(union(BODY, blob(60, 180, 3)), blob(330, 200, 3))
    before = dirty.copy()
    assert np.array_equal(clean(dirty), clean(dirty))
    assert np.array_equal(dirty, before)
    assert clean(dirty).dtype == np.float32
