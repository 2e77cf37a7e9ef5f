"""Batches halve when memory runs out, and nothing that was done is lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from roto_shapes.errors import RotoError
from roto_worker.engines.sam2.batch import ElasticBatch, items_that_fit
from roto_worker.engines.sam2.settings import Settings


class SmallDevice:
    """An encoder whose memory holds ``room`` images, and which remembers what it was given."""

    def __init__(self, room: int, error: str = "CUDA out of memory. Tried to allocate") -> None:
        self.room, self.error = room, error
        self.done: list[list[int]] = []

    def encode(self, images: Sequence[int]) -> list[int]:
        if len(images) > self.room:
            raise torch.OutOfMemoryError(self.error)
        self.done.append(list(images))
        return [10 * image for image in images]


@pytest.mark.parametrize("room", [1, 2, 3, 5, 8])
def test_all_items_come_out_in_order_whatever_fits(room: int) -> None:
    device, batch = SmallDevice(room), ElasticBatch(8)
    assert batch.run(range(13), device.encode) == [10 * image for image in range(13)]
    assert [image for part in device.done for image in part] == list(range(13))
    assert batch.size <= room
    assert batch.size >= (room + 1) // 2


def test_it_stays_small_and_the_next_run_does_not_fail_again() -> None:
    device, batch = SmallDevice(2), ElasticBatch(8)
    batch.run(range(4), device.encode)
    device.room = 100
    batch.run(range(4), device.encode)
    assert [len(part) for part in device.done] == [2, 2, 2, 2]


def test_a_single_item_that_does_not_fit_is_said_plainly() -> None:
    with pytest.raises(RotoError, match="does not fit") as caught:
        ElasticBatch(4).run(range(4), SmallDevice(0).encode)
    assert caught.value.code == "out_of_memory"


def test_mps_and_cpu_say_it_in_words_and_other_faults_are_not_swallowed() -> None:
    def mps(images: Sequence[int]) -> list[int]:
        if len(images) > 1:
            raise RuntimeError("MPS backend out of memory (MPS allocated: 17 GB)")
        return list(images)

    def broken(images: Sequence[int]) -> list[int]:
        raise RuntimeError("shapes do not match")

    assert ElasticBatch(4).run(range(4), mps) == [0, 1, 2, 3]
    with pytest.raises(RuntimeError, match="shapes"):
        ElasticBatch(4).run(range(4), broken)


@pytest.mark.parametrize(
    ("free", "each", "most", "size"), [(100, 5, 8, 4), (1000, 1, 8, 8), (10, 100, 8, 1)]
)
def test_a_batch_takes_a_quarter_of_what_is_free(
    free: int, each: int, most: int, size: int
) -> None:
    assert items_that_fit(free, each, most) == size


@pytest.mark.parametrize("wrong", [{"padding": 0.3}, {"attended_prompts": 0}, {"mode": "fast"}])
def test_settings_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(RotoError):
        Settings(**wrong)  # type: ignore[arg-type]
