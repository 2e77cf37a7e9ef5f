"""What a file is by its first bytes, whatever it is called."""

from __future__ import annotations

import stat
from pathlib import Path

from .faults import bad_frame, missing_frame, unreadable

_HEAD_BYTES = 512
_RUN_IN_BYTES = 65_536
"""What an MXF may begin with."""

_PICTURES = (
    (b"\x76\x2f\x31\x01", "openexr"),
    (b"SDPX", "dpx"),
    (b"XPDS", "dpx"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"\xff\xd8\xff", "jpeg"),
)
_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})
_MXF_KEY = bytes.fromhex("060e2b34020501010d0102010102")
_MOVIES = (
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpegvideo"),
)
NAMES = {
    "openexr": "an OpenEXR image",
    "dpx": "a DPX image",
    "png": "a PNG image",
    "tiff": "a TIFF image",
    "jpeg": "a JPEG image",
    "mov": "an MP4 or MOV movie",
    "mxf": "an MXF movie",
    "avi": "an AVI movie",
    "matroska": "a Matroska movie",
    "mpeg": "an MPEG movie",
    "mpegvideo": "an MPEG movie",
    "mpegts": "an MPEG transport stream",
    "text": "a text file",
    "": "nothing this worker knows",
}
PICTURES = frozenset(kind for _, kind in _PICTURES)
MOVIES = frozenset({"mov", "mxf", "avi", *(kind for _, kind in _MOVIES), "mpegts"})
"""Also the names of FFmpeg's demuxers, so that no other one is ever tried."""


def kind_of_file(path: Path, frame: int | None) -> str:
    """One of `PICTURES` or `MOVIES`, ``text``, or empty; `NAMES` says it to people.

    Raises:
        RotoError: ``missing_frame`` or ``path_refused`` (absent: of a frame, of a movie),
            ``bad_plate`` (empty, a folder, a device).
    """
    head = _read_head(path, frame, _HEAD_BYTES)
    kind = _kind_of(head)
    if not kind and frame is None and _MXF_KEY in _read_head(path, None, _RUN_IN_BYTES + 16):
        return "mxf"
    return kind


def _read_head(path: Path, frame: int | None, size: int) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise bad_frame(path, frame, "is a folder")
        # Opening a named pipe waits for somebody to write.
        if not stat.S_ISREG(status.st_mode):
            raise bad_frame(path, frame, "is no regular file")
        with path.open("rb") as file:
            head = file.read(size)
    except FileNotFoundError:
        if frame is None:
            raise unreadable(path, None, "no such file") from None
        raise missing_frame(path, frame) from None
    except OSError as error:
        raise unreadable(path, frame, error.strerror or str(error)) from error
    if not head:
        raise bad_frame(path, frame, "is empty (0 bytes)")
    return head


def _kind_of(head: bytes) -> str:
    for magic, kind in (*_PICTURES, *_MOVIES):
        if head.startswith(magic):
            return kind
    if head[4:8] in _BOXES:
        return "mov"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    if head[:1] == b"G" and head[188:189] == b"G" and head[376:377] == b"G":
        return "mpegts"
    if _MXF_KEY in head:
        return "mxf"
    return "text" if head.isascii() and b"\0" not in head else ""
