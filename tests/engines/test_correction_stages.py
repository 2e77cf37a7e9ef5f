"""A correction through all stages on a generated clip, by a shape the artist dragged."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.helpers_engines import HERO, Context
from engines.test_correction import FIRST, LAST, run, same_file
from roto_client.contract.validation import check_farm_body, check_task_spec
from roto_shapes.document import Document, Layer, load, save
from roto_shapes.outlines import outline_of
from roto_shapes.prompts import FramePrompt
from roto_worker.media.masks import read_mask16
from roto_worker.stages import export, vectorize
from roto_worker.stages.shapes_base import SHAPES_FILE, ShapesBase
from roto_worker.synthetic.clip import Clip
from roto_worker.vectorize.outline.outlines import rasterize_layer

CORRECTED = FIRST + 7


def follow(
    spec: dict[str, Any], kind: str, inputs: dict[str, Path], **params: Any
) -> dict[str, Any]:
    """The spec of a later stage of the same job."""
    new = copy.deepcopy(spec)
    new["kind"] = kind
    new["inputs"] = {key: str(path) for key, path in inputs.items()}
    kept = {key: new["params"][key] for key in ("objects", "frame_range")}
    new["params"] = kept | params
    check_task_spec(new)
    return new


def stage(module: Any, spec: dict[str, Any], folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = module.run(Context(spec, folder))
    check_farm_body("result", result)
    return result


def test_layers_of_deleted_objects_go(tmp_path: Path) -> None:
    old = Document(64, 36, layers=[Layer(HERO, "hero"), Layer("2" * 32, "car")])
    save(old, tmp_path / SHAPES_FILE)
    new = ShapesBase(tmp_path).renewed(Document(64, 36, layers=[Layer("3" * 32, "dog")]), {HERO})
    assert [one.name for one in new.layers] == ["hero", "dog"]


@pytest.mark.parametrize("edges", [{}, {"refine": False}])
def test_from_a_dragged_shape_to_what_is_exported(
    spec: dict[str, Any], clip: Clip, tmp_path: Path, edges: dict[str, Any]
) -> None:
    spec["params"]["objects"] = spec["params"]["objects"][:1]
    spec["params"]["objects"][0]["prompts"].pop()
    spec["params"]["edges"] = edges
    masks, shapes = tmp_path / "masks1", tmp_path / "shapes1"
    run(spec, masks)
    stage(vectorize, follow(spec, "vectorize", {"masks": masks}), shapes)
    old = load(shapes / "shapes.json")

    # The artist drags the object's shapes on one frame; the server makes a prompt of it.
    outlines = tuple(
        replace(one, points=tuple(point._replace(x=point.x + 4) for point in one.points))
        for one in outline_of(old.layers[0], CORRECTED)
    )
    prompt = FramePrompt(CORRECTED, outline=outlines)
    new = copy.deepcopy(spec)
    new["params"]["base"] = {"objects": copy.deepcopy(spec["params"]["objects"])}
    new["params"]["objects"][0]["prompts"].append(prompt.to_json())
    new["inputs"] = {"base_masks": str(masks)}
    check_task_spec(new)
    masks2, shapes2 = tmp_path / "masks2", tmp_path / "shapes2"
    result = run(new, masks2)
    assert result["report"]["changed"] == {HERO: [[FIRST + 1, LAST]]}
    assert same_file(masks / "hero" / f"{FIRST}.png", masks2 / "hero" / f"{FIRST}.png")
    matte = read_mask16(masks2 / "hero" / f"{CORRECTED}.png") >= 0.5
    before = read_mask16(masks / "hero" / f"{CORRECTED}.png") >= 0.5
    assert (matte != before).any()
    inputs = {"masks": masks2, "base_shapes": shapes}
    edits = [{"object_id": HERO, "frames": [CORRECTED], "layer": None}]
    job = {key: value for key, value in new.items() if key != "inputs"} | {"inputs": {}}
    stage(vectorize, follow(job, "vectorize", inputs, edits=edits), shapes2)
    document = load(shapes2 / "shapes.json")
    shown = rasterize_layer(document, document.layers[0], CORRECTED)
    assert (shown & matte).sum() / (shown | matte).sum() > 0.95
    assert {one["frame"] for one in document.prompts} == {FIRST, CORRECTED}
    then, now = (rasterize_layer(d, d.layers[0], FIRST) for d in (old, document))
    np.testing.assert_array_equal(now, then)

    wanted = {
        "version": 2,
        "outputs": ["mattes", "shapes"],
        "formats": ["nuke"],
        "mattes": "exr",
        "template": "{object}_matte_v{version:03d}.{frame:04d}.{ext}",
    }
    inputs = {"masks": masks2, "shapes": shapes2}
    files = stage(export, follow(job, "export", inputs, **wanted), tmp_path / "exports")["files"]
    assert len(files) == (LAST - FIRST + 1) + 1
    assert (tmp_path / "exports" / "mattes" / f"hero_matte_v002.{CORRECTED}.exr").is_file()
