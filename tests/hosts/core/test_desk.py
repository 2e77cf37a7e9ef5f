"""The desk against a real server, Redis and worker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers_desk import Answer, MainThread
from helpers_farm import Farm

from roto_client.api.client import RotoClient
from roto_client.hosts import (
    Desk,
    DeskState,
    HostCorrection,
    HostEdit,
    HostRequest,
    NewestMask,
    ObjectPrompts,
)
from roto_shapes.document import Document
from roto_shapes.prompts import Click, FramePrompt

pytestmark = pytest.mark.farm


def request_of(clip: Any, **facts: Any) -> HostRequest:
    prompt = FramePrompt.from_json(clip.prompt)
    return HostRequest(
        plate=str(clip.pattern),
        objects=(ObjectPrompts("hero", (prompt,)),),
        project="show",
        frame_range=clip.frame_range,
        engine="flow",
        exports=("json",),
        width=160,
        height=120,
        **facts,
    )


def test_submit_follow_and_fetch(farm: Farm, desk: Desk, main: MainThread, tmp_path: Path) -> None:
    seen: list[DeskState] = []
    desk.subscribe(seen.append)
    clip = farm.clip()
    sent = Answer(main)
    desk.submit(request_of(clip), *sent.callbacks)
    row = sent.result()
    assert (row.version, row.objects) == (1, ("hero",))
    main.until(lambda: desk.state.job(row.id).state == "succeeded", "the job")
    fetched = Answer(main)
    desk.fetch(row.id, *fetched.callbacks, folder=tmp_path / "home")
    result = fetched.result()
    assert [layer.name for layer in result.document.layers] == ["hero"]
    mattes = result.mattes["hero"]
    assert (mattes.first, mattes.last) == clip.frame_range
    for frame in range(mattes.first, mattes.last + 1):
        assert Path(mattes.pattern % frame).stat().st_size > 100
    assert result.changed is None
    main.until(
        lambda: any(row.state == "succeeded" for state in seen for row in state.jobs),
        "the panel is told, a moment later",
    )
    assert {state.server.status for state in seen} >= {"ready"}
    light = Answer(main)
    desk.fetch(row.id, *light.callbacks, folder=tmp_path / "none", mattes=False)
    assert light.result().mattes == {}
    assert not (tmp_path / "none").exists()


def test_a_correction_is_the_next_version(farm: Farm, desk: Desk, main: MainThread) -> None:
    clip = farm.clip()
    sent = Answer(main)
    desk.submit(request_of(clip), *sent.callbacks)
    row = sent.result()
    main.until(lambda: desk.state.job(row.id).ended, "the job")
    last = clip.frame_range[1]
    bases: list[Document] = []

    def edits(base: Document) -> list[HostEdit]:
        bases.append(base)
        x, y = base.layers[0].shapes[0].keys[0].points[0][:2]
        return [HostEdit("hero", prompts=(FramePrompt(last, (Click(x, y, False),)),))]

    corrected = Answer(main)
    desk.correct(HostCorrection(row.shot_id, 1, edits), *corrected.callbacks)
    new = corrected.result()
    assert (new.version, new.base_version) == (2, 1)
    main.until(lambda: desk.state.job(new.id).ended, "the correction")
    assert desk.state.job(new.id).state == "succeeded", desk.state.job(new.id)
    fetched = Answer(main)
    desk.fetch(new.id, *fetched.callbacks, mattes=False)
    ((first, end),) = fetched.result().changed["hero"]
    assert clip.frame_range[0] < first <= end == last
    stale = Answer(main)
    desk.correct(HostCorrection(row.shot_id, 1, edits), *stale.callbacks)
    assert stale.error().code == "conflict"
    nothing = Answer(main)
    desk.correct(HostCorrection(row.shot_id, 2, lambda base: []), *nothing.callbacks)
    assert "Nothing differs from version 2" in nothing.error().message
    assert len(bases) == 2


def test_a_preview(farm: Farm, desk: Desk, main: MainThread) -> None:
    clip = farm.clip()
    frame = clip.frame_range[0]
    answer, nothing = Answer(main), Answer(main)
    desk.preview(request_of(clip), frame, *answer.callbacks, client_key="view")
    preview = answer.result()
    assert [one.name for one in preview.objects] == ["hero"]
    assert preview.objects[0].candidates[0].png.startswith(b"\x89PNG")
    desk.preview(request_of(clip), frame + 1, *nothing.callbacks)
    assert nothing.error().code == "no_objects"


def test_a_plate_of_another_size_is_refused(farm: Farm, desk: Desk, main: MainThread) -> None:
    answer = Answer(main)
    desk.submit(replace(request_of(farm.clip()), width=80, height=60), *answer.callbacks)
    error = answer.error()
    assert "80 x 60" in error.message
    assert "160 x 120" in error.message
    assert "proxy" in error.hint
    assert desk.state.jobs == ()


def test_a_plate_that_is_gone_is_said_at_once(farm: Farm, desk: Desk, main: MainThread) -> None:
    clip = farm.clip()
    request = request_of(clip)
    Path(str(clip.pattern) % (clip.frame_range[0] + 2)).unlink()
    answer = Answer(main)
    desk.submit(request, *answer.callbacks)
    assert answer.error().code == "missing_frame"


def test_cancel_retry_log_and_the_list(farm: Farm, desk: Desk, main: MainThread) -> None:
    clip = farm.clip(frames=40)
    sent, cancelled, again, log, listed = (Answer(main) for _ in range(5))
    desk.submit(request_of(clip), *sent.callbacks)
    row = sent.result()
    desk.cancel(row.id, *cancelled.callbacks)
    assert cancelled.result().state in {"cancelling", "cancelled"}
    main.until(lambda: desk.state.job(row.id).state == "cancelled", "the end")
    desk.retry(row.id, *again.callbacks)
    assert not again.result().ended
    main.until(lambda: desk.state.job(row.id).state == "succeeded", "the job")
    desk.log(row.id, *log.callbacks)
    assert "track" in log.result()
    desk.list_jobs(*listed.callbacks, shot_id=row.shot_id)
    assert [one.id for one in listed.result()] == [row.id]
    desk.forget(row.id)
    assert desk.state.job(row.id) is None


def test_a_server_restarted_in_flight_costs_a_pause(
    farm: Farm, desk: Desk, main: MainThread
) -> None:
    sent = Answer(main)
    desk.submit(request_of(farm.clip(frames=30)), *sent.callbacks)
    row = sent.result()
    farm.kill_server()
    main.until(lambda: desk.state.server.status == "offline", "the loss")
    assert desk.state.server.error
    assert desk.state.job(row.id) is not None
    farm.start_server()
    main.until(lambda: desk.state.server.status == "ready", "the return")
    main.until(lambda: desk.state.job(row.id).state == "succeeded", "the job")


def test_a_host_closed_in_flight_finds_its_job_again(
    farm: Farm, desk: Desk, main: MainThread
) -> None:
    sent = Answer(main)
    desk.submit(request_of(farm.clip()), *sent.callbacks)
    row = sent.result()
    desk.close()
    main.pump()
    other_main = MainThread()
    other = Desk("test", other_main.post, pause=0.1)
    try:
        other.connect()
        other.follow([row.id])
        found = lambda: other.state.job(row.id)  # noqa: E731
        other_main.until(lambda: found() and found().state == "succeeded", "the job")
        assert found().shot
    finally:
        other.close()


def test_jobs_the_server_does_not_know_leave_the_list(
    farm: Farm, desk: Desk, main: MainThread
) -> None:
    sent = Answer(main)
    desk.submit(request_of(farm.clip()), *sent.callbacks)
    known = sent.result()
    desk.follow(["0" * 32])
    main.until(lambda: desk.state.job(known.id).ended, "the other job")
    assert desk.state.job("0" * 32) is None


def test_a_wrong_key_is_refused_with_what_to_do(
    farm: Farm, desk: Desk, main: MainThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ROTO_API_KEY")
    answer = Answer(main)
    desk.sign_in(farm.url, "wrong", *answer.callbacks)
    assert answer.error().code == "unauthorized"
    main.until(lambda: desk.state.server.status == "refused", "the state")
    assert "Sign in" in desk.state.server.hint
    good = Answer(main)
    desk.sign_in(farm.url, farm.api_key, *good.callbacks)
    good.result()
    main.until(lambda: desk.state.server.status == "ready", "the state")
    # Kept for the next start, which is told nothing.
    monkeypatch.delenv("ROTO_SERVER")
    later = Desk("test", main.post, pause=0.1)
    later.connect()
    main.until(lambda: later.state.server.status == "ready", "the next start")
    later.close()


def test_no_server_at_all(desk: Desk, main: MainThread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTO_SERVER", "http://127.0.0.1:9")
    desk.connect()
    main.until(lambda: desk.state.server.status == "offline", "the state")
    assert desk.state.server.error
    assert desk.state.server.hint
    answer = Answer(main)
    desk.log("0" * 32, *answer.callbacks)
    assert answer.error().code == "server_unavailable"


def test_another_version_is_refused(
    farm: Farm, main: MainThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROTO_SERVER", farm.url)
    monkeypatch.setenv("ROTO_API_KEY", farm.api_key)
    monkeypatch.setattr("roto_client.api.transport.PRODUCT_VERSION", "9.0.0")
    desk = Desk("test", main.post, make=RotoClient)
    desk.connect()
    main.until(lambda: desk.state.server.status == "refused", "the state")
    assert desk.state.server.code == "version_mismatch"
    desk.close()


def test_a_bad_track_is_seen_and_stopped_early(farm: Farm, desk: Desk, main: MainThread) -> None:
    # Of a length that is not over before the stop arrives, on a quick machine either.
    frames = 240
    clip = farm.clip(frames=frames)
    sent = Answer(main)
    desk.submit(request_of(clip), *sent.callbacks)
    row = sent.result()
    seen: list[NewestMask] = []

    def look() -> bool:
        answer = Answer(main)
        desk.newest_mask(row.id, "hero", *answer.callbacks)
        main.until(lambda: answer.results or answer.errors, "an answer")
        assert not answer.errors or answer.errors[0].code == "not_found"
        seen.extend(answer.results)
        return len({mask.frame for mask in seen}) >= 2

    main.until(look, "two frames")
    for mask in seen:
        picture = cv2.imdecode(np.frombuffer(mask.png, np.uint8), cv2.IMREAD_UNCHANGED)
        assert picture is not None
        assert picture.dtype == np.uint16
        assert picture.shape == (clip.height, clip.width)
        assert clip.frame_range[0] <= mask.frame <= clip.frame_range[1]
    stopped = Answer(main)
    desk.cancel(row.id, *stopped.callbacks)
    stopped.result()
    main.until(lambda: desk.state.job(row.id).state == "cancelled", "the end")
    assert desk.state.job(row.id).done < frames
