"""`roto demo`: its own decisions against the fake server, and once for real, as processes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from helpers_client import QUICK, TOKEN, FakeServer
from typer.testing import CliRunner

from roto_client.api import RotoClient
from roto_client.cli import build_app
from roto_client.cli.local_server import LocalServer
from roto_shapes.errors import RotoError


@pytest.fixture
def faked(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    """The demo's server is the fake; each of its jobs succeeds at once, with other results."""
    monkeypatch.setattr(
        LocalServer, "__enter__", lambda self: RotoClient(server.url, TOKEN, retry=QUICK)
    )

    def end_jobs(handler: Any) -> bool:
        roto = [job for job in server.jobs.values() if job["kind"] == "roto"]
        for number, job in enumerate(roto, start=1):
            job |= {"state": "succeeded", "engine": "flow"}
            if job["id"] not in server.outputs:
                server.add_output(job["id"], f"mattes/o_v{number:03d}.1001.exr", b"%d" % number)
        return False

    server.faults.append(end_jobs)
    return server


def demo(*arguments: object) -> Result:
    return CliRunner().invoke(build_app(), ["demo", *map(str, arguments)])


def submitted(server: FakeServer) -> list[dict[str, Any]]:
    return [job["params"] for job in server.jobs.values() if job["kind"] == "roto"]


def test_your_own_clip_gets_the_middle_said_aloud(
    faked: FakeServer, old: Path, tmp_path: Path
) -> None:
    done = demo("--clip", old, "--out", tmp_path / "out", "--frames", 4)
    assert done.exit_code == 0, done.output
    assert "No prompt given: frame 1001 gets a click at 320,180 and the box 160,90" in done.stderr
    sent = submitted(faked)[0]
    assert sent["frame_range"] == [1001, 1004]
    assert sent["outputs"] == ["mattes", "shapes", "overlay", "contact_sheet"]
    assert sent["objects"][0]["prompts"] == [
        {
            "frame": 1001,
            "points": [{"x": 320.0, "y": 180.0, "positive": True}],
            "box": [160.0, 90.0, 480.0, 270.0],
        }
    ]
    assert "mean IoU" not in done.stdout
    assert [shot["plate"]["path"] for shot in faked.shots.values()] == [str(old)]


def test_a_movies_range_is_learnt_first(faked: FakeServer, tmp_path: Path) -> None:
    movie = tmp_path / "take.mov"
    movie.touch()
    faked.on_probe["frame_range"] = [1, 40]
    assert demo("--clip", movie, "--out", tmp_path / "out", "--frames", 10).exit_code == 0
    assert submitted(faked)[0]["frame_range"] == [1, 10]


def test_your_own_prompts_are_taken(faked: FakeServer, old: Path, tmp_path: Path) -> None:
    done = demo("--clip", old, "--out", tmp_path, "--point", "1002:5,6", "--engine", "flow")
    assert done.exit_code == 0, done.output
    assert "No prompt" not in done.stderr
    sent = submitted(faked)[0]
    assert (sent["objects"][0]["prompts"][0]["frame"], sent["engine"]) == (1002, "flow")


def test_a_second_run_replaces_just_its_own_results(
    faked: FakeServer, old: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert demo("--clip", old, "--out", out).exit_code == 0
    (out / "mattes" / "mine.exr").touch()
    assert demo("--clip", old, "--out", out).exit_code == 0
    assert sorted(path.name for path in (out / "mattes").iterdir()) == [
        "mine.exr",
        "o_v002.1001.exr",
    ]
    assert json.loads((out / "results.json").read_text())["files"] == ["mattes/o_v002.1001.exr"]


def test_a_clip_that_is_not_there(faked: FakeServer, tmp_path: Path) -> None:
    done = demo("--clip", tmp_path / "none.%04d.exr", "--out", tmp_path)
    assert (done.exit_code, "is not there" in done.stderr) == (2, True)


def test_a_failed_job_leaves_its_log(faked: FakeServer, old: Path, tmp_path: Path) -> None:
    def fail(handler: Any) -> bool:
        for job in faked.jobs.values():
            job |= {"state": "failed", "error": {"code": "engine_failed", "message": "it broke"}}
        return False

    faked.faults.append(fail)
    (tmp_path / "logs").mkdir()
    done = demo("--clip", old, "--out", tmp_path, "--point", "1001:5,6")
    assert (done.exit_code, "it broke" in done.stderr) == (1, True)
    kept = re.search(r"job-([0-9a-f]{32})\.log", done.stderr)
    assert kept is not None
    assert (tmp_path / "logs" / kept[0]).read_text() == "log of all"


@pytest.mark.farm
def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    taken = tmp_path / "server"
    taken.write_text("a file where the data folder should be")
    with pytest.raises(RotoError, match="ended with exit code") as caught:
        LocalServer(taken, [tmp_path], tmp_path / "logs" / "serve.log").__enter__()
    assert caught.value.code == "server_unavailable"
    assert str(taken) in caught.value.message


@pytest.mark.farm
def test_the_demo_for_real(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    command = [sys.executable, "-m", "roto_client.cli", "demo", "--out", str(out),
               "--frames", "6", "--size", "320x180", "--engine", "flow"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((out / "mattes").glob("*_v001.10*.exr"))) == 6
    made = {path.suffix[1:] for path in (out / "shapes").iterdir()}
    assert made == {"nk", "fxs", "json"}
    assert (out / "overlay.mp4").stat().st_size > 0
    assert (out / "contact_sheet.png").stat().st_size > 0
    measured = re.search(
        r"mattes mean IoU ([\d.]+) over 6 frames.*against mattes (\d\.\d+)", done.stdout
    )
    assert measured is not None, done.stdout
    assert float(measured[1]) >= 0.9
    assert float(measured[2]) >= 0.95
    assert re.search(r"track: done +6/6 +[\d.]+ frames/s", done.stderr)
    assert "made by flow" in done.stdout
    assert not (out / "server" / "server.json").exists()
    log = (out / "server" / "logs" / "server.log").read_text()
    for call in ("/segment", "/claim", "/complete", "/outputs/"):
        assert call in log
