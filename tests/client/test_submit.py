"""Plates as users name them, and the shared submitter."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from helpers_client import NOW, FakeServer, answering, cut, matching

from roto_client.api import JobError, ObjectPrompts, Progress, RotoClient, SubmitRequest, Submitter
from roto_client.api.errors import (
    AccessError,
    ConflictError,
    InputError,
    PathRefusedError,
    PlateError,
    ServerError,
    StoppedError,
)
from roto_client.api.plates import find_plate
from roto_client.api.request import check
from roto_shapes.errors import PromptError, RangeError, RotoError
from roto_shapes.prompts import Click, FramePrompt

HERO = ObjectPrompts("hero", (FramePrompt(1001, (Click(320.0, 180.0),)),), "lead", (1.0, 0.0, 0.0))


def request_for(plate: Path | str, **facts: Any) -> SubmitRequest:
    return SubmitRequest(**{"plate": str(plate), "objects": (HERO,), "project": "heist", **facts})


# -- plates


@pytest.mark.parametrize(
    "name",
    ["heist_010.%04d.png", "heist_010.####.png", "heist_010.*.png", "heist_010.1004.png", ""],
)
def test_the_ways_to_name_a_sequence(plate: Path, name: str) -> None:
    found = find_plate(str(plate.parent / name))
    assert found.path == str(plate)
    assert (found.frames[0], found.frames[-1], found.shot_name) == (1001, 1010, "heist_010")
    assert [path.name for path in found.files((1002, 1003))] == [
        "heist_010.1002.png",
        "heist_010.1003.png",
    ]


def test_a_relative_name_becomes_absolute(plate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(plate.parent)
    assert find_plate("heist_010.%04d.png").path == str(plate)


def test_movies_and_what_only_the_server_sees(tmp_path: Path) -> None:
    movie = tmp_path / "take 3 (final).mov"
    movie.touch()
    found = find_plate(str(movie))
    assert (found.is_here, found.pattern, found.range(None)) == (True, None, None)
    assert (found.shot_name, found.files(None)) == ("take 3 _final", [movie])
    away = find_plate("/mnt/elsewhere/p.%04d.exr")
    assert (away.is_here, away.frames, away.shot_name) == (False, (), "p")


def test_folders_that_hold_no_or_two_plates(plate: Path, tmp_path: Path) -> None:
    (plate.parent / "notes.txt").touch()
    (plate.parent / ".hidden.1.png").touch()
    (plate.parent / "poster.png").touch()
    assert find_plate(str(plate.parent)).path == str(plate)
    (plate.parent / "ref.mov").touch()
    with pytest.raises(PlateError, match=r"2 plates.*ref\.mov"):
        find_plate(str(plate.parent))
    (tmp_path / "empty").mkdir()
    with pytest.raises(PlateError, match="no plate"):
        find_plate(str(tmp_path / "empty"))


def test_what_is_no_plate() -> None:
    with pytest.raises(PlateError, match="neither"):
        find_plate("/x/scene.nk")
    with pytest.raises(RangeError):
        find_plate("/x/picture.png")


def test_a_hole_is_named_before_anything_is_sent(plate: Path) -> None:
    (plate.parent / "heist_010.1005.png").unlink()
    with pytest.raises(PlateError, match="1005") as caught:
        check(request_for(plate), find_plate(str(plate)))
    assert (caught.value.code, caught.value.detail["missing"]) == ("missing_frame", [1005])
    check(request_for(plate, frame_range=(1001, 1004)), find_plate(str(plate)))


# -- what is wrong with a request, said before anything is sent


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"objects": ()}, "no_objects"),
        ({"objects": (ObjectPrompts("hero", ()),)}, "no_objects"),
        ({"objects": (HERO, HERO)}, "bad_request"),
        ({"objects": (replace(HERO, name="a/b"),)}, "bad_request"),
        ({"objects": (replace(HERO, prompts=(FramePrompt(1001),)),)}, "bad_prompt"),
        ({"frame_range": (1002, 1005)}, "prompt_outside_range"),
        ({"objects": (replace(HERO, prompts=(FramePrompt(1, (Click(1, 1),)),)),)},
         "prompt_outside_range"),
        ({"frame_range": (1001, 1011)}, "range_outside_plate"),
        ({"objects": (replace(HERO, frame_range=(1005, 1009)),)}, "prompt_outside_range"),
        ({"objects": (replace(HERO, frame_range=(2001, 2009)),)}, "bad_prompt"),
        ({"outputs": ("mattes", "video")}, "bad_request"),
        ({"exports": ("fusion9",)}, "unknown_format"),
        ({"mattes": "tga"}, "bad_request"),
        ({"template": "{frame}/../x.{ext}"}, "bad_template"),
        ({"shot": " x"}, "bad_request"),
        ({"project": ""}, "bad_request"),
        ({"transfer": "pigeon"}, "bad_request"),
    ],
)  # fmt: skip
def test_bad_requests(
    client: RotoClient, server: FakeServer, plate: Path, facts: dict[str, Any], code: str
) -> None:
    with pytest.raises(RotoError) as caught:
        Submitter(client).submit(request_for(plate, **facts))
    assert caught.value.code == code
    assert server.requests == []


def test_a_click_outside_the_plate_is_known_once_its_size_is(
    client: RotoClient, server: FakeServer, plate: Path
) -> None:
    outside = ObjectPrompts("hero", (FramePrompt(1001, (Click(641.0, 10.0),)),))
    with pytest.raises(PromptError, match="hero: frame 1001") as caught:
        Submitter(client).submit(request_for(plate, objects=(outside,)))
    assert caught.value.code == "prompt_outside_plate"
    assert [job["kind"] for job in server.jobs.values()] == ["ingest"]


def test_a_range_outside_a_movie(client: RotoClient, server: FakeServer, tmp_path: Path) -> None:
    movie = tmp_path / "m.mov"
    movie.touch()
    server.on_probe["frame_range"] = [1, 40]
    thing = replace(HERO, prompts=(FramePrompt(30, (Click(1, 1),)),))
    asked = request_for(movie, objects=(thing,), frame_range=(30, 41))
    server.faults.append(matching("POST", "/shots", make_without_range))
    with pytest.raises(InputError, match="30-41 are asked for; the plate has 1-40"):
        Submitter(client).submit(asked)


def make_without_range(handler: Any) -> None:
    """A movie's range is not believed before it is read."""
    handler._body_read = False
    handler.make_shot(handler.path.split("/")[4])
    list(handler.server.shots.values())[-1]["frame_range"] = None


