"""`Segmenter` and `Detailer` on SAM 2: see `roto_worker.engines.base` for the protocols.

What holds of results, bit for bit:

- in reference mode (CPU, one number of threads) logits are those of the package's predictor;
- in product mode a pass that was saved and restored on the same device and build goes on as if it
  had never stopped, and `look` between two steps changes nothing;
- on the CPU an object's logits do not depend on which other objects are in the pass. On a GPU they
  may, in the last bits: batches of another size may use other kernels. Frames that are not tracked
  again (all but the stretch around a correction) stay as they are on any device.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from threading import RLock
from typing import Any

import torch

from roto_shapes.errors import RotoError
from roto_shapes.prompts import FramePrompt

from ...media.source import FrameSource, Image8
from ..base import Candidate, EngineInfo, EngineState, Logits, Prediction
from .batch import memory_told
from .build import best_device, load_checkpoint
from .checkpoints import sha256_of
from .frames import FrameEncoder
from .geometry import Canvas
from .look import Looker
from .network import Network
from .settings import Settings
from .tracking import Pass, Start
from .warm import warm_up


class Sam2Segmenter:
    """A SAM 2 predictor kept in memory, tracking one shot at a time.

    Each sweep knows the prompts on its first frame and on the next prompted frame ahead, and no
    other (see `Settings.attended_prompts`): what lies beyond a neighbouring prompt can never change
    a frame. The predictor belongs to the engine from here on: product mode repacks its weights.
    Calls from several threads wait for each other.
    """

    def __init__(self, predictor: Any, info: EngineInfo, settings: Settings | None = None) -> None:
        self._info = info
        self._settings = settings or Settings()
        self._network = Network(predictor, self._settings)
        self._looker = Looker(self._network)
        self._lock = RLock()
        self._prompts: dict[str, list[FramePrompt]] = {}
        self._shot: _Shot | None = None
        self._pass: Pass | None = None

    @classmethod
    def from_checkpoint(
        cls,
        path: Path,
        *,
        model: str,
        image_size: int | None = None,
        settings: Settings | None = None,
    ) -> Sam2Segmenter:
        """Load ``path`` onto the best device of this machine.

        ``image_size``: side of the model's square input in pixels, a multiple of 32; None is the
        network's own.

        On the CPU this sets the number of threads of torch in this process.

        Raises:
            CheckpointError: the file is not a SAM 2 checkpoint.
            RotoError: ``bad_request``: no network works at ``image_size``.
        """
        settings = settings or Settings()
        device = torch.device("cpu") if settings.exact else best_device()
        if device.type == "cpu":
            torch.set_num_threads(settings.cpu_threads)
        predictor = load_checkpoint(path, image_size=image_size, device=device)
        info = EngineInfo(
            engine="sam2",
            model=model,
            checkpoint_sha256=sha256_of(path),
            device=_device_name(device),
            versions={
                "torch": torch.__version__,
                "sam2": version("sam2"),
                "image_size": str(predictor.image_size),
                "mode": settings.mode,
                "margin": str(settings.margin(predictor.image_size)),
                **({"threads": str(torch.get_num_threads())} if device.type == "cpu" else {}),
            },
        )
        engine = cls(predictor, info, settings)
        if device.type == "cuda":
            warm_up(engine)
        return engine

    @property
    def info(self) -> EngineInfo:
        return self._info

    def start(self, source: FrameSource, prompts: Mapping[str, Sequence[FramePrompt]]) -> None:
        self.close()
        side = self._network.side
        canvas = Canvas(source.info.width, source.info.height, side, self._settings.margin(side))
        with self._computing():
            self._shot = _Shot(source, canvas, FrameEncoder(self._network, source, canvas))
        self._prompts = {name: sorted(given, key=_frame_of) for name, given in prompts.items()}

    def begin(
        self,
        frame: int,
        direction: int,
        objects: Sequence[str],
        tracked: Mapping[str, Logits] | None = None,
    ) -> None:
        starts = {
            name: Start(self._known_prompts(name, frame, direction), (tracked or {}).get(name))
            for name in objects
        }
        with self._computing():
            if self._pass is None or not self._pass.takes(frame, direction):
                self._pass = self._open(frame, direction)
            self._pass.join(frame, starts)

    def leave(self, objects: Sequence[str]) -> None:
        running = self._running()
        running.leave(objects)
        if not running.objects:
            self._pass = None

    def step(self) -> tuple[int, dict[str, Prediction]]:
        with self._computing():
            return self._running().step()

    def checkpoint(self) -> EngineState:
        return EngineState(*self._running().save())

    def restore(self, state: EngineState) -> None:
        self._pass = self._open(state.meta["frame"], state.meta["direction"])
        self._pass.load(state.arrays, state.meta)

    def look(
        self, key: str, image: Image8, prompt: FramePrompt, hint: Logits | None = None
    ) -> list[Candidate]:
        with self._computing():
            return self._looker.look(key, image, prompt, hint)

    def close(self) -> None:
        if self._shot is not None:
            self._shot.encoder.close()
        self._shot = self._pass = None
        self._prompts = {}

    @contextmanager
    def _computing(self) -> Iterator[None]:
        with self._lock, torch.inference_mode(), self._network.precision(), memory_told():
            yield

    def _open(self, frame: int, direction: int) -> Pass:
        if self._shot is None:
            raise RuntimeError("no shot was started")
        shot = self._shot
        frames = shot.source.info.frame_range
        return Pass(self._network, shot.encoder, shot.canvas, frames, frame, direction)

    def _running(self) -> Pass:
        if self._pass is None:
            raise RuntimeError("no object was begun")
        return self._pass

    def _known_prompts(self, name: str, frame: int, direction: int) -> list[FramePrompt]:
        given = self._prompts[name]
        here = [prompt for prompt in given if prompt.frame == frame]
        if not here:
            raise RotoError(f"object {name} has no prompt on frame {frame}", code="engine_failed")
        # Clicks alone may be a correction of what this sweep brings there: not known beforehand.
        given = [prompt for prompt in given if not _clicks_only(prompt)]
        ahead = [prompt for prompt in given if (prompt.frame - frame) * direction > 0]
        ahead.sort(key=lambda prompt: (prompt.frame - frame) * direction)
        return here + ahead[: self._settings.attended_prompts - 1]


class _Shot:
    def __init__(self, source: FrameSource, canvas: Canvas, encoder: FrameEncoder) -> None:
        self.source, self.canvas, self.encoder = source, canvas, encoder


def _clicks_only(prompt: FramePrompt) -> bool:
    return bool(prompt.points) and prompt.box is None and prompt.mask_png is None


def _frame_of(prompt: FramePrompt) -> int:
    return prompt.frame


def _device_name(device: torch.device) -> str:
    return f"cuda:0 {torch.cuda.get_device_name(0)}" if device.type == "cuda" else device.type
