"""Movies: H.264 in MP4 to look at, ProRes 4444 in MOV to work with.

Colours are display-referred and tagged Rec.709 (1-1-1), video range, as editing programs expect of
both. A frame of the movie is a frame of the plate; there is no sound.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Literal

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from roto_shapes.timecode import Timecode, may_drop

from ..media.files import whole_file
from ..media.movie import ONE_THREAD
from ..media.source import Image8, Image16

Codec = Literal["h264", "prores4444"]
Quality = Literal["draft", "standard", "final"]

EXTENSIONS = {"h264": "mp4", "prores4444": "mov"}
_CRF = {"draft": "26", "standard": "18", "final": "12"}
# A fixed quantiser: the encoder's own search for the bit rate takes six times as long. 2 is beyond
# what an eye sees, 1 gives back the 10 bits (59 dB); libavcodec counts in 118ths.
_QUANTISER = {"draft": 4, "standard": 2, "final": 1}
_LAMBDA = 118


@dataclass(frozen=True)
class VideoFormat:
    """How a movie is written.

    Attributes:
        codec: h264 takes 8-bit RGB, prores4444 8 or 16-bit RGB, with ``alpha`` 16-bit RGBA.
        fps: frames per second, numerator and denominator.
        pixel_aspect: width over height of a pixel; told, never baked in.
        alpha: the pictures have one, straight.
        timecode: of the first frame, ``HH:MM:SS:FF``, or ``;FF`` for drop-frame; see
            `usable_timecode`.
        comment: for people, in the file's metadata.
    """

    codec: Codec
    fps: tuple[int, int]
    pixel_aspect: float = 1.0
    quality: Quality = "standard"
    alpha: bool = False
    timecode: str | None = None
    comment: str = ""


def usable_timecode(text: str | None, fps: tuple[int, int]) -> str | None:
    """The timecode ``text`` if a movie of that rate can begin with it, else None."""
    told, rate = Timecode.parse(text or ""), Fraction(*fps)
    if told is None or not told.exists_at(rate) or (told.drop and not may_drop(rate)):
        return None
    return str(told)


def video_frame(image: Image8 | Image16, number: int, wanted: VideoFormat) -> av.VideoFrame:
    """Picture ``number`` (from 0) as the codec takes it; may be called from several threads.

    An odd width or height is made even for H.264, whose 4:2:0 needs that, by repeating the last
    column or row.
    """
    height, width, channels = image.shape
    given = {3: "rgb48le" if image.dtype == np.uint16 else "rgb24", 4: "rgba64le"}[channels]
    odd = wanted.codec == "h264" and (height % 2 or width % 2)
    even = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), "edge") if odd else image
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format=given)
    made = frame.reformat(
        format=_pixels(wanted),
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        threads=ONE_THREAD,
    )
    made.color_primaries, made.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    made.pts, made.time_base = number, 1 / Fraction(*wanted.fps)
    return made


def write_video(
    path: Path, frames: Iterable[av.VideoFrame], wanted: VideoFormat, *, threads: int = 1
) -> None:
    """Encode what `video_frame` made, all of one size, on ``threads`` threads.

    ``frames`` is consumed one by one; the file appears complete or not at all.

    Raises:
        ValueError: no frames.
        RotoError: ``disk_full``.
    """
    with whole_file(path) as file:
        try:
            _encode(file, frames, wanted, threads)
        except av.error.PyAVCallbackError as error:
            # What the disk said, which closing the container has covered up.
            if isinstance(error.__context__, OSError):
                raise error.__context__ from None
            raise


def _encode(
    file: BinaryIO, frames: Iterable[av.VideoFrame], wanted: VideoFormat, threads: int
) -> None:
    kind = EXTENSIONS[wanted.codec]
    with av.open(file, "w", format=kind) as container:
        if wanted.comment:
            container.metadata["comment"] = wanted.comment
        stream = None
        for frame in frames:
            if stream is None:
                stream = _stream(container, frame, wanted, threads)
            container.mux(stream.encode(frame))
        if stream is None:
            raise ValueError("a movie needs at least one frame")
        container.mux(stream.encode(None))


def _pixels(wanted: VideoFormat) -> str:
    if wanted.codec == "h264":
        return "yuv420p"
    return "yuva444p10le" if wanted.alpha else "yuv444p10le"


def _stream(
    container: av.container.OutputContainer,
    frame: av.VideoFrame,
    wanted: VideoFormat,
    threads: int,
) -> av.VideoStream:
    name, options = _codec(wanted)
    stream = container.add_stream(name, rate=Fraction(*wanted.fps), options=options)
    stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, _pixels(wanted)
    stream.thread_count = threads
    context: Any = stream.codec_context
    context.time_base = frame.time_base
    context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    context.sample_aspect_ratio = Fraction(wanted.pixel_aspect).limit_denominator(1000)
    if wanted.timecode is not None:
        stream.metadata["timecode"] = wanted.timecode
    return stream


def _codec(wanted: VideoFormat) -> tuple[str, dict[str, str]]:
    if wanted.codec == "h264":
        return "libx264", {"crf": _CRF[wanted.quality], "preset": "veryfast"}
    quantiser = str(_QUANTISER[wanted.quality] * _LAMBDA)
    fixed = {"flags": "+qscale", "global_quality": quantiser}
    return "prores_ks", {"profile": "4444", "alpha_bits": "16" if wanted.alpha else "0", **fixed}
