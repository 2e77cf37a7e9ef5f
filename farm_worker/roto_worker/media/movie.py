"""Frames of a movie by number, through PyAV.

The file's packets are listed once: sorted by presentation time they are the frames, so frame *i* is
known by its time stamp and never by counting decoded pictures or by multiplying with a rate.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from roto_shapes.errors import RotoError

from .content import MOVIES, NAMES, kind_of_file
from .edit_list import cut_from_timecode
from .faults import bad_frame, outside, unsupported
from .header import Encoded, FrameHeader
from .limits import Limits
from .movie_facts import CODECS, header_of, remarks_on
from .remarks import INFO, Remark

BUFFER_BYTES = 256 * 2**20
BUFFER_FRAMES = 64

# ISO/IEC 23091-2 matrix coefficients as the file names them -> swscale's tables.
_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
_KINDS = {".mp4": "mov", ".m4v": "mov", ".mov": "mov", ".mxf": "mxf", ".avi": "avi"}
ONE_THREAD = 1
"""For every conversion of pixels: libswscale shares a picture's rows among threads and writes up to
32 bytes at once, past the end of a row whose size is no multiple of that. In order, the next row
covers it; where another thread has done that row already, its first pixels are lost."""
_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


class MovieReader:
    """Random access to a movie's frames with a bounded number of decoded pictures in memory.

    Reading forward decodes each picture once. Reading backward decodes a group of pictures and
    answers from the buffer: each further group, or buffer full, is decoded once more.
    """

    _container: Any = None
    _stream: Any
    _pictures: Iterator[Any]
    _buffer: OrderedDict[int, Any]
    _last: int
    """Index of the last picture decoded; the next one follows it."""
    _floor: int
    """Pictures before this index came out of a seek without what they refer to."""

    def __init__(self, path: str, first_frame: int = 1, *, deep: bool = False) -> None:
        """``first_frame``: plate number of the movie's first frame; ``deep``: read as 16-bit.

        Raises:
            RotoError: ``path_refused``, ``bad_plate`` or ``unsupported_plate``.
        """
        self._path, self._first, self._deep = Path(path), first_frame, deep
        self._limits = Limits.from_environment()
        self._kind = kind_of_file(self._path, None)
        if self._kind not in MOVIES:
            raise bad_frame(self._path, None, f"is {NAMES[self._kind]}, not a movie")
        self._open()
        self._times, self._keys = self._list_frames()
        self._number = {time: index for index, time in enumerate(self._times)}
        self._open()
        cut = cut_from_timecode(self._path) if self._kind == "mov" else Fraction(0)
        self._header = header_of(self._container, self._stream, self._times, cut)
        size = max(1, self._header.width * self._header.height * 4)
        self._room = max(2, min(BUFFER_FRAMES, BUFFER_BYTES // size))

    @property
    def frame_range(self) -> tuple[int, int]:
        return self._first, self._first + len(self._times) - 1

    def require(self, first: int, last: int) -> None:
        """Raises: RotoError ``range_outside_plate``; a movie has no other gaps."""
        self._index_of(first)
        self._index_of(last)

    def header(self, frame: int) -> FrameHeader:
        """The same for every frame: a movie has one size."""
        self._index_of(frame)
        return self._header

    def check(self, frame: int) -> FrameHeader:
        """A movie's pictures show their faults only when decoded; see `read`."""
        return self.header(frame)

    def remarks(self, frame: int) -> Iterator[Remark]:
        """What the container and the picture ``frame``, which is decoded, say."""
        picture = self._picture(self._index_of(frame))
        yield from remarks_on(self._container, self._stream, self._times, picture)
        suffix = self._path.suffix.lower()
        if _KINDS.get(suffix, self._kind) != self._kind:
            what = f"the file is {NAMES[self._kind]}, whatever '{suffix}' says; it is read as that"
            yield Remark("extension_differs", INFO, what, {"kind": self._kind})

    def read(self, frame: int) -> Encoded:
        """Raises: RotoError ``range_outside_plate`` or ``bad_plate``."""
        return self._to_rgb(self._picture(self._index_of(frame)), frame)

    def close(self) -> None:
        """Release the file and every buffered picture."""
        self._buffer.clear()
        self._pictures = iter(())
        self._container.close()

    def _index_of(self, frame: int) -> int:
        first, last = self.frame_range
        if not first <= frame <= last:
            raise outside(frame, frame, (first, last))
        return frame - first

    def _picture(self, index: int) -> Any:
        picture = self._buffer.get(index)
        return self._decode_until(index) if picture is None else picture

    def _open(self) -> None:
        """(Re)open at the very beginning."""
        if self._container is not None:
            self.close()
        # One demuxer, the decoders that plates need, and no file but this one: what a movie's text
        # says must not open another place.
        bounds = {
            "codec_whitelist": ",".join(sorted(CODECS)),
            "max_pixels": str(self._limits.max_pixels),
            "protocol_whitelist": "file",
        }
        try:
            self._container = av.open(f"file:{self._path}", format=self._kind, options=bounds)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise bad_frame(self._path, None, f"cannot be opened: {_reason(error)}") from error
        try:
            stream = self._video_stream()
        except RotoError:
            self._container.close()
            raise
        stream.thread_type = "AUTO"
        self._stream = stream
        self._pictures = self._container.decode(stream)
        self._buffer = OrderedDict()
        self._last, self._floor = -1, 0

    def _video_stream(self) -> Any:
        stream = self._container.streams.best("video")
        context = stream.codec_context if stream is not None else None
        if context is None:
            raise unsupported(self._path, None, "has no video stream")
        if context.name not in CODECS:
            raise unsupported(self._path, None, f"holds video of the kind {context.name}")
        self._limits.check_size(self._path, None, context.width, context.height)
        context.options = {"max_pixels": str(self._limits.max_pixels)}
        return stream

    def _list_frames(self) -> tuple[list[int], list[int]]:
        """Presentation times of all frames, ascending, and the indices of the key frames."""
        times: dict[int, bool] = {}
        start: int | None = None
        declared, packets = self._declared_packets(), 0
        try:
            for packet in self._container.demux(self._stream):
                packets += packet.size > 0
                time = packet.pts if packet.pts is not None else packet.dts
                if start is None and packet.is_keyframe:
                    start = time
                # What an edit list cuts away is decoded but is no frame; pictures that lead the
                # first key frame have lost what they refer to.
                if start is None or time is None or time < start or packet.is_discard:
                    continue
                times[time] = times.get(time, False) or packet.is_keyframe
                self._limits.check_frames(self._path, len(times))
        except av.error.FFmpegError as error:
            raise bad_frame(self._path, None, f"is damaged: {_reason(error)}") from error
        if not times:
            raise bad_frame(self._path, None, "holds no frames")
        if packets < declared:
            raise bad_frame(
                self._path, None, f"is truncated: {packets} of {declared} frames are there"
            )
        ordered = sorted(times)
        # Frame 0 is reached from the beginning of the file, whether it is a key frame or not.
        return ordered, [i for i, time in enumerate(ordered) if times[time] or i == 0]

    def _declared_packets(self) -> int:
        """How many packets the file's own tables promise; 0 where it has none to be trusted.

        MP4 and MOV: the sample table (the frame count of the header also counts what an edit list
        cuts away). MXF: the duration, in frames.
        """
        stream, kind = self._stream, self._container.format.name
        if "mov" in kind:
            return len(stream.index_entries)
        if kind == "mxf" and stream.duration and stream.average_rate:
            return round(stream.duration * stream.time_base * stream.average_rate)
        return 0

    def _decode_until(self, index: int) -> Any:
        key = self._keys[bisect_right(self._keys, index) - 1]
        if not key - 1 <= self._last < index:
            self._seek(key)
        frame = self._first + index
        try:
            for picture in self._pictures:
                number = self._take(picture)
                if number == index:
                    if picture.is_corrupt:
                        raise bad_frame(self._path, frame, "is damaged at this frame")
                    return picture
                if number is not None and number > index:
                    break
        except av.error.FFmpegError as error:
            self._last = len(self._times)
            raise bad_frame(self._path, frame, f"cannot be decoded: {_reason(error)}") from error
        self._last = len(self._times)
        raise bad_frame(self._path, frame, "cannot be decoded: the picture is not in the stream")

    def _take(self, picture: Any) -> int | None:
        """Buffer a decoded picture; its frame index, or None when it is not one of the frames."""
        time = picture.pts if picture.pts is not None else picture.dts
        number = self._number.get(time)
        if number is None or number < self._floor:
            return None
        self._last = number
        self._buffer[number] = picture
        while len(self._buffer) > self._room:
            self._buffer.popitem(last=False)
        return number

    def _seek(self, key: int) -> None:
        """Go to where frame ``key`` and all after it decode from.

        Demuxers seek by presentation or by decoding time; where that lands behind the key frame,
        an earlier one is tried, at last the beginning of the file.
        """
        earlier = bisect_right(self._keys, key) - 1
        while earlier > 0:
            target = self._times[self._keys[earlier]]
            try:
                self._container.seek(target, stream=self._stream, backward=True)
                pictures = self._container.decode(self._stream)
                first = next(pictures, None)
            except av.error.FFmpegError:
                break
            if first is not None and first.pts is not None and first.pts <= self._times[key]:
                self._buffer.clear()
                self._pictures = chain([first], pictures)
                self._last, self._floor = key - 1, key
                return
            earlier -= 1
        self._open()

    def _to_rgb(self, picture: Any, frame: int) -> Encoded:
        if (picture.width, picture.height) != (self._header.width, self._header.height):
            raise bad_frame(
                self._path,
                frame,
                f"changes its size to {picture.width}x{picture.height} "
                f"(the movie is {self._header.width}x{self._header.height})",
            )
        rgb = picture.format.is_rgb
        full = rgb or picture.color_range == ColorRange.JPEG or "yuvj" in picture.format.name
        guess = Colorspace.ITU709 if picture.height >= 720 else Colorspace.ITU601
        converted = picture.reformat(
            format="rgb48le" if self._deep else "rgb24",
            src_colorspace=_MATRICES.get(picture.colorspace, guess),
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=_EXACT,
            threads=ONE_THREAD,
        )
        return np.ascontiguousarray(converted.to_ndarray())


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
