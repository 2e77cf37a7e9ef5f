"""A file that one process at a time can hold; the kernel lets go when the process dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO


class LockFile:
    """``path`` locked with flock and holding the owner's process id."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: IO[str] | None = None

    def acquire(self) -> str | None:
        """Take the lock; None when that worked (or we hold it), else the owner's process id."""
        if self._handle is not None:
            return None
        handle = self.path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            owner = handle.read().strip()
            handle.close()
            return owner or "unknown"
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        self._handle = handle
        return None

    def release(self) -> None:
        """Let go; the file stays, since removing it would race with the next owner."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None
