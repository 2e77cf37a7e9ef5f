"""Schemathesis against the checked-in OpenAPI document: no 500, no undocumented status, no answer
that is not as described, whoever asks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_accounts import person_with_password, sign_in
from helpers_cast import running_cast
from helpers_people import House, running_house

from roto_server.db.people import User

pytestmark = pytest.mark.timeout(900)

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
Part = tuple[str, str]
"""Addresses of the API: those the first finds, without those the second finds."""

SERVER: Part = (r"", r"/farm/(?!nodes|queues|history)|/auth/|/admin/users/\{user_id\}")
ONE_PERSON: Part = (r"/admin/users/\{user_id\}", r"/delete$")
FORGETTING: Part = (r"/admin/users/\{user_id\}/delete$", r"^$")
NODE: Part = (r"/farm/", r"^$")
TASK: Part = (r"/farm/(storage|attempts)/", r"^$")
ONESELF: Part = (
    r"/auth/|/api-keys|/users/me",
    r"/auth/(logout|logout-everywhere|password/change)$",
)
# What ends its caller's own rights, each by a sign-in of its own.
ENDINGS: tuple[Part, ...] = (
    (r"/auth/password/change$", r"^$"),
    (r"/auth/logout$", r"^$"),
    (r"/auth/logout-everywhere$", r"^$"),
)


@pytest.fixture
def fuzzed(empty_database: str, tmp_path: Path) -> Iterator[House]:
    """A house that may be left in any state, without limits."""
    unlimited = {
        f"ROTO_LIMIT_{name}": "off" for name in ("ADDRESS", "USER", "KEY", "FARM", "DEVICE")
    }
    with running_house(tmp_path / "house", empty_database, **unlimited) as house:
        yield house


def fuzz(house: House, token: str, part: Part, **pinned: str) -> None:
    """Run schemathesis as the holder of ``token``; what it finds is the assertion's message.

    ``pinned``: parameters of addresses that have one value throughout.
    """
    config = house.folder / "schemathesis.toml"
    values = "".join(f'"path.{name}" = "{value}"\n' for name, value in pinned.items())
    config.write_text(f"{CONFIG}\n[parameters]\n{values}", encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
            *("run", str(OPENAPI)),
            *("--url", house.url, "--header", f"Authorization: Bearer {token}"),
            *("--checks", CHECKS, "--phases", "examples,coverage,fuzzing"),
            *("--max-examples", "15", "--seed", "7", "--no-shrink", "--continue-on-failure"),
            *("--request-timeout", "40", "--suppress-health-check", "all", "--warnings", "off"),
            *("--include-path-regex", part[0], "--exclude-path-regex", part[1]),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=house.folder,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    assert " passed" in done.stdout, done.stdout


@pytest.mark.one_database
def test_no_address_is_left_out() -> None:
    parts = (SERVER, ONE_PERSON, FORGETTING, NODE, ONESELF, *ENDINGS)
    paths = json.loads(OPENAPI.read_text(encoding="utf-8"))["paths"]
    asked = {
        path
        for path in paths
        for found, without in parts
        if re.search(found, path) and not re.search(without, path)
    }
    assert asked == set(paths)


def test_as_an_administrator(fuzzed: House) -> None:
    admin, spare = fuzzed.admin.key, person_with_password(fuzzed).id
    fuzz(fuzzed, admin, SERVER)
    # Of somebody whom nobody needs: an id that is made up is nobody's.
    fuzz(fuzzed, admin, ONE_PERSON, user_id=spare)
    fuzz(fuzzed, admin, FORGETTING, user_id=spare)
    with fuzzed.database.reading() as session:
        assert session.get_one(User, spare).name.startswith("deleted ")


def test_as_a_farm_node(fuzzed: House) -> None:
    fuzz(fuzzed, fuzzed.farm_token, NODE)


def test_as_a_task(fuzzed: House) -> None:
    with running_cast(fuzzed) as cast:
        fuzz(fuzzed, cast.attempt(cast.closed)["token"], TASK)


def test_as_a_person_who_signed_in(fuzzed: House) -> None:
    ann = person_with_password(fuzzed)
    for part in (ONESELF, *ENDINGS):
        fuzz(fuzzed, sign_in(fuzzed, ann.email).access, part)
