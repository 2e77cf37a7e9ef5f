"""How the dashboard is served: one page at every address of it, its files for ever."""

from __future__ import annotations

import gzip
import re

import anyio
import httpx
import pytest
from fastapi import FastAPI

from roto_server.access.own_pages import DASHBOARD_AREAS, OWN_PAGE
from roto_server.dashboard import dashboard_router, nowhere, policy
from roto_server.pages import _read
from roto_server.settings import Settings
from roto_server.storage.s3_client import Bucket

PAGE = b"<!doctype html><title>Megaton Roto</title>" * 20
FILES = {"index.html": PAGE, "assets/index-a1b2.js": b"export {};" * 90, "assets/x-9.css": b"a{}"}


def get(files: dict[str, bytes], path: str, **headers: str) -> httpx.Response:
    app = FastAPI()
    app.include_router(dashboard_router(Settings(), files))
    app.router.default = nowhere(Settings(), files, app.router.not_found)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://roto") as client:
            return await client.get(path, headers=headers)

    return anyio.run(ask)


@pytest.mark.parametrize("path", ["/jobs", "/jobs/0b8f", "/shots/0b8f/review", "/farm"])
def test_every_address_of_it_is_the_page(path: str) -> None:
    answer = get(FILES, path)
    assert (answer.status_code, answer.content) == (200, PAGE)
    assert answer.headers["Cache-Control"] == "no-cache"
    told = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in told
    assert "unsafe" not in told
    same = get(FILES, path, **{"If-None-Match": answer.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")


def test_the_first_page_is_the_jobs() -> None:
    assert get(FILES, "/").headers["Location"] == "jobs"


def test_its_files_are_kept_for_ever_and_packed_for_who_unpacks() -> None:
    path = "assets/index-a1b2.js"
    answer = get(FILES, f"/{path}")
    assert (answer.content, answer.headers["Content-Encoding"]) == (FILES[path], "gzip")
    assert "immutable" in answer.headers["Cache-Control"]
    plain = get(FILES, f"/{path}", **{"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.content == answer.content
    assert int(answer.headers["Content-Length"]) == len(gzip.compress(plain.content, mtime=0))


@pytest.mark.parametrize(
    "path", ["/assets/../index.html", "/assets/none.js", "/elsewhere", "/jobsx"]
)
def test_nothing_else_is_served(path: str) -> None:
    assert get(FILES, path).status_code == 404


def test_a_mistyped_address_is_the_page_to_a_browser_and_data_to_programs() -> None:
    person = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = get(FILES, "/elsewhere", **person)
    assert (answer.status_code, answer.content) == (404, PAGE)
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    for path, headers in (("/elsewhere", {}), ("/api/v1/elsewhere", person)):
        assert get(FILES, path, **headers).headers["Content-Type"] == "application/json"
    assert get({}, "/elsewhere", **person).status_code == 404


def test_unbuilt_it_says_how_to_build_it() -> None:
    answer = get({}, "/jobs")
    assert answer.status_code == 503
    assert "make dashboard" in answer.text
    assert "pip install '.[server]'" in answer.text


@pytest.mark.parametrize(
    ("settings", "asked"),
    [
        ({}, "connect-src 'self';"),
        (
            {"s3_bucket": "roto", "s3_region": "eu-central-1"},
            "connect-src 'self' https://roto.s3.amazonaws.com/ "
            "https://roto.s3.eu-central-1.amazonaws.com/;",
        ),
        (
            {"s3_bucket": "my.roto", "s3_region": "eu-central-1"},
            "connect-src 'self' https://s3.eu-central-1.amazonaws.com/my.roto/;",
        ),
        (
            {"s3_bucket": "roto", "s3_region": "cn-north-1"},
            "connect-src 'self' https://roto.s3.cn-north-1.amazonaws.com.cn/;",
        ),
        (
            {"s3_bucket": "roto", "s3_endpoint": "http://minio:9000",
             "s3_public_endpoint": "https://s3.studio.example"},
            "connect-src 'self' https://s3.studio.example;",
        ),
    ],
)  # fmt: skip
def test_it_asks_this_server_and_the_bucket_alone(settings: dict[str, str], asked: str) -> None:
    assert asked in policy(Settings(**settings))


@pytest.mark.parametrize("bucket", ["roto", "my.roto"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "us-gov-west-1"])
def test_what_is_handed_out_is_among_it(
    bucket: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a key of the tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret of the tests")
    settings = Settings(s3_bucket=bucket, s3_region=region)
    store = Bucket(settings)
    part = {**store.place("uploads/a/0"), "UploadId": "u", "PartNumber": 1}
    url = store.sign("upload_part", part, 60).url
    [allowed] = re.findall(r"connect-src 'self' ([^;]*);", policy(settings))
    assert any(url.startswith(one) for one in allowed.split()), (url, allowed)


def test_the_sign_in_page_sends_people_to_the_same_pages() -> None:
    script = _read()["/pages/page.js"].content.decode()
    assert f"({'|'.join(DASHBOARD_AREAS)})(/[A-Za-z0-9_-]{{1,64}}){{0,4}}" in script
    assert "(" + "|".join(DASHBOARD_AREAS) + ")" in OWN_PAGE.pattern
    [query] = re.findall(r"\[A-Za-z0-9_\.[^]]*\]\{0,\d+\}", OWN_PAGE.pattern)
    assert query in script
