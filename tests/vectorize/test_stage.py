"""The vectorize stage between a track task's output and a published document."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers_vectorize import HEIGHT, WIDTH, circle, draw, iou

from roto_client.contract import check_farm_body
from roto_shapes.document import load
from roto_shapes.errors import RotoError
from roto_worker.media.masks import write_mask16
from roto_worker.stages import vectorize
from roto_worker.stages.context import TaskStopped
from roto_worker.vectorize.outline.outlines import rasterize_layer
from roto_worker.vectorize.outline.raster import fill

FRAMES = range(1001, 1007)
IDS = {"hero": "a" * 32, "ball": "b" * 32}


def scene(name: str, frame: int) -> list[np.ndarray]:
    x = 60 + 2 * (frame - 1001)
    return [circle(x, 80, 30)] if name == "hero" else [circle(200, x, 12)]


@dataclass
class Attempt:
    """A TaskContext on plain folders."""

    spec: dict[str, Any]
    output_dir: Path
    stop_at: int = 10**9
    steps: list[tuple[int, int]] = field(default_factory=list)
    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    resume_dirs: list[Path] = field(default_factory=list)

    @property
    def scratch_dir(self) -> Path:
        return self.output_dir

    def progress(self, done: int, total: int, message: str = "") -> None:
        assert message
        self.steps.append((done, total))
        if done >= self.stop_at:
            raise TaskStopped

    def log(self, event: str, **fields: object) -> None:
        self.lines.append((event, fields))


@pytest.fixture
def masks(tmp_path) -> Path:
    folder = tmp_path / "masks"
    for name in IDS:
        (folder / name).mkdir(parents=True)
        for frame in FRAMES:
            write_mask16(folder / name / f"{frame}.png", draw(scene(name, frame)))
    track = {
        "frame_range": [1001, 1006],
        "objects": [{"id": i, "name": n} for n, i in IDS.items()],
        "confidence": {i: {str(f): 0.9 for f in FRAMES} for i in IDS.values()},
        "engine": {"engine": "flow", "model": "flow-1", "checkpoint_sha256": None},
    }
    (folder / "track.json").write_text(json.dumps(track))
    return folder


def attempt(tmp_path: Path, masks: Path, **shot: Any) -> Attempt:
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    objects = [
        {
            "id": i,
            "name": n,
            "color": [1, 0.5, 0],
            "prompts": [{"frame": 1001, "points": [{"x": 60, "y": 80, "positive": True}]}],
        }
        for n, i in IDS.items()
    ]
    spec = {
        "shot": {
            "name": "sh",
            "plate": {"kind": "sequence", "path": str(tmp_path / "plate.%04d.png")},
            "width": WIDTH,
            "height": HEIGHT,
            "pixel_aspect": 2.0,
        }
        | shot,
        "inputs": {"masks": str(masks)},
        "params": {"objects": objects, "frame_range": [1001, 1006]},
        "provenance": {"job": "j", "product": "0.1.0"},
    }
    return Attempt(spec, out)


def test_every_object_becomes_a_layer_over_its_mattes(tmp_path, masks):
    ctx = attempt(tmp_path, masks, fps=[25, 1])
    result = vectorize.run(ctx)
    check_farm_body("result", result)
    (file,) = result["files"]
    path = ctx.output_dir / file["path"]
    assert file["role"] == "shapes"
    assert file["size"] == path.stat().st_size
    document = load(path)
    assert (document.width, document.height, document.pixel_aspect) == (WIDTH, HEIGHT, 2.0)
    assert document.fps == (25, 1)
    assert document.frame_range == (1001, 1006)
    assert [(layer.id, layer.name) for layer in document.layers] == [(i, n) for n, i in IDS.items()]
    for layer in document.layers:
        for frame in FRAMES:
            truth = fill(scene(layer.name, frame), WIDTH, HEIGHT)
            assert iou(rasterize_layer(document, layer, frame), truth) > 0.97
    assert document.confidence[IDS["hero"]][1003] == 0.9
    assert {prompt["object"] for prompt in document.prompts} == set(IDS.values())
    assert document.provenance["engine"] == "flow"
    assert document.provenance["job"] == "j"
    assert set(result["report"]["objects"]) == set(IDS.values())
    assert result["report"]["objects"][IDS["hero"]]["iou_mean"] > 0.99


def test_a_transform_the_job_does_not_want_is_left_out(tmp_path, masks):
    moving = attempt(tmp_path, masks)
    moving.spec["params"]["tolerance"] = 0.2
    vectorize.run(moving)
    assert any(layer.transform for layer in load(moving.output_dir / "shapes.json").layers)
    baked = attempt(tmp_path, masks)
    baked.spec["params"] |= {"tolerance": 0.2, "layer_transform": "off"}
    vectorize.run(baked)
    assert not any(layer.transform for layer in load(baked.output_dir / "shapes.json").layers)


def test_progress_rises_to_its_total_over_all_objects(tmp_path, masks):
    ctx = attempt(tmp_path, masks)
    vectorize.run(ctx)
    assert ctx.steps == sorted(ctx.steps)
    assert ctx.steps[-1] == (24, 24)


def test_a_stop_ends_the_stage_without_a_document(tmp_path, masks):
    ctx = attempt(tmp_path, masks)
    ctx.stop_at = 7
    with pytest.raises(TaskStopped):
        vectorize.run(ctx)
    assert list(ctx.output_dir.iterdir()) == []


def test_the_plate_is_looked_at_where_it_can_be(tmp_path, masks):
    blind = attempt(tmp_path, masks)
    vectorize.run(blind)
    assert [event for event, _ in blind.lines].count("no_pictures") == 1
    noise = np.random.default_rng(3).integers(0, 255, (HEIGHT, 2 * WIDTH, 3), np.uint8)
    for frame in FRAMES:
        shift = 2 * (frame - FRAMES[0])
        cv2.imwrite(str(tmp_path / f"plate.{frame}.png"), noise[:, 20 - shift :][:, :WIDTH])
    seeing = attempt(tmp_path, masks)
    vectorize.run(seeing)
    assert "no_pictures" not in [event for event, _ in seeing.lines]
    other = attempt(tmp_path, masks, width=None, height=None)
    (tmp_path / f"plate.{FRAMES[0]}.png").unlink()
    vectorize.run(other)
    assert "no_pictures" in [event for event, _ in other.lines]


def test_a_shot_without_a_size_takes_that_of_its_mattes(tmp_path, masks):
    ctx = attempt(tmp_path, masks, width=None, height=None, pixel_aspect=None, fps=None)
    vectorize.run(ctx)
    document = load(ctx.output_dir / "shapes.json")
    assert (document.width, document.height, document.pixel_aspect) == (WIDTH, HEIGHT, 1.0)


def spoil_nothing(masks: Path) -> None:
    for path in (masks / "ball").iterdir():
        write_mask16(path, np.zeros((HEIGHT, WIDTH), np.float32))


def spoil_size(masks: Path) -> None:
    write_mask16(masks / "hero" / "1004.png", np.ones((8, 8), np.float32))


def spoil_file(masks: Path) -> None:
    (masks / "hero" / "1004.png").unlink()


def spoil_track(masks: Path) -> None:
    (masks / "track.json").write_text("{")


def spoil_frames(masks: Path) -> None:
    track = json.loads((masks / "track.json").read_text())
    track["confidence"][IDS["ball"]] = {}
    (masks / "track.json").write_text(json.dumps(track))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (spoil_nothing, "empty_result"),
        (spoil_size, "bad_matte"),
        (spoil_file, "path_refused"),
        (spoil_track, "storage_failed"),
        (spoil_frames, "empty_result"),
    ],
)
def test_what_cannot_be_used_ends_the_stage_with_a_clear_error(tmp_path, masks, spoil, code):
    spoil(masks)
    ctx = attempt(tmp_path, masks)
    with pytest.raises(RotoError) as caught:
        vectorize.run(ctx)
    assert caught.value.code == code
    assert list(ctx.output_dir.iterdir()) == []
