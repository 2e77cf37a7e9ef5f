"""The figures that need a CUDA device: every size at 1024 next to the package's own predictor.

Each size is measured alone, ours before the package's, so that peaks are ours. What fails is
reported as such and does not keep the rest from being measured.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import torch

from engine import live
from engine.bare import BareLoop
from engine.network import random_checkpoint, random_network
from engine.objects import boxes, clicks, seconds_per_frame
from engine.shot import seconds_to_mattes, spec_of, with_objects
from roto_client.api import PreviewOptions
from roto_worker.engines import registry
from roto_worker.media import open_plate
from roto_worker.synthetic.clip import Clip, generate_clip

COMPILED = {
    "_target_": "sam2.sam2_video_predictor.SAM2VideoPredictorVOS",
    "compile_image_encoder": True,
}
"""What the package's ``vos_optimized=True`` sets."""
SIZES = ("tiny", "small", "base_plus", "large")
SIDE = 1024
OBJECTS = 5
STEPS = 20
"""Frames of which the median is taken, once memories are full."""
GOALS: dict[str, tuple[float, str]] = {
    "stage_vs_compiled": (1.0, "at least"),
    "stage_fps": (10.0, "at least"),
    "five_objects_vs_package": (2.0, "at least"),
    "peak_vram_gib_4k": (8.0, "at most"),
    "vram_long_vs_short": (1.02, "at most"),
}
"""Of the issue; not gates. Large may take 16 GiB."""

Figures = dict[str, Any]


def measure(clip: Clip, folder: Path, sizes: Sequence[str] = SIZES, *, quick: bool) -> Figures:
    """Figures by size; those of `live` for the first one under ``clicks_at_the_client``."""
    large = generate_clip(folder / "clip4k", 3840, 2160, 8 if quick else 24, format="exr")
    figures: Figures = {size: _one(size, clip, large, folder) for size in sizes}
    figures["clicks_at_the_client"] = attempt(lambda: _clicks_at_the_client(sizes[0], clip, folder))
    return figures


def _one(size: str, clip: Clip, large: Clip, folder: Path) -> Figures:
    model = str(random_checkpoint(size, folder))
    figures: Figures = {}
    parts: dict[str, Callable[[], Figures]] = {
        "ours": lambda: _ours(model, clip, side=SIDE),
        "memory": lambda: _memory(model, clip, large, side=SIDE),
        "package": lambda: _package(size, clip, "package", {}, side=SIDE),
        "compiled": lambda: _package(size, clip, "package_compiled", COMPILED, side=SIDE),
    }
    for name, part in parts.items():
        found = attempt(part)
        figures |= found if isinstance(found, dict) else {f"{name}_failed": found}
        _free()
    return figures | _ratios(figures)


def attempt(measured: Callable[[], Figures]) -> Figures | str:
    """What ``measured`` answers, or why it could not."""
    try:
        return measured()
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:200]


def _ours(model: str, clip: Clip, *, side: int) -> Figures:
    spec = spec_of(clip, engine="sam2", model=model, image_size=side)
    seconds_to_mattes(spec)  # compiles
    frames = len(clip.frames)
    engine: Any = registry.acquire("sam2", model, side)
    click = clicks(engine, clip, STEPS // 2)
    return {
        "stage_fps": frames / seconds_to_mattes(spec),
        "one_object_fps": 1 / seconds_per_frame(engine, clip, 1, STEPS),
        "five_objects_fps": 1 / seconds_per_frame(engine, clip, OBJECTS, STEPS),
        "first_click_seconds": click["first"],
        "second_click_seconds": click["second"],
    }


def _memory(model: str, clip: Clip, large: Clip, *, side: int) -> Figures:
    """Peaks of the stage: 4K with 5 objects and both edge passes; a long against a short shot."""
    whole = spec_of(large, engine="sam2", model=model, image_size=side)
    whole["params"]["edges"] = {"detail": True, "refine": True}
    plain = spec_of(clip, engine="sam2", model=model, image_size=side)
    first, last = clip.frame_range
    short = [first, first + (last - first) // 10]
    tenth = {**plain, "params": {**plain["params"], "frame_range": short}}
    peaks = []
    for spec in (with_objects(whole, large, OBJECTS), tenth, plain):
        torch.cuda.reset_peak_memory_stats()
        seconds_to_mattes(spec)
        peaks.append(torch.cuda.max_memory_allocated() / 2**30)
    return {
        "peak_vram_gib_4k": peaks[0],
        "peak_vram_gib": peaks[2],
        "vram_long_vs_short": peaks[2] / peaks[1],
    }


def _package(size: str, clip: Clip, name: str, settings: Figures, *, side: int) -> Figures:
    predictor = random_network(size, image_size=side, **settings).cuda()
    with closing(open_plate(clip.plate)) as source:
        loop = BareLoop(predictor, source)
    frames = len(clip.frames)
    figures: Figures = {}
    for objects, label in ((1, "fps"), (OBJECTS, "five_objects_fps")):
        box = boxes(clip, objects)
        loop.seconds(box)  # compiles
        figures[f"{name}_{label}"] = frames / loop.seconds(box)
    return figures


def _ratios(figures: Figures) -> Figures:
    pairs = {
        "stage_vs_package": ("stage_fps", "package_fps"),
        "stage_vs_compiled": ("stage_fps", "package_compiled_fps"),
        "five_objects_vs_package": ("five_objects_fps", "package_five_objects_fps"),
    }
    return {
        name: figures[ours] / figures[theirs]
        for name, (ours, theirs) in pairs.items()
        if ours in figures and theirs in figures
    }


def _clicks_at_the_client(size: str, clip: Clip, folder: Path) -> Figures:
    """With the random checkpoint where a node keeps the official one of that size."""
    models = folder / "models"
    models.mkdir(exist_ok=True)
    name = f"sam2.1_hiera_{size}"
    network = random_network(size)
    torch.save({"model": network.state_dict()}, models / f"{name}.pt")
    os.environ["ROTO_MODELS_DIR"] = str(models)
    return live.waits(clip, folder, PreviewOptions(engine="sam2", model=name), 20)


def _free() -> None:
    registry.acquire("flow")  # lets go of the other
    torch._dynamo.reset()
    gc.collect()
    torch.cuda.empty_cache()


def reached(figures: Figures) -> list[list[Any]]:
    """Rows of size, goal, measured, and whether it was reached."""
    rows = []
    for size, found in figures.items():
        for name, (limit, sense) in GOALS.items():
            value = found.get(name) if isinstance(found, dict) else None
            if value is None:
                continue
            wanted = 16.0 if (size, name) == ("large", "peak_vram_gib_4k") else limit
            met = value >= wanted if sense == "at least" else value <= wanted
            rows.append([size, name, value, f"{sense} {wanted}", "reached" if met else "not"])
    return rows
