"""Whole track tasks on the shipped nano checkpoint: plates as files in, mattes as files out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenEXR
import pytest
from numpy.typing import NDArray

from roto_worker.media.masks import read_mask16
from roto_worker.stages import track

pytestmark = pytest.mark.sam2

FIRST = 1001
Plane = NDArray[np.float32]
Inside = NDArray[np.bool_]


class Context:
    """The least a stage needs."""

    def __init__(self, spec: dict[str, Any], output_dir: Path) -> None:
        self.spec, self.output_dir, self.scratch_dir = spec, output_dir, output_dir
        self.resume_dirs: list[Path] = []
        output_dir.mkdir()

    def progress(self, done: int, total: int, message: str = "") -> None: ...

    def log(self, event: str, **fields: object) -> None: ...


def disc(width: int, height: int, x: float, y: float, radius: float) -> Inside:
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    return np.asarray((columns - x) ** 2 + (rows - y) ** 2 < radius**2)


def painted(discs: Iterable[Inside], colour: tuple[float, float, float], ground: Plane) -> Plane:
    picture = ground.copy()
    for inside in discs:
        picture[inside] = colour
    return picture


def noise(width: int, height: int) -> Plane:
    """A soft grey-green ground, linear light."""
    coarse = np.random.default_rng(4).uniform(0.02, 0.12, (9, 16, 3)).astype(np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def plate_of(folder: Path, frames: int, render: Callable[[int], Plane]) -> dict[str, Any]:
    folder.mkdir()
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    for index in range(frames):
        file = OpenEXR.File(header, {"RGB": render(index).astype(np.float16)})
        file.write(str(folder / f"plate.{FIRST + index}.exr"))
    return {"kind": "sequence", "path": str(folder / "plate.%04d.exr")}


def tracked(
    tmp_path: Path, plate: dict[str, Any], frames: int, objects: Mapping[str, list[dict[str, Any]]]
) -> dict[str, list[Plane]]:
    spec = {
        "shot": {"plate": plate, "colorspace": "Linear Rec.709 (sRGB)"},
        "params": {
            "objects": [
                {"id": f"{number:032x}", "name": name, "prompts": prompts}
                for number, (name, prompts) in enumerate(objects.items())
            ],
            "frame_range": [FIRST, FIRST + frames - 1],
            "engine": "sam2",
            "model": "nano",
        },
        "inputs": {},
        "provenance": {},
    }
    context = Context(spec, tmp_path / "out")
    track.run(context)
    return {
        name: [
            read_mask16(context.output_dir / name / f"{FIRST + index}.png")
            for index in range(frames)
        ]
        for name in objects
    }


def iou(alpha: Plane, truth: Inside) -> float:
    inside = alpha >= 0.5
    return float((inside & truth).sum() / max((inside | truth).sum(), 1))


def box(x: float, y: float, half: float) -> list[dict[str, Any]]:
    return [{"frame": FIRST, "box": [x - half, y - half, x + half, y + half]}]


def test_three_objects_alike_stay_three(tmp_path: Path) -> None:
    """Same shape, same colour, side by side: each matte keeps to its own."""
    size = (320, 180)

    def discs(index: int) -> dict[str, Inside]:
        return {
            name: disc(*size, x + 2.0 * index, 90 + 8 * np.sin(index / 3 + x), 26)
            for name, x in {"left": 50.0, "middle": 140.0, "right": 230.0}.items()
        }

    def render(index: int) -> Plane:
        return painted(discs(index).values(), (0.6, 0.15, 0.05), noise(*size))

    prompts = {
        name: box(x, 90 + 8 * np.sin(x), 29)
        for name, x in {"left": 50.0, "middle": 140.0, "right": 230.0}.items()
    }
    frames = 10
    found = tracked(tmp_path, plate_of(tmp_path / "plate", frames, render), frames, prompts)
    overlaps: dict[str, list[float]] = {name: [] for name in prompts}
    for index in range(frames):
        for name, truth in discs(index).items():
            overlaps[name].append(iou(found[name][index], truth))
            for other, elsewhere in discs(index).items():
                if other != name:
                    assert (found[name][index][elsewhere] >= 0.5).mean() < 0.1
    assert all(np.mean(values) > 0.7 for values in overlaps.values()), overlaps


def test_a_plate_of_bright_lights_and_negatives_is_tracked(tmp_path: Path) -> None:
    """Scene-linear values far above 1 and below 0: the model sees what an artist sees."""
    size, frames = (320, 180), 6

    def inside(index: int) -> Inside:
        return disc(*size, 120 + 6 * index, 90, 36)

    def render(index: int) -> Plane:
        picture = painted([inside(index)], (40.0, 9.0, 0.2), noise(*size))
        picture[:20] = -0.5
        picture[60:64, 300:304] = 60000.0
        return picture

    plate = plate_of(tmp_path / "plate", frames, render)
    found = tracked(tmp_path, plate, frames, {"lamp": box(120, 90, 40)})["lamp"]
    assert all(np.isfinite(alpha).all() for alpha in found)
    assert min(iou(alpha, inside(index)) for index, alpha in enumerate(found)) > 0.8


def test_one_frame_of_8k(tmp_path: Path) -> None:
    width, height = 7680, 4320
    truth = disc(width, height, 3000.0, 2000.0, 800.0)

    def render(index: int) -> Plane:
        return painted([truth], (0.6, 0.15, 0.05), noise(width, height))

    plate = plate_of(tmp_path / "plate", 1, render)
    found = tracked(tmp_path, plate, 1, {"disc": box(3000, 2000, 850)})["disc"]
    assert found[0].shape == (height, width)
    # The edge comes from the plate: a 128-pixel mask alone is 60 pixels to the step.
    assert iou(found[0], truth) > 0.97
