"""Work on a file nobody has vouched for, in a process of its own with limits.

Decoders are large C programs; what a file made for the purpose does to one (a crash, all memory,
a loop without end) ends that process and fails the task, never the worker.

The child is a module run with ``-m`` that calls `serve`. It gets one JSON document on its standard
input and answers with JSON lines: any number of messages, at last a result or an error.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from typing import IO, Any

from roto_shapes.errors import RotoError

from ..runtime.parent import die_with, how_it_ended
from .faults import PlateError
from .limits import Limits

Message = dict[str, Any]
Say = Callable[[Message], None]

_LARGEST_FILE = 256 << 20
"""Bytes of one file that the child may write."""
_LARGEST_LINE = 64 << 20
_WAKE_SECONDS = 0.5
_SECRETS = ("ROTO_", "AWS_")
_OUT_OF_MEMORY = ("bad_alloc", "bad alloc", "cannot allocate", "insufficient memory")


def run_confined(
    module: str, request: Message, limits: Limits, hear: Say, idle: Callable[[], None]
) -> Message:
    """The result of ``module`` for ``request``; its messages go to ``hear`` as they come.

    ``idle`` is called about twice a second and may raise to have the child killed, as ``hear`` may.
    The child lives no longer than this call, nor than this process.

    Raises:
        RotoError: what the child raised; ``bad_plate`` when it crashed, wanted more memory than
            ``limits`` allow, or said nothing for as long as they allow; ``out_of_memory`` when the
            system killed it.
        OSError: what the child met while it wrote.
        RuntimeError: the child broke otherwise.
    """
    with tempfile.TemporaryFile() as noise:
        child = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=noise,
            env=_environment(limits),
        )
        with child:
            try:
                return _converse(child, request, limits, hear, idle)
            except _SilenceError as silence:
                child.kill()
                code = child.wait()
                raise _ended(code, silence, limits, _last_words(noise)) from None
            finally:
                child.kill()


class _SilenceError(Exception):
    """The child says nothing more. ``timed_out``: though it still runs."""

    def __init__(self, last: Message, timed_out: bool) -> None:
        self.last, self.timed_out = last, timed_out


def _environment(limits: Limits) -> dict[str, str]:
    """Without what is secret: tokens, keys and the passwords in URLs."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_SECRETS) and "TOKEN" not in name and "PASSWORD" not in name
    }
    return {**kept, **limits.environment()}


def _converse(
    child: subprocess.Popen[bytes],
    request: Message,
    limits: Limits,
    hear: Say,
    idle: Callable[[], None],
) -> Message:
    assert child.stdin is not None
    assert child.stdout is not None
    with contextlib.suppress(BrokenPipeError), child.stdin as pipe:
        pipe.write(json.dumps({"parent": os.getpid(), **request}).encode())
    last: Message = {}
    lines = _Lines(child.stdout)
    while True:
        heard = lines.wait(limits.decode_seconds, idle)
        if heard is None:
            raise _SilenceError(last, timed_out=lines.timed_out)
        if "result" in heard:
            result: Message = heard["result"]
            return result
        if "error" in heard:
            raise _raised(heard["error"])
        last = heard
        hear(heard)


class _Lines:
    """JSON lines of a pipe, with patience for each."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._descriptor = pipe.fileno()
        self._pending = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(pipe, selectors.EVENT_READ)
        self.timed_out = False

    def wait(self, seconds: float, idle: Callable[[], None]) -> Message | None:
        """The next line; None at the end, or when none came in ``seconds``."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self._pending:
            if not self._selector.select(_WAKE_SECONDS):
                idle()
                if time.monotonic() > deadline:
                    self.timed_out = True
                    return None
                continue
            got = os.read(self._descriptor, 1 << 16)
            if not got or len(self._pending) > _LARGEST_LINE:
                return None
            self._pending += got
        line, _, self._pending = self._pending.partition(b"\n")
        found: Message = json.loads(line)
        return found


