"""A preview's mask as shapes, held against the mask itself."""

from __future__ import annotations

import time
from typing import Any

import cv2
import numpy as np
import pytest

from roto_shapes.errors import DocumentError
from roto_shapes.model import Document
from shapes.helpers_draw import document_matte, overlap


def png_of(picture: np.ndarray, *options: int) -> bytes:
    ok, data = cv2.imencode(".png", picture, list(options))
    assert ok
    return bytes(data)


def ring(width: int = 320, height: int = 180) -> np.ndarray:
    """A soft ring and a bar, cut by the frame's edge."""
    picture = np.zeros((height, width), np.uint8)
    cv2.ellipse(picture, (150, 90), (90, 60), 25, 0, 360, 255, -1)
    cv2.circle(picture, (150, 90), 25, 0, -1)
    picture[:40, 280:] = 255
    return cv2.GaussianBlur(picture, (5, 5), 0)


@pytest.mark.parametrize("scale", [1, 4])
def test_outlines_cover_the_mask(nuke: Any, scale: int) -> None:
    from megaton_roto_nuke.tracing import traced

    mask = ring()
    width, height = 320 * scale, 180 * scale
    layer = traced(png_of(mask), "hero", width, height, 7)
    assert [shape.mode for shape in layer.shapes] == ["add", "add", "subtract"]
    drawn = document_matte(Document(width, height, frame_range=(7, 7), layers=[layer]), 7)
    wanted = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR) >= 128
    assert overlap(drawn, wanted.astype(float)) > 0.975
    assert sum(len(shape.keys[0].points) for shape in layer.shapes) < 120


@pytest.mark.parametrize("strategy", range(5))
def test_every_filter_a_png_may_use(nuke: Any, strategy: int) -> None:
    from megaton_roto_nuke.tracing import decoded

    noise = np.random.default_rng(strategy).integers(0, 256, (37, 53), dtype=np.uint8)
    smooth = cv2.GaussianBlur(noise, (9, 9), 0)
    data = png_of(smooth, cv2.IMWRITE_PNG_STRATEGY, strategy, cv2.IMWRITE_PNG_COMPRESSION, 9)
    grey = decoded(data)
    assert np.array_equal(np.frombuffer(b"".join(grey.rows), np.uint8).reshape(37, 53), smooth)


def test_filters_written_by_hand(nuke: Any) -> None:
    """One row per filter type, which no library promises to choose."""
    import struct
    import zlib

    from megaton_roto_nuke.tracing import decoded

    rows = np.random.default_rng(1).integers(0, 256, (5, 40)).astype(int)
    raw = b""
    for kind, row in enumerate(rows):
        up = rows[kind - 1] if kind else np.zeros(40, int)
        left, corner = np.r_[0, row[:-1]], np.r_[0, up[:-1]]
        estimate = left + up - corner
        options = np.stack([left, up, corner])
        nearest = np.argmin(np.abs(options - estimate), axis=0)
        paeth = options[nearest, np.arange(40)]
        guess = [np.zeros(40, int), left, up, (left + up) // 2, paeth][kind]
        raw += bytes([kind]) + ((row - guess) % 256).astype(np.uint8).tobytes()

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + b"\0\0\0\0"

    head = struct.pack(">IIBBBBB", 40, 5, 8, 0, 0, 0, 0)
    body = zlib.compress(raw)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    assert [list(row) for row in decoded(png).rows] == rows.tolist()


@pytest.mark.parametrize("kind", ["empty", "full", "checker"])
def test_odd_masks(nuke: Any, kind: str) -> None:
    from megaton_roto_nuke.tracing import decoded, loops, traced

    picture = np.zeros((16, 16), np.uint8)
    if kind == "full":
        picture[:] = 255
    elif kind == "checker":
        picture[::2, ::2] = picture[1::2, 1::2] = 255
    layer = traced(png_of(picture), "x", 16, 16, 1)
    if kind == "empty":
        assert not layer.shapes
    elif kind == "full":
        assert len(layer.shapes) == 1
    else:
        # Every pixel edge is walked exactly once.
        edges = sum(len(loop) for loop in loops(decoded(png_of(picture))))
        assert edges == 4 * 128


def test_what_is_no_mask(nuke: Any) -> None:
    from megaton_roto_nuke.tracing import decoded

    good = png_of(ring())
    colour = png_of(np.zeros((4, 4, 3), np.uint8))
    for bad in (b"", b"GIF89a", good[:60], good[:20], colour):
        with pytest.raises(DocumentError):
            decoded(bad)


def test_a_large_mask_takes_no_time_to_speak_of(nuke: Any) -> None:
    from megaton_roto_nuke.tracing import traced

    mask = cv2.resize(ring(), (1024, 576), interpolation=cv2.INTER_LINEAR)
    start = time.perf_counter()
    traced(png_of(mask), "hero", 4096, 2304, 1)
    assert time.perf_counter() - start < 4.0
