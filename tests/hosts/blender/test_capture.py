"""Real Blender: prompts made in its editors. And what the events of a capture mean, without it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hosts.blender.helpers_editor import run_case
from megaton_roto.gesture import Do, Gesture

CASES = (
    "clicks_and_boxes",
    "bad_places",
    "kept",
    "taken_back",
    "pointing",
    "with_a_mouse",
    "drawn",
)


@pytest.mark.parametrize("case", CASES)
def test_capture(case, tmp_path) -> None:
    run_case("try_capture.py", case, tmp_path)


@pytest.mark.parametrize("case", ["on_keys_and_between", "only_selected", "as_prompt"])
def test_outlines(case, tmp_path) -> None:
    run_case("try_outlines.py", case, tmp_path)


def event(kind, value="PRESS", **held):
    keys = dict.fromkeys(("ctrl", "alt", "shift", "oskey"), False)
    return SimpleNamespace(type=kind, value=value, **{**keys, **held})


def does(gesture, kind, place=(9.0, 9.0), over=True, value="PRESS", **held):
    return gesture.handle(event(kind, value, **held), place, over)


def test_a_press_is_a_click_on_it_or_beside_it() -> None:
    for held, positive in (({}, True), ({"ctrl": True}, False), ({"alt": True}, False)):
        assert does(Gesture(), "LEFTMOUSE", **held) == Do("click", (9.0, 9.0), positive=positive)
    assert does(Gesture(), "LEFTMOUSE", value="DOUBLE_CLICK").what == "swallow"
    assert does(Gesture(), "LEFTMOUSE", over=False).what == "pass"


def test_what_moves_view_and_time_is_let_through() -> None:
    for kind in ("WHEELUPMOUSE", "MIDDLEMOUSE", "LEFT_ARROW", "SPACE", "TIMER1", "NDOF_MOTION"):
        assert does(Gesture(), kind).what == "pass", kind
    for kind in ("X", "G", "TAB", "DEL", "A"):
        assert does(Gesture(), kind).what == "swallow", kind
        assert does(Gesture(), kind, over=False).what == "pass", kind


def test_it_ends_and_takes_back() -> None:
    for kind in ("ESC", "RET", "NUMPAD_ENTER", "RIGHTMOUSE"):
        assert does(Gesture(), kind).what == "end"
    assert does(Gesture(), "ESC", over=False).what == "end"
    assert does(Gesture(), "RET", over=False).what == "pass"
    assert does(Gesture(), "Z", ctrl=True).what == "undo"
    assert does(Gesture(), "Z", oskey=True).what == "undo"
    assert does(Gesture(), "Z").what == "swallow"
    assert does(Gesture(), "Z", ctrl=True, shift=True).what == "swallow"


def test_a_box_is_dragged() -> None:
    gesture = Gesture("BOX")
    assert does(gesture, "LEFTMOUSE", (10, 10)).what == "redraw"
    assert does(gesture, "MOUSEMOVE", (30, 25)).what == "redraw"
    assert (gesture.start, gesture.at) == ((10, 10), (30, 25))
    assert does(gesture, "WHEELUPMOUSE", (30, 25)).what == "swallow"
    assert does(gesture, "TIMER", (30, 25)).what == "pass"
    # The button is let go over a panel: the box ends there.
    done = does(gesture, "LEFTMOUSE", (40, 30), over=False, value="RELEASE")
    assert done == Do("box", (10, 10), (40, 30))
    assert (gesture.mode, gesture.start) == ("BOX", None)


def test_a_box_is_begun_by_a_key_once_or_by_shift() -> None:
    gesture = Gesture()
    assert does(gesture, "B").what == "redraw"
    does(gesture, "LEFTMOUSE", (10, 10))
    assert does(gesture, "LEFTMOUSE", (10, 40), value="RELEASE").what == "redraw", "too narrow"
    assert gesture.mode == "BOX"
    does(gesture, "LEFTMOUSE", (10, 10))
    assert does(gesture, "LEFTMOUSE", (20, 40), value="RELEASE").what == "box"
    assert gesture.mode == "POINTS"
    does(gesture, "LEFTMOUSE", (10, 10), shift=True)
    assert does(gesture, "ESC", (50, 50)).what == "redraw"
    assert does(gesture, "LEFTMOUSE", (50, 50), value="RELEASE").what == "swallow"
    assert does(gesture, "LEFTMOUSE", (50, 50)).what == "click"
