"""The code a CUDA device runs, on a pretended one: frames in groups, full memory, waiting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from helpers_cuda import CUDA, Pretended, pretended_cuda
from helpers_sam2 import FIRST, MovingShapes

from roto_shapes.errors import RotoError
from roto_shapes.prompts import Click, FramePrompt
from roto_worker.engines.base import EngineInfo, EngineState, Prediction
from roto_worker.engines.sam2.build import load_checkpoint
from roto_worker.engines.sam2.checkpoints import model_named, path_of
from roto_worker.engines.sam2.engine import Sam2Segmenter
from roto_worker.engines.sam2.settings import Settings

pytestmark = pytest.mark.sam2

FRAMES = 13
PROMPTS = {
    "disc": [FramePrompt(FIRST, points=(Click(25, 30),), box=(14, 19, 37, 41))],
    "square": [FramePrompt(FIRST, box=(70, 40, 86, 56))],
    "both": [FramePrompt(FIRST, box=(14, 19, 86, 56))],
}
Answers = list[dict[str, Prediction]]


def engine(*, on_cpu: bool = False) -> Sam2Segmenter:
    path = path_of(model_named("nano"))
    predictor = load_checkpoint(
        path, image_size=128, device=torch.device("cpu" if on_cpu else CUDA)
    )
    return Sam2Segmenter(predictor, EngineInfo("sam2", "nano", None, ""), Settings(compiled=False))


def tracked(engine: Sam2Segmenter, frames: int = FRAMES) -> Answers:
    engine.start(MovingShapes(FRAMES), PROMPTS)
    engine.begin(FIRST, 1, list(PROMPTS))
    return [engine.step()[1] for _ in range(frames)]


@pytest.fixture(scope="module")
def on_the_cpu() -> Answers:
    torch.set_num_threads(1)
    return tracked(engine(on_cpu=True))


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pretended]:
    with pretended_cuda(monkeypatch) as device:
        yield device


def assert_alike(one: Answers, other: Answers) -> None:
    for frame, (expected, got) in enumerate(zip(one, other, strict=True)):
        for name in PROMPTS:
            a, b = expected[name].logits > 0, got[name].logits > 0
            union = (a | b).sum()
            assert not union or (a & b).sum() / union >= 0.999, (frame, name)


def sizes_of_batches(engine: Sam2Segmenter, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many frames go through the image encoder at once."""
    sizes: list[int] = []
    encode = engine._network.encode

    def noted(images: torch.Tensor) -> Any:
        sizes.append(len(images))
        return encode(images)

    monkeypatch.setattr(engine._network, "encode", noted)
    return sizes


