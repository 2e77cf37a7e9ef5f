"""The farm API over HTTP: tokens, bodies by the contract, codes of refusals."""

from __future__ import annotations

import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from roto_server.access.stamps import Stamps
from roto_server.access.tokens import create_token
from roto_server.errors import install_error_handlers
from roto_server.farm.routes import router
from server.farm.helpers_farm_rows import Studio, make_result

BOOT = uuid.uuid4().hex
REGISTER = {
    "node": "node1", "slot": 0, "boot_id": BOOT, "version": "0.1.0", "queues": ["gpu", "cpu"],
    "kinds": ["ingest", "track", "vectorize", "export"], "engines": [], "device": "cpu",
}  # fmt: skip
ME = {"worker_id": "node1:0", "boot_id": BOOT}


@pytest.fixture
def client(studio: Studio) -> Iterator[httpx.Client]:
    with running_farm(studio) as client:
        yield client


@contextmanager
def running_farm(studio: Studio) -> Iterator[httpx.Client]:
    """The farm's rooms alone, served; a client with the farm token."""
    app = FastAPI()
    app.state.database = studio.database
    app.state.storage = studio.farm.storage
    app.state.farm = studio.farm
    app.state.stamps = Stamps(studio.database)
    install_error_handlers(app)
    app.include_router(router)
    with studio.database.session() as session:
        token = create_token(session, "farm", "farm")
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        yield client
    server.should_exit = True
    thread.join()


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


@pytest.mark.database
def test_a_worker_takes_a_job_to_its_end(client: httpx.Client, studio: Studio) -> None:
    job_id = studio.roto(studio.shot())
    assert client.post("/workers", json=REGISTER).json() == {
        "worker_id": "node1:0", "heartbeat_seconds": 5.0, "lease_seconds": 30.0,
        "takes": ["memory"], "pause": False,
    }  # fmt: skip
    assert client.post("/workers/node1:0/heartbeat", json={"boot_id": BOOT}).json() == {
        "action": "continue",
        "pause": False,
    }
    while (task_id := studio.ready_task(job_id)) is not None:
        spec = client.post(f"/tasks/{task_id}/claim", json=ME).json()
        attempt = f"/attempts/{spec['attempt_id']}"
        beat = client.post(f"{attempt}/heartbeat", json={"progress": {"done": 1, "total": 3}})
        assert beat.json() == {"action": "continue", "reason": None}
        result = {"result": make_result(spec)}
        for _ in range(2):
            assert client.post(f"{attempt}/complete", json=result).json() == {"state": "succeeded"}
    assert studio.states(job_id)["job"] == "succeeded"


def test_refusals_have_the_codes_of_the_contract(client: httpx.Client, studio: Studio) -> None:
    task_id = studio.task(studio.roto(studio.shot()))
    assert code(client.post(f"/tasks/{task_id}/claim", json=ME)) == (404, "not_found")
    client.post("/workers", json=REGISTER)
    assert code(client.post("/tasks/nothing/claim", json=ME)) == (404, "not_found")
    spec = client.post(f"/tasks/{task_id}/claim", json=ME).json()
    attempt = f"/attempts/{spec['attempt_id']}"
    other = {**ME, "boot_id": uuid.uuid4().hex}
    assert code(client.post(f"/tasks/{task_id}/claim", json=other)) == (409, "not_claimable")
    assert client.post(f"{attempt}/release", json={"reason": "drain"}).status_code == 200
    late = client.post(f"{attempt}/heartbeat", json={"progress": {"done": 1, "total": 3}})
    assert code(late) == (409, "stale_attempt")
    failure = {"error": {"code": "bad_plate", "message": "cut short"}}
    assert code(client.post(f"{attempt}/fail", json=failure)) == (409, "stale_attempt")
    spec = client.post(f"/tasks/{task_id}/claim", json=ME).json()
    failed = client.post(f"/attempts/{spec['attempt_id']}/fail", json=failure)
    assert failed.json() == {"state": "failed"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/workers", {**REGISTER, "surprise": 1}),
        ("/workers", {**REGISTER, "slot": -1}),
        ("/workers/node1:0/heartbeat", {}),
        ("/tasks/x/claim", {"worker_id": "node1:0"}),
        ("/attempts/x/heartbeat", {"progress": {"done": -1, "total": 3}}),
        ("/attempts/x/complete", {"result": {"files": []}}),
        ("/attempts/x/fail", {"error": {"code": "bad_plate"}}),
        ("/attempts/x/release", {}),
    ],
)
def test_bodies_are_held_to_the_schema(
    client: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    assert code(client.post(path, json=body)) == (422, "bad_request")


def test_a_worker_of_another_version_is_refused(client: httpx.Client) -> None:
    response = client.post("/workers", json={**REGISTER, "version": "2.0.0"})
    assert code(response) == (426, "version_mismatch")


def test_only_farm_tokens_are_let_in(client: httpx.Client, studio: Studio) -> None:
    with studio.database.session() as session:
        key = create_token(session, "ann", "user")
    for headers, wanted in (
        ({"Authorization": f"Bearer {key}"}, (403, "forbidden")),
        ({"Authorization": "Bearer wrong"}, (401, "unauthorized")),
    ):
        assert code(client.post("/workers", json=REGISTER, headers=headers)) == wanted
