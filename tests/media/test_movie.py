"""Movies: the right frame, by number, in whatever order they are asked for."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace
from helpers_media import movie_level, plate_dict, write_movie

from roto_shapes.errors import RotoError
from roto_worker.media import movie as movie_module
from roto_worker.media import open_plate
from roto_worker.media.movie import MovieReader

FRAMES = 30
KINDS = {
    "long-gop.mp4": ("libx264", "yuv420p", {"g": "12", "bf": "3"}),
    "open-gop.mp4": (
        "libx264",
        "yuv420p",
        {"x264-params": "open-gop=1:keyint=12:bframes=3:scenecut=0"},
    ),
    "hevc.mov": (
        "libx265",
        "yuv420p10le",
        {"x265-params": "open-gop=1:keyint=12:bframes=3:log-level=none"},
    ),
    "prores.mov": ("prores_ks", "yuv422p10le", {"profile": "3"}),
    "prores4444.mov": ("prores_ks", "yuv444p10le", {"profile": "4"}),
    "mpeg2.mxf": ("mpeg2video", "yuv422p", {"g": "12", "bf": "2", "b": "8M"}),
    "old.avi": ("mpeg4", "yuv420p", {"g": "12", "bf": "2", "b": "8M"}),
}


@pytest.mark.parametrize("name", KINDS)
def test_frames_are_found_forward_backward_and_at_random(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A buffer shorter than a group of pictures makes backward reading seek again.
    monkeypatch.setattr(movie_module, "BUFFER_FRAMES", 5)
    codec, pixels, options = KINDS[name]
    write_movie(tmp_path / name, codec, pixels, FRAMES, rate=Fraction(25), options=options)
    reader = MovieReader(str(tmp_path / name), 1001)
    assert reader.frame_range == (1001, 1030)
    forward = list(range(FRAMES))
    order = [*forward, *forward[::-1], *np.random.default_rng(3).permutation(FRAMES), 29, 0, 15]
    for index in order:
        got = float(reader.read(1001 + int(index)).mean())
        assert abs(got - movie_level(int(index))) < 3, (name, index)
    reader.close()


def test_forward_reading_decodes_each_picture_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_movie(tmp_path / "m.mp4", "libx264", "yuv420p", FRAMES, options={"g": "12", "bf": "3"})
    reader = MovieReader(str(tmp_path / "m.mp4"))
    taken: list[int | None] = []
    original = MovieReader._take

    def counting(self: MovieReader, picture: object) -> int | None:
        taken.append(original(self, picture))
        return taken[-1]

    monkeypatch.setattr(MovieReader, "_take", counting)
    for frame in range(1, FRAMES + 1):
        reader.read(frame)
    assert taken == list(range(FRAMES))
    reader.close()


def test_what_is_kept_decoded_is_bounded(tmp_path: Path) -> None:
    write_movie(
        tmp_path / "m.mp4",
        "libx264",
        "yuv420p",
        150,
        images=[np.full((96, 160, 3), i % 200, np.uint8) for i in range(150)],
        options={"g": "150", "bf": "0"},
    )
    reader = MovieReader(str(tmp_path / "m.mp4"))
    for frame in range(150, 0, -1):
        reader.read(frame)
        assert len(reader._buffer) <= movie_module.BUFFER_FRAMES
    reader.close()


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (Fraction(24000, 1001), (24000, 1001)),
        (Fraction(30000, 1001), (30000, 1001)),
        (Fraction(25), (25, 1)),
        (Fraction(60), (60, 1)),
    ],
)
def test_frame_rate_is_exact(tmp_path: Path, rate: Fraction, expected: tuple[int, int]) -> None:
    write_movie(tmp_path / "m.mp4", "libx264", "yuv420p", 7, rate=rate)
    source = open_plate(plate_dict(tmp_path / "m.mp4", "movie"))
    assert source.info.fps == expected
    source.close()


def test_numbering_begins_where_told(tmp_path: Path) -> None:
    write_movie(tmp_path / "m.mov", "prores_ks", "yuv422p10le", 5)
    source = open_plate(plate_dict(tmp_path / "m.mov", "movie", first=0), read_ahead=0)
    assert source.info.frame_range == (0, 4)
    assert abs(float(source.read(3).mean()) - movie_level(3)) < 3
    source.close()
    assert MovieReader(str(tmp_path / "m.mov")).frame_range == (1, 5)
    with pytest.raises(RotoError) as caught:
        open_plate(plate_dict(tmp_path / "m.mov", "movie", first=0), frame_range=(0, 5))
    assert caught.value.code == "range_outside_plate"


def test_colours_and_orientation_survive(tmp_path: Path) -> None:
    image = np.zeros((720, 1280, 3), np.uint8)
    image[:360, :640], image[:360, 640:] = (200, 30, 40), (40, 180, 60)
    image[360:, :640], image[360:, 640:] = (30, 60, 190), (128, 128, 128)
    write_movie(
        tmp_path / "hd.mov", "prores_ks", "yuv444p10le", images=[image], size=(1280, 720),
        options={"profile": "4"},
    )  # fmt: skip
    # The writer converts with swscale's default matrix (Rec.601) and flags nothing.
    reader = MovieReader(str(tmp_path / "hd.mov"))
    got = reader.read(1).astype(int)
    assert abs(got[500, 900] - 128).max() <= 2
    assert got[100, 100, 0] > 150 > got[100, 100, 2]
    assert got[100, 1000, 1] > 120 > got[100, 1000, 0]
    assert got[500, 100, 2] > 150 > got[500, 100, 1]
    reader.close()


def test_rec709_matrix_is_used_where_the_file_says_so(tmp_path: Path) -> None:
    image = np.full((96, 160, 3), (200, 30, 40), np.uint8)
    for name, matrix in (("709.mp4", Colorspace.ITU709), ("601.mp4", Colorspace.ITU601)):
        with av.open(str(tmp_path / name), "w") as container:
            stream = container.add_stream("libx264", rate=24, options={"crf": "4"})
            stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv444p"
            stream.codec_context.colorspace = matrix
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame = frame.reformat(format="yuv444p", dst_colorspace=matrix, threads=1)
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        reader = MovieReader(str(tmp_path / name))
        assert np.abs(reader.read(1).astype(int) - image).max() <= 4, name
        reader.close()


def test_anamorphic_pixel_aspect_is_carried(tmp_path: Path) -> None:
    write_movie(tmp_path / "m.mp4", "libx264", "yuv420p", 2, aspect=Fraction(2))
    source = open_plate(plate_dict(tmp_path / "m.mp4", "movie"))
    assert source.info.pixel_aspect == 2.0
    assert (source.info.width, source.info.height) == (160, 96)
    source.close()


def test_log_movie_is_read_deep_and_converted(tmp_path: Path) -> None:
    grey = round(0.391 * 255)
    image = np.full((96, 160, 3), grey, np.uint8)
    write_movie(tmp_path / "m.mov", "prores_ks", "yuv422p10le", images=[image, image])
    plate = plate_dict(tmp_path / "m.mov", "movie")
    plain = open_plate(plate)
    assert abs(int(plain.read(2)[40, 40, 1]) - grey) <= 2
    plain.close()
    told = open_plate(plate, colorspace="ARRI LogC3 (EI800)")
    assert told.info.colorspace == "ARRI LogC3 (EI800)"
    # ARRI: code .391 is 18 % grey, which sRGB encodes as 118.
    assert abs(int(told.read(2)[40, 40, 1]) - 118) <= 4
    told.close()


def test_zero_bytes_garbage_and_sound_only_are_refused(tmp_path: Path) -> None:
    empty, garbage = tmp_path / "empty.mov", tmp_path / "garbage.mp4"
    empty.write_bytes(b"")
    garbage.write_bytes(b"not a movie" * 100)
    for path in (empty, garbage):
        with pytest.raises(RotoError) as caught:
            open_plate(plate_dict(path, "movie"))
        assert caught.value.code == "bad_plate"
        assert path.name in caught.value.message
    sound = tmp_path / "sound.mov"
    with av.open(str(sound), "w") as file:
        track = file.add_stream("pcm_s16le", rate=8000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        silence.rate = 8000
        for packet in (*track.encode(silence), *track.encode(None)):
            file.mux(packet)
    with pytest.raises(RotoError) as caught:
        open_plate(plate_dict(sound, "movie"))
    assert caught.value.code == "unsupported_plate"
    with pytest.raises(RotoError) as caught:
        open_plate(plate_dict(tmp_path / "absent.mov", "movie"))
    assert caught.value.code == "path_refused"


def noisy_movie(path: Path, codec: str, pixels: str, movflags: str = "") -> None:
    noise = np.random.default_rng(5)
    images = [noise.integers(0, 255, (96, 160, 3), np.uint8) for _ in range(FRAMES)]
    options = {"movflags": movflags} if movflags else {}
    with av.open(str(path), "w", options=options) as c:
        stream = c.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = 160, 96, pixels
        for image in images:
            c.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        c.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.mp4", "libx264", "yuv420p"),
        ("a.mov", "prores_ks", "yuv422p10le"),
        ("a.mxf", "mpeg2video", "yuv422p"),
    ],
)
@pytest.mark.parametrize("faststart", [True, False])
def test_a_truncated_movie_is_refused_when_opened(
    tmp_path: Path, name: str, codec: str, pixels: str, faststart: bool
) -> None:
    path = tmp_path / name
    noisy_movie(path, codec, pixels, movflags="+faststart" if faststart else "")
    assert MovieReader(str(path)).frame_range == (1, FRAMES)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(RotoError) as caught:
        MovieReader(str(path))
    assert caught.value.code == "bad_plate"
    assert name in caught.value.message


def test_a_cut_stream_without_a_table_never_gives_a_wrong_picture(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.mkv", tmp_path / "cut.mkv"
    noisy_movie(whole, "libx264", "yuv420p")
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    expected, reader = MovieReader(str(whole)), MovieReader(str(cut))
    assert 10 < reader.frame_range[1] < FRAMES
    for frame in range(1, reader.frame_range[1]):
        assert np.array_equal(reader.read(frame), expected.read(frame)), frame


def test_a_damaged_picture_is_an_error_and_the_next_group_reads(tmp_path: Path) -> None:
    path = tmp_path / "m.mov"
    noisy_movie(path, "prores_ks", "yuv422p10le")
    with av.open(str(path)) as container:
        places = [packet.pos for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    data[places[6] : places[6] + 400] = b"\0" * 400
    path.write_bytes(data)
    reader = MovieReader(str(path), 1001)
    for frame in range(1001, 1007):
        reader.read(frame)
    with pytest.raises(RotoError) as caught:
        reader.read(1007)
    assert caught.value.code == "bad_plate"
    assert caught.value.detail["frame"] == 1007
    assert reader.read(1020).shape == (96, 160, 3)


@pytest.mark.parametrize(
    ("codec", "pixels", "options"),
    [
        ("libx264", "yuv420p", {"g": "12", "bf": "3"}),
        ("prores_ks", "yuv422p10le", {}),
    ],
)
def test_what_an_edit_list_cuts_away_is_no_frame(
    tmp_path: Path, codec: str, pixels: str, options: dict[str, str]
) -> None:
    """A movie trimmed without re-encoding, as phones and editors do: it begins inside a group."""
    path, cut = tmp_path / "trimmed.mov", 5
    with av.open(str(path), "w", options={"avoid_negative_ts": "disabled"}) as container:
        stream = container.add_stream(codec, rate=24, options=options)
        stream.width, stream.height, stream.pix_fmt = 160, 96, pixels
        packets = []
        for index in range(FRAMES):
            image = np.full((96, 160, 3), movie_level(index), np.uint8)
            packets += stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24"))
        for packet in packets + stream.encode(None):
            step = round(1 / (24 * packet.time_base))
            packet.pts, packet.dts = packet.pts - cut * step, packet.dts - cut * step
            container.mux(packet)
    reader = MovieReader(str(path), 1001)
    assert reader.frame_range == (1001, 1025)
    for frame in (1001, 1010, 1002, 1025, 1003, 1001):
        expected = movie_level(frame - 1001 + cut)
        assert abs(float(reader.read(frame).mean()) - expected) < 3, frame
    reader.close()
