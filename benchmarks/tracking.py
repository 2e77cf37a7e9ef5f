"""A clip tracked as the product does it (plate reader, driver, engine), mattes kept as bits."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_shapes.prompts import Click, FramePrompt
from roto_worker.engines import registry
from roto_worker.engines.base import Logits
from roto_worker.engines.confidence import judge
from roto_worker.engines.driver import Checkpoint, drive
from roto_worker.engines.plan import plan_sweeps
from roto_worker.media import open_plate

Mask = NDArray[np.bool_]


@dataclass
class Tracked:
    """The outcome for one object. ``seconds`` per frame of the clip, all sweeps together."""

    masks: dict[int, Mask]
    signals: dict[int, dict[str, float]]
    confidence: dict[int, float]
    seconds: float


@dataclass
class _Bits:
    """The driver's store, in memory: mattes as masks, waiting logits in half precision."""

    masks: dict[str, dict[int, Mask]] = field(default_factory=dict)
    waiting: dict[tuple[str, int], NDArray[np.float16]] = field(default_factory=dict)

    def write(self, object_id: str, frame: int, alpha: NDArray[np.float32]) -> None:
        self.masks.setdefault(object_id, {})[frame] = alpha >= 0.5

    def hold(self, object_id: str, frame: int, logits: Logits) -> None:
        self.waiting[object_id, frame] = logits.astype(np.float16)

    def held(self, object_id: str, frame: int) -> Logits:
        return self.waiting[object_id, frame].astype(np.float32)

    def drop(self, object_id: str, frame: int) -> None:
        self.waiting.pop((object_id, frame), None)

    def save(self, checkpoint: Checkpoint) -> None: ...


def track(
    plate: dict[str, Any],
    prompts: Mapping[str, Sequence[FramePrompt]],
    engine: str = "flow",
    model: str = "auto",
) -> dict[str, Tracked]:
    """Track every object over the whole plate."""
    started = time.perf_counter()
    segmenter = registry.acquire(engine, model)
    store = _Bits()
    with closing(open_plate(plate)) as source:
        segmenter.start(source, prompts)
        plan = plan_sweeps(prompts, source.info.frame_range)
        shape = (source.info.height, source.info.width)
        signals = drive(segmenter, plan, store, shape, checkpoint_every=1 << 30)
    segmenter.close()
    seconds = (time.perf_counter() - started) / len(next(iter(store.masks.values())))
    return {
        name: Tracked(
            dict(sorted(masks.items())),
            signals[name],
            judge(segmenter.info.engine, signals[name], prompts[name]),
            seconds,
        )
        for name, masks in store.masks.items()
    }


def iou(one: Mask, other: Mask) -> float:
    """Intersection over union; two empty masks agree."""
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0


def mask_prompt(truth: Mask, frame: int) -> FramePrompt:
    _, png = cv2.imencode(".png", truth.astype(np.uint8) * 255)
    return FramePrompt(frame, mask_png=png.tobytes())


def click_prompt(truth: Mask, frame: int) -> FramePrompt:
    """One positive click where the mask is deepest, one negative on the background point of the
    1.5x box farthest from the mask, and the mask's bounds + 5 px as box."""
    height, width = truth.shape
    rows, columns = np.flatnonzero(truth.any(axis=1)), np.flatnonzero(truth.any(axis=0))
    x0, x1, y0, y1 = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    grow_x, grow_y = (x1 - x0) // 4, (y1 - y0) // 4
    outside = np.zeros_like(truth)
    outside[max(y0 - grow_y, 0) : y1 + grow_y, max(x0 - grow_x, 0) : x1 + grow_x] = True
    away = cv2.distanceTransform((~truth).astype(np.uint8), cv2.DIST_L2, 5)
    negative = np.unravel_index(int(np.where(outside, away, -1).argmax()), truth.shape)
    box = (max(x0 - 5, 0), max(y0 - 5, 0), min(x1 + 5, width), min(y1 + 5, height))
    return FramePrompt(
        frame,
        points=(_click(deepest(truth), True), _click(negative, False)),
        box=tuple(map(float, box)),  # type: ignore[arg-type]
    )


def correction(found: Mask, truth: Mask, frame: int) -> FramePrompt:
    """One click in the middle of the largest error region."""
    largest, positive = 0, True
    where = np.zeros_like(truth)
    for missing in (True, False):
        wrong = truth & ~found if missing else found & ~truth
        count, parts, stats, _ = cv2.connectedComponentsWithStats(wrong.astype(np.uint8))
        for part in range(1, count):
            if stats[part, cv2.CC_STAT_AREA] > largest:
                largest, positive = int(stats[part, cv2.CC_STAT_AREA]), missing
                where = parts == part
    return FramePrompt(frame, points=(_click(deepest(where), positive),))


def deepest(mask: Mask) -> tuple[Any, ...]:
    """Row and column of the pixel farthest from the mask's edge; the frame's border is an edge."""
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    return np.unravel_index(int(depth.argmax()), mask.shape)


def _click(at: Sequence[Any], positive: bool) -> Click:
    return Click(float(at[1]) + 0.5, float(at[0]) + 0.5, positive)


def contact_sheet(
    plate: dict[str, Any],
    layers: Sequence[Mapping[int, Mask]],
    path: Path,
    *,
    truth: Callable[[int], Mask] | None = None,
    tiles: int = 9,
) -> None:
    """Overlays on frames spread over the clip, as PNG: one colour per object, truth outlined."""
    colours = ((235, 60, 50), (60, 110, 245), (240, 190, 40))
    frames = list(layers[0])
    chosen = [frames[round(i * (len(frames) - 1) / (tiles - 1))] for i in range(tiles)]
    rows = []
    with closing(open_plate(plate)) as source:
        for frame in chosen:
            image = source.read(frame).copy()
            for layer, colour in zip(layers, colours, strict=False):
                inside = layer[frame]
                image[inside] = (image[inside] * 0.5 + np.array(colour) * 0.5).astype(np.uint8)
            if truth is not None:
                outline, _ = cv2.findContours(
                    truth(frame).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE
                )
                cv2.drawContours(image, outline, -1, (0, 255, 0), 1)
            rows.append(cv2.resize(image, (512, 512 * image.shape[0] // image.shape[1])))
    sheet = np.vstack([np.hstack(rows[i : i + 3]) for i in range(0, tiles, 3)])
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
