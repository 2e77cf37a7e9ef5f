"""What is configured and does not work keeps the server from starting, or turns /readyz red, by the
name of the setting; nothing falls back silently, and no password is told."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest
from helpers_people import ROTO, House, running_house, running_redis
from helpers_several import wait_for
from redis import Redis

from helpers_services import free_port

SECONDS_TO_REFUSE = 180
PASSWORD = "hunter2-of-the-tests"


@pytest.fixture
def own_house(empty_database: str, tmp_path: Path) -> Iterator[House]:
    """A house of which nothing runs yet."""
    with running_house(tmp_path / "house", empty_database, servers=0) as house:
        yield house


@contextmanager
def begun(house: House, **settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address and the process of a server that may never be ready."""
    port = free_port()
    with (
        (house.folder / f"begun-{port}.log").open("wb") as log,
        subprocess.Popen(
            [*ROTO, "serve", "--port", str(port)],
            env={**house.environment, "ROTO_PUBLIC_URL": f"http://127.0.0.1:{port}", **settings},
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            process.wait(60)


def checks(url: str) -> dict[str, dict[str, object]]:
    """What /readyz says; empty while nobody answers."""
    try:
        found: dict[str, dict[str, object]] = httpx.get(url + "/readyz", timeout=20).json()[
            "checks"
        ]
    except httpx.TransportError:
        return {}
    return found


def is_red(url: str, name: str, setting: str) -> bool:
    check = checks(url).get(name)
    if check is None or check["ok"]:
        return False
    assert check["setting"] == setting
    assert str(check["message"]).startswith(f"{setting}: ")
    assert httpx.get(url + "/readyz", timeout=20).status_code == 503
    return True


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("redis", {"ROTO_REDIS_URL": "redis://:{password}@127.0.0.1:{port}/0"}),
        ("mail", {"ROTO_SMTP_URL": "smtp://ann:{password}@127.0.0.1:{port}"}),
    ],
    ids=["redis", "smtp"],
)
def test_what_does_not_answer_is_red_by_its_setting(
    own_house: House, name: str, settings: dict[str, str]
) -> None:
    filled = {
        setting: value.format(password=PASSWORD, port=free_port())
        for setting, value in settings.items()
    }
    with begun(own_house, **filled) as (url, _):
        wait_for("it is red", lambda: is_red(url, name, next(iter(settings))))
        others = {other: check["ok"] for other, check in checks(url).items() if other != name}
        assert all(others.values()), others
        assert PASSWORD not in httpx.get(url + "/readyz", timeout=20).text


@pytest.mark.one_database
def test_a_password_redis_does_not_know_is_red(own_house: House, tmp_path: Path) -> None:
    with running_redis(tmp_path / "second") as redis_url:
        with Redis.from_url(redis_url) as client:
            client.config_set("requirepass", "another")
        wrong = redis_url.replace("unix://", f"unix://:{PASSWORD}@")
        with begun(own_house, ROTO_REDIS_URL=wrong) as (url, _):
            wait_for("it is red", lambda: is_red(url, "redis", "ROTO_REDIS_URL"))
            assert PASSWORD not in httpx.get(url + "/readyz", timeout=20).text


@pytest.mark.postgresql
def test_a_database_that_goes_away_is_red_until_it_is_back(own_house: House) -> None:
    process = own_house.start()
    parts = urlsplit(own_house.environment["ROTO_DATABASE_URL"])
    name = parts.path.lstrip("/")
    admin = urlunsplit(parts._replace(path="/postgres"))
    with psycopg.connect(admin, autocommit=True) as connection:

        def rename(old: str, new: str) -> None:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [old]
            )
            connection.execute(f'ALTER DATABASE "{old}" RENAME TO "{new}"')

        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        rename(name, f"{name}_away")
        try:
            wait_for("it is red", lambda: is_red(process.url, "database", "ROTO_DATABASE_URL"))
            with own_house.client(own_house.admin.key) as api:
                answer = api.get("/projects")
            assert (answer.status_code, answer.json()["code"]) == (503, "server_unavailable")
            assert "ROTO_DATABASE_URL" in answer.json()["hint"]
        finally:
            rename(f"{name}_away", name)
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    process.wait_ready()


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"ROTO_DATABASE_URL": f"postgresql://roto:{PASSWORD}@127.0.0.1:1/x"}, "ROTO_DATABASE_URL"),
        ({"ROTO_DATABASE_URL": f"mysql://roto:{PASSWORD}@127.0.0.1/x"}, "ROTO_DATABASE_URL"),
        ({"ROTO_DATABASE_URL": PASSWORD}, "ROTO_DATABASE_URL"),
        ({"ROTO_REDIS_URL": f"http://:{PASSWORD}@127.0.0.1"}, "ROTO_REDIS_URL"),
        ({"ROTO_S3_BUCKET": "No Bucket"}, "ROTO_S3_BUCKET"),
        ({"ROTO_SMTP_URL": "mailserver"}, "ROTO_SMTP_URL"),
        ({"ROTO_STORAGE_ROOT": "/proc/nowhere"}, "ROTO_STORAGE_ROOT"),
        ({"ROTO_DATABASE_POOL_SIZE": "1", "ROTO_DATABASE_MAX_OVERFLOW": "0"}, "ROTO_DATABASE_POOL"),
    ],
    ids=["no server", "unknown", "no address", "no redis", "bucket", "no mail", "storage", "pool"],
)
def test_what_can_never_work_does_not_start(
    own_house: House, settings: dict[str, str], told: str
) -> None:
    refused = subprocess.run(
        [*ROTO, "serve", "--port", "0"],
        env={**own_house.environment, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_TO_REFUSE,
    )
    output = refused.stdout + refused.stderr
    assert refused.returncode != 0
    assert told in output
    assert "Traceback" not in output
    assert PASSWORD not in output


@pytest.mark.postgresql
def test_a_wrong_database_password_does_not_start(own_house: House) -> None:
    """A role that does not exist, over the socket of a real server."""
    parts = urlsplit(own_house.environment["ROTO_DATABASE_URL"])
    host = parts.netloc.rpartition("@")[2]
    wrong = urlunsplit(parts._replace(netloc=f"nobody_here:{PASSWORD}@{host}"))
    refused = subprocess.run(
        [*ROTO, "serve", "--port", "0"],
        env={**own_house.environment, "ROTO_DATABASE_URL": wrong},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_TO_REFUSE,
    )
    assert refused.returncode != 0
    assert "ROTO_DATABASE_URL" in refused.stderr
    assert PASSWORD not in refused.stdout + refused.stderr


@pytest.mark.one_database
def test_storage_that_goes_away_is_red(own_house: House) -> None:
    storage = own_house.folder / "storage"
    process = own_house.start()
    storage.rename(storage.with_name("away"))
    wait_for("it is red", lambda: is_red(process.url, "storage", "ROTO_STORAGE_ROOT"))
    storage.with_name("away").rename(storage)
    process.wait_ready()
    assert os.listdir(storage) == []
