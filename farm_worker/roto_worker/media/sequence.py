"""Frames of an image sequence through OpenImageIO, placed in their display window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import OpenImageIO as oiio  # noqa: N813

from roto_shapes.frames import SequencePattern

from .channels import Choice, choose, parts_of, views_in
from .content import NAMES, kind_of_file
from .faults import PlateError, bad_frame, missing_frame, shown, unreadable, unsupported
from .header import Encoded, FrameHeader
from .limits import Limits
from .picture_facts import header_of
from .remarks import INFO, WARNING, Remark

_KINDS = {
    ".exr": "openexr",
    ".dpx": "dpx",
    ".png": "png",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
}
EXTENSIONS = frozenset(_KINDS)

_TAILS = {"png": b"IEND", "jpeg": b"\xff\xd9"}
_TAIL_BYTES = 65536


class SequenceReader:
    """One file per frame. A file is opened for each call and held no longer."""

    def __init__(self, path: str, view: str | None = None) -> None:
        """``path``: a pattern with a frame field, as a task spec names it. ``view``: which one is
        read of files that hold several; None: their first.

        Raises:
            RotoError: ``bad_range``, ``unsupported_plate`` or ``missing_frame`` (no file at all).
        """
        self._pattern, self._view = SequencePattern.parse(path), view
        suffix = Path(path).suffix.lower()
        if suffix not in _KINDS:
            raise unsupported(Path(path), None, "is not of a supported format")
        self._kind, self._limits = _KINDS[suffix], Limits.from_environment()
        try:
            found = self._pattern.frames_on_disk()
        except OSError as error:
            raise unreadable(Path(path).parent, None, error.strerror or str(error)) from error
        if not found:
            raise PlateError(
                f"no frame of {shown(Path(path).name)} is on disk",
                code="missing_frame",
                hint="Check the path and the number of digits in the frame field.",
            )
        self._found = frozenset(found)
        self._range = (found[0], found[-1])
        self._limits.check_frames(Path(path), len(found))

    @property
    def frame_range(self) -> tuple[int, int]:
        return self._range

    def path(self, frame: int) -> Path:
        """The file of plate frame ``frame``."""
        return Path(self._pattern.path(frame))

    def require(self, first: int, last: int) -> None:
        """Raises: RotoError ``missing_frame``, by the listing of the folder at construction."""
        # Two files may be thousands of millions of frames apart.
        self._limits.check_frames(Path(self._pattern.path(first)), last - first + 1)
        gaps = [frame for frame in range(first, last + 1) if frame not in self._found]
        if gaps:
            raise missing_frame(self.path(gaps[0]), gaps[0], gaps[1:])

    def header(self, frame: int) -> FrameHeader:
        """Raises: RotoError ``missing_frame``, ``bad_plate``, ``unsupported_plate``."""
        with self._opened(frame) as (image, _):
            return header_of(self._kind, image.spec())

    def check(self, frame: int) -> FrameHeader:
        """The header, and the end of the file: a truncated one raises ``bad_plate``."""
        path = self.path(frame)
        with self._opened(frame) as (image, found):
            header = header_of(self._kind, image.spec())
            tail = _TAILS.get(self._kind)
            whole = _ends_with(path, tail) if tail else _last_row_reads(image, found.part)
            if not whole:
                raise bad_frame(path, frame, "is truncated")
            return header

    def remarks(self, frame: int) -> Iterator[Remark]:
        """Views and parts of an EXR that are not the plate's picture."""
        with self._opened(frame) as (image, found):
            name = str(image.spec().getattribute("oiio:subimagename") or "")
            views = views_in(image)
            if len(views) > 1:
                yield _of_views(views, found.view, self._view)
            elif image.seek_subimage(1, 0):
                yield Remark(
                    "several_parts",
                    INFO,
                    f"the file has several parts; part {found.part + 1} '{name}' is the picture",
                    {"part": found.part, "name": name},
                )

    def read(self, frame: int) -> Encoded:
        """Raises: RotoError ``missing_frame``, ``bad_plate``, ``unsupported_plate``."""
        path = self.path(frame)
        with self._opened(frame) as (image, found):
            spec, channels = image.spec(), found.channels
            first, end = min(channels), max(channels) + 1
            pixels = image.read_image(found.part, 0, first, end, _type_to_read(spec))
            # A JPEG cut short still gives pixels, and says so only here.
            problem = image.geterror()
            if pixels is None or problem:
                raise bad_frame(path, frame, f"cannot be decoded: {problem or 'no pixels'}")
            if channels != list(range(first, end)):
                pixels = pixels[..., [channel - first for channel in channels]]
            return _on_display_window(pixels, spec)

    @contextmanager
    def _opened(self, frame: int) -> Iterator[tuple[Any, Choice]]:
        """The open file at the part with the picture, and what of it that is."""
        path = self.path(frame)
        kind = kind_of_file(path, frame)
        if kind != self._kind:
            reason = f"is {NAMES[kind]}, not {NAMES[self._kind]} as its name says"
            raise bad_frame(path, frame, reason)
        with _open_image(path, frame) as image, _names_are_text(path, frame):
            # OpenImageIO offers a file that its own reader refuses to all others.
            if image.format_name() != self._kind:
                raise bad_frame(path, frame, f"is no sound {self._kind} file")
            found = _choice(image, path, frame, self._view)
            spec = image.spec()
            self._limits.check_size(path, frame, spec.full_width, spec.full_height)
            self._limits.check_size(path, frame, spec.width, spec.height)
            yield image, found

    def close(self) -> None:
        """Nothing is held open."""


@contextmanager
def _open_image(path: Path, frame: int) -> Iterator[Any]:
    wanted = oiio.ImageSpec()
    # Otherwise PNG and TIFF colours come back multiplied by their alpha.
    wanted.attribute("oiio:UnassociatedAlpha", 1)
    image = oiio.ImageInput.open(str(path), wanted)
    if image is None:
        with _names_are_text(path, frame):
            reason = oiio.geterror()
        if not path.exists():
            raise missing_frame(path, frame)
        raise bad_frame(path, frame, f"cannot be opened: {reason}")
    try:
        yield image
    finally:
        image.close()


@contextmanager
def _names_are_text(path: Path, frame: int) -> Iterator[None]:
    """OpenImageIO hands on names and complaints as a file holds them, and they may be any bytes."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise bad_frame(path, frame, "holds names that are no text") from error


def _choice(image: Any, path: Path, frame: int, view: str | None) -> Choice:
    """The plate's part, which is selected, and its channels."""
    found = choose(image, view)
    if found is not None:
        return found
    specs = [spec for _, spec in parts_of(image)]
    if any(spec.deep for spec in specs):
        raise unsupported(path, frame, "is a deep EXR")
    names = [name for spec in specs for name in spec.channelnames]
    raise unsupported(path, frame, f"has no colour channels (only {', '.join(names[:8])})")


def _of_views(views: list[str], read: str, wanted: str | None) -> Remark:
    told = f"the file holds the views {', '.join(views)}; "
    detail = {"views": views, "view": read}
    if wanted is None or wanted == read:
        return Remark("several_views", INFO, f"{told}'{read}' is the plate's", detail)
    return Remark(
        "several_views", WARNING, f"{told}'{wanted}' was asked for and '{read}' is read", detail
    )


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


def _ends_with(path: Path, marker: bytes) -> bool:
    """Whether the file's tail holds ``marker`` (some writers pad after it)."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return marker in file.read()
