"""Edges against known coverage: composites in linear light, masks as coarse as an engine's."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest
from helpers_matte import (
    Colour,
    Composite,
    Plane,
    alpha_error,
    band_around,
    coarse_logits,
    composite,
    defocus,
    encode,
    gradient_error,
    paint,
    shutter,
    sigmoid,
    spokes,
    star,
)

from roto_worker.matte.guided import LINEAR, reach_of, refine
from roto_worker.synthetic.scene import Scene

WIDTH, HEIGHT = 960, 540
SHAPE = (HEIGHT, WIDTH)
WARM = ((0.5, 0.08, 0.03), (0.9, 0.5, 0.2))
COLD = ((0.02, 0.08, 0.12), (0.2, 0.4, 0.45))
SKY = ((0.35, 0.5, 0.7), (0.45, 0.6, 0.8))
SHADE = ((0.02, 0.015, 0.01), (0.08, 0.06, 0.05))
NIGHT = ((0.01, 0.012, 0.015), (0.03, 0.03, 0.03))
GREY = ((0.1, 0.1, 0.1), (0.5, 0.5, 0.5))


@cache
def paints(seed: int, colours: tuple[Colour, Colour], contrast: float) -> Plane:
    return paint(seed, SHAPE, *colours, contrast)


@cache
def disc() -> Plane:
    return star(WIDTH, HEIGHT)


def stripes() -> Plane:
    bars = np.where(np.sin(np.arange(WIDTH) * 2 * np.pi * 40 / WIDTH) > 0, 0.65, 0.05)
    return np.broadcast_to(bars[None, :, None], (*SHAPE, 3)).astype(np.float32)


def level(value: float) -> Plane:
    return np.full((*SHAPE, 3), value, np.float32)


SCENES: dict[str, Callable[[], Composite]] = {
    "textured": lambda: composite(disc(), paints(1, WARM, 1), paints(2, COLD, 1)),
    "sky": lambda: composite(disc(), paints(1, WARM, 1), paints(3, SKY, 0.3)),
    "night": lambda: composite(disc(), paints(7, SHADE, 0.8), paints(4, NIGHT, 0.8), grain=0.01),
    "flat": lambda: composite(disc(), level(0.5), level(0.2), grain=0.03),
    "stripes": lambda: composite(disc(), paints(1, WARM, 1), stripes()),
    "spokes": lambda: composite(spokes(WIDTH, HEIGHT), paints(7, SHADE, 0.8), paints(3, SKY, 0.3)),
    "shutter": lambda: composite(disc(), paints(1, WARM, 1), paints(2, COLD, 1), blur=shutter(20)),
    "defocus": lambda: composite(disc(), paints(1, WARM, 1), paints(2, COLD, 1), blur=defocus(3)),
    "same greys": lambda: composite(disc(), paints(5, GREY, 1), paints(6, GREY, 1)),
    "noise": lambda: composite(disc(), level(0.3), level(0.3), grain=0.1),
    "one colour": lambda: composite(disc(), level(0.3), level(0.3), grain=0),
}


@cache
def scene(name: str) -> Composite:
    return SCENES[name]()


@cache
def mask_of(name: str) -> Plane:
    """The engine's mask, blown up."""
    return sigmoid(coarse_logits(scene(name).alpha))


def errors(truth: Composite, alpha: Plane, mask: Plane) -> tuple[float, float]:
    """Alpha and gradient error near the edge, as shares of those of ``mask``."""
    band = band_around(truth.alpha, 6)
    return (
        alpha_error(alpha, truth, band) / alpha_error(mask, truth, band),
        gradient_error(alpha, truth, band) / gradient_error(mask, truth, band),
    )


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("textured", 0.15),
        ("sky", 0.12),
        ("night", 0.5),
        ("flat", 0.2),
        ("stripes", 0.25),
        ("spokes", 0.75),
        ("shutter", 0.35),
        ("defocus", 0.5),
    ],
)
def test_the_picture_lays_the_edge(name: str, most: float) -> None:
    truth = scene(name)
    mask = mask_of(name)
    alpha, gradient = errors(truth, refine(mask, truth.plate), mask)
    assert alpha < most
    assert gradient < most


@pytest.mark.parametrize("name", ["same greys", "noise", "one colour"])
def test_no_harm_where_the_picture_says_nothing(name: str) -> None:
    truth = scene(name)
    mask = mask_of(name)
    alpha, gradient = errors(truth, refine(mask, truth.plate), mask)
    assert alpha < 1.005
    assert gradient < 1.005


@pytest.mark.parametrize("outside", [True, False])
def test_a_look_alike_beside_the_edge_is_left_alone(outside: bool) -> None:
    """A spot of the object's colours in the background, and one the other way round."""
    disc_alpha = disc()
    inner = (disc_alpha > 0.5).astype(np.uint8)
    side = 1 - inner if outside else inner
    away = cv2.distanceTransform(side, cv2.DIST_L2, cv2.DIST_MASK_5)
    y, x = np.argwhere(np.abs(away - 16) < 1)[0]
    spot = np.zeros(SHAPE, np.uint8)
    cv2.circle(spot, (int(x), int(y)), 3, 1, -1)
    front, back = paints(1, WARM, 1), paints(2, COLD, 1)
    other = front if outside else back
    marked = [np.where(spot[..., None] == 1, other, one) for one in (front, back)]
    truth = composite(disc_alpha, *marked)
    mask = mask_of("textured")
    assert np.abs(refine(mask, truth.plate) - mask)[spot == 1].max() < 0.05


