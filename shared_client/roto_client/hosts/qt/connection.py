"""The line at the top: which farm, whether it takes us, and signing in."""

from __future__ import annotations

from typing import Optional

from roto_shapes.errors import RotoError

from ..desk import Desk
from ..state import CONNECTING, READY, ServerState
from . import theme, words
from .qt import Qt, QtWidgets, if_alive


class ConnectionBar(QtWidgets.QWidget):
    """A lamp, a line, and what can be done about it: sign in, try again, sign out."""

    def __init__(self, desk: Desk, parent: Optional[QtWidgets.QWidget] = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.lamp = QtWidgets.QLabel()
        self.lamp.setFixedSize(10, 10)
        self.line = QtWidgets.QLabel()
        self.line.setWordWrap(True)
        self.line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.again = QtWidgets.QPushButton("Try again")
        self.again.clicked.connect(lambda *_: desk.connect())
        self.toggle = QtWidgets.QPushButton("Sign in...")
        self.toggle.clicked.connect(self._toggled)
        self.form = SignInForm(desk)
        self.form.hide()
        top = QtWidgets.QHBoxLayout()
        top.addWidget(self.lamp)
        top.addWidget(self.line, 1)
        top.addWidget(self.again)
        top.addWidget(self.toggle)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self.form)

    def show_server(self, server: ServerState) -> None:
        """Draw the way to the farm."""
        self.lamp.setStyleSheet(f"background: {words.color_of(server)}; border-radius: 5px;")
        self.line.setText(words.server_line(server))
        ready = server.status == READY
        self.again.setVisible(not ready and server.status != CONNECTING)
        self.toggle.setText("Sign out" if ready else "Sign in...")
        if ready:
            self.form.hide()
            self.form.key.clear()
        elif not self.form.server.text():
            self.form.server.setText(server.server)

    def _toggled(self) -> None:
        if self.desk.state.server.status == READY:
            self.desk.sign_out()
        else:
            self.form.setVisible(self.form.isHidden())


class SignInForm(QtWidgets.QWidget):
    """Server and API key. The key is kept by the desk, never shown and never in a script."""

    def __init__(self, desk: Desk, parent: Optional[QtWidgets.QWidget] = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.server = QtWidgets.QLineEdit()
        self.server.setPlaceholderText("https://roto.studio.example")
        self.key = QtWidgets.QLineEdit()
        self.key.setEchoMode(QtWidgets.QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText("API key")
        self.button = theme.button("Sign in", main=True)
        self.button.clicked.connect(self._sign_in)
        self.key.returnPressed.connect(self._sign_in)
        self.problem = theme.label(bad=True)
        self.problem.setWordWrap(True)
        self.problem.hide()
        grid = QtWidgets.QGridLayout(self)
        grid.setContentsMargins(16, 0, 0, 4)
        grid.addWidget(QtWidgets.QLabel("Server"), 0, 0)
        grid.addWidget(self.server, 0, 1, 1, 2)
        grid.addWidget(QtWidgets.QLabel("Key"), 1, 0)
        grid.addWidget(self.key, 1, 1)
        grid.addWidget(self.button, 1, 2)
        grid.addWidget(self.problem, 2, 1, 1, 2)

    def _sign_in(self) -> None:
        server, key = self.server.text().strip(), self.key.text().strip()
        if not server or not key:
            self._failed(RotoError("A server's address and an API key are needed."))
            return
        self.button.setEnabled(False)
        self.problem.hide()
        self.desk.sign_in(server, key, if_alive(self, self._done), if_alive(self, self._failed))

    def _done(self, nothing: None) -> None:
        self.button.setEnabled(True)

    def _failed(self, error: RotoError) -> None:
        self.button.setEnabled(True)
        self.problem.setText(f"{error.message} {error.hint}".strip())
        self.problem.show()