# -- the way to a job


def test_submit_in_place(client: RotoClient, server: FakeServer, old: Path) -> None:
    told: list[Progress] = []
    done = Submitter(client, watcher=told.append).submit(
        request_for(old, frame_range=(1001, 1004), template="{object}.{frame}.{ext}")
    )
    assert (done.in_place, done.project.name, done.shot.name) == (True, "heist", "heist_010")
    assert (done.shot.state, done.shot.plate["path"]) == ("ready", str(old))
    sent = done.job.params
    assert sent["objects"] == [
        {
            "name": "hero",
            "label": "lead",
            "color": [1.0, 0.0, 0.0],
            "prompts": [{"frame": 1001, "points": [{"x": 320.0, "y": 180.0, "positive": True}]}],
        }
    ]
    assert (sent["frame_range"], sent["exports"]) == ([1001, 1004], ["nuke", "silhouette", "json"])
    assert sent["template"] == "{object}.{frame}.{ext}"
    assert server.uploads == {}
    assert told[-1].stage in ("ingest", "")


def test_the_same_plate_is_the_same_shot(client: RotoClient, server: FakeServer, old: Path) -> None:
    submitter = Submitter(client)
    first = submitter.submit(request_for(old))
    second = submitter.submit(request_for(old, frame_range=(1001, 1003)))
    assert (first.shot.id, first.project.id) == (second.shot.id, second.project.id)
    assert first.job.id != second.job.id


def test_the_same_key_is_the_same_job(client: RotoClient, server: FakeServer, old: Path) -> None:
    server.faults.append(matching("POST", "/segment", answering(502)))
    first = Submitter(client).submit(request_for(old, key="panel-7"))
    second = Submitter(client).submit(request_for(old, key="panel-7"))
    assert first.job.id == second.job.id


