"""A child of `run_confined` that does as it is told; see test_confined."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from roto_shapes.errors import RotoError
from roto_worker.media.confined import Message, Say, serve


def _answer(request: Message, say: Say) -> Message:
    os.write(1, b"a library talks\n")
    for frame in (1001, 1002):
        say({"at": frame})
    secrets = [name for name in os.environ if "TOKEN" in name or name == "ROTO_REDIS_URL"]
    return {"echo": request["text"], "secrets": secrets}


def _segfault(request: Message, say: Say) -> Message:
    say({"at": 1003})
    ctypes.string_at(0)
    return {}


def _hang(request: Message, say: Say) -> Message:
    say({"at": 1004})
    while True:
        time.sleep(60)


def _hog(request: Message, say: Say) -> Message:
    return {"kept": len(bytearray(4 << 30))}


def _killed(request: Message, say: Say) -> Message:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def _refuse(request: Message, say: Say) -> Message:
    raise RotoError("frame 7 is odd", code="bad_plate", hint="mend it", detail={"frame": 7})


def _full(request: Message, say: Say) -> Message:
    raise OSError(errno.ENOSPC, "no room")


def _bug(request: Message, say: Say) -> Message:
    raise ZeroDivisionError("a bug")


def _write(request: Message, say: Say) -> Message:
    with Path(request["text"]).open("wb") as file:
        file.truncate(10 << 30)
    return {}


_WORKS: dict[str, Callable[[Message, Say], Message]] = {
    "answer": _answer, "segfault": _segfault, "hang": _hang, "hog": _hog, "killed": _killed,
    "refuse": _refuse, "full": _full, "bug": _bug, "write": _write,
}  # fmt: skip

if __name__ == "__main__":
    serve(lambda request, say: _WORKS[request["work"]](request, say))
