"""What more objects cost, and what a second click on the same frame costs."""

from __future__ import annotations

import time
from contextlib import closing
from statistics import median
from typing import Any

from roto_shapes.prompts import Click, FramePrompt
from roto_worker.engines.base import Detailer, Segmenter
from roto_worker.media import open_plate
from roto_worker.synthetic.clip import Clip

WARM_UP = 7
"""Frames until the memory window is full, and a frame costs what it costs from then on."""


def seconds_per_frame(engine: Segmenter, clip: Clip, objects: int, frames: int) -> float:
    """The median of ``frames`` steps with a full memory window."""
    first = clip.frame_range[0]
    prompts = {f"{index}": [_box(clip, index, first)] for index in range(objects)}
    times: list[float] = []
    with closing(open_plate(clip.plate)) as source:
        engine.start(source, prompts)
        engine.begin(first, 1, list(prompts))
        for _ in range(WARM_UP + frames):
            started = time.perf_counter()
            engine.step()
            times.append(time.perf_counter() - started)
        engine.close()
    return median(times[WARM_UP:])


def clicks(engine: Detailer, clip: Clip, frames: int) -> dict[str, float]:
    """Median seconds of a first and of a second click, over ``frames`` frames."""
    first_click: list[float] = []
    second_click: list[float] = []
    middle = Click(clip.width / 2, clip.height / 2)
    beside = Click(clip.width / 2 + 20, clip.height / 2 - 10)
    with closing(open_plate(clip.plate, read_ahead=0)) as source:
        for frame in clip.frames[: frames + 1]:
            image = source.read(frame)
            for points, times in (((middle,), first_click), ((middle, beside), second_click)):
                started = time.perf_counter()
                engine.look(f"bench/{frame}", image, FramePrompt(frame, points=points))
                times.append(time.perf_counter() - started)
    # The first frame also warms the kernels up.
    return {"first": median(first_click[1:]), "second": median(second_click[1:])}


def _box(clip: Clip, index: int, frame: int) -> FramePrompt:
    """Boxes side by side in a grid of five by four."""
    width, height = clip.width / 5, clip.height / 4
    x, y = (index % 5) * width, (index // 5 % 4) * height
    box = (x + 0.1 * width, y + 0.1 * height, x + 0.9 * width, y + 0.9 * height)
    return FramePrompt(frame, box=box)


def boxes(clip: Clip, count: int) -> dict[str, Any]:
    """The same boxes as the package's predictor takes them."""
    return {f"{index}": _box(clip, index, clip.frame_range[0]).box for index in range(count)}
