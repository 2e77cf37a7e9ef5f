"""Decoding the next frames while the engine works on this one."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor

from .source import FrameSource, Image8, PlateInfo


class ReadAhead:
    """A `FrameSource` that guesses the next frames from the direction of the last two reads.

    All reads of the wrapped source happen on one thread. At most ``depth`` frames are decoded
    ahead and ``depth`` kept behind. A frame that cannot be read raises when it is asked for.
    """

    def __init__(self, source: FrameSource, depth: int = 2) -> None:
        self._source, self._depth = source, depth
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")
        self._frames: OrderedDict[int, Future[Image8]] = OrderedDict()
        self._last: int | None = None
        self._step = 1

    @property
    def info(self) -> PlateInfo:
        return self._source.info

    def read(self, frame: int) -> Image8:
        """See `FrameSource.read`."""
        if self._last is not None and frame != self._last:
            self._step = 1 if frame > self._last else -1
        self._last = frame
        wanted = self._request(frame)
        first, last = self.info.frame_range
        for ahead in range(1, self._depth + 1):
            guess = frame + ahead * self._step
            if first <= guess <= last:
                self._request(guess)
        self._forget()
        return wanted.result()

    def close(self) -> None:
        """Stop the thread, then close the source."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._frames.clear()
        self._source.close()

    def _request(self, frame: int) -> Future[Image8]:
        known = self._frames.get(frame)
        if known is None or known.cancelled():
            known = self._thread.submit(self._source.read, frame)
            self._frames[frame] = known
        self._frames.move_to_end(frame)
        return known

    def _forget(self) -> None:
        while len(self._frames) > 2 * self._depth + 1:
            _, stale = self._frames.popitem(last=False)
            stale.cancel()
