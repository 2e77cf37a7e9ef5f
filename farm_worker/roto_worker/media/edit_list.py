"""How much of a movie's timecode track its edit list cuts off, which FFmpeg does not tell.

A trim without re-encoding (QuickTime Player's) leaves all frames in the file, and the label of the
first of them: edit lists say which is shown first.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import IO

_MOST_BOXES, _MOST_EDITS = 1000, 16
_Span = tuple[int, int]


def cut_from_timecode(path: Path) -> Fraction:
    """Seconds between the first label of an MP4's or MOV's timecode track and what is shown first.

    0 where there is no such track, or no such edit, or the file is damaged there.
    """
    with path.open("rb") as file:
        whole = (0, path.stat().st_size)
        for track in _inside(file, whole, b"moov", b"trak"):
            kind = next(_inside(file, track, b"mdia", b"hdlr"), None)
            if kind is not None and _read(file, kind, 12)[8:] == b"tmcd":
                return _cut(file, track)
    return Fraction(0)


def _cut(file: IO[bytes], track: _Span) -> Fraction:
    header = next(_inside(file, track, b"mdia", b"mdhd"), None)
    edits = next(_inside(file, track, b"edts", b"elst"), None)
    if header is None or edits is None:
        return Fraction(0)
    told = _read(file, header, 24)
    at = 20 if told[:1] == b"\1" else 12
    scale = int.from_bytes(told[at : at + 4], "big")
    begin = next(_times(_read(file, edits, 8 + 20 * _MOST_EDITS)), 0)
    return Fraction(begin, scale) if scale else Fraction(0)


def _times(told: bytes) -> Iterator[int]:
    """Where in the track each edit begins, in its own units; empty ones (a wait) are left out."""
    entry = struct.Struct(">Qqi" if told[:1] == b"\1" else ">Iii")
    count = min(int.from_bytes(told[4:8], "big"), _MOST_EDITS, (len(told) - 8) // entry.size)
    for number in range(count):
        _, time, _ = entry.unpack_from(told, 8 + number * entry.size)
        if time >= 0:
            yield time


def _inside(file: IO[bytes], span: _Span, *names: bytes) -> Iterator[_Span]:
    """The contents of the boxes that are called so, one in the other."""
    for name, found in _boxes(file, span):
        if name == names[0]:
            yield from _inside(file, found, *names[1:]) if names[1:] else [found]


def _boxes(file: IO[bytes], span: _Span) -> Iterator[tuple[bytes, _Span]]:
    at, end = span
    for _ in range(_MOST_BOXES):
        head = _read(file, (at, end), 16)
        if len(head) < 8:
            return
        size, body = int.from_bytes(head[:4], "big"), at + 8
        if size == 1:
            size, body = int.from_bytes(head[8:16], "big"), at + 16
        size = size or end - at
        if size < body - at or at + size > end:
            return
        yield head[4:8], (body, at + size)
        at += size


def _read(file: IO[bytes], span: _Span, most: int) -> bytes:
    file.seek(span[0])
    return file.read(max(0, min(most, span[1] - span[0])))
