"""The farm API client: what is tried again, and what an answer means."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from helpers_runtime import TOKEN, FarmStub, refused

from roto_client.contract import PRODUCT_VERSION
from roto_worker.runtime import farm_client
from roto_worker.runtime.farm_client import (
    FarmClient,
    FarmError,
    NotAdmittedError,
    NotClaimableError,
    ServerUnavailableError,
    StaleAttemptError,
    TokenRefusedError,
)

TASK = uuid.uuid4().hex
BOOT = uuid.uuid4().hex
PROGRESS = {"done": 0, "total": 0}


@pytest.fixture
def client(farm: FarmStub, monkeypatch: pytest.MonkeyPatch) -> FarmClient:
    monkeypatch.setattr(farm_client, "FIRST_PAUSE_SECONDS", 0.01)
    return FarmClient(farm.url, TOKEN)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_server_in_trouble_is_asked_again(
    farm: FarmStub, client: FarmClient, status: int
) -> None:
    farm.script["completion"] = [refused("server_unavailable", status)] * 2
    body = {"result": {"files": [], "provenance": {}}}
    client.report(uuid.uuid4().hex, "complete", body, patience=5)
    assert len(farm.named("completion")) == 3


def test_patience_ends(farm: FarmStub, client: FarmClient) -> None:
    farm.script["claim"] = [refused("internal", 500)] * 1000
    with pytest.raises(ServerUnavailableError):
        client.claim(TASK, "node:0", BOOT, patience=2.0)
    assert 2 < len(farm.named("claim")) < 100


def test_a_server_that_comes_up_late_is_reached(farm: FarmStub, client: FarmClient) -> None:
    farm.stop()
    threading.Timer(0.2, farm.start).start()
    with pytest.raises(NotClaimableError):
        client.claim(TASK, "node:0", BOOT, patience=10)


def test_giving_up_ends_the_waiting_early(farm: FarmStub) -> None:
    client = FarmClient(farm.url, TOKEN, give_up=lambda: True)
    farm.script["claim"] = [refused("internal", 500)] * 10
    with pytest.raises(ServerUnavailableError):
        client.claim(TASK, "node:0", BOOT, patience=60)
    assert len(farm.named("claim")) == 1


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (refused("stale_attempt"), StaleAttemptError, "stale_attempt"),
        (refused("conflict"), StaleAttemptError, "conflict"),
        (refused("unauthorized", 401), TokenRefusedError, "unauthorized"),
        ((401, {"error": "a proxy's"}), NotAdmittedError, "unauthorized"),
        (refused("forbidden", 403), NotAdmittedError, "forbidden"),
        (refused("version_mismatch", 426), NotAdmittedError, "version_mismatch"),
        (refused("not_found", 404), FarmError, "not_found"),
    ],
)
def test_what_an_answer_means(
    farm: FarmStub,
    client: FarmClient,
    answer: tuple[int, dict[str, Any]],
    error: type[FarmError],
    code: str,
) -> None:
    farm.script["heartbeat"] = [answer]
    with pytest.raises(FarmError) as caught:
        client.heartbeat(uuid.uuid4().hex, PROGRESS)
    assert type(caught.value) is error
    assert caught.value.code == code
    assert len(farm.named("heartbeat")) == 1, "a final answer is not asked for again"


def test_a_redirect_is_not_followed(farm: FarmStub, client: FarmClient) -> None:
    farm.script["heartbeat"] = [(302, {})]
    with pytest.raises(FarmError):
        client.heartbeat(uuid.uuid4().hex, PROGRESS)


def test_a_server_of_another_version_is_refused(
    farm: FarmStub, client: FarmClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(farm_client, "PRODUCT_VERSION", "7.0.0")
    with pytest.raises(NotAdmittedError, match=PRODUCT_VERSION):
        client.heartbeat(uuid.uuid4().hex, PROGRESS)


def test_token_and_version_travel_and_no_netrc_replaces_them(
    farm: FarmStub, client: FarmClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    client.heartbeat(uuid.uuid4().hex, PROGRESS)
    assert farm.headers[-1]["Authorization"] == f"Bearer {TOKEN}"
    assert farm.headers[-1]["X-Roto-Version"] == PRODUCT_VERSION
