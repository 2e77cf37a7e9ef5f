"""What a checkpoint is worth, through the product's own engine and driver.

On generated clips no training ever saw (another seed space), and on real clips with ground truth
in the layout of DAVIS. IoU of two masks is |A and B| / |A or B|; J is its mean over frames. "copy"
is the first frame's true mask held still: a tracker that does worse does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_shapes.errors import RotoError
from roto_shapes.prompts import Click, FramePrompt

from ..engines.base import Logits, Segmenter
from ..engines.driver import Checkpoint, drive
from ..engines.plan import plan_sweeps
from ..media import open_plate
from ..media.source import FrameSource, Image8, PlateInfo
from .clips import EVALUATION, Clip, make_clip

Mask = NDArray[np.bool_]
SMALLEST = 0.01
"""Objects that are asked for show at least this share of the first frame."""
FIRST_VIDEO = 10_000
"""Clips from here on are for tracking, those below for single pictures."""


@dataclass
class Figures:
    """Measured means: ``clicks[n]`` IoU after n clicks; ``mask``, ``click``, ``box`` and ``copy``
    J of the frames after the prompted one; ``last`` the last frame's IoU from a mask."""

    clicks: dict[int, float] = field(default_factory=dict)
    mask: float = 0.0
    click: float = 0.0
    box: float = 0.0
    copy: float = 0.0
    last: float = 0.0


def on_generated(
    segmenter: Segmenter, *, size: int, pictures: int = 48, clips: int = 24, frames: int = 8
) -> Figures:
    """Figures on generated clips of ``size`` pixels; the same clips every time."""
    rounds = [_click_rounds(segmenter, *_picture(index, size)) for index in range(pictures)]
    rows = []
    for index in range(FIRST_VIDEO, FIRST_VIDEO + clips):
        clip, chosen = _chosen(index, size, frames)
        truth = dict(enumerate(clip.masks([chosen])[:, 0]))
        rows.append(_tracked(segmenter, ArraySource(clip.images), truth))
    figures = _mean(rows)
    if rounds:
        figures.clicks = {n + 1: fmean(row[n] for row in rounds) for n in range(3)}
    return figures


def on_footage(segmenter: Segmenter, folder: Path, *, frames: int = 30) -> dict[str, Figures]:
    """Figures per clip ``folder/<clip>/frames/%05d.jpg`` with ``folder/<clip>/masks/*.png``."""
    found = {}
    for clip in sorted(path for path in folder.iterdir() if (path / "masks").is_dir()):
        plate = {"kind": "sequence", "path": str(clip / "frames" / "%05d.jpg")}
        with closing(open_plate(plate)) as source:
            first = source.info.frame_range[0]
            truth = {
                frame: _read_mask(clip / "masks" / f"{frame:05d}.png")
                for frame in range(first, first + frames)
            }
            found[clip.name] = _tracked(segmenter, FirstFrames(source, frames), truth)
    return found


def mean_of(rows: Mapping[str, Figures]) -> Figures:
    """The mean over clips."""
    return _mean(list(rows.values()))


def _mean(rows: Sequence[Figures]) -> Figures:
    if not rows:
        return Figures()
    figures = Figures()
    for name in ("mask", "click", "box", "copy", "last"):
        setattr(figures, name, fmean(getattr(row, name) for row in rows))
    return figures


def _read_mask(path: Path) -> Mask:
    grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise RotoError(f"there is no mask {path}", code="missing_frame")
    return np.asarray(grey > 127)


def iou(one: Mask, other: Mask) -> float:
    """Intersection over union; two empty masks agree."""
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0


def _chosen(index: int, size: int, frames: int) -> tuple[Clip, int]:
    """The first usable clip from ``index`` on (in steps of a million) and one of its objects."""
    while True:
        clip = make_clip(index, space=EVALUATION, size=size, frames=frames)
        seen = np.flatnonzero(clip.areas()[0] >= SMALLEST)
        if len(seen):
            return clip, int(seen[index % len(seen)]) + 1
        index += 1_000_000


def _picture(index: int, size: int) -> tuple[Image8, Mask]:
    clip, chosen = _chosen(index, size, 1)
    return clip.images[0], clip.masks([chosen])[0, 0]


