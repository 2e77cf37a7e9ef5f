"""`roto serve` as a studio runs it: production settings, and two servers on one PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from helpers_services import free_port
from roto_server.access.tokens import create_token
from roto_server.db.session import Database

ROTO = [sys.executable, "-m", "roto_client.cli"]
START_SECONDS = 180.0


@contextmanager
def serving(settings: dict[str, str]) -> Iterator[str]:
    """A server process; yields its URL once it is ready."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {key: value for key, value in os.environ.items() if key[:5] != "ROTO_"}
    with subprocess.Popen(
        [*ROTO, "serve", "--port", str(port)],
        env={**environment, **settings, "ROTO_PUBLIC_URL": url},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not answers(url):
                assert process.poll() is None, process.stderr and process.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield url
            process.terminate()
            process.communicate(timeout=60)
            assert process.returncode == 0
        finally:
            process.kill()


def answers(url: str) -> bool:
    try:
        return httpx.get(url + "/readyz", timeout=60).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def settings(database: Database, redis_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "ROTO_ENVIRONMENT": "production",
        "ROTO_DATABASE_URL": database.url.render_as_string(hide_password=False),
        "ROTO_REDIS_URL": redis_url,
        "ROTO_DATA_DIR": str(tmp_path / "data"),
        "ROTO_SECRET_KEY": "0" * 64,
    }


@pytest.mark.farm
@pytest.mark.database
def test_servers_on_one_database(database: Database, settings: dict[str, str]) -> None:
    """PostgreSQL takes any number of them; SQLite serves the first and refuses the second."""
    with database.session() as session:
        key = create_token(session, "ann", "user")
    with ExitStack() as stack:
        first = stack.enter_context(serving(settings))
        with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
            made = client.post(f"{first}/api/v1/projects", json={"name": "heist"})
            assert made.status_code == 201
            if database.is_sqlite:
                with pytest.raises(AssertionError, match="Another server"):
                    stack.enter_context(serving(settings))
                return
            second = stack.enter_context(serving(settings))
            found = client.get(f"{second}/api/v1/projects/{made.json()['id']}")
            assert found.json()["name"] == "heist"


@pytest.mark.farm
def test_a_server_with_bad_settings_says_why_and_ends(settings: dict[str, str]) -> None:
    environment = {key: value for key, value in os.environ.items() if key[:5] != "ROTO_"}
    refused = subprocess.run(
        [*ROTO, "serve"],
        env={**environment, **settings, "ROTO_REDIS_URL": "redis://cache:6379/0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS,
    )
    assert refused.returncode != 0
    assert "ROTO_REDIS_URL has no password" in refused.stderr
    assert "ROTO_PUBLIC_URL must be set" in refused.stderr
    assert "Traceback" not in refused.stderr
