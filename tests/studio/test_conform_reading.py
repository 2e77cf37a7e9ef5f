"""Edit lists as machines write them, and as nobody should: read in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from helpers_conform import HOUR, cut, edl

from roto_server.conform import reading
from roto_server.conform.events import EditList, ListEvent
from roto_server.conform.problems import BadListError

NTSC = Fraction(30000, 1001)
FILM_NTSC = Fraction(24000, 1001)


def read(text: str, rate: Fraction = Fraction(24)) -> EditList:
    return reading.read_list(text.encode(), "edl", rate)


def remarks(event: ListEvent) -> list[str]:
    return [remark.code for remark in event.remarks]


def test_an_edl_as_an_editing_room_writes_it() -> None:
    """Numbers twice (picture and sound), a header of its own, names, a dissolve, speeds, black."""
    listed = read(
        edl(
            ">>> SOURCE: somewhere",
            "* a remark before anything",
            cut(1, "A001C003", (HOUR, HOUR + 48), (0, 48)),
            "* FROM CLIP NAME: A001C003_220101_R1AB.mov",
            cut(1, "A001C003", (HOUR, HOUR + 48), (0, 48)).replace(" V ", " A2 "),
            "* FROM CLIP NAME: of the sound",
            cut(2, "A001C004", (2 * HOUR, 2 * HOUR + 24), (48, 72)),
            cut(3, "A001C004", (2 * HOUR + 24, 2 * HOUR + 24), (72, 72)),
            cut(3, "A001C005", (3 * HOUR, 3 * HOUR + 96), (72, 168)).replace(" C ", " D 012 "),
            "* FROM CLIP NAME: from.mov",
            "* TO CLIP NAME: to.mov",
            cut(4, "A001C006", (HOUR, HOUR + 48), (168, 216)),
            "M2   A001C006       048.0                01:00:00:00",
            cut(5, "A001C007", (HOUR, HOUR + 48), (216, 264)),
            "M2   A001C007       000.0                01:00:00:00",
            cut(6, "A001C008", (HOUR, HOUR + 48), (264, 312)),
            "M2   A001C008       -012.0               01:00:00:00",
            cut(7, "BL", (0, 24), (312, 336)),
            cut(8, "AX", (0, 25), (336, 360)),
            "* SOURCE FILE: /shows/a.mov",
            cut(9, "AX", (0, 24), (336, 360)).replace(" V ", " V2 "),
        )
    )
    assert (listed.title, listed.kind, listed.rate, listed.start) == ("cut", "edl", Fraction(24), 0)
    assert listed.left_out == {"audio": 1}
    by_number = {event.number: event for event in listed.events}
    assert list(by_number) == [f"{number:03d}" for number in range(1, 10)]
    one = by_number["001"]
    assert (one.clip, one.reel) == ("A001C003_220101_R1AB.mov", "A001C003")
    assert (one.source_in, one.source_out, one.record_in, one.record_out) == (
        HOUR,
        HOUR + 48,
        0,
        48,
    )
    # A dissolve shows frames of what it leaves, beyond that one's cut.
    assert (by_number["002"].tail, remarks(by_number["002"])) == (12, ["transition"])
    assert (by_number["003"].clip, by_number["003"].head) == ("to.mov", 0)
    # Speeds: twice as many frames, one frame, half as many; said of each.
    played = {n: by_number[n].source_out - by_number[n].source_in for n in ("004", "005", "006")}
    assert played == {"004": 96, "005": 1, "006": 24}
    assert [by_number[n].speed for n in played] == [2.0, 0.0, -0.5]
    assert [remarks(by_number[n]) for n in played] == [["speed"], ["freeze"], ["speed"]]
    assert by_number["007"].no_media
    assert (by_number["008"].file, by_number["008"].reel) == ("/shows/a.mov", "")
    assert remarks(by_number["008"]) == ["durations_differ"]
    assert [by_number[n].track for n in ("008", "009")] == ["V1", "V2"]


def test_drop_frame_edls_are_counted_as_their_fcm_says() -> None:
    """FCM changes in the middle, and machines write drop-frame times with colons."""
    text = "\n".join(
        (
            "TITLE: news",
            "FCM: DROP FRAME",
            "001  R1 V C 00:00:59:28 00:01:00:04 01:00:00:00 01:00:00:04",
            "FCM: NON-DROP FRAME",
            "002  R1 V C 00:01:00:00 00:01:00:04 01:00:00:04 01:00:00:08",
            "003  R1 V C 00:01:00;02 00:01:00;06 01:00:00;08 01:00:00;12",
        )
    )
    by_number = {event.number: event for event in read(text, NTSC).events}
    first, second, third = (by_number[number] for number in ("001", "002", "003"))
    assert (first.source_in, first.source_out, first.drop_frame) == (1798, 1802, True)
    assert (second.source_in, second.drop_frame) == (1800, False)
    assert third.source_in == 1800  # the same picture as the second one's first


def test_rates_below_whole_ones_are_exact_over_a_day() -> None:
    late = 23 * HOUR + 59 * 24 * 60 + 7
    listed = read(edl(cut(1, "R", (late, late + 5), (late, late + 5))), FILM_NTSC)
    (event,) = listed.events
    assert (event.rate, event.source_in, event.record_out) == (FILM_NTSC, late, late + 5)


def timeline(rate: float, start: int, *, effects: bool = True) -> otio.schema.Timeline:
    """Two clips of movies that begin at an hour, a gap and a dissolve between, one at 200 %."""

    def time_range(first: float, count: float) -> otio.opentime.TimeRange:
        times = (otio.opentime.RationalTime(value, rate) for value in (first, count))
        return otio.opentime.TimeRange(*times)

    def clip(name: str, first: int, count: int) -> otio.schema.Clip:
        media = otio.schema.ExternalReference(
            f"file://localhost/S%3a/plates/{name}.mov", time_range(start, 10_000)
        )
        media.name = name
        return otio.schema.Clip(name, media, time_range(first, count))

    made = otio.schema.Timeline("heist", global_start_time=otio.opentime.RationalTime(start, rate))
    video, audio = otio.schema.Track("V1", kind="Video"), otio.schema.Track("A1", kind="Audio")
    made.tracks.extend([video, audio])
    audio.append(clip("sound", start, 10))
    video.append(clip("one", start + 96, 48))
    video.append(otio.schema.Gap(source_range=time_range(0, 10)))
    video.append(clip("two", start + 200, 24))
    if effects:
        six = otio.opentime.RationalTime(6, rate)
        video.append(otio.schema.Transition("x", "SMPTE_Dissolve", six, six))
    video.append(clip("three", start + 500, 40))
    if effects:
        video[-1].effects.append(otio.schema.LinearTimeWarp(time_scalar=2.0))
    return made


def check(listed: EditList, kind: str, rate: Fraction, start: int, *, effects: bool) -> None:
    assert (listed.title, listed.kind, listed.rate, listed.start) == ("heist", kind, rate, start)
    one, two, three = listed.events
    assert [event.clip for event in listed.events] == ["one", "two", "three"]
    assert (one.source_in, one.source_out) == (start + 96, start + 144)
    assert (one.record_in, one.record_out) == (start, start + 48)
    assert (two.record_in, two.record_out) == (start + 58, start + 82)
    assert (one.media_start, one.media_frames, one.rate) == (start, 10_000, rate)
    assert one.file == "file://localhost/S%3a/plates/one.mov"
    assert listed.left_out == {"audio": 1}
    assert (two.tail, three.record_in) == (6 if effects else 0, start + 82)


@pytest.mark.parametrize(("rate", "start"), [(Fraction(24), HOUR), (NTSC, 107892)])
def test_final_cut_aaf_and_otio_say_the_same(rate: Fraction, start: int, tmp_path: Path) -> None:
    whole = timeline(float(rate), start)
    xml = otio.adapters.write_to_string(whole, "fcp_xml").encode()
    assert reading.kind_of(xml, "a.xml") == "fcp_xml"
    check(reading.read_list(xml, "fcp_xml"), "fcp_xml", rate, start, effects=True)
    text = otio.adapters.write_to_string(whole, "otio_json").encode()
    assert reading.kind_of(text, "") == "otio"
    told = reading.read_list(text, "otio")
    check(told, "otio", rate, start, effects=True)
    three = told.events[2]
    assert (three.speed, three.head, three.source_out - three.source_in) == (2.0, 12, 80)
    # The AAF writer knows no effects it did not read.
    path = tmp_path / "a.aaf"
    plain = timeline(float(rate), start, effects=False)
    otio.adapters.write_to_file(plain, str(path), adapter_name="AAF", use_empty_mob_ids=True)
    data = path.read_bytes()
    assert reading.kind_of(data, "whatever.edl") == "aaf"
    check(reading.read_list(data, "aaf"), "aaf", rate, start, effects=False)


def test_final_cuts_own_speeds_nests_and_switched_off_clips() -> None:
    """What the adapter hands through as metadata only."""
    xml = otio.adapters.write_to_string(timeline(24, HOUR, effects=False), "fcp_xml")
    faster = (
        "<filter><effect><name>Time Remap</name><effectid>timeremap</effectid>"
        "<parameter><parameterid>variablespeed</parameterid><value>0</value></parameter>"
        "<parameter><parameterid>speed</parameterid><value>50</value></parameter>"
        "<parameter><parameterid>reverse</parameterid><value>TRUE</value></parameter>"
        "</effect></filter>"
    )
    begin = xml.index("<name>three</name>")
    end = xml.index("</clipitem>", begin)
    xml = xml[:end] + faster + "<enabled>FALSE</enabled>" + xml[end:]
    three = reading.read_list(xml.encode(), "fcp_xml").events[2]
    assert three.speed == -0.5
    # Its frames are counted as they play: half as far into the movie, half as many.
    assert (three.source_in, three.source_out) == (HOUR + 250, HOUR + 270)
    assert not three.enabled


def test_a_clip_of_a_nested_sequence_is_where_it_plays() -> None:
    inner = timeline(24, HOUR, effects=False).tracks.clone()
    inner.source_range = otio.opentime.TimeRange(
        otio.opentime.RationalTime(24, 24), otio.opentime.RationalTime(40, 24)
    )
    outer = otio.schema.Timeline("heist", global_start_time=otio.opentime.RationalTime(HOUR, 24))
    track = otio.schema.Track("V1", kind="Video")
    outer.tracks.append(track)
    track.append(inner)
    text = otio.adapters.write_to_string(outer, "otio_json")
    listed = reading.read_list(text.encode(), "otio")
    one, two = listed.events
    assert (one.source_in, one.source_out) == (HOUR + 120, HOUR + 144)
    assert (one.record_in, one.record_out) == (HOUR, HOUR + 24)
    assert (two.record_in, two.record_out) == (HOUR + 34, HOUR + 40)
    assert remarks(one) == ["nested"]


def test_a_file_of_several_sequences_needs_the_name_of_one() -> None:
    both = otio.schema.SerializableCollection("bin")
    both.extend([timeline(24, HOUR), timeline(24, 0)])
    both[1].name = "second"
    text = otio.adapters.write_to_string(both, "otio_json").encode()
    with pytest.raises(BadListError, match="2 sequences: 'heist', 'second'"):
        reading.read_list(text, "otio")
    assert reading.read_list(text, "otio", None, "second").start == 0


def test_names_are_lines_whatever_is_in_them() -> None:
    whole = timeline(24, HOUR)
    whole.tracks[0][0].name = "a\nb\x01c\x1b[31m" + "x" * 5000
    text = otio.adapters.write_to_string(whole, "otio_json")
    one, _, _ = reading.read_list(text.encode(), "otio").events
    assert one.clip[:10] == "a_b_c_[31m"
    assert len(one.clip) == 1000


@pytest.mark.parametrize("value", ["1e12", "1e300", "NaN", "Infinity", "-1e12"])
def test_times_no_list_has_are_refused(value: str) -> None:
    text = otio.adapters.write_to_string(timeline(24, HOUR), "otio_json")
    first = text.index('"value": 86496.0')
    text = text[:first] + text[first:].replace("86496.0", value, 1)
    with pytest.raises(BadListError):
        reading.read_list(text.encode(), "otio")


def bomb() -> bytes:
    entities = [b'<!ENTITY a "aaaaaaaaaaaaaaaaaaaa">']
    entities += [b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 30) for i in range(12)]
    head = b'<?xml version="1.0"?><!DOCTYPE x [' + b"".join(entities) + b"]>"
    return head + b"<xmeml version='5'><sequence><name>&m;</name></sequence></xmeml>"


HOSTILE = {
    "billion laughs": ("fcp_xml", bomb()),
    "an entity of a file": (
        "fcp_xml",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        b"<xmeml version='5'><sequence><name>&a;</name></sequence></xmeml>",
    ),
    "deep XML": ("fcp_xml", b"<xmeml>" + b"<bin><children>" * 100_000),
    "deep JSON": ("otio", b'{"a":' * 200_000),
    "another schema": ("otio", b'{"OTIO_SCHEMA": "Nothing.1"}'),
    "half an AAF": ("aaf", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 5000),
    "no list": ("edl", b"\x00\xff" * 50_000),
    "a key effect": ("edl", b"001 R V K B 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n"),
    "too many events": (
        "edl", "\n".join(cut(n, "R", (n, n + 1), (n, n + 1)) for n in range(2_100)).encode()
    ),
    "a regular expression's nightmare": ("edl", b"001 R V C " + b"0" * 1_000_000),
    "times beyond the day": ("edl", b"001 R V C 99:00:00:00 99:00:01:00 00:00:00:00 00:00:01:00"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_lists_are_refused_in_their_own_process(name: str) -> None:
    kind, data = HOSTILE[name]
    with pytest.raises(BadListError) as refused:
        reading.read_list(data, kind, Fraction(24))  # type: ignore[arg-type]
    assert "root:" not in refused.value.message
    assert len(refused.value.message) < 700


def test_a_reader_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SECONDS", 0.01)
    with pytest.raises(BadListError, match="longer than"):
        read(edl(cut(1, "R", (0, 24), (0, 24))))


def test_the_reader_may_not_take_all_memory_and_knows_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ROTO_SECRET_KEY", "of the server")
    taking = "from roto_server.conform import child; child._limit(); bytearray(3 << 30)"
    ended = subprocess.run(
        [sys.executable, "-c", f"{taking}"],
        env=reading._environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode != 0
    assert "MemoryError" in ended.stderr
    assert "ROTO_SECRET_KEY" not in reading._environment()


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [(b"TITLE: a", "a.edl", "edl"), (b"TITLE: a", "", "edl"),
     (b"\xef\xbb\xbf <?xml", "", "fcp_xml"), (b"{}", "x.edl", "otio")],
)  # fmt: skip
def test_lists_are_known_by_what_they_begin_with(data: bytes, name: str, kind: str) -> None:
    assert reading.kind_of(data, name) == kind


@pytest.mark.parametrize(("data", "name"), [(b"x", "a.aaf"), (b"<fcpxml version='1.9'>", "a.xml")])
def test_what_is_none_of_them_is_told(data: bytes, name: str) -> None:
    with pytest.raises(BadListError):
        reading.kind_of(data, name)
