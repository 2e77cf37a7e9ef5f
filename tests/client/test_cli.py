"""The `roto` command, through typer's runner and as a process."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import typer
from helpers_client import TOKEN, FakeServer, Run, cut, matching
from typer.testing import CliRunner

from roto_client import cli
from roto_client.api.config import config_file, stored_key
from roto_client.api.errors import InputError
from roto_client.cli.prompts import PromptOptions, parse_prompts
from roto_shapes.document import save
from roto_shapes.model import ControlPoint, Document, Key, Layer, Shape


def finish_jobs(server: FakeServer, state: str = "succeeded", **facts: Any) -> None:
    """From now on every roto job ends as soon as somebody looks at it."""

    def end(handler: Any) -> bool:
        for job in server.jobs.values():
            if job["kind"] == "roto":
                job |= {"state": state, "engine": "flow", "model": "dis", **facts}
                job["tasks"] = [
                    {"id": "t", "kind": "track", "state": state,
                     "progress": {"done": 10, "total": 10, "frames_per_second": 4.5,
                                  "message": "flow on cpu"}}
                ]  # fmt: skip
                if not server.outputs.get(job["id"]):
                    add_results(server, job["id"])
        return False

    server.faults.append(end)


def add_results(server: FakeServer, job_id: str) -> None:
    for frame in range(1001, 1008):
        server.add_output(job_id, f"mattes/hero_matte_v001.{frame}.exr", b"m%d" % frame)
    lost = {"lost": [{"where": "document", "what": "prompts: kept in the JSON document only"}]}
    server.add_output(job_id, "shapes/heist_010_v001.nk", b"Roto {}", role="shapes", report=lost)


CLICK = ("--object", "hero", "--point", "1001:320,180")


# -- submit


def test_submit_waits_and_fetches(
    run: Run, server: FakeServer, plate: Path, tmp_path: Path
) -> None:
    finish_jobs(server)
    done = run("submit", plate, *CLICK, "--range", "1001-1004", "--negative", "1001:9,9",
               "--box", "1001:400,300,200,100", "--out", tmp_path / "out", "--engine", "flow",
               "--mattes", "png16", "--priority", "high", "--project", "heist", "--shot", "s1",
               "--out-template", "{object}.{frame}.{ext}", "--tolerance", "0.5")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out/mattes/hero_matte_v001.1001.exr").read_bytes() == b"m1001"
    assert "(7 files)" in done.stdout
    assert "made by flow dis (no checkpoint)" in done.stdout
    assert "note: heist_010_v001.nk: document: prompts" in done.stdout
    assert "track: done  10/10  4.5 frames/s  flow on cpu" in done.stderr
    sent = next(job["params"] for job in server.jobs.values() if job["kind"] == "roto")
    assert sent["objects"][0]["prompts"] == [
        {
            "frame": 1001,
            "points": [
                {"x": 320.0, "y": 180.0, "positive": True},
                {"x": 9.0, "y": 9.0, "positive": False},
            ],
            "box": [200.0, 100.0, 400.0, 300.0],
        }
    ]
    expected = {"frame_range": [1001, 1004], "engine": "flow", "mattes": "png16",
                "priority": "high", "template": "{object}.{frame}.{ext}", "tolerance": 0.5,
                "outputs": ["mattes", "shapes"]}  # fmt: skip
    assert {name: sent[name] for name in expected} == expected
    assert [shot["name"] for shot in server.shots.values()] == ["s1"]


def test_submit_without_waiting_prints_the_id(run: Run, server: FakeServer, plate: Path) -> None:
    done = run("submit", plate, *CLICK, "--no-wait", "--outputs", "mattes")
    job = next(job for job in server.jobs.values() if job["kind"] == "roto")
    assert done.stdout.strip() == job["id"]
    assert (job["params"]["outputs"], job["params"]["exports"]) == (["mattes"], [])


def test_submit_uploads_what_may_not_be_read_in_place(
    run: Run, server: FakeServer, plate: Path
) -> None:
    server.refuse_paths = True
    done = run("submit", plate, *CLICK, "--no-wait")
    assert done.exit_code == 0
    assert "the plate is sent to it instead" in done.stderr
    refused = run("submit", plate, *CLICK, "--no-wait", "--by-path")
    assert (refused.exit_code, "request req-1 (path_refused)" in refused.stderr) == (2, True)


def test_a_failed_job_is_exit_code_1(run: Run, server: FakeServer, plate: Path) -> None:
    error = {"code": "empty_result", "message": "nothing to track", "hint": "click elsewhere"}
    finish_jobs(server, "failed", error=error)
    done = run("submit", plate, *CLICK)
    assert done.exit_code == 1
    assert "roto: nothing to track\n  click elsewhere" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no object"),
        (("--object", "hero"), "hero: no prompt shows"),
        (("--point", "1001:1"), "--point '1001:1' cannot be read"),
        (("--point", "1001:1,2", "--range", "9-1"), "backwards"),
        (("--point", "1001:1,2", "--mattes", "tga"), "no value for mattes"),
        (("--mask", "1001:/nowhere/m.png"), "/nowhere/m.png: No such file"),
    ],
)
def test_bad_input_is_exit_code_2(
    run: Run, server: FakeServer, plate: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = run("submit", plate, *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert server.requests == []


def test_an_unknown_option_is_exit_code_2(run: Run) -> None:
    assert run("submit", "p.%04d.exr", "--frobnicate").exit_code == 2


def test_no_server_is_exit_code_3(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("jobs", "--server", "http://127.0.0.1:9")
    assert done.exit_code == 3
    assert "No answer from http://127.0.0.1:9: " in done.stderr
    monkeypatch.delenv("ROTO_SERVER")
    assert run("jobs").exit_code == 3


# -- prompts


def test_prompts_of_several_objects(tmp_path: Path) -> None:
    (tmp_path / "m.png").write_bytes(b"\x89PNG")
    hero, car = parse_prompts(
        PromptOptions(
            objects=["hero", "car"],
            points=["hero@1002:1,2", "hero@1001:3.5,4", "car@-5:1,1"],
            negatives=["hero@1001:5,6"],
            masks=[f"car@7:{tmp_path / 'm.png'}"],
            absent=["car@8"],
            ranges=["car@-10-8"],
        )
    )
    assert (hero.frame_range, car.frame_range) == (None, (-10, 8))
    assert car.to_json()["frame_range"] == [-10, 8]
    assert (hero.name, [prompt.frame for prompt in hero.prompts]) == ("hero", [1001, 1002])
    assert [tuple(point) for point in hero.prompts[0].points] == [(3.5, 4, True), (5, 6, False)]
    assert [prompt.frame for prompt in car.prompts] == [-5, 7, 8]
    assert (car.prompts[1].mask_png, car.prompts[2].absent) == (b"\x89PNG", True)


def test_objects_need_not_be_declared() -> None:
    assert parse_prompts(PromptOptions(points=["1:2,3"]))[0].name == "object"
    named = parse_prompts(PromptOptions(points=["a@1:2,3", "b@1:2,3"]))
    assert [thing.name for thing in named] == ["a", "b"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (PromptOptions(["a", "b"], ["1:2,3"]), "which object"),
        (PromptOptions(["a"], ["b@1:2,3"]), "no --object b"),
        (PromptOptions(boxes=["1:2,3"]), "--box"),
        (PromptOptions(points=["x:2,3"]), "cannot be read"),
        (PromptOptions(points=["1:a,b"]), "cannot be read"),
        (PromptOptions(masks=["1"]), "--mask"),
        (PromptOptions(["a"], ["1:2,3"], ranges=["b@1-5"]), "no --object b"),
        (PromptOptions(points=["a@1:2,3"], ranges=["b@1-5"]), "nothing is said of b"),
        (PromptOptions(["a", "b"], ["a@1:2,3"], ranges=["1-5"]), "which object"),
    ],
)
def test_prompts_that_cannot_be_read(options: PromptOptions, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse_prompts(options)
    assert caught.value.code == "bad_prompt"


# -- jobs


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
    assert ident not in run("jobs", "--state", "succeeded").stdout
    assert len(json.loads(run("jobs", "--json", "--limit", "1").stdout)) == 1

    shown = run("job", ident).stdout
    assert f"roto job {ident}: failed" in shown
    assert re.search(r"track +failed +3/9 +sam2\n +attempt 1 on node7:0: lost the worker", shown)
    assert "look at node7" in shown
    assert json.loads(run("job", ident, "--json").stdout)["id"] == ident

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


# -- local commands


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


def test_login(run: Run, server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROTO_SERVER")
    monkeypatch.delenv("ROTO_API_KEY")
    wrong = run("login", "--server", server.url, "--key", "roto_wrong")
    assert (wrong.exit_code, config_file().exists()) == (2, False)
    done = run("login", "--server", server.url + "/", input=f"{TOKEN}\n")
    assert done.exit_code == 0, done.output
    assert TOKEN not in done.output
    assert (stored_key(server.url) or ("",))[0] == TOKEN
    assert run("jobs").exit_code == 0


# -- how the command is assembled


def test_a_broken_package_says_why_and_takes_only_its_own_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    group = "roto.commands"
    entries = [
        EntryPoint("client", "roto_client.cli.commands:register", group),
        EntryPoint("gone", "roto_gone.cli:register", group),
        EntryPoint("old", "roto_client.cli.commands:no_such_function", group),
    ]
    monkeypatch.setattr(cli, "entry_points", lambda group: entries)
    shown = CliRunner().invoke(cli.build_app(), ["--help"])
    assert shown.exit_code == 0
    told = capsys.readouterr().err
    assert "the gone commands are left out: ModuleNotFoundError" in told
    assert "the old commands are left out: AttributeError" in told
    assert "submit" in shown.stdout
    assert "doctor" not in shown.stdout


def test_a_missing_python_package_is_named() -> None:
    app = typer.Typer(cls=cli.RotoGroup)

    @app.command()
    def serve() -> None:
        import no_such_package  # type: ignore[import-not-found]  # noqa: F401

    @app.command()
    def other() -> None:
        """Makes `serve` a command of a group."""

    done = CliRunner().invoke(app, ["serve"])
    assert done.exit_code == 2
    assert "'no_such_package'" in done.stderr


def test_interrupting_a_submit_leaves_the_job(
    run: Run, server: FakeServer, plate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("roto_client.cli.connect.watch_job", interrupt)
    done = run("submit", plate, *CLICK)
    assert done.exit_code != 0
    assert re.search(r"Job [0-9a-f]{32} goes on", done.stderr)
    assert [job["state"] for job in server.jobs.values() if job["kind"] == "roto"] == ["queued"]


HEAVY = ("torch", "cv2", "sqlalchemy", "numpy", "fastapi", "keyring", "websocket")


def python(code: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout


def test_roto_help_as_a_process_loads_nothing_heavy() -> None:
    code = f"""
