"""Health, metrics, request ids, versions, and the shape of every refusal."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from helpers_api import Live, add_project, assert_refused
from sqlalchemy import update
from structlog.testing import capture_logs

from roto_client.contract import ERRORS, PRODUCT_VERSION, status_of
from roto_server.access.stamps import Stamps
from roto_server.admin.live import LiveSettings
from roto_server.api.tail import EventTail
from roto_server.db.models import Worker
from roto_server.db.types import utc_now
from roto_server.errors import as_roto_error
from roto_server.jobs.reconciler import Reconciler
from roto_server.trash.purger import Purger


def test_health_needs_no_token(live: Live) -> None:
    answer = httpx.get(live.url + "/healthz", timeout=60)
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "version": PRODUCT_VERSION,
        "public_url": live.settings.public_url,
    }
    assert answer.headers["X-Roto-Version"] == PRODUCT_VERSION


@pytest.mark.database
def test_ready_when_every_part_is_there(live: Live) -> None:
    answer = httpx.get(live.url + "/readyz", timeout=60)
    assert answer.status_code == 200, answer.text
    checks = answer.json()["checks"]
    assert all(check["ok"] for check in checks.values()), checks
    assert {"database", "redis", "storage", "disk", "reconciler", "maintenance"} <= set(checks)


def test_not_ready_names_the_part_that_is_missing(own: Live) -> None:
    storage = own.settings.storage_root
    storage.rename(storage.with_name("away"))
    answer = httpx.get(own.url + "/readyz", timeout=60)
    assert answer.status_code == 503
    body = answer.json()
    assert body["ready"] is False
    assert body["checks"]["storage"]["ok"] is False
    assert body["checks"]["database"]["ok"] is True


@pytest.mark.parametrize(
    ("part", "work", "check"),
    [
        (Purger, "_run", "purger"),
        (Stamps, "_run", "stamps"),
        (LiveSettings, "_run", "configuration"),
        (Reconciler, "_run", "reconciler"),
        (EventTail, "_follow", "events"),
    ],
)
def test_what_works_beside_the_requests_and_has_ended_is_named(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    part: type,
    work: str,
    check: str,
) -> None:
    def ended(_: object) -> None:
        """As after an error that nobody foresaw."""

    async def over(_: object) -> None:
        """The same of a task."""

    monkeypatch.setattr(part, work, over if part is EventTail else ended)
    own: Live = request.getfixturevalue("own")
    answer = httpx.get(own.url + "/readyz", timeout=60)
    assert answer.status_code == 503
    failed = {name: one for name, one in answer.json()["checks"].items() if not one["ok"]}
    assert list(failed) == [check]
    assert "ended" in failed[check]["message"]
    assert "restart" in failed[check]["message"]


@pytest.mark.database
def test_metrics_tell_requests_jobs_queues_and_workers(
    live: Live, api: httpx.Client, shot: str
) -> None:
    api.get("/nowhere")
    # Workers of other tests on the shared server; from now on they count as gone.
    with live.database.session() as session:
        session.execute(update(Worker).values(last_seen_at=utc_now() - timedelta(hours=1)))
    text = httpx.get(live.url + "/metrics", timeout=60).text
    assert re.search(r'roto_jobs{state="queued"} [1-9]', text)
    assert re.search(r'roto_queue_depth{priority="normal",queue="cpu"} [1-9]', text)
    assert "roto_workers_alive 0.0" in text
    assert 'route="unmatched",status="404"' in text
    assert shot not in text


def test_request_id_is_kept_when_sane_and_replaced_when_not(api: httpx.Client) -> None:
    kept = api.get("/projects", headers={"X-Request-Id": "nuke-42"})
    assert kept.headers["X-Request-Id"] == "nuke-42"
    forged = api.get("/projects", headers={"X-Request-Id": "a b\tc"})
    assert len(forged.headers["X-Request-Id"]) == 32


@pytest.mark.parametrize(
    ("version", "status"),
    [
        (PRODUCT_VERSION, 200),
        ("0.1.9", 200),
        ("0.3.0", 200),
        ("0.4.0", 426),
        ("1.1.0", 426),
        ("new", 426),
    ],
)
def test_client_version_must_fit(api: httpx.Client, version: str, status: int) -> None:
    answer = api.get("/projects", headers={"X-Roto-Version": version})
    assert answer.status_code == status
    if status == 426:
        assert (
            assert_refused(answer, 426, "version_mismatch")["detail"]["server"] == PRODUCT_VERSION
        )


@pytest.mark.parametrize("platform", ["beos", "Windows", "", "windows, macos"])
def test_a_system_nobody_knows_is_refused(api: httpx.Client, platform: str) -> None:
    answer = api.get("/projects", headers={"X-Roto-Platform": platform})
    body = assert_refused(answer, 422, "bad_request")
    assert body["detail"]["known"] == ["windows", "macos", "linux"]
    for known in body["detail"]["known"]:
        assert api.get("/projects", headers={"X-Roto-Platform": known}).status_code == 200


def test_unknown_address_and_method(api: httpx.Client) -> None:
    assert_refused(api.get("/nowhere"), 404, "not_found")
    assert_refused(api.get("/projects/"), 404, "not_found")
    answer = api.put("/projects")
    assert_refused(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"] or "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"[]", b"\xff\xfe", b'{"name": 3}', b'{"name": "a", "extra": 1}', b"",
        b'{"name": "a\\u0000b"}', b'{"name": "\\ud800"}', b'{"name": ""}', b'{"name": "../x"}',
    ],
)  # fmt: skip
def test_bad_bodies(api: httpx.Client, body: bytes) -> None:
    answer = api.post("/projects", content=body, headers={"Content-Type": "application/json"})
    refusal = assert_refused(answer, 422, "bad_request")
    assert refusal["message"]


def test_huge_body_is_cut_off(api: httpx.Client) -> None:
    def endless() -> object:
        yield b'{"name": "'
        for _ in range(70):
            yield b"x" * 2**20
        yield b'"}'

    assert_refused(api.post("/projects", content=endless()), 413, "too_large")


@pytest.mark.parametrize("ident", ["abc", "%00", "0" * 32, "..%2f..%2fetc", "é"])
def test_unknown_ids_are_not_found(api: httpx.Client, ident: str) -> None:
    for place in ("projects", "shots", "jobs", "uploads"):
        answer = api.get(f"/{place}/{ident}")
        assert_refused(answer, 404, "not_found")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=1001", "limit=x", "cursor=%00", "cursor=e30", "cursor=W10",
        "cursor=WzEsMl0", "cursor=WyIyMDI2IiwgM10", "state=lost", "shot_id=abc",
    ],
)  # fmt: skip
def test_bad_queries(api: httpx.Client, query: str) -> None:
    assert_refused(api.get(f"/jobs?{query}"), 422, "bad_request")


def test_a_bug_is_answered_without_its_traceback(own: Live) -> None:
    own.app.state.storage = None
    with own.client() as client, capture_logs() as logs:
        project = add_project(client)["id"]
        file = {"name": "a.mov", "size": 1, "sha256": "0" * 64}
        answer = client.post("/uploads", json={"project_id": project, "files": [file]})
    assert_refused(answer, 500, "internal")
    assert "NoneType" not in answer.text
    [line] = [entry for entry in logs if entry["log_level"] == "error"]
    assert isinstance(line["exc_info"], AttributeError)
    access = [entry for entry in logs if entry["event"] == "request"][-1]
    assert (access["status"], access["who"]) == (500, "ada")


def test_a_database_out_of_reach_is_server_unavailable(own: Live) -> None:
    with own.client() as client, capture_logs():
        add_project(client)
        own.database.engine.dispose()
        data = Path(str(own.database.url.database))
        data.rename(data.with_name("away.db"))
        data.mkdir()
        answer = client.get("/projects")
        ready = httpx.get(own.url + "/readyz", timeout=60).json()
    assert_refused(answer, 503, "server_unavailable")
    assert ready["checks"]["database"]["ok"] is False


def test_access_log_has_no_token_in_it(live: Live, api: httpx.Client) -> None:
    with capture_logs() as logs:
        add_project(api)
        api.get("/projects", headers={"Authorization": "Bearer roto_wrong"})
    written = repr(logs)
    assert live.user_token not in written
    assert "roto_wrong" not in written
    assert [entry["who"] for entry in logs if entry["event"] == "request"] == ["ada", ""]


def test_every_code_of_the_contract_has_a_status_http_knows() -> None:
    for code, kind in ERRORS.items():
        assert status_of(code) == kind.status
        assert 400 <= kind.status < 600


def test_a_full_disk_is_named() -> None:
    assert as_roto_error(OSError(28, "No space left on device")).code == "disk_full"
    assert as_roto_error(OSError(122, "Disk quota exceeded")).code == "disk_full"
    assert as_roto_error(OSError(5, "I/O error")).code == "internal"
