"""Qt for the plugins: what `qt` has, untyped, so that their type checks need no Qt's stubs."""

from __future__ import annotations

from typing import Any

from . import qt

QAction: Any = qt.QAction
QtCore: Any = qt.QtCore
QtGui: Any = qt.QtGui
QtWidgets: Any = qt.QtWidgets

__all__ = ("QAction", "QtCore", "QtGui", "QtWidgets", "run_dialog")


def run_dialog(dialog: Any) -> bool:
    """Show a dialog until it is closed; whether it was accepted."""
    run = dialog.exec if hasattr(dialog, "exec") else dialog.exec_
    return bool(run())
