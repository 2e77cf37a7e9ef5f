"""Where a picture lies on the model's square: exact to the half pixel, on the border too."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from roto_worker.engines.sam2.geometry import LOGIT_STRIDE, Canvas
from roto_worker.engines.sam2.settings import Settings

WIDE = Canvas(200, 112, side=128, margin=8)
LARGER_THAN_PICTURE = Canvas(48, 40, side=256, margin=16)


def model_positions(canvas: Canvas) -> tuple[torch.Tensor, torch.Tensor]:
    """Picture x and y under the centre of every low-resolution logit."""
    cells = canvas.side // LOGIT_STRIDE
    centre = (torch.arange(cells, dtype=torch.float32) + 0.5) * LOGIT_STRIDE - canvas.margin
    x, y = centre * canvas.width / canvas.inner, centre * canvas.height / canvas.inner
    return x.expand(cells, cells), y[:, None].expand(cells, cells)


@pytest.mark.parametrize("canvas", [WIDE, LARGER_THAN_PICTURE])
def test_a_ramp_comes_back_as_pixel_centres_up_to_the_border(canvas: Canvas) -> None:
    x, y = model_positions(canvas)
    ramps = canvas.logits(torch.stack([x, y]))
    centres_x = np.arange(canvas.width) + 0.5
    centres_y = np.arange(canvas.height) + 0.5
    np.testing.assert_allclose(ramps[0], np.broadcast_to(centres_x, ramps[0].shape), atol=1e-3)
    np.testing.assert_allclose(
        ramps[1], np.broadcast_to(centres_y[:, None], ramps[1].shape), atol=1e-3
    )


def test_points_are_half_a_pixel_less_than_positions() -> None:
    corner, middle, end = WIDE.points(np.array([(0, 0), (100, 56), (200, 112)], np.float32))
    assert corner.tolist() == pytest.approx([7.5, 7.5])
    assert middle.tolist() == pytest.approx([63.5, 63.5])
    assert end.tolist() == pytest.approx([119.5, 119.5])


def test_without_a_margin_points_are_the_packages_own() -> None:
    canvas = Canvas(96, 64, 128)
    given = np.array([(25.0, 30.0), (95.5, 0.25)], np.float32)
    half = np.array((96, 64), np.float32) * (0.5 / 128)
    expected = torch.tensor(given - half) / torch.tensor([96, 64]) * 128
    assert torch.equal(canvas.points(given), expected)


def l_shape(canvas: Canvas) -> NDArray[np.bool_]:
    """An L that stands on the picture's left and lower border."""
    inside = np.zeros((canvas.height, canvas.width), bool)
    inside[canvas.height // 4 :, : canvas.width // 4] = True
    inside[-canvas.height // 4 :, : canvas.width // 2] = True
    return inside


def test_a_mask_on_the_border_comes_back_as_it_was() -> None:
    canvas = Canvas(224, 224, side=256, margin=16)
    inside = l_shape(canvas)
    mask = canvas.mask(inside)
    assert mask.shape == (1, 1, 256, 256)
    low = torch.nn.functional.avg_pool2d(mask * 20 - 10, LOGIT_STRIDE)[0]
    back = canvas.logits(low)[0].numpy() > 0
    assert (back != inside).sum() <= 4  # rounded corners
    assert (back[:, 0] == inside[:, 0]).all()
    assert (back[-1] == inside[-1]).all()


def test_the_margin_mirrors_picture_and_mask_alike() -> None:
    canvas = Canvas(112, 112, side=128, margin=8)
    inside = l_shape(canvas)
    picture = np.repeat(inside[..., None] * np.uint8(200), 3, axis=2)
    image, mask = canvas.image(picture)[..., 0] > 100, canvas.mask(inside)[0, 0].numpy() > 0
    np.testing.assert_array_equal(image, mask)
    np.testing.assert_array_equal(image[8:120, 8:120], inside)
    np.testing.assert_array_equal(image[:, :8], image[:, 15:7:-1])
    np.testing.assert_array_equal(image[120:], image[119:111:-1])


def test_hints_keep_their_place() -> None:
    canvas = Canvas(224, 112, side=256, margin=16)
    inside = l_shape(canvas)
    hint = canvas.hint(np.where(inside, 8, -8).astype(np.float32), 64)
    assert hint.shape == (1, 1, 64, 64)
    back = canvas.logits(hint[0])[0].numpy() > 0
    assert (back & inside).sum() / (back | inside).sum() > 0.97


def test_the_core_is_what_shows_the_picture() -> None:
    low = torch.arange(32 * 32).reshape(1, 32, 32)
    assert torch.equal(WIDE.core(low), low[:, 2:30, 2:30])
    assert torch.equal(Canvas(10, 10, 128).core(low), low)


@pytest.mark.parametrize("side", [128, 256, 512, 800, 1024])
def test_margins_are_whole_logits_and_none_in_reference_mode(side: int) -> None:
    margin = Settings().margin(side)
    assert margin % LOGIT_STRIDE == 0
    assert margin == pytest.approx(side / 16, abs=2)
    assert Settings(mode="reference").margin(side) == 0