def test_a_right_mask_stays_right() -> None:
    truth = scene("textured")
    known = np.clip(truth.alpha, 0, 1)
    band = band_around(truth.alpha, 6)
    assert alpha_error(refine(known, truth.plate), truth, band) < 0.01


@pytest.mark.parametrize("name", ["shutter", "defocus", "textured"])
def test_an_edge_is_as_soft_as_the_plate_shows_it(name: str) -> None:
    """The amount of partial coverage, ``4 a (1 - a)``, is the truth's and not the mask's."""
    truth, mask = scene(name), mask_of(name)

    def softness(alpha: Plane) -> float:
        return float((4 * alpha * (1 - alpha)).sum())

    wanted = softness(truth.alpha)
    assert abs(softness(refine(mask, truth.plate)) - wanted) < 0.4 * abs(softness(mask) - wanted)


def test_linear_light_is_right_for_blurred_edges() -> None:
    """A dark object blurred over a bright sky: in code values its edge would be too thin."""
    front, back = paints(7, SHADE, 0.8), paints(3, SKY, 0.3)
    truth = composite(disc(), front, back, blur=shutter(20))
    mask = sigmoid(coarse_logits(truth.alpha))
    linear, _ = errors(truth, refine(mask, truth.plate), mask)
    display, _ = errors(truth, refine(mask, truth.plate, linear=False), mask)
    assert linear < 0.7 * display


def test_nothing_changes_away_from_the_edge() -> None:
    truth, mask = scene("stripes"), mask_of("stripes")
    changed = refine(mask, truth.plate) != mask
    inside = (mask > 0.5).astype(np.uint8)
    distance = np.maximum(
        cv2.distanceTransform(inside, cv2.DIST_L2, 5),
        cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5),
    )
    assert changed.any()
    assert distance[changed].max() <= reach_of(HEIGHT) + 6


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_a_matte_without_an_edge_is_unchanged(value: float) -> None:
    truth = scene("textured")
    flat = np.full(SHAPE, value, np.float32)
    assert np.array_equal(refine(flat, truth.plate), flat)


def test_the_input_stays_and_the_result_is_a_matte() -> None:
    truth, mask = scene("sky"), mask_of("sky")
    before = mask.copy()
    refined = refine(mask, truth.plate)
    assert np.array_equal(mask, before)
    assert refined.dtype == np.float32
    assert refined.min() >= 0
    assert refined.max() <= 1
    assert np.array_equal(refined, refine(mask, truth.plate))


def test_an_object_cut_by_the_frame() -> None:
    """The crop of the picture has the same edge as the whole picture, frame border or not."""
    truth, mask = scene("textured"), mask_of("textured")
    cut = (slice(None), slice(WIDTH // 2, None))
    part = Composite(np.ascontiguousarray(truth.plate[cut]), truth.alpha[cut])
    alpha, _ = errors(part, refine(np.ascontiguousarray(mask[cut]), part.plate), mask[cut])
    assert alpha < 0.15


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 40), (40, 3), (37, 53)])
def test_tiny_plates(height: int, width: int) -> None:
    rng = np.random.default_rng(0)
    plate = rng.integers(0, 256, (height, width, 3), np.uint8)
    alpha = rng.random((height, width), np.float32)
    refined = refine(alpha, plate)
    assert np.isfinite(refined).all()
    assert refined.min() >= 0
    assert refined.max() <= 1


def test_clipped_and_black_plates() -> None:
    mask = mask_of("textured")
    for code in (0, 255):
        plate = np.full((*SHAPE, 3), code, np.uint8)
        assert np.abs(refine(mask, plate) - mask).max() < 1e-3


def test_the_table_is_the_srgb_curve() -> None:
    assert np.array_equal(encode(LINEAR.astype(np.float32)), np.arange(256, dtype=np.uint8))


def test_grain_does_not_make_edges_flicker() -> None:
    """Two grains of the same picture give the same matte, within what one grain's size explains."""
    front, back = paints(1, WARM, 1), paints(2, COLD, 1)
    mask = mask_of("textured")
    one, other = (refine(mask, composite(disc(), front, back, seed=seed).plate) for seed in (1, 2))
    band = band_around(disc(), 6)
    assert np.abs(one - other)[band].mean() < 0.02


def test_a_steep_matte_gets_no_spots_from_paint_like_the_background() -> None:
    """As from an engine that works at plate resolution: a pixel off, on a speckled skin."""
    rendered = Scene(WIDTH, HEIGHT, 7).render(0)
    shift = np.float32([[1, 0, 0.7], [0, 1, -0.4]])
    mask = cv2.warpAffine(rendered.matte, shift, (WIDTH, HEIGHT))
    refined = refine(mask, encode(rendered.plate))
    band = band_around(rendered.matte, 12)
    before, after = (np.abs(one - rendered.matte)[band].mean() for one in (mask, refined))
    assert after < 0.35 * before
    assert ((rendered.matte > 0.999) & (mask > 0.999) & (refined < 0.9)).sum() < 100
