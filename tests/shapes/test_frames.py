"""Frame ranges and sequence patterns."""

from __future__ import annotations

import pytest

from roto_shapes.errors import RangeError
from roto_shapes.frames import FrameRange, SequencePattern, is_movie


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1001-1060", 1001, 1060),
        ("1001", 1001, 1001),
        (" 1 - 3 ", 1, 3),
        ("-5--1", -5, -1),
        ("-3-2", -3, 2),
        ("0", 0, 0),
    ],
)
def test_ranges_are_read(text, first, last) -> None:
    assert FrameRange.parse(text) == FrameRange(first, last)
    assert FrameRange.parse(str(FrameRange(first, last))) == FrameRange(first, last)


@pytest.mark.parametrize(
    "text", ["", "a", "1-", "-", "1-2-3", "1.5", "10-1", "1,2", "9999999999", "1001-1060x2"]
)
def test_bad_ranges_are_refused(text) -> None:
    with pytest.raises(RangeError) as caught:
        FrameRange.parse(text)
    assert caught.value.code == "bad_range"


def test_a_range_is_a_collection() -> None:
    frames = FrameRange(3, 6)
    assert list(frames) == [3, 4, 5, 6]
    assert len(frames) == 4
    assert [f in frames for f in (2, 3, 6, 7, "4", 3.5)] == [False, True, True, False, False, False]


@pytest.mark.parametrize(
    ("path", "printf", "frame", "file"),
    [
        ("/a/plate.%04d.exr", "/a/plate.%04d.exr", 7, "/a/plate.0007.exr"),
        ("/a/plate.####.exr", "/a/plate.%04d.exr", 1001, "/a/plate.1001.exr"),
        ("/a/plate.#.exr", "/a/plate.%d.exr", 7, "/a/plate.7.exr"),
        ("plate_%d.png", "plate_%d.png", 12, "plate_12.png"),
        ("/a/plate.%05d.exr", "/a/plate.%05d.exr", 123456, "/a/plate.123456.exr"),
        ("/a/plate.%04d.exr", "/a/plate.%04d.exr", -5, "/a/plate.-005.exr"),
        ("/a/%04d/plate.%03d.exr", "/a/%04d/plate.%03d.exr", 5, "/a/%04d/plate.005.exr"),
        ("/none/plate.*.exr", "/none/plate.%04d.exr", 7, "/none/plate.0007.exr"),
        ("/none/sh_010_v2.1001.exr", "/none/sh_010_v2.%04d.exr", 7, "/none/sh_010_v2.0007.exr"),
        ("/none/00017.png", "/none/%05d.png", 7, "/none/00007.png"),
        ("/none/img12_left.png", "/none/img%02d_left.png", 7, "/none/img07_left.png"),
    ],
)
def test_patterns(path, printf, frame, file) -> None:
    pattern = SequencePattern.parse(path)
    assert pattern.printf == printf
    assert str(pattern.path(frame)) == file
    assert SequencePattern.parse(pattern.printf) == pattern


@pytest.mark.parametrize(
    "path",
    [
        "/a/plate.exr",
        "/a/p%04d.%04d.exr",
        "/a/p.*.*.exr",
        "/a/p##.#.exr",
        "/a/p.*.%d.exr",
        "1001",
        "/a/plate_v2",
        "",
    ],
)
def test_paths_without_one_frame_field_are_refused(path) -> None:
    with pytest.raises(RangeError):
        SequencePattern.parse(path)


def touch(folder, *names) -> None:
    for name in names:
        (folder / name).touch()


def test_frames_on_disk_and_missing(tmp_path) -> None:
    touch(
        tmp_path,
        "p.0998.exr",
        "p.1001.exr",
        "p.1003.exr",
        "p.10000.exr",
        "p.7.exr",
        "p.1002.png",
        "q.1002.exr",
        "p.1002.exr.tmp",
        "p.x.exr",
    )
    pattern = SequencePattern.parse(tmp_path / "p.%04d.exr")
    assert pattern.frames_on_disk() == [998, 1001, 1003, 10000]
    assert pattern.missing(FrameRange(1000, 1004)) == [1000, 1002, 1004]


def test_siblings_of_a_file_and_stars_take_the_padding_on_disk(tmp_path) -> None:
    touch(tmp_path, "a.0099.exr", "a.0100.exr", "b.99.exr", "b.100.exr", "c.8.exr", "c.9.exr")
    for path in ("a.0100.exr", "a.*.exr"):
        pattern = SequencePattern.parse(tmp_path / path)
        assert (pattern.padding, pattern.frames_on_disk()) == (4, [99, 100])
    for path in ("b.100.exr", "b.*.exr"):
        assert SequencePattern.parse(tmp_path / path).frames_on_disk() == [99, 100]
    assert SequencePattern.parse(tmp_path / "c.*.exr").printf.endswith("c.%d.exr")


def test_a_missing_folder_has_no_frames(tmp_path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert SequencePattern.parse(tmp_path / "no" / "p.%04d.exr").frames_on_disk() == []
    assert SequencePattern.parse(file / "p.%04d.exr").frames_on_disk() == []


def test_negative_frames_on_disk(tmp_path) -> None:
    touch(tmp_path, "p.-002.exr", "p.-001.exr", "p.0000.exr")
    assert SequencePattern.parse(tmp_path / "p.%04d.exr").frames_on_disk() == [-2, -1, 0]


@pytest.mark.parametrize(
    ("path", "movie"),
    [
        ("a.MOV", True),
        ("/x/a.mp4", True),
        ("a.mxf", True),
        ("a.webm", True),
        ("a.exr", False),
        ("mov", False),
        ("a.mov.exr", False),
    ],
)
def test_movies_are_known_by_extension(path, movie) -> None:
    assert is_movie(path) is movie
