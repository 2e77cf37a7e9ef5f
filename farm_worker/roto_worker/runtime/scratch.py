"""The worker slot's own corner of the node's disk.

``<root>/slot-<n>/`` holds ``lock`` (held while the process lives), ``attempts/<attempt id>/`` (one
scratch directory each, removed when the attempt ends) and ``reports/`` (see `outbox`).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from roto_shapes.errors import RotoError

_MARKER = "attempt.json"


class SlotTakenError(RotoError):
    """Another live process works in the same slot."""

    code = "conflict"


def write_json_atomically(path: Path, document: Any) -> None:
    """Write ``path`` so that a reader, or a crash, sees all of it or nothing."""
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    # For its owner alone: reports hold tokens.
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


class SlotScratch:
    """The directory of one worker slot, held by an advisory lock until `close`.

    Raises:
        SlotTakenError: a live process holds the slot.
    """

    def __init__(self, root: Path, slot: int) -> None:
        self.home = root / f"slot-{slot}"
        self.attempts = self.home / "attempts"
        self.reports = self.home / "reports"
        for folder in (self.attempts, self.reports):
            folder.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(self.home / "lock", slot)

    def close(self) -> None:
        """Give the slot back."""
        self._lock.close()

    @contextmanager
    def attempt(self, attempt_id: str, log_path: str) -> Iterator[Path]:
        """A fresh private directory for one attempt, removed however the attempt ends.

        Where the attempt's log lies is kept beside it: should this process die, the next one can
        note there how.
        """
        home = self.attempts / attempt_id
        home.mkdir()
        try:
            marker = {"attempt_id": attempt_id, "log_path": log_path}
            write_json_atomically(home / _MARKER, marker)
            work = home / "work"
            work.mkdir()
            yield work
        finally:
            shutil.rmtree(home, ignore_errors=True)

    def abandoned(self) -> list[dict[str, str]]:
        """``attempt_id`` and ``log_path`` of attempts whose process died in the middle."""
        markers = sorted(self.attempts.glob(f"*/{_MARKER}"))
        return [json.loads(path.read_text(encoding="utf-8")) for path in markers]

    def sweep(self) -> int:
        """Remove what attempts that are over left behind; answers how many directories.

        Only call it while no attempt of this process runs: the lock rules out other processes.
        """
        left = list(self.attempts.iterdir())
        for folder in left:
            shutil.rmtree(folder, ignore_errors=True)
        return len(left)


def _lock(path: Path, slot: int) -> IO[str]:
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise SlotTakenError(
            f"Slot {slot} under {path.parent.parent} is in use by another worker process.",
            hint="Give each worker of this machine its own --slot, or its own --scratch.",
        ) from None
    return file
