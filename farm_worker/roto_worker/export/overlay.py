"""The overlay movie: the plate with its mattes, for a quick look in any player."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from ..media.files import whole_file
from ..media.source import Image8

LONGEST_SIDE = 1920


def overlay_size(width: int, height: int) -> tuple[int, int]:
    """The overlay's size for a plate: shrunk to `LONGEST_SIDE`, never enlarged."""
    scale = min(1.0, LONGEST_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def write_overlay(
    path: Path,
    images: Iterable[Image8],
    *,
    fps: tuple[int, int],
    pixel_aspect: float = 1.0,
) -> None:
    """Encode RGB images of one size as H.264 MP4 (4:2:0, Rec.709, one picture per frame).

    An odd width or height is made even by repeating the last column or row, as 4:2:0 needs.
    ``images`` is consumed one by one; the file appears complete or not at all.

    Raises:
        ValueError: no images.
        RotoError: ``disk_full``.
    """
    with whole_file(path) as file:
        try:
            _encode(file, images, fps, pixel_aspect)
        except av.error.PyAVCallbackError as error:
            # What the disk said, which closing the container has covered up.
            if isinstance(error.__context__, OSError):
                raise error.__context__ from None
            raise


def _encode(
    file: BinaryIO, images: Iterable[Image8], fps: tuple[int, int], pixel_aspect: float
) -> None:
    with av.open(file, "w", format="mp4") as container:
        stream = None
        for image in images:
            even = np.pad(
                image, ((0, image.shape[0] % 2), (0, image.shape[1] % 2), (0, 0)), mode="edge"
            )
            if stream is None:
                stream = _stream(container, even, fps, pixel_aspect)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
            frame = frame.reformat(
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                src_color_range=ColorRange.JPEG,
                dst_color_range=ColorRange.MPEG,
            )
            container.mux(stream.encode(frame))
        if stream is None:
            raise ValueError("an overlay needs at least one image")
        container.mux(stream.encode(None))


def _stream(
    container: av.container.OutputContainer,
    image: Image8,
    fps: tuple[int, int],
    pixel_aspect: float,
) -> av.VideoStream:
    stream = container.add_stream(
        "libx264", rate=Fraction(*fps), options={"crf": "18", "preset": "veryfast"}
    )
    stream.height, stream.width = image.shape[:2]
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.colorspace = Colorspace.ITU709
    context.color_range = ColorRange.MPEG
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    aspect = Fraction(pixel_aspect).limit_denominator(1000)
    context.sample_aspect_ratio = aspect
    return stream
