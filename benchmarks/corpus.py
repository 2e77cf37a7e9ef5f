"""Clips with known masks and prompts good and bad: what confidence is fitted on.

The footage's clips at half size (every engine works on small pictures anyway) and generated clips
of moving figures. Prompts as artists give them, and as they should not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import tracking
from roto_shapes.prompts import Click, FramePrompt
from roto_worker.training.clips import EVALUATION, make_clip
from tracking import Mask

SEED = 77
SIZE, FRAMES = 224, 24
"""Of generated clips, pixels and frames."""
SMALLEST = 0.008
"""Share of the first frame that an object must show to be tracked."""
IN_PRACTICE = {
    "mask": 1.0,
    "click": 1.0,
    "click_corrected": 1.0,
    "mid": 0.7,
    "masks": 0.7,
    "one": 0.6,
    "any": 0.3,
    "half": 0.25,
    "wrong": 0.25,
}
"""Prompts -> how common they are thought to be; what their runs weigh. *mask*, *click*: as in
bench_track, on the first frame; *click_corrected*: and a click on the largest error of the middle
one; *mid*: a mask of the middle frame; *masks*: of the first and the last; *one*: one click where
the object is deepest; *any*: one anywhere inside; *half*: a mask of the object's left half;
*wrong*: one click beside the object."""


@dataclass(frozen=True)
class Known:
    """A clip whose masks are known, by frame."""

    name: str
    plate: dict[str, Any]
    truth: dict[int, Mask]


def footage_clips(davis: Path, scratch: Path) -> Iterator[Known]:
    for folder in sorted(path for path in davis.iterdir() if (path / "masks").is_dir()):
        small = scratch / folder.name
        small.mkdir(parents=True, exist_ok=True)
        truth = {}
        for path in sorted((folder / "masks").glob("*.png")):
            truth[int(path.stem)] = _halved(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)) >= 128
            image = cv2.imread(str(folder / "frames" / f"{path.stem}.jpg"))
            cv2.imwrite(str(small / f"{path.stem}.png"), _halved(image))
        yield Known(folder.name, _sequence(small), truth)


def generated_clips(count: int, scratch: Path) -> Iterator[Known]:
    """Of clips 0 .. count - 1, those that begin with an object large enough."""
    for index in range(count):
        clip = make_clip(index, seed=SEED, space=EVALUATION, size=SIZE, frames=FRAMES)
        shown = [int(owner) for owner in np.unique(clip.owners[0]) if owner]
        large = [one for one in shown if (clip.owners[0] == one).mean() > SMALLEST]
        if not large:
            continue
        owner = large[index % len(large)]
        folder = scratch / f"generated{index}"
        folder.mkdir(parents=True, exist_ok=True)
        for frame, image in enumerate(clip.images):
            cv2.imwrite(str(folder / f"{frame:05d}.png"), image[..., ::-1])
        truth = {frame: np.asarray(clip.owners[frame] == owner) for frame in range(FRAMES)}
        yield Known(folder.name, _sequence(folder), truth)


def prompts_of(mode: str, clip: Known, engine: str, model: str) -> list[FramePrompt]:
    """The prompts of one way of prompting (see `IN_PRACTICE`)."""
    if mode == "click_corrected":
        return _corrected(clip, engine, model)
    return _PLAIN[mode](clip)


def _first(clip: Known) -> tuple[int, Mask]:
    frame = min(clip.truth)
    return frame, clip.truth[frame]


def _mask(clip: Known) -> list[FramePrompt]:
    frame, truth = _first(clip)
    return [tracking.mask_prompt(truth, frame)]


def _click(clip: Known) -> list[FramePrompt]:
    frame, truth = _first(clip)
    return [tracking.click_prompt(truth, frame)]


def _mid(clip: Known) -> list[FramePrompt]:
    middle = sorted(clip.truth)[len(clip.truth) // 2]
    return [tracking.mask_prompt(clip.truth[middle], middle)]


def _masks(clip: Known) -> list[FramePrompt]:
    last = max(clip.truth)
    return [*_mask(clip), tracking.mask_prompt(clip.truth[last], last)]


def _one(clip: Known) -> list[FramePrompt]:
    frame, _ = _first(clip)
    return [FramePrompt(frame, points=_click(clip)[0].points[:1])]


def _any(clip: Known) -> list[FramePrompt]:
    frame, truth = _first(clip)
    inside = np.argwhere(cv2.erode(truth.astype(np.uint8), np.ones((5, 5))))
    row, column = inside[np.random.default_rng(len(inside)).integers(len(inside))]
    return [FramePrompt(frame, points=(Click(column + 0.5, row + 0.5),))]


def _half(clip: Known) -> list[FramePrompt]:
    frame, truth = _first(clip)
    half = truth.copy()
    half[:, int(np.median(np.nonzero(truth)[1])) :] = False
    return [tracking.mask_prompt(half, frame)]


def _wrong(clip: Known) -> list[FramePrompt]:
    frame, _ = _first(clip)
    beside = _click(clip)[0].points[1]
    return [FramePrompt(frame, points=(Click(beside.x, beside.y),))]


_PLAIN: dict[str, Callable[[Known], list[FramePrompt]]] = {
    "mask": _mask,
    "click": _click,
    "mid": _mid,
    "masks": _masks,
    "one": _one,
    "any": _any,
    "half": _half,
    "wrong": _wrong,
}


def _corrected(clip: Known, engine: str, model: str) -> list[FramePrompt]:
    middle = sorted(clip.truth)[len(clip.truth) // 2]
    given = _click(clip)
    found = tracking.track(clip.plate, {"object": given}, engine, model)["object"].masks[middle]
    if (found == clip.truth[middle]).all():
        return given
    return [*given, tracking.correction(found, clip.truth[middle], middle)]


def _sequence(folder: Path) -> dict[str, Any]:
    return {"kind": "sequence", "path": str(folder / "%05d.png")}


def _halved(image: Any) -> Any:
    return cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
