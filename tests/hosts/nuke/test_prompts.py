"""What the knobs say, as prompts in plate pixels with y down."""

from __future__ import annotations

from typing import Any

import pytest
from artist import Curves
from helpers_script import plate, roto_under

from roto_shapes.evaluate import outline_at
from roto_shapes.model import Key, Shape
from roto_shapes.prompts import Click
from shapes.helpers_shapes import SLIDING, document, l_points, layer


@pytest.fixture
def roto(nuke: Any) -> Any:
    return roto_under(plate(nuke, "/show/plate.%04d.exr", (1001, 1040), size=(1920, 1080)))


def said(roto: Any, **where: Any) -> Any:
    from megaton_roto_nuke.prompts import said

    return said(roto, 1080, **where)


def test_y_is_turned_over_and_frames_are_kept(nuke: Any, roto: Any) -> None:
    roto.place_point(1, 100.5, 1000.25, True, 1001)
    roto.place_point(1, 7.0, 8.0, False, 1001)
    roto.place_box(1, [10.0, 20.0, 110.0, 220.0], 1005)
    roto.mark_absent(1, 1009)
    (one,) = said(roto)
    assert one.name == "object1"
    first, second, third = one.prompts
    assert first.points == (Click(100.5, 79.75, True), Click(7.0, 1072.0, False))
    assert (second.frame, second.box) == (1005, (10.0, 860.0, 110.0, 1060.0))
    assert (third.frame, third.absent) == (1009, True)


def test_a_box_drawn_the_wrong_way_round(nuke: Any, roto: Any) -> None:
    roto.place_box(1, [110.0, 220.0, 10.0, 20.0], 1005)
    assert said(roto)[0].prompts[0].box == (10.0, 860.0, 110.0, 1060.0)


def test_a_handle_moved_on_another_frame_is_a_prompt_there(nuke: Any, roto: Any) -> None:
    roto.place_point(1, 100.0, 200.0, True, 1001)
    # Dragging in the viewer keys the channels that changed.
    roto.node["mr1_pos1"].setValueAt(150.0, 1010, 0)
    frames = [(prompt.frame, prompt.points[0][:2]) for prompt in said(roto)[0].prompts]
    assert frames == [(1001, (100.0, 880.0)), (1010, (150.0, 880.0))]


def test_only_what_is_said_on_a_frame(nuke: Any, roto: Any) -> None:
    roto.place_point(1, 100.0, 200.0, True, 1001)
    key = roto.add_object("other")
    roto.place_point(key, 100.0, 200.0, True, 1002)
    assert [one.name for one in said(roto, only_frame=1002)] == ["other"]


def test_switched_off_and_silent_objects_are_left_out(nuke: Any, roto: Any) -> None:
    roto.place_point(1, 100.0, 200.0, True, 1001)
    roto.add_object("silent")
    assert [one.name for one in said(roto)] == ["object1"]
    roto.node["mr1_on"].setValue(False)
    assert said(roto) == []


def test_ranges_and_colours(nuke: Any, roto: Any) -> None:
    roto.place_point(1, 100.0, 200.0, True, 1001)
    roto.node["mr1_frames"].setValue("1001-1020")
    roto.node["mr1_color"].setValue([0.5, 2.0, -1.0])
    (one,) = said(roto)
    assert one.frame_range == (1001, 1020)
    assert one.color == (0.5, 1.0, 0.0)


def test_what_cannot_be_meant(nuke: Any, roto: Any) -> None:
    from megaton_roto_nuke.errors import NodeError

    roto.place_point(1, 100.0, 200.0, True, 1001)
    roto.node["mr1_pos1"].setValueAt(150.0, 1010.5, 0)
    with pytest.raises(NodeError, match=r"1010\.5"):
        said(roto)
    roto.node["mr1_pos1"].removeKeyAt(1010.5)
    roto.node["mr1_pos1"].setExpression("Tracker1.x", 0)
    with pytest.raises(NodeError, match="expression"):
        said(roto)


def test_two_objects_of_one_name(nuke: Any, roto: Any) -> None:
    from megaton_roto_nuke.errors import NodeError

    roto.place_point(1, 100.0, 200.0, True, 1001)
    key = roto.add_object("other")
    roto.place_point(key, 100.0, 200.0, True, 1002)
    roto.node[f"mr{key}_name"].setValue("object1")
    with pytest.raises(NodeError, match="Two objects"):
        said(roto)


# -- shapes as prompts


@pytest.fixture
def drawn(nuke: Any, roto: Any) -> Any:
    """A selected Roto node under the plate with two shapes in a moving layer."""
    from megaton_roto_nuke.written import write_shapes

    shapes = [
        Shape("a", "left", keys=[Key(1001, l_points()), Key(1040, l_points(60.0, 10.0))]),
        Shape("b", "right", keys=[Key(1001, l_points(400.0, 300.0))]),
    ]
    base = document(layer(*shapes, transform=SLIDING, name="drawn"))
    node = nuke.createNode("Roto")
    node.setInput(0, roto.node.input(0))
    node["curves"].fromScript(write_shapes(base, 0, "Roto1").curves)
    return base, node


def prompts_of(roto: Any, frame: int) -> Any:
    from megaton_roto_nuke.shape_prompts import outlines_on, selected_roto

    roto.place_outlines(1, frame, outlines_on(selected_roto(roto), frame, 1920, 1080))
    (one,) = said(roto, only_frame=frame)
    return one.prompts[0].outline


def test_selected_shapes_are_outlines_where_they_are_seen(nuke: Any, roto: Any, drawn: Any) -> None:
    base, node = drawn
    node["curves"]._picked = ["left"]
    (outline,) = prompts_of(roto, 1020)
    there = outline_at(base.layers[0], base.layers[0].shapes[0], 1020)
    for point, wanted in zip(outline.points, there, strict=True):
        assert point[:6] == pytest.approx(wanted[:6], abs=1e-3)


@pytest.mark.parametrize(("picked", "count"), [([], 2), (["drawn"], 2), (["right"], 1)])
def test_nothing_picked_is_everything(
    nuke: Any, roto: Any, drawn: Any, picked: list[str], count: int
) -> None:
    drawn[1]["curves"]._picked = picked
    assert len(prompts_of(roto, 1001)) == count


def test_shapes_that_show_nothing(nuke: Any, roto: Any, drawn: Any) -> None:
    from megaton_roto_nuke.errors import NodeError
    from megaton_roto_nuke.shape_prompts import selected_roto

    curves = Curves(drawn[1])
    curves.remove("left")
    curves.remove("right")
    curves.done()
    with pytest.raises(NodeError, match="no closed shape"):
        prompts_of(roto, 1001)
    drawn[1].setSelected(False)
    with pytest.raises(NodeError, match="No Roto node"):
        selected_roto(roto)
