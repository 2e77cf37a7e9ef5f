"""The way to the server that is wanted now, and how it stands with it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import Iterator, Optional, Tuple

from roto_shapes.errors import RotoError

from ..api.errors import SignInError, StoppedError
from . import connecting
from .board import Board
from .connecting import MakeClient, Way
from .following import Follower, pause_asked
from .state import CONNECTING, OFFLINE, READY, REFUSED, ServerState


class WayIn:
    """Finds the way to the server, and keeps it until the artist wants another one.

    Every change of mind (another server, a sign-in, a sign-out) is a new turn. What is found for an
    earlier one, whenever its answer comes, is neither shown, nor used, nor kept.
    """

    def __init__(self, make: MakeClient, board: Board, follower: Follower) -> None:
        self._make, self._board, self._follower = make, board, follower
        # Watchers may be called within, and press the next button.
        self._lock = threading.RLock()
        self._keys = threading.Lock()
        self._turn = self._kept = 0
        self._wanted = ("", "")
        self.signed_out = False
        self.way: Optional[Way] = None

    # -- turns: return at once

    def to(self, server: str, key: str) -> int:
        """Another server (empty: the one that settings name); the turn."""
        with self._lock:
            self._wanted, self.signed_out, self.way = (server, key), False, None
            return self._next(ServerState(CONNECTING, server or self._board.state.server.server))

    def signing_in(self, server: str) -> int:
        """A key is tried; until it is taken, the way there is stays."""
        with self._lock:
            return self._next(ServerState(CONNECTING, server))

    def out(self) -> int:
        """No server at all, until `to` or a sign-in."""
        with self._lock:
            self.signed_out, self.way = True, None
            return self._next(ServerState(REFUSED, self._board.state.server.server, "Signed out."))

    def _next(self, state: ServerState) -> int:
        self._turn += 1
        self._board.server(state)
        return self._turn

    # -- on threads

    def find(self) -> Way:
        """Raises SignInError after `out`, and what `connecting.reach` raises."""
        while True:
            turn, wanted = self._asked()
            try:
                way = connecting.reach(self._make, *wanted)
            except RotoError as error:
                if self.refused(error, turn):
                    raise
            else:
                if self._take(turn, way):
                    return way

    def sign_in(self, server: str, key: str, stop: threading.Event, turn: int = 0) -> None:
        """Try a key and keep it; of turn 0, in a new one.

        StoppedError: something else is wanted by now, or ``stop`` is set; nothing is kept.
        """
        with self._lock:
            self._check(turn, stop)
            if not turn:
                turn = self._turn = self._turn + 1
        way = connecting.sign_in(self._make, server, key, lambda: self._keeping(turn, stop))
        with self._lock:
            self._check(turn, stop)
            self._wanted, self.signed_out = (way.client.server, key.strip()), False
            self._take(turn, way)

    def forget(self, turn: int, server: str) -> None:
        """Forget the key of a server, unless one was kept in a later turn."""
        with self._keys:
            if self._kept < turn:
                connecting.sign_out(server)

    def refused(self, error: RotoError, turn: int = 0, tried: str = "") -> bool:
        """Show what is in the way; false if nobody wants to know, of that turn, any more.

        Where nothing answers it is looked for, unless it is one that was only ``tried``.
        """
        with self._lock:
            if turn != self._turn if turn else self.signed_out:
                return False
            state = connecting.trouble(error, tried or self._board.state.server.server)
            self._board.server(state)
        if state.status == OFFLINE and not tried:
            self._follower.find_server(pause_asked(error))
        return True

    def well(self) -> None:
        """An answer came."""
        with self._lock:
            if self.way is not None:
                self._board.server(ServerState(READY, self.way.client.server))

    def _asked(self) -> Tuple[int, Tuple[str, str]]:
        with self._lock:
            if self.signed_out:
                raise SignInError("Signed out.")
            return self._turn, self._wanted

    def _take(self, turn: int, way: Way) -> bool:
        with self._lock:
            if turn != self._turn:
                return False
            self.way = way
            self.well()
        self._follower.look_now()
        return True

    def _check(self, turn: int, stop: threading.Event) -> None:
        if stop.is_set() or turn not in (0, self._turn):
            raise StoppedError("Signing in was stopped.")

    @contextmanager
    def _keeping(self, turn: int, stop: threading.Event) -> Iterator[None]:
        """For as long as a key is being kept: a sign-out that comes now forgets it after that."""
        with self._keys:
            with self._lock:
                self._check(turn, stop)
            yield
            self._kept = turn
