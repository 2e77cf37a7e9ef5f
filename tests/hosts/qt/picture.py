"""Draws the panel's picture of the docs: PYTHONPATH=shared_client python picture.py FOLDER."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from helpers_qt import STATE, BusyDesk, FullSeat

from roto_client.hosts.qt.panel import RotoPanel
from roto_client.hosts.qt.qt import QtWidgets


def main(folder: Path) -> None:
    """Write panel.png."""
    application = QtWidgets.QApplication([])
    application.setStyle("Fusion")
    save(panel(application), folder / "panel.png")


def save(widget: Any, target: Path) -> None:
    if not widget.grab().save(str(target)):
        raise SystemExit(f"{target} cannot be written")


def panel(application: Any) -> Any:
    desk = BusyDesk(STATE)
    seat = FullSeat()
    seat.offset = 0
    made = RotoPanel(desk, seat)
    made.resize(600, 920)
    made.show()
    made.look_again()
    desk.runner.finish()
    made.jobs.selectRow(2)
    application.processEvents()
    return made


if __name__ == "__main__":
    main(Path(sys.argv[1]))
