"""What goes wrong between an artist and the farm, and what the desk makes of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from helpers_client import answering, cut, matching
from helpers_desk import Answer
from helpers_studio_server import Studio, held

from roto_client.api import Retry
from roto_client.hosts import DeskState
from roto_shapes.errors import RotoError
from roto_shapes.prompts import Click, FramePrompt

# -- the server is away


def test_a_server_that_comes_after_the_host_is_found(studio: Studio) -> None:
    studio.go()
    studio.desk.connect()
    studio.is_("offline")
    assert "Jobs at the farm go on" in studio.desk.state.server.hint
    studio.come_back()
    studio.is_("ready")
    assert studio.desk.state.server.error == ""


def test_jobs_of_a_reopened_script_are_found_when_the_server_comes(studio: Studio) -> None:
    row = studio.submitted()
    studio.go()
    later = studio.open_desk()
    later.connect()
    later.follow([row.id])
    studio.until(lambda: later.state.server.status == "offline", "offline")
    studio.come_back()
    studio.until(lambda: later.state.job(row.id), "the job's row")
    later.close()


def test_a_submit_outlives_a_restart(studio: Studio) -> None:
    """The server goes while the plate is looked at: the artist presses nothing again."""
    studio.desk.connect()
    studio.is_("ready")
    studio.server.probes_left = 2
    came, go_on = held(studio.server, "GET", "/shots/")
    answer = studio.asked(studio.desk.submit, studio.request())
    studio.until(came.is_set, "the look at the shot")
    studio.server.drop_connections()
    studio.go()
    go_on.set()
    studio.until(lambda: "does not answer" in studio.desk.state.busy, "it is told")
    studio.come_back()
    assert answer.result("the job").shot == "heist_010"
    studio.until(lambda: studio.desk.state.busy == "", "nothing is going on any more")


def test_an_answer_that_was_lost_makes_no_second_job(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roto_client.hosts.connecting._PATIENT", Retry(tries=1))
    studio.desk.connect()
    studio.is_("ready")
    request = studio.request()
    studio.server.faults.append(matching("POST", "/segment", _made_but_cut))
    assert studio.asked(studio.desk.submit, request).error().code == "server_unavailable"
    row = studio.asked(studio.desk.submit, request).result()
    roto = [job for job in studio.server.jobs.values() if job["kind"] == "roto"]
    assert [job["id"] for job in roto] == [row.id]
    again = studio.asked(studio.desk.submit, request).result()
    assert again.id != row.id, "after an answer, another press is another job"
    other = studio.asked(studio.desk.submit, replace(request, priority="high")).result()
    assert len({row.id, again.id, other.id}) == 3


# -- the server says no


def test_a_refused_folder_says_nothing_of_the_server(studio: Studio) -> None:
    studio.desk.connect()
    studio.is_("ready")
    studio.server.refuse_paths = True
    error = studio.asked(studio.desk.submit, studio.request(transfer="path")).error()
    assert error.code == "path_refused"
    assert studio.desk.state.server.status == "ready"
    assert studio.submitted().id, "auto uploads it"


def test_a_key_that_expires_in_the_middle(studio: Studio) -> None:
    row = studio.submitted()
    studio.server.token = "another"
    studio.is_("refused")
    assert "Sign in" in studio.desk.state.server.hint
    assert studio.desk.state.job(row.id), "the job is still there"
    asked = len(studio.server.requests)
    time.sleep(0.3)
    assert len(studio.server.requests) <= asked + 1, "a bad key is not tried over and over"
    answer = Answer(studio.main)
    studio.desk.sign_in(studio.server.url, "another", answer.done, answer.failed)
    answer.result()
    studio.is_("ready")
    studio.server.jobs[row.id]["state"] = "succeeded"
    studio.until(lambda: studio.desk.state.job(row.id).state == "succeeded", "its end")


def test_signed_out_stays_signed_out(studio: Studio) -> None:
    row = studio.submitted()
    studio.desk.sign_out()
    studio.is_("refused")
    error = studio.asked(studio.desk.log, row.id).error()
    assert (error.code, error.message) == ("unauthorized", "Signed out.")
    time.sleep(0.1)
    assert studio.desk.state.server.status == "refused"


@pytest.mark.parametrize("status", [500, 200])
def test_an_answer_that_cannot_be_read_loses_no_job(studio: Studio, status: int) -> None:
    row, other = studio.submitted(), studio.submitted(shot="other")
    broken = matching("GET", f"/jobs/{row.id}", answering(status, body=b"<html>"))
    studio.server.faults.append(broken)
    studio.until(lambda: studio.desk.state.notice != "", "a notice")
    for job in (row, other):
        studio.server.jobs[job.id]["state"] = "succeeded"
        studio.until(lambda job=job: studio.desk.state.job(job.id).ended, "both end")
    assert studio.desk.state.server.status == "ready"


def test_a_job_the_server_forgot_is_said(studio: Studio) -> None:
    row = studio.submitted()
    del studio.server.jobs[row.id]
    studio.until(lambda: studio.desk.state.job(row.id) is None, "it leaves the list")
    assert row.id[:8] in studio.desk.state.notice


def test_why_a_job_failed_is_in_its_row(studio: Studio) -> None:
    """The plate was moved after it was sent."""
    row = studio.submitted()
    error = {"code": "missing_frame", "message": "Frame 1004 is not on disk.",
             "hint": "`roto doctor` tells more.", "detail": {}}  # fmt: skip
    studio.server.jobs[row.id].update(state="failed", error=error)
    studio.until(lambda: studio.desk.state.job(row.id).ended, "the end")
    ended = studio.desk.state.job(row.id)
    assert ended.error == "Frame 1004 is not on disk."
    assert "log" in ended.hint
    assert "`roto" not in ended.hint
    lost = studio.asked(studio.desk.fetch, row.id).error()
    assert (lost.code, lost.message) == ("missing_frame", "Frame 1004 is not on disk.")


# -- the artist goes, or thinks again


def test_a_cancelled_submit_is_silent_and_makes_no_job(studio: Studio) -> None:
    studio.server.refuse_paths = True
    came, go_on = held(studio.server, "PATCH", "/files/")
    answer = Answer(studio.main)
    task = studio.desk.submit(studio.request(), answer.done, answer.failed)
    studio.until(came.is_set, "the upload")
    task.cancel()
    go_on.set()
    studio.until(lambda: studio.desk.state.busy == "", "it ends")
    assert (answer.results, answer.errors) == ([], [])
    assert not studio.server.jobs
    row = studio.submitted()
    assert len(studio.server.uploads) == 1, "the upload goes on where it was"
    assert row.id in studio.server.jobs


def test_a_host_closed_while_sending_is_told_nothing(studio: Studio) -> None:
    studio.server.refuse_paths = True
    told: list[DeskState] = []
    studio.desk.subscribe(told.append)
    came, go_on = held(studio.server, "PATCH", "/files/")
    answer = studio.asked(studio.desk.submit, studio.request())
    studio.until(came.is_set, "the upload")
    studio.desk.close()
    studio.main.pump()
    told.clear()
    go_on.set()
    time.sleep(0.3)
    studio.main.pump()
    assert (answer.results, answer.errors, told) == ([], [], [])
    assert not studio.server.jobs


# -- little is asked for


def test_a_second_click_asks_for_the_mask_only(studio: Studio) -> None:
    studio.server.refuse_paths = True
    request = studio.request(transfer="upload")
    studio.asked(studio.desk.preview, request, 1003).result()
    before = len(studio.server.requests)
    studio.asked(studio.desk.preview, request, 1003).result()
    (shot,) = studio.server.shots
    assert studio.paths()[before:] == [("POST", f"/api/v1/shots/{shot}/preview")]


def test_a_picture_written_again_is_looked_at_again(studio: Studio) -> None:
    request = studio.request()
    plate = Path(request.plate)
    old = time.time() - 3600
    for path in plate.parent.iterdir():
        os.utime(path, (old, old))
    studio.asked(studio.desk.preview, request, 1003).result()
    soon = time.time() + 5
    os.utime(plate.parent / "heist_010.1003.png", (soon, soon))
    before = len(studio.server.requests)
    studio.asked(studio.desk.preview, request, 1003).result()
    assert ("POST", f"/api/v1/projects/{next(iter(studio.server.projects))}/shots") in (
        studio.paths()[before:]
    ), "another plate is another shot"


def test_a_click_outside_is_refused_whether_the_shot_is_known_or_not(studio: Studio) -> None:
    request = studio.request()
    far = FramePrompt(1003, (Click(9000.0, 30.0, True),))
    outside = replace(request, objects=(replace(request.objects[0], prompts=(far,)),))
    for _ in range(2):
        error = studio.asked(studio.desk.preview, outside, 1003).error()
        assert error.code == "prompt_outside_plate"
        studio.asked(studio.desk.preview, request, 1003).result()
    assert len(studio.server.previews) == 2


def test_attention_comes_with_the_end_of_a_job_and_is_asked_for_once(studio: Studio) -> None:
    row = studio.submitted()
    job = studio.server.jobs[row.id]
    job["params"] = {"objects": [{"id": "o", "name": "hero", "prompts": []}]}
    studio.server.masks = [
        {"object_id": "o", "job_id": row.id, "frame": frame, "confidence": confidence}
        for frame, confidence in enumerate([0.99] * 4 + [0.2, 0.1] + [0.99] * 4, start=1001)
    ]
    job["state"] = "succeeded"
    found = studio.until(lambda: studio.desk.state.job(row.id).attention, "the stretches")
    (stretch,) = found["hero"]
    assert (stretch.first, stretch.last, stretch.worst) == (1005, 1006, 1006)
    before = studio.paths().count(("GET", f"/api/v1/shots/{row.shot_id}/masks"))
    studio.desk.follow([row.id])
    time.sleep(0.2)
    assert studio.paths().count(("GET", f"/api/v1/shots/{row.shot_id}/masks")) == before
    assert studio.desk.state.job(row.id).attention == found


def test_the_list_is_in_the_order_of_the_server(studio: Studio) -> None:
    rows = [studio.submitted(shot=f"shot{number}") for number in range(3)]
    newest_first = [row.id for row in reversed(rows)]
    later = studio.open_desk()
    listed = studio.asked(later.list_jobs).result()
    assert [row.id for row in listed] == newest_first
    assert [row.id for row in later.state.jobs] == newest_first
    assert [row.shot for row in later.state.jobs] == ["shot2", "shot1", "shot0"]
    later.close()


# -- the panel


def test_a_panel_that_fails_keeps_nobody_from_being_told(studio: Studio) -> None:
    told: list[DeskState] = []

    def broken(state: DeskState) -> None:
        raise ValueError("a deleted widget")

    studio.desk.subscribe(broken)
    leave = studio.desk.subscribe(told.append)
    row = studio.submitted()
    studio.until(lambda: told and told[-1].job(row.id), "the other one is told")
    leave()
    count = len(told)
    studio.server.jobs[row.id]["state"] = "succeeded"
    studio.until(lambda: studio.desk.state.job(row.id).ended, "the end")
    assert len(told) == count


def test_a_panel_is_told_five_times_a_second_at_most(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By when the host is asked to: when it then comes to it is the machine's affair."""
    row = studio.submitted()
    moments: list[float] = []
    told: list[DeskState] = []
    studio.desk.subscribe(told.append)
    post = studio.desk._board._post

    def noted(call: Callable[[], None]) -> None:
        moments.append(time.monotonic())
        post(call)

    monkeypatch.setattr(studio.desk._board, "_post", noted)
    job = studio.server.jobs[row.id]
    job["state"] = "running"
    began = len(told)
    done = 0

    def has_come() -> bool:
        nonlocal done
        done += 1
        job["progress"] = {"stage": "track", "done": done, "total": 10**6, "fraction": 0.5}
        return len(told) >= began + 4

    studio.until(has_come, "four tellings")
    # The first may have been on its way.
    assert len(told) - began <= len(moments) + 1
    gaps = [after - before for before, after in pairwise(moments)]
    assert min(gaps) > 0.15, gaps


