"""The file that a fetch writes to before the bytes take their name: one fetch holds it."""

from __future__ import annotations

import errno
import os
import sys
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Iterator, Optional

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_HELD = (errno.EAGAIN, errno.EACCES)
"""What says that another has the lock, and not that there are no locks."""

_TRIES = 5


@contextmanager
def own_part(target: Path) -> Iterator[Path]:
    """Where to fetch ``target`` to: ``.<name>.part``, with what an earlier fetch left in it.

    While another fetch holds that one (a second press, a second host), or where the file system
    knows no locks, it is a file of another name, of which nothing stays.
    """
    part = target.with_name(f".{target.name}.part")
    lock = part.with_name(f"{part.name}.lock")
    held = _hold(lock)
    if held is not None:
        try:
            yield part
        finally:
            _let_go(lock, held)
        return
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        yield part
    finally:
        _remove(part)


def _hold(lock: Path) -> Optional[BinaryIO]:
    """The lock file, open and locked until it is closed, also by the process's death; or None."""
    for _ in range(_TRIES):
        file = open(lock, "ab")  # noqa: SIM115 (what holds the lock)
        try:
            _lock(file)
            # Whoever held it before may have removed it after we opened it: then it is no lock.
            if os.path.samestat(os.fstat(file.fileno()), os.stat(lock)):
                return file
        except FileNotFoundError:
            pass
        except OSError as error:
            file.close()
            if error.errno not in _HELD:
                _remove(lock)
            return None
        file.close()
    return None


def _lock(file: BinaryIO) -> None:
    """Raises OSError where another open file has the lock, of this process or not."""
    if sys.platform == "win32":
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _let_go(lock: Path, held: BinaryIO) -> None:
    if sys.platform == "win32":
        # Nothing is removed that somebody has open: whoever has it then removes it.
        held.close()
        _remove(lock)
    else:
        _remove(lock)
        held.close()


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
