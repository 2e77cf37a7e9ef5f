"""The vectorize stage of a correction: solved where mattes are new, the artist's keys kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers_update import bump, untouched_outside
from helpers_vectorize import HEIGHT, WIDTH, circle, draw, iou, lobed
from test_stage import Attempt

from roto_client.contract import check_farm_body
from roto_shapes.document import ControlPoint, Document, Key, Layer, Shape, load, save
from roto_shapes.encode import layer_to_json
from roto_shapes.errors import RotoError
from roto_shapes.evaluate import interpolated_points
from roto_worker.media.masks import write_mask16
from roto_worker.stages import vectorize
from roto_worker.vectorize.outline.outlines import rasterize_layer
from roto_worker.vectorize.outline.raster import fill

FRAMES = range(1001, 1025)
WHOLE = [FRAMES[0], FRAMES[-1]]
HERO, BALL, LATE = "a" * 32, "b" * 32, "c" * 32
NAMES = {HERO: "hero", BALL: "ball", LATE: "late"}
CHANGED = (1008, 1017)
ENDS = (1007, 1018)
"""What stays on both sides of it."""

Scene = Callable[[str, int], list[np.ndarray]]


def before(object_id: str, frame: int) -> list[np.ndarray]:
    if object_id == HERO:
        return [lobed(90 + 1.5 * (frame - 1001), 80, 40, 0.03 * (frame - 1001))]
    return [circle(200, 50 + frame - 1001, 12)]


def after(object_id: str, frame: int) -> list[np.ndarray]:
    """The hero was elsewhere inside the stretch."""
    shift = bump(frame, ENDS) * np.array((8.0, 12.0)) if object_id == HERO else 0.0
    return [path + shift for path in before(object_id, frame)]


def tracked(
    folder: Path, scene: Scene, objects: list[str], changed: dict[str, Any] | None = None
) -> Path:
    for object_id in objects:
        (folder / NAMES[object_id]).mkdir(parents=True)
        for frame in FRAMES:
            matte = draw(scene(object_id, frame))
            write_mask16(folder / NAMES[object_id] / f"{frame}.png", matte)
    track: dict[str, Any] = {
        "frame_range": WHOLE,
        "objects": [{"id": one, "name": NAMES[one]} for one in objects],
        "confidence": {one: {str(f): 0.9 for f in FRAMES} for one in objects},
        "engine": {"engine": "flow", "model": "flow-1", "checkpoint_sha256": None},
    }
    if changed is not None:
        track["changed"] = changed
    (folder / "track.json").write_text(json.dumps(track))
    return folder


def attempt(out: Path, masks: Path, objects: list[str], base: Path | None = None) -> Attempt:
    out.mkdir()
    given = [
        {"id": one, "name": NAMES[one], "prompts": [{"frame": 1001, "box": [50, 40, 130, 120]}]}
        for one in objects
    ]
    spec = {
        "shot": {"name": "sh", "plate": {"kind": "sequence", "path": str(out / "p.%04d.png")}}
        | {"width": WIDTH, "height": HEIGHT, "fps": [24, 1]},
        "inputs": {"masks": str(masks)} | ({"base_shapes": str(base)} if base else {}),
        "params": {"objects": given, "frame_range": WHOLE, "layer_transform": "off"},
        "provenance": {"job": out.name},
    }
    return Attempt(spec, out)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hero and ball as first solved: the published directory. No test may change it."""
    folder = tmp_path_factory.mktemp("base")
    masks = tracked(folder / "masks", before, [HERO, BALL])
    vectorize.run(attempt(folder / "shapes", masks, [HERO, BALL]))
    return folder / "shapes"


def document_of(folder: Path) -> Document:
    return load(folder / "shapes.json")


def layer_of(document: Document, object_id: str) -> Layer:
    return next(layer for layer in document.layers if layer.id == object_id)


def correct(
    tmp_path: Path,
    base: Path,
    *,
    scene: Scene = after,
    changed: dict[str, Any] | None = None,
    edits: list[dict[str, Any]] | None = None,
) -> tuple[Document, dict[str, Any], Attempt]:
    """The new document, the report by object id, and the attempt."""
    changed = changed if changed is not None else {HERO: [list(CHANGED)], BALL: []}
    masks = tracked(tmp_path / "masks", scene, [HERO, BALL], changed)
    ctx = attempt(tmp_path / "out", masks, [HERO, BALL], base)
    if edits is not None:
        ctx.spec["params"]["edits"] = edits
    result = vectorize.run(ctx)
    check_farm_body("result", result)
    return document_of(tmp_path / "out"), result["report"]["objects"], ctx


