"""The export stage's movies, from an anamorphic EXR plate of odd size and a part of the frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from helpers_media import picture, plate_dict, write_exr
from helpers_stages import StageContext, task_object, task_spec, write_masks

from roto_client.contract.validation import check_farm_body
from roto_shapes.document import save
from roto_shapes.errors import RotoError
from roto_shapes.model import ControlPoint, Document, Key, Layer, Shape
from roto_worker.stages import export, export_videos

WIDTH, HEIGHT, FIRST, LAST = 49, 33, 1001, 1006
CUTOUT = {"kind": "cutout", "codec": "prores4444", "quality": "standard"}
OVERLAY = {"kind": "overlay", "codec": "h264", "quality": "draft", "longest_side": 64}


@pytest.fixture
def plate(tmp_path: Path) -> dict[str, Any]:
    folder = tmp_path / "plate"
    folder.mkdir()
    for frame in range(FIRST, LAST + 1):
        image = picture(frame, (WIDTH, HEIGHT)).astype(np.float16)
        write_exr(folder / f"p.{frame}.exr", {"RGB": image}, pixelAspectRatio=2.0)
    return plate_dict(folder / "p.%04d.exr")


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, str]:
    mattes: dict[str, dict[int, np.ndarray]] = {"hero": {}, "arm": {}}
    for frame in range(FIRST, LAST + 1):
        for name, left in (("hero", 4), ("arm", 30)):
            matte = np.zeros((HEIGHT, WIDTH), np.float32)
            matte[8:20, left : left + 8] = 1
            mattes[name][frame] = matte
    return {"masks": write_masks(tmp_path / "masks", mattes, {"engine": "flow", "model": "dis"})}


def run(
    tmp_path: Path,
    plate: dict[str, Any],
    videos: list[dict[str, Any]],
    objects: Sequence[dict[str, Any]] = (task_object("hero", 1), task_object("arm", 2)),
    **more: Any,
) -> tuple[StageContext, list[dict[str, Any]]]:
    params = {
        "objects": list(objects),
        "frame_range": [1003, 1005],
        "version": 3,
        "outputs": [],
        "formats": [],
        "mattes": "exr",
        "template": "{object}.{frame}",
        "videos": videos,
    }
    ctx = StageContext(task_spec("export", tmp_path / "a" / "out", plate, params, **more))
    result = export.run(ctx)
    check_farm_body("completion", {"result": result})
    return ctx, result["files"]


def test_each_wish_is_a_movie_of_the_range(
    tmp_path: Path, plate: dict[str, Any], inputs: dict[str, str]
) -> None:
    only_arm = {**CUTOUT, "objects": ["arm"]}
    over_red = {**CUTOUT, "color": [1, 0, 0]}
    ctx, files = run(tmp_path, plate, [CUTOUT, only_arm, over_red, OVERLAY], inputs=inputs)
    assert [(file["path"], file["role"], file["format"]) for file in files] == [
        ("videos/sh010_cutout_v003.mov", "video", "prores4444"),
        ("videos/sh010_cutout_2_v003.mov", "video", "prores4444"),
        ("videos/sh010_cutout_3_v003.mov", "video", "prores4444"),
        ("videos/sh010_overlay_v003.mp4", "video", "h264"),
    ]
    assert [done for done, _, _ in ctx.seen] == sorted(done for done, _, _ in ctx.seen)
    assert ctx.seen[-1][:2] == (4 * 3 + 1, 4 * 3 + 1)
    shown = []
    for file in files:
        with av.open(str(ctx.output_dir / file["path"])) as movie:
            assert movie.streams.video[0].sample_aspect_ratio == 2, "told, not baked in"
            assert "roto/engine=flow" in movie.metadata["comment"]
            frames = [frame.to_ndarray(format="rgba", threads=1) for frame in movie.decode(video=0)]
        assert len(frames) == 3
        shown.append(frames[0])
    hero, arm, nothing = (14, 8), (14, 34), (14, 22)
    assert shown[0].shape[:2] == (HEIGHT, WIDTH)
    assert [shown[0][at][3] > 250 for at in (hero, arm, nothing)] == [True, True, False]
    assert [shown[1][at][3] > 250 for at in (hero, arm, nothing)] == [False, True, False]
    assert shown[2][nothing][0] > 250
    assert shown[2][nothing][1] < 10
    assert (shown[2][..., 3] == 255).all(), "on a colour that was asked for there is no alpha"
    assert shown[3].shape[:2] == (HEIGHT + 1, WIDTH + 1)


def box(name: str, left: float) -> Layer:
    """A layer whose shape is a box around the object of `inputs` that begins there."""
    corners = ((left - 1, 7), (left + 9, 7), (left + 9, 21), (left - 1, 21))
    points = tuple(ControlPoint(x, y) for x, y in corners)
    return Layer(name, name, shapes=[Shape(f"{name}1", "outer", keys=[Key(FIRST, points)])])


def test_an_overlay_shows_the_objects_it_is_of(
    tmp_path: Path, plate: dict[str, Any], inputs: dict[str, str]
) -> None:
    wish = {"kind": "overlay", "codec": "prores4444", "quality": "final"}
    document = Document(WIDTH, HEIGHT, layers=[box("hero", 4), box("arm", 30)])
    (tmp_path / "shapes").mkdir()
    save(document, tmp_path / "shapes" / "shapes.json")
    made = {**inputs, "shapes": str(tmp_path / "shapes")}

    def drawn(name: str, changes: dict[str, Any], **more: Any) -> np.ndarray:
        ctx, (file,) = run(tmp_path / name, plate, [{**wish, **changes}], **more)
        with av.open(str(ctx.output_dir / file["path"])) as movie:
            return next(movie.decode(video=0)).to_ndarray(format="rgb24", threads=1).astype(int)

    plain = drawn("plain", {})
    for name, names, hero, arm in (
        ("all", None, True, True), ("one", ["arm"], False, True), ("other", ["hero"], True, False),
    ):  # fmt: skip
        wished = {} if names is None else {"objects": names}
        different = np.abs(drawn(name, wished, inputs=made) - plain).max(axis=2) > 24
        assert (different[:, :20].any(), different[:, 26:].any()) == (hero, arm)


def test_a_movie_is_no_larger_than_its_codec(
    tmp_path: Path,
    plate: dict[str, Any],
    inputs: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No plate here is as large as H.264 can be: the limit is made smaller instead."""
    monkeypatch.setattr(export_videos, "MOST_H264", 40)
    green = {"kind": "greenscreen", "codec": "h264", "quality": "draft"}
    ctx, files = run(tmp_path, plate, [green, CUTOUT], inputs=inputs)
    sizes = []
    for file in files:
        with av.open(str(ctx.output_dir / file["path"])) as movie:
            sizes.append(max(movie.streams.video[0].width, movie.streams.video[0].height))
    assert sizes == [40, WIDTH]


