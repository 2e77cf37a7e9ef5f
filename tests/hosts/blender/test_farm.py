"""An artist's whole way in real Blender, through a real server and worker of ``.venv``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

from hosts.blender.helpers_blender import ROOT, in_blender, picture

LEAST = 0.99
LEAST_AGAIN = 0.98
"""Within a corrected stretch: the farm keeps keys that are still near enough to the new mattes."""
PARTS = ("plugins/blender", "tests/hosts/blender")
"""Of the farm's client Blender has what comes with the extension, and nothing else."""
PRODUCT = ROOT / ".venv" / "bin" / "python"
SERVE = Path(__file__).with_name("serve_farm.py")


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Where the farm is, and its clips."""
    assert PRODUCT.exists(), "The farm of these tests needs its own environment: make setup"
    process = subprocess.Popen(
        [str(PRODUCT), str(SERVE), str(tmp_path_factory.mktemp("farm") / "farm")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, f"the farm did not start: {process.wait(30)}"
        yield json.loads(line)
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip that artists install."""
    folder = tmp_path_factory.mktemp("extension")
    command = [PRODUCT, "-m", "roto_client.cli", "plugins", "build", "blender", "--out", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("*.zip")
    return made


@pytest.mark.parametrize(
    ("name", "clip", "start", "aspect"),
    [("wide", "wide", 101, 1), ("square", "square", 1001, 1), ("anamorphic", "wide", 1, 2)],
)
def test_the_whole_way(
    farm: dict[str, Any],
    extension: Path,
    name: str,
    clip: str,
    start: int,
    aspect: int,
    tmp_path: Path,
) -> None:
    """Clicks, submit, masks and mattes, rendered and compared; then a correction, compared again.

    ``start``: the scene frame the clip begins on; its files begin with 1001. ``aspect``: of its
    pixels, as Blender is told.
    """
    job = {**farm["clips"][clip], "name": name, "start": start, "aspect": aspect}
    job["zip"] = str(extension)
    (tmp_path / "job.json").write_text(json.dumps(job), encoding="utf-8")
    in_blender(
        "scenes_farm", "whole_way", tmp_path,
        PYTHONPATH=os.pathsep.join(str(ROOT / part) for part in PARTS),
        ROTO_SERVER=farm["url"],
        ROTO_API_KEY=farm["key"],
        ROTO_DATA_DIR=str(tmp_path / "data"),
        XDG_CONFIG_HOME=str(tmp_path / "config"),
    )  # fmt: skip
    told = json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))
    frames = range(job["first"], job["last"] + 1)
    between = [frame for frame in frames if frame not in told["keys"]]
    assert between, "every frame is keyed: nothing between keys is looked at"
    assert len(told["keys"]) > 1
    alike = check(told["mattes"], tmp_path / "masks", tmp_path / "mattes", frames)
    sys.stdout.write(f"{name}: keys {told['keys']}, least IoU {min(alike.values()):.4f}\n")
    assert min(alike.values()) >= LEAST, (told["keys"], alike)

    assert (told["version"], told["masks"]) == (2, 1), "laid into the mask that stands"
    assert told["differing"] == [], "the mask is the farm's new version"
    assert told["artist"], "the artist's own key is as he made it"
    assert len(told["outside"]) > 1, "something was not tracked again"
    assert all(told["outside"]), "keys outside the stretch are the same to the last bit"
    assert told["mattes2"] != told["mattes"]
    again = check(told["mattes2"], tmp_path / "masks2", tmp_path / "mattes2", frames)
    sys.stdout.write(f"{name}: corrected {told['changed']}, least IoU {min(again.values()):.4f}\n")
    spared = [f for f in frames if not any(a <= f <= b for a, b in told["changed"])]
    assert min(again[frame] for frame in spared) >= LEAST
    assert min(again.values()) >= LEAST_AGAIN, (told, again)
    assert again[told["frame"]] >= LEAST, "the artist's shape is what the farm tracked from"


def check(first_file: str, masks: Path, mattes: Path, frames: range) -> dict[int, float]:
    """IoU of the rendered masks with the farm's mattes; the compositor's mattes are those files."""
    alike = {}
    for frame in frames:
        path = first_file.replace(f"{frames[0]:04d}.", f"{frame:04d}.")
        matte = matte_of(Path(path))
        np.testing.assert_allclose(picture(mattes / f"{frame}.exr"), matte, atol=2e-3)
        mask = picture(masks / f"{frame}.exr")
        assert mask.shape == matte.shape
        assert (matte >= 0.5).sum() > 1000
        alike[frame] = float(
            ((mask >= 0.5) & (matte >= 0.5)).sum() / ((mask >= 0.5) | (matte >= 0.5)).sum()
        )
    return alike


def matte_of(path: Path) -> np.ndarray:
    with OpenEXR.File(str(path)) as file:
        return np.asarray(file.channels()["A"].pixels, np.float32)
