"""Shots that were ready a moment ago, so that a second click need not ask for everything again."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Dict, NamedTuple, Optional, Tuple

from roto_shapes.errors import RotoError
from roto_shapes.frames import SequencePattern, is_movie

from ..api.models import Shot
from .orders import HostRequest

_SECONDS = 600.0
_MOST = 50

_Key = Tuple[object, ...]


class _Kept(NamedTuple):
    shot: Shot
    made: float
    """Seconds since the epoch."""


class ReadyShots:
    """What `Submitter.prepare` said, for ten minutes or until the picture is written again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: Dict[_Key, _Kept] = {}

    def keep(self, server: str, request: HostRequest, shot: Shot) -> None:
        """Remember that ``shot`` is the plate of ``request``."""
        with self._lock:
            self._kept[_key(server, request)] = _Kept(shot, time.time())
            while len(self._kept) > _MOST:
                self._kept.pop(next(iter(self._kept)))

    def find(self, server: str, request: HostRequest, frame: int) -> Optional[Shot]:
        """The shot of the plate, if it was ready lately and ``frame`` is as it was; else None."""
        kept = self._kept.get(_key(server, request))
        if kept is None or time.time() - kept.made > _SECONDS:
            return None
        return None if _written_after(request.plate, frame, kept.made) else kept.shot

    def drop(self, server: str, request: HostRequest) -> None:
        """Ask again next time."""
        with self._lock:
            self._kept.pop(_key(server, request), None)


def _key(server: str, request: HostRequest) -> _Key:
    return (
        server,
        request.plate,
        request.project,
        request.shot,
        request.frame_range,
        request.first_frame,
        request.colorspace,
        request.fps,
        request.transfer,
    )


def _written_after(plate: str, frame: int, moment: float) -> bool:
    path = Path(plate).expanduser()
    if not is_movie(path):
        try:
            path = SequencePattern.parse(path).path(frame)
        except RotoError:
            return True
    return path.exists() and path.stat().st_mtime > moment
