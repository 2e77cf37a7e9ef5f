"""Every way a plate can be broken has its code, and the message names the frame and the file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers_media import picture, plate_dict, write_exr, write_movie, write_oiio

from roto_client.contract.errors import is_permanent
from roto_shapes.errors import RotoError
from roto_worker.media import open_plate
from roto_worker.media.probe import probe_plate

FRAMES = range(1001, 1011)


def write_plate(folder: Path, extension: str) -> str:
    for frame in FRAMES:
        path = folder / f"plate.{frame}.{extension}"
        if extension == "exr":
            write_exr(path, {"RGB": picture(frame).astype(np.float16)})
        else:
            write_oiio(path, picture(frame), "uint8")
    return str(folder / f"plate.%04d.{extension}")


def refused(pattern: str, code: str, **options: object) -> RotoError:
    with pytest.raises(RotoError) as caught:
        probe_plate(plate_dict(pattern), **options)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert is_permanent(code)
    assert caught.value.hint
    return caught.value


def test_a_sound_plate_is_described(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    info = probe_plate(
        plate_dict(write_plate(tmp_path, "exr")), on_frame=lambda *step: seen.append(step)
    ).info
    assert (info.width, info.height, info.frame_range) == (48, 32, (1001, 1010))
    assert (info.colorspace, info.fps) == ("Linear Rec.709 (sRGB)", (24, 1))
    assert info.metadata["compression"] == "zip"
    assert seen == [(done, 10) for done in range(1, 11)]


@pytest.mark.parametrize("extension", ["exr", "png", "jpg", "tif", "dpx"])
def test_missing_frame_in_the_middle(tmp_path: Path, extension: str) -> None:
    pattern = write_plate(tmp_path, extension)
    for frame in (1005, 1006):
        (tmp_path / f"plate.{frame}.{extension}").unlink()
    error = refused(pattern, "missing_frame")
    assert "1005" in error.message
    assert f"plate.1005.{extension}" in error.message
    assert error.detail["missing"] == [1005, 1006]
    whole = probe_plate(plate_dict(pattern), frame_range=(1007, 1010)).info
    assert whole.frame_range == (1007, 1010)


@pytest.mark.parametrize("extension", ["exr", "png", "jpg", "tif", "dpx"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.97])
def test_truncated_file_is_found_by_the_probe_and_by_reading(
    tmp_path: Path, extension: str, share: float
) -> None:
    pattern = write_plate(tmp_path, extension)
    victim = tmp_path / f"plate.1007.{extension}"
    data = victim.read_bytes()
    victim.write_bytes(data[: int(len(data) * share)])
    error = refused(pattern, "bad_plate")
    assert "frame 1007" in error.message
    assert victim.name in error.message
    assert error.detail["frame"] == 1007
    if share < 0.9:
        source = open_plate(plate_dict(pattern))
        assert source.read(1006).shape == (32, 48, 3)
        with pytest.raises(RotoError) as caught:
            source.read(1007)
        assert caught.value.code == "bad_plate"
        assert source.read(1008).shape == (32, 48, 3)
        source.close()


def test_another_file_under_the_plates_name(tmp_path: Path) -> None:
    pattern = write_plate(tmp_path, "exr")
    (tmp_path / "plate.1003.exr").write_bytes(b"this is not an EXR at all" * 40)
    assert "1003" in refused(pattern, "bad_plate").message


def test_size_and_pixel_aspect_changes(tmp_path: Path) -> None:
    pattern = write_plate(tmp_path, "exr")
    write_exr(tmp_path / "plate.1004.exr", {"RGB": picture(4, (50, 32)).astype(np.float16)})
    error = refused(pattern, "bad_plate")
    assert "frame 1004 is 50x32 but the plate is 48x32" in error.message
    source = open_plate(plate_dict(pattern))
    with pytest.raises(RotoError) as caught:
        source.read(1004)
    assert caught.value.code == "bad_plate"
    source.close()
    write_exr(
        tmp_path / "plate.1004.exr",
        {"RGB": picture(4).astype(np.float16)},
        pixelAspectRatio=2.0,
    )
    assert "pixel aspect 2" in refused(pattern, "bad_plate").message


def test_a_changing_data_window_is_no_change_of_size(tmp_path: Path) -> None:
    for frame in (1, 2, 3):
        write_exr(
            tmp_path / f"p.{frame}.exr",
            {"RGB": np.ones((10 + frame, 12, 3), np.float16)},
            display=(0, 0, 47, 31),
            data_origin=(frame, frame),
        )
    info = probe_plate(plate_dict(tmp_path / "p.%d.exr")).info
    assert (info.width, info.height) == (48, 32)


def test_what_is_not_a_plate(tmp_path: Path) -> None:
    write_exr(
        tmp_path / "z.1.exr", {"Z": np.ones((8, 8), np.float32), "id": np.ones((8, 8), np.float32)}
    )
    error = refused(str(tmp_path / "z.%d.exr"), "unsupported_plate")
    assert "no colour channels" in error.message
    (tmp_path / "note.1.txt").write_text("hello")
    refused(str(tmp_path / "note.%d.txt"), "unsupported_plate")
    (tmp_path / "dir.1.png").mkdir()
    refused(str(tmp_path / "dir.%d.png"), "bad_plate")
    refused(str(tmp_path / "absent.%04d.exr"), "missing_frame")
    refused(str(tmp_path / "nowhere" / "absent.%04d.exr"), "missing_frame")
    refused(str(tmp_path / "plate.exr"), "bad_range")


def test_range_outside_the_plate(tmp_path: Path) -> None:
    pattern = write_plate(tmp_path, "png")
    for wanted in ((1000, 1005), (1005, 1011), (1008, 1002)):
        error = refused(pattern, "range_outside_plate", frame_range=wanted)
        assert error.detail["frame_range"] == [1001, 1010]
    source = open_plate(plate_dict(pattern), frame_range=(1003, 1005))
    with pytest.raises(RotoError) as caught:
        source.read(1006)
    assert caught.value.code == "range_outside_plate"
    source.close()


def test_unreadable_files(tmp_path: Path) -> None:
    """A link to itself: the one file that root cannot read either."""
    pattern = write_plate(tmp_path, "png")
    victim = tmp_path / "plate.1002.png"
    victim.unlink()
    victim.symlink_to(victim)
    error = refused(pattern, "path_refused")
    assert victim.name in error.message


def test_frames_that_vanish_while_reading(tmp_path: Path) -> None:
    source = open_plate(plate_dict(write_plate(tmp_path, "png")), read_ahead=0)
    source.read(1001)
    (tmp_path / "plate.1002.png").unlink()
    with pytest.raises(RotoError) as caught:
        source.read(1002)
    assert caught.value.code == "missing_frame"
    source.close()


def test_movie_whose_size_changes_is_refused(tmp_path: Path) -> None:
    parts = []
    for index, size in enumerate(((160, 96), (320, 192))):
        part = tmp_path / f"{index}.mpg"
        write_movie(part, "mpeg2video", "yuv420p", 5, size=size, options={"bf": "0"})
        parts.append(part.read_bytes())
    joined = tmp_path / "joined.mpg"
    joined.write_bytes(b"".join(parts))
    source = open_plate(plate_dict(joined, "movie"), read_ahead=0)
    codes = set()
    for frame in range(source.info.frame_range[0], source.info.frame_range[1] + 1):
        try:
            assert source.read(frame).shape == (96, 160, 3)
        except RotoError as error:
            codes.add(error.code)
    source.close()
    assert codes == {"bad_plate"}


@pytest.mark.parametrize(
    ("size", "what"),
    [
        ((1, 1), "small"),
        ((65_500, 1), "small"),
        ((15, 15), "small"),
        ((16, 4097), "narrow"),
        ((4097, 16), "narrow"),
    ],
)
def test_too_few_pixels_to_track_are_refused(
    tmp_path: Path, size: tuple[int, int], what: str
) -> None:
    width, height = size
    assert cv2.imwrite(str(tmp_path / "p.1.png"), np.zeros((height, width, 3), np.uint8))
    with pytest.raises(RotoError, match=f"is {width}x{height}, too {what}") as caught:
        probe_plate(plate_dict(tmp_path / "p.%d.png"))
    assert caught.value.code == "bad_plate"
