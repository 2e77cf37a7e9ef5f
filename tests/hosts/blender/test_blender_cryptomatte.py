"""Real Blender picks every object out of our ID mattes, by its name in the manifest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hosts.blender.helpers_blender import PATHS, ROOT, picture
from hosts.blender.helpers_id_mattes import FILES, HEIGHT, WIDTH, kept

SCRIPT = Path(__file__).with_name("pick_id_mattes.py")


@pytest.mark.parametrize("image", FILES, ids=lambda image: image.stem)
def test_blender_gets_every_matte_back(tmp_path: Path, image: Path) -> None:
    names = FILES[image]
    job = {"image": str(image), "size": (WIDTH, HEIGHT), "names": names, "out": str(tmp_path)}
    (tmp_path / "job.json").write_text(json.dumps(job), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "job.json")],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in PATHS),
            "BLENDER_USER_RESOURCES": str(tmp_path / "user"),
        },
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    due = kept(names)
    for i, name in enumerate(names):
        matte = picture(tmp_path / f"{i}.exr")
        assert due[name].sum() > 80, name
        assert np.abs(matte - due[name]).max() < 1e-6, name
