"""Qt as the host brings it: PySide6 (Nuke 16 and later), else PySide2 5.15. The only module that
imports either; where the two differ, the difference is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from PySide6 import QtCore, QtGui, QtWidgets
    from shiboken6 import isValid
else:
    try:
        from PySide6 import QtCore, QtGui, QtWidgets
        from shiboken6 import isValid
    except ImportError:
        from PySide2 import QtCore, QtGui, QtWidgets
        from shiboken2 import isValid

Qt = QtCore.Qt
Signal = QtCore.Signal

__all__ = ("Qt", "QtCore", "QtGui", "QtWidgets", "Signal", "if_alive", "isValid", "open_page")


def if_alive(owner: QtCore.QObject, call: Callable[..., None]) -> Callable[..., None]:
    """``call``, done only while ``owner`` exists: a host may delete a panel while an answer is on
    its way, and touching what is deleted ends the host."""

    def guarded(*args: Any) -> None:
        if isValid(owner):
            call(*args)

    return guarded


def open_page(address: str) -> bool:
    """Have the artist's browser show a page; whether there is a browser. By Qt, not by Python's
    ``webbrowser``, which hands it the host's own libraries."""
    return bool(QtGui.QDesktopServices.openUrl(QtCore.QUrl(address)))
