"""Signing in through the artist's browser, as every host does it."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from helpers_client import TOKEN, FakeServer, answering, matching, running
from helpers_desk import Answer
from helpers_studio_server import Studio, held, silent

from roto_client.api.config import config_file, stored_key
from roto_client.hosts import CodeShown, Desk, HostMemory, connecting


@pytest.fixture(autouse=True)
def no_key(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine nobody signed in on; codes are asked about without the second between."""
    monkeypatch.delenv("ROTO_API_KEY")
    monkeypatch.delenv("ROTO_SERVER")
    monkeypatch.setattr("roto_client.api.device._SHORTEST", 0.02)


class Signing:
    """The button of a host, pressed."""

    def __init__(self, studio: Studio, server: str | None = None) -> None:
        self.answer = Answer(studio.main)
        self.shown: list[CodeShown] = []
        self.task = studio.desk.sign_in_by_code(
            studio.server.url if server is None else server, *self.answer.callbacks, show=self._show
        )

    def _show(self, shown: CodeShown) -> None:
        assert threading.current_thread() is threading.main_thread()
        self.shown.append(shown)


def test_a_code_is_shown_and_then_the_host_is_signed_in(studio: Studio) -> None:
    device = studio.server.device
    device.waits = True
    signing = Signing(studio)
    studio.until(lambda: signing.shown, "the code")
    (shown,) = signing.shown
    assert studio.desk.state.sign_in == shown
    assert (shown.code, shown.address) == ("BCDF-GHJK", f"{studio.server.url}/device")
    assert shown.address_with_code.endswith("?code=BCDF-GHJK")
    assert 0 < shown.seconds_left() <= 600
    assert device.SECRET not in repr(studio.desk.state)
    assert device.names[0].startswith("Test")
    studio.until(lambda: device.questions > 3, "some questions")
    assert studio.desk.state.server.status == "offline", "nothing is ready yet"
    device.waits = False
    assert signing.answer.result("the approval") is None
    studio.is_("ready")
    assert studio.desk.state.sign_in is None
    assert (stored_key(studio.server.url) or ("",))[0] == TOKEN
    assert studio.submitted().id
    later = studio.open_desk()
    later.connect()
    studio.until(lambda: later.state.server.status == "ready", "the next start needs no sign-in")
    later.close()