import sys
from roto_client.cli import main
sys.argv = ["roto", "--help"]
try:
    main()
except SystemExit as ended:
    print("ended", ended.code)
print("loaded", [name for name in {HEAVY!r} if name in sys.modules])
"""
    told = python(code)
    assert "submit" in told
    assert "ended 0" in told
    assert "loaded []" in told


def test_the_library_loads_little() -> None:
    """Plugins load this at their host's start: nothing but the standard library and ours."""
    code = """
import sys
before = set(sys.modules)
import roto_client.api
new = set(sys.modules) - before
ours = sum(name.startswith("roto_") for name in new)
roots = {name.partition(".")[0] for name in new}
foreign = roots - set(sys.stdlib_module_names) - {"roto_client", "roto_shapes"}
print(len(new) - ours, sorted(foreign), sorted(new & {"asyncio", "ssl", "http.client", "socket"}))
"""
    count, rest = python(code).split(" ", 1)
    assert rest.strip() == "[] []"
    assert int(count) < 120


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["submit", "--help"]])
def test_the_installed_script(arguments: list[str]) -> None:
    script = Path(sys.executable).with_name("roto")
    done = subprocess.run(
        [script, *arguments], capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "COLUMNS": "120"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_api_names_match_what_it_exports() -> None:
    from roto_client import api

    public = {
        name
        for name, value in vars(api).items()
        if not name.startswith("_") and getattr(value, "__module__", "").startswith("roto_client")
    }
    assert public == set(api.__all__)


def test_threads_end(run: Run, server: FakeServer, plate: Path) -> None:
    """A CLI call leaves no thread of ours behind."""
    finish_jobs(server)
    before = {thread.name for thread in threading.enumerate()}
    assert run("submit", plate, *CLICK).exit_code == 0
    ours = {t.name for t in threading.enumerate()} - before
    assert not [name for name in ours if name.startswith("roto")]


@pytest.mark.skipif(shutil.which("python3.9") is None, reason="no Python 3.9 here")
def test_the_library_works_in_the_oldest_hosts_python() -> None:
    """Nuke 14 brings Python 3.9; syntax is vermin's, this is the import for real."""
    code = """
import sys
sys.path.insert(0, sys.argv[1])
from roto_client.api import Progress, RotoClient, SubmitRequest
import roto_client.api.config, roto_shapes.formats
print(Progress.from_json({"done": 1, "total": 2}).fraction, RotoClient("http://h:1/", "k").server)
"""
    source = Path(cli.__file__).parents[2]
    done = subprocess.run(
        ["python3.9", "-I", "-c", code, source], capture_output=True, text=True, check=False
    )
    if done.returncode == 127:
        pytest.skip("python3.9 is a version manager's name for nothing")
    assert done.stdout == "0.5 http://h:1\n", done.stderr
