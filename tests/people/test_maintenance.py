"""Maintenance: people's writes wait, reading and the farm go on."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from helpers_admin import soon
from helpers_people import PASSWORD, House, Person, running_house
from sqlalchemy import select
from websockets.sync.client import connect

from helpers_services import postgres_database
from roto_client.contract import PRODUCT_VERSION
from roto_server.access.passwords import hash_password
from roto_server.db.models import Job, Task, new_id
from roto_server.db.types import utc_now


@pytest.fixture(scope="session")
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A house that is looked after again and again."""
    folder = tmp_path_factory.mktemp("looked-after")
    rings = {"ROTO_RING_AFTER_SECONDS": "0.5", "ROTO_RECONCILE_SECONDS": "0.2"}
    if request.param == "sqlite":
        with running_house(folder, f"sqlite:///{folder / 'roto.db'}", **rings) as house:
            yield house
        return
    uri: str = request.getfixturevalue("postgres")
    with postgres_database(uri) as url, running_house(folder, url, servers=2, **rings) as house:
        yield house


@contextmanager
def maintenance(house: House, **says: Any) -> Iterator[dict[str, Any]]:
    """On while the block runs, on every process."""
    with house.client(house.admin.key) as admin:
        answer = admin.put("/admin/maintenance", json={"on": True, **says})
        assert answer.status_code == 200, answer.text
        try:
            _everywhere(house, on=True)
            yield answer.json()
        finally:
            assert admin.put("/admin/maintenance", json={"on": False}).json()["on"] is False
        _everywhere(house, on=False)


def _everywhere(house: House, *, on: bool) -> None:
    """Return once every process knows."""

    def told(process: int) -> bool:
        with house.client(house.admin.key, process) as admin:
            return bool(admin.get("/notices").json()["maintenance"]["on"])

    soon(lambda: all(told(process) is on for process in range(len(house.processes))))


def artist(house: House) -> Person:
    return house.person(
        "artist", password_hash=hash_password(PASSWORD), email_confirmed_at=utc_now()
    )


def test_writes_wait_on_every_process_and_reading_goes_on(house: House) -> None:
    ada = artist(house)
    project = house.project((ada, "artist"))
    shot = house.shot(project, ada)
    until = utc_now() + timedelta(seconds=90)
    with maintenance(house, message="New disks.", until=until.isoformat()):
        for process in range(len(house.processes)):
            with house.client(ada.key, process) as client:
                assert client.get("/projects").status_code == 200
                assert client.get(f"/shots/{shot}").status_code == 200
                for refused in (
                    client.post(f"/shots/{shot}/objects", json={"name": "hero"}),
                    client.patch(f"/projects/{project}", json={"name": "x"}),
                    client.delete(f"/api-keys/{new_id()}"),
                ):
                    assert refused.status_code == 503, refused.text
                    body = refused.json()
                    assert body["code"] == "maintenance"
                    assert "New disks." in body["message"]
                    assert 30 <= int(refused.headers["Retry-After"]) <= 90
    with house.client(ada.key) as client:
        made = client.post(f"/shots/{shot}/objects", json={"name": "hero"})
        assert made.status_code == 201, made.text


def test_administrators_go_on(house: House) -> None:
    with maintenance(house), house.client(house.admin.key) as admin:
        made = admin.post("/projects", json={"name": f"show {uuid.uuid4().hex}"})
        assert made.status_code == 201


def test_signing_in_and_out_goes_on_and_registering_waits(house: House) -> None:
    ada = artist(house)
    registration = {"email": f"{uuid.uuid4().hex[:9]}@studio.example", "name": "x",
                    "password": PASSWORD}  # fmt: skip
    with maintenance(house), house.client() as visitor:
        signed_in = visitor.post("/auth/login", json={"email": ada.email, "password": PASSWORD})
        assert signed_in.status_code == 200
        with house.client(signed_in.json()["access_token"]) as client:
            assert client.post("/auth/tickets").status_code == 200
            assert client.post("/auth/logout").status_code == 204
        refused = visitor.post("/auth/register", json=registration)
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "30"
        forgot = visitor.post("/auth/password/forgot", json={"email": ada.email})
        assert forgot.status_code == 503
    with house.client() as visitor:
        assert visitor.post("/auth/register", json=registration).status_code == 202


