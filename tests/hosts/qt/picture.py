"""Draws docs/images/panel.png: PYTHONPATH=shared_client python picture.py FILE."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from helpers_qt import STATE, Seat, StillDesk, darken

from roto_client.hosts.qt.panel import RotoPanel
from roto_client.hosts.qt.shim import QtWidgets


def main(target: Path) -> None:
    """Write the picture to ``target``."""
    application = QtWidgets.QApplication([])
    darken(application)
    panel = RotoPanel(StillDesk(STATE), Seat())
    panel.resize(720, 520)
    panel.show()
    panel.jobs.selectRow(2)
    application.processEvents()
    if not panel.grab().save(str(target)):
        raise SystemExit(f"{target} cannot be written")


main(Path(sys.argv[1]))
