"""Clicks and boxes in the panel's picture, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from megaton_roto_silhouette.capture import Capture, View
from megaton_roto_silhouette.captured import prompts_of, with_prompts
from megaton_roto_silhouette.outgoing import merged
from megaton_roto_silhouette.picture import picture_of, why_not
from roto_client.api.request import ObjectPrompts
from roto_shapes.model import ControlPoint
from roto_shapes.outlines import Outline
from roto_shapes.prompts import Click, FramePrompt

VIEW = View(1920, 1080, 1.0, 960, 540)


def test_fitted_picture() -> None:
    assert VIEW.to_plate((0, 0)) == (0, 0)
    assert VIEW.to_plate((480, 270)) == (960, 540)
    tall = VIEW.resized(960, 1080)
    assert tall.to_view((0, 0)) == (0, 270)
    wide = View(720, 576, 2.0, 1440, 576)
    assert wide.scale == (2.0, 1.0)
    assert wide.to_plate((720, 288)) == (360, 288)


@given(
    st.integers(1, 4000), st.integers(1, 4000), st.floats(0.5, 2.5),
    st.lists(st.tuples(st.floats(0.5, 2.0), st.integers(0, 700), st.integers(0, 700)), max_size=5),
    st.floats(-100, 5000), st.floats(-100, 5000),
)  # fmt: skip
def test_there_and_back_under_zoom_and_pan(width, height, aspect, zooms, x, y) -> None:
    view = View(width, height, aspect, 700, 500)
    for factor, at_x, at_y in zooms:
        held = view.to_plate((at_x, at_y))
        view = view.zoomed(factor, (at_x, at_y)).moved(3.5, -2.0)
        assert view.moved(-3.5, 2.0).to_plate((at_x, at_y)) == pytest.approx(
            held, abs=1e-4, rel=1e-6
        )
    assert view.to_plate(view.to_view((x, y))) == pytest.approx((x, y), abs=1e-4, rel=1e-6)


def test_clicks() -> None:
    capture = Capture(current="hero", frame=1001)
    assert capture.click(VIEW, (480, 270), True)
    assert capture.click(VIEW, (10, 10), False)
    assert not capture.click(VIEW.moved(300, 0), (10, 10), True), "beside the picture"
    assert capture.prompt() == FramePrompt(
        1001, points=(Click(960, 540, True), Click(20, 20, False))
    )
    assert capture.click(VIEW, (12, 12), True), "a click on a click takes it away"
    assert capture.prompt() == FramePrompt(1001, points=(Click(960, 540, True),))
    capture.clear()
    assert capture.objects == {}


def test_boxes_are_cut_at_the_edges() -> None:
    capture = Capture(current="hero", frame=1001)
    assert not capture.box(VIEW, (10, 10), (12, 200)), "a slip of the hand"
    assert not capture.box(VIEW.moved(0, 600), (10, 10), (100, 100)), "outside"
    assert capture.box(VIEW, (200, 300), (-50, 100))
    assert capture.prompt() == FramePrompt(1001, box=(0, 200, 400, 600))
    capture.click(VIEW, (100, 200), True)
    assert capture.prompt().box is not None
    capture.absent(True)
    assert capture.prompt() == FramePrompt(1001, absent=True)
    capture.click(VIEW, (100, 200), True)
    assert not capture.prompt().absent
    assert capture.frames() == {"hero": [1001]}


def test_kept_in_the_node() -> None:
    capture = Capture(current="hero", frame=1004)
    capture.click(VIEW, (480, 270), True)
    capture.frame = 1001
    capture.box(VIEW, (10, 10), (50, 60))
    note = with_prompts({"jobs": [{"id": "a"}]}, capture.objects)
    assert note["jobs"] == [{"id": "a"}]
    assert prompts_of(note) == capture.objects
    note["objects"]["hero"].append({"frame": 1, "what": "a newer build's"})
    assert prompts_of(note) == capture.objects
    assert prompts_of({"objects": "?"}) == {}


def test_drawn_and_clicked_prompts_of_an_object() -> None:
    outline = Outline((ControlPoint(0, 0), ControlPoint(9, 0), ControlPoint(0, 9)))
    drawn = ObjectPrompts(
        "hero", (FramePrompt(1001, outline=(outline,)), FramePrompt(1003, box=(0, 0, 9, 9)))
    )
    clicked = {
        "hero": [
            FramePrompt(1001, points=(Click(1, 1),)),
            FramePrompt(1002, points=(Click(2, 2),)),
            FramePrompt(1003, absent=True),
        ],
        "prop": [FramePrompt(1001, points=(Click(5, 5),))],
    }
    hero, prop = merged([drawn], clicked)
    assert hero.prompts == (
        FramePrompt(1001, points=(Click(1, 1),), outline=(outline,)),
        FramePrompt(1002, points=(Click(2, 2),)),
        FramePrompt(1003, absent=True),
    )
    assert (prop.name, len(prop.prompts)) == ("prop", 1)


def test_pictures(tmp_path: Path) -> None:
    (tmp_path / "a.1001.png").write_bytes(b"x")
    pattern = str(tmp_path / "a.%04d.png")
    assert picture_of(pattern, 1001) == tmp_path / "a.1001.png"
    assert picture_of(str(tmp_path / "a.1001.png"), 1001) == tmp_path / "a.1001.png"
    assert picture_of(pattern, 1002) is None
    assert "frame 1002" in why_not(pattern, 1002)
    assert picture_of("/p/a.%04d.exr", 1001) is None
    assert why_not("/p/a.%04d.exr", 1001).startswith("EXR cannot be shown here")
