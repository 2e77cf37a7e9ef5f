"""The generated clip is what the tests of everyone else trust: so it is tested hardest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from roto_client.contract.validation import check_task_spec
from roto_shapes.errors import RotoError
from roto_shapes.prompts import FramePrompt, check_prompts
from roto_worker.media import open_plate
from roto_worker.synthetic.clip import Clip, generate_clip, suggest_prompt
from roto_worker.synthetic.command import app
from roto_worker.synthetic.creature import Pose, Window, coverage
from roto_worker.synthetic.scene import Scene


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return generate_clip(tmp_path_factory.mktemp("clip"), 320, 180, 12, seed=3, distractor=True)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_same_seed_gives_the_same_files(clip: Clip, tmp_path: Path) -> None:
    again = generate_clip(tmp_path / "again", 320, 180, 5, seed=3, distractor=True)
    for frame in again.frames:
        assert digest(Path(again.pattern % frame)) == digest(Path(clip.pattern % frame))
        assert digest(again.truth_path(frame)) == digest(clip.truth_path(frame))
    other = generate_clip(tmp_path / "other", 320, 180, 1, seed=4, distractor=True)
    assert digest(Path(other.pattern % 1001)) != digest(Path(clip.pattern % 1001))


def test_files_and_description(clip: Clip) -> None:
    names = {path.name for path in clip.directory.iterdir()}
    assert names == {f"plate.{frame:04d}.png" for frame in range(1001, 1013)} | {
        "truth",
        "clip.json",
    }
    data = json.loads((clip.directory / "clip.json").read_text())
    assert (data["width"], data["height"], data["fps"]) == (320, 180, [24, 1])
    assert data["frame_range"] == [1001, 1012]
    assert data["plate"] == "plate.%04d.png"
    assert data == clip.as_json()
    image = cv2.imread(str(clip.truth_path(1001)), cv2.IMREAD_UNCHANGED)
    assert (image.shape, image.dtype) == ((180, 320), np.uint16)


def test_suggested_prompt_is_valid_and_right(clip: Clip) -> None:
    prompt = FramePrompt.from_json(clip.prompt)
    check_prompts([prompt], clip.width, clip.height, clip.frame_range)
    truth = clip.truth(1001)
    for point in prompt.points:
        assert truth[int(point.y), int(point.x)] == (1 if point.positive else 0)
    assert {point.positive for point in prompt.points} == {True, False}
    rows, columns = np.nonzero(truth >= 0.5)
    x0, y0, x1, y1 = prompt.box or ()
    assert (x0, y0) == (columns.min() - 5, rows.min() - 5)
    assert (x1, y1) == (columns.max() + 6, rows.max() + 6)


def test_suggested_box_stays_in_the_plate() -> None:
    matte = np.zeros((40, 60), np.float32)
    matte[:20, 30:] = 1
    prompt = suggest_prompt(matte, 7)
    assert prompt["box"] == [25.0, 0.0, 60.0, 25.0]
    check_prompts([FramePrompt.from_json(prompt)], 60, 40, (7, 7))


def test_truth_is_the_exact_coverage() -> None:
    """A creature without lobes is a disc: its coverage summed is its area."""
    disc = Pose(x=50.3, y=40.7, size=20.25, angle=0.3, twist=0.5, lobes=())
    window = Window.of(disc, 100, 80)
    covered = coverage(disc, window)
    assert abs(covered.sum() - np.pi * disc.size**2) < 0.3
    matte = np.zeros((80, 100))
    matte[window.slices] = covered
    y, x = np.mgrid[0:80, 0:100] + 0.5
    assert abs((matte * x).sum() / matte.sum() - disc.x) < 2e-3
    assert abs((matte * y).sum() / matte.sum() - disc.y) < 2e-3
    distance = np.hypot(x - disc.x, y - disc.y) - disc.size
    assert (matte[distance < -0.75] == 1).all()
    assert (matte[distance > 0.75] == 0).all()
    edge = np.abs(distance) < 0.4
    assert np.abs(matte[edge] - (0.5 - distance[edge])).max() < 0.12


def test_a_creature_leaving_the_plate_is_cut() -> None:
    half_out = Pose(x=0, y=20, size=10, angle=0, twist=0, lobes=())
    window = Window.of(half_out, 40, 40)
    assert abs(coverage(half_out, window).sum() - np.pi * 50) < 0.3
    gone = Pose(x=-100, y=20, size=10, angle=0, twist=0, lobes=())
    assert coverage(gone, Window.of(gone, 40, 40)).size == 0


def test_truth_agrees_with_the_plate() -> None:
    """plate = background where the matte is 0, creature where it is 1, and a mix between.

    Two scenes that differ only in the creature's skin differ only where the matte is not 0, and
    there in proportion to it.
    """
    scene = Scene(320, 180, 3)
    first = scene.render(4)
    scene._skin = type(scene._skin)(
        np.random.default_rng(99),
        (np.array([0, 0, 1], np.float32), np.array([0, 1, 1], np.float32)),
    )
    second = scene.render(4)
    assert np.array_equal(first.matte, second.matte)
    changed = np.abs(first.plate - second.plate).max(axis=2)
    assert (changed[first.matte == 0] == 0).all()
    assert (changed[first.matte == 1] > 0).mean() > 0.85, "all but the eyes"
    assert changed[(first.matte > 0) & (first.matte < 0.02)].max() < 0.05
    assert changed[first.matte > 0.98].mean() > 0.1


def test_the_object_moves_deforms_and_stays_in_the_frame() -> None:
    scene = Scene(320, 180, 7)
    poses = [scene.pose(index) for index in range(0, 400, 5)]
    assert all(0 < pose.x < 320 and 0 < pose.y < 180 for pose in poses)
    steps = [
        np.hypot(scene.pose(i + 1).x - scene.pose(i).x, scene.pose(i + 1).y - scene.pose(i).y)
        for i in range(200)
    ]
    assert 0.2 < float(np.mean(steps)) < 0.03 * 320
    # Where centred, scaled and turned back it is another shape: it deforms.
    radii = [pose.radius(np.linspace(0, 6.2, 60)) for pose in poses]
    assert np.abs(radii[0] - radii[10]).max() > 0.05


def test_every_format_shows_the_same_picture(tmp_path: Path) -> None:
    shown = {}
    for kind in ("png", "jpg", "exr"):
        made = generate_clip(tmp_path / kind, 320, 180, 2, seed=3, format=kind)
        source = open_plate(made.plate)
        assert source.info.frame_range == (1001, 1002)
        shown[kind] = source.read(1002).astype(int)
        source.close()
    assert np.abs(shown["exr"] - shown["png"]).max() <= 1
    assert np.abs(shown["jpg"] - shown["png"]).mean() < 3


def test_plate_fits_the_contract(clip: Clip, tmp_path: Path) -> None:
    from helpers_stages import task_spec

    check_task_spec(task_spec("ingest", tmp_path / "out", clip.plate, {}))


def test_command(tmp_path: Path) -> None:
    runner = CliRunner()
    done = runner.invoke(
        app,
        ["generate", str(tmp_path / "c"), "--frames", "2", "--size", "64x48", "--format", "jpg"],
    )
    assert done.exit_code == 0, done.output
    made = json.loads((tmp_path / "c" / "clip.json").read_text())
    assert made["frame_range"] == [1001, 1002]
    assert runner.invoke(app, ["generate", str(tmp_path), "--size", "big"]).exit_code == 2


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(RotoError) as caught:
        generate_clip(tmp_path, format="bmp")
    assert caught.value.code == "unknown_format"
    with pytest.raises(RotoError) as caught:
        generate_clip(tmp_path, frames=0)
    assert caught.value.code == "bad_request"
    with pytest.raises(RotoError) as caught:
        generate_clip(tmp_path / "two", 64, 48, 2).truth(1003)
    assert caught.value.code == "missing_frame"
