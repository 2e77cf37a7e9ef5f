"""The programs artists use, signed in by a code at a studio's real server: `roto`, hosts, errors.

What the server does with codes is in test_device; here it is what the programs do with the server.
"""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from helpers_people import ROTO, House, Person, running_house
from helpers_signing_in import person_with_password, signed_in
from sqlalchemy import update

from roto_client.api import RotoClient, SubmitRequest, Submitter
from roto_client.api.errors import AccessError, ConflictError, SignInError
from roto_client.api.request import ObjectPrompts
from roto_client.api.transport import Transport
from roto_client.hosts import CodeShown, Desk, HostMemory, HostRequest
from roto_server.access.tokens import token_digest
from roto_server.db.models import Token
from roto_server.db.types import utc_now
from roto_shapes.errors import RotoError
from roto_shapes.prompts import Click, FramePrompt

pytestmark = pytest.mark.one_database

HERO = ObjectPrompts("hero", (FramePrompt(1001, (Click(20.0, 10.0),)),))


def approve(house: House, person: Person, code: str, *, yes: bool = True) -> None:
    """What the page of the browser does for whoever is signed in there."""
    with signed_in(house, person) as browser:
        answer = browser.post(f"/auth/device/{code}/decision", json={"approve": yes})
    assert answer.status_code == 204, answer.text


def let_expire(house: House, key: str) -> None:
    with house.database.session() as session:
        session.execute(
            update(Token)
            .where(Token.sha256 == token_digest(key))
            .values(expires_at=utc_now() - timedelta(seconds=1))
        )


