"""The newest frames of a plate, decoded once for the engine and the edges."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from ..media.source import FrameSource, Image8, PlateInfo

MOST_FRAMES, MOST_BYTES = 16, 256 << 20


class RecentFrames:
    """A `FrameSource` that keeps the frames read last, at least one; for several threads."""

    def __init__(self, source: FrameSource) -> None:
        self._source = source
        self._frames: OrderedDict[int, Image8] = OrderedDict()
        self._lock, self._decoding = Lock(), Lock()

    @property
    def info(self) -> PlateInfo:
        return self._source.info

    def read(self, frame: int) -> Image8:
        """See `FrameSource.read`; what it returns is shared and must not be written to."""
        known = self._known(frame)
        if known is not None:
            return known
        with self._decoding:
            known = self._known(frame)
            return self._keep(frame, self._source.read(frame)) if known is None else known

    def _known(self, frame: int) -> Image8 | None:
        with self._lock:
            image = self._frames.get(frame)
            if image is not None:
                self._frames.move_to_end(frame)
            return image

    def _keep(self, frame: int, image: Image8) -> Image8:
        with self._lock:
            self._frames[frame] = image
            most = max(1, min(MOST_FRAMES, MOST_BYTES // image.nbytes))
            while len(self._frames) > most:
                self._frames.popitem(last=False)
        return image

    def close(self) -> None:
        """Forget the frames and close the source."""
        with self._lock:
            self._frames.clear()
        self._source.close()
