r"""A path of one system as the others name it: the table.

Rows of places below: a show that Windows knows by a letter and by a share, a folder inside it that
lies elsewhere, and a whole drive.
"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roto_client.contract.places import SYSTEMS, Place, Places, is_windows, path_of_url, same

SHOWS = Place("shows", "/mnt/shows", ("Z:\\shows", "\\\\nas\\shows"), ("/Volumes/shows",))
OLD = Place("archive", "/mnt/archive", ("Z:\\shows\\old",), ("/Volumes/shows/old",))
DRIVE = Place("scans", "/srv/scans", ("Y:",), ("/Volumes/Scans \u00e9t\u00e9",))
LINUX_ONLY = Place("renders", "/mnt/renders")
PLACES = Places((SHOWS, OLD, DRIVE, LINUX_ONLY))
PLACES.check()

DECOMPOSED = unicodedata.normalize("NFD", "/Volumes/Scans \u00e9t\u00e9")


@pytest.mark.parametrize(
    ("sent", "here"),
    [
        # Letters and slashes.
        (r"Z:\shows\a\plate.%04d.exr", "/mnt/shows/a/plate.%04d.exr"),
        ("z:/Shows/a/plate.####.exr", "/mnt/shows/a/plate.####.exr"),
        (r"Z:/shows\a//b\\c.mov", "/mnt/shows/a/b/c.mov"),
        (r"Z:\SHOWS\Hero.MOV", "/mnt/shows/Hero.MOV"),
        (r"Z:\shows", "/mnt/shows"),
        ("Z:\\shows\\", "/mnt/shows"),
        ("Z:\\shows\\a\\", "/mnt/shows/a/"),
        # Shares.
        (r"\\nas\shows\a.mov", "/mnt/shows/a.mov"),
        (r"\\NAS\Shows\a.mov", "/mnt/shows/a.mov"),
        ("//nas/shows/a.mov", "/mnt/shows/a.mov"),
        (r"\\nas\shows", "/mnt/shows"),
        (r"\\nas2\shows\a.mov", r"\\nas2\shows\a.mov"),
        (r"\\nas\showsB\a.mov", r"\\nas\showsB\a.mov"),
        # The long form, where a dot at the end is a dot.
        (r"\\?\Z:\shows\a.mov", "/mnt/shows/a.mov"),
        (r"\\?\UNC\nas\shows\a.mov", "/mnt/shows/a.mov"),
        (r"\\?\unc\NAS\shows\a.", "/mnt/shows/a."),
        (r"\\.\Z:\shows\a.mov", "/mnt/shows/a.mov"),
        # Dots and spaces at the end of a name.
        (r"Z:\shows.\a. .\b.mov", "/mnt/shows/a/b.mov"),
        (r"Z:\shows\a...\b.mov ", "/mnt/shows/a/b.mov"),
        (r"Z:\shows\..\...\shows\a", "/mnt/shows/a"),
        (r"Z:\shows\.hidden\a", "/mnt/shows/.hidden/a"),
        # One level up is undone before the disk is asked, as Windows does.
        (r"Z:\shows\a\..\b.mov", "/mnt/shows/b.mov"),
        (r"Z:\shows\.\a.mov", "/mnt/shows/a.mov"),
        (r"Z:\shows\..\other\a.mov", r"Z:\shows\..\other\a.mov"),
        (r"Z:\other\..\shows\a.mov", "/mnt/shows/a.mov"),
        (r"Y:\..\..\a.dpx", "/srv/scans/a.dpx"),
        # Look-alikes, the innermost place, a whole drive, the current folder of a drive.
        (r"Z:\showsB\a.mov", r"Z:\showsB\a.mov"),
        (r"Z:\show", r"Z:\show"),
        (r"Z:\shows\old\a.mov", "/mnt/archive/a.mov"),
        (r"Z:\shows\OLD\..\a.mov", "/mnt/shows/a.mov"),
        (r"Z:\shows\older\a.mov", "/mnt/shows/older/a.mov"),
        ("Y:\\reel 1\\a.dpx", "/srv/scans/reel 1/a.dpx"),
        ("y:", "/srv/scans"),
        ("y:\\", "/srv/scans"),
        ("Y:reel", "Y:reel"),
        ("X:\\a.mov", "X:\\a.mov"),
        # macOS.
        ("/Volumes/shows/a/b.mov", "/mnt/shows/a/b.mov"),
        ("/volumes/SHOWS/Hero.mov", "/mnt/shows/Hero.mov"),
        ("/Volumes/shows/old/a.mov", "/mnt/archive/a.mov"),
        ("/Volumes/showsB/a.mov", "/Volumes/showsB/a.mov"),
        ("/Volumes//shows/./a.mov", "/mnt/shows/a.mov"),
        ("/Volumes/Scans \u00e9t\u00e9/a.dpx", "/srv/scans/a.dpx"),
        (DECOMPOSED + "/a.dpx", "/srv/scans/a.dpx"),
        ("/Volumes/shows/odd\\name.exr", "/mnt/shows/odd\\name.exr"),
        ("/Volumes/shows/a/../b.mov", "/mnt/shows/a/../b.mov"),
        ("/Volumes/../Volumes/shows/b.mov", "/Volumes/../Volumes/shows/b.mov"),
        # The server's own names, and what is no path.
        ("/mnt/shows/a. /b.mov", "/mnt/shows/a. /b.mov"),
        ("/mnt/Shows/a.mov", "/mnt/Shows/a.mov"),
        ("/elsewhere/a.mov", "/elsewhere/a.mov"),
        ("a/b.mov", "a/b.mov"),
        ("", ""),
        ("Z:\\shows\\a\0b.mov", "Z:\\shows\\a\0b.mov"),
    ],
)
def test_what_a_path_means_here(sent: str, here: str) -> None:
    assert PLACES.to_server(sent) == here


@pytest.mark.parametrize(
    ("here", "windows", "macos"),
    [
        ("/mnt/shows/a/b.%04d.exr", r"Z:\shows\a\b.%04d.exr", "/Volumes/shows/a/b.%04d.exr"),
        ("/mnt/shows", r"Z:\shows", "/Volumes/shows"),
        ("/mnt/shows/a/", "Z:\\shows\\a\\", "/Volumes/shows/a/"),
        ("/mnt/archive/a.mov", r"Z:\shows\old\a.mov", "/Volumes/shows/old/a.mov"),
        ("/srv/scans", "Y:\\", "/Volumes/Scans \u00e9t\u00e9"),
        ("/srv/scans/a.dpx", r"Y:\a.dpx", "/Volumes/Scans \u00e9t\u00e9/a.dpx"),
        ("/mnt/showsB/a", "/mnt/showsB/a", "/mnt/showsB/a"),
        ("/mnt/Shows/a", "/mnt/Shows/a", "/mnt/Shows/a"),
        ("/mnt/renders/a", "/mnt/renders/a", "/mnt/renders/a"),
        # Windows has no name for these.
        ("/mnt/shows/a./b", "/mnt/shows/a./b", "/Volumes/shows/a./b"),
        ("/mnt/shows/a ", "/mnt/shows/a ", "/Volumes/shows/a "),
        ("/mnt/shows/a:b", "/mnt/shows/a:b", "/Volumes/shows/a:b"),
        ("/mnt/shows/a\\b", "/mnt/shows/a\\b", "/Volumes/shows/a\\b"),
        ("/mnt/shows/a\nb", "/mnt/shows/a\nb", "/Volumes/shows/a\nb"),
        # Where this leads only the server's disk knows.
        ("/mnt/shows/../x", "/mnt/shows/../x", "/mnt/shows/../x"),
    ],
)
def test_what_a_path_is_called_elsewhere(here: str, windows: str, macos: str) -> None:
    assert PLACES.to_system(here, "windows") == windows
    assert PLACES.to_system(here, "macos") == macos
    assert PLACES.to_system(here, "linux") == here


def test_whose_path_it_is_decides_where_two_fit() -> None:
    places = Places((Place("a", "/data", (), ("/mnt/x",)), Place("b", "/mnt/x")))
    assert places.to_server("/mnt/x/f") == "/mnt/x/f"
    assert places.to_server("/mnt/x/f", "linux") == "/mnt/x/f"
    assert places.to_server("/mnt/x/f", "macos") == "/data/f"


def test_a_windows_path_is_known_wherever_it_is_sent_from() -> None:
    for system in SYSTEMS:
        assert PLACES.to_server(r"Z:\shows\a", system) == "/mnt/shows/a"
        assert PLACES.to_server("//nas/shows/a", system) == "/mnt/shows/a"


def test_a_projects_place_comes_before_the_studios() -> None:
    own = Place("shows", "/mnt/this", ("Z:\\shows",))
    assert Places((own, SHOWS)).to_server(r"Z:\shows\a") == "/mnt/this/a"


def test_slashes_are_those_the_place_is_written_with() -> None:
    places = Places((Place("a", "/a", ("Z:/a",)),))
    assert places.to_system("/a/b/c", "windows") == "Z:/a/b/c"


def test_nodes_that_mount_places_elsewhere() -> None:
    mounts = {"shows": "/Volumes/shows", "scans": "/data"}
    assert PLACES.at("/mnt/shows/a.mov", mounts) == "/Volumes/shows/a.mov"
    assert PLACES.at("/srv/scans/a.%04d.dpx", mounts) == "/data/a.%04d.dpx"
    assert PLACES.at("/mnt/archive/a.mov", mounts) is None
    assert PLACES.at("/elsewhere/a.mov", mounts) is None
    assert PLACES.at("/mnt/shows/../secret", mounts) is None


def test_a_node_that_has_no_folder_for_an_inner_place_sees_it_in_the_outer_one() -> None:
    inner = Place("reels", "/mnt/shows/reels", ("R:",), ("/Volumes/reels",))
    places, path = Places((SHOWS, inner)), "/mnt/shows/reels/a:1.mov"
    assert places.at(path, {"shows": "/vol/shows"}) == "/vol/shows/reels/a:1.mov"
    assert places.at(path, {"reels": "/vol/reels"}) == "/vol/reels/a:1.mov"
    assert places.at(path, {"shows": "/vol/shows", "reels": "/vol/reels"}) == "/vol/reels/a:1.mov"
    assert places.at("/mnt/shows/a.mov", {"reels": "/vol/reels"}) is None
    # What its system calls them counts as what it says.
    assert places.at(path, {"shows": "/vol/shows"}, "macos") == "/Volumes/reels/a:1.mov"
    assert places.at(path, {"reels": "/vol/reels"}, "macos") == "/vol/reels/a:1.mov"
    assert places.at("/mnt/shows/reels/a.mov", {}, "windows") == "R:\\a.mov"
    assert places.at(path, {}, "windows") is None, "Windows has no such name"


@pytest.mark.parametrize(
    ("places", "told"),
    [
        ([Place("a", "mnt")], "'mnt' is no folder of linux"),
        ([Place("a", "/")], "'/' is no folder"),
        ([Place("a", "/mnt/../etc")], "no folder"),
        ([Place("a", "/a", ("Z:a",))], "no folder of windows"),
        ([Place("a", "/a", ("\\\\nas",))], "no folder of windows"),
        ([Place("a", "/a", ("/mnt/a",))], "no folder of windows"),
        ([Place("a", "/a", (), ("Volumes",))], "no folder of macos"),
        ([Place("a", "/a"), Place("a", "/b")], "two places are called 'a'"),
        ([Place("a", "/a", ("Z:\\x",)), Place("b", "/b", ("z:/X/",))], "is a root of 'a' and 'b'"),
    ],
)
def test_places_that_make_no_sense_are_named(places: list[Place], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Places(tuple(places)).check()


@pytest.mark.parametrize(
    ("one", "other", "system", "are"),
    [
        (r"Z:\Shows\a.mov", "z:/shows/A.MOV", "windows", True),
        (r"\\?\Z:\shows\a", r"Z:\shows\a", "windows", True),
        (r"Z:\shows\a", r"Y:\shows\a", "windows", False),
        (r"\\NAS\s\a", "//nas/S/a", "windows", True),
        ("/Volumes/\u00e9", "/volumes/e\u0301", "macos", True),
        ("/mnt/a", "/mnt/A", "linux", False),
        ("/mnt/a", "/mnt//./a", "linux", True),
        ("here.mov", "here.mov", "windows", True),
        ("", "here.mov", "windows", False),
    ],
)
def test_two_spellings_of_one_path(one: str, other: str, system: str, are: bool) -> None:
    assert same(one, other, system) is are


_NAME = st.text("ab .\\/:\u00e9e\u0301Z%0?*", min_size=1, max_size=6)
_PATH = st.builds(
    "".join,
    st.lists(
        st.sampled_from(["Z:", "\\\\", "//", "\\", "/", "..", "shows", "nas", "?", "UNC"]) | _NAME,
        max_size=8,
    ),
)


@given(_PATH)
def test_whatever_is_sent_lands_in_a_place_or_stays(path: str) -> None:
    for system in (None, *SYSTEMS):
        here = PLACES.to_server(path, system)
        inside = any(
            here == place.linux or here.startswith(f"{place.linux}/") for place in PLACES.places
        )
        assert here == path or inside
        if is_windows(path) and here != path:
            assert ".." not in here.split("/")


@given(st.lists(st.text("aB \u00e9.-_%d4", min_size=1, max_size=5), min_size=1, max_size=4))
def test_there_and_back_again(names: list[str]) -> None:
    """Every path that has a name elsewhere comes back as it was."""
    here = "/".join(["/mnt/shows", *(name for name in names if name not in (".", ".."))])
    for system in ("windows", "macos"):
        there = PLACES.to_system(here, system)
        if there != here:
            assert PLACES.to_server(there, system) == here


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("file://localhost/Volumes/shows/a%20b.mov", "/Volumes/shows/a b.mov"),
        ("file:///Volumes/shows/a.mov", "/Volumes/shows/a.mov"),
        ("FILE:///Z%3a/shows/a.mov", "Z:/shows/a.mov"),
        ("file:///Z:/shows/%23a.mov", "Z:/shows/#a.mov"),
        ("file://localhost/Z:", "Z:"),
        ("file://nas/shows/a.mov", "//nas/shows/a.mov"),
        ("file:////nas/shows/a.mov", "//nas/shows/a.mov"),
        ("file:a.mov", "a.mov"),
        ("file:///Volumes/take #2?.mov", "/Volumes/take #2?.mov"),
        ("/Volumes/100%25.mov", "/Volumes/100%25.mov"),
        (r"Z:\shows\a.mov", r"Z:\shows\a.mov"),
        ("https://nas/a.mov", "https://nas/a.mov"),
    ],
)
def test_urls_of_edit_lists(written: str, path: str) -> None:
    assert path_of_url(written) == path
