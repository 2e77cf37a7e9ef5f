"""Batches for one step, drawn from a sliding window of generated clips.

What a step sees depends on the seed and the step's number alone, so a run that was stopped goes
on with the very batches it would have had.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ..engines.sam2.settings import Settings
from .clips import Clip, make_clip
from .materials import Rng
from .network import Batch

MEAN = np.array((0.485, 0.456, 0.406), np.float32)
STD = np.array((0.229, 0.224, 0.225), np.float32)
SMALLEST = 0.006
"""Objects prompted in training show at least this share of the frame where they are prompted."""


@dataclass(frozen=True)
class Recipe:
    """How much a step holds; ``fresh`` new clips a step, each seen again within ``window``.

    ``bordered``: share of the clips that are shown smaller, with their reflection around them, as
    the engine shows its plates (`engines.sam2.settings.Settings.padding`).
    """

    image_size: int = 128
    clip_frames: int = 8
    images: int = 12
    objects_per_image: int = 3
    videos: int = 5
    video_frames: int = 4
    objects_per_video: int = 2
    fresh: int = 2
    window: int = 400
    bordered: float = 0.6


class ClipPool:
    """Clips by number, the latest used kept in memory; any of them can be made again."""

    def __init__(self, seed: int, size: int, frames: int, capacity: int) -> None:
        self._seed, self._size, self._frames = seed, size, frames
        self._capacity = capacity
        self._clips: OrderedDict[int, Clip] = OrderedDict()

    def get(self, index: int) -> Clip:
        if index in self._clips:
            self._clips.move_to_end(index)
            return self._clips[index]
        clip = make_clip(index, seed=self._seed, size=self._size, frames=self._frames)
        self._clips[index] = clip
        while len(self._clips) > self._capacity:
            self._clips.popitem(last=False)
        return clip


class Batches:
    """Image and video batches of a step."""

    def __init__(self, seed: int, recipe: Recipe) -> None:
        self.recipe = recipe
        self._seed = seed
        self._pool = ClipPool(seed, recipe.image_size, recipe.clip_frames, recipe.window + 50)

    def images(self, step: int) -> Batch:
        """One frame per clip, every object of it."""
        recipe = self.recipe
        rng = np.random.default_rng([self._seed, step, 1])
        return self._collate(rng, [
            _excerpt(rng, clip, 1, recipe.objects_per_image)
            for clip in self._draw(rng, step, recipe.images)
        ])  # fmt: skip

    def videos(self, step: int, *, long: bool = False) -> Batch:
        """Runs of evenly spaced frames, forwards or backwards; ``long``: fewer, whole clips."""
        recipe = self.recipe
        rng = np.random.default_rng([self._seed, step, 2])
        frames = recipe.clip_frames if long else recipe.video_frames
        count = -(-recipe.videos // 2) if long else recipe.videos
        return self._collate(rng, [
            _excerpt(rng, clip, frames, recipe.objects_per_video)
            for clip in self._draw(rng, step, count)
        ])  # fmt: skip

    def _collate(self, rng: Rng, samples: list[_Sample]) -> Batch:
        margin = Settings().margin(self.recipe.image_size)
        bordered = rng.random(len(samples)) < self.recipe.bordered
        return _collate([
            _with_border(sample, margin) if smaller else sample
            for sample, smaller in zip(samples, bordered, strict=True)
        ])  # fmt: skip

    def _draw(self, rng: Rng, step: int, count: int) -> list[Clip]:
        newest = (step + 1) * self.recipe.fresh
        oldest = max(0, newest - self.recipe.window)
        picks = [newest - 1 - i for i in range(min(count, self.recipe.fresh))]
        picks += [int(i) for i in rng.integers(oldest, newest, count - len(picks))]
        return [self._usable(index) for index in picks]

    def _usable(self, index: int) -> Clip:
        clip = self._pool.get(index)
        while clip.owners.max() == 0 or clip.areas()[0].max(initial=0) < SMALLEST:
            index += 1_000_000_000
            clip = self._pool.get(index)
        return clip


@dataclass(frozen=True)
class _Sample:
    images: NDArray[np.float32]
    masks: NDArray[np.bool_]


def _excerpt(rng: Rng, clip: Clip, frames: int, objects: int) -> _Sample:
    """``frames`` consecutive frames that begin where an object can be prompted, jittered."""
    areas = clip.areas()
    total = len(areas)
    reverse = frames > 1 and rng.random() < 0.5
    stride = (
        int(rng.integers(1, max((total - 1) // max(frames - 1, 1), 1) + 1)) if frames > 1 else 1
    )
    span = (frames - 1) * stride
    starts = [t for t in range(total - span) if areas[t + span if reverse else t].max() >= SMALLEST]
    start = int(rng.choice(starts)) if starts else 0
    reverse = reverse and bool(starts)
    times = list(range(start, start + span + 1, stride))
    if reverse:
        times.reverse()
    seen = [k + 1 for k in range(areas.shape[1]) if areas[times[0], k] >= SMALLEST]
    chosen = sorted(rng.permutation(seen)[:objects].tolist())
    images, masks = clip.images[times], clip.masks(chosen)[times]
    if rng.random() < 0.5:
        images, masks = images[:, :, ::-1], masks[..., ::-1]
    return _Sample(_normalise(_recolour(rng, images)), np.ascontiguousarray(masks))


def _with_border(sample: _Sample, margin: int) -> _Sample:
    """The pictures ``margin`` pixels smaller on each side, their reflection in its place."""
    inner = sample.images.shape[-1] - 2 * margin
    return _Sample(
        _reflected(sample.images, inner, margin),
        _reflected(sample.masks.astype(np.float32), inner, margin) >= 0.5,
    )


def _reflected(planes: NDArray[np.float32], inner: int, margin: int) -> NDArray[np.float32]:
    size = planes.shape[-1]
    small = np.stack([
        cv2.resize(plane, (inner, inner), interpolation=cv2.INTER_AREA)
        for plane in planes.reshape(-1, size, size)
    ])  # fmt: skip
    edges = ((0, 0), (margin, margin), (margin, margin))
    return np.ascontiguousarray(np.pad(small, edges, mode="symmetric").reshape(planes.shape))


def _recolour(rng: Rng, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    gain = np.exp(rng.normal(0, 0.12)) * np.exp(rng.normal(0, 0.05, 3))
    shown = images * (gain / 255).astype(np.float32) + np.float32(rng.normal(0, 0.03))
    if rng.random() < 0.2:
        grey = shown.mean(axis=-1, keepdims=True)
        shown = grey + (shown - grey) * np.float32(rng.uniform(0, 1.4))
    return np.asarray(np.clip(shown, 0, 1), np.float32)


def _normalise(images: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(((images - MEAN) / STD).transpose(0, 3, 1, 2), np.float32)


def _collate(samples: list[_Sample]) -> Batch:
    frames = len(samples[0].images)
    rows = [
        np.repeat((np.arange(frames) + number * frames)[:, None], sample.masks.shape[1], axis=1)
        for number, sample in enumerate(samples)
    ]
    return Batch(
        flat_img_batch=torch.from_numpy(np.concatenate([s.images for s in samples])),
        masks=torch.from_numpy(np.concatenate([s.masks for s in samples], axis=1)),
        flat_obj_to_img_idx=torch.from_numpy(np.concatenate(rows, axis=1)),
    )


cv2.setNumThreads(1)
