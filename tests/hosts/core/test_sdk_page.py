"""The plugin that docs/plugin-sdk.md shows is run as it is printed there, against a real farm."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers_farm import Farm

pytestmark = [pytest.mark.farm, pytest.mark.seat]

PAGE = Path(__file__).parents[3] / "docs" / "plugin-sdk.md"


def test_the_plugin_of_the_page(farm: Farm, tmp_path: Path) -> None:
    (listing,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    script = tmp_path / "plugin.py"
    script.write_text(listing, encoding="utf-8")
    clip = farm.clip()
    point = next(point for point in clip.prompt["points"] if point["positive"])
    kept = {name: os.environ[name] for name in os.environ if not name.startswith("ROTO_")}
    arguments = [str(clip.pattern), str(point["x"]), str(point["y"]), str(clip.prompt["frame"])]
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), *arguments],
        capture_output=True, text=True, check=False, timeout=240,
        env={**kept, "ROTO_SERVER": farm.url, "ROTO_API_KEY": farm.api_key,
             "ROTO_DATA_DIR": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    assert re.search(r"^hero \S+ bezier \d+ keys$", done.stdout, re.MULTILINE), done.stdout
    assert "ready" in done.stdout
    tracked = re.search(r"^tracked again: (.*)$", done.stdout, re.MULTILINE)
    assert tracked
    assert "'hero': ((" in tracked[1]


def test_the_files_the_page_names_are_there() -> None:
    root = PAGE.parents[1]
    for path in re.findall(r"`((?:plugins|tests|shared_client|docs)/[\w./-]+)`", PAGE.read_text()):
        if "<" not in path and not path.startswith("plugins/in") and path != "plugins/libraries.py":
            assert (root / path).exists(), path
