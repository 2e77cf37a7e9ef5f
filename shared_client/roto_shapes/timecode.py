"""SMPTE timecode and frame rates, exactly: labels, frames since midnight, rates as fractions.

``10:00:00:00`` counts every frame; ``10:00:00;00`` is drop-frame: at 29.97 (59.94) frames a second
the first two (four) numbers of every minute but each tenth are left out. At any other rate nothing
is left out, whatever a label looks like: there is no drop-frame timecode.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Optional, Union

from .errors import TimecodeError

_TEXT = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})")
_DROP = 1 << 6
_UNSET = 0xFFFFFFFF


def exact_rate(fps: Union[float, Fraction]) -> Fraction:
    """The rate that ``fps`` stands for: a whole one, one of NTSC (n * 1000/1001), or as it is.

    Lists and files say 23.98, or an average over their duration, where 24000/1001 is meant. Raises
    `TimecodeError` for what is no rate of pictures.
    """
    if not 0.001 <= fps <= 1000:
        raise TimecodeError(f"{fps} frames per second is no frame rate.")
    told = Fraction(fps)
    for whole in (round(told), round(told * 1001 / 1000)):
        for exact in (Fraction(whole), Fraction(whole * 1000, 1001)):
            if abs(exact - told) < told / 5000:
                return exact
    return told.limit_denominator(1001)


def nominal(rate: Fraction) -> int:
    """The frames timecode counts in a second: 30 for 30000/1001."""
    return max(1, int(rate + Fraction(1, 2)))


def may_drop(rate: Fraction) -> bool:
    """Whether there is drop-frame timecode at this rate: at 29.97 and its multiples."""
    return rate.denominator == 1001 and nominal(rate) % 30 == 0


@dataclass(frozen=True)
class Timecode:
    """One frame's label; ``drop``: it is written as one of a counting that leaves numbers out."""

    hours: int
    minutes: int
    seconds: int
    frames: int
    drop: bool = False

    @classmethod
    def parse(cls, text: str) -> Optional[Timecode]:
        """From ``HH:MM:SS:FF``, another sign before FF when drop-frame; None for nonsense."""
        found = _TEXT.fullmatch(text.strip())
        if not found:
            return None
        hours, minutes, seconds, mark, frames = found.groups()
        made = cls(int(hours), int(minutes), int(seconds), int(frames), mark != ":")
        return made if made._is_sane() else None

    @classmethod
    def from_bits(cls, word: int) -> Optional[Timecode]:
        """From the binary-coded digits of DPX and EXR; None where they are unset or nonsense."""
        if not 0 <= word < _UNSET:
            return None
        pairs = ((word >> 24, 3), (word >> 16, 7), (word >> 8, 7), (word, 3))
        digits = [((pair >> 4) & tens, pair & 15) for pair, tens in pairs]
        if any(units > 9 for _, units in digits):
            return None
        hours, minutes, seconds, frames = (10 * tens + units for tens, units in digits)
        made = cls(hours, minutes, seconds, frames, bool(word & _DROP))
        return made if made._is_sane() else None

    @classmethod
    def at(cls, number: int, rate: Fraction, *, drop: bool) -> Timecode:
        """The label of frame ``number`` since midnight; past midnight from 0 again.

        ``drop`` counts at rates that have drop-frame timecode only.
        """
        base = nominal(rate)
        dropped = _dropped(rate) if drop else 0
        number %= 144 * (600 * base - 9 * dropped)
        number += _left_out(number, base, dropped)
        seconds, frame = divmod(number, base)
        minutes, second = divmod(seconds, 60)
        return cls(minutes // 60, minutes % 60, second, frame, dropped > 0)

    def __str__(self) -> str:
        mark = ";" if self.drop else ":"
        return f"{self.hours:02}:{self.minutes:02}:{self.seconds:02}{mark}{self.frames:02}"

    def exists_at(self, rate: Fraction) -> bool:
        """Whether some frame has this label at ``rate``."""
        left_out = self.drop and self.seconds == 0 and self.minutes % 10
        return (_dropped(rate) if left_out else 0) <= self.frames < nominal(rate)

    def count(self, rate: Fraction) -> int:
        """Frames since midnight; that of a label which does not exist is near it, no more."""
        minutes = 60 * self.hours + self.minutes
        number = (60 * minutes + self.seconds) * nominal(rate) + self.frames
        return number - _dropped(rate) * (minutes - minutes // 10) if self.drop else number

    def later(self, frames: int, rate: Fraction) -> Timecode:
        """The label ``frames`` on, written as this one is."""
        label = Timecode.at(self.count(rate) + frames, rate, drop=self.drop)
        return replace(label, drop=self.drop)

    def _is_sane(self) -> bool:
        return self.hours < 24 and self.minutes < 60 and self.seconds < 60


def to_frames(text: str, rate: Fraction, *, drop: Optional[bool] = None) -> int:
    """Frames since midnight of a timecode that somebody wrote.

    ``drop``: whether numbers are dropped; None: as the sign before the frames says. Raises
    `TimecodeError` for what is no timecode at this rate, numbers that are dropped among them.
    """
    told = Timecode.parse(text)
    if told is None:
        raise TimecodeError(f"{text[:40]!r} is no timecode.", hint="Write it as HH:MM:SS:FF.")
    if drop is not None:
        told = replace(told, drop=drop)
    if not told.exists_at(rate):
        kind = " in drop-frame timecode" if told.drop and may_drop(rate) else ""
        raise TimecodeError(f"There is no {told} at {float(rate):g} frames per second{kind}.")
    return told.count(rate)


def _dropped(rate: Fraction) -> int:
    """Numbers that drop-frame counting leaves out of a minute; 0 where there is none."""
    return nominal(rate) // 15 if may_drop(rate) else 0


def _left_out(number: int, base: int, dropped: int) -> int:
    """How many numbers were left out before the frame ``number``."""
    tens, rest = divmod(number, 600 * base - 9 * dropped)
    # The first minute of ten leaves nothing out.
    minutes = 0 if rest < 60 * base else 1 + (rest - 60 * base) // (60 * base - dropped)
    return dropped * (9 * tens + minutes)
