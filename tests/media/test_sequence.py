"""Every still format: the right frame, the right place, the right values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813
import pytest
from helpers_media import SIZE, level, picture, plate_dict, write_exr, write_oiio

from roto_worker.media import open_plate
from roto_worker.media.sequence import SequenceReader

FRAMES = (997, 998, 999, 1000, 1001, 1002)


def encode_srgb(linear: np.ndarray) -> np.ndarray:
    curve = 1.055 * np.power(np.maximum(linear, 0), 1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, curve)


def write_all(folder: Path, extension: str) -> str:
    for frame in FRAMES:
        path = folder / f"plate.{frame}.{extension}"
        if extension == "exr":
            linear = picture(frame).astype(np.float16)
            write_exr(path, {"RGB": linear})
        else:
            write_oiio(path, picture(frame))
    return str(folder / f"plate.%d.{extension}")


@pytest.mark.parametrize(
    ("extension", "bits", "tolerance"),
    [
        ("png", "uint8", 1),
        ("png", "uint16", 1),
        ("tif", "uint8", 1),
        ("tif", "uint16", 1),
        ("jpg", "uint8", 6),
    ],
)
def test_display_referred_formats_come_back_as_written(
    tmp_path: Path, extension: str, bits: str, tolerance: int
) -> None:
    for frame in FRAMES:
        write_oiio(tmp_path / f"plate.{frame:04d}.{extension}", picture(frame), bits)
    source = open_plate(plate_dict(tmp_path / f"plate.%04d.{extension}"))
    assert source.info.frame_range == (997, 1002)
    assert (source.info.width, source.info.height) == SIZE
    assert source.info.colorspace == "sRGB - Texture"
    for frame in (*FRAMES, *reversed(FRAMES), 1000, 997, 1002):
        expected = picture(frame) * 255
        got = source.read(frame).astype(float)
        assert got.shape == (SIZE[1], SIZE[0], 3)
        smooth = got[20:, 2:20] if extension == "jpg" else got
        assert np.abs(smooth - (expected[20:, 2:20] if extension == "jpg" else expected)).max() <= (
            tolerance
        )
    source.close()


def test_exr_is_scene_linear_and_comes_out_encoded(tmp_path: Path) -> None:
    source = open_plate(plate_dict(write_all(tmp_path, "exr")))
    assert source.info.colorspace == "Linear Rec.709 (sRGB)"
    for frame in FRAMES[::-1]:
        expected = np.rint(encode_srgb(picture(frame).astype(np.float16).astype(float)) * 255)
        assert np.abs(source.read(frame) - expected).max() <= 1
    source.close()


def test_exr_overscan_is_cut_and_a_crop_is_placed(tmp_path: Path) -> None:
    big = np.random.default_rng(1).random((40, 60, 3)).astype(np.float16)
    write_exr(tmp_path / "over.1.exr", {"RGB": big}, display=(0, 0, 47, 31), data_origin=(-5, -3))
    write_exr(
        tmp_path / "crop.1.exr",
        {"RGB": big[:10, :20]},
        display=(100, 50, 147, 81),
        data_origin=(106, 57),
        pixelAspectRatio=2.0,
    )
    over = SequenceReader(str(tmp_path / "over.%d.exr"))
    assert np.array_equal(over.read(1), big[3:35, 5:53].astype(np.float32))
    crop = SequenceReader(str(tmp_path / "crop.%d.exr"))
    header, pixels = crop.header(1), crop.read(1)
    assert (header.width, header.height, header.pixel_aspect) == (48, 32, 2.0)
    assert np.array_equal(pixels[7:17, 6:26], big[:10, :20].astype(np.float32))
    pixels[7:17, 6:26] = 0
    assert not pixels.any()


def test_exr_data_window_wholly_outside_is_black(tmp_path: Path) -> None:
    ones = np.ones((8, 8, 3), np.float16)
    write_exr(tmp_path / "a.1.exr", {"RGB": ones}, display=(0, 0, 47, 31), data_origin=(100, 0))
    assert not SequenceReader(str(tmp_path / "a.%d.exr")).read(1).any()


def test_exr_layers_parts_and_float(tmp_path: Path) -> None:
    rgb = np.random.default_rng(2).random((32, 48, 3)).astype(np.float32)
    planes = {"left." + name: rgb[..., i].copy() for i, name in enumerate("RGB")}
    write_exr(tmp_path / "layer.1.exr", {"depth.Z": rgb[..., 0].copy(), **planes})
    layered = SequenceReader(str(tmp_path / "layer.%d.exr")).read(1)
    assert np.array_equal(layered, rgb)

    def part(name: str, channels: dict[str, np.ndarray]) -> OpenEXR.Part:
        return OpenEXR.Part({"type": OpenEXR.scanlineimage}, channels, name)

    parts = [part("depth", {"Z": rgb[..., 1].copy()}), part("beauty", {"RGB": rgb})]
    OpenEXR.File(parts).write(str(tmp_path / "parts.1.exr"))
    assert np.array_equal(SequenceReader(str(tmp_path / "parts.%d.exr")).read(1), rgb)


def test_exr_tiled(tmp_path: Path) -> None:
    image = picture(5)
    write_oiio(tmp_path / "t.5.exr", image, "half")
    spec_path = tmp_path / "t.6.exr"
    spec = oiio.ImageSpec(48, 32, 3, "half")
    spec.tile_width = spec.tile_height = 16
    out = oiio.ImageOutput.create(str(spec_path))
    assert out.open(str(spec_path), spec)
    assert out.write_image(picture(6))
    out.close()
    reader = SequenceReader(str(tmp_path / "t.%d.exr"))
    assert reader.check(6).width == 48
    assert np.allclose(reader.read(6), picture(6), atol=1e-3)


def test_unassociated_alpha_does_not_darken_the_colours(tmp_path: Path) -> None:
    rgba = np.dstack([picture(3), np.zeros((32, 48), np.float32)])
    write_oiio(tmp_path / "a.3.png", rgba, oiio__UnassociatedAlpha=1)
    got = SequenceReader(str(tmp_path / "a.%d.png")).read(3)
    assert np.abs(got - picture(3) * 255).max() <= 1


def test_grey_and_grey_alpha_become_rgb(tmp_path: Path) -> None:
    grey = picture(3)[..., :1]
    write_oiio(tmp_path / "g.1.png", grey)
    write_oiio(
        tmp_path / "g.2.png", np.dstack([grey, np.ones((32, 48))]), oiio__UnassociatedAlpha=1
    )
    reader = SequenceReader(str(tmp_path / "g.%d.png"))
    for frame in (1, 2):
        got = reader.read(frame)
        assert got.shape == (32, 48, 3)
        assert np.abs(got - np.repeat(grey, 3, 2) * 255).max() <= 1


def test_dpx_is_log_unless_its_header_says_otherwise(tmp_path: Path) -> None:
    image = picture(4)
    write_oiio(tmp_path / "log.4.dpx", image, "uint16", oiio__BitsPerSample=10)
    write_oiio(
        tmp_path / "vid.4.dpx",
        image,
        "uint16",
        oiio__BitsPerSample=10,
        dpx__Transfer="ITU-R 709-4",
    )
    log = open_plate(plate_dict(tmp_path / "log.%d.dpx"))
    assert log.info.colorspace == "Cineon"
    code = round(level(4) * 1023)
    black = 10 ** ((95 - 685) / 300)
    linear = (10 ** ((code - 685) / 300) - black) / (1 - black)
    expected = round(float(encode_srgb(np.array(linear))) * 255)
    assert abs(int(log.read(4)[25, 6, 1]) - expected) <= 1
    log.close()
    video = open_plate(plate_dict(tmp_path / "vid.%d.dpx"))
    assert video.info.colorspace == "sRGB - Texture"
    assert np.abs(video.read(4) - image * 255).max() <= 1
    video.close()


def test_frame_rate_in_the_header_becomes_a_rational(tmp_path: Path) -> None:
    write_oiio(tmp_path / "r.1.dpx", picture(1), "uint16", dpx__FrameRate=23.976)
    write_oiio(tmp_path / "p.1.png", picture(1))
    reader = SequenceReader(str(tmp_path / "r.%d.dpx"))
    assert reader.header(1).fps == (24000, 1001)
    source = open_plate(plate_dict(tmp_path / "p.%d.png"))
    assert source.info.fps == (24, 1)
    assert source.info.metadata["fps_source"] == "default"
    source.close()


def test_negative_frame_numbers(tmp_path: Path) -> None:
    for frame in (-2, -1, 0, 1):
        write_oiio(tmp_path / f"n.{frame:04d}.png", np.full((32, 48, 3), 0.25 + frame / 10))
    source = open_plate(plate_dict(tmp_path / "n.%04d.png"))
    assert source.info.frame_range == (-2, 1)
    assert abs(int(source.read(-2)[0, 0, 0]) - round(0.05 * 255)) <= 1
    source.close()
