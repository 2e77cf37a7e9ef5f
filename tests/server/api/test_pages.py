"""Pages that may call the API: After Effects' panel is a file, whose origin is ``null``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from helpers_api import API, Live, live_server, migrated_settings

from roto_client.contract import PRODUCT_VERSION
from roto_server.settings import SettingsError, load_settings

ASKED = {
    "Access-Control-Request-Method": "PATCH",
    "Access-Control-Request-Headers": "authorization,idempotency-key,upload-offset,x-roto-version",
}


def test_a_page_that_is_a_file_may_ask(live: Live) -> None:
    """Without a key, as browsers do before the request itself."""
    answer = httpx.options(
        f"{live.url}{API}/projects", headers={"Origin": "null", **ASKED}, timeout=60
    )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "null"
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers
    private = {"Access-Control-Request-Private-Network": "true"}
    there = httpx.options(answer.url, headers={"Origin": "null", **ASKED, **private}, timeout=60)
    assert there.status_code == 200
    assert there.headers["access-control-allow-private-network"] == "true"


def test_it_reads_answers_and_refusals(live: Live, api: httpx.Client) -> None:
    origin = {"Origin": "null"}
    refused = httpx.get(f"{live.url}{API}/projects", headers=origin, timeout=60)
    for answer in (api.get("/projects", headers=origin, timeout=60), refused):
        assert answer.headers["access-control-allow-origin"] == "null"
        assert answer.headers["x-roto-version"] == PRODUCT_VERSION
        shown = answer.headers["access-control-expose-headers"].lower()
        for name in ("x-roto-version", "x-request-id", "x-roto-frame", "retry-after"):
            assert name in shown
        assert "set-cookie" not in answer.headers
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_what_answers_without_a_key_is_for_no_page(live: Live, path: str) -> None:
    answer = httpx.get(live.url + path, headers={"Origin": "null"}, timeout=60)
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1", "NULL"])
def test_other_pages_may_not(live: Live, api: httpx.Client, origin: str) -> None:
    headers = {"Origin": origin}
    asked = httpx.options(f"{live.url}{API}/projects", headers={**headers, **ASKED}, timeout=60)
    assert asked.status_code == 400
    assert "access-control-allow-origin" not in asked.headers
    assert "access-control-allow-origin" not in api.get("/projects", headers=headers).headers


@pytest.fixture
def dashboard(redis_server: str, tmp_path: Path) -> Iterator[Live]:
    """A server that lets one page in, and no files."""
    settings = migrated_settings(tmp_path, f"sqlite:///{tmp_path / 'roto.db'}", redis_server)
    settings.cors_origins = ["https://roto.studio.example"]
    with live_server(settings) as live:
        yield live


def test_which_pages_is_a_setting(dashboard: Live) -> None:
    with dashboard.client() as api:
        there = api.get("/projects", headers={"Origin": "https://roto.studio.example"})
        file = api.get("/projects", headers={"Origin": "null"}, timeout=60)
    assert there.headers["access-control-allow-origin"] == "https://roto.studio.example"
    assert "access-control-allow-origin" not in file.headers


def test_the_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROTO_DATA_DIR", str(tmp_path))
    assert load_settings().cors_origins == ["null"]
    monkeypatch.setenv("ROTO_CORS_ORIGINS", "null https://a.example http://[::1]:5173")
    assert load_settings().cors_origins == ["null", "https://a.example", "http://[::1]:5173"]
    monkeypatch.setenv("ROTO_CORS_ORIGINS", "")
    assert load_settings().cors_origins == []
    for wrong in ("*", "https://a.example/", "a.example", "file://"):
        monkeypatch.setenv("ROTO_CORS_ORIGINS", wrong)
        with pytest.raises(SettingsError, match=r"ROTO_CORS_ORIGINS.*is not an origin"):
            load_settings()