def test_hints_know_no_command_line(studio: Studio) -> None:
    studio.submitted(shot="hero_shot")
    other = studio.plate("another")
    error = studio.asked(studio.desk.submit, studio.request(plate=other, shot="hero_shot")).error()
    assert error.code == "conflict"
    assert error.hint
    assert "--" not in error.hint


def _made_but_cut(handler: Any) -> None:
    """The job is made, its answer is lost."""
    handler.reply = lambda *_: None
    handler._check_headers()
    handler._dispatch()
    del handler.reply
    cut(handler)


def test_a_bug_over_there_is_told_with_the_id_to_report(studio: Studio) -> None:
    studio.desk.connect()
    studio.is_("ready")
    studio.server.faults.append(matching("GET", "/jobs", answering(500)))
    error = studio.asked(studio.desk.list_jobs).error()
    assert error.code == "internal"
    assert studio.server.request_ids[-1] in error.hint
    page = answering(200, headers={"X-Roto-Version": ""}, body=b"<html>")
    studio.server.faults.append(matching("GET", "/jobs", page))
    other = studio.asked(studio.desk.list_jobs).error()
    assert "Check the address" in other.hint, "what is no server has no bug"


def test_an_error_is_an_error_of_ours(studio: Studio) -> None:
    error = studio.asked(studio.desk.fetch, "0" * 32).error()
    assert isinstance(error, RotoError)
    assert error.code == "not_found"
