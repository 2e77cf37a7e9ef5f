"""Movies, mattes and pictures of results, over HTTP and by a real worker."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from helpers_outputs import DISC, FIRST, FPS, FRAMES, HEIGHT, TIMECODE, WIDTH, Studio, disc, working
from helpers_people import House

pytestmark = pytest.mark.one_database

GREEN = (0.0, 0.694, 0.251)
VIDEOS = [
    {"kind": "cutout", "codec": "prores4444", "objects": ["disc"]},
    {"kind": "greenscreen", "codec": "h264", "objects": ["disc"]},
    {"kind": "cutout", "codec": "h264", "color": [0, 0, 1], "longest_side": 96},
    {"kind": "overlay", "codec": "prores4444"},
]


@pytest.fixture(scope="module")
def studio(house: House) -> Iterator[Studio]:
    with working(house) as made:
        yield made


@pytest.fixture(scope="module")
def job(studio: Studio) -> dict[str, Any]:
    """A roto job that made mattes, shapes and four movies."""
    shot = studio.shot(studio.project())
    return studio.succeeded(studio.segment(shot, videos=VIDEOS, outputs=["mattes", "overlay"]))


def pictures(path: Path) -> list[np.ndarray]:
    """RGBA of every frame, 0 to 1."""
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


def test_the_job_tells_its_movies(studio: Studio, job: dict[str, Any]) -> None:
    names = set(studio.outputs(job))
    stem = next(name for name in names if "greenscreen" in name).split("_greenscreen")[0]
    assert {name for name in names if name.startswith("videos/")} == {
        f"{stem}_cutout_v001.mov",
        f"{stem}_greenscreen_v001.mp4",
        f"{stem}_cutout_v001.mp4",
        f"{stem}_overlay_v001.mov",
    }
    assert len([name for name in names if name.startswith("mattes/")]) == 2 * FRAMES


def test_a_cut_out_has_straight_alpha_and_the_plates_time(
    studio: Studio, job: dict[str, Any], tmp_path: Path
) -> None:
    path = studio.download(job, "video", "_cutout_v001.mov", tmp_path)
    with av.open(str(path)) as movie:
        stream = movie.streams.video[0]
        assert (stream.width, stream.height) == (WIDTH, HEIGHT)
        assert stream.average_rate == Fraction(*FPS)
        assert stream.metadata["timecode"] == TIMECODE
        assert stream.codec_context.name == "prores"
    found = pictures(path)
    assert len(found) == FRAMES
    for index, image in enumerate(found):
        alpha, inside = image[..., 3], disc(index)
        cut, together = alpha > 0.5, np.logical_or(alpha > 0.5, inside)
        assert (cut & inside).sum() / together.sum() > 0.9, f"frame {index}"
        soft = (alpha > 0.1) & (alpha < 0.9) & cv2.erode(inside.astype(np.uint8), None).astype(bool)
        assert np.abs(image[..., :3][soft] - DISC).max(initial=0) < 0.1, "not darkened by alpha"
        assert np.abs(image[52, 60 + 4 * index, :3] - DISC).max() < 0.02
        assert not image[90:, 150:].any(), "black and transparent away from the object"


def test_a_green_screen_is_green_but_for_the_object(
    studio: Studio, job: dict[str, Any], tmp_path: Path
) -> None:
    path = studio.download(job, "video", "greenscreen", tmp_path)
    with av.open(str(path)) as movie:
        stream = movie.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert (stream.width, stream.height) == (WIDTH + 1, HEIGHT), "4:2:0 needs an even width"
        assert stream.metadata["timecode"] == TIMECODE
    for index, image in enumerate(pictures(path)):
        assert np.abs(image[10, 10, :3] - GREEN).max() < 0.03
        assert np.abs(image[52, 60 + 4 * index, :3] - DISC).max() < 0.06


def test_size_and_colour_are_the_wishs_own(
    studio: Studio, job: dict[str, Any], tmp_path: Path
) -> None:
    found = pictures(studio.download(job, "video", "_cutout_v001.mp4", tmp_path))
    assert found[0].shape[:2] == (54, 96)
    assert np.abs(found[0][2, 2, :3] - (0, 0, 1)).max() < 0.06


def test_an_overlay_shows_the_plate_with_the_roto_on_it(
    studio: Studio, job: dict[str, Any], tmp_path: Path
) -> None:
    found = pictures(studio.download(job, "video", "overlay", tmp_path))
    assert len(found) == FRAMES
    outline = cv2.dilate(disc(0).astype(np.uint8), None) - disc(0)
    drawn = found[0][..., :3][outline.astype(bool)]
    assert drawn.max(axis=1).mean() > 0.4, "a bright line around the object"


def test_a_version_is_exported_once_more(
    studio: Studio, job: dict[str, Any], tmp_path: Path
) -> None:
    path = f"/shots/{job['shot_id']}/export"
    body = {
        "outputs": ["mattes", "cryptomatte"],
        "mattes": "png16",
        "template": "{object}.{frame:04d}.{ext}",
        "videos": [{"kind": "greenscreen", "objects": ["corner"], "quality": "draft"}],
        "formats": ["silhouette"],
    }
    made = studio.accepted(path, body)
    assert (made["kind"], made["version"]) == ("export", 2)
    done = studio.succeeded(made)
    assert done["params"]["shapes_version"] == 1
    names = sorted(studio.outputs(done))
    assert names[0].startswith("cryptomatte/")
    assert f"mattes/disc.{FIRST}.png" in names
    matte = studio.download(done, "matte", f"disc.{FIRST}.png", tmp_path)
    image = cv2.imread(str(matte), cv2.IMREAD_UNCHANGED)
    assert image.dtype == np.uint16
    assert (image[disc(0)] > 60000).mean() > 0.9
    first = pictures(studio.download(done, "video", "greenscreen", tmp_path))[0]
    assert np.abs(first[52, 60, :3] - GREEN).max() < 0.04, "the disc is not of it"


def test_what_cannot_be_exported_is_refused(studio: Studio, job: dict[str, Any]) -> None:
    path = f"/shots/{job['shot_id']}/export"
    refusals: list[tuple[dict[str, Any], int, str]] = [
        ({}, 422, "bad_request"),
        ({"videos": [{"kind": "cutout", "objects": ["nobody"]}]}, 422, "bad_request"),
        ({"videos": [{"kind": "cutout", "objects": []}]}, 422, "bad_request"),
        ({"videos": [{"kind": "hologram"}]}, 422, "bad_request"),
        ({"videos": [{"kind": "cutout", "codec": "cinepak"}]}, 422, "bad_request"),
        ({"videos": [{"kind": "cutout", "color": [0, 2, 0]}]}, 422, "bad_request"),
        ({"videos": [{"kind": "cutout"}] * 11}, 422, "bad_request"),
        ({"outputs": ["mattes"], "template": "../{object}.{frame}.{ext}"}, 422, "bad_template"),
        ({"outputs": ["mattes"], "version": 99}, 404, "not_found"),
        ({"formats": ["nuke"], "version": 99}, 404, "not_found"),
    ]
    for body, status, code in refusals:
        answer = studio.client.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (body, answer.text)


@pytest.mark.parametrize(
    ("project", "asked", "quality", "told"),
    [
        ("standard", {}, "standard", {"image_size": None, "edges": None, "tolerance": 1.0}),
        (
            "draft",
            {},
            "draft",
            {"image_size": 512, "edges": {"detail": False, "refine": False}, "tolerance": 2.0},
        ),
        (
            "draft",
            {"quality": "final"},
            "final",
            {"image_size": None, "edges": {"detail": True, "refine": True}, "tolerance": 0.5},
        ),
        (
            "final",
            {"tolerance": 3.0, "edges": {"refine": False}},
            "final",
            {"edges": {"detail": False, "refine": False}, "tolerance": 3.0},
        ),
    ],
)
def test_quality_is_a_preset_of_what_was_not_given(
    studio: Studio, project: str, asked: dict[str, Any], quality: str, told: dict[str, Any]
) -> None:
    shot = studio.house.shot(studio.project(quality=project), studio.person)
    made = studio.accepted(
        f"/shots/{shot}/segment",
        {"objects": [{"name": "o", "prompts": [{"frame": 1001, "box": [1, 1, 9, 9]}]}], **asked},
    )
    assert made["params"]["quality"] == quality
    assert {name: made["params"].get(name) for name in told} == told
    studio.client.post(f"/jobs/{made['id']}/cancel")
