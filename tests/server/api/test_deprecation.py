"""What is on its way out says so, and nothing of ours outlives its date unnoticed."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest
from fastapi import FastAPI

from roto_server import openapi
from roto_server.api.deprecation import SHORTEST_NOTICE_DAYS, retiring

SINCE, UNTIL = date(2026, 11, 29), date(2027, 12, 1)


async def ask(app: FastAPI, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        return await client.get(path)


def test_an_operation_on_its_way_out_says_until_when() -> None:
    app = FastAPI()

    @app.get("/old/{name}", **retiring(SINCE, UNTIL, "/new/{name}", openapi_extra={"x-more": 1}))
    def old(name: str) -> dict[str, str]:
        return {"still": name}

    answer = asyncio.run(ask(app, "/old/here"))
    assert answer.json() == {"still": "here"}
    assert answer.headers["Deprecation"] == "@1795910400"
    assert parsedate_to_datetime(answer.headers["Sunset"]).date() == UNTIL
    assert answer.headers["Link"] == '</new/here>; rel="successor-version"'
    odd = asyncio.run(ask(app, "/old/%E2%82%AC%3E%0D%0AX"))
    assert odd.json() == {"still": "€>\r\nX"}
    assert odd.headers["Link"] == '</new/%E2%82%AC%3E%0D%0AX>; rel="successor-version"'
    told = app.openapi()["paths"]["/old/{name}"]["get"]
    assert (told["deprecated"], told["x-sunset"]) == (True, "2027-12-01")
    assert (told["x-successor"], told["x-more"]) == ("/new/{name}", 1)


def test_too_short_a_notice_is_refused() -> None:
    with pytest.raises(ValueError, match="notice"):
        retiring(SINCE, SINCE + timedelta(days=SHORTEST_NOTICE_DAYS - 1), "/new")


def test_no_operation_of_ours_is_past_its_date() -> None:
    retired = {
        f"{method} {path}": date.fromisoformat(operation["x-sunset"])
        for path, methods in openapi.document()["paths"].items()
        for method, operation in methods.items()
        if operation.get("deprecated")
    }
    assert {name: until for name, until in retired.items() if until < date.today()} == {}
