"""Where plate pixels are in a widget, without any widget."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roto_client.hosts.qt.view import LEAST, MOST, View

PLACES = st.tuples(st.floats(-50, 900), st.floats(-50, 700))
VIEWS = st.builds(
    View,
    width=st.integers(1, 8192),
    height=st.integers(1, 8192),
    pixel_aspect=st.sampled_from([0.5, 1.0, 1.0666, 2.0]),
    across=st.integers(160, 3000),
    down=st.integers(120, 2000),
    scale=st.floats(LEAST, MOST),
    left=st.floats(-4000, 3000),
    top=st.floats(-4000, 2000),
)


@given(VIEWS, PLACES)
def test_to_the_plate_and_back(view: View, at: tuple[float, float]) -> None:
    assert view.to_view(view.to_plate(at)) == pytest.approx(at, abs=1e-6)


@given(VIEWS, PLACES, st.floats(0.1, 10))
def test_zooming_holds_what_is_under_the_pointer(
    view: View, at: tuple[float, float], factor: float
) -> None:
    zoomed = view.zoomed(factor, at)
    sx, sy = zoomed.scales
    # Held, unless the plate had to be kept in sight.
    kept_x = zoomed.left not in (view.across - 32.0, 32.0 - view.width * sx)
    kept_y = zoomed.top not in (view.down - 32.0, 32.0 - view.height * sy)
    before, after = view.to_plate(at), zoomed.to_plate(at)
    if kept_x:
        assert after[0] * sx == pytest.approx(before[0] * sx, abs=1e-6)
    if kept_y:
        assert after[1] * sy == pytest.approx(before[1] * sy, abs=1e-6)


@given(VIEWS, st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_the_plate_cannot_be_pushed_out_of_sight(view: View, dx: float, dy: float) -> None:
    moved = view.moved(dx, dy)
    sx, sy = moved.scales
    assert moved.left <= view.across - 32 or moved.left + view.width * sx <= 32 + 1e-6
    assert moved.left + view.width * sx >= 32 - 1e-6
    assert moved.top + view.height * sy >= 32 - 1e-6


def test_fitting_an_anamorphic_plate_uses_its_width_on_the_screen() -> None:
    view = View(2048, 1716, 2.0, 1016, 800).fitted(8.0)
    assert view.scale == pytest.approx(1000 / 4096)
    assert view.left == pytest.approx(8.0)
    assert view.to_view((2048, 858)) == pytest.approx((1008.0, 400.0))


def test_another_widget_size_keeps_the_middle() -> None:
    view = View(1920, 1080, 1.0, 640, 360).fitted().zoomed(5, (100, 80))
    middle = view.to_plate((320, 180))
    bigger = view.resized(900, 700)
    assert bigger.to_plate((450, 350)) == pytest.approx(middle)
