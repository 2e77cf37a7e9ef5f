from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_runtime import FarmStub, redis_server


@pytest.fixture
def farm() -> Iterator[FarmStub]:
    stub = FarmStub()
    yield stub
    stub.stop()


@pytest.fixture
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(Path(tmp_path_factory.mktemp("redis"))) as (url, _):
        yield url