def fit(document: Document, scene: Scene, object_id: str, frames: range) -> float:
    layer = layer_of(document, object_id)
    return min(
        iou(rasterize_layer(document, layer, f), fill(scene(object_id, f), WIDTH, HEIGHT))
        for f in frames
    )


def pictures_stay(old: Document, new: Document, changed: tuple[int, int]) -> None:
    """On every frame that was not tracked again, the ends of the stretch included."""
    for frame in (f for f in FRAMES if not changed[0] <= f <= changed[1]):
        one, other = (rasterize_layer(d, layer_of(d, HERO), frame) for d in (old, new))
        np.testing.assert_array_equal(one, other, err_msg=str(frame))


def told_as_before(old: Document, new: Document) -> Document:
    """``new`` but for what every result says of itself."""
    return replace(new, prompts=old.prompts, confidence=old.confidence, provenance=old.provenance)


def test_only_the_stretch_is_solved_and_the_rest_stays_to_the_bit(tmp_path, base):
    new, report, ctx = correct(tmp_path, base)
    old = document_of(base)
    inside = range(ENDS[0] + 1, ENDS[1])
    assert fit(old, after, HERO, inside) < 0.75
    assert fit(new, after, HERO, inside) >= 0.97
    assert layer_of(new, BALL) == layer_of(old, BALL)
    untouched_outside(old, told_as_before(old, new), ENDS)
    pictures_stay(old, new, CHANGED)
    assert report[BALL]["state"] == "kept"
    assert report[HERO]["state"] == "updated"
    assert [one["frames"] for one in report[HERO]["stretches"]] == [list(ENDS)]
    assert new.provenance["job"] == "out"
    assert ctx.steps == sorted(ctx.steps)
    assert ctx.steps[-1] == (2 * 12, 2 * 12)


def test_nothing_changed_is_the_same_document(tmp_path, base):
    new, _, _ = correct(tmp_path, base, changed={HERO: [], BALL: []})
    old = document_of(base)
    assert told_as_before(old, new) == old


@pytest.mark.parametrize("changed", [(1002, 1024), (1001, 1023), (1002, 1023), (1001, 1024)])
def test_a_frame_that_stays_is_kept_at_the_ends_of_the_shot_too(tmp_path, base, changed):
    """Nothing lies beyond it, and still it goes on showing what it showed."""

    def drifted(object_id: str, frame: int) -> list[np.ndarray]:
        shift = 4.0 if object_id == HERO and changed[0] <= frame <= changed[1] else 0.0
        return [path + np.array([0, shift]) for path in before(object_id, frame)]

    new, _, _ = correct(tmp_path, base, scene=drifted, changed={HERO: [list(changed)], BALL: []})
    pictures_stay(document_of(base), new, changed)
    assert fit(new, drifted, HERO, range(changed[0] + 1, changed[1])) >= 0.95


def test_a_region_that_appears_on_a_frame_that_stays_is_not_put_there(tmp_path, base):
    """The matte had it there before as well, and it was not worth a shape."""

    def more(object_id: str, frame: int) -> list[np.ndarray]:
        speck = [circle(30, 140, 12)] if object_id == HERO and 1005 <= frame <= 1012 else []
        return [*before(object_id, frame), *speck]

    new, report, _ = correct(tmp_path, base, scene=more)
    assert len(report[HERO]["stretches"][0]["opened"]) == 1
    pictures_stay(document_of(base), new, CHANGED)


def test_two_stretches_on_both_sides_of_a_frame_that_stays(tmp_path, base):
    middle = 1013

    def twice(object_id: str, frame: int) -> list[np.ndarray]:
        ends = (1007, middle) if frame <= middle else (middle, 1018)
        shift = bump(frame, ends) * np.array((8.0, 12.0)) if object_id == HERO else 0.0
        return [path + shift for path in before(object_id, frame)]

    spans = [[1008, middle - 1], [middle + 1, 1017]]
    new, report, _ = correct(tmp_path, base, scene=twice, changed={HERO: spans, BALL: []})
    assert fit(new, twice, HERO, FRAMES) >= 0.96
    frames = [one["frames"] for one in report[HERO]["stretches"]]
    assert frames == [[1007, middle], [middle, 1018]]
    old = document_of(base)
    untouched_outside(old, told_as_before(old, new), ENDS)


