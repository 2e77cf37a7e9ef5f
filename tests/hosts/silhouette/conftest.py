from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
for folder in (HERE, HERE.parents[2] / "plugins" / "silhouette"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from fake_fx import Application, install  # noqa: E402


@pytest.fixture
def silhouette() -> Iterator[Application]:
    """A running Silhouette with a session of 160 x 120, frames 1001-1008, and no plate yet."""
    application = install()
    application.open_session(160, 120, 1001, 8)
    yield application
    for name in ("fx", "hook", "tools", "tools.window"):
        sys.modules.pop(name, None)
