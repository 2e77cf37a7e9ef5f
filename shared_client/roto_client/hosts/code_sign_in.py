"""Signing in through the artist's browser: one code at a time, waited for beside the host."""

from __future__ import annotations

import platform
import threading
from typing import Callable, Optional

from ..api.config import find_server
from ..api.device import begin, wait_for_key
from ..api.errors import InputError, ServerUnavailableError
from ..api.transport import server_url
from .board import Board
from .connecting import MakeClient
from .hints import for_artists
from .runner import Failed, Runner, Task
from .state import CodeShown

Show = Callable[[CodeShown], None]


class CodeSignIn:
    """Shows a code on the board until it is approved, refused, too old, or not wanted any more.

    ``host``: what the browser calls the program; ``sign_in`` gets server, key and the
    stop of the work, on a thread of the runner's.
    """

    def __init__(
        self,
        runner: Runner,
        board: Board,
        make: MakeClient,
        host: str,
        sign_in: Callable[[str, str, threading.Event], None],
    ) -> None:
        self._runner, self._board, self._make = runner, board, make
        self._name = _name(host)
        self._sign_in = sign_in
        self._task: Optional[Task] = None

    def begin(self, server: str, done: Callable[[None], None], failed: Failed, show: Show) -> Task:
        """Ask ``server`` (empty: the one that settings name) for a code; returns at once.

        ``show`` gets the code, on the main thread, once there is one.
        """
        self.stop()
        task = self._runner.run(
            lambda stop: self._wait(server, stop, show),
            done,
            lambda error: failed(for_artists(error)),
        )
        self._task = task
        return task

    def stop(self) -> None:
        """Forget the code, if there is one; nothing more is told of it. Returns at once."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._board.sign_in_over(self._board.state.sign_in)

    def _wait(self, server: str, stop: threading.Event, show: Show) -> None:
        client = self._make(_server(server), "")
        code = begin(client.transport, self._name)
        shown = CodeShown(
            client.server, code.user_code, code.address, code.address_with_code, code.ends
        )
        self._board.sign_in(shown)
        try:
            self._runner.post(lambda: None if stop.is_set() else show(shown))
            key = wait_for_key(client.transport, code, stop).api_key
        finally:
            self._board.sign_in_over(shown)
        self._sign_in(client.server, key, stop)


def _server(given: str) -> str:
    """Raises InputError for what is no address, or where none is given anywhere."""
    if given.strip():
        return server_url(given)
    try:
        return find_server()[0]
    except ServerUnavailableError as error:
        raise InputError(
            "Which server? No address is given.",
            hint="Write it as https://roto.studio.example; your studio's IT knows it.",
        ) from error


def _name(host: str) -> str:
    """ "Nuke on ws042": what whoever approves the code is asked about."""
    node = platform.node().partition(".")[0]
    return f"{host.title()} on {node}" if node else host.title()
