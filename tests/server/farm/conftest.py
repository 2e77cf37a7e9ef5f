"""The farm on a real database and a storage of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from roto_server.db.session import Database
from server.farm.helpers_farm_rows import Studio, open_studio


@pytest.fixture
def studio(database: Database, tmp_path: Path) -> Studio:
    return open_studio(database, tmp_path / "data")
