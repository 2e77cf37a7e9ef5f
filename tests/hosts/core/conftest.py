from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_client import TOKEN
from helpers_desk import MainThread
from helpers_farm import Farm, working_farm
from helpers_studio_server import Studio

from roto_client.api import Retry
from roto_client.hosts import Desk, HostMemory


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """Redis, a server and one worker."""
    with working_farm(tmp_path_factory.mktemp("farm")) as farm:
        yield farm


@pytest.fixture
def main() -> MainThread:
    return MainThread()


@pytest.fixture
def desk(
    farm: Farm, main: MainThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """A desk signed in at the farm."""
    monkeypatch.setenv("ROTO_SERVER", farm.url)
    monkeypatch.setenv("ROTO_API_KEY", farm.api_key)
    monkeypatch.setenv("ROTO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    made = Desk("test", main.post, memory=HostMemory("test", tmp_path), pause=0.1)
    yield made
    made.close()


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """A desk at a fake server, patient for two seconds instead of half a minute."""
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "ROTO_DATA_DIR", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setattr(
        "roto_client.hosts.connecting._PATIENT", Retry(tries=9, first_pause=0.1, longest_pause=0.5)
    )
    made = Studio(tmp_path)
    monkeypatch.setenv("ROTO_SERVER", made.server.url)
    monkeypatch.setenv("ROTO_API_KEY", TOKEN)
    yield made
    made.close()
