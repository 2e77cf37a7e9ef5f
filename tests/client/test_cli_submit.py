"""`roto submit`, and prompts as they are written on a command line."""

from __future__ import annotations

import os
import re
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from helpers_cli import CLICK, finish_jobs
from helpers_client import FakeServer, Run

from roto_client.api.errors import InputError
from roto_client.api.plates import find_plate
from roto_client.cli.prompts import PromptOptions, parse_prompts
from roto_client.cli.shots import server_path


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


def test_a_shot_that_is_there_needs_no_plate(run: Run, server: FakeServer, plate: Path) -> None:
    assert run("submit", plate, *CLICK, "--no-wait", "--shot", "s1").exit_code == 0
    again = run("submit", *CLICK, "--no-wait", "--shot", "s1")
    assert again.exit_code == 0, again.output
    assert len(server.shots) == 1
    assert len({job["shot_id"] for job in server.jobs.values()}) == 1
    nowhere = run("submit", *CLICK, "--shot", "s2")
    assert (nowhere.exit_code, "no shot 's2' in project 'default'" in nowhere.stderr) == (2, True)
    outside = run("submit", "--object", "hero", "--point", "1001:900,180", "--shot", "s1")
    assert (outside.exit_code, "outside" in outside.stderr) == (2, True)


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
    assert refused.exit_code == 2
    assert f"request {server.request_ids[-1]} (path_refused)" in refused.stderr


def test_a_failed_job_is_exit_code_1(run: Run, server: FakeServer, plate: Path) -> None:
    error = {"code": "empty_result", "message": "nothing to track", "hint": "click elsewhere"}
    finish_jobs(server, "failed", error=error)
    done = run("submit", plate, *CLICK)
    assert done.exit_code == 1
    assert "roto: nothing to track\n  click elsewhere" in done.stderr
    # The results of the stages before are there, which nobody would look for.
    job = next(one for one in server.jobs.values() if one["kind"] == "roto")["id"]
    told = " ".join(done.stderr.split())
    assert f"8 files were made before: `roto download {job} --out DIR` fetches them." in told
    assert f"`roto retry {job}` goes on" in told


@pytest.mark.skipif(sys.platform == "win32", reason="there it is a path of this machine")
@pytest.mark.parametrize(
    ("path", "told", "name"),
    [
        (r"Z:\heist\sh010.%04d.exr", r"Z:\heist\sh010.%04d.exr", "sh010"),
        (r"\\nas\heist\sh010.1001.exr", r"\\nas\heist\sh010.%04d.exr", "sh010"),
        (r"Z:\heist\clip.mov", r"Z:\heist\clip.mov", "clip"),
    ],
)
def test_a_windows_path_is_left_to_the_server(path: str, told: str, name: str) -> None:
    found = find_plate(path)
    assert (found.path, found.is_here, found.shot_name) == (told, False, name)
    assert server_path(path) == path
    assert server_path("plates") == os.path.abspath("plates")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no object"),
        (("--object", "hero"), "hero: no prompt shows"),
        (("--point", "1001:1"), "--point '1001:1' cannot be read"),
        (("--point", "1001:1,2", "--range", "9-1"), "backwards"),
        (("--point", "1001:1,2", "--mattes", "tga"), "no value for mattes"),
        (("--mask", "1001:/nowhere/m.png"), "/nowhere/m.png: No such file"),
        (("--point", "1001:1,2", "--shot", "s", "--view", "right"), "Name no plate, but with"),
    ],
)
def test_bad_input_is_exit_code_2(
    run: Run, server: FakeServer, plate: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = run("submit", plate, *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert server.requests == []


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


def test_threads_end(run: Run, server: FakeServer, plate: Path) -> None:
    """A CLI call leaves no thread of ours behind."""
    finish_jobs(server)
    before = {thread.name for thread in threading.enumerate()}
    assert run("submit", plate, *CLICK).exit_code == 0
    ours = {t.name for t in threading.enumerate()} - before
    assert not [name for name in ours if name.startswith("roto")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Neither a plate nor a shot is named."),
        (("--shot", "s", "--upload"), "not of the shot's own"),
        (("--shot", "s", "--first-frame", "1"), "not of the shot's own"),
        (("--shot", "s", "--colorspace", "ACEScg"), "not of the shot's own"),
    ],
)
def test_what_cannot_be_said_without_a_plate(
    run: Run, server: FakeServer, arguments: tuple[str, ...], message: str
) -> None:
    done = run("submit", *CLICK, *arguments)
    assert (done.exit_code, message in done.stderr) == (2, True), done.output
    assert server.requests == []


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
