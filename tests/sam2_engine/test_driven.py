"""The sam2 engine driven in passes, on random weights: objects and stretches stay apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from helpers_sam2 import FIRST, MovingShapes, random_network
from numpy.typing import NDArray

from roto_shapes.prompts import Click, FramePrompt
from roto_worker.engines.base import EngineInfo, Logits
from roto_worker.engines.driver import Checkpoint, drive
from roto_worker.engines.plan import plan_sweeps
from roto_worker.engines.sam2.build import load_checkpoint
from roto_worker.engines.sam2.checkpoints import model_named, path_of
from roto_worker.engines.sam2.engine import Sam2Segmenter
from roto_worker.media.source import Image8

pytestmark = pytest.mark.sam2

COUNT = 20
LAST = FIRST + COUNT - 1
INFO = EngineInfo("sam2", "random nano", None, "cpu")
Prompts = dict[str, list[FramePrompt]]


def box(frame: int, x: float = 25.0, y: float = 30.0) -> FramePrompt:
    return FramePrompt(frame, box=(x - 11, y - 11, x + 11, y + 11))


def click(frame: int, x: float, y: float) -> FramePrompt:
    return FramePrompt(frame, points=(Click(x, y, True),))


PROMPTS: Prompts = {
    "disc": [box(FIRST + 2), click(FIRST + 9, 30.0, 30.0), box(LAST - 1)],
    "square": [click(FIRST + 6, 78.0, 48.0)],
    "gone": [box(FIRST, 50.0), FramePrompt(FIRST + 12, absent=True)],
}


class Store:
    """The driver's results in memory."""

    def __init__(self) -> None:
        self.mattes: dict[tuple[str, int], NDArray[np.float32]] = {}
        self.kept: dict[tuple[str, int], Logits] = {}
        self.last = Checkpoint()

    def write(self, object_id: str, frame: int, alpha: NDArray[np.float32]) -> None:
        self.mattes[object_id, frame] = alpha

    def hold(self, object_id: str, frame: int, logits: Logits) -> None:
        self.kept[object_id, frame] = logits

    def held(self, object_id: str, frame: int) -> Logits:
        return self.kept[object_id, frame]

    def drop(self, object_id: str, frame: int) -> None:
        self.kept.pop((object_id, frame), None)

    def save(self, checkpoint: Checkpoint) -> None:
        self.last = checkpoint


@pytest.fixture(scope="module")
def network() -> Any:
    return random_network()


def track(
    network: Any, prompts: Prompts, store: Store | None = None, stop_at: int | None = None
) -> Store:
    """``store`` goes on where it stopped."""

    def on_step(done: int) -> None:
        if done == stop_at:
            raise InterruptedError

    store = store or Store()
    source, engine = MovingShapes(COUNT), Sam2Segmenter(network, INFO)
    engine.start(source, prompts)
    plan = plan_sweeps(prompts, source.info.frame_range)
    shape = (source.info.height, source.info.width)
    drive(engine, plan, store, shape, resume=store.last, on_step=on_step)
    engine.close()
    return store


@pytest.fixture(scope="module")
def together(network: Any) -> Store:
    torch.set_num_threads(1)  # a module's fixtures come before those that fix it for each test
    return track(network, PROMPTS)


def assert_same(one: Store, other: Store) -> None:
    for key, matte in one.mattes.items():
        np.testing.assert_array_equal(matte, other.mattes[key], err_msg=str(key))


def test_every_object_is_as_if_it_were_alone(network: Any, together: Store) -> None:
    assert len(together.mattes) == 3 * COUNT
    for name, given in PROMPTS.items():
        assert_same(track(network, {name: given}), together)


@pytest.mark.parametrize("stop_at", [4, 11, 25])
def test_stopped_in_the_middle_of_a_pass_and_resumed(
    network: Any, together: Store, stop_at: int
) -> None:
    store = Store()
    with pytest.raises(InterruptedError):
        track(network, PROMPTS, store, stop_at)
    assert store.last.engine is not None
    assert_same(together, track(network, PROMPTS, store))


def test_a_correction_touches_the_stretch_around_it_alone(network: Any, together: Store) -> None:
    corrected = dict(
        PROMPTS, disc=[*PROMPTS["disc"][:2], click(FIRST + 14, 36.0, 30.0), PROMPTS["disc"][2]]
    )
    after = track(network, corrected)
    changed = {key for key, matte in together.mattes.items() if (matte != after.mattes[key]).any()}
    assert ("disc", FIRST + 14) in changed
    assert changed <= {("disc", frame) for frame in range(FIRST + 10, LAST - 1)}


class Away(MovingShapes):
    """The disc is not in the picture for thirty frames."""

    GONE = range(FIRST + 7, FIRST + 37)

    def __init__(self) -> None:
        super().__init__(44)

    def read(self, frame: int) -> Image8:
        image = super().read(frame)
        if frame in self.GONE:
            inside = self.disc(frame)
            image[inside] = self._noise[inside]
        return image

    def disc(self, frame: int) -> NDArray[np.bool_]:
        y, x = np.mgrid[0 : self.info.height, 0 : self.info.width]
        cx, cy = self.disc_centre(frame)
        return np.asarray((x - cx) ** 2 + (y - cy) ** 2 < 100)


def nano() -> Any:
    return load_checkpoint(path_of(model_named("nano")), image_size=128, device=torch.device("cpu"))


def test_an_object_that_is_said_to_be_away_for_thirty_frames() -> None:
    source, store = Away(), Store()
    last = source.info.frame_range[1]
    prompts: Prompts = {
        "disc": [
            box(FIRST, *source.disc_centre(FIRST)),
            FramePrompt(source.GONE[0], absent=True),
            FramePrompt(source.GONE[-1], absent=True),
            box(last, *source.disc_centre(last)),
        ]
    }
    engine = Sam2Segmenter(nano(), INFO)
    engine.start(source, prompts)
    plan = plan_sweeps(prompts, source.info.frame_range)
    drive(engine, plan, store, (source.info.height, source.info.width))
    for frame in range(FIRST, last + 1):
        found, disc = store.mattes["disc", frame] >= 0.5, source.disc(frame)
        if frame in source.GONE:
            assert not found.any(), frame
        else:
            assert (found & disc).sum() / (found | disc).sum() > 0.6, frame
