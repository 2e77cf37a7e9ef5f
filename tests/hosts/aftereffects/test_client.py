"""The farm's client in TypeScript: its own tests, then a real server, Redis and worker."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers_farm import Farm, working_farm

from roto_client.contract import API_PREFIX, ERRORS, PRODUCT_VERSION, VERSION_HEADER
from roto_shapes.document import ValueKey, dumps
from roto_shapes.formats import write
from shapes.helpers_shapes import SLIDING, STILL, TURNING, document, layer, moving_blob

pytestmark = pytest.mark.farm

PANEL = Path(__file__).resolve().parents[3] / "plugins" / "aftereffects"
NODE = Path(sys.executable).with_name("node")


def node(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(NODE), *arguments],
        cwd=PANEL,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def vitest(out: Path, *tests: str, **environment: str) -> dict[str, str]:
    """Each test's name and how it ended."""
    report = out / "report.json"
    vite = "node_modules/vitest/vitest.mjs"
    how = ["run", "--root", "client", "--reporter=json", f"--outputFile={report}"]
    run = node(vite, *how, *tests, **environment)
    assert report.exists(), run.stdout + run.stderr
    told: dict[str, Any] = json.loads(report.read_text())
    ended = {}
    for file in told["testResults"]:
        for test in file["assertionResults"]:
            ended[test["fullName"]] = test["status"]
            assert test["status"] != "failed", "\n".join(test["failureMessages"])
    assert run.returncode == 0, run.stdout + run.stderr
    return ended


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    with working_farm(tmp_path_factory.mktemp("farm")) as farm:
        yield farm


def test_the_types_are_the_server_s() -> None:
    run = node("client/types.mjs", "--check")
    assert run.returncode == 0, run.stderr


def test_it_speaks_as_the_contract_does() -> None:
    version = (PANEL / "client" / "src" / "version.ts").read_text()
    for said in (PRODUCT_VERSION, VERSION_HEADER, API_PREFIX):
        assert f'"{said}"' in version
    kinds = (PANEL / "client" / "src" / "errors.ts").read_text()
    assert [code for code in ERRORS if f"\n  {code}: " not in kinds] == []


def test_alone(tmp_path: Path) -> None:
    ended = vitest(tmp_path, "transport", "device", "submit", "plates", "edits", "follow")
    assert set(ended.values()) == {"passed"}
    assert len(ended) > 60


DOCUMENTS = {
    "still": document(layer(moving_blob("a", feather=2.5), transform=STILL)),
    "moving": document(layer(moving_blob("a"), moving_blob("b", mode="subtract"))),
    "comes and goes": document(
        layer(
            moving_blob("a", visible=[(1002, 1004), (1006, 1020)]),
            moving_blob("b", opacity=[ValueKey(1005, 0.25), ValueKey(1009, 1.0, "hold")]),
        ),
        fps=(24000, 1001),
    ),
    "sliding": document(layer(moving_blob("a"), transform=SLIDING), pixel_aspect=2.0),
    "turning": document(layer(moving_blob("a"), transform=TURNING)),
    "two objects": document(
        layer(moving_blob("a")), layer(moving_blob("b"), name="villain", layer_id="2")
    ),
}


def test_through_the_host_and_back(tmp_path: Path) -> None:
    """Untouched masks are no correction, whatever After Effects and its frame grid did to them."""
    built = tmp_path / "panel"
    run = node("build.mjs", "--out", str(built))
    assert run.returncode == 0, run.stdout + run.stderr
    documents = tmp_path / "documents"
    for name, each in DOCUMENTS.items():
        folder = documents / name
        folder.mkdir(parents=True)
        (folder / "document.json").write_text(dumps(each))
        (folder / "masks.json").write_text(write(each, "aftereffects-data").text)
    (script,) = built.rglob("host.jsx")
    scene = {
        "host": str(script),
        "session": str(Path(__file__).with_name("emulator") / "session.js"),
        "documents": str(documents),
    }
    ended = vitest(tmp_path, "host", ROTO_TEST_HOST=json.dumps(scene))
    assert set(ended.values()) == {"passed"}
    assert len(ended) == len(DOCUMENTS)


def test_over_a_real_farm(farm: Farm, tmp_path: Path) -> None:
    clip = farm.clip()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for picture in clip.directory.glob("plate.*.png"):
        shutil.copy(picture, elsewhere)
    scene = {
        "url": farm.url,
        "key": farm.api_key,
        "plate": clip.pattern,
        "elsewhere": str(elsewhere / "plate.####.png"),
        "prompt": clip.prompt,
        "frames": list(clip.frame_range),
        "width": clip.width,
        "height": clip.height,
    }
    ended = vitest(tmp_path, "farm", ROTO_TEST_FARM=json.dumps(scene))
    assert set(ended.values()) == {"passed"}, farm.worker_log.read_text()[-3000:]
    assert len(ended) == 9
