"""`Segmenter` on SAM 2: see `roto_worker.engines.base` for the protocol."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from roto_shapes.errors import RotoError
from roto_shapes.prompts import FramePrompt

from ...media.source import FrameSource
from ..base import EngineInfo, EngineState, Logits, Prediction
from .build import best_device, load_checkpoint
from .checkpoints import sha256_of
from .streaming import Sweep

_TRACKED = "tracked/"


class Sam2Segmenter:
    """A SAM 2 predictor kept in memory, tracking one shot at a time.

    Each sweep knows the prompts on its first frame and on the next prompted frame ahead, and no
    other: what lies beyond a neighbouring prompt can never change a frame.
    """

    def __init__(self, predictor: Any, info: EngineInfo) -> None:
        self._predictor = predictor
        self._info = info
        self._source: FrameSource | None = None
        self._prompts: dict[str, list[FramePrompt]] = {}
        self._tracked: dict[str, NDArray[np.bool_]] = {}
        self._sweep: Sweep | None = None

    @classmethod
    def from_checkpoint(
        cls, path: Path, *, model: str, image_size: int | None = None
    ) -> Sam2Segmenter:
        """Load ``path`` onto the best device of this machine.

        Raises:
            CheckpointError: the file is not a SAM 2 checkpoint.
        """
        device = best_device()
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
            },
        )
        return cls(predictor, info)

    @property
    def info(self) -> EngineInfo:
        return self._info

    def start(self, source: FrameSource, prompts: Mapping[str, Sequence[FramePrompt]]) -> None:
        self.close()
        self._source = source
        self._prompts = {name: sorted(given, key=_frame_of) for name, given in prompts.items()}

    def begin(
        self,
        frame: int,
        direction: int,
        objects: Sequence[str],
        tracked: Mapping[str, Logits] | None = None,
    ) -> None:
        if self._source is None:
            raise RuntimeError("begin() before start()")
        self._tracked = {name: logits > 0 for name, logits in (tracked or {}).items()}
        self._sweep = Sweep(
            self._predictor,
            self._source,
            {name: self._known_prompts(name, frame, direction) for name in objects},
            frame_range=self._source.info.frame_range,
            start=frame,
            direction=direction,
        )

    def step(self) -> tuple[int, dict[str, Prediction]]:
        frame, answers = self._running().step()
        return frame, {
            name: Prediction(plate.float().cpu().numpy(), _confidence(low, score))
            for name, (plate, low, score) in answers.items()
        }

    def checkpoint(self) -> EngineState:
        arrays, meta = self._running().save()
        corrected = {f"{_TRACKED}{name}": mask for name, mask in self._tracked.items()}
        return EngineState(arrays | corrected, meta)

    def restore(self, state: EngineState) -> None:
        meta = state.meta
        tracked = {
            key.removeprefix(_TRACKED): np.where(mask, np.float32(1), np.float32(-1))
            for key, mask in state.arrays.items()
            if key.startswith(_TRACKED)
        }
        memory = {key: a for key, a in state.arrays.items() if not key.startswith(_TRACKED)}
        self.begin(meta["start"], meta["direction"], meta["objects"], tracked)
        self._running().load(memory, meta)

    def close(self) -> None:
        self._source = None
        self._sweep = None
        self._prompts = {}

    def _running(self) -> Sweep:
        if self._sweep is None:
            raise RuntimeError("no sweep was begun")
        return self._sweep

    def _known_prompts(self, name: str, frame: int, direction: int) -> list[FramePrompt]:
        given = self._prompts[name]
        here = [prompt for prompt in given if prompt.frame == frame]
        if not here:
            raise RotoError(f"object {name} has no prompt on frame {frame}", code="engine_failed")
        if name in self._tracked:
            here = [replace(here[0], mask_png=_as_png(self._tracked[name]))]
        # Clicks alone may be a correction of what this sweep brings there: not known beforehand.
        given = [prompt for prompt in given if not _clicks_only(prompt)]
        ahead = [prompt for prompt in given if (prompt.frame - frame) * direction > 0]
        ahead.sort(key=lambda prompt: (prompt.frame - frame) * direction)
        return here + ahead[:1]


def _clicks_only(prompt: FramePrompt) -> bool:
    return bool(prompt.points) and prompt.box is None and prompt.mask_png is None


def _as_png(mask: NDArray[np.bool_]) -> bytes:
    content = io.BytesIO()
    Image.fromarray(mask).convert("L").save(content, "PNG")
    return content.getvalue()


def _frame_of(prompt: FramePrompt) -> int:
    return prompt.frame


def _confidence(low: torch.Tensor, score: torch.Tensor) -> float:
    """How sure the model is whether the object is there, times the stability of its matte.

    Stability is the IoU of the matte cut at the logits +1 and -1: the score of Kirillov et al.
    2023, "Segment Anything", appendix B. An object surely absent is a confident answer.
    """
    there = float(torch.sigmoid(score.float()))
    inner, outer = int((low > 1.0).sum()), int((low > -1.0).sum())
    stability = inner / outer if outer else 1.0
    return float(np.clip(max(there, 1.0 - there) * stability, 0.0, 1.0))


def _device_name(device: torch.device) -> str:
    return f"cuda:0 {torch.cuda.get_device_name(0)}" if device.type == "cuda" else device.type
