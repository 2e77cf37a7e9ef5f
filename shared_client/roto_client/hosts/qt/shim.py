"""Qt as the host has it: PySide6, or PySide2 in older ones. Nothing else here imports either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    QtCore: Any
    QtGui: Any
    QtWidgets: Any
    QAction: Any
else:
    try:
        from PySide6 import QtCore, QtGui, QtWidgets

        QAction = QtGui.QAction
    except ImportError:
        from PySide2 import QtCore, QtGui, QtWidgets

        QAction = QtWidgets.QAction

__all__ = ("QAction", "QtCore", "QtGui", "QtWidgets", "run_dialog")


def run_dialog(dialog: Any) -> bool:
    """Show a dialog until it is closed; whether it was accepted."""
    run = dialog.exec if hasattr(dialog, "exec") else dialog.exec_
    return bool(run())
