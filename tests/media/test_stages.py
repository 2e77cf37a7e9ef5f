"""The ingest and export stages as the worker runs them, down to the bytes they list."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813
import pytest
from helpers_cryptomatte import decode
from helpers_media import picture, plate_dict, write_exr, write_movie, write_oiio
from helpers_stages import StageContext, task_object, task_spec, write_masks

from roto_client.contract.validation import check_farm_body
from roto_shapes.document import load, save
from roto_shapes.errors import RotoError
from roto_shapes.model import ControlPoint, Document, Key, Layer, Shape
from roto_worker.media.masks import read_mask16
from roto_worker.media.picture_facts import header_of
from roto_worker.stages import export, ingest

WIDTH, HEIGHT, FIRST, LAST = 49, 33, 1001, 1006
ENGINE = {"engine": "flow", "model": "dis", "checkpoint_sha256": None, "device": "cpu"}


@pytest.fixture
def plate(tmp_path: Path) -> dict[str, Any]:
    folder = tmp_path / "plate"
    folder.mkdir()
    for frame in range(FIRST, LAST + 1):
        image = picture(frame, (WIDTH, HEIGHT)).astype(np.float16)
        write_exr(folder / f"p.{frame}.exr", {"RGB": image}, pixelAspectRatio=2.0)
    return plate_dict(folder / "p.%04d.exr")


def matte(frame: int, flip: bool = False) -> np.ndarray:
    image = np.zeros((HEIGHT, WIDTH), np.float32)
    image[5:20, 4 + frame - FIRST : 20] = 0.75
    return image[:, ::-1].copy() if flip else image


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, str]:
    frames = range(FIRST, LAST + 1)
    masks = write_masks(
        tmp_path / "masks",
        {
            "hero": {frame: matte(frame) for frame in frames},
            "arm": {frame: matte(frame, flip=True) for frame in frames},
        },
        ENGINE,
    )
    points = tuple(ControlPoint(x, y) for x, y in ((5, 5), (20, 5), (20, 20)))
    layer = Layer("l", "hero", shapes=[Shape("s", "outer", keys=[Key(FIRST, points)])])
    (tmp_path / "shapes").mkdir()
    document = Document(WIDTH, HEIGHT, 2.0, frame_range=(FIRST, LAST), layers=[layer])
    save(document, tmp_path / "shapes" / "shapes.json")
    return {"masks": masks, "shapes": str(tmp_path / "shapes")}


def export_params(**changes: Any) -> dict[str, Any]:
    return {
        "objects": [task_object("hero", 1), task_object("arm", 2)],
        "frame_range": [FIRST, LAST],
        "version": 3,
        "outputs": ["mattes", "shapes", "overlay", "contact_sheet"],
        "formats": ["nuke", "silhouette", "json"],
        "mattes": "exr",
        "template": "{object}_matte_v{version:03d}.{frame:04d}.{ext}",
        **changes,
    }


def check_listing(ctx: StageContext, result: dict[str, Any]) -> None:
    check_farm_body("completion", {"result": result})
    listed = {entry["path"] for entry in result["files"]}
    on_disk = {
        path.relative_to(ctx.output_dir).as_posix()
        for path in ctx.output_dir.rglob("*")
        if path.is_file()
    }
    assert listed == on_disk
    for entry in result["files"]:
        data = (ctx.output_dir / entry["path"]).read_bytes()
        assert entry["size"] == len(data)
        if entry.get("sha256"):
            assert entry["sha256"] == hashlib.sha256(data).hexdigest()
    done = [step[0] for step in ctx.seen]
    assert done == sorted(done)
    assert ctx.seen[-1][0] == ctx.seen[-1][1]


def test_ingest_of_a_sequence(tmp_path: Path, plate: dict[str, Any]) -> None:
    params = {"proxy_height": 64, "thumbnails": 3}
    ctx = StageContext(task_spec("ingest", tmp_path / "a" / "out", plate, params))
    result = ingest.run(ctx)
    check_listing(ctx, result)
    facts = result["plate"]
    assert (facts["width"], facts["height"], facts["pixel_aspect"]) == (WIDTH, HEIGHT, 2.0)
    assert (facts["fps"], facts["frame_range"]) == ([24, 1], [FIRST, LAST])
    assert facts["colorspace"] == "Linear Rec.709 (sRGB)"
    proxies = [entry for entry in result["files"] if entry["role"] == "proxy"]
    assert [entry["path"] for entry in proxies] == [f"proxies/{n}.jpg" for n in range(1001, 1007)]
    image = cv2.imread(str(ctx.output_dir / "proxies" / "1004.jpg"))
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert image[28, 40, 0] > image[28, 40, 2] + 60, "blue stays blue"
    thumbnails = [entry for entry in result["files"] if entry["role"] == "thumbnail"]
    assert [entry["frame"] for entry in thumbnails] == [1001, 1004, 1006]


def test_ingest_shrinks_large_plates_and_takes_the_told_rate(tmp_path: Path) -> None:
    write_movie(tmp_path / "m.mov", "prores_ks", "yuv422p10le", 4, size=(320, 180))
    spec = task_spec(
        "ingest",
        tmp_path / "a" / "out",
        plate_dict(tmp_path / "m.mov", "movie", first=101),
        {"proxy_height": 90},
        fps=[25, 1],
        frame_range=[102, 103],
    )
    ctx = StageContext(spec)
    result = ingest.run(ctx)
    check_listing(ctx, result)
    assert result["plate"]["frame_range"] == [102, 103]
    assert result["plate"]["fps"] == [25, 1]
    assert cv2.imread(str(ctx.output_dir / "proxies" / "102.jpg")).shape == (90, 160, 3)


def test_ingest_tells_frames_whose_pixels_are_no_numbers(tmp_path: Path) -> None:
    for frame, odd in ((1, 0.5), (2, np.nan), (3, 0.5), (4, np.inf)):
        image = picture(frame).astype(np.float16)
        image[5, 6, 1] = odd
        write_exr(tmp_path / f"p.{frame}.exr", {"RGB": image})
    plate = plate_dict(tmp_path / "p.%d.exr")
    report = ingest.run(StageContext(task_spec("ingest", tmp_path / "a" / "out", plate, {})))
    found = {one["code"]: one for one in report["plate"]["metadata"]["report"]}
    assert found["not_finite"]["level"] == "warning"
    assert found["not_finite"]["detail"] == {"frames": [2, 4], "count": 2}


def test_ingest_of_a_damaged_plate_names_the_frame(tmp_path: Path, plate: dict[str, Any]) -> None:
    victim = Path(plate["path"] % 1005)
    victim.write_bytes(victim.read_bytes()[:-20])
    ctx = StageContext(task_spec("ingest", tmp_path / "a" / "out", plate, {}))
    with pytest.raises(RotoError) as caught:
        ingest.run(ctx)
    assert caught.value.code == "bad_plate"
    assert "frame 1005" in caught.value.message
    assert not any(ctx.output_dir.iterdir())


def test_export_of_everything(
    tmp_path: Path, plate: dict[str, Any], inputs: dict[str, str]
) -> None:
    spec = task_spec("export", tmp_path / "a" / "out", plate, export_params(), inputs=inputs)
    ctx = StageContext(spec)
    result = export.run(ctx)
    check_listing(ctx, result)
    by_role: dict[str, list[dict[str, Any]]] = {}
    for entry in result["files"]:
        by_role.setdefault(entry["role"], []).append(entry)
    assert len(by_role["matte"]) == 12
    assert by_role["matte"][0]["path"] == "mattes/hero_matte_v003.1001.exr"
    assert by_role["matte"][0]["object_id"] == "1" * 32
    assert [entry["path"] for entry in by_role["shape_export"]] == [
        "shapes/sh010_v003.nk",
        "shapes/sh010_v003.fxs",
        "shapes/sh010_v003.json",
    ]
    assert set(result["report"]) == {"nuke", "silhouette", "json"}
    assert all(isinstance(report["lost"], list) for report in result["report"].values())
    assert load(ctx.output_dir / "shapes" / "sh010_v003.json").width == WIDTH

    path = ctx.output_dir / "mattes" / "arm_matte_v003.1004.exr"
    with OpenEXR.File(str(path), separate_channels=True) as file:
        assert sorted(file.channels()) == ["A", "arm.A"]
        assert np.array_equal(file.channels()["A"].pixels > 0.5, matte(1004, flip=True) > 0.5)
        header = dict(file.header())
    assert header["pixelAspectRatio"] == 2.0
    assert (header["roto/engine"], header["roto/model"]) == ("flow", "dis")
    assert (header["roto/job"], header["roto/version"]) == ("3" * 32, "0.1.0")
    assert "roto/checkpoint_sha256" not in header

    with av.open(str(ctx.output_dir / "overlay.mp4")) as movie:
        assert sum(1 for _ in movie.decode(video=0)) == 6
        assert movie.streams.video[0].sample_aspect_ratio == 2
    assert cv2.imread(str(ctx.output_dir / "contact_sheet.png")) is not None


@pytest.mark.parametrize("output", ["mattes", "cryptomatte"])
def test_exr_mattes_carry_the_plates_timecode_and_rate(
    tmp_path: Path, plate: dict[str, Any], inputs: dict[str, str], output: str
) -> None:
    params = export_params(outputs=[output], formats=[], frame_range=[1002, 1004])
    shot = {"fps": [30000, 1001], "frame_range": [1000, 1008]}
    spec = task_spec("export", tmp_path / "a" / "out", plate, params, inputs=inputs, **shot)
    spec["provenance"]["timecode"] = "00:00:59;27"
    ctx = StageContext(spec)
    found = {}
    for file in export.run(ctx)["files"]:
        image: Any = oiio.ImageInput.open(str(ctx.output_dir / file["path"]))
        header = header_of("openexr", image.spec())
        image.close()
        assert header.fps == (30000, 1001)
        found[file["frame"]] = header.metadata["timecode"]
    assert found == {1002: "00:00:59;29", 1003: "00:01:00;02", 1004: "00:01:00;03"}


def test_id_mattes_of_a_job(tmp_path: Path, plate: dict[str, Any], inputs: dict[str, str]) -> None:
    """Later objects on top, as in the document; the masks folder alone is enough."""
    params = export_params(outputs=["cryptomatte"], formats=[], frame_range=[1002, 1004])
    masks = {"masks": inputs["masks"]}
    ctx = StageContext(task_spec("export", tmp_path / "a" / "out", plate, params, inputs=masks))
    result = export.run(ctx)
    check_listing(ctx, result)
    assert [(f["path"], f["role"], f["format"], f["frame"]) for f in result["files"]] == [
        (f"cryptomatte/cryptomatte_matte_v003.{n}.exr", "matte", "cryptomatte", n)
        for n in (1002, 1003, 1004)
    ]
    found = decode(ctx.output_dir / result["files"][2]["path"])
    hero = read_mask16(Path(inputs["masks"]) / "hero" / "1004.png")
    arm = read_mask16(Path(inputs["masks"]) / "arm" / "1004.png")
    assert np.array_equal(found.matte("arm"), arm)
    assert np.array_equal(found.matte("hero"), np.minimum(hero, 1 - arm))
    assert found.pixel_aspect == 2.0
    assert found.attributes["roto/engine"] == "flow"

    spec = task_spec("export", tmp_path / "b", plate, params)
    with pytest.raises(RotoError) as caught:
        export.run(StageContext(spec))
    assert caught.value.code == "bad_request"


def test_id_mattes_of_many_objects_have_the_ranks_the_deepest_frame_needs(
    tmp_path: Path, plate: dict[str, Any]
) -> None:
    """Eight on one pixel of the last frame: four EXR layers, in the first frame's file too."""
    thin = {
        f"o{i}": {1: np.zeros((4, 6), np.float32), 2: np.zeros((4, 6), np.float32)}
        for i in range(8)
    }
    for i, frames in enumerate(thin.values()):
        frames[2][1, 2] = (i + 1) / 64
        frames[1][2, i % 6] = 0.25
    masks = {"masks": write_masks(tmp_path / "m", thin, ENGINE)}
    params = export_params(
        objects=[task_object(name, i + 1) for i, name in enumerate(thin)],
        outputs=["cryptomatte"],
        formats=[],
        frame_range=[1, 2],
    )
    ctx = StageContext(
        task_spec("export", tmp_path / "a" / "out", plate, params, inputs=masks, pixel_aspect=1.0)
    )
    result = export.run(ctx)
    check_listing(ctx, result)
    for frame, entry in zip((1, 2), result["files"], strict=True):
        found = decode(ctx.output_dir / entry["path"])
        assert found.ids.shape == (8, 4, 6)
        for name, frames in thin.items():
            stored = read_mask16(tmp_path / "m" / name / f"{frame}.png")
            assert np.array_equal(found.matte(name), stored), (name, frame)
            assert stored.any() == frames[frame].any()