def test_outlines_have_the_colour_of_the_object_today(
    tmp_path: Path, plate: dict[str, Any], inputs: dict[str, str]
) -> None:
    document = Document(WIDTH, HEIGHT, layers=[replace(box("hero", 4), color=(1.0, 0.0, 0.0))])
    (tmp_path / "shapes").mkdir()
    save(document, tmp_path / "shapes" / "shapes.json")
    made = {**inputs, "shapes": str(tmp_path / "shapes")}
    wish = {"kind": "overlay", "codec": "prores4444", "quality": "final", "objects": ["hero"]}
    blue = {**task_object("hero", 1), "color": [0, 0, 1]}
    ctx, (file,) = run(tmp_path, plate, [wish], inputs=made, objects=[blue, task_object("arm", 2)])
    with av.open(str(ctx.output_dir / file["path"])) as movie:
        image = next(movie.decode(video=0)).to_ndarray(format="rgb24", threads=1).astype(int)
    around = image[7:22, 3:14]
    assert ((around[..., 2] > 180) & (around[..., 0] < 80)).any(), "blue, as it is now"
    assert not ((around[..., 0] > 180) & (around[..., 2] < 80)).any(), "not red, as it was"


def test_in_a_small_movie_edges_have_the_plates_own_colour_too(tmp_path: Path) -> None:
    """Where 16 of the plate make a pixel of the movie, an edge is made of what lies around it."""
    grey = np.full((512, 1024), 0.4, np.float16)
    write_exr(tmp_path / "p.0001.exr", {"RGB": np.stack([grey] * 3, axis=-1)})
    matte = np.zeros((512, 1024), np.float32)
    matte[201:300, 301:405] = 1
    wish = {**CUTOUT, "quality": "final", "longest_side": 64}
    masks = write_masks(tmp_path / "masks", {"hero": {1: matte}}, {"engine": "flow"})
    ctx = StageContext(
        task_spec(
            "export",
            tmp_path / "a" / "out",
            plate_dict(tmp_path / "p.%04d.exr"),
            {
                "objects": [task_object("hero", 1)], "frame_range": [1, 1], "version": 1,
                "outputs": [], "formats": [], "mattes": "exr", "template": "{frame}",
                "videos": [wish],
            },
            inputs={"masks": masks},
        )
    )  # fmt: skip
    (file,) = export.run(ctx)["files"]
    with av.open(str(ctx.output_dir / file["path"])) as movie:
        (frame,) = [one.to_ndarray(format="rgba", threads=1) for one in movie.decode(video=0)]
    colours = frame[frame[..., 3] > 0][:, :3].astype(int)
    assert np.ptp(colours, axis=0).max() <= 4


def test_a_cut_needs_mattes_and_an_overlay_does_not(tmp_path: Path, plate: dict[str, Any]) -> None:
    _, files = run(tmp_path, plate, [OVERLAY])
    assert len(files) == 1
    with pytest.raises(RotoError) as caught:
        run(tmp_path, plate, [CUTOUT])
    assert caught.value.code == "bad_request"


def test_a_frame_that_cannot_be_read_leaves_no_movie(
    tmp_path: Path, plate: dict[str, Any], inputs: dict[str, str]
) -> None:
    victim = Path(plate["path"] % 1004)
    victim.write_bytes(victim.read_bytes()[:200])
    with pytest.raises(RotoError) as caught:
        run(tmp_path, plate, [CUTOUT], inputs=inputs)
    assert caught.value.code == "bad_plate"
    assert list((tmp_path / "a" / "out" / "videos").iterdir()) == []
