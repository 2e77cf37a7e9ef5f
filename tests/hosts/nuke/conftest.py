from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
for path in (ROOT / "plugins" / "nuke", Path(__file__).parent, ROOT / "tests" / "farm"):
    if str(path) not in sys.path:
        sys.path.insert(0, str(path))

import fake_nuke  # noqa: E402
from helpers_session import forget_plugin  # noqa: E402


@pytest.fixture
def nuke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A new fake Nuke with an empty script, the plugin freshly imported into it."""
    monkeypatch.setenv("ROTO_NUKE_TEMP", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    made = fake_nuke.install()
    forget_plugin()
    yield made
    forget_plugin()
    fake_nuke.uninstall()


@pytest.fixture
def host(nuke: Any) -> Any:
    return fake_nuke.host.current()
