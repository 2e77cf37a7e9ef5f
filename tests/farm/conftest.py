from __future__ import annotations

from collections.abc import Iterator

import pytest
from helpers_farm import Farm


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """Redis and a server for the tests of a module."""
    made = Farm(tmp_path_factory.mktemp("farm"))
    try:
        yield made.open()
    finally:
        made.close()


@pytest.fixture
def farm(standing: Farm) -> Iterator[Farm]:
    """Redis and a server, no worker yet; whatever a test kills stands again for the next."""
    yield standing
    standing.stand_again()