def test_everybody_is_told_and_the_server_stays_ready(house: House) -> None:
    ada = artist(house)
    last = len(house.processes) - 1
    address = house.processes[last].url.replace("http", "ws") + "/api/v1/events"
    headers = {"Authorization": f"Bearer {ada.key}"}
    with connect(address, additional_headers=headers, open_timeout=60) as socket:
        assert json.loads(socket.recv(timeout=60))["kind"] == "hello"
        with maintenance(house, message="New disks.") as told:
            heard = json.loads(socket.recv(timeout=60))
            while heard["kind"] != "server.maintenance":
                heard = json.loads(socket.recv(timeout=60))
            assert heard["payload"]["on"] is True
            assert heard["payload"]["message"] == "New disks."
            with house.client(ada.key, last) as client:
                assert client.get("/notices").json()["maintenance"] == told
            ready = httpx.get(house.processes[last].url + "/readyz", timeout=60)
            assert ready.status_code == 200
            assert "New disks." in ready.json()["checks"]["maintenance"]["message"]
        heard = json.loads(socket.recv(timeout=60))
        while heard["kind"] != "server.maintenance":
            heard = json.loads(socket.recv(timeout=60))
        assert heard["payload"]["on"] is False
    checks = httpx.get(house.url + "/readyz", timeout=60).json()["checks"]
    assert checks["maintenance"]["message"] == "off"


def test_it_is_in_the_audit_log(house: House) -> None:
    with maintenance(house, message="Audited."), house.client(house.admin.key) as admin:
        [entry] = admin.get("/audit?action=maintenance.&limit=1").json()["items"]
        assert (entry["action"], entry["after"]["message"]) == ("maintenance.on", "Audited.")
    with house.client(house.admin.key) as admin:
        [entry] = admin.get("/audit?action=maintenance.&limit=1").json()["items"]
    assert (entry["action"], entry["before"]["message"]) == ("maintenance.off", "Audited.")


class Worker:
    """A CPU worker slot that registers and claims."""

    def __init__(self, house: House) -> None:
        self._house = house
        node = new_id()[:8]
        self.me = {"worker_id": f"{node}:0", "boot_id": new_id()}
        slot = {
            "version": PRODUCT_VERSION, "node": node, "slot": 0, "boot_id": self.me["boot_id"],
            "queues": ["cpu"], "kinds": ["ingest"], "engines": [], "device": "cpu",
        }  # fmt: skip
        registered = self.say("/workers", slot)
        assert registered.json()["worker_id"] == self.me["worker_id"]

    def say(self, path: str, body: dict[str, Any], token: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self._house.farm_token}"}
        url = f"{self._house.url}/api/v1/farm{path}"
        return httpx.post(url, json=body, headers=headers, timeout=30)

    def claim(self, task: str) -> httpx.Response:
        return self.say(f"/tasks/{task}/claim", self.me)


def submitted(house: House) -> str:
    """The id of the ingest task of a new shot."""
    folder = house.plates / uuid.uuid4().hex
    folder.mkdir(parents=True)
    (folder / "plate.1001.png").write_bytes(b"\x89PNG")
    project = house.project()
    with house.client(house.admin.key) as admin:
        body = {"name": "sh010", "plate": {"path": str(folder / "plate.%04d.png")}}
        shot = admin.post(f"/projects/{project}/shots", json=body)
        assert shot.status_code == 201, shot.text
    with house.database.reading() as session:
        query = select(Task.id).join(Job).where(Job.shot_id == shot.json()["id"])
        return str(session.scalars(query).one())


def test_the_farm_goes_on(house: House) -> None:
    task = submitted(house)
    worker = Worker(house)
    with maintenance(house):
        claimed = worker.claim(task)
        assert claimed.status_code == 200, claimed.text


def test_the_farm_waits_when_asked_to_and_finishes_what_it_runs(house: House) -> None:
    running, waiting = submitted(house), submitted(house)
    worker, other = Worker(house), Worker(house)
    claimed = worker.claim(running)
    assert claimed.status_code == 200, claimed.text
    attempt = claimed.json()["attempt_id"]
    token = claimed.headers.get("X-Roto-Task-Token", house.farm_token)
    with maintenance(house, farm_waits=True):
        refused = other.claim(waiting)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_claimable")
        beat = worker.say(
            f"/attempts/{attempt}/heartbeat", {"progress": {"done": 0, "total": 1}}, token
        )
        assert beat.status_code == 200, beat.text
        assert beat.json()["action"] == "continue"
        rung = _rung(house, waiting)
        time.sleep(1.5)
        assert _rung(house, waiting) == rung
    soon(lambda: _rung(house, waiting) != rung)
    assert other.claim(waiting).status_code == 200


def _rung(house: House, task: str) -> object:
    with house.database.reading() as session:
        return session.get_one(Task, task).rung_at


@pytest.mark.parametrize("role", ["supervisor", "viewer"])
def test_nobody_else_turns_it_on(house: House, role: str) -> None:
    person = house.person(role)
    with house.client(person.key) as client:
        assert client.get("/admin/maintenance").status_code == 403
        assert client.put("/admin/maintenance", json={"on": True}).status_code == 403
        assert client.get("/notices").json()["maintenance"]["on"] is False


def test_what_contradicts_itself_is_refused(house: House) -> None:
    with house.client(house.admin.key) as admin:
        for body in (
            {"on": False, "message": "x"},
            {"on": True, "until": "2026-12-01T10:00:00"},
            {"on": True, "message": "a\x00b"},
        ):
            assert admin.put("/admin/maintenance", json=body).status_code == 422
