"""Compiled parts and their warm-up, so that the first click on a GPU does not pay for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from roto_shapes.prompts import FramePrompt

from ...media.source import Image8, PlateInfo
from .checkpoints import models_dir

if TYPE_CHECKING:
    from .engine import Sam2Segmenter

_SIDE = 256
_FRAMES = 3


def compile_parts(model: Any, reader: Any) -> None:
    """Compile the image encoder (one shape) and memory attention (any number of memories).

    Kernels are cached beside the checkpoints, so that a worker pays once per build. What cannot be
    compiled (no compiler on the node, say) runs as it is, with torch's warning.
    """
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(models_dir() / "compiled"))
    torch._dynamo.config.suppress_errors = True
    # Not with CUDA graphs: their outputs are overwritten by the next call, and features are kept.
    mode = "max-autotune-no-cudagraphs"
    encoder = model.image_encoder
    encoder.forward = torch.compile(encoder.forward, mode=mode, dynamic=False)
    reader.compile()


def warm_up(engine: Sam2Segmenter) -> None:
    """Track a grey plate: every part has run once, with one memory and with more."""
    box = FramePrompt(1, box=(64.0, 64.0, 192.0, 192.0))
    source = _GreyPlate()
    engine.start(source, {"warm-up": [box]})
    engine.begin(1, 1, ["warm-up"])
    for _ in range(_FRAMES):
        engine.step()
    engine.close()
    engine.look("", source.read(1), box)


class _GreyPlate:
    info = PlateInfo(_SIDE, _SIDE, 1.0, (24, 1), (1, _FRAMES), None, {})

    def read(self, frame: int) -> Image8:
        return np.full((_SIDE, _SIDE, 3), 128, np.uint8)

    def close(self) -> None:
        """Nothing is open."""
