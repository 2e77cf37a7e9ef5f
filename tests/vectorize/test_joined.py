"""An artist's key inside a stretch, and what it must not reach."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers_update import ring
from hypothesis import given
from hypothesis import strategies as st

from roto_shapes.document import Key, Layer, Shape
from roto_shapes.evaluate import points_at
from roto_worker.vectorize.update.joined import joined

RANGE = (1001, 1030)
STRETCH = (1010, 1016)


def layer_of(*keys: Key, **options) -> Layer:
    return Layer("hero", "hero", shapes=[Shape("hero.1", "hero 1", keys=list(keys), **options)])


def key(frame: int, x: float, **options) -> Key:
    return Key(frame, ring(x, 80, 30, 20, points=4), **options)


BASE = layer_of(key(1001, 50), key(1006, 60), key(1011, 65), key(1022, 90), key(1030, 90))


def edited(base: Layer, *changed: Key, without: tuple[int, ...] = ()) -> Layer:
    keys = {one.frame: one for one in base.shapes[0].keys if one.frame not in without}
    keys |= {one.frame: one for one in changed}
    shape = replace(base.shapes[0], keys=[keys[frame] for frame in sorted(keys)])
    return replace(base, shapes=[shape])


def xs(layer: Layer, frames: range) -> list[float]:
    shown = [points_at(layer.shapes[0], frame) for frame in frames]
    return [points[0].x for points in shown if points is not None]


OUTSIDE = (range(RANGE[0], STRETCH[0]), range(STRETCH[1] + 1, RANGE[1] + 1))


@pytest.mark.parametrize(
    "mine",
    [
        edited(BASE, key(1013, 120)),
        edited(BASE, key(1011, 120)),
        edited(BASE, key(1010, 10), key(1016, 10)),
        edited(BASE, without=(1011,)),
    ],
)
def test_beyond_the_stretch_all_is_as_it_was(mine):
    result = joined(BASE, mine, [STRETCH], RANGE)
    assert any(xs(mine, frames) != xs(BASE, frames) for frames in OUTSIDE)
    for frames in OUTSIDE:
        assert xs(result, frames) == pytest.approx(xs(BASE, frames), abs=1e-9)
    keys = {one.frame: one for one in result.shapes[0].keys}
    assert set(keys) == {one.frame for one in mine.shapes[0].keys} | {1009, 1017}
    assert all(keys[one.frame] is one for one in mine.shapes[0].keys)
    assert {keys[frame].origin for frame in (1009, 1017)} == {"solved"}
    # What he did inside is as he left it on his frames.
    for one in mine.shapes[0].keys:
        assert points_at(result.shapes[0], one.frame) == one.points


def test_his_keys_outside_count():
    mine = edited(BASE, key(1013, 120), key(1022, 70))
    result = joined(BASE, mine, [STRETCH], RANGE)
    expected = edited(BASE, key(1022, 70))
    for frames in OUTSIDE:
        assert xs(result, frames) == pytest.approx(xs(expected, frames), abs=1e-9)


def test_keys_that_are_there_already_stay():
    base = edited(BASE, key(1009, 55), key(1017, 95))
    mine = edited(base, key(1013, 120))
    assert joined(base, mine, [STRETCH], RANGE) == mine


@pytest.mark.parametrize("mine", [BASE, edited(BASE, key(1022, 70)), edited(BASE, key(1003, 70))])
def test_nothing_new_inside_needs_no_key(mine):
    assert joined(BASE, mine, [STRETCH], RANGE) == mine


def test_a_hold_goes_on_holding():
    base = edited(BASE, key(1006, 60, interpolation="hold"), without=(1011,))
    mine = edited(base, key(1013, 120))
    result = joined(base, mine, [STRETCH], RANGE)
    for frames in OUTSIDE:
        assert xs(result, frames) == xs(base, frames)


def test_at_the_ends_of_the_document_nothing_is_added_beyond():
    mine = edited(BASE, key(1003, 120), key(1028, 120))
    result = joined(BASE, mine, [(1001, 1004), (1024, 1030)], RANGE)
    assert [one.frame for one in result.shapes[0].keys if one not in mine.shapes[0].keys] == [
        1005,
        1023,
    ]


def test_shapes_that_are_new_or_have_other_points_are_left_alone():
    added = replace(BASE.shapes[0], id="mine", name="mine")
    other = Key(1001, ring(50, 80, 30, 20, points=6))
    for shapes in ([added], [replace(BASE.shapes[0], keys=[other])]):
        mine = replace(BASE, shapes=shapes)
        assert joined(BASE, mine, [STRETCH], RANGE) == mine


FRAMES = st.integers(*RANGE)
POSITIONS = st.floats(0, 200)


@given(
    st.dictionaries(FRAMES, st.tuples(POSITIONS, st.sampled_from(["linear", "hold"])), min_size=1),
    st.dictionaries(st.integers(1008, 1013) | st.integers(1016, 1021), POSITIONS, min_size=1),
    st.sets(FRAMES),
)
def test_whatever_he_does_inside_stays_inside(made, dragged, deleted):
    stretches = [(1008, 1013), (1016, 1021)]
    inside = {f for a, b in stretches for f in range(a, b + 1)}
    base = layer_of(*(key(f, x, interpolation=i) for f, (x, i) in sorted(made.items())))
    mine = edited(base, *(key(f, x) for f, x in dragged.items()), without=tuple(deleted & inside))
    result = joined(base, mine, stretches, RANGE)
    for frame in (f for f in range(RANGE[0], RANGE[1] + 1) if f not in inside):
        shown = range(frame, frame + 1)
        assert xs(result, shown) == pytest.approx(xs(base, shown), abs=1e-6)
