"""Files made to do harm: tiny ones that promise the world, and damaged ones."""

from __future__ import annotations

import functools
import struct
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813

Box = tuple[int, int, int, int]
_HUGE = 2**29


def _attribute(name: str, kind: str, data: bytes) -> bytes:
    return f"{name}\0{kind}\0".encode() + struct.pack("<i", len(data)) + data


def exr_header(
    window: Box = (0, 0, 47, 31),
    *,
    display: Box | None = None,
    channels: Sequence[str] = ("B", "G", "R"),
    compression: int = 0,
    tiles: tuple[int, int, int] | None = None,
    flags: int = 0,
    more: bytes = b"",
    body: bytes = b"",
) -> bytes:
    """An OpenEXR file by hand: a header that may say anything, and ``body`` after it."""
    listed = b"".join(name.encode() + struct.pack("<xiB3xii", 1, 0, 1, 1) for name in channels)
    made = b"\x76\x2f\x31\x01" + struct.pack("<I", 2 | flags)
    made += _attribute("channels", "chlist", listed + b"\0")
    made += _attribute("compression", "compression", bytes([compression]))
    made += _attribute("dataWindow", "box2i", struct.pack("<4i", *window))
    made += _attribute("displayWindow", "box2i", struct.pack("<4i", *(display or window)))
    made += _attribute("lineOrder", "lineOrder", b"\0")
    made += _attribute("pixelAspectRatio", "float", struct.pack("<f", 1))
    made += _attribute("screenWindowCenter", "v2f", struct.pack("<ff", 0, 0))
    made += _attribute("screenWindowWidth", "float", struct.pack("<f", 1))
    if tiles:
        made += _attribute("tiles", "tiledesc", struct.pack("<IIB", *tiles))
    return made + more + b"\0" + body


def png(width: int, height: int, rows: int = 0) -> bytes:
    """A grey 8-bit PNG that claims a size; ``rows``: so many black ones are really there."""
    data = zlib.compress(b"\0" * ((width + 1) * rows), 9)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def tiff(width: int, height: int, *, loops: bool = False, strips: int = 1) -> bytes:
    """A grey 8-bit TIFF of one directory; ``loops``: the next directory is this one again."""
    tags = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (273, 4, strips, 200), (277, 3, 1, 1), (278, 4, 1, max(1, height // strips)),
        (279, 4, strips, 200),
    ]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    following = struct.pack("<I", 8 if loops else 0)
    directory = struct.pack("<H", len(tags)) + entries + following
    return b"II*\0" + struct.pack("<I", 8) + directory + b"\0" * 400


def dpx(width: int, height: int) -> bytes:
    """A real 10-bit DPX whose header claims another size."""
    spec = oiio.ImageSpec(48, 32, 3, "uint16")
    spec.attribute("oiio:BitsPerSample", 10)
    # A folder of its own: every process of a test run makes some as it imports this.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "hostile.dpx")
        out = oiio.ImageOutput.create(str(path))
        assert out.open(str(path), spec), out.geterror()
        assert out.write_image(np.zeros((32, 48, 3), np.float32)), out.geterror()
        out.close()
        data = bytearray(path.read_bytes())
    order = "<" if data[:4] == b"XPDS" else ">"
    data[772:780] = struct.pack(f"{order}II", width, height)
    return bytes(data)


_DEEP = 0x800
_PARTS = 0x1000
_TILED = 0x200

PICTURES: dict[str, bytes] = {
    "everywhere.exr": exr_header((0, 0, 2**30, 2**30), body=b"\0" * 5000),
    "wide.exr": exr_header((0, 0, _HUGE, 15), body=b"\0" * 5000),
    "tall.exr": exr_header((0, 0, 15, _HUGE), body=b"\0" * 5000),
    "display.exr": exr_header((0, 0, 15, 15), display=(0, 0, _HUGE, _HUGE), body=b"\0" * 5000),
    "overscan.exr": exr_header((-_HUGE, -_HUGE, _HUGE, _HUGE), display=(0, 0, 15, 15)),
    "backwards.exr": exr_header((100, 100, 0, 0)),
    "tiles.exr": exr_header((0, 0, 65000, 65000), tiles=(1, 1, 0), flags=_TILED),
    "no-tiles.exr": exr_header(tiles=(0, 0, 0), flags=_TILED),
    "chunks.exr": exr_header(
        flags=_PARTS,
        more=_attribute("chunkCount", "int", struct.pack("<i", 2**31 - 1))
        + _attribute("type", "string", b"scanlineimage")
        + _attribute("name", "string", b"beauty"),
        body=b"\0" * 5000,
    ),
    "attribute.exr": exr_header(more=b"note\0string\0" + struct.pack("<i", 2**31 - 1)),
    "deep.exr": exr_header(
        flags=_DEEP,
        more=_attribute("type", "string", b"deepscanline")
        + _attribute("version", "int", struct.pack("<i", 1))
        + _attribute("maxSamplesPerPixel", "int", struct.pack("<i", 2**31 - 1)),
    ),
    "zipped.exr": exr_header((0, 0, 16000, 8000), compression=3, body=b"\0" * 5000),
    "billion.png": png(31_623, 31_623),
    "endless.png": png(2**31 - 1, 2**31 - 1),
    "thin.png": png(1, 2**31 - 1),
    "cut.png": png(16_000, 8_000, rows=3),
    "huge.tif": tiff(2**31 - 1, 2**31 - 1),
    "billion.tif": tiff(31_623, 31_623),
    "strips.tif": tiff(1000, 1000, strips=2**30),
    "loop.tif": tiff(16, 16, loops=True),
    "huge.dpx": dpx(2**31, 2**31),
    "billion.dpx": dpx(31_623, 31_623),
    "nothing.dpx": dpx(0, 0),
    "longer.dpx": dpx(16_000, 8_000),
    "junk.jpg": b"\xff\xd8\xff" + bytes(range(256)) * 40,
    "picture.exr": png(16, 16, rows=16),
    "text.dpx": b"this is a letter to the pipeline\n" * 100,
    "devils.png": b"\x89PNG\r\n\x1a\n" + b"\xff" * 5000,
}
"""By the name of the file; none is larger than 20 kB."""


@functools.cache
def many_channels() -> bytes:
    """An OpenEXR file that takes minutes to be refused: each name is compared with every other."""
    return exr_header(channels=[f"c{number:06d}" for number in range(400_000)])
