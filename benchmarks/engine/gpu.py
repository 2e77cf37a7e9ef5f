"""The figures that need a CUDA device: every size at 1024 next to the package's own predictor."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import torch

from engine.bare import BareLoop
from engine.network import random_checkpoint, random_network
from engine.objects import boxes, clicks, seconds_per_frame
from engine.shot import seconds_to_mattes, spec_of
from roto_worker.engines import registry
from roto_worker.media import open_plate
from roto_worker.synthetic.clip import Clip

COMPILED = "sam2.sam2_video_predictor.SAM2VideoPredictorVOS"
SIZES = ("tiny", "small", "base_plus", "large")


def measure(clip: Clip, folder: Path) -> dict[str, Any]:
    """Frames/s end to end and bare, 5 objects, clicks, and peak VRAM, by size."""
    return {size: _one(size, clip, folder) for size in SIZES}


def _one(size: str, clip: Clip, folder: Path) -> dict[str, Any]:
    model = str(random_checkpoint(size, folder))
    box = boxes(clip, 1)
    frames = len(clip.frames)
    figures: dict[str, Any] = {}
    for name, settings in (("package", {}), ("package_compiled", {"_target_": COMPILED})):
        predictor = random_network(size, image_size=1024, **settings).cuda()
        with closing(open_plate(clip.plate)) as source:
            loop = BareLoop(predictor, source)
        loop.seconds(box)
        figures[f"{name}_fps"] = frames / loop.seconds(box)
        del predictor, loop
        torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    spec = spec_of(clip, engine="sam2", model=model, image_size=1024)
    seconds_to_mattes(spec)
    figures["stage_fps"] = frames / seconds_to_mattes(spec)
    engine: Any = registry.acquire("sam2", model, 1024)
    figures["one_object_fps"] = 1 / seconds_per_frame(engine, clip, 1, 20)
    figures["five_objects_fps"] = 1 / seconds_per_frame(engine, clip, 5, 20)
    figures["click_seconds"] = clicks(engine, clip, 10)
    figures["peak_vram_gib"] = torch.cuda.max_memory_allocated() / 2**30
    return figures