def test_frames_go_through_the_encoder_in_groups_of_what_fits(
    on_the_cpu: Answers, cuda: Pretended, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam2 = engine()
    sizes = sizes_of_batches(sam2, monkeypatch)
    assert_alike(on_the_cpu, tracked(sam2))
    # One frame to see what it takes; then 13 frames in groups of 8, the last one filled up.
    assert sizes == [1, 8, 8]


@pytest.mark.parametrize(("free", "size"), [(8 << 30, 8), (1 << 30, 4), (128 << 20, 1)])
def test_the_group_is_sized_from_free_memory(
    monkeypatch: pytest.MonkeyPatch, free: int, size: int
) -> None:
    with pretended_cuda(monkeypatch, free=free, each=64 << 20):
        sam2 = engine()
        sizes = sizes_of_batches(sam2, monkeypatch)
        tracked(sam2, 2)
    assert sizes[-1] == size


class Full:
    """Lets a call of the network fail for more than ``room`` items, as a full device does."""

    def __init__(self, call: Any, room: int, count: Any) -> None:
        self.call, self.room, self.count = call, room, count
        self.failed: list[int] = []
        self.fitted: list[int] = []

    def __call__(self, *given: Any) -> Any:
        items = self.count(given)
        if items > self.room:
            self.failed.append(items)
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        self.fitted.append(items)
        return self.call(*given)


def full_for(sam2: Sam2Segmenter, part: str, room: int, monkeypatch: pytest.MonkeyPatch) -> Full:
    counts = {"encode": lambda given: len(given[0]), "track": lambda given: len(given[2])}
    full = Full(getattr(sam2._network, part), room, counts[part])
    monkeypatch.setattr(sam2._network, part, full)
    return full


def test_out_of_memory_in_the_encoder_halves_the_group_and_tracking_goes_on(
    on_the_cpu: Answers, cuda: Pretended, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam2 = engine()
    full = full_for(sam2, "encode", 3, monkeypatch)
    assert_alike(on_the_cpu, tracked(sam2))
    assert full.failed == [8, 4], "each size fails once"
    assert set(full.fitted[1:]) == {2}


def test_out_of_memory_over_many_objects_halves_their_batch(
    on_the_cpu: Answers, cuda: Pretended, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam2 = engine()
    full = full_for(sam2, "track", 1, monkeypatch)
    assert_alike(on_the_cpu, tracked(sam2))
    assert full.failed == [3]
    assert set(full.fitted) == {1}


def test_out_of_memory_in_the_middle_of_a_shot_loses_no_frame(
    on_the_cpu: Answers, cuda: Pretended, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam2 = engine()
    before = tracked(sam2, 5)
    full = full_for(sam2, "encode", 4, monkeypatch)
    after = [sam2.step()[1] for _ in range(FRAMES - 5)]
    assert full.failed == [8]
    assert_alike(on_the_cpu, [*before, *after])


def test_what_does_not_fit_at_all_is_told_as_such(
    cuda: Pretended, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam2 = engine()
    sam2.start(MovingShapes(FRAMES), PROMPTS)
    with monkeypatch.context() as patch:
        full_for(sam2, "encode", 0, patch)
        with pytest.raises(RotoError) as at_the_start:
            sam2.begin(FIRST, 1, list(PROMPTS))
    tracked(sam2, 2)
    full_for(sam2, "track", 0, monkeypatch)
    with pytest.raises(RotoError) as on_the_way:
        sam2.step()
    for caught in (at_the_start, on_the_way):
        assert caught.value.code == "out_of_memory"
        assert caught.value.hint


def test_a_click_on_a_full_device_lets_other_pictures_go(
    cuda: Pretended, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam2, source = engine(), MovingShapes(2)
    click = PROMPTS["disc"][0]
    first = sam2.look("kept", source.read(FIRST), click)
    encode, calls = sam2._network.encode, []

    def once_full(images: torch.Tensor) -> Any:
        calls.append(sam2._looker.bytes_kept)
        if len(calls) == 1:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return encode(images)

    monkeypatch.setattr(sam2._network, "encode", once_full)
    again = sam2.look("another", source.read(FIRST), click)
    assert calls[0] > 0
    assert calls[1] == 0
    np.testing.assert_array_equal(first[0].logits, again[0].logits)
    monkeypatch.setattr(sam2._network, "encode", Full(encode, 0, len))
    with pytest.raises(RotoError) as caught:
        sam2.look("third", source.read(FIRST + 1), click)
    assert caught.value.code == "out_of_memory"


@pytest.mark.parametrize("stop_after", [3, 9])
def test_a_pass_goes_on_bit_for_bit_with_the_groups_it_had(
    cuda: Pretended, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    undisturbed = engine()
    full_for(undisturbed, "encode", 3, monkeypatch)
    tracked(undisturbed, stop_after)
    saved = undisturbed.checkpoint()
    resumed = engine()
    sizes = sizes_of_batches(resumed, monkeypatch)
    resumed.start(MovingShapes(FRAMES), PROMPTS)
    resumed.restore(EngineState(dict(saved.arrays), dict(saved.meta)))
    for _ in range(FRAMES - stop_after):
        one, other = undisturbed.step()[1], resumed.step()[1]
        for name in PROMPTS:
            np.testing.assert_array_equal(one[name].logits, other[name].logits)
    assert set(sizes[1:]) == {2}


def test_a_step_waits_for_its_own_mattes_and_for_nothing_else(cuda: Pretended) -> None:
    sam2 = engine()
    tracked(sam2, 7)
    before = cuda.synchronized
    cuda.watching = True
    [sam2.step() for _ in range(4)]
    assert cuda.synchronized - before == 4
    assert cuda.waits == []
    torch.zeros(3, device=CUDA).tolist()
    torch.zeros(3).to(CUDA)
    assert len(cuda.waits) == 2, "such calls are noticed"
