"""The package's own predictor on frames that are in memory already: what speed is measured by."""

from __future__ import annotations

import time
from typing import Any
from unittest.mock import patch

import sam2.sam2_video_predictor as package
import torch
from PIL import Image

from roto_worker.engines.sam2.frames import MEAN, STD
from roto_worker.media.source import FrameSource


class BareLoop:
    """``propagate_in_video`` over all frames of ``source``, held normalised in memory.

    In the memory of the predictor's device, so that it has nothing to wait for.
    """

    def __init__(self, predictor: Any, source: FrameSource) -> None:
        self.predictor, self.source = predictor, source
        first, last = source.info.frame_range
        frames = [self._frame(frame) for frame in range(first, last + 1)]
        self.frames = torch.stack(frames).to(predictor.device)

    @torch.inference_mode()
    def seconds(self, boxes: dict[str, tuple[float, float, float, float]]) -> float:
        """Wall time of prompting the first frame and of tracking ``boxes`` through all of them."""
        info = self.source.info
        with patch.object(
            package, "load_video_frames", lambda **_: (self.frames, info.height, info.width)
        ):
            state = self.predictor.init_state("")
        device = self.predictor.device.type
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            started = time.perf_counter()
            for name, box in boxes.items():
                self.predictor.add_new_points_or_box(state, 0, name, box=box)
            for _ in self.predictor.propagate_in_video(state):
                pass
            if device == "cuda":
                torch.cuda.synchronize()
            return time.perf_counter() - started

    def _frame(self, frame: int) -> torch.Tensor:
        size = self.predictor.image_size
        square = Image.fromarray(self.source.read(frame)).resize((size, size))
        pixels = torch.tensor(bytearray(square.tobytes()), dtype=torch.uint8)
        image = pixels.reshape(size, size, 3).permute(2, 0, 1).float() / 255
        return (image - MEAN) / STD
