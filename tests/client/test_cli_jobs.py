"""`roto jobs`, `job`, `log`, `cancel`, `priority`, `retry`, `download`; `export`, `import` here."""

from __future__ import annotations

import json
import re
from pathlib import Path

from helpers_cli import add_results
from helpers_client import FakeServer, Run, cut, matching

from roto_shapes.document import save
from roto_shapes.model import ControlPoint, Document, Key, Layer, Shape


def test_jobs_job_log_cancel_retry(run: Run, server: FakeServer) -> None:
    error = {"code": "worker_lost", "message": "the worker died", "hint": "look at node7"}
    attempt = {"id": "a", "number": 1, "state": "lost", "worker_id": "node7:0", "error": error}
    task = {"id": "t", "kind": "track", "state": "failed", "attempts": [attempt],
            "progress": {"done": 3, "total": 9, "message": "sam2"}}  # fmt: skip
    ident = server.add_job("0" * 32, state="failed", error=error, tasks=[task])["id"]
    server.add_job("0" * 32, kind="export", state="succeeded")

    listed = run("jobs").stdout
    assert ident in listed
    assert "export" in listed
    assert f"{'0' * 32} v001" in listed, "of a shot that is gone, its id"
    assert ident not in run("jobs", "--state", "succeeded").stdout
    assert len(json.loads(run("jobs", "--json", "--limit", "1").stdout)) == 1

    shown = run("job", ident).stdout
    assert f"roto job {ident}: failed" in shown
    assert re.search(r"track +failed +3/9 +sam2\n +attempt 1 on node7:0: lost the worker", shown)
    assert "look at node7" in shown
    assert json.loads(run("job", ident, "--json").stdout)["id"] == ident

    assert run("priority", ident, "low").stdout == f"job {ident}: failed, priority low\n"
    assert ident in run("jobs", "--priority", "low", "--mine", "--search", "hero").stdout
    assert ident not in run("jobs", "--priority", "high").stdout
    assert run("priority", ident, "urgent").exit_code == 2

    assert run("log", ident, "--attempt", "a").stdout == "log of a\n"
    assert run("cancel", ident).exit_code == 2
    assert run("retry", ident).stdout == f"job {ident}: queued\n"
    assert run("cancel", ident).stdout == f"job {ident}: cancelled\n"
    assert run("job", "0" * 32).exit_code == 2


def test_job_tells_the_frames_that_need_you(run: Run, server: FakeServer) -> None:
    objects = [{"id": name[0], "name": name, "prompts": []} for name in ("hero", "car")]
    ident = server.add_job("0" * 32, state="succeeded", params={"objects": objects})["id"]
    sure, unsure = (0.9,) * 9, (0.9, 0.4, 0.3, 0.9, 0.9, 0.9, 0.9, 0.1, None)
    server.masks = [
        {"object_id": name, "job_id": job, "frame": 1001 + index, "confidence": confidence}
        for name, job, series in (("h", ident, unsure), ("c", ident, sure), ("c", "old", unsure))
        for index, confidence in enumerate(series)
    ]
    shown = run("job", ident).stdout
    assert "  frames that need you: hero: 1008, 1002-1003\n" in shown
    assert "car" not in shown


def test_download_goes_on(run: Run, server: FakeServer, tmp_path: Path) -> None:
    ident = server.add_job("0" * 32, state="succeeded", engine="sam2", model="tiny",
                           checkpoint_sha256="ab" * 32)["id"]  # fmt: skip
    assert run("download", ident, "--out", tmp_path).exit_code == 2
    add_results(server, ident)
    server.faults.append(matching("GET", "outputs/.", cut))
    done = run("download", ident, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "mattes").iterdir())) == 7
    assert "sam2 tiny, checkpoint sha256 abababababababab..." in done.stdout


def test_export_here(run: Run, tmp_path: Path, server: FakeServer) -> None:
    corners = [(10.0, 10.0), (50.0, 10.0), (50.0, 40.0), (10.0, 40.0)]
    points = tuple(ControlPoint(x, y, 0, 0, 0, 0, True) for x, y in corners)
    shape = Shape(id="s", name="outline", keys=[Key(1001, points)], visible=[(1001, 1002)])
    layer = Layer(id="l", name="hero", shapes=[shape])
    document = Document(width=64, height=48, frame_range=(1001, 1002), layers=[layer])
    document.prompts.append({"frame": 1001})
    save(document, tmp_path / "shapes.json")
    done = run("export", tmp_path / "shapes.json", "--format", "nuke", "--out", tmp_path / "a/x.nk")
    assert done.exit_code == 0, done.output
    assert "\nRoto {" in (tmp_path / "a/x.nk").read_text()
    assert "note: document: prompts" in done.stdout
    assert run("export", tmp_path / "shapes.json", "--out", tmp_path / "x.fxs").exit_code == 0
    unknown = run("export", tmp_path / "shapes.json", "--out", tmp_path / "x.abc")
    assert (unknown.exit_code, "--format" in unknown.stderr) == (2, True)
    (tmp_path / "shapes.json").write_text("{}")
    assert run("export", tmp_path / "shapes.json", "--out", tmp_path / "y.nk").exit_code == 2
    assert not (tmp_path / "y.nk").exists()
    assert server.requests == []
