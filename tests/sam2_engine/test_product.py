"""Product mode: against reference mode, objects on their own and together, stops and looks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from helpers_sam2 import FIRST, MovingShapes, random_network
from numpy.typing import NDArray

from roto_shapes.errors import RotoError
from roto_shapes.prompts import Click, FramePrompt
from roto_worker.engines.base import EngineInfo, EngineState, Logits, Prediction
from roto_worker.engines.sam2 import attention, warm
from roto_worker.engines.sam2.build import best_device, build_network, load_checkpoint
from roto_worker.engines.sam2.catalog import NANO_CONFIG
from roto_worker.engines.sam2.checkpoints import model_named, path_of
from roto_worker.engines.sam2.engine import Sam2Segmenter
from roto_worker.engines.sam2.memory import Window
from roto_worker.engines.sam2.network import Network
from roto_worker.engines.sam2.settings import Settings
from roto_worker.engines.sam2.warm import warm_up
from roto_worker.media.source import Image8

pytestmark = pytest.mark.sam2

INFO = EngineInfo("sam2", "nano", None, "cpu")
FRAMES = 20
PROMPTS = {
    "disc": [FramePrompt(FIRST, points=(Click(25, 30),), box=(14, 19, 37, 41))],
    "square": [FramePrompt(FIRST, box=(70, 40, 86, 56)), FramePrompt(FIRST + 17, absent=True)],
    "late": [FramePrompt(FIRST + 5, points=(Click(28, 30), Click(60, 10, False)))],
}


def nano(settings: Settings) -> Sam2Segmenter:
    """The shipped checkpoint: masks that mean something, and memories that matter."""
    path = path_of(model_named("nano"))
    return Sam2Segmenter(
        load_checkpoint(path, image_size=128, device=torch.device("cpu")), INFO, settings
    )


def started(settings: Settings, names: Sequence[str] = ("disc", "square", "late")) -> Sam2Segmenter:
    engine = nano(settings)
    engine.start(MovingShapes(FRAMES), {name: PROMPTS[name] for name in names})
    return engine


def walk(engine: Sam2Segmenter, frames: range, names: Sequence[str]) -> list[dict[str, Prediction]]:
    """Step over ``frames``, letting each object join on its own first prompt."""
    answers = []
    for frame in frames:
        joining = [name for name in names if PROMPTS[name][0].frame == frame]
        if joining:
            engine.begin(frame, 1, joining)
        answered, answer = engine.step()
        assert answered == frame
        answers.append(answer)
    return answers


ALL = range(FIRST, FIRST + FRAMES)


def iou(one: Logits, other: Logits) -> float:
    a, b = one > 0, other > 0
    return float((a & b).sum() / (a | b).sum()) if (a | b).any() else 1.0


def test_product_equals_reference_on_every_frame() -> None:
    names = tuple(PROMPTS)
    expected = walk(started(Settings(mode="reference")), ALL, names)
    got = walk(started(Settings(padding=0)), ALL, names)
    for one, other in zip(expected, got, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            assert iou(one[name].logits, other[name].logits) >= 0.999
            np.testing.assert_allclose(other[name].logits, one[name].logits, atol=2e-3)
            for signal, value in one[name].signals.items():
                assert other[name].signals[signal] == pytest.approx(value, abs=1e-3)
    assert set(got[0]) == {"disc", "square"}
    assert set(got[-1]) == set(names)


def test_the_disc_is_tracked_and_the_signals_say_so() -> None:
    source = MovingShapes(FRAMES)
    y, x = np.mgrid[0 : source.info.height, 0 : source.info.width] + 0.5
    for frame, answer in zip(ALL, walk(started(Settings()), ALL, ("disc",)), strict=True):
        cx, cy = source.disc_centre(frame)
        disc = (x - cx) ** 2 + (y - cy) ** 2 < 100
        assert iou(answer["disc"].logits, np.where(disc, 1, -1)) > 0.7
        assert answer["disc"].signals["present"] > 0.5
        assert 0 < answer["disc"].signals["stability"] <= 1


def test_an_object_does_not_depend_on_who_else_is_in_the_pass() -> None:
    together = walk(started(Settings()), ALL, tuple(PROMPTS))
    for name in PROMPTS:
        alone = walk(started(Settings(), (name,)), ALL[PROMPTS[name][0].frame - FIRST :], (name,))
        for one, other in zip(alone, together[-len(alone) :], strict=True):
            np.testing.assert_array_equal(one[name].logits, other[name].logits)


def test_the_image_encoder_runs_once_a_frame_for_all_objects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = started(Settings())
    encoded: list[int] = []
    encode = engine._network.encode

    def counted(images: torch.Tensor) -> Any:
        encoded.append(len(images))
        return encode(images)

    monkeypatch.setattr(engine._network, "encode", counted)
    walk(engine, ALL, tuple(PROMPTS))
    # One more for the frame on which the square is absent, known from the beginning.
    assert sum(encoded) == FRAMES + 1


@pytest.mark.parametrize("stop_after", [1, 7, 18])
def test_a_pass_goes_on_bit_for_bit_after_a_restore(stop_after: int) -> None:
    names = tuple(PROMPTS)
    undisturbed, before = started(Settings()), ALL[:stop_after]
    walk(undisturbed, before, names)
    saved = undisturbed.checkpoint()
    resumed = started(Settings())
    resumed.restore(EngineState(dict(saved.arrays), dict(saved.meta)))
    rest = ALL[stop_after:]
    for one, other in zip(walk(undisturbed, rest, names), walk(resumed, rest, names), strict=True):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name].logits, other[name].logits)
            assert one[name].signals == other[name].signals


def test_looking_between_two_steps_changes_no_bit() -> None:
    names = tuple(PROMPTS)
    undisturbed = walk(started(Settings()), ALL, names)
    engine = started(Settings())
    source = MovingShapes(FRAMES)
    for frame, expected in zip(ALL, undisturbed, strict=True):
        got = walk(engine, range(frame, frame + 1), names)[0]
        engine.look(f"frame {frame % 3}", source.read(frame), PROMPTS["late"][0])
        for name in got:
            np.testing.assert_array_equal(got[name].logits, expected[name].logits)


def test_an_object_that_joins_on_the_frame_just_answered_catches_up() -> None:
    engine = started(Settings(), ("disc", "late"))
    at = PROMPTS["late"][0].frame
    walk(engine, range(FIRST, at + 1), ("disc",))
    engine.begin(at, 1, ["late"])
    frame, answer = engine.step()
    assert (frame, set(answer)) == (at, {"late"})
    frame, answer = engine.step()
    assert (frame, set(answer)) == (at + 1, {"disc", "late"})
    usual = walk(started(Settings(), ("late",)), range(at, at + 2), ("late",))
    np.testing.assert_array_equal(answer["late"].logits, usual[1]["late"].logits)


def test_the_others_go_on_when_one_leaves_and_the_pass_ends_with_the_last() -> None:
    engine = started(Settings())
    walk(engine, ALL[:8], tuple(PROMPTS))
    engine.leave(["disc", "late"])
    assert set(engine.step()[1]) == {"square"}
    engine.leave(["square"])
    with pytest.raises(RuntimeError, match="no object"):
        engine.step()
    engine.begin(FIRST, 1, ["disc"])
    assert engine.step()[0] == FIRST


def test_memory_is_a_window_of_tokens_and_pointers() -> None:
    engine = started(Settings(), ("disc",))
    walk(engine, ALL, ("disc",))
    keys = engine.checkpoint().arrays.keys()
    assert sum(key.endswith("/tokens") and "tracked" in key for key in keys) == 6
    assert sum(key.endswith("/pointer") and "tracked" in key for key in keys) == 15
    assert sum("shown" in key for key in keys) == 5


def some_windows(counts: Sequence[int], memories: int = 4) -> list[Window]:
    """For each of ``counts`` one object with as many memories and pointers, the first prompted."""
    random = torch.Generator().manual_seed(3)
    windows = []
    for _ in counts:
        tokens = [torch.randn(64, 64, generator=random).bfloat16() for _ in range(memories)]
        pointers = [torch.randn(1, 128, generator=random) for _ in range(memories)]
        ages = [None, *range(memories - 1, 0, -1)]
        back = [memories, *range(1, memories)]
        windows.append(
            Window(list(zip(ages, tokens, strict=True)), list(zip(back, pointers, strict=True)))
        )
    return windows


def as_on_a_gpu(network: Network) -> attention.MemoryReader:
    reader = network._reader
    assert reader is not None
    reader._on_cpu = False
    assert isinstance(reader._turn, torch.Tensor)
    reader._turn = attention._real(reader._turn, network.device)
    return reader


def picture(count: int = 1) -> torch.Tensor:
    random = torch.Generator().manual_seed(4)
    return torch.randint(0, 255, (count, 128, 128, 3), dtype=torch.uint8, generator=random)


def test_attention_as_a_gpu_runs_it_equals_attention_in_blocks() -> None:
    network = Network(random_network(), Settings())
    windows = some_windows([0, 1, 2])
    assert network._reader is not None
    with torch.inference_mode():
        features = network.encode(picture())[0]
        seen = network._reader.look(features.coarse, features.position)
        expected = network._reader.read(seen, windows, 9)
        reader = as_on_a_gpu(network)
        seen = reader.look(features.coarse, features.position)
        got = reader.read(seen, windows, 9)
    assert float(expected.std()) > 0.1
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-5)


def test_what_a_gpu_compiles_is_one_graph_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """No part of encoder and memory attention falls back to Python, whatever they are given."""
    compiled = torch.compile

    def whole(call: Any, *, dynamic: bool, mode: str | None = None) -> Any:
        return compiled(call, dynamic=dynamic, fullgraph=True, backend="eager")

    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "")
    monkeypatch.setattr(torch, "compile", whole)
    monkeypatch.setattr(torch._dynamo.config, "suppress_errors", False)
    monkeypatch.setattr("roto_worker.engines.sam2.network.can_pack", lambda device: False)
    network = Network(random_network(), Settings())
    reader = as_on_a_gpu(network)
    with torch.inference_mode():
        features = network.encode(picture(2))
        seen = reader.look(features[0].coarse, features[0].position)
        many = [some_windows(range(objects), count) for objects, count in ((3, 1), (3, 2), (1, 7))]
        expected = [reader.read(seen, windows, 9) for windows in many]
        warm.compile_parts(network.model, reader)
        monkeypatch.setattr(torch._dynamo.config, "suppress_errors", False)
        again = network.encode(picture(2))
        torch.testing.assert_close(again[1].coarse, features[1].coarse)
        for windows, one in zip(many, expected, strict=True):
            torch.testing.assert_close(reader.read(seen, windows, 9), one)


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("sam2.1_hiera_tiny", 1024),
        ("sam2.1_hiera_small", 256),
        ("sam2.1_hiera_base_plus", 512),
        ("sam2.1_hiera_large", 256),
    ],
)
def test_every_size_takes_a_step(name: str, side: int) -> None:
    torch.manual_seed(2)
    engine = Sam2Segmenter(build_network(model_named(name).config, image_size=side), INFO)
    engine.start(MovingShapes(2), {"disc": PROMPTS["disc"]})
    engine.begin(FIRST, 1, ["disc"])
    for _ in range(2):
        _, answer = engine.step()
        assert np.isfinite(answer["disc"].logits).all()


@pytest.mark.parametrize("side", [0, 32, 100, 1000, -1024])
def test_a_side_no_network_works_at_is_refused(side: int) -> None:
    with pytest.raises(RotoError, match=str(side)) as caught:
        build_network(NANO_CONFIG, image_size=side)
    assert caught.value.code == "bad_request"
    assert "multiple of 32" in caught.value.hint


class Leaving(MovingShapes):
    """The disc, 40 pixels wide, slides out over the left border."""

    def __init__(self) -> None:
        super().__init__(16, width=192, height=128)

    def inside(self, frame: int) -> NDArray[np.bool_]:
        y, x = np.mgrid[0:128, 0:192] + 0.5
        return (x - 40 + 3.0 * (frame - FIRST)) ** 2 + (y - 60) ** 2 < 400

    def read(self, frame: int) -> Image8:
        image = self._noise.copy()
        image[self.inside(frame)] = (230, 120, 40)
        return image


def test_an_object_cut_by_the_border_keeps_its_outline_there() -> None:
    source = Leaving()
    path = path_of(model_named("nano"))
    engine = Sam2Segmenter(load_checkpoint(path, image_size=256, device=torch.device("cpu")), INFO)
    engine.start(source, {"disc": [FramePrompt(FIRST, box=(20, 40, 60, 80))]})
    engine.begin(FIRST, 1, ["disc"])
    wrong = at_border = 0
    overlaps = []
    for _ in range(16):
        frame, answer = engine.step()
        found, disc = answer["disc"].logits > 0, source.inside(frame)
        overlaps.append(iou(answer["disc"].logits, np.where(disc, 1, -1)))
        if disc[:, 0].any():
            wrong += int((found ^ disc)[:, :6].sum())
            at_border += int(disc[:, :6].sum())
    assert at_border > 1500
    assert np.mean(overlaps) > 0.85
    assert wrong / at_border < 0.08


def test_warming_up_leaves_the_engine_free_for_a_shot() -> None:
    engine = nano(Settings())
    warm_up(engine)
    with pytest.raises(RuntimeError, match="no object"):
        engine.step()
    engine.start(MovingShapes(FRAMES), PROMPTS)
    assert set(walk(engine, ALL[:1], ("disc",))[0]) == {"disc"}


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_the_best_device_there_is(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, chosen: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert best_device().type == chosen


def test_loading_takes_the_threads_of_the_node_and_says_how_many() -> None:
    path = path_of(model_named("nano"))
    engine = Sam2Segmenter.from_checkpoint(path, model="nano", settings=Settings(threads=3))
    assert torch.get_num_threads() == 3
    assert engine.info.versions["threads"] == "3"
    usual = Settings().cpu_threads
    assert 1 <= usual <= (os.cpu_count() or 1)
    Sam2Segmenter.from_checkpoint(path, model="nano")
    assert torch.get_num_threads() == usual
