"""Shapes as prompts: the masks that engines are given for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engines.helpers_engines import HEIGHT, WIDTH, click
from roto_client.contract import check_farm_body
from roto_shapes.errors import PromptError
from roto_shapes.model import ControlPoint
from roto_shapes.outlines import Outline
from roto_shapes.prompts import Click, FramePrompt
from roto_worker.engines.base import Candidate, EngineInfo, Logits
from roto_worker.engines.plan import Kind, plan_sweeps
from roto_worker.engines.prompts import decode_mask
from roto_worker.media.masks import write_png
from roto_worker.media.source import Image8
from roto_worker.preview import PreviewFrames, answer
from roto_worker.stages.outlines import outlines_as_masks, rasterized


def rectangle(x0: float, y0: float, x1: float, y1: float, mode: str = "add") -> Outline:
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    return Outline(tuple(ControlPoint(x, y, corner=True) for x, y in corners), mode=mode)


def ring(kind: str, count: int, reach: float) -> Outline:
    """Around (50, 40), 20 pixels away; ``reach`` of the handles."""
    angles = 2 * np.pi * np.arange(count) / count
    points = []
    for c, s in zip(np.cos(angles).tolist(), np.sin(angles).tolist(), strict=True):
        handle = (s * reach, -c * reach, -s * reach, c * reach)
        points.append(ControlPoint(50 + 20 * c, 40 + 20 * s, *handle))
    return Outline(tuple(points), kind=kind)


def test_pixels_whose_centre_is_inside() -> None:
    mask = rasterized([rectangle(2.4, 1.6, 5.6, 3.4)], WIDTH, HEIGHT)
    expected = np.zeros((HEIGHT, WIDTH), bool)
    expected[2:3, 2:5] = True  # centres x 2.5..4.5, y 2.5
    expected[2, 5] = True  # 5.5 is inside as well
    np.testing.assert_array_equal(mask, expected)


def test_curves_and_not_their_control_points() -> None:
    y, x = np.mgrid[:80, :100] + 0.5
    away = np.hypot(x - 50, y - 40)
    bezier = rasterized([ring("bezier", 4, 20 * 4 / 3 * np.tan(np.pi / 8))], 100, 80)
    assert bezier[away < 19.9].all()
    assert not bezier[away > 20.1].any()
    # A B-spline keeps inside its vertices: twelve of them at 20 are a circle of 19.1.
    spline = rasterized([ring("bspline", 12, 0.0)], 100, 80)
    assert spline[away < 18.9].all()
    assert not spline[away > 19.3].any()


def test_later_outlines_lie_on_top() -> None:
    whole = rectangle(1, 1, 9, 9)
    hole = rectangle(3, 3, 7, 7, "subtract")
    island = rectangle(4, 4, 6, 6)
    mask = rasterized([whole, hole, island], WIDTH, HEIGHT)
    assert mask.sum() == 64 - 16 + 4
    assert mask[5, 5]
    assert not mask[3, 3]
    assert rasterized([whole, island, hole], WIDTH, HEIGHT).sum() == 64 - 16


def test_what_leaves_the_frame_is_cut_there() -> None:
    prompt = FramePrompt(3, outline=(rectangle(-50, -50, 4, 5),), points=(Click(1, 1),))
    (told,) = outlines_as_masks([prompt], WIDTH, HEIGHT)
    assert not told.outline
    assert told.points == prompt.points
    expected = np.zeros((HEIGHT, WIDTH), bool)
    expected[:5, :4] = True
    np.testing.assert_array_equal(decode_mask(told, WIDTH, HEIGHT), expected)


@pytest.mark.parametrize(
    "outline",
    [
        (rectangle(-50, -50, -4, -5),),
        (rectangle(1.6, 1.6, 2.4, 2.4),),
        (rectangle(1, 1, 5, 5), rectangle(0, 0, 9, 9, "subtract")),
    ],
)
def test_a_shape_that_shows_nothing_says_absent(outline: tuple[Outline, ...]) -> None:
    (told,) = outlines_as_masks([FramePrompt(3, outline=outline)], WIDTH, HEIGHT)
    assert told == FramePrompt(3, absent=True)
    clicked = FramePrompt(3, outline=outline, points=(Click(1, 1),))
    with pytest.raises(PromptError):
        outlines_as_masks([clicked], WIDTH, HEIGHT)


def test_a_point_that_is_nowhere_is_refused() -> None:
    with pytest.raises(PromptError):
        outlines_as_masks([FramePrompt(3, outline=(rectangle(0, 0, 1e9, 5),))], WIDTH, HEIGHT)


def test_other_prompts_are_left_alone_and_a_shape_is_no_correction() -> None:
    shaped = FramePrompt(5, outline=(rectangle(1, 1, 5, 5),))
    given = [click(2), shaped]
    told = outlines_as_masks(given, WIDTH, HEIGHT)
    assert told[0] is given[0]
    for prompts in (given, told):
        assert plan_sweeps({"a": prompts}, (1, 9)).kinds["a"] == {
            2: Kind.CORRECTION,
            5: Kind.SHOWN,
        }


class Looker:
    """Answers a mask prompt with that mask."""

    def look(
        self, key: str, image: Image8, prompt: FramePrompt, hint: Logits | None = None
    ) -> list[Candidate]:
        inside = decode_mask(prompt, image.shape[1], image.shape[0])
        return [Candidate(np.where(inside, 9, -9).astype(np.float32), 0.7)]


def test_previews_take_shapes_too(tmp_path: Any) -> None:
    write_png(tmp_path / "p.1001.png", np.full((HEIGHT, WIDTH, 3), 90, np.uint8))
    prompt = FramePrompt(1001, outline=(rectangle(2, 3, 8, 9),))
    spec = {
        "frame": 1001,
        "shot": {"plate": {"kind": "sequence", "path": str(tmp_path / "p.%04d.png")}},
        "objects": [{"name": "hero", "prompt": prompt.to_json()}],
    }
    frames = PreviewFrames()
    result = answer(spec, Looker(), EngineInfo("flow", "echo", None, "cpu"), frames)
    frames.close()
    check_farm_body("preview_completion", {"result": result})
    (candidate,) = result["objects"][0]["candidates"]
    assert candidate["box"] == [2.0, 3.0, 8.0, 9.0]
