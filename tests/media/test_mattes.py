"""What a compositor relies on in our mattes, read back with another library than wrote them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813
import pytest

from roto_worker.export.mattes import layer_names, write_matte_exr, write_matte_png
from roto_worker.media.masks import read_mask16, write_mask16

RAMP = np.tile(np.linspace(0, 1, 33, dtype=np.float32), (17, 1))
METADATA = {"roto/job": "3" * 32, "roto/engine": "flow", "roto/model": "dis"}


def test_exr_header_facts(tmp_path: Path) -> None:
    path = tmp_path / "hero.1001.exr"
    other = np.zeros_like(RAMP)
    other[:5] = 1
    write_matte_exr(path, {"hero": RAMP, "arm": other}, pixel_aspect=2.0, metadata=METADATA)
    with OpenEXR.File(str(path), separate_channels=True) as file:
        header, channels = file.header(), file.channels()
        assert header["compression"] == OpenEXR.ZIPS_COMPRESSION
        assert header["type"] == OpenEXR.scanlineimage
        assert header["pixelAspectRatio"] == 2.0
        for window in ("dataWindow", "displayWindow"):
            low, high = header[window]
            assert (tuple(low), tuple(high)) == ((0, 0), (32, 16))
        assert {name: header[name] for name in METADATA} == METADATA
        assert sorted(channels) == ["A", "arm.A", "hero.A"]
        assert all(channel.type() == OpenEXR.HALF for channel in channels.values())
    image = oiio.ImageInput.open(str(path))
    spec = image.spec()
    pixels = image.read_image(0, 0, 0, 3, oiio.FLOAT)
    image.close()
    planes = {name: pixels[..., i] for i, name in enumerate(spec.channelnames)}
    assert np.abs(planes["hero.A"] - RAMP).max() <= 2.5e-4
    assert np.array_equal(planes["arm.A"], other)
    assert np.array_equal(planes["A"], np.maximum(planes["hero.A"], other))


def test_a_sliced_matte_is_written_as_it_looks(tmp_path: Path) -> None:
    wide = np.random.default_rng(0).random((20, 40)).astype(np.float32)
    write_matte_exr(tmp_path / "a.exr", {"hero": wide[2:12, ::-2]})
    with OpenEXR.File(str(tmp_path / "a.exr"), separate_channels=True) as file:
        got = file.channels()["hero.A"].pixels.astype(np.float32)
    assert np.abs(got - wide[2:12, ::-2]).max() <= 2.5e-4


def test_bad_values_stay_out_of_mattes(tmp_path: Path) -> None:
    bad = np.array([[np.nan, np.inf, -np.inf, -0.5, 1.5]], np.float32)
    write_matte_exr(tmp_path / "a.exr", {"hero": bad})
    with OpenEXR.File(str(tmp_path / "a.exr"), separate_channels=True) as file:
        assert file.channels()["A"].pixels.tolist() == [[0, 1, 0, 0, 1]]


@pytest.mark.parametrize(("bits", "dtype"), [(8, np.uint8), (16, np.uint16)])
def test_png_mattes(tmp_path: Path, bits: int, dtype: type) -> None:
    path = tmp_path / "hero.png"
    write_matte_png(path, RAMP, bits=bits)
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert image.dtype == dtype
    assert image.ndim == 2
    assert np.abs(image / (2**bits - 1) - RAMP).max() <= 0.5 / (2**bits - 1) + 1e-7


def test_masks_between_stages_are_16_bit(tmp_path: Path) -> None:
    write_mask16(tmp_path / "1001.png", RAMP)
    assert np.abs(read_mask16(tmp_path / "1001.png") - RAMP).max() <= 0.5 / 65535 + 1e-7
    assert [path.name for path in tmp_path.iterdir()] == ["1001.png"]


def test_layer_names_are_safe_and_distinct() -> None:
    given = layer_names(["hero", "élan 2", "2", "a.b", "Hero", "日本", "日", "_x"])
    assert given == {
        "hero": "hero",
        "élan 2": "elan_2",
        "2": "object_2",
        "a.b": "a_b",
        "Hero": "Hero_2",
        "日本": "object",
        "日": "object_3",
        "_x": "x",
    }


WRITER = """
import resource, sys
import numpy as np
from pathlib import Path
from roto_shapes.errors import RotoError
from roto_worker.export.mattes import write_matte_exr, write_matte_png
from roto_worker.export.video import VideoFormat, video_frame, write_video
kind, folder, limit = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
noise = np.random.default_rng(0).random((256, 256)).astype(np.float32)
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    if kind == "exr":
        write_matte_exr(folder / "out.exr", {"hero": noise})
    elif kind == "png":
        write_matte_png(folder / "out.png", noise)
    else:
        images = (np.random.default_rng(i).integers(0, 255, (256, 256, 3), np.uint8)
                  for i in range(24))
        wanted = VideoFormat("h264", (24, 1))
        frames = (video_frame(image, i, wanted) for i, image in enumerate(images))
        write_video(folder / "out.mp4", frames, wanted)
except RotoError as error:
    print("code", error.code)
except OSError as error:
    print("errno", error.errno)
else:
    print("written")
"""


def write_in_child(kind: str, folder: Path, limit: int) -> str:
    """Run in a process of its own, since a file size limit cannot be raised again."""
    done = subprocess.run(
        [sys.executable, "-c", WRITER, kind, str(folder), str(limit)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize("kind", ["exr", "png", "mp4"])
def test_a_file_that_does_not_fit_leaves_nothing(tmp_path: Path, kind: str) -> None:
    assert write_in_child(kind, tmp_path, 0) == "written"
    whole = (tmp_path / f"out.{kind}").stat().st_size
    assert whole > 20_000
    (tmp_path / f"out.{kind}").unlink()
    # Just short: libraries lose what fails only while they close the file.
    for limit in (whole - 1, whole // 2):
        assert write_in_child(kind, tmp_path, limit).startswith("errno")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("kind", ["exr", "png", "mp4"])
def test_a_full_disk_is_told_by_its_code(tmp_path: Path, kind: str) -> None:
    """/dev/full answers every write with ENOSPC: the partial file is a link to it."""
    (tmp_path / f".out.{kind}.partial").symlink_to("/dev/full")
    assert write_in_child(kind, tmp_path, 0) == "code disk_full"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_there_survives_a_failed_rewrite(tmp_path: Path) -> None:
    path = tmp_path / "out.exr"
    path.write_bytes(b"earlier")
    assert write_in_child("exr", tmp_path, 5000).startswith("errno")
    assert path.read_bytes() == b"earlier"
