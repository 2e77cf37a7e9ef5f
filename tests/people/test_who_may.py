"""Every operation of the API, asked for by everybody: `who_may` says what is to come of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_cast import Cast, running_cast
from helpers_people import House
from helpers_signing_in import person_with_password, signed_in
from who_may import COLUMNS, ROWS, RULES, Row

OPENAPI = Path(__file__).resolve().parents[2] / "server" / "openapi.json"
SPENT = {"POST /auth/logout", "POST /auth/logout-everywhere"}
"""A session is good for one of them only."""

_NOBODY_ELSE = ("anon", "farm", "adm")
"""Whom rows of the rule public are asked by: those who hold nothing, and everything."""


@pytest.fixture(scope="session")
def cast(house: House) -> Iterator[Cast]:
    """Everybody, on each database."""
    with running_cast(house) as cast:
        yield cast


@pytest.mark.one_database
def test_every_operation_has_its_row() -> None:
    paths = json.loads(OPENAPI.read_text(encoding="utf-8"))["paths"]
    operations = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in paths.items()
        for method in methods
    }
    told = {row.operation for row in ROWS}
    assert operations - told == set(), "say in tests/people/who_may.py who may do it"
    assert told - operations == set(), "the API has no such operation (any more)"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.operation}{row.query}")
def test_who_may(cast: Cast, row: Row) -> None:
    columns = _NOBODY_ELSE if row.rule == "public" else tuple(COLUMNS)
    found = {column: ask(cast, row, column) for column in columns}
    wanted = {column: RULES[row.rule][column] for column in columns}
    assert found == wanted


def ask(cast: Cast, row: Row, column: str) -> str:
    """Send the row's request as ``column``; the outcome in the table's words."""
    names = cast.names(column)
    if row.spends:
        names |= cast.another(column)
    if "{user_id}" in row.operation:
        names["user_id"] = cast.passer(names["project_id"]).id
    token = None
    if row.rule == "own attempt":
        attempt = cast.attempt(cast.closed)
        names |= attempt
        token = attempt["token"]
    method, path = row.operation.split()
    if row.path:
        path = f"{path[: path.index('{')]}{row.path}"
    with ExitStack() as stack:
        client = _client(cast, row, column, token, stack)
        address = path.format(**names) + row.query.format(**names)
        if path in ("/healthz", "/readyz", "/metrics"):
            address = f"{cast.house.url}{path}"
        answer = client.request(method, address, **_content(row, names))
    return _outcome(cast, row, column, names, answer)


def _client(cast: Cast, row: Row, column: str, token: str | None, stack: ExitStack) -> httpx.Client:
    if column == "sess" and row.operation in SPENT:
        return stack.enter_context(signed_in(cast.house, person_with_password(cast.house)))
    if column == "task":
        token = token or cast.attempt(cast.closed)["token"]
        return stack.enter_context(cast.house.client(token))
    return cast.clients[column]


def _content(row: Row, names: dict[str, str]) -> dict[str, Any]:
    if row.raw is not None:
        return {"content": row.raw.encode(), "headers": {"Upload-Offset": "0"}}
    return {} if row.body is None else {"json": _filled(row.body, names)}


def _filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: names[found[1]], value)
    if isinstance(value, list):
        return [_filled(one, names) for one in value]
    if isinstance(value, dict):
        return {key: _filled(one, names) for key, one in value.items()}
    return value


def _outcome(
    cast: Cast, row: Row, column: str, names: dict[str, str], answer: httpx.Response
) -> str:
    told = _refusal(row, answer)
    code = str(told.get("code", ""))
    # A reason of its own is not mistaken for a lack of rights: it names no id of the address.
    if code == row.then and (code != "not_found" or not _is_of_address(row, told, names)):
        _check_nothing_leaks(cast, column, answer)
        return "yes"
    words = {"unauthorized": "401", "forbidden": "403", "not_found": "404"}
    return words.get(code) or f"{answer.status_code} {answer.text[:300]}"


def _refusal(row: Row, answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code < 400:
        return {}
    if row.operation.startswith("HEAD"):
        code = {401: "unauthorized", 403: "forbidden", 404: "not_found"}[answer.status_code]
        return {"code": code}
    told: dict[str, Any] = answer.json()
    return told


def _is_of_address(row: Row, told: dict[str, Any], names: dict[str, str]) -> bool:
    """Whether the refusal is of what the address names first: somebody's to see, or not."""
    first = re.search(r"\{(\w+)\}", row.operation)
    guarded = ("project_id", "shot_id", "job_id", "upload_id", "note_id")
    if first is None or first[1] not in guarded:
        return False
    return bool(told["detail"].get("id") == names[first[1]])


def _check_nothing_leaks(cast: Cast, column: str, answer: httpx.Response) -> None:
    """What a column does not see of the closed project is not in its lists either."""
    hidden = {"othr": ("project_id", "shot_id", "job_id"), "art-": ("shot_id", "job_id")}
    for name in hidden.get(column, ()):
        assert cast.closed[name] not in answer.text
