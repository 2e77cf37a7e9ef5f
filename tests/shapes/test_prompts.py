"""Prompts: their JSON form, and the rules against a plate."""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import roto_client.contract
from roto_shapes.errors import PromptError, RangeError
from roto_shapes.prompts import Click, FramePrompt, check_prompts, object_range

PNG = b"\x89PNG\r\n\x1a\n rest"
PNG64 = base64.b64encode(PNG).decode()
HERE = FramePrompt(1001, (Click(10.0, 20.0, True),))


def contract_prompt():
    folder = Path(roto_client.contract.__file__).parent
    return json.loads((folder / "task.schema.json").read_text())["$defs"]["prompt"]


@st.composite
def prompts(draw):
    if draw(st.booleans()):
        return FramePrompt(draw(st.integers(-10, 2000)), absent=True)
    numbers = st.floats(-1e6, 1e6)
    x, y = draw(numbers), draw(numbers)
    return FramePrompt(
        draw(st.integers(-10, 2000)),
        tuple(
            draw(
                st.lists(st.builds(Click, numbers, numbers, st.booleans()), min_size=1, max_size=3)
            )
        ),
        draw(st.none() | st.just((x, y, x + 5.5, y + 1.0))),
        draw(st.none() | st.just(PNG)),
    )


@given(prompts())
def test_round_trip_in_the_contract_s_form(prompt) -> None:
    value = prompt.to_json()
    jsonschema.validate(value, contract_prompt())
    assert FramePrompt.from_json(json.loads(json.dumps(value))) == prompt


def test_nulls_and_empty_lists_say_nothing() -> None:
    value = {"frame": 5, "points": [], "box": None, "mask": None, "absent": True}
    assert FramePrompt.from_json(value) == FramePrompt(5, absent=True)


POINT = {"x": 1, "y": 2, "positive": True}
BAD = [
    [],
    {},
    {"frame": 1},
    {"frame": True, "absent": True},
    {"frame": 1.5, "absent": True},
    {"frame": "1", "absent": True},
    {"frame": 1, "absent": True, "note": "x"},
    {"frame": 1, "absent": "yes"},
    {"frame": 1, "absent": True, "points": [POINT]},
    {"frame": 1, "points": {}},
    {"frame": 1, "points": {"x": 1}},
    {"frame": 1, "points": [[1, 2]]},
    {"frame": 1, "points": [{"x": 1, "y": 2}]},
    {"frame": 1, "points": [{**POINT, "x": "1"}]},
    {"frame": 1, "points": [{**POINT, "x": True}]},
    {"frame": 1, "points": [{**POINT, "x": math.nan}]},
    {"frame": 1, "points": [{**POINT, "x": 10**400}]},
    {"frame": 1, "points": [{**POINT, "positive": 1}]},
    {"frame": 1, "box": [1, 2, 3]},
    {"frame": 1, "box": "0,0,1,1"},
    {"frame": 1, "box": [5, 5, 5, 9]},
    {"frame": 1, "box": [5, 9, 6, 9]},
    {"frame": 1, "box": [0, 0, math.inf, 1]},
    {"frame": 1, "mask": "x"},
    {"frame": 1, "mask": {"png": 3}},
    {"frame": 1, "mask": {"png": PNG64, "x": 1}},
    {"frame": 1, "mask": {"png": "***"}},
    {"frame": 1, "mask": {"png": "é"}},
    {"frame": 1, "mask": {"png": base64.b64encode(b"GIF89a").decode()}},
]


@pytest.mark.parametrize("value", BAD, ids=range(len(BAD)))
def test_malformed_prompts(value) -> None:
    with pytest.raises(PromptError) as caught:
        FramePrompt.from_json(value)
    assert caught.value.code == "bad_prompt"


def check(*given_prompts) -> None:
    check_prompts(given_prompts, 1920, 1080, (1001, 1010))


def test_good_prompts() -> None:
    check(HERE)
    check(FramePrompt(1001, box=(0.0, 0.0, 1920.0, 1080.0)), FramePrompt(1010, absent=True))
    check(
        FramePrompt(1005, mask_png=PNG),
        FramePrompt(1001, (Click(0, 0, False), Click(1920, 1080, True))),
    )


CASES = [
    ([], "no_objects"),
    ([FramePrompt(1001, absent=True)], "no_objects"),
    ([FramePrompt(1001, (Click(1, 1, False),))], "no_objects"),
    ([HERE, HERE], "bad_prompt"),
    ([FramePrompt(1001)], "bad_prompt"),
    ([FramePrompt(1001, (Click(math.nan, 1),))], "bad_prompt"),
    ([FramePrompt(1000, HERE.points)], "prompt_outside_range"),
    ([HERE, FramePrompt(1011, absent=True)], "prompt_outside_range"),
    ([FramePrompt(1001, (Click(-0.1, 5),))], "prompt_outside_plate"),
    ([FramePrompt(1001, (Click(5, 5), Click(5, 1080.5, False)))], "prompt_outside_plate"),
    ([FramePrompt(1001, box=(5, 5, 1921, 9))], "prompt_outside_plate"),
    ([FramePrompt(1001, (Click(5.2, 7.9), Click(5.9, 7.1, False)))], "bad_prompt"),
    ([FramePrompt(1001, (Click(20.5, 7),), box=(5, 5, 20, 9))], "bad_prompt"),
    ([FramePrompt(1001, (Click(7, 7),), absent=True)], "bad_prompt"),
]


@pytest.mark.parametrize(("given_prompts", "code"), CASES)
def test_prompts_that_do_not_fit(given_prompts, code) -> None:
    with pytest.raises(PromptError) as caught:
        check(*given_prompts)
    assert caught.value.code == code
    assert caught.value.as_dict()["message"]


def test_clicks_that_only_look_like_contradictions() -> None:
    check(FramePrompt(1001, (Click(5.9, 7), Click(6.0, 7, False))))
    check(FramePrompt(1001, (Click(5, 9), Click(40, 40, False)), box=(5, 5, 20, 9)))


def test_an_object_s_range_is_cut_to_what_is_tracked() -> None:
    assert object_range((1001, 1010)) == (1001, 1010)
    assert object_range((1001, 1010), [990, 1004]) == (1001, 1004)
    assert object_range((1001, 1010), [1010, 1200]) == (1010, 1010)


@pytest.mark.parametrize("own", [(900, 1000), (1011, 1012), (1008, 1003)])
def test_an_object_s_range_without_a_frame(own) -> None:
    with pytest.raises(PromptError) as caught:
        object_range((1001, 1010), own)
    assert caught.value.code == "bad_prompt"


def test_a_backwards_range_is_a_range_error() -> None:
    with pytest.raises(RangeError):
        check_prompts([HERE], 10, 10, (5, 1))
