"""The line at the top: which farm, whether it takes us, and signing in."""

from __future__ import annotations

from typing import Optional

from roto_shapes.errors import RotoError

from ..desk import Desk
from ..state import CONNECTING, READY, CodeShown, ServerState
from . import theme, words
from .host import in_words
from .qt import Qt, QtCore, QtWidgets, if_alive, open_page


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
        self.code = CodeBox(desk)
        self.code.hide()
        top = QtWidgets.QHBoxLayout()
        top.addWidget(self.lamp)
        top.addWidget(self.line, 1)
        top.addWidget(self.again)
        top.addWidget(self.toggle)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self.code)
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
            # Of a sign-in that another one took the place of nothing is heard.
            self.form.enable()
            self.form.setVisible(self.form.isHidden())


class CodeBox(QtWidgets.QWidget):
    """The code that waits for the artist's browser, there as long as it does."""

    def __init__(self, desk: Desk, parent: Optional[QtWidgets.QWidget] = None) -> None:
        super().__init__(parent)
        self._shown: Optional[CodeShown] = None
        self.text = theme.label()
        self.text.setWordWrap(True)
        self.value = theme.label(code=True)
        self.left = theme.label(dim=True)
        for line in (self.text, self.value):
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.open = theme.button(
            "Open browser", "Where you are signed in already, one click will do"
        )
        self.open.clicked.connect(self._open)
        self.stop = theme.button("Stop")
        self.stop.clicked.connect(lambda *_: desk.stop_sign_in())
        column = theme.column(self.text, theme.row(self.value, 1, self.open, self.stop), self.left)
        column.setContentsMargins(16, 0, 0, 4)
        self.setLayout(column)
        self._second = QtCore.QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._count)

    def show_code(self, shown: Optional[CodeShown]) -> None:
        """Draw a code; None: there is none."""
        self._shown = shown
        self.setVisible(shown is not None)
        if shown is None:
            self._second.stop()
            return
        self.text.setText(f"Enter this code at {shown.address} and approve it:")
        self.value.setText(shown.code)
        self._count()
        self._second.start()

    def _count(self) -> None:
        if self._shown is not None:
            self.left.setText(words.code_left(self._shown))

    def _open(self) -> None:
        if self._shown is not None:
            open_page(self._shown.address_with_code)


class SignInForm(QtWidgets.QWidget):
    """Server, and a code or an API key. The key is kept by the desk, never shown and never in a
    script."""

    def __init__(self, desk: Desk, parent: Optional[QtWidgets.QWidget] = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.server = QtWidgets.QLineEdit()
        self.server.setPlaceholderText("https://roto.studio.example")
        self.browser = theme.button(
            "Sign in with browser", "A code is shown here, and your browser opened", main=True
        )
        self.browser.clicked.connect(self._sign_in_by_code)
        self.server.returnPressed.connect(self._sign_in_by_code)
        self.key = QtWidgets.QLineEdit()
        self.key.setEchoMode(QtWidgets.QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText("or an API key")
        self.button = theme.button("Use key")
        self.button.clicked.connect(self._sign_in)
        self.key.returnPressed.connect(self._sign_in)
        self.problem = theme.label(bad=True)
        self.problem.setWordWrap(True)
        self.problem.hide()
        grid = QtWidgets.QGridLayout(self)
        grid.setContentsMargins(16, 0, 0, 4)
        grid.addWidget(QtWidgets.QLabel("Server"), 0, 0)
        grid.addWidget(self.server, 0, 1)
        grid.addWidget(self.browser, 0, 2)
        grid.addWidget(QtWidgets.QLabel("Key"), 1, 0)
        grid.addWidget(self.key, 1, 1)
        grid.addWidget(self.button, 1, 2)
        grid.addWidget(self.problem, 2, 1, 1, 2)

    def enable(self, enabled: bool = True) -> None:
        """Let the artist press, or not while an answer is on its way."""
        self.browser.setEnabled(enabled)
        self.button.setEnabled(enabled)

    def _sign_in_by_code(self) -> None:
        self._begin()
        self.desk.sign_in_by_code(
            self.server.text().strip(),
            if_alive(self, self._done),
            if_alive(self, self._failed),
            show=if_alive(self, self._shown),
        )

    def _sign_in(self) -> None:
        server, key = self.server.text().strip(), self.key.text().strip()
        if not server or not key:
            self._failed(RotoError("A server's address and an API key are needed."))
            return
        self._begin()
        self.desk.sign_in(server, key, if_alive(self, self._done), if_alive(self, self._failed))

    def _begin(self) -> None:
        self.enable(False)
        self.problem.hide()

    def _shown(self, shown: CodeShown) -> None:
        # What waits can be begun again: a code may be stopped, of which nothing is told here.
        self.enable()
        self.hide()
        open_page(shown.address_with_code)

    def _done(self, nothing: None) -> None:
        self.enable()

    def _failed(self, error: RotoError) -> None:
        self.enable()
        self.show()
        self.problem.setText(in_words(error))
        self.problem.show()
