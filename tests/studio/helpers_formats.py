"""One small plate in every format of the trade, written by the libraries studios write them with.

A bright disc moves over a dark, grainy ground. Frames begin at 1001; a movie's at 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813
from helpers_media import write_exr
from numpy.typing import NDArray

WIDTH, HEIGHT, FRAMES, FIRST = 256, 144, 3, 1001
RADIUS = 34
Image = NDArray[np.float32]
BOX = (24.0, 30.0, 104.0, 112.0)
"""Around the disc of the first frame, in plate pixels."""


def disc(index: int) -> NDArray[np.bool_]:
    """Where the disc of picture ``index`` (from 0) is."""
    y, x = np.mgrid[0.5:HEIGHT, 0.5:WIDTH]
    inside: NDArray[np.bool_] = (x - 64 - 3 * index) ** 2 + (y - 71 - index) ** 2 < RADIUS**2
    return inside


def picture(index: int) -> Image:
    """Picture ``index``, RGB, 0..1."""
    grain = np.random.default_rng(5).random((HEIGHT, WIDTH, 1), np.float32)
    image = (0.05 + 0.1 * grain) * np.array((0.6, 0.8, 1.0), np.float32)
    image[disc(index)] = (0.85, 0.5, 0.15)
    return np.asarray(image, np.float32)


@dataclass(frozen=True)
class Format:
    """How a plate is written, and what ingest must say of it.

    ``write(folder, name)`` answers the path a person would give. ``says``: metadata that must be
    there; ``remarks``: codes of the report, all of them.
    """

    write: Callable[[Path, str], Path]
    says: Mapping[str, str] = field(default_factory=dict)
    remarks: frozenset[str] = frozenset()
    pixel_aspect: float = 1.0
    fps: tuple[int, int] = (24, 1)
    first: int = FIRST


def bcd_timecode(frame: int, drop: bool = False) -> tuple[Any, tuple[int, int]]:
    """01:00:00:FF as headers hold it."""
    word = (0x01 << 24) | (frame // 10 << 4) | frame % 10 | (0x40 if drop else 0)
    return oiio.TypeDesc("timecode"), (word, 0)


def still(extension: str, bits: str, **attributes: Any) -> Callable[[Path, str], Path]:
    """A sequence through OpenImageIO; ``tile``: side of its tiles, ``timecode``: told by frames."""
    tile, timed = attributes.pop("tile", 0), attributes.pop("timecode", False)
    channels = attributes.pop("channels", 3)

    def write(folder: Path, name: str) -> Path:
        for index in range(FRAMES):
            spec = oiio.ImageSpec(WIDTH, HEIGHT, channels, bits)
            spec.tile_width = spec.tile_height = tile
            for key, value in attributes.items():
                told = value if isinstance(value, tuple) else (value,)
                spec.attribute(key.replace("__", ":"), *told)
            if timed:
                spec.attribute("smpte:TimeCode", *bcd_timecode(index))
            image = picture(index)
            if channels == 4:
                image = np.dstack([image, np.ones((HEIGHT, WIDTH, 1), np.float32)])
            path = folder / f"{name}.{FIRST + index}.{extension}"
            out = oiio.ImageOutput.create(str(path))
            assert out.open(str(path), spec), out.geterror()
            assert out.write_image(np.ascontiguousarray(image)), out.geterror()
            out.close()
        return folder / f"{name}.%04d.{extension}"

    return write


def exr(
    margin: int = 0, type_: type = np.float16, parts: bool = False, **header: Any
) -> Callable[[Path, str], Path]:
    """A sequence through OpenEXR; ``margin``: pixels of overscan around, or (negative) cut off."""

    def write(folder: Path, name: str) -> Path:
        for index in range(FRAMES):
            image = picture(index)
            if margin > 0:
                image = np.pad(image, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
            elif margin < 0:
                image = image[-margin:margin, -margin:margin]
            solid = np.ascontiguousarray(image.astype(type_))
            path = folder / f"{name}.{FIRST + index}.exr"
            if parts:
                _write_parts(path, solid)
                continue
            write_exr(
                path,
                {"RGB": solid},
                display=(0, 0, WIDTH - 1, HEIGHT - 1),
                data_origin=(-margin, -margin),
                **header,
            )
        return folder / f"{name}.%04d.exr"

    return write


def _write_parts(path: Path, image: NDArray[Any]) -> None:
    depth = np.ones((HEIGHT, WIDTH), np.float32)
    kind = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIPS_COMPRESSION}
    parts = [
        OpenEXR.Part(dict(kind), {"Z": depth}, "depth"),
        OpenEXR.Part(dict(kind), {"RGB": image}, "beauty"),
    ]
    OpenEXR.File(parts).write(str(path))


def movie(
    extension: str,
    codec: str,
    pixels: str,
    *,
    rate: Fraction = Fraction(24),
    options: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    aspect: Fraction | None = None,
    steps: Callable[[int], int] | None = None,
) -> Callable[[Path, str], Path]:
    """A movie through FFmpeg. ``tags``: of the file and its picture; ``steps``: time stamps."""

    def write(folder: Path, name: str) -> Path:
        path = folder / f"{name}.{extension}"
        with av.open(str(path), "w") as file:
            file.metadata.update(tags or {})
            stream: Any = file.add_stream(codec, rate=rate, options=dict(options or {}))
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixels
            stream.metadata.update(tags or {})
            if aspect:
                stream.codec_context.sample_aspect_ratio = aspect
            for index in range(FRAMES):
                codes = np.rint(picture(index) * 255).astype(np.uint8)
                frame = av.VideoFrame.from_ndarray(codes, format="rgb24")
                if steps:
                    frame.pts, frame.time_base = steps(index), 1 / rate
                file.mux(stream.encode(frame))
            file.mux(stream.encode(None))
        return path

    return write


NTSC = Fraction(30000, 1001)
_ASSUMED = {"colorspace_assumed"}
_STILL = frozenset(_ASSUMED | {"no_frame_rate"})
_MOVIE = frozenset(_ASSUMED)

FORMATS: dict[str, Format] = {
    "exr-half": Format(exr(), {"container": "openexr", "pixel_type": "half"}, _STILL),
    "exr-float": Format(exr(type_=np.float32), {"pixel_type": "float"}, _STILL),
    "exr-dwaa": Format(
        exr(compression=OpenEXR.DWAA_COMPRESSION), {"compression": "dwaa"}, _STILL
    ),
    "exr-overscan": Format(
        exr(margin=16), {"data_window": "-16,-16 288x176"}, _STILL | {"overscan"}
    ),
    "exr-cropped": Format(exr(margin=-8), {"data_window": "8,8 240x128"}, _STILL | {"cropped"}),
    "exr-anamorphic": Format(
        exr(pixelAspectRatio=2.0), {}, _STILL | {"anamorphic"}, pixel_aspect=2.0
    ),
    "exr-parts": Format(exr(parts=True), {"channels": "R,G,B"}, _STILL | {"several_parts"}),
    "exr-tiled-timed": Format(
        still("exr", "half", tile=64, timecode=True, reelName="A001C002",
              FramesPerSecond=(oiio.TypeDesc("rational"), (24000, 1001)), channels=4),
        {"timecode": "01:00:00:00", "drop_frame": "no", "reel": "A001C002", "fps_source": "file",
         "alpha": "premultiplied"},
        frozenset(_ASSUMED | {"non_integer_rate", "alpha_ignored"}),
        fps=(24000, 1001),
    ),
    "dpx-8": Format(still("dpx", "uint8"), {"container": "dpx", "pixel_type": "uint8"}, _STILL),
    "dpx-10": Format(
        still("dpx", "uint16", oiio__BitsPerSample=10, timecode=True, dpx__FrameRate=25.0,
              dpx__InputDevice="B007", dpx__Transfer="Printing density"),
        {"pixel_type": "uint16 (10 bits)", "timecode": "01:00:00:00", "reel": "B007",
         "colorspace_source": "file"},
        frozenset(),
        fps=(25, 1),
    ),
    "dpx-12": Format(
        still("dpx", "uint16", oiio__BitsPerSample=12), {"pixel_type": "uint16 (12 bits)"}, _STILL
    ),
    "dpx-16": Format(still("dpx", "uint16"), {"pixel_type": "uint16"}, _STILL),
    "png-8": Format(
        still("png", "uint8", channels=4), {"alpha": "straight"}, _STILL | {"alpha_ignored"}
    ),
    "png-16": Format(still("png", "uint16"), {"pixel_type": "uint16"}, _STILL),
    "tiff-8": Format(still("tif", "uint8"), {"container": "tiff"}, _STILL),
    "tiff-16": Format(still("tiff", "uint16"), {"pixel_type": "uint16"}, _STILL),
    "jpeg": Format(still("jpg", "uint8", CompressionQuality=95), {"container": "jpeg"}, _STILL),
    "mp4-h264": Format(
        movie("mp4", "libx264", "yuv420p", rate=NTSC, options={"crf": "8"}),
        {"codec": "h264", "frames": "3", "variable_frame_rate": "no"},
        _MOVIE | {"non_integer_rate"}, fps=(30000, 1001), first=1,
    ),
    "mov-h265": Format(
        movie("mov", "libx265", "yuv420p10le", options={"x265-params": "log-level=none"}),
        {"codec": "hevc"}, _MOVIE, first=1,
    ),
    "mov-prores": Format(
        movie("mov", "prores_ks", "yuv422p10le", rate=NTSC, options={"profile": "3"},
              tags={"timecode": "01:00:00;02", "reel_name": "A001_C002"}),
        {"codec": "prores", "timecode": "01:00:00;02", "drop_frame": "yes", "reel": "A001_C002"},
        _MOVIE | {"non_integer_rate", "drop_frame_timecode"}, fps=(30000, 1001), first=1,
    ),
    "mov-prores4444": Format(
        movie("mov", "prores_ks", "yuva444p10le", options={"profile": "4"}),
        {"codec": "prores", "alpha": "unspecified"}, _MOVIE | {"alpha_ignored"}, first=1,
    ),
    "mov-dnxhr": Format(
        movie("mov", "dnxhd", "yuv422p10le", options={"profile": "dnxhr_hqx"}),
        {"codec": "dnxhd", "profile": "DNXHR HQX"}, _MOVIE, first=1,
    ),
    "mxf-dnxhr": Format(
        movie("mxf", "dnxhd", "yuv422p", options={"profile": "dnxhr_hq"}, rate=Fraction(25),
              tags={"timecode": "10:00:00:00", "reel_name": "R1"}),
        {"container": "mxf", "timecode": "10:00:00:00", "reel": "R1"},
        _MOVIE, fps=(25, 1), first=1,
    ),
    "mxf-xdcam-interlaced": Format(
        movie("mxf", "mpeg2video", "yuv422p", rate=Fraction(25),
              options={"flags": "+ildct+ilme", "b": "8M"}, tags={"timecode": "09:59:58:12"}),
        {"codec": "mpeg2video", "timecode": "09:59:58:12"},
        _MOVIE | {"interlaced"}, fps=(25, 1), first=1,
    ),
    "mov-uneven": Format(
        movie("mov", "libx264", "yuv420p", options={"crf": "8"},
              steps=lambda index: (0, 1, 4)[index]),
        {"variable_frame_rate": "yes"},
        _MOVIE | {"variable_frame_rate", "odd_frame_rate"}, fps=(72, 5), first=1,
    ),
}  # fmt: skip
