"""What a plate's report says: each odd thing by its code, and nothing of a plate without any."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest
from helpers_media import picture, plate_dict, write_exr, write_movie, write_oiio

from roto_shapes.errors import RotoError
from roto_worker.media import open_plate
from roto_worker.media.edit_list import cut_from_timecode
from roto_worker.media.probe import Probed, probe_plate
from roto_worker.media.remarks import Remark


def by_code(probed: Probed) -> dict[str, Remark]:
    found = {remark.code: remark for remark in probed.remarks}
    assert len(found) == len(probed.remarks), "each thing is said once"
    return found


def timecode(frame: int, drop: bool = False) -> tuple[Any, tuple[int, int]]:
    word = 0x01000000 | (frame // 10 << 4) | frame % 10 | (0x40 if drop else 0)
    return oiio.TypeDesc("timecode"), (word, 0)


def write_dpx(path: Path, frame: int, bits: int = 10, **attributes: Any) -> None:
    spec = oiio.ImageSpec(48, 32, 3, "uint16")
    spec.attribute("oiio:BitsPerSample", bits)
    for name, value in attributes.items():
        told = value if isinstance(value, tuple) else (value,)
        spec.attribute(name.replace("__", ":"), *told)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec), out.geterror()
    assert out.write_image(picture(frame)), out.geterror()
    out.close()


def write_timed(folder: Path, labels: list[int], **attributes: Any) -> dict[str, Any]:
    for frame, label in enumerate(labels, 1):
        write_dpx(
            folder / f"d.{frame}.dpx",
            frame,
            smpte__TimeCode=timecode(label, bool(attributes.get("drop"))),
            dpx__FrameRate=float(attributes.get("rate", 24)),
            dpx__Transfer="Printing density",
        )
    return plate_dict(folder / "d.%d.dpx")


def test_nothing_is_said_of_a_plate_without_anything_odd(tmp_path: Path) -> None:
    plate = write_timed(tmp_path, [5, 6, 7])
    probed = probe_plate(plate)
    assert probed.remarks == ()
    assert probed.info.metadata["timecode"] == "01:00:00:05"
    assert probed.info.metadata["drop_frame"] == "no"
    later = open_plate(plate, frame_range=(2, 3))
    assert later.info.metadata["timecode"] == "01:00:00:06", "of the first frame of the range"
    later.close()


def test_a_jump_in_the_timecode_names_its_frames(tmp_path: Path) -> None:
    found = by_code(probe_plate(write_timed(tmp_path, [5, 6, 9, 10, 10])))
    assert set(found) == {"timecode_jump"}
    assert found["timecode_jump"].detail == {"frames": [3, 5], "count": 2}


def test_drop_frame_fits_the_rate_or_is_warned_of(tmp_path: Path) -> None:
    plate = write_timed(tmp_path, [5, 6], drop=True, rate=29.97)
    found = by_code(probe_plate(plate))
    assert set(found) == {"drop_frame_timecode", "non_integer_rate"}
    assert found["drop_frame_timecode"].level == "info"
    assert found["non_integer_rate"].detail == {"fps": [30000, 1001]}
    told = by_code(probe_plate(plate, fps=(24, 1)))
    assert told["drop_frame_timecode"].level == "warning"
    assert told["frame_rate_differs"].detail == {"file": [30000, 1001], "told": [24, 1]}


def test_a_label_the_rate_does_not_have(tmp_path: Path) -> None:
    found = by_code(probe_plate(write_timed(tmp_path, [27], rate=24)))
    assert "timecode_beyond_rate" in found


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        (None, {"no_frame_rate"}),
        ((24, 1), set()),
        ((24000, 1001), {"non_integer_rate"}),
        ((23, 1), {"odd_frame_rate"}),
        ((2997, 100), {"odd_frame_rate"}),
    ],
)
def test_rates(tmp_path: Path, told: tuple[int, int] | None, codes: set[str]) -> None:
    write_oiio(tmp_path / "p.1.png", picture(1))
    probed = probe_plate(plate_dict(tmp_path / "p.%d.png"), colorspace="sRGB", fps=told)
    assert set(by_code(probed)) == codes


@pytest.mark.parametrize(
    ("name", "bits", "told", "unlikely"),
    [
        ("p.%d.png", "uint8", "ACEScg", True),
        ("p.%d.jpg", "uint8", "linear", True),
        ("p.%d.png", "uint8", "sRGB", False),
        ("p.%d.tif", "uint16", "ACEScg", False),
        ("p.%d.exr", "half", "ACEScg", False),
        ("p.%d.png", "uint8", None, False),
    ],
)
def test_linear_light_in_few_bits_is_warned_of(
    tmp_path: Path, name: str, bits: str, told: str | None, unlikely: bool
) -> None:
    write_oiio(tmp_path / (name % 1), picture(1), bits)
    found = by_code(probe_plate(plate_dict(tmp_path / name), colorspace=told, fps=(24, 1)))
    expected = {"colorspace_unlikely"} if unlikely else set() if told else {"colorspace_assumed"}
    assert set(found) == expected
    if unlikely:
        assert found["colorspace_unlikely"].level == "warning"


def test_linear_light_in_a_movie_is_warned_of(tmp_path: Path) -> None:
    write_movie(tmp_path / "m.mov", "prores_ks", "yuv422p10le", 3)
    movie = plate_dict(tmp_path / "m.mov", "movie")
    assert set(by_code(probe_plate(movie, colorspace="ACEScg"))) == {"colorspace_unlikely"}
    assert set(by_code(probe_plate(movie, colorspace="sRGB"))) == set()


def test_a_file_that_says_another_colour_space_is_warned_of(tmp_path: Path) -> None:
    plate = write_timed(tmp_path, [5])
    assert set(by_code(probe_plate(plate, colorspace="Cineon"))) == set()
    for told in ("ACEScg", "sRGB"):
        found = by_code(probe_plate(plate, colorspace=told))
        assert set(found) == {"colorspace_differs"}
        assert found["colorspace_differs"].detail["file"] == "Cineon"


@pytest.mark.parametrize("rate", [1e-40, 4e-4, -24.0, 1e9])
def test_a_rate_nobody_shows_pictures_at_is_none(tmp_path: Path, rate: float) -> None:
    write_oiio(tmp_path / "r.1.exr", picture(1), "half", FramesPerSecond=rate)
    probed = probe_plate(plate_dict(tmp_path / "r.%d.exr"), colorspace="linear")
    assert set(by_code(probed)) == {"no_frame_rate"}
    assert probed.info.fps == (24, 1)


def test_a_rate_is_read_by_openexrs_own_name(tmp_path: Path) -> None:
    rate = Fraction(24000, 1001)
    write_exr(tmp_path / "r.1.exr", {"RGB": picture(1)}, framesPerSecond=rate)
    probed = probe_plate(plate_dict(tmp_path / "r.%d.exr"), colorspace="linear")
    assert (probed.info.fps, set(by_code(probed))) == ((24000, 1001), {"non_integer_rate"})


def test_a_mixed_render_is_told_with_what_changed(tmp_path: Path) -> None:
    for frame in range(1, 6):
        kind = np.float32 if frame in (3, 4) else np.float16
        write_exr(tmp_path / f"m.{frame}.exr", {"RGB": picture(frame).astype(kind)})
    found = by_code(probe_plate(plate_dict(tmp_path / "m.%d.exr"), colorspace="linear"))
    assert set(found) == {"mixed_types", "no_frame_rate"}
    mixed = found["mixed_types"]
    assert mixed.detail["frames"] == [3, 4]
    assert mixed.detail["changed"] == ["pixel_type half -> float"]
    assert "frame 3 (and 1 more)" in mixed.message


def test_wrong_sizes_in_the_middle_are_all_named(tmp_path: Path) -> None:
    for frame in range(1, 9):
        size = (50, 32) if frame in (4, 5, 7) else (48, 32)
        write_oiio(tmp_path / f"s.{frame}.png", picture(frame, size))
    with pytest.raises(RotoError) as caught:
        probe_plate(plate_dict(tmp_path / "s.%d.png"))
    assert caught.value.code == "bad_plate"
    assert "frame 4 (and 2 more) is 50x32 but the plate is 48x32" in caught.value.message
    assert caught.value.detail == {"frame": 4, "frames": [4, 5, 7], "count": 3}


def test_moving_data_windows(tmp_path: Path) -> None:
    for frame in (1, 2):
        write_exr(
            tmp_path / f"w.{frame}.exr",
            {"RGB": np.ones((20, 60, 3), np.float16)},
            display=(0, 0, 47, 31),
            data_origin=(-4, frame),
        )
    found = by_code(probe_plate(plate_dict(tmp_path / "w.%d.exr"), colorspace="linear"))
    assert set(found) == {"no_frame_rate", "overscan", "cropped", "data_window_changes"}
    assert found["overscan"].detail["data_window"] == "-4,1 60x20"


def test_a_data_window_beside_the_picture_is_warned_of(tmp_path: Path) -> None:
    ones = np.ones((8, 8, 3), np.float16)
    write_exr(tmp_path / "a.1.exr", {"RGB": ones}, display=(0, 0, 47, 31), data_origin=(100, 0))
    found = by_code(probe_plate(plate_dict(tmp_path / "a.%d.exr"), colorspace="linear"))
    assert set(found) == {"no_frame_rate", "cropped"}
    assert found["cropped"].level == "warning"
    assert "the plate is black" in found["cropped"].message


@pytest.mark.parametrize("extension", ["jpg", "tif"])
def test_pictures_that_viewers_turn(tmp_path: Path, extension: str) -> None:
    for frame, tag in ((1, 6), (2, 1)):
        write_oiio(tmp_path / f"{frame}.1.{extension}", picture(1), Orientation=tag)
    turned, stored = (
        by_code(probe_plate(plate_dict(tmp_path / f"{n}.%d.{extension}"), colorspace="sRGB"))
        for n in (1, 2)
    )
    assert (set(turned), set(stored)) == ({"no_frame_rate", "rotated"}, {"no_frame_rate"})
    assert turned["rotated"].detail == {"orientation": 6}


def test_a_movie_that_players_turn(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "r.mp4"), "w") as file:
        stream: Any = file.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.set_display_rotation(90)
        for _ in range(3):
            image = np.zeros((96, 160, 3), np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        file.mux(stream.encode(None))
    found = by_code(probe_plate(plate_dict(tmp_path / "r.mp4", "movie"), colorspace="sRGB"))
    assert set(found) == {"rotated"}
    assert abs(found["rotated"].detail["degrees"]) == 90


def test_a_movie_with_a_curve_of_its_own(tmp_path: Path) -> None:
    options = {"x264-params": "transfer=smpte2084"}
    write_movie(tmp_path / "h.mov", "libx264", "yuv420p", 3, options=options)
    found = by_code(probe_plate(plate_dict(tmp_path / "h.mov", "movie")))
    assert set(found) == {"transfer_tagged", "colorspace_assumed"}
    assert "PQ" in found["transfer_tagged"].message


def test_a_movie_under_another_ones_extension_is_read_as_what_it_is(tmp_path: Path) -> None:
    write_movie(tmp_path / "m.mxf", "mpeg2video", "yuv422p", 5, rate=Fraction(25))
    (tmp_path / "m.mxf").rename(tmp_path / "m.mov")
    probed = probe_plate(plate_dict(tmp_path / "m.mov", "movie"), colorspace="sRGB")
    assert probed.info.metadata["container"] == "mxf"
    assert by_code(probed)["extension_differs"].detail == {"kind": "mxf"}


def write_timecoded(path: Path, label: str) -> dict[str, Any]:
    """Five frames of 29.97."""
    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream("prores_ks", rate=Fraction(30000, 1001))
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv422p10le"
        stream.metadata["timecode"] = label
        for _ in range(5):
            image = np.zeros((96, 160, 3), np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        file.mux(stream.encode(None))
    return plate_dict(path, "movie", first=101)


def test_a_movies_timecode_is_that_of_the_ranges_first_frame(tmp_path: Path) -> None:
    plate = write_timecoded(tmp_path / "t.mov", "00:00:59;28")
    for frames, label in (((101, 105), "00:00:59;28"), ((103, 105), "00:01:00;02")):
        source = open_plate(plate, frame_range=frames)
        assert source.info.metadata["timecode"] == label
        source.close()


@pytest.mark.parametrize("version", [0, 1])
def test_a_trimmed_movies_timecode_is_that_of_the_first_frame_shown(
    tmp_path: Path, version: int
) -> None:
    """As QuickTime Player trims: all frames stay in the file, edit lists begin at the third."""
    plate = write_timecoded(tmp_path / "t.mov", "00:00:59;28")
    written = (tmp_path / "t.mov").read_bytes()
    for edits in ([2002], [-1, 2002]):
        trimmed = edit_lists(written, version, edits)
        (tmp_path / "t.mov").write_bytes(trimmed)
        source = open_plate(plate)
        assert source.info.frame_range == (101, 103)
        assert source.info.metadata["timecode"] == "00:01:00;02"
        source.close()


def test_a_damaged_edit_list_cuts_nothing(tmp_path: Path) -> None:
    path = tmp_path / "t.mov"
    write_timecoded(path, "00:00:59;28")
    written = edit_lists(path.read_bytes(), 0, [2002])
    assert cut_from_timecode(path) == 0
    for end in range(len(written) - 700, len(written), 7):
        path.write_bytes(written[:end])
        assert cut_from_timecode(path) in (0, Fraction(2002, 30000))


def edit_lists(movie: bytes, version: int, begins: list[int]) -> bytes:
    """``movie``, whose index comes last, with these edits in each track (-1: a wait)."""
    layout = ">Qqi" if version else ">Iii"
    edits = b"".join(struct.pack(layout, 100, time, 1 << 16) for time in begins)
    told = bytes([version, 0, 0, 0]) + struct.pack(">I", len(begins)) + edits
    elst = struct.pack(">I4s", 8 + len(told), b"elst") + told
    edts = struct.pack(">I4s", 8 + len(elst), b"edts") + elst

    def changed(body: bytes) -> bytes:
        made, at = b"", 0
        while at < len(body):
            size, name = struct.unpack_from(">I4s", body, at)
            inner = body[at + 8 : at + size]
            if name in (b"moov", b"trak"):
                inner = changed(inner)
            if name != b"edts":
                made += struct.pack(">I4s", 8 + len(inner), name) + inner
            made += edts if name == b"tkhd" else b""
            at += size
        return made

    begin = movie.rindex(b"moov") - 4
    return movie[:begin] + changed(movie[begin:])
