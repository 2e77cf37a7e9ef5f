from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from helpers_client import QUICK, TOKEN, FakeServer, Run, running
from typer.testing import CliRunner

from roto_client import cli
from roto_client.api import RotoClient


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No key, server, proxy or config of the machine the tests run on."""
    for name in ("ROTO_SERVER", "ROTO_API_KEY", "ROTO_API_KEY_FILE", "ROTO_CA_BUNDLE",
                 "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY",
                 "all_proxy"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("ROTO_DATA_DIR", str(home / "server"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with running(FakeServer()) as fake:
        yield fake
    assert fake.complaints == []


@pytest.fixture
def client(server: FakeServer) -> RotoClient:
    return RotoClient(server.url, TOKEN, retry=QUICK)


@pytest.fixture
def run(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `roto` with arguments against the fake server."""
    monkeypatch.setenv("ROTO_SERVER", server.url)
    monkeypatch.setenv("ROTO_API_KEY", TOKEN)
    monkeypatch.setenv("COLUMNS", "200")
    app = cli.build_app()

    def invoke(*arguments: object, **options: Any) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], **options)

    return invoke


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    """Ten frames 1001-1010; the server never decodes them here, any bytes will do."""
    folder = tmp_path / "plates"
    folder.mkdir()
    for frame in range(1001, 1011):
        (folder / f"heist_010.{frame}.png").write_bytes(b"picture %d" % frame * 50)
    return folder / "heist_010.%04d.png"


@pytest.fixture
def old(plate: Path) -> Path:
    """The plate, rendered before the fake server's clock says any shot was made."""
    for path in plate.parent.iterdir():
        os.utime(path, (0, 0))
    return plate