def test_without_an_address_it_is_the_server_that_settings_name(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = Signing(studio, "").answer.error()
    assert error.message == "Which server? No address is given."
    assert "https://" in error.hint
    monkeypatch.setenv("ROTO_SERVER", studio.server.url)
    Signing(studio, "").answer.result()
    studio.is_("ready")


# -- what was asked before one's mind was changed


@pytest.fixture
def key(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that somebody signed in on."""
    monkeypatch.setenv("ROTO_SERVER", studio.server.url)
    monkeypatch.setenv("ROTO_API_KEY", TOKEN)


def all_looked_at(studio: Studio) -> None:
    """Every answer so far is behind us."""
    studio.until(lambda: not studio.desk.runner._tasks, "the end of what was begun")
    studio.main.pump()


@pytest.mark.usefixtures("key")
def test_a_sign_out_is_not_undone_by_an_answer_under_way(studio: Studio) -> None:
    came, go_on = held(studio.server, "GET", "/projects")
    asked = studio.asked(studio.desk.list_jobs)
    studio.until(came.is_set, "the question")
    studio.desk.sign_out()
    go_on.set()
    assert asked.error().message == "Signed out."
    assert studio.desk.state.server.status == "refused"
    assert studio.asked(studio.desk.list_jobs).error().message == "Signed out."


def test_a_sign_out_forgets_the_key_that_was_being_tried(studio: Studio) -> None:
    came, go_on = held(studio.server, "GET", "/projects")
    signing = studio.asked(studio.desk.sign_in, studio.server.url, TOKEN)
    studio.until(came.is_set, "the question")
    studio.desk.sign_out()
    go_on.set()
    all_looked_at(studio)
    assert (stored_key(studio.server.url) or ("",))[0] == ""
    assert studio.desk.state.server.status == "refused"
    assert (signing.results, signing.errors) == ([], [])


@pytest.mark.parametrize("at", ["keep", "forget"])
def test_whichever_of_sign_in_and_sign_out_was_pressed_last_counts_for_the_key(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Also when a keyring takes its time."""
    came, go_on = threading.Event(), threading.Event()
    store = connecting.store_key

    def slow(server: str, key: str) -> str:
        if bool(key) == (at == "keep"):
            came.set()
            assert go_on.wait(20)
        return store(server, key)

    monkeypatch.setattr(connecting, "store_key", slow)
    url, first = studio.server.url, Answer(studio.main)
    if at == "keep":
        studio.desk.sign_in(url, TOKEN, *first.callbacks)
        studio.until(came.is_set, "the key is being kept")
        studio.desk.sign_out()
    else:
        studio.desk.sign_out()
        studio.until(came.is_set, "the key is being forgotten")
        studio.desk.sign_in(url, TOKEN, *first.callbacks)
    go_on.set()
    all_looked_at(studio)
    kept = (stored_key(url) or ("",))[0]
    assert kept == ("" if at == "keep" else TOKEN)
    assert studio.desk.state.server.status == ("refused" if at == "keep" else "ready")


@pytest.mark.usefixtures("key")
def test_a_slower_server_does_not_take_the_place_of_the_one_turned_to(studio: Studio) -> None:
    other = FakeServer()
    with running(other):
        came, go_on = held(studio.server, "GET", "/projects")
        studio.desk.connect(studio.server.url, TOKEN)
        studio.until(came.is_set, "the first one is asked")
        studio.desk.connect(other.url, TOKEN)
        studio.is_("ready")
        go_on.set()
        all_looked_at(studio)
        assert studio.desk.state.server.server == other.url
        studio.asked(studio.desk.list_jobs).result()
        assert any("/jobs" in path for _, path in other.requests)
        assert not any("/jobs" in path for _, path in studio.server.requests)


@pytest.mark.parametrize("answer", ["access_denied", "link_expired"])
def test_a_refusal_is_told_and_keeps_nothing(studio: Studio, answer: str) -> None:
    studio.server.device.answers = ["authorization_pending", answer]
    error = Signing(studio).answer.error()
    assert error.code == answer
    assert studio.desk.state.sign_in is None
    assert stored_key(studio.server.url) is None
    assert not config_file().exists()


def test_a_code_that_runs_out_says_so(studio: Studio) -> None:
    studio.server.device.waits = True
    studio.server.device.expires_in = 0.2
    error = Signing(studio).answer.error()
    assert error.code == "link_expired"
    assert "Sign in again" in error.hint
    assert studio.desk.state.sign_in is None


def test_it_is_stopped_at_once_and_asks_no_more(studio: Studio) -> None:
    device = studio.server.device
    device.waits = True
    signing = Signing(studio)
    studio.until(lambda: signing.shown, "the code")
    with silent(studio.server):
        studio.desk.stop_sign_in()
    assert studio.desk.state.sign_in is None
    # One may have been on its way.
    asked = studio.settled(lambda: device.questions)
    device.waits = False
    time.sleep(0.2)
    studio.main.pump()
    assert device.questions == asked
    assert (signing.answer.results, signing.answer.errors) == ([], [])
    assert stored_key(studio.server.url) is None


def test_a_stop_that_comes_with_the_approval_is_still_a_stop(studio: Studio) -> None:
    came, go_on = held(studio.server, "POST", "/device/token")
    signing = Signing(studio)
    studio.until(came.is_set, "the question")
    studio.desk.stop_sign_in()
    go_on.set()
    time.sleep(0.3)
    studio.main.pump()
    assert (signing.answer.results, signing.answer.errors) == ([], [])
    assert stored_key(studio.server.url) is None
    assert studio.desk.state.server.status == "offline"


def test_a_second_press_takes_the_first_ones_place(studio: Studio) -> None:
    device = studio.server.device
    device.waits = True
    first = Signing(studio)
    studio.until(lambda: first.shown, "the first code")
    device.CODE = "ZZZZ-ZZZZ"
    second = Signing(studio)
    studio.until(lambda: second.shown, "the second code")
    time.sleep(0.1)
    assert studio.desk.state.sign_in == second.shown[0]
    device.waits = False
    second.answer.result()
    assert (first.answer.results, first.answer.errors) == ([], [])


@pytest.mark.parametrize("instead", ["sign_in", "sign_out", "close"])
def test_whatever_else_is_done_with_the_server_ends_it(studio: Studio, instead: str) -> None:
    studio.server.device.waits = True
    signing = Signing(studio)
    studio.until(lambda: signing.shown, "the code")
    if instead == "sign_in":
        by_key = Answer(studio.main)
        studio.desk.sign_in(studio.server.url, TOKEN, *by_key.callbacks)
        by_key.result()
        studio.is_("ready")
    else:
        getattr(studio.desk, instead)()
        assert studio.desk.state.server.status == (
            "refused" if instead == "sign_out" else "offline"
        )
    studio.until(lambda: studio.desk.state.sign_in is None, "the code is gone")
    asked = studio.server.device.questions
    time.sleep(0.2)
    assert studio.server.device.questions <= asked + 1


def test_no_press_waits_for_the_server(studio: Studio) -> None:
    with silent(studio.server):
        signing = Signing(studio)
    studio.until(lambda: signing.shown, "the code")


def test_a_server_that_is_away_is_said(studio: Studio) -> None:
    url = studio.server.url
    studio.go()
    error = Signing(studio, url).answer.error()
    assert error.code == "server_unavailable"
    assert "Jobs at the farm go on" in error.hint


def test_an_address_that_is_none_is_said(studio: Studio) -> None:
    assert "is not a server address" in Signing(studio, "roto.studio").answer.error().message


def test_a_key_that_expired_asks_to_sign_in_again(studio: Studio) -> None:
    Signing(studio).answer.result()
    row = studio.submitted()
    studio.server.token = "another"
    studio.is_("refused")
    assert studio.desk.state.server.hint == "Sign in again."
    studio.server.device.key = "another"
    Signing(studio).answer.result()
    studio.is_("ready")
    studio.server.jobs[row.id]["state"] = "succeeded"
    studio.until(lambda: studio.desk.state.job(row.id).ended, "it is followed as before")


# -- a server that is there, only not right now

MAINTENANCE = b'{"code": "maintenance", "message": "The server is being updated.", "hint": ""}'
TOO_MANY = b'{"code": "rate_limited", "message": "Too many requests.", "hint": ""}'


def busy(body: bytes, seconds: str) -> Any:
    return answering(429 if body is TOO_MANY else 503, headers={"Retry-After": seconds}, body=body)


@pytest.fixture
def signed_in(studio: Studio) -> Studio:
    Signing(studio).answer.result()
    studio.is_("ready")
    return studio


@pytest.mark.parametrize(
    ("body", "said"), [(MAINTENANCE, "being updated"), (TOO_MANY, "Too many requests")]
)
def test_a_submit_waits_and_says_for_what(signed_in: Studio, body: bytes, said: str) -> None:
    signed_in.server.faults.append(matching("POST", "/segment", busy(body, "1")))
    answer = signed_in.asked(signed_in.desk.submit, signed_in.request())
    signed_in.until(lambda: said in signed_in.desk.state.busy, "it is told")
    assert "; trying again in 1 s" in signed_in.desk.state.busy
    assert answer.result("the job").id
    assert signed_in.desk.state.server.status == "ready"


def test_a_press_is_not_held_up_for_long(signed_in: Studio) -> None:
    """With the client that hosts use: it waits for seconds, not for an hour."""
    row = signed_in.submitted()
    server = signed_in.server
    desk = Desk("test", signed_in.main.post, memory=HostMemory("test", signed_in.folder))
    desk.connect()
    signed_in.until(lambda: desk.state.server.status == "ready", "the server")
    server.faults.append(matching("POST", "/cancel", busy(MAINTENANCE, "3600")))
    error = signed_in.asked(desk.cancel, row.id).error()
    assert (error.code, error.message) == ("maintenance", "The server is being updated.")
    assert error.hint
    assert len([path for method, path in server.requests if path.endswith("/cancel")]) == 1
    assert desk.state.server.status == "ready", "it answers: it is not away"
    assert desk.state.notice == "", "said once, where it was pressed"
    desk.close()


def test_following_keeps_the_distance_that_is_asked_for(signed_in: Studio) -> None:
    row = signed_in.submitted()
    server = signed_in.server
    asked = ("GET", f"/api/v1/jobs/{row.id}")
    signed_in.until(lambda: server.requests.count(asked) >= 3, "it is followed")
    moments: list[float] = []

    def come(_: Any) -> bool:
        moments.append(time.monotonic())
        return False

    refusal = matching("GET", f"/jobs/{row.id}", busy(TOO_MANY, "1"))
    server.faults[:] = [come, refusal]
    signed_in.until(lambda: refusal not in server.faults, "the refusal")
    signed_in.until(lambda: "Too many requests" in signed_in.desk.state.notice, "it is said")
    assert signed_in.desk.state.server.status == "ready"
    signed_in.until(lambda: len(moments) >= 2, "it is asked for again")
    assert moments[1] - moments[0] >= 1.0
    server.jobs[row.id]["state"] = "succeeded"
    signed_in.until(lambda: signed_in.desk.state.job(row.id).ended, "it goes on")
