"""Frames of an image sequence through OpenImageIO, placed in their display window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import OpenImageIO as oiio  # noqa: N813

from roto_shapes.frames import SequencePattern

from .faults import PlateError, bad_frame, check_file, missing_frame, unreadable, unsupported
from .header import Encoded, FrameHeader, exact_fps, sane_aspect

EXTENSIONS = frozenset({".exr", ".dpx", ".png", ".tif", ".tiff", ".jpg", ".jpeg"})

_TAILS = {".png": b"IEND", ".jpg": b"\xff\xd9", ".jpeg": b"\xff\xd9"}
_TAIL_BYTES = 65536
_PIECES = ("red", "green", "blue")


class SequenceReader:
    """One file per frame. A file is opened for each call and held no longer."""

    def __init__(self, path: str) -> None:
        """``path``: a pattern with a frame field, as a task spec names it.

        Raises:
            RotoError: ``bad_range``, ``unsupported_plate`` or ``missing_frame`` (no file at all).
        """
        self._pattern = SequencePattern.parse(path)
        suffix = Path(path).suffix.lower()
        if suffix not in EXTENSIONS:
            raise unsupported(Path(path), None, "is not of a supported format")
        try:
            found = self._pattern.frames_on_disk()
        except OSError as error:
            raise unreadable(Path(path).parent, None, error.strerror or str(error)) from error
        if not found:
            raise PlateError(
                f"no frame of {Path(path).name} is on disk",
                code="missing_frame",
                hint="Check the path and the number of digits in the frame field.",
            )
        self._found = frozenset(found)
        self._range = (found[0], found[-1])

    @property
    def frame_range(self) -> tuple[int, int]:
        return self._range

    def path(self, frame: int) -> Path:
        """The file of plate frame ``frame``."""
        return Path(self._pattern.path(frame))

    def require(self, first: int, last: int) -> None:
        """Raises: RotoError ``missing_frame``, by the listing of the folder at construction."""
        gaps = [frame for frame in range(first, last + 1) if frame not in self._found]
        if gaps:
            raise missing_frame(self.path(gaps[0]), gaps[0], gaps[1:])

    def header(self, frame: int) -> FrameHeader:
        """Raises: RotoError ``missing_frame``, ``bad_plate``, ``unsupported_plate``."""
        with _opened(self.path(frame), frame) as image:
            _colour_channels(image, self.path(frame), frame)
            return _header(image)

    def check(self, frame: int) -> FrameHeader:
        """The header, and the end of the file: a truncated one raises ``bad_plate``."""
        path = self.path(frame)
        with _opened(path, frame) as image:
            subimage, _ = _colour_channels(image, path, frame)
            header = _header(image)
            tail = _TAILS.get(path.suffix.lower())
            whole = _ends_with(path, tail) if tail else _last_row_reads(image, subimage)
            if not whole:
                raise bad_frame(path, frame, "is truncated")
            return header

    def read(self, frame: int) -> Encoded:
        """Raises: RotoError ``missing_frame``, ``bad_plate``, ``unsupported_plate``."""
        path = self.path(frame)
        with _opened(path, frame) as image:
            subimage, channels = _colour_channels(image, path, frame)
            spec = image.spec()
            first, end = min(channels), max(channels) + 1
            pixels = image.read_image(subimage, 0, first, end, _type_to_read(spec))
            # A JPEG cut short still gives pixels, and says so only here.
            problem = image.geterror()
            if pixels is None or problem:
                raise bad_frame(path, frame, f"cannot be decoded: {problem or 'no pixels'}")
            picked = pixels[..., [channel - first for channel in channels]]
            return _on_display_window(picked, spec)

    def close(self) -> None:
        """Nothing is held open."""


@contextmanager
def _opened(path: Path, frame: int) -> Iterator[Any]:
    check_file(path, frame)
    wanted = oiio.ImageSpec()
    # Otherwise PNG and TIFF colours come back multiplied by their alpha.
    wanted.attribute("oiio:UnassociatedAlpha", 1)
    image = oiio.ImageInput.open(str(path), wanted)
    if image is None:
        reason = " ".join(oiio.geterror().split())
        if not path.exists():
            raise missing_frame(path, frame)
        raise bad_frame(path, frame, f"cannot be opened: {reason}")
    try:
        yield image
    finally:
        image.close()


def _colour_channels(image: Any, path: Path, frame: int) -> tuple[int, list[int]]:
    """The part with the picture and its R, G, B channel indices; leaves the part selected."""
    seen: list[str] = []
    fallback: tuple[int, list[int]] | None = None
    part = 0
    while image.seek_subimage(part, 0):
        spec = image.spec()
        if spec.deep:
            raise unsupported(path, frame, "is a deep EXR")
        names = list(spec.channelnames)
        channels = _rgb(names)
        if channels:
            return part, channels
        if fallback is None and (grey := _grey(names)) is not None:
            fallback = (part, [grey] * 3)
        seen += names
        part += 1
    if fallback is None:
        raise unsupported(path, frame, f"has no colour channels (only {', '.join(seen[:8])})")
    image.seek_subimage(fallback[0], 0)
    return fallback


def _rgb(names: Sequence[str]) -> list[int] | None:
    """Channels R, G, B: the unnamed layer if there is one, else the first layer that has all."""
    by_layer: dict[str, dict[str, int]] = {}
    for index, name in enumerate(names):
        layer, _, piece = name.rpartition(".")
        short = piece.lower()[:1] if piece.lower() in {"r", "g", "b", *_PIECES} else ""
        if short:
            by_layer.setdefault(layer, {}).setdefault(short, index)
    for layer in ["", *by_layer]:
        pieces = by_layer.get(layer, {})
        if len(pieces) == 3:
            return [pieces["r"], pieces["g"], pieces["b"]]
    return None


def _grey(names: Sequence[str]) -> int | None:
    lower = [name.lower() for name in names]
    if "y" in lower and not {"by", "ry"} & set(lower):
        return lower.index("y")
    return 0 if len(names) == 1 else None


def _type_to_read(spec: Any) -> Any:
    """8-bit files as they are, other integers as 16-bit, everything else as float."""
    if spec.format.basetype == oiio.UINT8:
        return oiio.UINT8
    return oiio.UINT16 if spec.format.basetype == oiio.UINT16 else oiio.FLOAT


def _on_display_window(pixels: Encoded, spec: Any) -> Encoded:
    """Cut overscan away and put a crop where it belongs; what no pixel covers is black."""
    width, height = spec.full_width, spec.full_height
    left, top = spec.x - spec.full_x, spec.y - spec.full_y
    if (left, top, spec.width, spec.height) == (0, 0, width, height):
        return cast("Encoded", np.ascontiguousarray(pixels))
    framed = cast("Encoded", np.zeros((height, width, 3), pixels.dtype))
    x0, x1 = max(left, 0), min(left + spec.width, width)
    y0, y1 = max(top, 0), min(top + spec.height, height)
    if x0 < x1 and y0 < y1:
        framed[y0:y1, x0:x1] = pixels[y0 - top : y1 - top, x0 - left : x1 - left]
    return framed


def _header(image: Any) -> FrameHeader:
    spec = image.spec()
    attributes = {item.name: item.value for item in spec.extra_attribs}
    rate = attributes.get("FramesPerSecond", attributes.get("dpx:FrameRate"))
    if isinstance(rate, tuple | list) and len(rate) == 2 and rate[1]:
        rate = rate[0] / rate[1]
    metadata = {
        "container": image.format_name(),
        "pixel_type": str(spec.format),
        "channels": ",".join(spec.channelnames),
        "data_window": f"{spec.x},{spec.y} {spec.width}x{spec.height}",
    }
    for name, value in attributes.items():
        if isinstance(value, str | int | float) and len(str(value)) <= 200:
            metadata.setdefault(name, str(value))
    return FrameHeader(
        width=spec.full_width,
        height=spec.full_height,
        pixel_aspect=sane_aspect(attributes.get("PixelAspectRatio")),
        fps=exact_fps(rate) if isinstance(rate, int | float) else None,
        metadata=metadata,
    )


def _last_row_reads(image: Any, subimage: int) -> bool:
    spec = image.spec()
    if spec.tile_width:
        left = spec.x + (spec.width - 1) // spec.tile_width * spec.tile_width
        top = spec.y + (spec.height - 1) // spec.tile_height * spec.tile_height
        pixels = image.read_tile(left, top, spec.z, oiio.FLOAT)
    else:
        end = spec.y + spec.height
        pixels = image.read_scanlines(
            subimage, 0, end - 1, end, spec.z, 0, spec.nchannels, oiio.FLOAT
        )
    return pixels is not None and not image.geterror()


def is_whole(path: Path) -> bool:
    """Whether an image opens and its last row or tile can be read."""
    image = oiio.ImageInput.open(str(path))
    if image is None:
        oiio.geterror()
        return False
    try:
        return _last_row_reads(image, 0)
    finally:
        image.close()


def _ends_with(path: Path, marker: bytes) -> bool:
    """Whether the file's tail holds ``marker`` (some writers pad after it)."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return marker in file.read()
