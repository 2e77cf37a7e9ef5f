"""The way back to Nuke's main thread.

``nuke.executeInMainThread`` may be called from worker threads only: on the main thread it hangs
Nuke. So one daemon thread hands calls over, in order, whoever posted them.
"""

from __future__ import annotations

import logging
import queue
import threading
from typing import Callable, Optional

import nuke

_log = logging.getLogger("roto_client.nuke")
_calls: queue.SimpleQueue[Optional[Callable[[], None]]] = queue.SimpleQueue()
_lock = threading.Lock()
_thread: Optional[threading.Thread] = None


def post(call: Callable[[], None]) -> None:
    """Have ``call`` run on Nuke's main thread, soon; returns at once, on any thread."""
    global _thread  # noqa: PLW0603
    with _lock:
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_hand_over, name="roto-post", daemon=True)
            _thread.start()
    _calls.put(call)


def _hand_over() -> None:
    while True:
        call = _calls.get()
        if call is None:
            return
        nuke.executeInMainThread(_run, args=(call,))


def _run(call: Callable[[], None]) -> None:
    """An error here would go to a console nobody looks at, and some Nukes then drop the call."""
    try:
        call()
    except Exception:
        _log.exception("a call on Nuke's main thread failed")


def close() -> None:
    """Let the thread go; a later `post` starts another."""
    global _thread  # noqa: PLW0603
    with _lock:
        if _thread is not None:
            _calls.put(None)
            _thread.join(1.0)
            _thread = None
