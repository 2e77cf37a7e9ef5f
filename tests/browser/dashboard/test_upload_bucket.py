"""Plates go from the browser straight into a bucket: its address, the page's policy, CORS.

The store is moto's, behind a gate that keeps to the bucket's own CORS rules, as S3 does.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from helpers_dashboard import let_in
from helpers_dropping import drop
from helpers_gate import Gate, running_gate
from helpers_people import ROTO, House, Person, running_house
from helpers_s3 import Store, running_store
from helpers_signing_in import person_with_password
from helpers_watching import watched
from playwright.sync_api import Browser, Page, expect

LONG = 120_000
SIZE = (20 << 20) + 7
"""Two pieces, as a bucket takes them."""


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with running_store() as running:
        yield running


@pytest.fixture(scope="module")
def gate(store: Store) -> Iterator[Gate]:
    with running_gate(store) as made:
        yield made


@pytest.fixture(scope="module")
def house(store: Store, gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("bucket")
    settings = {**store.environment, "ROTO_S3_PUBLIC_ENDPOINT": gate.url}
    with running_house(folder, f"sqlite:///{folder / 'roto.db'}", **settings) as house:
        yield house


@pytest.fixture
def artist(house: House) -> Person:
    return person_with_password(house, "artist")


def _opened(browser: Browser, house: House, artist: Person) -> Page:
    project = house.project((artist, "artist"))
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    let_in(context, house, artist)
    page = context.new_page()
    page.goto(f"{house.url}/upload?project={project}")
    return page


def _uploaded(page: Page, path: Path) -> list[str]:
    """The addresses pieces were sent to, when the plate is a shot."""
    sent: list[str] = []
    page.on("request", lambda one: one.method == "PUT" and sent.append(one.url))
    drop(page, path)
    page.get_by_role("button", name="Upload 1 plate").click()
    sending = page.get_by_role("region", name="On their way")
    expect(sending.get_by_role("link", name=path.stem, exact=True)).to_be_visible(timeout=LONG)
    return sent


def test_a_bucket_that_lets_no_page_in_is_gone_round(
    browser: Browser, house: House, store: Store, gate: Gate, artist: Person, tmp_path: Path
) -> None:
    """Before `roto admin s3 setup`: the pieces go through the server, and nobody waits for ever."""
    (tmp_path / "before.mov").write_bytes(os.urandom(SIZE))
    page = _opened(browser, house, artist)
    sent = _uploaded(page, tmp_path / "before.mov")
    page.context.close()
    ours = [url for url in sent if url.startswith(f"{house.url}/api/v1/uploads/")]
    assert {url.rpartition("/")[2] for url in ours} == {"0", "1"}
    assert gate.puts == []


def test_pieces_go_straight_into_the_bucket(
    browser: Browser, house: House, store: Store, gate: Gate, artist: Person, tmp_path: Path
) -> None:
    environment = {**house.environment, "ROTO_PUBLIC_URL": house.url}
    subprocess.run([*ROTO, "admin", "s3", "setup"], env=environment, check=True, timeout=120)
    (tmp_path / "straight.mov").write_bytes(os.urandom(SIZE))
    before = set(store.names())
    page = _opened(browser, house, artist)
    with watched(page.context, hears=("error", "warning")):
        policy = httpx.get(f"{house.url}/upload").headers["Content-Security-Policy"]
        assert f"connect-src 'self' {gate.url};" in policy
        sent = _uploaded(page, tmp_path / "straight.mov")
    assert sent
    assert all(url.startswith(f"{gate.url}/") for url in sent)
    parts = {put.part: put.size for put in gate.puts}
    assert sum(parts.values()) == SIZE
    assert set(parts) == {"1", "2"}
    # The bucket is told nothing of who is signed in.
    told = {name for put in gate.puts for name in put.headers}
    assert not told & {"cookie", "authorization", "x-roto-csrf"}
    assert any(name.endswith("straight.mov") for name in set(store.names()) - before)
