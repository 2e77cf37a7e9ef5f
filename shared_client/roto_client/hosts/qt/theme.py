"""How the panel looks: dark, as the hosts are, and quiet. Only our own widgets are styled."""

from __future__ import annotations

from typing import Tuple

from .qt import QtGui, QtWidgets

WINDOW, BASE, RAISED, LINE = "#2b2d30", "#222427", "#3a3d41", "#17181a"
TEXT, DIM, ACCENT = "#d8dadd", "#9398a0", "#f0a23b"
GOOD, BAD, WARN = "#62b36f", "#e5665c", "#e0b341"
GAP = 6
ROW_HEIGHT = 24

STATE_COLORS = {
    "succeeded": GOOD,
    "failed": BAD,
    "cancelled": DIM,
    "cancelling": WARN,
    "running": ACCENT,
    "queued": DIM,
}

STYLE = f"""
#megaton QWidget, #megaton {{ background: {WINDOW}; color: {TEXT}; }}
#megaton QLabel {{ background: transparent; }}
#megaton QLabel[dim="true"] {{ color: {DIM}; }}
#megaton QLabel[heading="true"] {{ font-weight: 600; }}
#megaton QLabel[bad="true"] {{ color: {BAD}; }}
#megaton QLabel[code="true"] {{ color: {ACCENT}; font-size: 22px; font-weight: 600;
  font-family: monospace; }}
#megaton QLineEdit, #megaton QComboBox, #megaton QPlainTextEdit {{
  background: {BASE}; border: 1px solid {LINE}; border-radius: 3px; padding: 3px 6px;
  selection-background-color: {ACCENT}; selection-color: #1a1a1a; min-height: 16px; }}
#megaton QLineEdit:focus, #megaton QComboBox:focus {{ border-color: {ACCENT}; }}
#megaton QComboBox QAbstractItemView {{ background: {BASE}; border: 1px solid {LINE}; }}
#megaton QPushButton {{
  background: {RAISED}; border: 1px solid {LINE}; border-radius: 3px; padding: 4px 9px; }}
#megaton QPushButton:hover {{ background: #45494e; }}
#megaton QPushButton:pressed, #megaton QPushButton:checked {{
  background: {BASE}; border-color: {ACCENT}; }}
#megaton QPushButton:disabled {{ color: #6a6e74;
  background: #303236; }}
#megaton QPushButton[main="true"] {{ background: {ACCENT}; color: #1c1c1c; font-weight: 600; }}
#megaton QPushButton[main="true"]:hover {{ background: #ffb757; }}
#megaton QPushButton[main="true"]:disabled {{ background: #5b4d38; color: #8d8577; }}
#megaton QTableView {{ background: {BASE}; alternate-background-color: #26282b;
  border: 1px solid {LINE}; border-radius: 3px; gridline-color: transparent; outline: none;
  selection-background-color: #46505c; selection-color: {TEXT}; }}
#megaton QTableView::item {{ padding: 0 5px; border: none; }}
#megaton QListWidget {{ background: {BASE}; border: 1px solid {LINE}; border-radius: 3px;
  outline: none; }}
#megaton QListWidget::item {{ padding: 4px 6px; }}
#megaton QListWidget::item:hover {{ background: #34383d; }}
#megaton QListWidget::item:selected {{ background: #46505c; color: {TEXT}; }}
#megaton QHeaderView {{ background: {WINDOW}; }}
#megaton QHeaderView::section {{ background: {WINDOW}; color: {DIM}; border: none;
  border-bottom: 1px solid {LINE}; padding: 3px 5px; }}
#megaton QProgressBar {{ background: {BASE}; border: 1px solid {LINE}; border-radius: 3px;
  text-align: center; max-height: 14px; }}
#megaton QProgressBar::chunk {{ background: {ACCENT}; border-radius: 2px; }}
#megaton QSplitter::handle {{ background: {WINDOW}; height: 5px; }}
#megaton QFrame[rule="true"] {{ background: {LINE}; max-height: 1px; border: none; }}
#megaton QScrollBar:vertical {{ background: {BASE}; width: 10px; margin: 0; }}
#megaton QScrollBar::handle:vertical {{ background: #4b4f55; border-radius: 4px;
  min-height: 24px; }}
#megaton QScrollBar::add-line, #megaton QScrollBar::sub-line {{ height: 0; width: 0; }}
#megaton QCheckBox {{ background: transparent; spacing: 5px; }}
#megaton QCheckBox {{ spacing: 6px; }}
#megaton QCheckBox::indicator {{ width: 13px; height: 13px; }}
#megaton QCheckBox::indicator:unchecked, #megaton QTableView::indicator:unchecked {{
  border: 1px solid #5a5e65; border-radius: 2px; background: {BASE}; }}
#megaton QToolTip {{ background: {BASE}; color: {TEXT}; border: 1px solid {LINE}; }}
"""


def dress(widget: QtWidgets.QWidget) -> None:
    """Give the look to a widget and what is in it."""
    widget.setObjectName("megaton")
    widget.setStyleSheet(STYLE)


def qcolor(color: Tuple[float, float, float]) -> QtGui.QColor:
    """A colour of r, g, b in 0..1."""
    red, green, blue = (max(0, min(255, round(255 * one))) for one in color)
    return QtGui.QColor(red, green, blue)


def label(text: str = "", **flags: bool) -> QtWidgets.QLabel:
    """A label; ``heading``, ``dim``, ``bad`` and ``code`` are looks."""
    made = QtWidgets.QLabel(text)
    for name, value in flags.items():
        made.setProperty(name, value)
    return made


def button(text: str, tip: str = "", *, main: bool = False) -> QtWidgets.QPushButton:
    """A push button; ``main``: the one thing to do here."""
    made = QtWidgets.QPushButton(text)
    made.setProperty("main", main)
    made.setToolTip(tip)
    made.setAutoDefault(False)
    return made


def row(*things: object) -> QtWidgets.QHBoxLayout:
    """Widgets beside each other; a number is stretch."""
    made = QtWidgets.QHBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(GAP)
    fill(made, *things)
    return made


def column(*things: object) -> QtWidgets.QVBoxLayout:
    """Widgets and rows below each other; a number is stretch."""
    made = QtWidgets.QVBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(GAP)
    fill(made, *things)
    return made


def fill(layout: QtWidgets.QBoxLayout, *things: object) -> None:
    """Add widgets, layouts, and stretch given as numbers."""
    for thing in things:
        if isinstance(thing, QtWidgets.QWidget):
            layout.addWidget(thing)
        elif isinstance(thing, QtWidgets.QLayout):
            layout.addLayout(thing)
        elif isinstance(thing, int):
            layout.addStretch(thing)
        else:
            raise TypeError(f"{thing!r} cannot be laid out")


def table(model_view: QtWidgets.QTableView) -> None:
    """Settings every table of the panel shares: whole rows, one height, no look at all rows."""
    model_view.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
    model_view.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.SingleSelection)
    model_view.setAlternatingRowColors(True)
    model_view.setShowGrid(False)
    model_view.setWordWrap(False)
    model_view.verticalHeader().hide()
    model_view.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
    model_view.verticalHeader().setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.Fixed)
    model_view.horizontalHeader().setHighlightSections(False)
