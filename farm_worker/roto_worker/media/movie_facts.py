"""What a movie's container, its video stream and its first picture say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from roto_shapes.timecode import Timecode

from .header import DEFAULT_FPS, FrameHeader, clean_metadata, exact_fps, sane_aspect
from .remarks import WARNING, Remark

CODECS = frozenset(
    {
        "cfhd", "dnxhd", "dvvideo", "ffv1", "h264", "hevc", "jpeg2000", "libdav1d", "mjpeg",
        "mpeg1video", "mpeg2video", "mpeg4", "png", "prores", "qtrle", "rawvideo", "v210", "v410",
        "vp9",
    }
)  # fmt: skip
"""FFmpeg's decoders of what plates are delivered in; no other one is opened."""
NEEDED_CODECS = ("prores", "dnxhd", "h264", "hevc", "mpeg2video")

_PROGRESSIVE = 1
_TOP_FIRST, _BOTTOM_FIRST = (2, 5), (3, 4)
"""AVFieldOrder: which field is shown first, whichever is stored first."""
_CURVES = {16: "PQ (SMPTE ST 2084)", 18: "HLG (ARIB STD-B67)", 8: "linear", 9: "log", 10: "log"}
"""Transfer characteristics of ISO/IEC 23091-2 that are nothing like sRGB."""


def header_of(container: Any, stream: Any, times: Sequence[int], cut: Fraction) -> FrameHeader:
    """The header of every frame. ``times``: ascending, in the stream's time base; ``cut``: seconds
    from the timecode that the file tells to the first frame's.
    """
    context = stream.codec_context
    fps = exact_fps(stream.average_rate or stream.guessed_rate)
    said = {
        "container": container.format.name,
        "codec": context.name,
        "pixel_format": str(context.pix_fmt),
        "frames": str(len(times)),
        "variable_frame_rate": "yes" if _uneven(times) else "no",
        "alpha": "unspecified" if _has_alpha(context) else "none",
        "field_order": _field_order(context.field_order),
        **({"profile": context.profile} if context.profile else {}),
        **_timing(container, stream, cut, Fraction(*(fps or DEFAULT_FPS))),
    }
    found = {**container.metadata, **stream.metadata}
    return FrameHeader(
        width=context.width,
        height=context.height,
        pixel_aspect=sane_aspect(stream.sample_aspect_ratio or Fraction(1)),
        fps=fps,
        metadata=clean_metadata(said, found),
    )


def remarks_on(container: Any, stream: Any, times: Sequence[int], picture: Any) -> Iterator[Remark]:
    """What to know of the movie before one relies on it; ``picture``: a decoded one of it."""
    yield from _timing_remarks(stream, times)
    order = _field_order(stream.codec_context.field_order)
    if order in ("top", "bottom") or picture.interlaced_frame:
        first = order if order in ("top", "bottom") else "unknown"
        yield Remark(
            "interlaced",
            WARNING,
            "the movie is interlaced; its two fields are tracked woven into one frame",
            {"first_field": first},
        )
    if picture.rotation:
        yield Remark(
            "rotated",
            WARNING,
            f"players turn the movie by {picture.rotation} degrees; it is tracked as stored",
            {"degrees": picture.rotation},
        )
    curve = _CURVES.get(int(picture.color_trc or 0))
    if curve:
        yield Remark(
            "transfer_tagged",
            WARNING,
            f"the movie is tagged as {curve}; only a colour space that is told is used",
            {"transfer": curve},
        )
    videos = len(container.streams.video)
    if videos > 1:
        yield Remark(
            "several_video_streams",
            WARNING,
            f"the movie holds {videos} pictures; stream {stream.index} is the plate",
            {"streams": videos, "stream": stream.index},
        )


def _timing_remarks(stream: Any, times: Sequence[int]) -> Iterator[Remark]:
    if not _uneven(times):
        return
    steps = [(b - a) * stream.time_base for a, b in pairwise(times)]
    shortest, longest = float(min(steps)), float(max(steps))
    yield Remark(
        "variable_frame_rate",
        WARNING,
        f"frames last from {shortest:.4f} to {longest:.4f} s; they are counted one by one",
        {"shortest_seconds": shortest, "longest_seconds": longest},
    )


def _uneven(times: Sequence[int]) -> bool:
    steps = {b - a for a, b in pairwise(times)}
    # A rate that its time base cannot say exactly makes steps that differ by one or two.
    return bool(steps) and max(steps) - min(steps) > max(2, min(steps) // 4)


def _field_order(order: Any) -> str:
    number = int(order or 0)
    if number == _PROGRESSIVE:
        return "progressive"
    if number in _TOP_FIRST:
        return "top"
    return "bottom" if number in _BOTTOM_FIRST else "unknown"


def _has_alpha(context: Any) -> bool:
    kind = context.format
    return bool(kind) and any(component.is_alpha for component in kind.components)


def _timing(container: Any, stream: Any, cut: Fraction, rate: Fraction) -> dict[str, str]:
    """Start timecode and reel: of the picture, of a timecode track, of the file, in that order."""
    sources = [
        stream.metadata,
        *(other.metadata for other in container.streams if other.type == "data"),
        container.metadata,
    ]
    found: dict[str, str] = {}
    for source in sources:
        timecode = Timecode.parse(source.get("timecode", ""))
        if timecode:
            found.setdefault("timecode", str(timecode.later(round(cut * rate), rate)))
            found.setdefault("drop_frame", "yes" if timecode.drop else "no")
        reel = source.get("reel_name") or source.get("com.apple.quicktime.reelname")
        if reel:
            found.setdefault("reel", reel)
    return found
