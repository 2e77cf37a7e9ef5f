"""Files made to do harm are refused by what their headers claim, before anything is decoded."""

from __future__ import annotations

import os
import resource
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_hostile import PICTURES, dpx, exr_header, png
from helpers_media import picture, plate_dict, write_movie, write_oiio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roto_shapes.errors import RotoError
from roto_worker.media import open_plate
from roto_worker.media.limits import Limits
from roto_worker.media.probe import probe_plate
from roto_worker.media.sequence import SequenceReader

REFUSED = {"bad_plate", "unsupported_plate"}
ROOM = 3 << 30


@pytest.fixture(autouse=True)
def _little_memory() -> Iterator[None]:
    """What wants the memory its header speaks of breaks the test, not the machine."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (ROOM, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_DATA, before)


def refuse(plate: dict[str, object]) -> RotoError:
    with pytest.raises(RotoError) as caught:
        _look(plate)
    assert "\n" not in caught.value.message
    return caught.value


def _look(plate: dict[str, object]) -> None:
    probe_plate(plate)
    source = open_plate(plate, read_ahead=0)
    source.read(source.info.frame_range[0])


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_that_promise_the_world(tmp_path: Path, name: str) -> None:
    stem, _, extension = name.rpartition(".")
    path = tmp_path / f"{stem}.1.{extension}"
    path.write_bytes(PICTURES[name])
    assert path.stat().st_size < 20_000
    error = refuse(plate_dict(tmp_path / f"{stem}.%d.{extension}"))
    assert error.code in REFUSED
    assert path.name in error.message


def test_the_limits_are_said_with_their_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p.1.png").write_bytes(png(200, 100, rows=100))
    plate = plate_dict(tmp_path / "p.%d.png")
    assert probe_plate(plate).info.width == 200
    monkeypatch.setenv("ROTO_WORKER_MAX_PIXELS", "19999")
    error = refuse(plate)
    assert "200x100" in error.message
    assert "ROTO_WORKER_MAX_PIXELS" in error.hint
    monkeypatch.setenv("ROTO_WORKER_MAX_PIXELS", "20000")
    assert probe_plate(plate).info.width == 200
    for wrong in ("0", "-1", "many", "1e9", "¹"):
        monkeypatch.setenv("ROTO_WORKER_MAX_PIXELS", wrong)
        with pytest.raises(RotoError, match="ROTO_WORKER_MAX_PIXELS"):
            Limits.from_environment()


def test_two_frames_a_thousand_million_apart(tmp_path: Path) -> None:
    for frame in (1, 2_000_000_000):
        write_oiio(tmp_path / f"p.{frame}.png", picture(1))
    assert "2000000000 frames" in refuse(plate_dict(tmp_path / "p.%d.png")).message


def test_a_movie_of_too_many_frames_or_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_movie(tmp_path / "m.mp4", "libx264", "yuv420p", 30)
    monkeypatch.setenv("ROTO_WORKER_MAX_FRAMES", "29")
    assert "ROTO_WORKER_MAX_FRAMES" in refuse(plate_dict(tmp_path / "m.mp4", "movie")).hint
    monkeypatch.setenv("ROTO_WORKER_MAX_FRAMES", "30")
    monkeypatch.setenv("ROTO_WORKER_MAX_PIXELS", str(160 * 96 - 1))
    assert "160x96" in refuse(plate_dict(tmp_path / "m.mp4", "movie")).message


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["mov", "mxf", "mp4"])
def test_movies_cut_anywhere(tmp_path: Path, kind: str, share: float) -> None:
    whole = tmp_path / f"whole.{kind}"
    codec, pixels = {
        "mov": ("prores_ks", "yuv422p10le"),
        "mxf": ("mpeg2video", "yuv422p"),
        "mp4": ("libx264", "yuv420p"),
    }[kind]
    write_movie(whole, codec, pixels, 20)
    data = whole.read_bytes()
    cut = tmp_path / f"cut.{kind}"
    cut.write_bytes(data[: int(len(data) * share)])
    assert refuse(plate_dict(cut, "movie")).code == "bad_plate"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "text"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n", "text"),
        (b"<?xml version='1.0'?><smil/>", "text"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 600, "a PNG image"),
        (b"\0" * 4096, "nothing this worker knows"),
    ],
)
def test_what_is_no_movie_opens_nothing(tmp_path: Path, text: bytes, said: str) -> None:
    path = tmp_path / "movie.mov"
    path.write_bytes(text)
    error = refuse(plate_dict(path, "movie"))
    assert error.code == "bad_plate"
    assert said in error.message


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.1.exr")
    assert "no regular file" in refuse(plate_dict(tmp_path / "p.%d.exr")).message
    os.mkfifo(tmp_path / "m.mov")
    assert "no regular file" in refuse(plate_dict(tmp_path / "m.mov", "movie")).message


@pytest.mark.parametrize(
    "name", ["new\nline", "bell\a\x1b[31m", "r\u202eight", "long" * 50, "\udcff\udcfe", "%d'\";--"]
)
def test_names_of_any_kind_are_one_printable_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.mov"
    path.write_bytes(b"text")
    error = refuse(plate_dict(path, "movie"))
    assert error.message.isprintable()
    assert len(error.message) < 300
    str(error.as_dict()).encode("utf-8")


def test_what_a_library_says_of_a_file_is_printable_too(tmp_path: Path) -> None:
    """It repeats the file's own words, and where the file lies."""
    name = b"a\x1b[2J\x1b]0;pwned\x07"
    odd = name + b"\0box2i\0" + struct.pack("<i", 3) + b"abc"
    (tmp_path / "w.1.exr").write_bytes(exr_header(more=odd))
    error = refuse(plate_dict(tmp_path / "w.%d.exr"))
    assert "pwned" in error.message
    assert error.message.isprintable()
    assert str(tmp_path) not in error.message


def test_a_header_full_of_words_is_kept_short(tmp_path: Path) -> None:
    words = b"".join(
        f"word{number}\0string\0".encode() + struct.pack("<i", 6) + b"a\nb\0c\x1b"
        for number in range(5000)
    )
    body = struct.pack("<32Q", *([0] * 32))
    (tmp_path / "w.1.exr").write_bytes(exr_header(more=words, body=body))
    metadata = SequenceReader(str(tmp_path / "w.%d.exr")).header(1).metadata
    assert len(metadata) <= 200
    assert all(text.isprintable() for pair in metadata.items() for text in pair)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    changes=st.lists(
        st.tuples(
            st.integers(4, 2047),
            st.one_of(
                st.binary(min_size=1, max_size=8),
                st.sampled_from([0, 1, 2**31 - 1, 2**31, 2**32 - 1]).map(
                    lambda number: struct.pack(">I", number)
                ),
            ),
        ),
        min_size=1,
        max_size=12,
    ),
    cut=st.one_of(st.none(), st.integers(1, 6000)),
)
def test_dpx_headers_of_any_bytes(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, bytes]], cut: int | None
) -> None:
    """Read as something small, or refused; nothing else, and at once."""
    data = bytearray(SOUND)
    for place, value in changes:
        data[place : place + len(value)] = value
    path = FUZZED / f"{os.getpid()}.1.dpx"
    path.write_bytes(data[:cut])
    code = "read"
    try:
        reader = SequenceReader(str(FUZZED / f"{os.getpid()}.%d.dpx"))
        header = reader.check(1)
        assert reader.read(1).shape == (header.height, header.width, 3)
    except RotoError as error:
        code = error.code
    assert code in {"read", *REFUSED}


SOUND = dpx(48, 32)
FUZZED = Path("/dev/shm")
