"""Colour against numbers worked out by hand from the published formulas."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813
import pytest
from helpers_media import plate_dict, write_exr, write_oiio

from roto_client.contract import colorspaces
from roto_shapes.errors import RotoError
from roto_worker.media import open_plate
from roto_worker.media.colour import DisplayTransform, colorspace_for, config

# Rec.709 luminance-preserving matrix from AP1 (ACES TB-2014-004 and Bradford adaptation).
AP1_TO_REC709 = np.array(
    [
        [1.70505, -0.62179, -0.08326],
        [-0.13026, 1.14080, -0.01055],
        [-0.02400, -0.12897, 1.15297],
    ]
)


def srgb(linear: float) -> int:
    if linear <= 0.0031308:
        return round(255 * max(0.0, 12.92 * linear))
    return round(255 * min(1.0, 1.055 * linear ** (1 / 2.4) - 0.055))


def shown(colorspace: str, *rgb: float) -> list[int]:
    pixels = np.array([[rgb]], np.float32)
    return DisplayTransform(colorspace).to_srgb8(pixels)[0, 0].tolist()


@pytest.mark.parametrize("value", [0.0, 0.002, 0.0031308, 0.05, 0.18, 0.5, 0.999, 1.0])
def test_scene_linear_is_plainly_encoded(value: float) -> None:
    got = shown("Linear Rec.709 (sRGB)", value, value, value)
    assert all(abs(code - srgb(value)) <= 1 for code in got)


def test_eighteen_percent_grey_is_118() -> None:
    assert shown("Linear Rec.709 (sRGB)", 0.18, 0.18, 0.18) == [118, 118, 118]


def test_acescg_red_goes_through_the_matrix() -> None:
    rgb = np.array([0.3, 0.2, 0.1])
    expected = [srgb(v) for v in AP1_TO_REC709 @ rgb]
    assert np.abs(np.subtract(shown("ACEScg", *rgb), expected)).max() <= 1


def test_arri_logc3_grey() -> None:
    """ARRI LogC3 EI800 white paper: t = (10^((code - d) / c) - b) / a."""
    c, d, a, b = 0.247190, 0.385537, 5.555556, 0.052272
    code = 0.391
    linear = (10 ** ((code - d) / c) - b) / a
    assert math.isclose(linear, 0.18, abs_tol=1e-3)
    assert np.abs(np.array(shown("ARRI LogC3 (EI800)", *[code] * 3)) - srgb(linear)).max() <= 1


@pytest.mark.parametrize("code", [95, 300, 445, 600, 685])
def test_cineon_log(code: int) -> None:
    black = 10 ** ((95 - 685) / 300)
    linear = (10 ** ((code - 685) / 300) - black) / (1 - black)
    assert abs(shown("Cineon", *[code / 1023] * 3)[1] - srgb(linear)) <= 1


def test_adx_and_aces_log_spaces_are_usable() -> None:
    # ACEScct of 18 % grey is 0.4135884 (S-2016-001).
    assert np.abs(np.array(shown("ACEScct", *[0.4135884] * 3)) - 118).max() <= 1
    assert len(set(shown("ADX10", 0.4, 0.4, 0.4))) >= 1


@pytest.mark.parametrize("colorspace", ["Linear Rec.709 (sRGB)", "ACEScg", "ARRI LogC3 (EI800)"])
def test_not_a_number_infinite_negative_and_superwhite(colorspace: str) -> None:
    nan, inf = float("nan"), float("inf")
    pixels = np.array(
        [[(nan, nan, nan), (inf, inf, inf), (-inf, -inf, -inf), (-5, -5, -5), (1e30, 1e30, 1e30)]],
        np.float32,
    )
    with np.errstate(all="raise", under="ignore"):
        got = DisplayTransform(colorspace).to_srgb8(pixels)[0]
    black = shown(colorspace, 0, 0, 0)
    assert got[0].tolist() == black
    assert got[1].tolist() == [255] * 3
    assert got[2].max() <= max(black)
    assert got[3].max() <= max(black)
    assert got[4].tolist() == [255] * 3


@pytest.mark.parametrize("colorspace", ["Linear Rec.709 (sRGB)", "ACEScg", "sRGB - Texture"])
def test_every_half_float_is_as_its_float(colorspace: str) -> None:
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    picture = np.stack([halves, halves[::-1], np.roll(halves, 999)], -1).reshape(256, 256, 3)
    transform = DisplayTransform(colorspace)
    with np.errstate(invalid="ignore"):
        wide = picture.astype(np.float32)
    np.testing.assert_array_equal(transform.to_srgb8(picture), transform.to_srgb8(wide))
    sliced = picture[::2, ::3]
    np.testing.assert_array_equal(transform.to_srgb8(sliced), transform.to_srgb8(picture)[::2, ::3])


def test_display_referred_is_untouched_at_every_depth() -> None:
    transform = DisplayTransform("sRGB - Texture")
    assert transform.is_plain
    codes = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    assert np.array_equal(transform.to_srgb8(codes), codes)
    assert np.array_equal(transform.to_srgb8(codes.astype(np.uint16) * 257), codes)
    assert np.array_equal(transform.to_srgb8((codes / 255).astype(np.float32)), codes)


def test_input_is_not_changed() -> None:
    pixels = np.full((2, 2, 3), np.nan, np.float32)
    DisplayTransform("ACEScg").to_srgb8(pixels)
    assert np.isnan(pixels).all()


def test_file_rules_and_what_is_told() -> None:
    assert colorspace_for("/a/p.%04d.exr", {}, None) == "Linear Rec.709 (sRGB)"
    assert colorspace_for("/a/p.%04d.EXR", {}, None) == "Linear Rec.709 (sRGB)"
    assert colorspace_for("/a/p.%04d.dpx", {}, None) == "Cineon"
    for name in ("p.%04d.png", "p.jpg", "p.tif", "m.mov", "m.mxf"):
        assert colorspace_for(f"/a/{name}", {}, None) == "sRGB - Texture"
    assert colorspace_for("/a/p.exr", {"acesImageContainerFlag": "1"}, None) == "ACES2065-1"
    assert colorspace_for("/a/p.dpx", {"dpx:Transfer": "Linear"}, None) == "Linear Rec.709 (sRGB)"
    assert colorspace_for("/a/p.exr", {"acesImageContainerFlag": "1"}, "ACEScg") == "ACEScg"


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("lin_ap1", "ACEScg"),
        ("scene_linear", "ACEScg"),
        ("linear", "Linear Rec.709 (sRGB)"),
        ("sRGB", "sRGB - Texture"),
        ("AlexaV3LogC", "ARRI LogC3 (EI800)"),
        ("acescg", "ACEScg"),
    ],
)
def test_aliases_roles_and_host_names(told: str, known: str) -> None:
    assert colorspace_for("/a/p.exr", {}, told) == known


def test_the_contract_names_what_the_config_knows() -> None:
    """No more and no less, so that servers refuse what workers would."""
    spaces = list(config().getColorSpaces(ocio.SEARCH_REFERENCE_SPACE_ALL, ocio.COLORSPACE_ALL))
    known = {space.getName(): set(space.getAliases()) for space in spaces}
    for role, name in config().getRoles():
        known[name].add(role)
    path = Path(colorspaces.__file__).with_suffix(".json")
    told = json.loads(path.read_text(encoding="utf-8"))
    assert {name: set(others) for name, others in told.items()} == known
    for name, others in known.items():
        for one in {name, *others}:
            assert colorspace_for("/a/p.exr", {}, one.upper()) == name


def test_an_unknown_colour_space_is_refused_with_near_names(tmp_path: Path) -> None:
    write_oiio(tmp_path / "p.1.png", np.zeros((8, 8, 3)))
    with pytest.raises(RotoError) as caught:
        open_plate(plate_dict(tmp_path / "p.%d.png"), colorspace="ACES cgg")
    assert caught.value.code == "bad_colorspace"
    assert "ACEScg" in caught.value.hint
    assert "ACEScg" in caught.value.detail["near"]
    with pytest.raises(RotoError) as caught:
        open_plate(plate_dict(tmp_path / "p.%d.png"), colorspace="@@@@")
    assert caught.value.code == "bad_colorspace"


def test_a_plate_with_bad_values_reads(tmp_path: Path) -> None:
    pixels = np.zeros((8, 8, 3), np.float16)
    pixels[0, 0], pixels[0, 1], pixels[0, 2], pixels[0, 3] = np.nan, np.inf, -np.inf, 60000
    write_exr(tmp_path / "p.1.exr", {"RGB": pixels})
    source = open_plate(plate_dict(tmp_path / "p.%d.exr"))
    row = source.read(1)[0, :4, 1].tolist()
    source.close()
    assert row == [0, 255, 0, 255]
