"""The wheel that `pip install '/opt/roto[server]'` builds has the dashboard's page in it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from roto_server.dashboard import built

PROJECT = Path(__file__).parents[3]
PACKED = "roto_server/dashboard/built/"


def test_what_was_built_is_in_the_wheel(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="what builds the wheel is not installed: make setup")
    done = subprocess.run(
        [*(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"),
         *("--quiet", "--wheel-dir", str(tmp_path), str(PROJECT))],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    [wheel] = tmp_path.glob("megaton_roto-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        files = {
            name.removeprefix(PACKED): packed.read(name)
            for name in packed.namelist()
            if name.startswith(PACKED)
        }
    assert files == built()