def _click_rounds(segmenter: Segmenter, image: Image8, truth: Mask) -> list[float]:
    """IoU after one, two and three clicks, each in the middle of the largest error."""
    scores: list[float] = []
    clicks: tuple[Click, ...] = ()
    found = np.zeros_like(truth)
    for _ in range(3):
        clicks = (*clicks, next_click(found, truth))
        found = track(segmenter, ArraySource(image[None]), FramePrompt(0, points=clicks))[0]
        scores.append(iou(found, truth))
    return scores


def _tracked(segmenter: Segmenter, source: FrameSource, truth: Mapping[int, Mask]) -> Figures:
    first, *others = sorted(truth)
    start = truth[first]

    def score(masks: Mapping[int, Mask]) -> float:
        return fmean(iou(masks[frame], truth[frame]) for frame in others)

    by_mask = track(segmenter, source, _mask_prompt(start, first))
    click = FramePrompt(first, points=(next_click(np.zeros_like(start), start),))
    return Figures(
        mask=score(by_mask),
        click=score(track(segmenter, source, click)),
        box=score(track(segmenter, source, FramePrompt(first, box=_bounds(start)))),
        copy=score(dict.fromkeys(truth, start)),
        last=iou(by_mask[others[-1]], truth[others[-1]]),
    )


def next_click(found: Mask, truth: Mask) -> Click:
    """The point deepest in what is wrong (Sofiiuk et al. 2022, "Reviving iterative")."""
    missing, extra = _depth(truth & ~found), _depth(found & ~truth)
    positive = bool(missing.max() >= extra.max())
    depth = missing if positive else extra
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    return Click(float(column) + 0.5, float(row) + 0.5, positive)


def _depth(mask: Mask) -> NDArray[np.float32]:
    padded = np.pad(mask, 1).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1], np.float32)


def _mask_prompt(truth: Mask, frame: int) -> FramePrompt:
    _, png = cv2.imencode(".png", truth.astype(np.uint8) * 255)
    return FramePrompt(frame, mask_png=png.tobytes())


def _bounds(mask: Mask) -> tuple[float, float, float, float]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (
        float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
    )  # fmt: skip


def track(segmenter: Segmenter, source: FrameSource, prompt: FramePrompt) -> dict[int, Mask]:
    """One object from one prompt over the whole source."""
    prompts = {"object": [prompt]}
    store = _Masks()
    segmenter.start(source, prompts)
    plan = plan_sweeps(prompts, source.info.frame_range)
    shape = (source.info.height, source.info.width)
    drive(segmenter, plan, store, shape, checkpoint_every=1 << 30)
    segmenter.close()
    return store.masks


@dataclass
class _Masks:
    """The driver's store for one prompt: no segment is ever tracked from two sides."""

    masks: dict[int, Mask] = field(default_factory=dict)

    def write(self, object_id: str, frame: int, alpha: NDArray[np.float32]) -> None:
        self.masks[frame] = alpha >= 0.5

    def hold(self, object_id: str, frame: int, logits: Logits) -> None:
        raise AssertionError("one prompt needs no merging")

    def held(self, object_id: str, frame: int) -> Logits:
        raise AssertionError("one prompt needs no merging")

    def drop(self, object_id: str, frame: int) -> None:
        pass

    def save(self, checkpoint: Checkpoint) -> None:
        pass


class ArraySource:
    """Pictures ``[T, H, W, 3]`` in memory as a plate whose first frame is 0."""

    def __init__(self, images: NDArray[np.uint8]) -> None:
        self._images = images
        count, height, width = images.shape[:3]
        self.info = PlateInfo(width, height, 1.0, (24, 1), (0, count - 1), "sRGB - Texture", {})

    def read(self, frame: int) -> Image8:
        return self._images[frame]

    def close(self) -> None:
        pass


class FirstFrames:
    """The first ``count`` frames of another source."""

    def __init__(self, source: FrameSource, count: int) -> None:
        self._source = source
        first, last = source.info.frame_range
        self.info = replace(source.info, frame_range=(first, min(last, first + count - 1)))

    def read(self, frame: int) -> Image8:
        return self._source.read(frame)

    def close(self) -> None:
        self._source.close()
