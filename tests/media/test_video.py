"""Movies as a player and an editing program read them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from roto_worker.export.video import (
    EXTENSIONS,
    VideoFormat,
    usable_timecode,
    video_frame,
    write_video,
)

NTSC = (24000, 1001)
LIKE_REC709 = 1


def written(path: Path, images: list[Any], wanted: VideoFormat) -> Path:
    frames = (video_frame(image, number, wanted) for number, image in enumerate(images))
    write_video(path, frames, wanted, threads=2)
    return path


def decoded(path: Path) -> list[np.ndarray]:
    """Every frame as RGBA, 0 to 1."""
    with av.open(str(path)) as movie:
        return [
            frame.reformat(
                format="rgba64le",
                src_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.JPEG,
                threads=1,
            ).to_ndarray()
            / 65535
            for frame in movie.decode(video=0)
        ]


@pytest.mark.parametrize("codec", ["h264", "prores4444"])
@pytest.mark.parametrize(("width", "height"), [(64, 48), (65, 47), (1, 1), (33, 2)])
def test_movies_of_any_size(tmp_path: Path, codec: Any, width: int, height: int) -> None:
    levels = [20 + 12 * index for index in range(15)]
    images = [np.full((height, width, 3), level, np.uint8) for level in levels]
    wanted = VideoFormat(codec, NTSC, pixel_aspect=2.0, comment="roto/job=1")
    path = written(tmp_path / f"o.{EXTENSIONS[codec]}", images, wanted)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    even = codec == "h264"
    with av.open(str(path)) as movie:
        stream = movie.streams.video[0]
        assert stream.codec_context.name == {"h264": "h264", "prores4444": "prores"}[codec]
        assert stream.width == width + (width % 2 if even else 0)
        assert stream.height == height + (height % 2 if even else 0)
        assert stream.average_rate == Fraction(*NTSC)
        assert stream.frames == 15
        assert movie.metadata["comment"] == "roto/job=1"
        assert "timecode" not in stream.metadata
        # A file of one pixel has no room to say it.
        assert stream.sample_aspect_ratio == 2 or width == 1
        first = next(movie.decode(video=0))
    assert (first.colorspace, first.color_primaries, first.color_trc) == (LIKE_REC709,) * 3
    assert first.color_range == ColorRange.MPEG
    got = [image[..., :3].mean() * 255 for image in decoded(path)]
    assert np.abs(np.subtract(got, levels)).max() < 4


@pytest.mark.parametrize("codec", ["h264", "prores4444"])
def test_colours_come_back(tmp_path: Path, codec: Any) -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, :32], image[:, 32:] = (220, 40, 30), (30, 60, 210)
    path = written(tmp_path / "o.mov", [image] * 3, VideoFormat(codec, (24, 1)))
    found = decoded(path)[2][..., :3] * 255
    near = 12 if codec == "h264" else 1.5
    assert np.abs(found[8:56, 4:24] - (220, 40, 30)).max() < near
    assert np.abs(found[8:56, 40:60] - (30, 60, 210)).max() < near


def test_every_row_of_a_width_no_register_divides_comes_back(tmp_path: Path) -> None:
    """Several threads once lost the first pixels of the rows where one's part met another's."""
    image = np.zeros((1080, 1828, 3), np.uint8)
    image[:, :914], image[:, 914:] = (220, 40, 30), (30, 60, 210)
    wanted = VideoFormat("prores4444", (24, 1), quality="final")
    (found,) = decoded(written(tmp_path / "o.mov", [image], wanted))
    assert np.abs(found[..., :3] * 255 - image)[:, np.r_[:900, 930:1828]].max() < 2


def test_prores_keeps_ten_bits_and_a_straight_alpha(tmp_path: Path) -> None:
    """Colours under a thin alpha are not darkened by it; a ramp of 600 codes has 600 steps."""
    width, height = 640, 32
    ramp = np.linspace(0.2, 0.8, width)
    image = np.empty((height, width, 4), np.uint16)
    image[..., :3] = np.rint(ramp * 65535)[None, :, None]
    image[..., 3] = np.rint(np.linspace(0, 1, height) * 65535)[:, None]
    wanted = VideoFormat("prores4444", (25, 1), alpha=True, quality="final")
    found = decoded(written(tmp_path / "o.mov", [image], wanted))[0]
    assert np.abs(found[..., 3] - np.linspace(0, 1, height)[:, None]).max() < 1 / 1000
    assert np.abs(found[..., :3] - ramp[None, :, None]).max() < 3 / 1023
    assert len(np.unique(np.rint(found[16, :, 1] * 1023))) > 500


@pytest.mark.parametrize("codec", ["h264", "prores4444"])
def test_better_quality_is_nearer_to_the_picture(tmp_path: Path, codec: Any) -> None:
    image = np.random.default_rng(1).integers(60, 200, (96, 96, 3), np.uint8)
    errors = []
    for quality in ("draft", "standard", "final"):
        wanted = VideoFormat(codec, (24, 1), quality=quality)
        found = decoded(written(tmp_path / f"{quality}.mov", [image], wanted))[0][..., :3]
        errors.append(float(np.abs(found * 255 - image).mean()))
    assert errors[0] > errors[1] > errors[2]


@pytest.mark.parametrize(
    ("told", "fps"), [("01:00:00:10", (24, 1)), ("00:59:59;29", (30000, 1001))]
)
@pytest.mark.parametrize("codec", ["h264", "prores4444"])
def test_timecode_is_in_the_file(
    tmp_path: Path, codec: Any, told: str, fps: tuple[int, int]
) -> None:
    wanted = VideoFormat(codec, fps, timecode=told)
    image = np.zeros((32, 32, 3), np.uint8)
    path = written(tmp_path / f"o.{EXTENSIONS[codec]}", [image] * 3, wanted)
    with av.open(str(path)) as movie:
        assert movie.streams.video[0].metadata["timecode"] == told
        assert [stream.type for stream in movie.streams] == ["video", "data"]


@pytest.mark.parametrize(
    ("text", "fps", "usable"),
    [
        ("01:02:03:23", (24000, 1001), True),
        ("01:02:03:24", (24000, 1001), False),
        ("01:02:03;29", (30000, 1001), True),
        ("01:02:03;23", (24, 1), False),
        ("01:02:03;59", (60000, 1001), True),
        ("01:02:03.04", (24, 1), False),
        ("1:2:3:4", (24, 1), False),
        ("01:60:00:00", (24, 1), False),
        ("", (24, 1), False),
        (None, (24, 1), False),
    ],
)
def test_timecodes_a_movie_can_begin_with(
    text: str | None, fps: tuple[int, int], usable: bool
) -> None:
    assert usable_timecode(text, fps) == (text if usable else None)


def test_without_frames_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        write_video(tmp_path / "o.mp4", [], VideoFormat("h264", (24, 1)))
    assert list(tmp_path.iterdir()) == []


def test_stopped_by_its_source_it_leaves_no_file(tmp_path: Path) -> None:
    wanted = VideoFormat("h264", (24, 1))

    def frames() -> Iterator[av.VideoFrame]:
        yield video_frame(np.zeros((32, 32, 3), np.uint8), 0, wanted)
        raise KeyError("stopped")

    with pytest.raises(KeyError):
        write_video(tmp_path / "o.mp4", frames(), wanted)
    assert list(tmp_path.iterdir()) == []
