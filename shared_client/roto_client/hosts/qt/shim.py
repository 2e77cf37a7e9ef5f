"""Qt for the plugins: what `qt` has, untyped, so that their type checks need no Qt's stubs."""

from __future__ import annotations

from typing import Any

from . import qt

QtCore: Any = qt.QtCore
QtGui: Any = qt.QtGui
QtWidgets: Any = qt.QtWidgets

__all__ = ("QtCore", "QtGui", "QtWidgets")
