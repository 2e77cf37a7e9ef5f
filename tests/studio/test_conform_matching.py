"""Which media an event means, which frames of it, what a newer list changed: pure."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roto_server.conform import naming, scenes, working
from roto_server.conform.comparing import MadeShot
from roto_server.conform.cuts import cut_of
from roto_server.conform.entries import Entry
from roto_server.conform.events import EditList, ListEvent
from roto_server.conform.known import library_of, media_of
from roto_server.conform.matching import MOST_CANDIDATES, Match, match
from roto_server.conform.media import MOST_FOUND, Library, Media, stem
from roto_server.conform.placing import fit, place
from roto_server.conform.problems import BadListError
from roto_server.db.media import Plate
from roto_server.scanning import media_in

RATE = Fraction(24)


def event(**told: object) -> ListEvent:
    """Frames 100 to 123 of something, at the beginning of the edit."""
    base = ListEvent("001", "V1", "", "", "", RATE, 100, 124, 0, 24)
    return replace(base, **told)  # type: ignore[arg-type]


def media(path: str, first: int | None = 1, last: int | None = 200, **told: object) -> Media:
    kind = "movie" if path.endswith(".mov") else "sequence"
    title = stem(path.rsplit("/", 1)[-1])
    return replace(Media(kind, path, title, first, last), **told)  # type: ignore[arg-type]


A = media("/p/A001C003/A001C003_0101_R1.%04d.exr")
B = media("/p/B001/B001_beauty.%04d.exr")
MOVIE = media("/p/movies/A001C003_0101_R1.mov", None, None)
LIBRARY = Library([A, B, MOVIE, media("/p/tape7/x.%04d.exr"), media("/p/y.%04d.exr", reel="TAPE9")])


@pytest.mark.parametrize(
    ("told", "path", "by"),
    [
        ({"file": "/p/movies/A001C003_0101_R1.mov"}, MOVIE.path, "path"),
        ({"file": "file:///Volumes/raid/A001C003_0101_R1.mov"}, MOVIE.path, "file"),
        ({"file": "D:\\raid\\B001_beauty.[1001-1100].exr"}, B.path, "file"),
        ({"clip": "A001C003_0101_R1.mov"}, MOVIE.path, "clip"),
        ({"clip": "b001_BEAUTY.1001.exr"}, B.path, "clip"),
        ({"reel": "tape7"}, "/p/tape7/x.%04d.exr", "reel"),
        ({"reel": "tape9"}, "/p/y.%04d.exr", "reel"),
        ({"reel": "A001C003"}, A.path, "reel"),
        ({"clip": "nothing", "reel": "TAPE7"}, "/p/tape7/x.%04d.exr", "reel"),
        ({"reel": "A001C003_0101"}, None, "reel_beginning"),
    ],
)
def test_media_are_found_by_their_strongest_name(
    told: dict[str, object], path: str | None, by: str
) -> None:
    found = LIBRARY.find(event(**told))
    assert found is not None
    assert found.by == by
    paths = [one.path for one in found.media]
    assert paths == ([path] if path else sorted([A.path, MOVIE.path]))


@pytest.mark.parametrize(
    "told", [{"reel": "A001C0"}, {"reel": "A0"}, {"clip": "9"}, {}, {"file": "/"}]
)
def test_half_a_name_is_nobodys(told: dict[str, object]) -> None:
    assert LIBRARY.find(event(**told)) is None


def test_two_cards_of_one_name_are_told_apart_by_their_timecode() -> None:
    one, other = media("/p/a/R1/r.%04d.exr", 1, 99), media("/p/b/R1/r.%04d.exr", 90, 300)
    found = match(event(reel="R1"), Library([one, other]), 8)
    assert (found.state, found.media) == ("matched", other)


def test_media_that_fit_alike_are_left_to_people() -> None:
    one, other = media("/p/a/R1/r.%04d.exr"), media("/p/b/R1/r.%04d.exr")
    found = match(event(reel="R1"), Library([one, other]), 8)
    assert (found.state, found.candidates, found.media) == ("ambiguous", (one, other), None)


def test_the_shows_name_names_nothing_and_costs_nothing() -> None:
    """2000 events of a reel with which the names of 20 000 plates begin."""
    plates = [media(f"/p/heist_{n:05d}.%04d.exr", title=f"heist_{n:05d}") for n in range(20_000)]
    library = Library(plates)
    for _ in range(2000):
        found = match(event(reel="heist"), library, 8)
        assert (found.state, found.by) == ("ambiguous", "reel_beginning")
        assert found.candidates == tuple(plates[:MOST_CANDIDATES])


def test_clips_of_a_card_are_told_apart_by_their_frames() -> None:
    clips = [
        media(f"/p/A001/A001C{n:03d}.%07d.exr", n * 1000, n * 1000 + 900, title=f"A001 C{n:03d}")
        for n in range(1, MOST_FOUND + 1)
    ]
    found = match(event(reel="A001", source_in=77_100, source_out=77_200), Library(clips), 8)
    assert (found.state, found.media) == ("matched", clips[76])


def test_what_is_black_or_switched_off_has_no_media() -> None:
    for told in ({"no_media": True}, {"enabled": False}):
        assert match(event(reel="A001C003", **told), LIBRARY, 0) == Match("no_media")


def frames(told: ListEvent, plate: Media, handles: int = 8, **more: int) -> tuple[object, ...]:
    placed = place(told, plate, handles, **more)
    codes = [remark.code for remark in placed.remarks]
    return placed.by, placed.frames, placed.handles, placed.lacking, codes


def test_where_an_event_is_in_its_plate() -> None:
    known = media("/m.mov", 1, 500, start=90, rate=RATE)
    assert frames(event(), known) == ("timecode", (3, 42), (8, 8), 0, [])
    assert frames(event(), A) == ("numbers", (92, 131), (8, 8), 0, [])
    told = event(media_start=90, media_frames=400)
    assert frames(told, media("/m.mov", None, None)) == ("list", (3, 42), (8, 8), 0, [])
    assert frames(told, media("/p.%04d.exr", 1001, 1400)) == ("list", (1003, 1042), (8, 8), 0, [])
    # As long as the cut, or the cut with its handles: a pull.
    assert frames(event(), media("/p.%04d.exr", 1001, 1024)) == (
        "length", (1001, 1024), (0, 0), 0, ["placed_by_length", "short_handles"]
    )  # fmt: skip
    assert frames(event(), media("/p.%04d.exr", 1001, 1040)) == (
        "length", (1001, 1040), (8, 8), 0, ["placed_by_length"]
    )  # fmt: skip
    # Nobody can say: the worker that reads it will.
    assert frames(event(), media("/m.mov", None, None)) == ("ingest", None, (8, 8), 0, [])
    assert frames(event(), media("/p.%04d.exr", 1001, 1300))[:2] == ("ingest", None)
    # Somebody says it.
    assert frames(event(), media("/m.mov", None, None), media_start=50)[:2] == ("hand", (43, 82))


def test_an_event_of_no_frames_makes_no_shot() -> None:
    nothing = event(reel="A001C003", source_out=100)
    for library in (Library([A]), Library([MOVIE])):
        found = match(nothing, library, 4)
        assert found.placed is not None
        assert (found.state, found.placed.frames) == ("short", None)
        assert [remark.code for remark in found.placed.remarks] == ["no_frames"]


def test_transitions_are_part_of_what_a_cut_needs() -> None:
    assert frames(event(head=6, tail=12), A)[1:3] == ((86, 143), (8, 8))


def test_media_that_end_too_early() -> None:
    short = media("/p.%04d.exr", 1, 110)
    assert frames(event(media_start=1), short)[3:] == (13, ["range_lacking"])
    assert frames(event(), media("/p.%04d.exr", 98, 126))[1:] == (
        (98, 126), (2, 3), 0, ["short_handles"]
    )  # fmt: skip
    early = frames(event(source_in=5, source_out=9, media_start=10), media("/m.mov", None, None))
    assert early[3:] == (5, ["range_lacking"])


def test_numbers_that_hold_a_part_of_the_cut() -> None:
    """Said by the list, not by a shot that turns out to be invalid."""
    for plate in (media("/p.%04d.exr", 1, 110), media("/p.%04d.exr", 110, 200)):
        placed = place(event(), plate, 8)
        assert placed.by == "numbers"
        assert placed.lacking in (13, 10)
        found = match(event(reel="p"), Library([plate]), 8)
        assert (found.state, found.media) == ("short", plate)
    # Where the list knows better, it does.
    assert place(event(media_start=100), media("/p.%04d.exr", 110, 200), 0).by == "list"


def test_gaps_end_handles_and_break_cuts() -> None:
    holes = media("/p.%04d.exr", 1, 200, gaps=((94, 95), (128, 150)))
    assert frames(event(), holes) == ("numbers", (96, 127), (4, 4), 0, ["short_handles"])
    broken = media("/p.%04d.exr", 1, 200, gaps=((105, 106), (120, 130)))
    assert frames(event(), broken)[3:] == (6, ["range_lacking"])


def test_another_rate_is_said() -> None:
    plate = media("/m.mov", 1, 500, start=90, rate=Fraction(25))
    assert frames(event(), plate)[4] == ["rate_differs"]


@given(st.integers(-50, 260), st.integers(1, 60), st.integers(0, 40), st.integers(0, 40))
def test_a_placed_cut_never_leaves_its_plate(first: int, length: int, head: int, tail: int) -> None:
    cut = (first, first + length - 1)
    placed = fit("hand", cut, media("/p.%04d.exr", 1, 200), (head, tail))
    assert placed.frames == (cut[0] - placed.handles[0], cut[1] + placed.handles[1])
    inside = cut[0] >= 1 and cut[1] <= 200
    assert (placed.lacking == 0) == inside
    if inside:
        assert placed.frames[0] >= 1
        assert placed.frames[1] <= 200
        assert placed.handles == (min(head, cut[0] - 1), min(tail, 200 - cut[1]))


def plate_row(path: str, **told: object) -> Plate:
    row = Plate(
        plate={"kind": "movie", "path": path, "first_frame": None}, fps_num=24, fps_den=1,
        first_frame=11, last_frame=40,
        plate_metadata={"frames": "500", "timecode": "00:00:04:10", "drop_frame": "no",
                        "reel": "R"},
    )  # fmt: skip
    for name, value in told.items():
        setattr(row, name, value)
    return row


def test_what_an_ingest_read_of_a_part_is_true_of_the_whole_movie() -> None:
    """The shot is its frames 11 to 40; its timecode is that of frame 11."""
    found = media_of(plate_row("/p/m.mov"))
    assert (found.first, found.last, found.start, found.reel) == (1, 500, 96, "R")
    on_disk, _ = media_in("/p", ["m.mov", "n.mov"])
    library = library_of(on_disk, [plate_row("/p/m.mov")])
    assert [(one.path, one.start) for one in library] == [("/p/m.mov", 96), ("/p/n.mov", None)]


def test_a_sequence_that_grew_since_it_was_read_keeps_its_timecode() -> None:
    on_disk, _ = media_in("/p", [f"m.{frame:04d}.exr" for frame in range(1, 61)])
    row = plate_row("/p/m.%04d.exr", plate={"kind": "sequence", "path": "/p/m.%04d.exr"})
    (found,) = library_of(on_disk, [row])
    assert (found.first, found.last, found.start) == (1, 60, 96)


@pytest.mark.parametrize("told", ["nonsense", "25:00:00:00", "00:01:00;00"])
def test_a_timecode_that_is_none_is_not_used(told: str) -> None:
    row = plate_row("/p/m.mov", fps_num=30000, fps_den=1001)
    row.plate_metadata = {"frames": "9", "timecode": told}
    assert media_of(row).start is None


@pytest.mark.parametrize(
    "template",
    ["{list}_{event:03d}0", "{clip}", "{reel}_{event}", "{number}_{track}", "{event:4d}"],
)
def test_templates_that_name_shots(template: str) -> None:
    naming.check_template(template)
    assert naming.shot_name(template, "r2", 7, event(clip="c.mov", reel="R/1"))


@pytest.mark.parametrize(
    "template",
    ["shot", "{nothing}", "{event.__class__}", "{event!r}", "{event:>9999999}", "{list:03d}",
     "{event:0999d}", "{", "{0}", "{}"],
)  # fmt: skip
def test_templates_that_do_not(template: str) -> None:
    with pytest.raises(BadListError):
        naming.check_template(template)


def test_names_are_free_of_what_no_name_may_hold_and_all_different() -> None:
    name = naming.shot_name("{clip}", "r", 1, event(clip="../a\nb:c.mov"))
    assert name == "a_b_c"
    assert naming.free_name(name, {"a_b_c", "a_b_c-2"}) == "a_b_c-3"
    assert len(naming.free_name("x" * 100, {"x" * 100})) <= 100


def made(number: int, told: ListEvent, path: str) -> MadeShot:
    return MadeShot(f"id{number}", f"sh{number}", cut_of("reel", RATE, told, path))


def entry(told: ListEvent, path: str = "") -> Entry:
    found = Match("matched", "reel", media(path), place(told, media(path), 0)) if path else None
    made_of = Entry(told, "new name")
    return made_of.matched(found) if found else made_of


P, Q = "/p/p.%04d.exr", "/p/q.%04d.exr"


def test_what_a_newer_list_changed() -> None:
    shots = [
        made(1, event(), P),
        made(2, event(source_in=200, source_out=224, record_in=24, record_out=48), P),
        made(3, event(source_in=300, source_out=324, record_in=48, record_out=72), P),
        made(4, event(source_in=400, source_out=424), Q),
    ]
    entries = [
        entry(event(), P),
        entry(event(source_in=200, source_out=224, record_in=30, record_out=54), P),
        entry(event(source_in=310, source_out=330, record_in=54, record_out=74), P),
        entry(event(source_in=100, source_out=110), Q),
    ]
    compared, gone = working.compare_with(entries, shots, ["sh1", "sh2", "sh3", "sh4", "NEW NAME"])
    assert [(one.change, one.shot_id, one.name) for one in compared] == [
        ("same", "id1", "sh1"), ("moved", "id2", "sh2"), ("trimmed", "id3", "sh3"),
        ("new", None, "new name-2"),
    ]  # fmt: skip
    assert [shot.id for shot in gone] == ["id4"]


def test_a_cut_used_twice_is_two_shots() -> None:
    """The same frames twice in the edit: each event is the shot that is at its place."""
    first, second = event(), event(record_in=500, record_out=524)
    shots = [made(1, first, P), made(2, second, P)]
    compared, gone = working.compare_with([entry(second, P), entry(first, P)], shots, [])
    assert [one.shot_id for one in compared] == ["id2", "id1"]
    assert gone == []
    told = working.find_media(compared, Library([media(P)]), 0)
    told = working.find_media([replace(one, event=replace(one.event, reel="p")) for one in told],
                              Library([media(P)]), 0)  # fmt: skip
    assert [[remark.code for remark in one.remarks] for one in told] == [["used_twice"]] * 2


def test_events_whose_media_nobody_found_are_known_by_their_names() -> None:
    told = event(reel="R1", clip="c")
    compared, _ = working.compare_with([entry(told)], [made(1, told, P)], [])
    assert compared[0].change == "same"
    other = replace(told, reel="R2")
    assert working.compare_with([entry(other)], [made(1, told, P)], [])[0][0].change == "new"


def test_a_faster_or_dissolving_event_is_not_the_same() -> None:
    shots = [made(1, event(), P)]
    for told in (event(source_out=148, speed=2.0), event(tail=12)):
        compared, _ = working.compare_with([entry(told, P)], shots, [])
        assert compared[0].change == "trimmed"


def edit(*events: ListEvent, start: int = 0) -> EditList:
    return EditList("e", "edl", RATE, start, False, events)


def test_a_movie_of_the_whole_edit_is_cut_by_record_times() -> None:
    first = event(record_in=1000, record_out=1024, no_media=True)
    second = event(record_in=1024, record_out=1048, tail=6)
    plain = media("/m.mov", 1, 48, rate=RATE)
    movie = working.movie_of(plain, edit(first, second, start=1000))
    assert (movie.start, movie.by) == (1000, "list")
    found = [working.in_movie(one, movie, 2) for one in (first, second)]
    assert [one.placed and one.placed.frames for one in found] == [(1, 26), (23, 54)]
    assert [one.state for one in found] == ["matched", "short"]  # the dissolve's end is not in it
    timed = media("/m.mov", 1, 480, rate=RATE, start=900)
    assert working.movie_of(timed, edit(first, second, start=1000)).start == 900
    elsewhere = media("/m.mov", 1, 48, rate=RATE, start=5000)
    assert working.movie_of(elsewhere, edit(first, second, start=1000)).by == "list"


def test_entries_survive_being_kept() -> None:
    whole = replace(
        entry(event(speed=0.5), P), candidates=(), error={"code": "x"}, media_start=5, made=True
    )
    assert Entry.from_json(whole.to_json()) == whole


SCORES = [0.0, 0.1, 0.9, 0.1, 0.1, 0.5, 0.6, 0.1, 0.1, 0.1, 0.3, 0.1]


@pytest.mark.parametrize(
    ("threshold", "shortest", "found"),
    [(0.25, 1, [1003, 1006, 1007, 1011]), (0.25, 2, [1003, 1007, 1011]), (0.7, 1, [1003]),
     (0.25, 3, [1007]), (1.0, 1, [])],
)  # fmt: skip
def test_cuts_by_threshold(threshold: float, shortest: int, found: list[int]) -> None:
    cuts = scenes.cuts(SCORES, 1001, threshold, shortest)
    assert [frame for frame, _ in cuts] == found
    parts = scenes.scenes([frame for frame, _ in cuts], 1001, 1012)
    assert [frame for a, b in parts for frame in range(a, b + 1)] == list(range(1001, 1013))
    assert all(b - a + 1 >= shortest for a, b in parts)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(1, 20))
def test_no_scene_is_too_short_and_no_frame_is_lost(scores: list[float], shortest: int) -> None:
    cuts = [frame for frame, _ in scenes.cuts(scores, 1, 0.3, shortest)]
    parts = scenes.scenes(cuts, 1, len(scores))
    assert [frame for a, b in parts for frame in range(a, b + 1)] == list(range(1, len(scores) + 1))
    assert len(parts) == 1 or all(b - a + 1 >= shortest for a, b in parts)
