"""A line between an artist and a server, which can be cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Line:
    """A TCP relay to ``port`` of this machine; ``sent``: bytes from the client so far."""

    def __init__(self, port: int) -> None:
        self.sent = 0
        self.cuts = 0
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self._due: tuple[int, Callable[[], None]] | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The server's address as the artist knows it."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """Break every connection there is, in the middle of whatever is said."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
            self.cuts += 1
        for pair in pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def when_sent(self, count: int, act: Callable[[], None]) -> None:
        """Do something once, as soon as the client has sent so many bytes."""

        with self._lock:
            self._due = (count, act)

    def close(self) -> None:
        """No more connections."""
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._port))
                except OSError:  # the server is away
                    near.close()
                    continue
                with self._lock:
                    self._pairs.append((near, far))
                for ends in ((near, far, True), (far, near, False)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _count(self, more: int) -> Callable[[], None] | None:
        """Note bytes of the client; what is to be done by the one thread that sent enough."""
        with self._lock:
            self.sent += more
            if self._due is None or self.sent < self._due[0]:
                return None
            (_, act), self._due = self._due, None
            return act

    def _carry(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
                if counted and (act := self._count(len(data))) is not None:
                    act()
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def line_to(port: int) -> Iterator[Line]:
    """A line, closed at the end."""
    line = Line(port)
    try:
        yield line
    finally:
        line.close()
