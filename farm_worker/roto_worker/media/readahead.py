"""Making the next frames while the engine works on this one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

from .source import FrameSource, Image8, PlateInfo

_Made = TypeVar("_Made")

BEHIND_BYTES = 256 << 20
"""Frames kept behind, for whoever works on them later: as many as these hold, up to 16."""


class Prefetch(Generic[_Made]):
    """What ``make`` answers for a frame; the last ``keep`` used are kept.

    It is made on ``threads`` threads of its own, in the order it is asked for.
    """

    def __init__(self, make: Callable[[int], _Made], keep: int, threads: int = 1) -> None:
        self._make, self._keep = make, keep
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="read-ahead")
        self._frames: OrderedDict[int, Future[_Made]] = OrderedDict()
        self._lock = Lock()

    def __contains__(self, frame: int) -> bool:
        return frame in self._frames

    def __len__(self) -> int:
        return len(self._frames)

    def expect(self, frames: Iterable[int]) -> None:
        """Begin to make ``frames``, in this order."""
        with self._lock:
            for frame in frames:
                self._request(frame)
            while len(self._frames) > self._keep:
                _, stale = self._frames.popitem(last=False)
                stale.cancel()

    def get(self, frame: int) -> _Made:
        """Raises what ``make`` raised on ``frame``."""
        with self._lock:
            wanted = self._request(frame)
        return wanted.result()

    def close(self) -> None:
        """Stop the threads; what was not begun is not made."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._frames.clear()

    def _request(self, frame: int) -> Future[_Made]:
        known = self._frames.get(frame)
        if known is None or known.cancelled():
            known = self._threads.submit(self._make, frame)
            self._frames[frame] = known
        self._frames.move_to_end(frame)
        return known


class ReadAhead:
    """A `FrameSource` that guesses the next frames from the direction of the last new reads.

    All reads of the wrapped source happen on ``threads`` threads of this object's own, which the
    source must bear if there is more than one; `read` may be called from several. At most ``depth``
    frames are decoded ahead, and ``behind`` are kept behind (None: see `BEHIND_BYTES`)
    for a second reader that follows the first. A frame that cannot be read raises when it is asked
    for.
    """

    def __init__(
        self, source: FrameSource, depth: int = 2, behind: int | None = None, threads: int = 1
    ) -> None:
        self._source, self._depth = source, depth
        if behind is None:
            frame_bytes = 3 * source.info.width * source.info.height
            behind = max(depth, min(16, BEHIND_BYTES // frame_bytes))
        self._frames = Prefetch(source.read, depth + behind + 1, threads)
        self._head: int | None = None
        self._step = 1

    @property
    def info(self) -> PlateInfo:
        return self._source.info

    def read(self, frame: int) -> Image8:
        """See `FrameSource.read`."""
        if not self._follows(frame):
            if self._head is not None:
                self._step = 1 if frame > self._head else -1
            self._head = frame
            first, last = self.info.frame_range
            guesses = [frame + ahead * self._step for ahead in range(1, self._depth + 1)]
            self._frames.expect([frame, *(one for one in guesses if first <= one <= last)])
        return self._frames.get(frame)

    def close(self) -> None:
        """Stop the threads, then close the source."""
        self._frames.close()
        self._source.close()

    def _follows(self, frame: int) -> bool:
        """Whether another reader has been here: the way ahead is not asked of this one."""
        if self._head is None or frame not in self._frames:
            return False
        return (self._head - frame) * self._step >= 0
