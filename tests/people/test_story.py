"""One studio's day, from outside: people at mails, browsers and `roto`, a worker, an administrator.

An artist registers, confirms by the mail that came, signs in a program by a code, and submits; the
studio's own people come in by OpenID; a viewer can do none of it; a stolen refresh token ends its
family; and the audit log tells it all.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from helpers_oidc import NAME, Browser, as_setting, running_provider
from helpers_people import PASSWORD, ROTO, House, running_house
from helpers_signing_in import person_with_password, signed_in

from helpers_services import link_token
from roto_server.audit import broken
from roto_worker.synthetic.clip import Clip, generate_clip

pytestmark = pytest.mark.timeout(900)

ANN = "ann@studio.example"
BEN = "ben@studio.example"


@pytest.fixture
def studio(empty_database: str, tmp_path: Path) -> Iterator[House]:
    """A house whose people also come from the studio's own OpenID provider."""
    with running_provider() as provider:
        provider.person("ben", email=BEN, email_verified=True, name="Ben")
        settings = {
            **as_setting(provider.entry(new_people=True, role="viewer")),
            "ROTO_DEVICE_POLL_SECONDS": "0.5",
        }
        with running_house(tmp_path / "house", empty_database, **settings) as house:
            yield house


@contextmanager
def a_worker(house: House) -> Iterator[None]:
    """A worker with nothing but the farm token and the shared folders."""
    token = house.folder / "farm-token"
    token.write_text(house.farm_token, encoding="utf-8")
    command = [*ROTO, "worker", "--server", house.url, "--node", "node", "--slot", "0",
               "--scratch", str(house.folder / "scratch"), "--drain-seconds", "1"]  # fmt: skip
    environment = {**_plain(), "ROTO_FARM_TOKEN_FILE": str(token),
                   "ROTO_REDIS_URL": house.environment["ROTO_REDIS_URL"]}  # fmt: skip
    with (house.folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(60)


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name[:5] != "ROTO_"}


