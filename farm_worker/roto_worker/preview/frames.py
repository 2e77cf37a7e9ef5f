"""Single frames for previews, kept for the next click on them."""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

from roto_shapes.frames import SequencePattern

from ..media import open_plate
from ..media.faults import missing_frame, unreadable
from ..media.source import FrameSource, Image8

KEEP_BYTES = 128 << 20
"""Of decoded frames: twenty at 1080p, five at 4K; always the last one, whatever its size."""


class PreviewFrames:
    """Decodes frames of any plate; keeps the last ones used, and the last movie open.

    A movie is kept open because opening one means reading through the whole file.
    """

    def __init__(self, keep_bytes: int = KEEP_BYTES) -> None:
        self._keep_bytes = keep_bytes
        self._frames: OrderedDict[str, Image8] = OrderedDict()
        self._movie: FrameSource | None = None
        self._movie_key = ""

    def read(self, plate: dict[str, Any], colorspace: str | None, frame: int) -> tuple[str, Image8]:
        """A key that changes with the picture, and frame ``frame`` as `FrameSource.read` gives it.

        Raises:
            RotoError: what `open_plate` and reading raise.
        """
        file = file_of(plate, frame)
        try:
            state = file.stat()
        except FileNotFoundError as error:
            raise missing_frame(file, frame) from error
        except OSError as error:
            raise unreadable(file, frame, error.strerror or str(error)) from error
        file_key = json.dumps([plate, colorspace, str(file), state.st_mtime_ns, state.st_size])
        key = f"{file_key}#{frame}"
        if key not in self._frames:
            self._frames[key] = self._decode(plate, colorspace, frame, file_key)
        self._frames.move_to_end(key)
        self._forget()
        return key, self._frames[key]

    def close(self) -> None:
        """Let go of frames and files."""
        self._frames.clear()
        if self._movie is not None:
            self._movie.close()
        self._movie, self._movie_key = None, ""

    def _decode(
        self, plate: dict[str, Any], colorspace: str | None, frame: int, file_key: str
    ) -> Image8:
        if plate["kind"] == "movie":
            return self._opened_movie(plate, colorspace, file_key).read(frame)
        source = open_plate(plate, colorspace=colorspace, frame_range=(frame, frame), read_ahead=0)
        try:
            return source.read(frame)
        finally:
            source.close()

    def _opened_movie(
        self, plate: dict[str, Any], colorspace: str | None, file_key: str
    ) -> FrameSource:
        if self._movie is None or self._movie_key != file_key:
            if self._movie is not None:
                self._movie.close()
                self._movie = None
            self._movie = open_plate(plate, colorspace=colorspace, read_ahead=0)
            self._movie_key = file_key
        return self._movie

    def _forget(self) -> None:
        held = sum(image.nbytes for image in self._frames.values())
        while held > self._keep_bytes and len(self._frames) > 1:
            _, image = self._frames.popitem(last=False)
            held -= image.nbytes


def file_of(plate: dict[str, Any], frame: int) -> Path:
    """The file plate frame ``frame`` is read from."""
    path = str(plate["path"])
    return Path(path if plate["kind"] == "movie" else SequencePattern.parse(path).path(frame))