def test_one_file_a_frame_with_a_layer_for_each_object(
    tmp_path: Path, plate: dict[str, Any], inputs: dict[str, str]
) -> None:
    params = export_params(
        template="{project}-{shot}.{frame:05d}.{ext}", outputs=["mattes"], formats=[]
    )
    ctx = StageContext(task_spec("export", tmp_path / "a" / "out", plate, params, inputs=inputs))
    result = export.run(ctx)
    check_listing(ctx, result)
    assert [entry["path"] for entry in result["files"]] == [
        f"mattes/film-sh010.0{frame}.exr" for frame in range(FIRST, LAST + 1)
    ]
    assert all(entry["object_id"] is None for entry in result["files"])
    with OpenEXR.File(
        str(ctx.output_dir / "mattes/film-sh010.01001.exr"), separate_channels=True
    ) as f:
        assert sorted(f.channels()) == ["A", "arm.A", "hero.A"]


@pytest.mark.parametrize(("kind", "scale"), [("png8", 255), ("png16", 65535)])
def test_png_mattes(
    tmp_path: Path, plate: dict[str, Any], inputs: dict[str, str], kind: str, scale: int
) -> None:
    params = export_params(mattes=kind, outputs=["mattes"], formats=[], frame_range=[1002, 1003])
    ctx = StageContext(task_spec("export", tmp_path / "a" / "out", plate, params, inputs=inputs))
    result = export.run(ctx)
    check_listing(ctx, result)
    assert len(result["files"]) == 4
    path = ctx.output_dir / "mattes" / "hero_matte_v003.1002.png"
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert np.abs(image / scale - matte(1002)).max() <= 0.5 / scale + 1e-5
    params["template"] = "{shot}.{frame}.{ext}"
    with pytest.raises(RotoError) as caught:
        export.run(StageContext(task_spec("export", tmp_path / "b", plate, params, inputs=inputs)))
    assert caught.value.code == "bad_template"