class Machine:
    """An artist's workstation: `roto` with a home of its own."""

    def __init__(self, house: House, home: Path) -> None:
        home.mkdir()
        self.house = house
        self.environment = {
            **_plain(), "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }  # fmt: skip

    def begin_login(self) -> tuple[subprocess.Popen[str], str]:
        """`roto login`, waiting; and the code that it shows."""
        login = subprocess.Popen(
            [*ROTO, "login", "--server", self.house.url, "--no-browser"],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert login.stderr is not None
        for line in login.stderr:
            if found := re.search(r"enter the code\s+([A-Z]{4}-[A-Z]{4})", line):
                return login, found[1]
        raise AssertionError("no code was shown")

    def roto(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A `roto` command run to its end."""
        return subprocess.run(
            [*ROTO, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )


def register(house: House) -> str:
    """Ann's account, confirmed by what came in her mail, and her access token."""
    with house.client() as client:
        body = {"email": ANN, "name": "Ann", "password": PASSWORD}
        assert client.post("/auth/register", json=body).status_code == 202
        credentials = {"email": ANN, "password": PASSWORD}
        early = client.post("/auth/login", json=credentials)
        assert early.status_code in (401, 403), early.text
        token = link_token(house.mails.wait(ANN))
        assert client.post("/auth/confirm", json={"token": token}).status_code == 204
        again = client.post("/auth/confirm", json={"token": token})
        assert (again.status_code, again.json()["code"]) == (410, "link_expired")
        answer = client.post("/auth/login", json=credentials)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])


def approve(house: House, access_token: str, user_code: str) -> None:
    """What the page behind the code does for a person who says yes."""
    with house.client(access_token) as browser:
        asked = browser.get(f"/auth/device/{user_code}")
        assert asked.status_code == 200, asked.text
        answer = browser.post(f"/auth/device/{user_code}/decision", json={"approve": True})
        assert answer.status_code < 300, answer.text


def submission(clip: Clip) -> list[str]:
    """`roto submit` of the clip's own object into the project ``show``."""
    # The bundle is small: flow, mattes and Nuke's shapes.
    prompt = clip.prompt
    options = ["submit", clip.pattern, "--project", "show", "--shot", "sh010", "--object", "hero",
               "--engine", "flow", "--export", "nuke"]  # fmt: skip
    for point in prompt["points"]:
        kind = "--point" if point["positive"] else "--negative"
        options += [kind, f"hero@{prompt['frame']}:{point['x']},{point['y']}"]
    if prompt.get("box"):
        box = ",".join(str(edge) for edge in prompt["box"])
        options += ["--box", f"hero@{prompt['frame']}:{box}"]
    return options


def by_openid(house: House) -> httpx.Client:
    """Ben's client, after his browser was at the studio's provider and back."""
    browser = Browser(house)
    assert "problem" not in browser.sign_in("ben")
    fresh = browser.refresh()
    assert fresh.status_code == 200, fresh.text
    return house.client(browser.http.cookies["roto_access"])


def test_a_day_at_the_studio(studio: House, tmp_path: Path) -> None:
    clip = generate_clip(studio.plates / "sh010", 160, 120, 8)
    ann = register(studio)
    machine = Machine(studio, tmp_path / "ann")
    login, code = machine.begin_login()
    approve(studio, ann, code)
    out, err = login.communicate(timeout=60)
    assert login.returncode == 0, out + err
    assert "as Ann" in out

    refused = machine.roto(*submission(clip))
    assert refused.returncode != 0
    assert "supervisor" in refused.stderr, refused.stderr

    boss = person_with_password(studio, "supervisor", name="The supervisor")
    with signed_in(studio, boss) as client:
        project = client.post("/projects", json={"name": "show"}).json()["id"]
        member = client.post(f"/projects/{project}/members", json={"email": ANN, "role": "artist"})
        assert member.status_code == 201, member.text

    with a_worker(studio):
        done = machine.roto(*submission(clip), "--out", str(tmp_path / "out"))
        log = (studio.folder / "worker.log").read_text(encoding="utf-8")
        assert done.returncode == 0, done.stderr + log[-4000:]
    assert sorted(path.suffix for path in (tmp_path / "out").rglob("*.nk")) == [".nk"]

    with by_openid(studio) as ben:
        nothing_for_a_viewer(studio, ben, project)
    a_stolen_token_burns_its_family(studio)
    the_log_tells_it(studio, project)


def nothing_for_a_viewer(house: House, ben: httpx.Client, project: str) -> None:
    """First a stranger to the project, then a viewer in it."""
    me = ben.get("/users/me").json()
    assert (me["email"], me["role"]) == (BEN, "viewer")
    assert ben.get(f"/projects/{project}").status_code == 404
    assert ben.get("/projects").json()["items"] == []
    assert ben.post("/projects", json={"name": "mine"}).status_code == 403
    with house.client(house.admin.key) as admin:
        answer = admin.post(f"/projects/{project}/members", json={"email": BEN, "role": "viewer"})
        assert answer.status_code == 201, answer.text
        shot = admin.get(f"/projects/{project}/shots").json()["items"][0]
        job = admin.get("/jobs", params={"shot_id": shot["id"]}).json()["items"][0]
    assert ben.get(f"/jobs/{job['id']}").status_code == 200
    path = f"/shots/{shot['id']}"
    prompt = {"frame": 1001, "points": [{"x": 20.5, "y": 10.5, "positive": True}]}
    body = {"objects": [{"name": "hero", "prompts": [prompt]}], "engine": "flow"}
    assert ben.post(f"{path}/segment", json=body).status_code == 403
    assert ben.post(f"{path}/export", json={"formats": ["nuke"]}).status_code == 403
    assert ben.post(f"{path}/objects", json={"name": "car"}).status_code == 403
    assert ben.post(f"/jobs/{job['id']}/retry").status_code == 403
    assert ben.get("/admin/users").status_code == 403
    assert ben.get("/audit").status_code == 403


def a_stolen_token_burns_its_family(house: House) -> None:
    """Ann signs in; somebody copies her refresh token; both it and hers end."""
    with house.client() as client:
        first = client.post("/auth/login", json={"email": ANN, "password": PASSWORD}).json()
        stolen = first["refresh_token"]
        hers = client.post("/auth/refresh", json={"refresh_token": stolen}).json()
        theirs = client.post("/auth/refresh", json={"refresh_token": stolen})
        assert theirs.status_code == 401, theirs.text
        after = client.post("/auth/refresh", json={"refresh_token": hers["refresh_token"]})
        assert after.status_code == 401, after.text
    for token in (first["access_token"], hers["access_token"]):
        with house.client(token) as client:
            assert client.get("/projects").status_code == 401


def the_log_tells_it(house: House, project: str) -> None:
    """Whose doing, and in which order; and the chain is whole."""
    with house.client(house.admin.key) as admin:
        lines = admin.get("/audit/export").text.splitlines()
        entries = [json.loads(line) for line in lines]
        people = {one["email"]: one["id"] for one in admin.get("/admin/users").json()["items"]}
    told = [(entry["actor_id"], entry["action"]) for entry in entries]
    doings = {action for who, action in told if who == people[ANN]}
    assert len(entries) == len({entry["seq"] for entry in entries})
    for what in ("user", "session", "device", "shot", "job"):
        assert any(action.startswith(f"{what}.") for action in doings), (what, sorted(doings))
    bens = [(one["action"], one["after"]) for one in entries if one["actor_id"] == people[BEN]]
    for entry in (("identity.linked", {"provider": NAME}), ("session.opened", {"kind": "oidc"})):
        assert entry in bens, bens
    reused = [entry for entry in entries if "reuse" in entry["action"] or "reused" in str(entry)]
    assert reused, sorted({entry["action"] for entry in entries})
    added = [entry for entry in entries if entry["action"].startswith("member.")]
    assert {entry["project_id"] for entry in added} == {project}
    text = "\n".join(lines)
    assert ANN not in text
    assert PASSWORD not in text
    with house.database.reading() as session:
        assert list(broken(session)) == []