def test_without_word_of_what_changed_all_of_it_is_looked_at(tmp_path, base):
    masks = tracked(tmp_path / "masks", after, [HERO, BALL])
    ctx = attempt(tmp_path / "out", masks, [HERO, BALL], base)
    report = vectorize.run(ctx)["report"]["objects"]
    assert [one["frames"] for one in report[BALL]["stretches"]] == [WHOLE]
    new, old = document_of(tmp_path / "out"), document_of(base)
    assert layer_of(new, BALL) == layer_of(old, BALL)
    assert fit(new, after, HERO, FRAMES) >= 0.96


def test_an_object_the_base_does_not_have_is_solved_whole(tmp_path, base):
    def three(object_id: str, frame: int) -> list[np.ndarray]:
        return [circle(40, 40, 20)] if object_id == LATE else after(object_id, frame)

    changed = {HERO: [list(CHANGED)], BALL: [], LATE: [WHOLE]}
    masks = tracked(tmp_path / "masks", three, [HERO, BALL, LATE], changed)
    ctx = attempt(tmp_path / "out", masks, [HERO, BALL, LATE], base)
    vectorize.run(ctx)
    new = document_of(tmp_path / "out")
    assert [layer.id for layer in new.layers] == [HERO, BALL, LATE]
    assert fit(new, three, LATE, FRAMES) >= 0.97
    assert set(new.confidence) == {HERO, BALL, LATE}


def test_a_base_of_another_range_is_left_aside(tmp_path, base):
    other = tmp_path / "other"
    other.mkdir()
    text = json.loads((base / "shapes.json").read_text()) | {"frame_range": [1001, 1030]}
    (other / "shapes.json").write_text(json.dumps(text))
    new, report, ctx = correct(tmp_path, other)
    assert "base_not_used" in [event for event, _ in ctx.lines]
    assert "state" not in report[HERO]
    assert fit(new, after, HERO, FRAMES) >= 0.97


def test_a_base_that_is_gone_is_told(tmp_path):
    with pytest.raises(RotoError) as refused:
        correct(tmp_path, tmp_path / "nowhere")
    assert refused.value.code == "storage_failed"


def moved(points: tuple[ControlPoint, ...], x: float, y: float) -> tuple[ControlPoint, ...]:
    return tuple(point._replace(x=point.x + x, y=point.y + y) for point in points)


def as_hosts_store(layer: Layer) -> Layer:
    """All numbers of the keys through float32, as a host would give them back."""

    def rounded(key: Key) -> Key:
        points = [
            ControlPoint._make([*map(float, np.float32(point[:6])), point.corner])
            for point in key.points
        ]
        return replace(key, points=tuple(points))

    shapes = [replace(shape, keys=list(map(rounded, shape.keys))) for shape in layer.shapes]
    return replace(layer, shapes=shapes)


def edited_at(shape: Shape, frame: int, x: float, y: float) -> Shape:
    """The artist drags the whole shape on a frame that has a key or gets one."""
    key = Key(frame, moved(interpolated_points(shape.keys, frame), x, y))
    keys = sorted([k for k in shape.keys if k.frame != frame] + [key], key=lambda k: k.frame)
    return replace(shape, keys=keys)


def test_an_artists_keys_stay_and_the_solve_joins_them(tmp_path, base):
    """One key put right by hand inside the stretch, one touched far outside it."""
    old = document_of(base)
    hero = layer_of(old, HERO)
    (shape,) = hero.shapes
    fixed, far = 1012, shape.keys[0].frame
    assert not CHANGED[0] <= far <= CHANGED[1]
    mine = edited_at(edited_at(shape, fixed, *(bump(fixed, ENDS) * np.array((8, 12)))), far, 2, 1)
    layer = as_hosts_store(replace(hero, shapes=[mine]))
    edits = [{"object_id": HERO, "frames": [fixed], "layer": layer_to_json(layer)}]
    new, report, _ = correct(tmp_path, base, edits=edits)
    (result,) = layer_of(new, HERO).shapes
    keys = {key.frame: key for key in result.keys}
    given = {key.frame: key for key in layer.shapes[0].keys}
    assert keys[fixed].points == given[fixed].points
    assert (keys[fixed].origin, keys[fixed].locked) == ("artist", True)
    assert keys[far].points == given[far].points
    assert keys[far].origin == "artist"
    # Keys he did not touch are the base's own, not what the host rounded them to.
    outside = [k for k in shape.keys if not ENDS[0] <= k.frame <= ENDS[1] and k.frame != far]
    assert outside
    assert [keys[key.frame] for key in outside] == outside
    assert layer_of(new, BALL) == layer_of(old, BALL)
    assert fit(new, after, HERO, range(ENDS[0] + 1, ENDS[1])) >= 0.96
    assert report[HERO]["state"] == "updated"