def test_another_plate_another_range_or_a_new_render_is_another_shot(
    client: RotoClient, server: FakeServer, old: Path, tmp_path: Path
) -> None:
    submitter = Submitter(client)
    submitter.submit(request_for(old, frame_range=(1001, 1004)))
    assert submitter.submit(request_for(old)).shot.name == "heist_010-2"
    elsewhere = tmp_path / "other"
    elsewhere.mkdir()
    for path in old.parent.iterdir():
        (elsewhere / path.name).write_bytes(b"other")
        os.utime(elsewhere / path.name, (0, 0))
    assert submitter.submit(request_for(elsewhere / old.name)).shot.name == "heist_010-3"
    (old.parent / "heist_010.1002.png").write_bytes(b"rendered again")
    assert submitter.submit(request_for(old)).shot.name == "heist_010-4"
    with pytest.raises(ConflictError, match="another plate"):
        submitter.submit(request_for(old, shot="heist_010-3"))


def test_colour_space_and_first_frame_make_a_difference(
    client: RotoClient, server: FakeServer, old: Path
) -> None:
    submitter = Submitter(client)
    submitter.submit(request_for(old, colorspace="ACEScg", fps=(24, 1)))
    assert submitter.submit(request_for(old)).shot.name == "heist_010"
    assert submitter.submit(request_for(old, colorspace="sRGB")).shot.name == "heist_010-2"


def test_an_invalid_plate_tells_its_own_error_and_is_not_used_again(
    client: RotoClient, server: FakeServer, old: Path
) -> None:
    error = {"code": "bad_plate", "message": "frame 1003 is truncated", "hint": "render it"}
    server.on_probe = {"state": "invalid", "error": error}
    with pytest.raises(PlateError, match="truncated"):
        Submitter(client).submit(request_for(old))
    server.on_probe = {"state": "ready", "width": 640, "height": 360, "frame_range": [1001, 1010]}
    assert Submitter(client).submit(request_for(old)).shot.name == "heist_010-2"


def test_what_is_odd_about_a_new_plate_is_said_once(
    client: RotoClient, server: FakeServer, old: Path
) -> None:
    report = [
        {"code": "no_frame_rate", "level": "warning", "message": "24 is assumed", "detail": {}},
        {"code": "anamorphic", "level": "info", "message": "pixels are wide", "detail": {}},
        {"code": "interlaced", "level": "warning", "message": "it is interlaced", "detail": {}},
    ]
    server.on_probe["metadata"] = {"report": report}
    said: list[str] = []
    submitter = Submitter(client, say=said.append)
    submitter.submit(request_for(old))
    assert said == [
        "There was no project 'heist': it has been made.",
        "About the plate: 24 is assumed; it is interlaced.",
    ]
    submitter.submit(request_for(old))
    assert len(said) == 2


def test_an_ingest_job_that_ended_without_an_answer_is_not_waited_for(
    client: RotoClient, server: FakeServer, old: Path
) -> None:
    server.probes_left = 10**6

    def fail_ingest(handler: Any) -> bool:
        for job in server.jobs.values():
            job |= {"state": "failed", "error": {"code": "worker_lost", "message": "all died"}}
        return False

    server.faults.append(fail_ingest)
    with pytest.raises(JobError, match="all died"):
        Submitter(client).submit(request_for(old))


def test_waiting_can_be_given_up(client: RotoClient, server: FakeServer, old: Path) -> None:
    server.probes_left = 10**6
    stop = Event()
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(StoppedError, match="Stopped waiting"):
        Submitter(client, stop=stop).submit(request_for(old))


def test_sending_can_be_given_up_and_taken_up(
    client: RotoClient, server: FakeServer, old: Path
) -> None:
    stop = Event()

    def stop_at_third(progress: Progress) -> None:
        if progress.stage == "uploading" and progress.message == "heist_010.1003.png":
            stop.set()

    asked = request_for(old, transfer="upload")
    with pytest.raises(StoppedError, match="sending"):
        Submitter(client, stop=stop, watcher=stop_at_third).submit(asked)
    Submitter(client).submit(asked)
    assert len(server.uploads) == 1
    sent = [path for method, path in server.requests if method == "PATCH"]
    assert sum(path.endswith("files/1") for path in sent) == 1


