"""Keys under which work is sent, so that nothing is ever made twice.

The server makes one job per key. When no answer came it is not known whether a job was made: the
same request pressed again then goes out under the same key, and finds its job.
"""

from __future__ import annotations

import threading
from typing import Any, List, Tuple
from uuid import uuid4

_MOST = 20


class Keys:
    """Keys of what was sent and not heard of. Requests are told apart by being equal."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unsure: List[Tuple[Any, str]] = []

    def key(self, what: Any) -> str:
        """The key for ``what``: that of its last try if nothing was heard of it, else a new one."""
        with self._lock:
            return next((key for sent, key in self._unsure if sent == what), uuid4().hex)

    def unsure(self, what: Any, key: str) -> None:
        """No answer came."""
        with self._lock:
            if (what, key) not in self._unsure:
                self._unsure = [*self._unsure[-_MOST + 1 :], (what, key)]

    def heard(self, what: Any) -> None:
        """An answer came, whatever it was."""
        with self._lock:
            self._unsure = [one for one in self._unsure if one[0] != what]
