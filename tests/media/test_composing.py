"""Objects over colours and cut out, and frames worked on side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from roto_worker.export import parallel
from roto_worker.export.composing import MARGIN, cut_out, over_colour, union
from roto_worker.export.parallel import hands, in_order

GREEN = (0.0, 0.694, 0.251)


def plate(bits: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.integers(0, 2**bits, (40, 60, 3), dtype=np.uint8 if bits == 8 else np.uint16)


@pytest.mark.parametrize("bits", [8, 16])
def test_whole_and_empty_pixels_are_exact(bits: int) -> None:
    matte = np.zeros((40, 60), np.float32)
    matte[:, 30:] = 1
    made = over_colour(plate(bits), matte, GREEN)
    assert made.dtype == plate(bits).dtype
    assert np.array_equal(made[:, 30:], plate(bits)[:, 30:])
    peak = 2**bits - 1
    assert (made[:, :30] == np.rint(np.array(GREEN) * peak)).all()


@pytest.mark.parametrize("bits", [8, 16])
def test_soft_edges_are_mixed_in_linear_light(bits: int) -> None:
    """Half white on black is half the light: sRGB code 188 of 255, not 128."""
    peak = 2**bits - 1
    white = np.full((1, 3, 3), peak, plate(bits).dtype)
    made = over_colour(white, np.array([[0.0, 0.5, 1.0]], np.float32), (0.0, 0.0, 0.0))
    assert made[0, 0].tolist() == [0] * 3
    assert made[0, 2].tolist() == [peak] * 3
    assert np.abs(made[0, 1] / peak - 0.7354).max() < 1 / 250
    same = over_colour(white, np.full((1, 3), 0.3, np.float32), (1.0, 1.0, 1.0))
    assert (same == peak).all(), "a colour over itself stays"


def test_a_cut_out_has_the_plates_own_colours_under_its_alpha() -> None:
    picture = plate(16)
    matte = np.zeros((40, 60), np.float32)
    matte[10:20, 20:30], matte[15, 30] = 1, 0.25
    made = cut_out(picture, matte)
    assert np.array_equal(made[..., 3], np.rint(matte * 65535))
    assert np.array_equal(made[15, 30, :3], picture[15, 30]), "straight, not multiplied"
    near = np.s_[10 - MARGIN : 20 + MARGIN, 20 - MARGIN : 30 + MARGIN]
    assert np.array_equal(made[near][..., :3], picture[near])
    assert not made[: 10 - MARGIN, :, :3].any()
    assert not made[:, 31 + MARGIN :, :3].any()


def test_a_cut_out_of_nothing_is_empty() -> None:
    assert not cut_out(plate(16), np.zeros((40, 60), np.float32)).any()


def test_a_union_keeps_what_any_matte_covers() -> None:
    one, other = np.array([[0.2, 0.9]], np.float32), np.array([[0.5, 0.1]], np.float32)
    assert union([one, other]).tolist() == [[0.5, np.float32(0.9)]]
    with pytest.raises(ValueError, match="no mattes"):
        union([])


def test_results_come_in_order_and_few_wait() -> None:
    begun, taken, furthest = 0, 0, 0
    lock = threading.Lock()

    def make(number: int) -> int:
        nonlocal begun, furthest
        with lock:
            begun += 1
            furthest = max(furthest, begun - taken)
        time.sleep(0.002 * (3 - number % 4))
        return number * number

    made = []
    for result in in_order(make, range(40), 3):
        made.append(result)
        with lock:
            taken += 1
    assert made == [number * number for number in range(40)]
    assert furthest <= 3 + 2 + 1


def test_the_first_failure_ends_it_and_nothing_more_is_begun() -> None:
    begun = []

    def make(number: int) -> int:
        begun.append(number)
        if number == 4:
            raise KeyError(number)
        return number

    made: list[int] = []
    with pytest.raises(KeyError):
        made.extend(in_order(make, range(1000), 2))
    assert made == [0, 1, 2, 3]
    assert len(begun) < 12
    assert not [one for one in threading.enumerate() if one.name.startswith("frames")]


def test_whoever_stops_taking_stops_the_work() -> None:
    def numbers() -> Iterator[int]:
        yield from range(1000)

    with closing(in_order(lambda number: number, numbers(), 2)) as made:
        assert next(made) == 0
    assert not [one for one in threading.enumerate() if one.name.startswith("frames")]


def test_large_frames_are_worked_on_by_fewer_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel.os, "sched_getaffinity", lambda _: set(range(64)))
    assert hands(1920, 1080) == 16
    assert hands(8192, 4320) == 1 < hands(4096, 2160) < 16
    monkeypatch.setattr(parallel.os, "sched_getaffinity", lambda _: {0, 1})
    assert hands(1920, 1080) == 2
