"""What a flow tells the artist: a line of status in the node it is about, never a dialog.

A dialog that opens out of a callback freezes Nuke.
"""

from __future__ import annotations

import logging
from typing import Callable

from roto_shapes.errors import RotoError

from .node import by_uid

_log = logging.getLogger("roto_client.nuke")
Failed = Callable[[RotoError], None]


def in_words(error: RotoError) -> str:
    """An error for the artist: what happened, and what to do."""
    return f"{error.message}\n\n{error.hint}" if error.hint else error.message


def teller(uid: str) -> Failed:
    """A callback that writes an error into the status of the node, if it is still there."""

    def tell(error: RotoError) -> None:
        roto = by_uid(uid)
        if roto is None:
            _log.warning("%s", error.message)
        else:
            roto.say(in_words(error).replace("\n\n", " "))

    return tell


def say(uid: str, text: str) -> None:
    roto = by_uid(uid)
    if roto is not None:
        roto.say(text)
