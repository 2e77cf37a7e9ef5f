"""Where a shot is in an edit, as its row keeps it (`Shot.cut`)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from roto_shapes.timecode import Timecode

from .events import ListEvent


def cut_of(title: str, list_rate: Fraction, event: ListEvent, media: str) -> dict[str, Any]:
    """The cut of an event of the list ``title``; ``media``: path of what it shows."""
    source_in, source_out = _told(event, "source", event.rate)
    record_in, record_out = _told(event, "record", list_rate)
    return {
        "list": title,
        "event": event.number,
        "track": event.track,
        "reel": event.reel,
        "clip": event.clip,
        "source_in": source_in,
        "source_out": source_out,
        "record_in": record_in,
        "record_out": record_out,
        "rate": [list_rate.numerator, list_rate.denominator],
        "source": list(_ends(event, "source")),
        "record": list(_ends(event, "record")),
        "transitions": [event.head, event.tail],
        "speed": event.speed,
        "media": media,
    }


def _told(event: ListEvent, side: str, rate: Fraction) -> Iterator[str]:
    labels = (Timecode.at(at, rate, drop=event.drop_frame) for at in _ends(event, side))
    return map(str, labels)


def _ends(event: ListEvent, side: str) -> tuple[int, int]:
    if side == "source":
        return event.source_in, event.source_out
    return event.record_in, event.record_out