class Machine:
    """An artist's machine nobody signed in on: what `roto` says there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ROTO_")}
        places = {
            name: str(folder / name)
            for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")
        }
        self.environment = {
            **kept, **places, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "COLUMNS": "200",
        }  # fmt: skip
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            self.environment.pop(name, None)

    def roto(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*ROTO, *words], env=self.environment, capture_output=True, text=True, check=False
        )

    def login(self, house: House) -> tuple[subprocess.Popen[str], str]:
        """`roto login`, waiting, and the code it shows."""
        process = subprocess.Popen(
            [*ROTO, "login", "--server", house.url],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stderr is not None
        told = ""
        for line in process.stderr:
            told += line
            found = re.search(r"enter the code +(\S+)", line)
            if found:
                assert f"{house.url}/device" in told
                return process, found.group(1)
        raise AssertionError(told)

    @property
    def key(self) -> str:
        (kept,) = json.loads(
            (self.folder / "XDG_CONFIG_HOME/megaton-roto/api-keys.json").read_text()
        ).values()
        return str(kept)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_roto_login_in_a_browser_and_again_when_the_key_has_expired(
    house: House, machine: Machine
) -> None:
    ann = person_with_password(house)
    process, code = machine.login(house)
    approve(house, ann, code)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert f"as {ann.name}" in out
    key = machine.key
    assert key not in out + err
    assert machine.roto("jobs").returncode == 0, "neither server nor key need be named again"
    with RotoClient(house.url, key).transport.send("GET", "/users/me") as answer:
        assert answer.json()["id"] == ann.id

    let_expire(house, key)
    refused = machine.roto("jobs")
    assert refused.returncode == 2
    assert "expired" in refused.stderr
    assert "roto login" in refused.stderr
    assert key not in refused.stderr

    process, code = machine.login(house)
    approve(house, ann, code)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert machine.key != key
    assert machine.roto("jobs").returncode == 0


def test_roto_login_that_is_refused(house: House, machine: Machine) -> None:
    ann = person_with_password(house)
    process, code = machine.login(house)
    approve(house, ann, code, yes=False)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "refused" in err
    assert re.search(r"request [0-9a-f]{32} \(access_denied\)", err)


class Seat:
    """A host with a desk; the test is its main thread."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in list(os.environ):
            if name.startswith("ROTO_"):
                monkeypatch.delenv(name)
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
            monkeypatch.setenv(name, str(folder / name))
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        self._calls: queue.Queue[Callable[[], None]] = queue.Queue()
        self.desk = Desk("nuke", self._calls.put, memory=HostMemory("nuke", folder), pause=0.1)
        self.shown: list[CodeShown] = []
        self.errors: list[RotoError] = []
        self.done = 0

    def sign_in(self, house: House) -> CodeShown:
        self.shown.clear()
        self.desk.sign_in_by_code(house.url, self._done, self.errors.append, show=self.shown.append)
        self.until(lambda: self.shown, "the code")
        return self.shown[0]

    def _done(self, nothing: None) -> None:
        self.done += 1

    def until(self, condition: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, (what, self.desk.state, self.errors)
            while not self._calls.empty():
                self._calls.get_nowait()()
            time.sleep(0.02)


def test_a_host_signs_in_and_again_when_its_key_has_expired(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = person_with_password(house)
    seat = Seat(tmp_path, monkeypatch)
    shown = seat.sign_in(house)
    assert (shown.server, shown.address) == (house.url, f"{house.url}/device")
    assert 0 < shown.seconds_left() <= 600
    approve(house, ann, shown.code)
    seat.until(lambda: seat.desk.state.server.status == "ready", "the farm")
    assert seat.desk.state.sign_in is None

    keys = tmp_path / "XDG_CONFIG_HOME/megaton-roto/api-keys.json"
    (first,) = json.loads(keys.read_text()).values()
    let_expire(house, first)
    seat.desk.list_jobs(lambda rows: None, seat.errors.append)
    seat.until(lambda: seat.desk.state.server.status == "refused", "the refusal")
    assert "expired" in seat.desk.state.server.error
    assert seat.desk.state.server.hint == "Sign in again."
    seat.until(lambda: seat.errors, "the answer to the press")
    assert seat.errors[-1].hint == "Sign in again."

    approve(house, ann, seat.sign_in(house).code)
    seat.until(lambda: seat.desk.state.server.status == "ready", "the farm")
    seat.until(lambda: seat.done == 2, "the answer")
    (second,) = json.loads(keys.read_text()).values()
    assert second != first
    seat.desk.close()


def test_a_code_that_is_stopped_gives_no_key(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = person_with_password(house)
    seat = Seat(tmp_path, monkeypatch)
    code = seat.sign_in(house).code
    seat.desk.stop_sign_in()
    approve(house, ann, code)
    time.sleep(1.0)
    seat.until(lambda: True, "what was posted")
    assert (seat.done, seat.errors) == (0, [])
    assert not (tmp_path / "XDG_CONFIG_HOME/megaton-roto/api-keys.json").exists()
    seat.desk.close()


# -- projects of people


def plate(house: House, name: str) -> str:
    folder = house.plates / name
    folder.mkdir(parents=True)
    for frame in range(1001, 1004):
        (folder / f"{name}.{frame}.png").write_bytes(b"picture")
    return str(folder / f"{name}.%04d.png")


def test_an_artist_without_a_project_is_told_whom_to_ask(house: House) -> None:
    artist = house.person("artist")
    request = SubmitRequest(plate(house, "nobodys"), (HERO,), project="nobodys show")
    with pytest.raises(AccessError, match="no project 'nobodys show' that you work on") as caught:
        Submitter(RotoClient(house.url, artist.key)).submit(request)
    assert caught.value.code == "forbidden"
    assert "supervisor" in caught.value.hint


def test_of_two_projects_of_a_name_an_administrator_is_given_none(house: House) -> None:
    for _ in range(2):
        RotoClient(house.url, house.person("supervisor").key).create_project("twins")
    request = SubmitRequest(plate(house, "twins"), (HERO,), project="twins")
    with pytest.raises(ConflictError, match="2 projects named 'twins'") as caught:
        Submitter(RotoClient(house.url, house.admin.key)).submit(request)
    assert len(caught.value.detail["projects"]) == 2


# -- a server that is there, only not right now


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose keys may ask three times a second."""
    folder = tmp_path_factory.mktemp("hurried")
    url = f"sqlite:///{folder / 'roto.db'}"
    with running_house(folder, url, ROTO_LIMIT_KEY="3/second") as house:
        yield house


def test_a_client_waits_as_long_as_a_limit_says(hurried: House) -> None:
    artist = hurried.person("artist")
    told: list[tuple[str, float]] = []
    transport = Transport(
        hurried.url,
        artist.key,
        waiting=lambda error, seconds: told.append((error.code, seconds)),
    )
    client = RotoClient("", None, transport=transport)
    for _ in range(10):
        client.probe()
    assert {code for code, _ in told} == {"rate_limited"}
    assert all(0 < seconds <= 2 for _, seconds in told)


def test_during_maintenance_a_host_says_so_and_stays_connected(
    hurried: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artist = hurried.person("supervisor")
    seat = Seat(tmp_path, monkeypatch)
    seat.desk.sign_in(hurried.url, artist.key, seat._done, seat.errors.append)
    seat.until(lambda: seat.done, "the farm")
    with hurried.client(hurried.admin.key) as admin:
        on = {"on": True, "message": "New disks."}
        assert admin.put("/admin/maintenance", json=on).status_code == 200
        try:
            request = HostRequest(plate(hurried, "waits"), (HERO,), project="waits")
            task = seat.desk.submit(request, lambda row: None, seat.errors.append)
            seat.until(lambda: "New disks; trying again in" in seat.desk.state.busy, "the reason")
            assert seat.desk.state.server.status == "ready"
            task.cancel()
            seat.until(lambda: seat.desk.state.busy == "", "the end")
        finally:
            assert admin.put("/admin/maintenance", json={"on": False}).status_code == 200
    assert seat.errors == []
    seat.desk.close()


# -- which request was it


def test_the_requests_own_id_is_in_the_servers_log_and_in_the_error(house: House) -> None:
    with pytest.raises(SignInError) as caught:
        RotoClient(house.url, "roto_wrong").probe()
    assert re.fullmatch("[0-9a-f]{32}", caught.value.request_id)
    log = house.processes[0].log
    deadline = time.monotonic() + 60
    while caught.value.request_id not in log.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline, "the id is not in the server's log"
        time.sleep(0.05)
