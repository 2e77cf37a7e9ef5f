"""`roto login`."""

from __future__ import annotations

import pytest
from helpers_client import TOKEN, FakeServer, Run

from roto_client.api.config import config_file, stored_key


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither server nor key in the environment, and no screen for a browser."""
    for name in ("ROTO_SERVER", "ROTO_API_KEY", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a browser was asked to open."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    return opened


@pytest.mark.usefixtures("nobody")
def test_login_with_a_key(run: Run, server: FakeServer) -> None:
    wrong = run("login", "--server", server.url, "--key", "roto_wrong")
    assert (wrong.exit_code, config_file().exists()) == (2, False)
    done = run("login", "--server", server.url + "/", "--key", "-", input=f"{TOKEN}\n")
    assert done.exit_code == 0, done.output
    assert TOKEN not in done.output
    assert (stored_key(server.url) or ("",))[0] == TOKEN
    assert run("jobs").exit_code == 0


@pytest.mark.usefixtures("nobody")
def test_login_in_a_browser(
    run: Run, server: FakeServer, browser: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    server.device.answers = ["authorization_pending"]
    done = run("login", "--server", server.url)
    assert done.exit_code == 0, done.output
    assert "BCDF-GHJK" in done.stderr
    assert f"{server.url}/device " in done.stderr
    assert "10 minutes" in done.stderr
    assert browser == [f"{server.url}/device?code=BCDF-GHJK"]
    assert "as Ada Artist" in done.stdout
    assert TOKEN not in done.output
    assert server.device.SECRET not in done.output
    assert (stored_key(server.url) or ("",))[0] == TOKEN
    assert server.device.names[0].startswith("roto on ")
    assert run("jobs").exit_code == 0


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("screen", [True, False])
def test_login_without_a_browser(
    run: Run,
    server: FakeServer,
    browser: list[str],
    screen: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if screen:
        monkeypatch.setenv("DISPLAY", ":0")
    done = run("login", "--server", server.url, *["--no-browser"] * screen)
    assert done.exit_code == 0, done.output
    assert browser == []
    assert "BCDF-GHJK" in done.stderr


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("answer", ["access_denied", "link_expired"])
def test_a_login_that_is_refused_keeps_nothing(run: Run, server: FakeServer, answer: str) -> None:
    server.device.answers = [answer]
    done = run("login", "--server", server.url)
    assert done.exit_code == 2
    assert stored_key(server.url) is None
    assert not config_file().exists()
