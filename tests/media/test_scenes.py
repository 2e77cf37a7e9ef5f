"""The scenes stage: cuts are seen; flashes, pans and noise are none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers_stages import StageContext, task_spec
from numpy.typing import NDArray

from roto_shapes.errors import RotoError
from roto_worker.media.placing import place
from roto_worker.media.source import PlateInfo
from roto_worker.stages import scenes

Picture = NDArray[np.uint8]
SIZE = (128, 72)


def ground(seed: int) -> NDArray[np.float32]:
    """A soft, coloured ground, three pictures wide."""
    random = np.random.default_rng(seed)
    noise = random.random((SIZE[1], 3 * SIZE[0], 3), np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 6)
    soft = (soft - soft.min()) / (soft.max() - soft.min())
    return np.asarray(soft * (50 + 180 * random.random(3, np.float32)), np.float32)


def scene(seed: int, frames: int, pan: int = 1) -> list[Picture]:
    """Frames of one camera, ``pan`` pixels a frame, grain on them, a ball that crosses."""
    random = np.random.default_rng(seed + 100)
    wide, pictures = ground(seed), []
    for number in range(frames):
        at = number * pan % (2 * SIZE[0])
        image = wide[:, at : at + SIZE[0]].copy()
        cv2.circle(image, (5 + 4 * number % SIZE[0], 36), 12, (230, 230, 20), -1)
        image += random.normal(0, 4, image.shape).astype(np.float32)
        pictures.append(np.clip(image, 0, 255).astype(np.uint8))
    return pictures


def cuts_of(tmp_path: Path, pictures: Sequence[Picture]) -> list[float]:
    """The scores the stage writes for proxies of these pictures."""
    folder = tmp_path / "ingest" / "proxies"
    folder.mkdir(parents=True)
    for number, image in enumerate(pictures):
        cv2.imwrite(str(folder / f"{1001 + number}.jpg"), image)
    last = 1000 + len(pictures)
    spec = task_spec(
        "scenes", tmp_path / "out", {"kind": "movie", "path": "/nowhere.mov"},
        {"frame_range": [1001, last]}, inputs={"proxies": str(folder.parent)},
    )  # fmt: skip
    ctx = StageContext(spec)
    result = scenes.run(ctx)
    (file,) = result["files"]
    written = (ctx.output_dir / file["path"]).read_bytes()
    assert (file["role"], file["size"]) == ("scenes", len(written))
    told = json.loads(written)
    assert told["first_frame"] == 1001
    assert ctx.seen[-1][:2] == (len(pictures), len(pictures))
    scores: list[float] = told["scores"]
    assert len(scores) == len(pictures)
    return scores


def test_cuts_stand_out_of_all_else(tmp_path: Path) -> None:
    """Slow and fast pans, a still, a scene of four frames; a white flash and a slow one."""
    pictures = scene(1, 30) + scene(2, 30, pan=8) + scene(3, 20, pan=0) + scene(4, 4) + scene(5, 20)
    pictures[10] = np.full_like(pictures[10], 255)
    pictures[45] = np.clip(pictures[45].astype(int) + 120, 0, 255).astype(np.uint8)
    scores = cuts_of(tmp_path, pictures)
    cuts = {30, 60, 80, 84}
    assert min(scores[cut] for cut in cuts) > 0.4
    assert max(score for at, score in enumerate(scores) if at not in cuts) < 0.15


def test_a_cut_right_after_a_flash_is_seen(tmp_path: Path) -> None:
    pictures = scene(6, 12) + scene(7, 12)
    pictures[13] = np.full_like(pictures[13], 255)
    scores = cuts_of(tmp_path, pictures)
    assert max(range(len(scores)), key=scores.__getitem__) == 12


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_short_plates_have_scores_too(tmp_path: Path, frames: int) -> None:
    assert max(cuts_of(tmp_path, scene(8, frames))) < 0.2


def test_the_plate_is_looked_at_where_there_are_no_proxies(tmp_path: Path) -> None:
    for number, image in enumerate(scene(1, 6) + scene(2, 6)):
        cv2.imwrite(str(tmp_path / f"p.{1001 + number}.png"), image)
    plate = {"kind": "sequence", "path": str(tmp_path / "p.%04d.png")}
    spec = task_spec("scenes", tmp_path / "out", plate, {"frame_range": [1001, 1012]})
    ctx = StageContext(spec)
    scenes.run(ctx)
    scores = json.loads((ctx.output_dir / "scenes.json").read_text())["scores"]
    assert scores[6] == max(scores) > 0.4


def test_a_missing_proxy_is_said(tmp_path: Path) -> None:
    spec = task_spec(
        "scenes", tmp_path / "out", {"kind": "movie", "path": "/nowhere.mov"},
        {"frame_range": [1, 2]}, inputs={"proxies": str(tmp_path)},
    )  # fmt: skip
    with pytest.raises(RotoError) as refused:
        scenes.run(StageContext(spec))
    assert refused.value.code == "storage_failed"


class _Reader:
    def close(self) -> None:
        """Nothing is open."""


def placed(
    monkeypatch: pytest.MonkeyPatch, metadata: dict[str, str], fps: tuple[int, int], **told: object
) -> object:
    """Where a cut is in a plate of the frames 11 to 110 with that metadata."""
    info = PlateInfo(64, 36, 1.0, fps, (11, 110), "sRGB", metadata)
    monkeypatch.setattr("roto_worker.media.placing.open_reader", lambda *_: (_Reader(), None, info))
    request = {"times": [86420, 86429], "rate": [24, 1], "handles": [8, 8], **told}
    found = place({"kind": "movie", "path": "/m.mov"}, None, request)
    return found.frames, found.handles


def test_a_cut_is_placed_by_the_plates_timecode(monkeypatch: pytest.MonkeyPatch) -> None:
    hour = {"timecode": "01:00:00:00", "fps_source": "file"}
    assert placed(monkeypatch, hour, (24, 1)) == ((23, 48), (8, 8))
    # 23.976 counts as 24 does; a plate without a rate as the list says.
    assert placed(monkeypatch, hour, (24000, 1001)) == ((23, 48), (8, 8))
    silent = {"timecode": "01:00:00:00", "fps_source": "default"}
    twenty_five = placed(monkeypatch, silent, (24, 1), rate=[25, 1], times=[90020, 90029])
    assert twenty_five == ((23, 48), (8, 8))
    at_the_ends = placed(monkeypatch, hour, (24, 1), times=[86402, 86495])
    assert at_the_ends == ((11, 110), (2, 4))
    dropping = {"timecode": "00:00:59;28", "fps_source": "file"}
    across = placed(monkeypatch, dropping, (30000, 1001), rate=[30000, 1001], times=[1800, 1801])
    assert across == ((11, 22), (2, 8))


@pytest.mark.parametrize(
    ("metadata", "fps", "told"),
    [
        ({}, (24, 1), {}),
        ({"timecode": "nonsense"}, (24, 1), {}),
        ({"timecode": "00:59:59:24", "fps_source": "default"}, (24, 1), {}),
        ({"timecode": "01:00:00:00", "fps_source": "file"}, (25, 1), {}),
        ({"timecode": "01:00:00:00", "fps_source": "file"}, (24, 1), {"times": [86300, 86320]}),
        ({"timecode": "01:00:00:00", "fps_source": "file"}, (24, 1), {"times": [86499, 86500]}),
    ],
)
def test_what_cannot_be_placed_is_said(
    monkeypatch: pytest.MonkeyPatch,
    metadata: dict[str, str],
    fps: tuple[int, int],
    told: dict[str, object],
) -> None:
    with pytest.raises(RotoError) as refused:
        placed(monkeypatch, metadata, fps, **told)
    assert refused.value.code == "range_outside_plate"
    assert refused.value.hint
