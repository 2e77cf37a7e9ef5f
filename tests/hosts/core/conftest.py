from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_desk import MainThread
from helpers_farm import Farm

from roto_client.hosts import Desk, HostMemory


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """Redis, a server and one worker."""
    made = Farm(tmp_path_factory.mktemp("farm"))
    try:
        made.open()
        made.start_worker()
        yield made
    finally:
        made.close()


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
