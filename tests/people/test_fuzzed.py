"""Schemathesis against the checked-in OpenAPI document: no 500, no undocumented status, no answer
that is not as described, whoever asks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_cast import running_cast
from helpers_people import PASSWORD, House, running_house

OPENAPI = Path(__file__).resolve().parents[2] / "server" / "openapi.json"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)
# A full disk, a database that is away and a preview nobody answered are told as such.
CONFIG = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 503, 504, 507]
"""
# What would end the run's own rights: the table test and the story tests play these.
ENDS_IT = r"/auth/(logout|logout-everywhere|password/change)$|/admin/users/\{user_id\}|/api-keys/"


@pytest.fixture
def fuzzed(empty_database: str, tmp_path: Path) -> Iterator[House]:
    """A house that may be left in any state, without limits."""
    unlimited = {
        f"ROTO_LIMIT_{name}": "off" for name in ("ADDRESS", "USER", "KEY", "FARM", "DEVICE")
    }
    with running_house(tmp_path / "house", empty_database, **unlimited) as house:
        yield house


def fuzz(house: House, token: str, *options: str) -> None:
    """Run schemathesis as the holder of ``token``; what it finds is the assertion's message."""
    config = house.folder / "schemathesis.toml"
    config.write_text(CONFIG, encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
            *("run", str(OPENAPI)),
            *("--url", house.url, "--header", f"Authorization: Bearer {token}"),
            *("--checks", CHECKS, "--phases", "examples,coverage,fuzzing"),
            *("--max-examples", "15", "--seed", "7", "--no-shrink", "--continue-on-failure"),
            *("--request-timeout", "40", "--suppress-health-check", "all", "--warnings", "off"),
            *options,
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=house.folder,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    assert " passed" in done.stdout, done.stdout


def test_as_an_administrator(fuzzed: House) -> None:
    others = ("--exclude-path-regex", rf"/farm/(?!nodes|queues|history)|/auth/|{ENDS_IT}")
    fuzz(fuzzed, fuzzed.admin.key, *others)


def test_as_a_farm_node(fuzzed: House) -> None:
    fuzz(fuzzed, fuzzed.farm_token, "--include-path-regex", "/farm/")


def test_as_a_task(fuzzed: House) -> None:
    with running_cast(fuzzed) as cast:
        token = cast.attempt(cast.closed)["token"]
        fuzz(fuzzed, token, "--include-path-regex", "/farm/(storage|attempts)/")


def test_as_a_person_who_signed_in(fuzzed: House) -> None:
    from roto_server.access.passwords import hash_password

    ann = fuzzed.person("artist", password_hash=hash_password(PASSWORD))
    with fuzzed.client() as client:
        answer = client.post("/auth/login", json={"email": ann.email, "password": PASSWORD})
        token = answer.json()["access_token"]
    fuzz(
        fuzzed, token,
        "--include-path-regex", "/auth/|/api-keys|/users/me", "--exclude-path-regex", ENDS_IT,
    )  # fmt: skip
