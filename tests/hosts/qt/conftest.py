from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for path in (Path(__file__).parents[3] / "shared_client", Path(__file__).parent):
    if str(path) not in sys.path:
        sys.path.insert(0, str(path))

from roto_client.hosts.qt.shim import QtWidgets  # noqa: E402


@pytest.fixture(scope="session")
def qt() -> Any:
    """The application, dark as hosts are."""
    from helpers_qt import darken

    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    darken(application)
    return application
