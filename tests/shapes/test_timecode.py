"""Timecode against SMPTE's own figures, against counting one by one, and there and back."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roto_shapes.errors import TimecodeError
from roto_shapes.timecode import Timecode, exact_rate, may_drop, nominal, to_frames

FILM_NTSC, NTSC, NTSC_60 = (Fraction(whole * 1000, 1001) for whole in (24, 30, 60))
RATES = [FILM_NTSC, Fraction(24), Fraction(25), NTSC, Fraction(30), Fraction(50), NTSC_60,
         Fraction(120_000, 1001)]  # fmt: skip
rates = st.sampled_from(RATES)
numbers = st.integers(0, 24 * 3600 * 24 - 1)


@pytest.mark.parametrize(
    ("text", "rate", "frames"),
    [
        ("00:00:59:23", Fraction(24), 1439),
        ("01:00:00:00", Fraction(25), 90_000),
        # SMPTE ST 12-1: 17 982 frames in ten minutes, 107 892 in an hour.
        ("00:00:59;29", NTSC, 1799),
        ("00:01:00;02", NTSC, 1800),
        ("00:09:59;29", NTSC, 17_981),
        ("00:10:00;00", NTSC, 17_982),
        ("01:00:00;00", NTSC, 107_892),
        ("23:59:59;29", NTSC, 2_589_407),
        ("00:01:00;04", NTSC_60, 3600),
        ("01:00:00;00", NTSC_60, 215_784),
    ],
)
def test_labels_are_counted(text: str, rate: Fraction, frames: int) -> None:
    told = Timecode.parse(text)
    assert told is not None
    assert str(told) == text
    assert told.count(rate) == frames == to_frames(text, rate)
    assert Timecode.at(frames, rate, drop=";" in text) == told


def test_drop_frame_timecode_keeps_up_with_the_clock() -> None:
    assert abs(to_frames("01:00:00;00", NTSC) / NTSC - 3600) < 0.01


@given(rates, numbers, st.booleans())
def test_each_frame_has_a_label_and_each_label_a_frame(
    rate: Fraction, number: int, drop: bool
) -> None:
    label = Timecode.at(number, rate, drop=drop)
    assert label.exists_at(rate)
    assert label.drop == (drop and may_drop(rate))
    assert label.count(rate) == number == to_frames(str(label), rate)
    assert Timecode.parse(str(label)) == label


@given(rates, numbers, st.booleans(), st.integers(-(10**7), 10**7))
def test_later_is_as_many_frames_on_also_past_midnight(
    rate: Fraction, number: int, drop: bool, frames: int
) -> None:
    label = Timecode.at(number, rate, drop=drop)
    day = Timecode(23, 59, 59, nominal(rate) - 1, label.drop).count(rate) + 1
    assert label.later(frames, rate).count(rate) == (number + frames) % day
    assert label.later(frames, rate).later(-frames, rate) == label


@given(rates, st.booleans(), *(st.integers(0, most) for most in (23, 59, 59, 130)))
def test_a_label_exists_if_a_frame_has_it(
    rate: Fraction, drop: bool, hours: int, minutes: int, seconds: int, frames: int
) -> None:
    label = Timecode(hours, minutes, seconds, frames, drop)
    assert label.exists_at(rate) == (label.later(0, rate) == label)


@pytest.mark.parametrize("rate", [NTSC, NTSC_60])
def test_every_frame_of_eleven_minutes_has_the_next_label(rate: Fraction) -> None:
    label = Timecode(9, 59, 0, 10, drop=True)
    for _ in range(11 * 60 * nominal(rate)):
        after = label.later(1, rate)
        # Only at a minute's end is a label not the next number.
        seconds = (after.minutes - label.minutes) * 60 + after.seconds - label.seconds
        step = (after.hours - label.hours) * 3600 + seconds
        skipped = step * nominal(rate) + after.frames - label.frames - 1
        at_minute = step and after.seconds == 0 and after.minutes % 10
        assert skipped == (nominal(rate) // 15 if at_minute else 0), str(after)
        label = after


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(30), FILM_NTSC])
def test_nothing_is_dropped_where_there_is_no_drop_frame_timecode(rate: Fraction) -> None:
    told = Timecode.parse("00:01:00;00")
    assert told is not None
    assert told.count(rate) == 60 * nominal(rate)
    assert str(told.later(1, rate)) == "00:01:00;01", "written as it was"


@pytest.mark.parametrize(
    "text", ["", "01:00:00", "24:00:00:00", "00:60:00:00", "1:2:3:4", "x" * 9, "a" * 99]
)
def test_nonsense_is_no_timecode(text: str) -> None:
    assert Timecode.parse(text) is None
    with pytest.raises(TimecodeError) as refused:
        to_frames(text, Fraction(24))
    assert "HH:MM:SS:FF" in refused.value.hint


@pytest.mark.parametrize(
    ("text", "rate"),
    [("00:00:00:24", FILM_NTSC), ("00:01:00;00", NTSC), ("10:59:00,03", NTSC_60)],
)
def test_what_no_frame_is_called_is_refused(text: str, rate: Fraction) -> None:
    with pytest.raises(TimecodeError, match="There is no"):
        to_frames(text, rate)


@pytest.mark.parametrize("mark", ";.,")
def test_other_signs_than_a_colon_are_drop_frame(mark: str) -> None:
    assert to_frames(f"00:10:00{mark}00", NTSC) == 17_982
    assert to_frames(f"00:10:00{mark}00", NTSC, drop=False) == 18_000
    assert to_frames("00:10:00:00", NTSC, drop=True) == 17_982


@given(st.integers(1, 120), st.booleans(), st.integers(2, 6))
def test_rates_are_what_lists_and_files_mean(whole: int, below: bool, digits: int) -> None:
    meant = Fraction(whole * 1000, 1001) if below and whole > 20 else Fraction(whole)
    assert exact_rate(round(float(meant), digits)) == meant
    assert nominal(meant) == whole


def test_other_rates_stay_as_they_are() -> None:
    assert exact_rate(12.5) == Fraction(25, 2)
    assert nominal(Fraction(25, 2)) == 13
    for nonsense in (0, 1e-40, -24.0, 1001, float("nan"), float("inf")):
        with pytest.raises(TimecodeError):
            exact_rate(nonsense)


def test_the_bits_of_a_header() -> None:
    assert str(Timecode.from_bits(0x10203009)) == "10:20:30:09"
    assert str(Timecode.from_bits(0x10203009 | 0x40)) == "10:20:30;09"
    # Colour frame, field and binary group flags are no digits.
    assert str(Timecode.from_bits(0x10203009 | 0x80 | 0x8000 | 0x800000 | 0xC0000000)) == (
        "10:20:30:09"
    )
    for word in (0xFFFFFFFF, -1, 1 << 40, 0x0000000F, 0x00007000, 0x24000000):
        assert Timecode.from_bits(word) is None, hex(word)
