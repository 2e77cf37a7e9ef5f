"""``roto vectorize`` on real files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from helpers_vectorize import HEIGHT, WIDTH, circle, draw, iou
from typer.testing import CliRunner

from roto_shapes.document import load
from roto_shapes.errors import RotoError
from roto_worker.vectorize.command import mask_files, parse_rate, vectorize_command
from roto_worker.vectorize.outlines import rasterize_layer
from roto_worker.vectorize.raster import fill

app = typer.Typer()
app.command()(vectorize_command)


def scene(frame: int) -> list[np.ndarray]:
    return [circle(60 + 2 * (frame - 1001), 80, 30)]


def write_masks(folder: Path, names: dict[int, str], scale: int = 65535) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    dtype = np.uint16 if scale > 255 else np.uint8
    for frame, name in names.items():
        cv2.imwrite(str(folder / name), (draw(scene(frame)) * scale).round().astype(dtype))


@pytest.mark.parametrize("scale", [255, 65535])
def test_masks_become_a_document_that_covers_them(tmp_path, scale):
    frames = range(1001, 1009)
    write_masks(tmp_path / "masks", {f: f"hero.{f}.png" for f in frames}, scale)
    out = tmp_path / "shapes.json"
    arguments = [str(tmp_path / "masks"), "--out", str(out), "--object", "hero", "--fps", "23.976"]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "hero 1" in done.output
    document = load(out)
    assert (document.width, document.height) == (WIDTH, HEIGHT)
    assert document.fps == (24000, 1001)
    assert document.frame_range == (1001, 1008)
    (layer,) = document.layers
    assert layer.name == "hero"
    for frame in frames:
        truth = fill(scene(frame), WIDTH, HEIGHT)
        assert iou(rasterize_layer(document, layer, frame), truth) > 0.99


@pytest.mark.parametrize(
    ("names", "frames"),
    [
        (["00000.png", "00001.png"], [0, 1]),
        (["mask.1001.png", "mask.1002.png"], [1001, 1002]),
        (["shot010_v2-0007.png", "shot010_v2-0008.png"], [7, 8]),
        (["a.-001.png", "a.0000.png", "a.0001.png"], [-1, 0, 1]),
        (["m.0004.png", "m.0008.png", "m.0012.png"], [4, 8, 12]),
        (["only.12.png", "readme.png"], [12]),
    ],
)
def test_the_last_digits_of_a_name_are_its_frame(tmp_path, names, frames):
    for name in names:
        (tmp_path / name).touch()
    assert list(mask_files(tmp_path)) == frames


@pytest.mark.parametrize(
    ("names", "code", "says"),
    [
        ([], "empty_result", "no mattes"),
        (["a.1.png", "b.1.png"], "bad_range", "both frame 1"),
        (["a.1.png", "a.2.png", "a.4.png"], "missing_frame", "frame 3"),
    ],
)
def test_folders_that_are_no_sequence(tmp_path, names, code, says):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(RotoError, match=says) as caught:
        mask_files(tmp_path)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("24", (24, 1)),
        ("25.0", (25, 1)),
        ("24000/1001", (24000, 1001)),
        ("23.976", (24000, 1001)),
        ("29.97", (30000, 1001)),
        ("59.94", (60000, 1001)),
        ("12.5", (25, 2)),
    ],
)
def test_frame_rates_are_exact(text, rate):
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "0", "-24", "1/0", "5000"])
def test_what_is_no_frame_rate(text):
    with pytest.raises(RotoError) as caught:
        parse_rate(text)
    assert caught.value.code == "bad_request"


def run(folder: Path, *options: str) -> RotoError:
    with pytest.raises(RotoError) as caught:
        CliRunner().invoke(
            app, [str(folder), "--out", str(folder / "s.json"), *options], catch_exceptions=False
        )
    assert not (folder / "s.json").exists()
    return caught.value


def test_bad_mattes_leave_no_document(tmp_path):
    write_masks(tmp_path, {f: f"{f}.png" for f in (1001, 1002)})
    (tmp_path / "1003.png").write_bytes(b"not a picture")
    assert run(tmp_path).code == "bad_plate"
    cv2.imwrite(str(tmp_path / "1003.png"), np.zeros((8, 8), np.uint8))
    assert run(tmp_path).code == "bad_matte"
    (tmp_path / "1003.png").unlink()
    assert run(tmp_path, "--object", "../up").code == "bad_request"
    for frame in (1001, 1002):
        cv2.imwrite(str(tmp_path / f"{frame}.png"), np.zeros((8, 8), np.uint8))
    assert run(tmp_path).code == "empty_result"