def test_export_asks_for_what_the_job_did_not_make(tmp_path: Path, plate: dict[str, Any]) -> None:
    for wanted in ({"outputs": ["mattes"], "formats": []}, {"outputs": [], "formats": ["nuke"]}):
        spec = task_spec("export", tmp_path / "a" / "out", plate, export_params(**wanted))
        with pytest.raises(RotoError) as caught:
            export.run(StageContext(spec))
        assert caught.value.code == "bad_request"


def test_shapes_and_mattes_of_a_probed_shot_need_no_plate(
    tmp_path: Path, inputs: dict[str, str]
) -> None:
    gone = plate_dict(tmp_path / "gone" / "p.%04d.exr")
    params = export_params(outputs=["mattes", "shapes"])
    spec = task_spec(
        "export", tmp_path / "a" / "out", gone, params, inputs=inputs, pixel_aspect=1.5
    )
    ctx = StageContext(spec)
    result = export.run(ctx)
    check_listing(ctx, result)
    with OpenEXR.File(str(ctx.output_dir / result["files"][0]["path"])) as file:
        assert file.header()["pixelAspectRatio"] == 1.5


PEAK = """
import resource, sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from helpers_stages import StageContext, task_spec
from roto_worker.stages import ingest
folder, count = Path(sys.argv[1]), int(sys.argv[2])
plate = {"kind": "sequence", "path": str(folder / "plate" / "p.%04d.png")}
out = folder / str(count) / "out"
spec = task_spec("ingest", out, plate, {"proxy_height": 64}, frame_range=[1, count])
assert len(ingest.run(StageContext(spec))["files"]) == count + 5
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_peak_memory_does_not_grow_with_the_number_of_frames(tmp_path: Path) -> None:
    """400 frames of 480x270 are 148 MiB; ten times fewer take the same peak."""
    folder = tmp_path / "plate"
    folder.mkdir()
    write_oiio(folder / "p.0001.png", picture(1, (480, 270)))
    for frame in range(2, 401):
        os.link(folder / "p.0001.png", folder / f"p.{frame:04d}.png")

    def peak(count: int) -> int:
        command = [
            sys.executable,
            "-c",
            PEAK,
            str(tmp_path),
            str(count),
            str(Path(__file__).parent),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return int(done.stdout) // 1024

    few, many = peak(40), peak(400)
    assert many - few < 25, (few, many)


def test_export_stops_when_told(
    tmp_path: Path, plate: dict[str, Any], inputs: dict[str, str]
) -> None:
    class Stopping(StageContext):
        def progress(self, done: int, total: int, message: str = "") -> None:
            if message.startswith("encoding"):
                raise InterruptedError

    spec = task_spec(
        "export", tmp_path / "a" / "out", plate, export_params(outputs=["overlay"]), inputs=inputs
    )
    ctx = Stopping(spec)
    with pytest.raises(InterruptedError):
        export.run(ctx)
    assert not list(ctx.output_dir.rglob("*.mp4*"))
