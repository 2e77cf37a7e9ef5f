"""Folders looked through for plates: what names say, what is never read, and where it ends."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roto_server.paths import AllowedRoots
from roto_server.scanning import FoundMedia, Limits, Scan, media_in, scan_folder, suggest_names
from roto_server.scanning.stereo import pairs, without_eye
from roto_shapes.errors import RotoError
from roto_shapes.frames import SequencePattern
from roto_shapes.naming import check_name, name_from


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"")


def frames(name: str, *numbers: int) -> list[str]:
    return [name % number for number in numbers]


def test_sequences_and_movies_are_told_apart_with_their_gaps() -> None:
    names = [
        *frames("heist_010_v2.%04d.exr", 1001, 1002, 1005, 1009),
        *frames("bg_%d.PNG", 9, 10, 11),
        "take.mov",
        "take.txt",
        ".hidden.1001.exr",
        "._heist_010_v2.1001.exr",
        "chart.exr",
    ]
    found, skipped = media_in("/mnt/in", names)
    assert found == [
        FoundMedia("sequence", "/mnt/in/bg_%d.PNG", "bg", (9, 11), 3),
        FoundMedia(
            "sequence", "/mnt/in/heist_010_v2.%04d.exr", "heist_010_v2", (1001, 1009), 4,
            ((1003, 1004), (1006, 1008)), 5,
        ),
        FoundMedia("movie", "/mnt/in/take.mov", "take"),
    ]  # fmt: skip
    assert [(one.path, one.reason) for one in skipped] == [("/mnt/in/chart.exr", "no_number")]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (frames("a.%04d.exr", 999, 1000, 10000), {"a.%04d.exr": (999, 10000)}),
        (["a.1.exr", "a.0001.exr"], {"a.%d.exr": (1, 1), "a.%04d.exr": (1, 1)}),
        (["a.-002.exr", "a.-001.exr", "a.0000.exr"], {"a.%04d.exr": (-2, 0)}),
        (["sh-1001.exr", "sh-1002.exr"], {"sh-%04d.exr": (1001, 1002)}),
        (["1001.dpx"], {"%04d.dpx": (1001, 1001)}),
        (["a.20261130123456.exr"], {}),
        (["a\n.1001.exr", "50%d.1001.exr", "a#.1001.exr", "a.\udcff1001.exr"], {}),
    ],
)
def test_numbers(names: list[str], expected: dict[str, tuple[int, int]]) -> None:
    found, _ = media_in("/x", names)
    assert {one.path[3:]: one.frames for one in found} == expected


@given(
    st.lists(
        st.from_regex(r"(a|b)(\.|_|\.-)?0{0,3}[0-9]{1,4}\.(exr|png)", fullmatch=True), max_size=12
    )
)
def test_what_is_found_is_what_the_path_means(tmp_path_factory, names: list[str]) -> None:
    folder = tmp_path_factory.mktemp("seq")
    touch(folder, *names)
    found, _ = media_in(str(folder), os.listdir(folder))
    for one in found:
        on_disk = SequencePattern.parse(one.path).frames_on_disk()
        assert (on_disk[0], on_disk[-1], len(on_disk)) == (*(one.frames or ()), one.count)
        assert one.missing == on_disk[-1] - on_disk[0] + 1 - len(on_disk)


def scan(root: Path, *, depth: int = 3, limits: Limits | None = None) -> Scan:
    return scan_folder(str(root), AllowedRoots([root]), depth, limits)


def test_folders_are_read_to_a_depth_and_links_followed_inside_only(tmp_path: Path) -> None:
    root, outside = tmp_path / "in", tmp_path / "out"
    touch(outside, "secret.1001.exr")
    touch(root / "a" / "b", *frames("deep.%04d.exr", 1, 2))
    touch(root / "a", "take.mp4")
    (root / "loop").symlink_to(root)
    (root / "leads_out").symlink_to(outside)
    (root / "a" / "linked.1001.exr").symlink_to(outside / "secret.1001.exr")
    (root / "a" / "near.1001.exr").symlink_to(root / "a" / "b" / "deep.0001.exr")
    whole = scan(root)
    assert [one.path for one in whole.media] == [
        f"{root}/a/near.%04d.exr", f"{root}/a/take.mp4", f"{root}/a/b/deep.%04d.exr",
    ]  # fmt: skip
    assert {(Path(one.path).name, one.reason) for one in whole.skipped} == {
        ("leads_out", "outside"), ("linked.1001.exr", "outside"),
    }  # fmt: skip
    assert whole.ended_by is None
    assert [one.title for one in scan(root, depth=1).media] == ["near", "take"]
    assert scan(root, depth=0).media == []


@pytest.mark.parametrize("path", ["{out}", "{in}/../out", "in", "{in}/nowhere", "{in}\0"])
def test_other_folders_are_refused_in_one_wording(tmp_path: Path, path: str) -> None:
    root, outside = tmp_path / "in", tmp_path / "out"
    touch(root)
    touch(outside, "secret.1001.exr")
    told = path.replace("{in}", str(root)).replace("{out}", str(outside))
    with pytest.raises(RotoError) as caught:
        scan_folder(told, AllowedRoots([root]))
    assert caught.value.code == "path_refused"
    assert caught.value.message.startswith("The server may not read ")


def test_names_that_nobody_could_send_back_are_told_escaped(tmp_path: Path) -> None:
    touch(tmp_path, "a\nb.1001.exr", "x\x1b[31m.mov")
    (tmp_path / os.fsdecode(b"\xff\xfe.1001.exr")).write_bytes(b"")
    touch(tmp_path / "fine", "plate.1001.exr")
    found = scan(tmp_path)
    assert [one.path for one in found.media] == [f"{tmp_path}/fine/plate.%04d.exr"]
    assert sorted(Path(one.path).name for one in found.skipped) == [
        "\\udcff\\udcfe.1001.exr", "a\\x0ab.1001.exr", "x\\x1b[31m.mov",
    ]  # fmt: skip


def test_limits_end_a_scan_and_cut_no_sequence(tmp_path: Path) -> None:
    for number in range(4):
        touch(tmp_path / f"f{number}", *frames("plate.%04d.exr", *range(1, 51)))
    few = scan(tmp_path, limits=Limits(entries=120))
    assert few.ended_by == "entries"
    assert [(one.count, one.missing) for one in few.media] == [(50, 0)] * 2
    assert [one.reason for one in few.skipped] == ["too_many"]
    assert scan(tmp_path, limits=Limits(folders=3)).ended_by == "folders"
    some = scan(tmp_path, limits=Limits(plates=3))
    assert (some.ended_by, len(some.media)) == ("plates", 3)
    late = scan(tmp_path, limits=Limits(seconds=-1))
    assert (late.ended_by, late.media) == ("seconds", [])


@pytest.mark.parametrize(
    ("paths", "taken", "names"),
    [
        (["/p/hero.%04d.exr", "/p/car.mov"], (), ["hero", "car"]),
        (["/p/sh010/plate.%04d.exr", "/p/sh020/plate.%04d.exr"], (), ["sh010", "sh020"]),
        (["/p/sh010/fg.%d.exr", "/p/sh010/bg.%d.exr", "/p/sh020/bg.%d.exr"], (),
         ["fg", "sh010", "sh020"]),
        (["/a/x/plate.mov", "/b/x/plate.mov"], (), ["x_plate", "x_plate-2"]),
        (["/p/Hero.mov"], ("hero",), ["Hero-2"]),
        (["/p/sh010/%04d.exr"], (), ["sh010"]),
        (["/p/con.mov", "/p/...%04d.exr"], (), ["_con", "p"]),
    ],
)  # fmt: skip
def test_names_for_shots(paths: list[str], taken: tuple[str, ...], names: list[str]) -> None:
    media = [
        FoundMedia("movie", path, Path(path).name.partition(".")[0].partition("%")[0])
        for path in paths
    ]
    assert suggest_names(media, taken) == names


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["/p/a_left.%04d.exr", "/p/a_right.%04d.exr"], [(0, 1, "/p/a.%04d.exr", "a")]),
        (["/p/r/a.mov", "/p/l/a.mov"], [(1, 0, "/p/a.mov", "a")]),
        (["/p/Left/a_L_v1.mov", "/p/Right/a_R_v1.mov"], [(0, 1, "/p/a_v1.mov", "a_v1")]),
        (["/r/a_L.%d.dpx", "/r/a_R.%d.dpx"], [(0, 1, "/r/a.%d.dpx", "a")]),
        (["/p/L.%04d.exr", "/p/R.%04d.exr"], [(0, 1, "/p/%04d.exr", "")]),
        (["/p/a_l.mov", "/p/a_right.mov"], []),
        (["/p/a_left.mov", "/p/b_right.mov", "/p/bright.mov", "/p/a_leftover.mov"], []),
        (["/p/a_L.mov", "/p/a_R.mov", "/p/L/a_L.mov", "/p/R/a_R.mov"],
         [(0, 1, "/p/a.mov", "a"), (2, 3, "/p/a.mov", "a")]),
    ],
)  # fmt: skip
def test_the_eyes_of_a_stereo_shot(
    paths: list[str], expected: list[tuple[int, int, str, str]]
) -> None:
    media = [FoundMedia("movie", path, "") for path in paths]
    assert [
        (one.left, one.right, one.path, without_eye(media[one.left], one.path).title)
        for one in pairs(media)
    ] == expected


@given(st.text(max_size=300))
def test_a_name_made_of_anything_is_a_name(text: str) -> None:
    name = name_from(text)
    assert name == "" or check_name(name) == name
