"""The main job through every room: HTTP, RQ, worker process, all four stages."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import OpenEXR
import psutil
import pytest
from helpers_farm import FRAMES, Farm
from helpers_runtime import wait_until

from roto_worker.media.masks import read_mask16
from shapes.helpers_draw import nuke_matte, overlap, silhouette_matte

pytestmark = [pytest.mark.farm, pytest.mark.timeout(900)]


def matte(path: Path) -> np.ndarray:
    with OpenEXR.File(str(path)) as file:
        alpha = file.channels()["A"].pixels
    assert alpha.dtype == np.float16
    return alpha


def test_from_a_click_to_mattes_and_shapes(tmp_path: Path) -> None:
    farm = Farm(tmp_path)
    try:
        farm.open_embedded()
        clip = farm.clip()
        job = farm.submit(farm.shot(clip.pattern), clip)
        job = farm.ended(job)
        assert job.state == "succeeded", farm.story(job)
        assert [(task.kind, task.state, len(task.attempts)) for task in job.tasks] == [
            ("track", "succeeded", 1),
            ("vectorize", "succeeded", 1),
            ("export", "succeeded", 1),
        ]
        assert job.engine == "flow"

        folder = tmp_path / "out"
        farm.client.download_all(job.id, folder)
        frames = list(clip.frames)
        mattes = [folder / "mattes" / f"hero_matte_v001.{frame}.exr" for frame in frames]
        inside = {frame: matte(path) >= 0.5 for frame, path in zip(frames, mattes, strict=True)}
        assert len(inside) == FRAMES
        assert np.mean([overlap(inside[f], clip.truth(f) >= 0.5) for f in frames]) > 0.8

        document = json.loads((folder / "shapes" / "sh001_v001.json").read_text())
        assert document["schema"] == "roto/1"
        assert document["frame_range"] == [1001, 1000 + FRAMES]
        nk = (folder / "shapes" / "sh001_v001.nk").read_text()
        fxs = (folder / "shapes" / "sh001_v001.fxs").read_text()
        height, width = inside[frames[0]].shape
        drawn = [nuke_matte(nk, frame, width, height) for frame in frames]
        assert np.mean([overlap(d, inside[f]) for d, f in zip(drawn, frames, strict=True)]) > 0.95
        drawn = [silhouette_matte(fxs, frame, width, height) for frame in frames]
        assert np.mean([overlap(d, inside[f]) for d, f in zip(drawn, frames, strict=True)]) > 0.95
        assert len(farm.mattes(job)) == FRAMES
        published = farm.shot_folder(job) / "masks" / "v001" / "hero"
        assert read_mask16(published / "1001.png").shape == (120, 160)
        log = farm.client.log(job.id)
        assert log.count('"event": "started"') == 3
        assert log.count('"event": "succeeded"') == 3
    finally:
        farm.close()
    wait_until(lambda: not running_in(tmp_path), "nothing is left running")


def running_in(folder: Path) -> list[int]:
    """Processes with the folder in their command line."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if str(folder) in " ".join(process.info["cmdline"] or [])
    ]
