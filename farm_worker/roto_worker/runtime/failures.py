"""From an exception inside a stage to the error the farm reports.

The user gets a code, a sentence and a hint; the traceback goes to the attempt's log only.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from roto_shapes.errors import RotoError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_STORAGE = frozenset(
    {
        errno.EIO,
        errno.EROFS,
        errno.ESTALE,
        errno.ENXIO,
        errno.ETIMEDOUT,
        errno.ENOTCONN,
        errno.EACCES,
        errno.EPERM,
        errno.EFBIG,
        errno.EMFILE,
        errno.ENFILE,
    }
)
_LEAST_FREE_BYTES = 1 << 16


def farm_error(failure: BaseException, kind: str, output_dir: Path) -> dict[str, Any]:
    """The farm API's ``error`` for what stage ``kind`` raised.

    A `RotoError` keeps its code. ``output_dir`` is looked at because image libraries report a
    full disk as an error without a number.
    """
    if isinstance(failure, RotoError):
        # A detail may hold paths or numpy numbers; what travels is plain JSON.
        error: dict[str, Any] = json.loads(json.dumps(failure.as_dict(), default=str))
        return error
    code, message, hint = _classify(failure, kind, output_dir)
    return {"code": code, "message": message, "hint": hint, "detail": {"stage": kind}}


def _classify(failure: BaseException, kind: str, output_dir: Path) -> tuple[str, str, str]:
    chain = list(_causes(failure))
    if any(_says_full(one) for one in chain) or _disk_full(output_dir):
        return (
            "disk_full",
            "No space is left where the results are written.",
            "Free space on the storage, then retry the job.",
        )
    if any(_out_of_memory(one) for one in chain):
        return (
            "out_of_memory",
            f"The worker ran out of memory in {kind}.",
            "Run the job on a worker with more memory, or with a smaller image size.",
        )
    for one in chain:
        if isinstance(one, OSError) and one.errno in _STORAGE:
            return (
                "storage_failed",
                f"Reading or writing the storage failed: {os.strerror(one.errno)}.",
                "Check the mount and its permissions on the worker's node.",
            )
    code = "engine_failed" if kind in ("track", "preview") else "internal"
    what, log = ("preview", "worker") if kind == "preview" else (f"{kind} stage", "attempt")
    return (
        code,
        f"The {what} broke: {type(failure).__name__}{_first_line(failure)}",
        f"The {log}'s log holds the details.",
    )


def _causes(failure: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = failure
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _says_full(failure: BaseException) -> bool:
    if isinstance(failure, OSError) and failure.errno in _FULL:
        return True
    text = str(failure)
    return any(os.strerror(number) in text for number in _FULL)


def _disk_full(folder: Path) -> bool:
    try:
        stats = os.statvfs(folder)
    except OSError:
        return False
    return stats.f_bavail * stats.f_frsize < _LEAST_FREE_BYTES


def _out_of_memory(failure: BaseException) -> bool:
    # torch.OutOfMemoryError and cv2.error are recognised without importing either package.
    return (
        isinstance(failure, MemoryError)
        or type(failure).__name__ == "OutOfMemoryError"
        or (isinstance(failure, OSError) and failure.errno == errno.ENOMEM)
        or "Insufficient memory" in str(failure)
    )


def _first_line(failure: BaseException) -> str:
    lines = str(failure).strip().splitlines()
    return f": {lines[0][:300]}" if lines else "."