def test_a_plate_that_no_worker_takes_up_is_remarked_on(
    client: RotoClient, server: FakeServer, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roto_client.api.submit._PATIENCE", 0.0)
    server.probes_left = 4

    def queued(handler: Any) -> bool:
        for job in server.jobs.values():
            job["state"] = "queued"
        return False

    server.faults.append(queued)
    said: list[str] = []
    Submitter(client, say=said.append).submit(request_for(old))
    assert [text for text in said if "No worker" in text] == said[1:]
    assert len(said) == 2


def test_whoever_may_make_no_project_is_told_whom_to_ask(
    client: RotoClient, server: FakeServer, old: Path
) -> None:
    server.refuse_projects = True
    with pytest.raises(AccessError, match="no project 'heist' that you work on") as caught:
        Submitter(client).submit(request_for(old))
    assert caught.value.code == "forbidden"
    assert "supervisor" in caught.value.hint
    assert caught.value.request_id == server.request_ids[-1]


def test_of_two_projects_of_a_name_none_is_taken(
    client: RotoClient, server: FakeServer, old: Path
) -> None:
    """An administrator sees what two supervisors made under the same name."""
    for ident in ("a" * 32, "b" * 32):
        server.projects[ident] = {"id": ident, "name": "heist", "allowed_roots": []}
    with pytest.raises(ConflictError, match="2 projects named 'heist'") as caught:
        Submitter(client).submit(request_for(old))
    assert caught.value.detail["projects"] == ["a" * 32, "b" * 32]
    assert "renamed" in caught.value.hint
    assert not server.shots


def test_a_project_made_by_another_in_the_same_moment(
    client: RotoClient, server: FakeServer, old: Path
) -> None:
    theirs = {"id": "b" * 32, "name": "heist", "allowed_roots": [], "created_at": NOW}

    def overtake(handler: Any) -> bool:
        if handler.command == "POST" and handler.path.endswith("/projects"):
            server.projects[theirs["id"]] = theirs
        return False

    server.faults.append(overtake)
    assert Submitter(client).submit(request_for(old)).project.id == "b" * 32


def test_a_refused_path_is_uploaded_and_said_so(
    client: RotoClient, server: FakeServer, old: Path
) -> None:
    server.refuse_paths = True
    said: list[str] = []
    told: list[Progress] = []
    submitter = Submitter(client, say=said.append, watcher=told.append)
    done = submitter.submit(request_for(old, frame_range=(1001, 1003)))
    assert (done.in_place, len(server.uploads)) == (False, 1)
    assert [len(f["files"]) for f in server.uploads.values()] == [3]
    assert "sent" in said[1]
    assert {progress.stage for progress in told} >= {"hashing", "uploading"}

    # The next job on the same pictures sends nothing.
    again = submitter.submit(request_for(old, frame_range=(1001, 1003)))
    assert (again.shot.id, len(server.uploads)) == (done.shot.id, 1)
    (old.parent / "heist_010.1002.png").write_bytes(b"rendered again")
    other = submitter.submit(request_for(old, frame_range=(1001, 1003)))
    assert (other.shot.name, len(server.uploads)) == ("heist_010-2", 2)


def test_path_only_means_path_only(client: RotoClient, server: FakeServer, old: Path) -> None:
    server.refuse_paths = True
    with pytest.raises(PathRefusedError):
        Submitter(client).submit(request_for(old, transfer="path"))
    assert server.uploads == {}


def test_upload_when_asked_for(client: RotoClient, server: FakeServer, old: Path) -> None:
    assert not Submitter(client).submit(request_for(old, transfer="upload")).in_place


def test_a_plate_that_is_not_here_cannot_be_sent(client: RotoClient, server: FakeServer) -> None:
    away = "/mnt/nowhere/p.%04d.exr"
    with pytest.raises(PlateError, match=r"There is no plate .* on this machine"):
        Submitter(client).submit(request_for(away, transfer="upload"))
    assert Submitter(client).submit(request_for(away)).in_place
    server.refuse_paths = True
    with pytest.raises(PlateError, match="There is no plate /mnt/nowhere/q"):
        Submitter(client).submit(request_for("/mnt/nowhere/q.%04d.exr"))
    with pytest.raises(PathRefusedError):
        Submitter(client).submit(request_for("/mnt/nowhere/q.%04d.exr", transfer="path"))


def test_an_upload_is_finished_after_an_interrupted_submit(
    client: RotoClient, server: FakeServer, old: Path
) -> None:
    server.refuse_paths = True
    # Not answered in any way this client understands: the first submit ends in the middle.
    server.faults.append(matching("PATCH", "files/4", answering(500)))
    with pytest.raises(ServerError):
        Submitter(client).submit(request_for(old))
    server.faults.append(matching("PATCH", "files/7", cut))
    Submitter(client).submit(request_for(old))
    assert len(server.uploads) == 1
    sent = [path for method, path in server.requests if method == "PATCH"]
    assert sum(path.endswith("files/0") for path in sent) == 1