def test_a_key_put_between_far_ones_reaches_no_frame_that_stays(tmp_path, base):
    """As a host does when a shape is dragged: one key more, and the next one far outside."""
    old = document_of(base)
    hero = layer_of(old, HERO)
    near = [key for key in hero.shapes[0].keys if not 1002 <= key.frame <= 1022]
    shape = replace(hero.shapes[0], keys=near)
    sparse = replace(old, layers=[replace(hero, shapes=[shape]), layer_of(old, BALL)])
    (tmp_path / "sparse").mkdir()
    save(sparse, tmp_path / "sparse" / "shapes.json")
    mine = edited_at(shape, 1012, *(bump(1012, ENDS) * np.array((8, 12))))
    layer = layer_to_json(as_hosts_store(replace(hero, shapes=[mine])))
    edits = [{"object_id": HERO, "frames": [1012], "layer": layer}]
    new, _, _ = correct(tmp_path, tmp_path / "sparse", edits=edits)
    pictures_stay(sparse, new, CHANGED)
    keys = {key.frame: key for key in layer_of(new, HERO).shapes[0].keys}
    assert [keys[key.frame] for key in near] == near
    assert keys[1012].locked


def test_a_later_correction_beside_his_key_leaves_it(tmp_path, base):
    """Version 2 has his key on 1012; version 3 is solved on both sides of it, and around it."""
    hero = layer_of(document_of(base), HERO)
    mine = edited_at(hero.shapes[0], 1012, *(bump(1012, ENDS) * np.array((8, 12))))
    layer = layer_to_json(as_hosts_store(replace(hero, shapes=[mine])))
    (tmp_path / "2").mkdir()
    edits = [{"object_id": HERO, "frames": [1012], "layer": layer}]
    second, _, _ = correct(tmp_path / "2", base, edits=edits)
    (his,) = [key for key in layer_of(second, HERO).shapes[0].keys if key.frame == 1012]
    assert his.locked
    for name, spans in {"3": [[1008, 1011], [1013, 1017]], "4": [[1008, 1017]]}.items():
        (tmp_path / name).mkdir()

        def sinking(object_id: str, frame: int) -> list[np.ndarray]:
            off = 5.0 if object_id == HERO and 1008 <= frame <= 1017 and frame != 1012 else 0.0
            return [path + np.array([0, off]) for path in after(object_id, frame)]

        published = tmp_path / "2" / "out"
        changed = {HERO: spans, BALL: []}
        third, _, _ = correct(tmp_path / name, published, scene=sinking, changed=changed)
        (kept,) = [key for key in layer_of(third, HERO).shapes[0].keys if key.frame == 1012]
        assert kept == his
        assert layer_of(third, BALL) == layer_of(second, BALL)


def test_an_edit_alone_is_merged_and_nothing_is_solved(tmp_path, base):
    old = document_of(base)
    ball = layer_of(old, BALL)
    (shape,) = ball.shapes
    mine = edited_at(shape, 1012, 3, 0)
    edits = [
        {
            "object_id": BALL,
            "frames": [1012],
            "layer": layer_to_json(as_hosts_store(replace(ball, shapes=[mine]))),
        }
    ]
    new, report, _ = correct(tmp_path, base, changed={HERO: [], BALL: []}, edits=edits)
    assert report[BALL]["state"] == "merged"
    (result,) = layer_of(new, BALL).shapes
    kept = [key for key in shape.keys if key.frame != 1012]
    assert [key for key in result.keys if key.frame != 1012] == kept
    assert layer_of(new, HERO) == layer_of(old, HERO)


def test_a_layer_that_is_none_is_refused(tmp_path, base):
    edits = [{"object_id": HERO, "frames": [1012], "layer": {"id": HERO}}]
    with pytest.raises(RotoError) as refused:
        correct(tmp_path, base, edits=edits)
    assert refused.value.code == "bad_document"


def test_prompts_alone_merge_nothing(tmp_path, base):
    edits = [{"object_id": HERO, "frames": [1012], "layer": None}]
    new, _, _ = correct(tmp_path, base, edits=edits)
    assert {key.origin for key in layer_of(new, HERO).shapes[0].keys} == {"solved"}
