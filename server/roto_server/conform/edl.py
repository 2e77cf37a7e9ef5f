"""CMX 3600 lists as machines write them, made fit for OpenTimelineIO's reader.

The reader takes a list at its word: it knows no header lines but two, reads a line of sound with
the number of the picture above it as a transition, knows no FCM, and drops the events' numbers
and the speeds of events that are as long as they play. What it would drop is handed through it in
comments of our own (`MARK`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from roto_shapes.timecode import may_drop, nominal, to_frames

from .events import MOST_EVENTS, too_many_events
from .problems import BadListError

MARK = "ROTO LINE "
"""Begins the comment behind every line of an event; the line follows, its blanks made single."""

_EVENT = re.compile(r"\d{1,8}\s+\S+\s+\S+\s+\S+")
_TIME = re.compile(r"\d{2}:\d{2}:\d{2}[:;.,]\d{2,3}")
_CHANNEL_OF_SOUND = re.compile(r"(A\d*|AA|NONE)(/A\d*)*", re.IGNORECASE)
_TRANSITION = re.compile(r"W\d{3}|D", re.IGNORECASE)
_COMMENT = re.compile(r"\*|M2\b")
_SPEED = re.compile(r"M2\s+(\S+)\s+(-?\d{1,6}(?:\.\d{1,6})?)\s", re.IGNORECASE)
UNKNOWN_REELS = frozenset({"AX", "BL", "BLACK", "BARS"})
"""What stands in the reel's place where there is none."""


@dataclass(frozen=True)
class Prepared:
    """A list that can be read. ``sounds``: lines of sound that were left out."""

    text: str
    drop_frame: bool
    sounds: int


@dataclass(frozen=True)
class EventLine:
    """A line of an event, its times in frames since midnight at the list's rate."""

    number: str
    reel: str
    source_in: int
    source_out: int
    record_in: int
    record_out: int
    drop_frame: bool


def prepare(text: str, rate: Fraction) -> Prepared:
    """``text`` for the reader. Raises `BadListError` for what is no list of events, and
    `TimecodeError` for times that the rate does not have."""
    preparing = _Preparing(rate)
    for line in text.lstrip("\ufeff").splitlines():
        preparing.take(line.strip())
    if not preparing.events and not preparing.sounds:
        raise BadListError(
            "That is no CMX 3600 list: no line of it is an event.",
            hint="Events are lines as '001  A001C003 V  C  01:00:04:00 01:00:06:00 ...'.",
        )
    if preparing.events > MOST_EVENTS:
        raise too_many_events()
    return Prepared("\n".join(preparing.lines) + "\n", preparing.dropped, preparing.sounds)


class _Preparing:
    """One list, line by line."""

    def __init__(self, rate: Fraction) -> None:
        self.lines: list[str] = []
        self.events = self.sounds = 0
        self.dropped = False
        self._rate = rate
        self._drop = self._listening = False
        self._before = ""
        """Number of the cut right above, which a transition of the same number begins with."""

    def take(self, line: str) -> None:
        """The next line."""
        upper = line.upper()
        if upper.startswith("FCM"):
            self._drop = may_drop(self._rate) and "NON" not in upper
        elif upper.startswith("TITLE:"):
            self.lines.append(line)
        elif _EVENT.match(line):
            self._take_event(line.split())
        elif self.events and not self._listening and _COMMENT.match(line):
            self._take_comment(line)

    def _take_event(self, fields: list[str]) -> None:
        self._listening = _CHANNEL_OF_SOUND.fullmatch(fields[2]) is not None
        if self._listening:
            self.sounds += 1
            return
        written = _event_line(fields, self._rate, self._drop)
        self.dropped |= ";" in written
        number, rest = written.split(" ", 1)
        transition = len(fields) == 9
        if not (transition and self._before == number):
            # Numbers of our own: two cuts of one number are a transition to the reader.
            self.events += 1
            if transition and self.events > 1:
                self.lines.append(f"{self.events:06d} {_as_cut(rest)}")
            elif transition:
                rest = _as_cut(rest)  # nothing lies before it that it could come from
        self.lines += [f"{self.events:06d} {rest}", f"* {MARK}{written}"]
        self._before = "" if transition else number

    def _take_comment(self, line: str) -> None:
        self.lines.append(line)
        speed = _SPEED.match(line)
        if speed:
            self.lines.append(f"* {MARK}M2 {speed[1]} {speed[2]}")


def speed_of(line: str, event: EventLine, rate: Fraction) -> float | None:
    """The speed a marked M2 line gives the event: 1 for its own; None when it is another's."""
    fields = line.split()
    if fields[0] != "M2" or (fields[1] != event.reel and event.reel not in UNKNOWN_REELS):
        return None
    return float(fields[2]) / nominal(rate)


def read_line(line: str, rate: Fraction) -> EventLine:
    """The parts of a line that `prepare` marked."""
    fields = line.split()
    source_in, source_out, record_in, record_out = (to_frames(one, rate) for one in fields[-4:])
    return EventLine(
        fields[0], fields[1], source_in, source_out, record_in, record_out, ";" in fields[-1]
    )


def _event_line(fields: list[str], rate: Fraction, drop: bool) -> str:
    """One line, its channel V, its times as this rate's. Raises `BadListError` and
    `TimecodeError`."""
    named = " ".join(fields)[:120]
    if len(fields) not in (8, 9):
        raise BadListError(f"Event {fields[0]} has {len(fields)} fields: {named}")
    kind = fields[3].upper()
    if kind != "C" and not (_TRANSITION.fullmatch(kind) and len(fields) == 9):
        raise BadListError(
            f"Event {fields[0]} is of the kind {kind[:8]}; cuts, dissolves and wipes are known.",
            hint="Flatten keys and other effects before the list is written.",
        )
    if len(fields) == 9 and not fields[4].isdecimal():
        raise BadListError(f"Event {fields[0]} has a transition of {fields[4][:8]} frames.")
    times = []
    for field in fields[-4:]:
        if not _TIME.fullmatch(field):
            raise BadListError(f"Event {fields[0]} has a time {field[:16]!r}: {named}")
        # The frames' separator says how the time is counted; FCM says it for those that do not.
        dropping = may_drop(rate) and (drop or field[8] != ":")
        times.append(field[:8] + (";" if dropping else ":") + field[9:])
        to_frames(times[-1], rate)
    channel = fields[2].upper() if fields[2].upper().startswith("V") else "V"
    return " ".join([fields[0], fields[1], channel, kind, *fields[4:-4], *times])


def _as_cut(rest: str) -> str:
    """A transition's line, but for its number, as a cut's."""
    reel, channel, _, _, *times = rest.split()
    return " ".join([reel, channel, "C", *times])
