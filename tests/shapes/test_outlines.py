"""Outlines: a layer on one frame as a prompt, and back from JSON."""

from __future__ import annotations

import pytest

from roto_shapes.errors import PromptError
from roto_shapes.model import ControlPoint, Key, Layer, Shape, Transform, TransformKey
from roto_shapes.outlines import Outline, outline_of, outlines_from_json
from roto_shapes.prompts import FramePrompt, check_prompts

SQUARE = tuple(ControlPoint(x, y) for x, y in ((0, 0), (10, 0), (10, 10), (0, 10)))


def shape(name: str, *, shift: float = 0.0, **facts: object) -> Shape:
    moved = tuple(point._replace(x=point.x + shift) for point in SQUARE)
    keys = [Key(1, SQUARE), Key(11, moved)]
    return Shape(id=name, name=name, keys=keys, **facts)  # type: ignore[arg-type]


def test_a_layer_between_keys_is_what_it_shows_there() -> None:
    (outline,) = outline_of(Layer("l", "l", shapes=[shape("a", shift=20.0)]), 6)
    assert [point.x for point in outline.points] == [10, 20, 20, 10]
    assert (outline.kind, outline.mode) == ("bezier", "add")


def test_the_layers_transform_is_applied() -> None:
    transform = Transform((5.0, 5.0), [TransformKey(1, tx=100.0, ty=-3.0, scale=2.0)])
    (outline,) = outline_of(Layer("l", "l", transform=transform, shapes=[shape("a")]), 1)
    assert [tuple(point[:2]) for point in outline.points] == [
        (95, -8),
        (115, -8),
        (115, 12),
        (95, 12),
    ]


def test_what_says_nothing_of_the_object_is_left_out() -> None:
    layer = Layer(
        "l",
        "l",
        shapes=[
            shape("cut below everything", mode="subtract"),
            shape("open", closed=False),
            shape("hidden", visible=[(7, 9)]),
            shape("clear", opacity=0.0),
            shape("inverted", inverted=True),
            shape("body", kind="bspline"),
            shape("hole", mode="subtract"),
        ],
    )
    assert [(one.kind, one.mode) for one in outline_of(layer, 1)] == [
        ("bspline", "add"),
        ("bezier", "subtract"),
    ]


def test_a_prompt_with_an_outline_survives_json_to_the_last_bit() -> None:
    points = tuple(point._replace(x=point.x + 1 / 3, out_dx=0.1, corner=True) for point in SQUARE)
    prompt = FramePrompt(7, outline=(Outline(points, "bspline"), Outline(SQUARE, mode="subtract")))
    assert FramePrompt.from_json(prompt.to_json()) == prompt
    assert prompt.is_shown
    check_prompts([prompt], 5, 5, (1, 9))  # an outline may leave the plate


@pytest.mark.parametrize(
    ("outline", "said"),
    [
        ("x", "not a list"),
        ([{"points": [[0, 0]] * 2}], "3 to"),
        ([{"points": [[0, 0, 1]] * 3}], "point that is not"),
        ([{"points": [[0, "1"]] * 3}], "not numbers"),
        ([{"points": [[0, float("nan")]] * 3}], "not numbers"),
        ([{"points": [[0, 10**400]] * 3}], "not numbers"),
        ([{"points": [[0, 0, 0, 0, 0, 0, 1]] * 3}], "a flag"),
        ([{"points": [[0, 0]] * 3, "closed": False}], "open"),
        ([{"points": [[0, 0]] * 3, "kind": "xspline"}], "xspline"),
        ([{"points": [[0, 0]] * 3, "mode": "subtract"}], "takes away before"),
        ([{"points": [[0, 0]] * 3, "colour": 1}], "not {kind"),
    ],
)
def test_bad_outlines_are_refused_by_name(outline: object, said: str) -> None:
    with pytest.raises(PromptError, match=said):
        outlines_from_json(outline, 3)


def test_an_outline_excludes_a_mask_and_absence() -> None:
    outline = [{"kind": "bezier", "mode": "add", "points": [[0, 0], [1, 0], [1, 1]]}]
    with pytest.raises(PromptError, match="absent"):
        FramePrompt.from_json({"frame": 1, "outline": outline, "absent": True})
    png = {"png": "iVBORw0KGgo="}
    with pytest.raises(PromptError, match="both a mask and an outline"):
        FramePrompt.from_json({"frame": 1, "outline": outline, "mask": png})
