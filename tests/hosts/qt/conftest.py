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
    check_references()
    return application


def check_references() -> None:
    """A Qt built for later Pythons takes a reference of None with each call that returns nothing,
    and ends the interpreter some thousand calls later, in whatever test that is."""
    thing = QtWidgets.QLabel()
    before = sys.getrefcount(None)
    for _ in range(200):
        thing.setText("")
    if sys.getrefcount(None) < before - 100:
        pytest.exit("This PySide is not for this Python. Run `make test-qt`.", returncode=3)