def _ended(code: int, silence: _SilenceError, limits: Limits, words: str) -> Exception:
    at = silence.last.get("at")
    near = f" near frame {at}" if at is not None else ""
    detail = {"ended": how_it_ended(code), "said": words, **({} if at is None else {"frame": at})}
    if silence.timed_out:
        return PlateError(
            f"decoding the plate{near} was stopped after {limits.decode_seconds} s without a frame",
            hint="If the plate is sound, raise ROTO_WORKER_DECODE_SECONDS on the worker's node.",
            detail=detail,
        )
    if any(sign in words.lower() for sign in _OUT_OF_MEMORY):
        return _too_much_memory(limits, near, detail)
    if code == -signal.SIGKILL:
        return RotoError(
            f"the process that decodes the plate was killed{near}, most likely for want of memory",
            code="out_of_memory",
            hint="Give the worker's node more memory, or fewer workers.",
            detail=detail,
        )
    if code < 0 and code != -signal.SIGTERM:
        return PlateError(
            f"the decoder crashed{near} ({how_it_ended(code)})",
            hint="The file is damaged or made to do harm. Copy or render it again.",
            detail=detail,
        )
    return RuntimeError(f"decoding in a process of its own ended early: {detail}")


def _too_much_memory(limits: Limits, near: str, detail: Message) -> PlateError:
    return PlateError(
        f"decoding the plate{near} wants more than {limits.decode_memory_mb} MB of memory",
        hint="If the plate is sound, raise ROTO_WORKER_DECODE_MEMORY_MB on the worker's node.",
        detail=detail,
    )


def _last_words(noise: IO[bytes]) -> str:
    size = noise.seek(0, os.SEEK_END)
    noise.seek(max(0, size - 2000))
    return noise.read().decode(errors="replace").strip()[-500:]


def _raised(error: Message) -> Exception:
    if "os" in error:
        return OSError(error["os"], error["message"])
    if "broke" in error:
        return RuntimeError(f"{error['broke']}\n{error['traceback']}")
    return RotoError(
        error["message"],
        code=error["code"],
        hint=error.get("hint", ""),
        detail=error.get("detail") or {},
    )


def serve(work: Callable[[Message, Say], Message]) -> None:
    """Be the child: read the request, take on its limits, do ``work(request, say)``, answer."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no message
    request: Message = json.load(sys.stdin.buffer)
    die_with(request.pop("parent"))
    limits = Limits.from_environment()
    _take_on(limits)

    def say(message: Message) -> None:
        out.write(json.dumps(message, default=str).encode() + b"\n")
        out.flush()

    try:
        answer: Message = {"result": work(request, say)}
    except BaseException as failure:
        answer = {"error": _told(failure, limits)}
    with contextlib.suppress(BrokenPipeError):
        say(answer)
    # Decoders' threads may hang where nothing can end them.
    os._exit(0)


def _take_on(limits: Limits) -> None:
    for kind, most in (
        (resource.RLIMIT_DATA, limits.decode_memory_mb << 20),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        _, allowed = resource.getrlimit(kind)
        limit = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        with contextlib.suppress(ValueError, OSError):  # a system that does not know the limit
            resource.setrlimit(kind, (limit, limit))


def _told(failure: BaseException, limits: Limits) -> Message:
    out_of_memory = isinstance(failure, MemoryError) or (
        isinstance(failure, OSError) and failure.errno == errno.ENOMEM
    )
    text = str(failure)
    if out_of_memory or any(sign in text.lower() for sign in _OUT_OF_MEMORY):
        return _too_much_memory(limits, "", {}).as_dict()
    if isinstance(failure, RotoError):
        return failure.as_dict()
    if isinstance(failure, OSError) and failure.errno:
        return {"os": failure.errno, "message": text}
    trace = "".join(traceback.format_exception(failure))[-4000:]
    return {"broke": f"{type(failure).__name__}: {text}", "traceback": trace}
