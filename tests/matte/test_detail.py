"""The second look, with a stand-in that holds callers to the protocol."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from helpers_matte import Plane, coarse_logits, sigmoid, star

from roto_shapes.prompts import FramePrompt, check_prompts
from roto_worker.engines.base import Candidate, Detailer, Logits
from roto_worker.matte.detail import Detailed, add_detail
from roto_worker.media.source import Image8

WIDTH, HEIGHT = 960, 540


class Painter:
    """Sees the object where the picture is white; as fine as a 64 x 64 mask of the image allows."""

    def __init__(
        self, *, worse_first: bool = False, blind: bool = False, score: float = 0.7
    ) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self._worse_first, self._blind, self._score = worse_first, blind, score

    def look(
        self, key: str, image: Image8, prompt: FramePrompt, hint: Logits | None = None
    ) -> list[Candidate]:
        assert key == ""
        assert image.dtype == np.uint8
        assert image.flags.c_contiguous
        assert hint is not None
        assert hint.shape == image.shape[:2]
        check_prompts([prompt], image.shape[1], image.shape[0], (0, 0))
        x0, y0, x1, y1 = prompt.box or (0, 0, 0, 0)
        inside = cv2.boundingRect((hint > 0).astype(np.uint8))
        assert inside == (x0, y0, x1 - x0, y1 - y0)
        click = prompt.points[0]
        assert hint[int(click.y), int(click.x)] > 0
        self.shapes.append(image.shape)
        white = (image[..., 0] / np.float32(255)).astype(np.float32)
        if self._blind:
            white = np.roll(white, image.shape[1] // 3, axis=1)
        right = Candidate(coarse_logits(white, size=64, wander=0), self._score)
        wrong = Candidate(np.full(image.shape[:2], 8, np.float32), 0.9)
        return [wrong, right] if self._worse_first else [right]


def small_star(x: int, y: int) -> tuple[Image8, Plane]:
    """A white star 135 pixels across, centred at ``x``, ``y``, and its coverage."""
    little = star(WIDTH // 4, HEIGHT // 4, depth=0.35)
    rows, columns = little.shape
    canvas = np.zeros((HEIGHT + 2 * rows, WIDTH + 2 * columns), np.float32)
    top, left = y + rows // 2, x + columns // 2
    canvas[top : top + rows, left : left + columns] = little
    alpha = np.ascontiguousarray(canvas[rows:-rows, columns:-columns])
    return np.repeat(np.rint(255 * alpha).astype(np.uint8)[..., None], 3, axis=2), alpha


def error(logits: Logits, alpha: Plane) -> float:
    return float(np.abs(sigmoid(logits) - alpha).sum())


def looked(plate: Image8, first: Logits, detailer: Painter) -> Detailed:
    assert isinstance(detailer, Detailer)
    return add_detail(first, plate, detailer)


@pytest.mark.parametrize(("x", "y"), [(480, 270), (6, 270), (480, 536), (955, 4)])
def test_a_small_object_gets_the_detail_of_its_crop(x: int, y: int) -> None:
    """Well inside the plate, and cut by a border or a corner."""
    plate, alpha = small_star(x, y)
    first = coarse_logits(alpha, size=64)
    painter = Painter()
    detailed = looked(plate, first, painter)
    assert detailed.logits.shape == (HEIGHT, WIDTH)
    assert detailed.used
    assert error(detailed.logits, alpha) < 0.6 * error(first, alpha)
    (shape,) = painter.shapes
    assert shape[0] < 0.5 * HEIGHT
    assert shape[1] < 0.3 * WIDTH


def test_the_candidate_that_means_the_same_is_taken() -> None:
    plate, alpha = small_star(480, 270)
    first = coarse_logits(alpha, size=64)
    one = looked(plate, first, Painter())
    other = looked(plate, first, Painter(worse_first=True))
    assert np.array_equal(one.logits, other.logits)


@pytest.mark.parametrize("painter", [Painter(blind=True), Painter(score=0.3)])
def test_what_disagrees_or_is_not_sure_of_itself_is_left_out(painter: Painter) -> None:
    plate, alpha = small_star(480, 270)
    first = coarse_logits(alpha, size=64)
    detailed = looked(plate, first, painter)
    assert detailed.looked
    assert not detailed.used
    assert np.array_equal(detailed.logits, first)


def test_away_from_the_edge_the_first_pass_stands() -> None:
    """A second star in the crop's corner is the second pass's own idea."""
    plate, alpha = small_star(480, 270)
    plate[235:245, 545:555] = 255
    first = coarse_logits(alpha, size=64)
    detailed = looked(plate, first, Painter())
    assert detailed.used
    assert np.array_equal(detailed.logits[230:250, 540:560] > 0, first[230:250, 540:560] > 0)


def test_a_large_object_is_not_looked_at_again() -> None:
    logits = np.full((HEIGHT, WIDTH), -8, np.float32)
    logits[40:500, 40:920] = 8
    painter = Painter()
    detailed = looked(np.zeros((HEIGHT, WIDTH, 3), np.uint8), logits, painter)
    assert detailed.logits is logits
    assert not detailed.looked
    assert painter.shapes == []


def test_an_absent_object_is_not_looked_for() -> None:
    nothing = np.full((HEIGHT, WIDTH), -16, np.float32)
    detailed = looked(np.zeros((HEIGHT, WIDTH, 3), np.uint8), nothing, Painter())
    assert detailed.logits is nothing


def test_a_single_pixel() -> None:
    plate = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    plate[0, 0] = 255
    logits = np.full((HEIGHT, WIDTH), -16, np.float32)
    logits[0, 0] = 16
    assert np.isfinite(looked(plate, logits, Painter()).logits).all()
