"""The scenes stage: how much every frame looks like the first of another shot."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Generator
from contextlib import closing
from itertools import combinations
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from roto_shapes.errors import RotoError

from ..media import open_plate
from ..media.files import write_bytes
from ..media.source import Image8
from .context import StageResult, TaskContext

SIDE = 3
"""Frames looked at on either side of a place that may be a cut."""
_SMALL = (96, 54)
_TINY = (16, 9)
_BINS = 6


class Look:
    """What is kept of a frame: which colours it has how much of, and how light lies in it."""

    def __init__(self, image: Image8) -> None:
        small = cv2.resize(image, _SMALL, interpolation=cv2.INTER_AREA)
        bins = small.astype(np.uint16) * _BINS // 256
        index = (bins[..., 0] * _BINS + bins[..., 1]) * _BINS + bins[..., 2]
        counts = np.bincount(index.ravel(), minlength=_BINS**3)
        self.colours = counts / index.size
        grey = cv2.resize(small, _TINY, interpolation=cv2.INTER_AREA).mean(axis=2)
        # A picture without structure has next to none after this, rather than noise.
        self.light = (grey - grey.mean()) / np.hypot(grey.std(), 4.0)

    def unlike(self, other: Look) -> float:
        """0 for the same picture, 1 for one that has nothing of it."""
        colours = float(np.abs(self.colours - other.colours).sum()) / 2
        alike = float((self.light * other.light).mean())
        own = max(float((self.light**2).mean()), float((other.light**2).mean()))
        structure = min(1.0, max(0.0, own - alike))
        return (colours + structure) / 2


def score(before: list[Look], after: list[Look]) -> float:
    """How much of a cut lies between the frames ``before`` and those ``after`` it, 0 to 1.

    At a cut every frame before is unlike every frame after, and some of one side are alike. A flash
    is unlike one frame only, a pan as unlike those of its own side. Of a single frame nobody can
    say how restless its scene is: it makes none.
    """
    if min(len(before), len(after)) < 2:
        return 0.0
    across = min(one.unlike(other) for one in before for other in after)
    return max(0.0, across - max(_unrest(before), _unrest(after)))


def _unrest(side: list[Look]) -> float:
    return min(one.unlike(other) for one, other in combinations(side, 2))


def run(ctx: TaskContext) -> StageResult:
    """Write ``scenes.json``: ``{"first_frame", "scores"}``, the first frame's score being 0.

    Looks at the proxies an ingest has made, which are small; at the plate where there are none.

    Raises:
        RotoError: what `open_plate` raises; ``storage_failed`` for a proxy that cannot be read.
    """
    first, last = ctx.spec["params"]["frame_range"]
    total = last - first + 1
    seen: deque[Look] = deque(maxlen=2 * SIDE)
    scores = [0.0] * total
    with closing(_pictures(ctx, first, last)) as pictures:
        for done, image in enumerate(pictures, 1):
            seen.append(Look(image))
            _note(scores, list(seen), done, total)
            ctx.progress(done, total, "looking for cuts")
    path = ctx.output_dir / "scenes.json"
    told = {"first_frame": first, "scores": [round(value, 4) for value in scores]}
    write_bytes(path, json.dumps(told).encode())
    file: dict[str, Any] = {
        "role": "scenes",
        "path": path.name,
        "size": path.stat().st_size,
        "format": "json",
    }
    return {"files": [file], "provenance": ctx.spec["provenance"]}


def _note(scores: list[float], seen: list[Look], done: int, total: int) -> None:
    """Score the places whose neighbours have all been seen, ``done`` frames into the plate."""
    begin = done - len(seen)
    newest = range(done - SIDE, done - SIDE + 1) if done < total else range(done - SIDE, done)
    for place in newest:
        at = place - begin
        if at > 0:
            scores[place] = score(seen[max(0, at - SIDE) : at], seen[at : at + SIDE])


def _pictures(ctx: TaskContext, first: int, last: int) -> Generator[Image8]:
    proxies = ctx.spec["inputs"].get("proxies")
    if proxies is not None:
        for frame in range(first, last + 1):
            yield _proxy(Path(proxies) / "proxies" / f"{frame}.jpg")
        return
    shot = ctx.spec["shot"]
    source = open_plate(shot["plate"], colorspace=shot.get("colorspace"), frame_range=(first, last))
    with closing(source):
        for frame in range(first, last + 1):
            yield source.read(frame)


def _proxy(path: Path) -> Image8:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise RotoError(f"The proxy {path.name} cannot be read.", code="storage_failed")
    return image
