"""The one `Desk` of this Nuke: the farm as the plugin sees it, from start to exit."""

from __future__ import annotations

from typing import Optional

from roto_client.hosts import Desk, Runner

from . import progress
from .mainthread import post

_desk: Optional[Desk] = None


def desk() -> Desk:
    """The desk; made when it is first needed, so that starting Nuke asks no server anything."""
    global _desk  # noqa: PLW0603
    if _desk is None:
        _desk = Desk("nuke", post)
        _desk.connect()
        progress.watch(_desk)
    return _desk


def runner() -> Runner:
    """Threads for work of the plugin's own: reading and writing shapes."""
    return desk().runner


def close() -> None:
    """Nuke ends: what waits for the farm is let go; jobs go on there."""
    global _desk  # noqa: PLW0603
    progress.close()
    if _desk is not None:
        _desk.close()
    _desk = None
