# SPDX-License-Identifier: GPL-3.0-or-later
"""The one desk of this Blender, and the way from its threads back to the main thread.

Blender may be touched on its main thread only. What the desk's threads want done there waits in a
queue that a timer empties; the timer runs from the first use of the desk until the extension is
switched off, also while other files are opened. Tests and scripts in background mode, where no
timer fires, call `drain`, and end with ``os._exit``: the bpy module of 4.5 waits for daemon threads
and for timers.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import bpy

from . import online

if TYPE_CHECKING:
    from roto_client.hosts import Desk, DeskState
    from roto_shapes.errors import RotoError

_log = logging.getLogger("roto_client.blender")

TICK_SECONDS = 0.1
BUDGET_SECONDS = 0.03
"""How long one tick goes on taking up calls: a panel stays usable."""
_REDRAWN = frozenset(("CLIP_EDITOR", "IMAGE_EDITOR", "PREFERENCES"))


class Message(NamedTuple):
    """A line for the artist. ``level``: INFO, WARNING or ERROR; ``hint``: what to do."""

    level: str
    text: str
    hint: str = ""


_calls: deque[Callable[[], None]] = deque()
_messages: deque[Message] = deque(maxlen=5)
_desk: Desk | None = None
_online = False
_counted = 0.0
on_made: list[Callable[[Desk], None]] = []
"""Called with the desk when it is made, on the main thread."""


def desk() -> Desk:
    """The desk, made and connected when it is first needed.

    Raises RotoError (``online_access``) while Blender may not use the network, and ImportError
    where the extension's libraries are not installed.
    """
    global _desk, _online  # noqa: PLW0603 (a Blender has one of it)
    from .gate import check

    check()
    if _desk is None:
        from roto_client.hosts import Desk

        from .gate import gated_client
        from .preferences import chosen

        _desk = Desk("blender", post, make=gated_client)
        _desk.subscribe(_changed)
        _online = True
        if not bpy.app.timers.is_registered(_tick):
            bpy.app.timers.register(_tick, first_interval=TICK_SECONDS, persistent=True)
        _desk.connect(chosen().server)
        for call in on_made:
            call(_desk)
    return _desk


def state() -> DeskState | None:
    """How things stand; None while no desk was needed. Never makes one: panels draw with it."""
    return None if _desk is None else _desk.state


def post(call: Callable[[], None]) -> None:
    """Have ``call`` run on the main thread, soon, in order. From any thread."""
    _calls.append(call)


def drain(budget: float = BUDGET_SECONDS) -> None:
    """Run what was posted, until ``budget`` seconds are over. Main thread only."""
    until = time.monotonic() + budget
    while _calls:
        call = _calls.popleft()
        try:
            call()
        except Exception as error:
            # A timer that raises is dropped by Blender, and with it everything that waits.
            failed(error)
        if time.monotonic() >= until:
            return


def say(level: str, message: str, hint: str = "") -> None:
    """Show the artist a line in the panels. Main thread only. ``level``: see `Message`."""
    if level not in ("INFO", "WARNING", "ERROR"):
        raise ValueError(f"no level of messages: {level!r}")
    _messages.append(Message(level, message, hint))
    _log.log(logging.INFO if level == "INFO" else logging.WARNING, "%s %s", message, hint)
    redraw()


def tell(error: RotoError) -> None:
    """Show an error of the desk: the ``failed`` of its actions."""
    if error.code != "superseded":
        say("ERROR", error.message, error.hint)


def failed(error: Exception) -> None:
    """Show whatever was raised; what is not ours goes to the console with its traceback."""
    if hasattr(error, "hint") and hasattr(error, "message"):
        say("ERROR", error.message, error.hint)
        return
    _log.error("Megaton Roto", exc_info=error)
    if isinstance(error, ImportError) and (error.name or "").startswith("roto_"):
        say(
            "ERROR",
            f"A part of the extension is missing: {error.name}.",
            "Install the extension's zip again, as your studio gave it to you.",
        )
        return
    say(
        "ERROR",
        f"Something unexpected happened: {type(error).__name__}: {error}",
        "The system console has the details; please report them.",
    )


def messages() -> tuple[Message, ...]:
    """The last lines, the newest last."""
    return tuple(_messages)


def clear_messages() -> None:
    """The artist has read them."""
    _messages.clear()
    redraw()


def redraw() -> None:
    """Have the editors that show panels of ours drawn again."""
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        for area in window.screen.areas:
            if area.type in _REDRAWN:
                area.tag_redraw()


def close() -> None:
    """Let go of the farm; jobs go on there. Blender would not end while a timer is registered."""
    global _desk  # noqa: PLW0603
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    if _desk is not None:
        _desk.close()
    _desk = None
    _calls.clear()
    _messages.clear()


def unregister() -> None:
    """Nothing of the session is left."""
    close()


def _tick() -> float:
    """Called by Blender; gives the seconds until the next call."""
    look_at_preferences()
    drain()
    count_down()
    return TICK_SECONDS


def count_down() -> None:
    """A code that waits for the artist's browser says every second how long it will."""
    global _counted  # noqa: PLW0603
    waits = _desk is not None and _desk.state.sign_in is not None
    if waits and time.monotonic() - _counted >= 1.0:
        _counted = time.monotonic()
        redraw()


def look_at_preferences() -> None:
    """The artist may have switched online access on since: then the server is looked for now."""
    global _online  # noqa: PLW0603
    now = online.allowed()
    if now == _online:
        return
    _online = now
    if _desk is None:
        return
    if now:
        from .preferences import chosen

        _desk.connect(chosen().server)
    else:
        say("WARNING", "Megaton Roto is offline: " + online.MESSAGE, online.HINT)


def _changed(state: DeskState) -> None:
    redraw()
