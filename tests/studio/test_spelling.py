"""Names of Windows and macOS on a disk where every byte counts."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from roto_client.contract.places import Place
from roto_server.db.models import Project
from roto_server.paths import AllowedRoots
from roto_server.places import to_server
from roto_server.places.spelling import Disk, as_on_disk
from roto_server.settings import Settings

NFC, NFD = (unicodedata.normalize(form, "Szene \u00fc") for form in ("NFC", "NFD"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "Shows"
    for name in (
        "SQ01/Plate.1001.EXR", "SQ01/Plate.1002.EXR", "SQ01/clip.mov",
        "two/a.1.png", "two/A.2.png", "two/b.mov", "two/B.MOV",
        f"{NFC}/x.mov", f"mac/{NFD}.mov", "deep/V1/v1/file.dpx",
    ):  # fmt: skip
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "private").mkdir()
    (tmp_path / "private/Secret.mov").touch()
    (root / "way").symlink_to(tmp_path / "private")
    return root


@pytest.mark.parametrize(
    ("said", "spelled"),
    [
        ("sq01/clip.mov", "SQ01/clip.mov"),
        ("SQ01/CLIP.MOV", "SQ01/clip.mov"),
        ("sq01/plate.%04d.exr", "SQ01/Plate.%04d.EXR"),
        ("sq01/plate.####.exr", "SQ01/Plate.####.EXR"),
        ("sq01/plate.*.exr", "SQ01/Plate.*.EXR"),
        ("sq01/plate.1001.exr", "SQ01/Plate.1001.EXR"),
        ("SQ01/Plate.%04d.EXR", "SQ01/Plate.%04d.EXR"),
        ("sq01", "SQ01"),
        (f"{NFD}/X.mov", f"{NFC}/x.mov"),
        (f"mac/{NFC}.mov", f"mac/{NFD}.mov"),
        ("DEEP/v1/V1/FILE.dpx", "deep/V1/v1/file.dpx"),
        # There are two of them, or none, or the way leads out: as it was said.
        ("two/A.%d.PNG", "two/A.%d.PNG"),
        ("two/b.Mov", "two/b.Mov"),
        ("two/b.mov", "two/b.mov"),
        ("sq02/clip.mov", "sq02/clip.mov"),
        ("sq01/none.%04d.exr", "sq01/none.%04d.exr"),
        ("way/SECRET.mov", "way/SECRET.mov"),
        ("../private/SECRET.mov", "../private/SECRET.mov"),
    ],
)
def test_how_the_disk_spells_it(root: Path, said: str, spelled: str) -> None:
    assert as_on_disk(f"{root}/{said}", str(root), AllowedRoots([root])) == f"{root}/{spelled}"


def test_paths_asked_after_together_read_a_folder_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (read.append(str(path)), scandir(path))[1])
    disk = Disk()
    for said in ("sq01/clip.MOV", "sq01/plate.%04d.exr", "SQ01/PLATE.1002.exr", "Sq01/nothing"):
        as_on_disk(f"{root}/{said}", str(root), AllowedRoots([root]), disk)
    assert sorted(read) == [str(root), f"{root}/SQ01"]


def test_a_disk_that_takes_too_long_spells_nothing_more(root: Path) -> None:
    said, roots = f"{root}/sq01/clip.mov", AllowedRoots([root])
    assert as_on_disk(said, str(root), roots, Disk(seconds=60)) != said
    assert as_on_disk(said, str(root), roots, Disk(seconds=-1)) == said


def test_another_root_is_left_alone(root: Path) -> None:
    assert as_on_disk("/elsewhere/sq01", str(root), AllowedRoots([root])) == "/elsewhere/sq01"


@pytest.mark.parametrize(
    ("said", "spelled"),
    [
        # Outside what may be read nothing tells what is there.
        ("PRIVATE/secret.mov", "PRIVATE/secret.mov"),
        ("private/secret.mov", "private/secret.mov"),
        ("private/SECRET.%d.mov", "private/SECRET.%d.mov"),
        ("Shows/way/secret.mov", "Shows/way/secret.mov"),
        ("Shows/two/B.mov", "Shows/two/B.mov"),
        ("sHOWS/Two/B.mov", "Shows/Two/B.mov"),
        ("shows/sq01/kept/SHOT.mov", "Shows/SQ01/Kept/SHOT.mov"),
        # The way to a root is the root's own; a link that leads into one is followed.
        ("shows/sq01/CLIP.mov", "Shows/SQ01/clip.mov"),
        ("shortcut/CLIP.mov", "shortcut/clip.mov"),
    ],
)
def test_a_place_wider_than_what_may_be_read(root: Path, said: str, spelled: str) -> None:
    place, kept = root.parent, root / "SQ01" / "Kept"
    (place / "shortcut").symlink_to(root / "SQ01")
    kept.mkdir()
    (kept / "shot.mov").touch()
    roots = AllowedRoots([root / "SQ01"], but=[kept])
    assert as_on_disk(f"{place}/{said}", str(place), roots) == f"{place}/{spelled}"


def test_a_refusal_repeats_what_was_asked_whether_it_is_there_or_not(root: Path) -> None:
    place = Place("all", str(root.parent), ("Z:\\",))
    settings = Settings(places=[place], allowed_roots=[root], data_dir=root.parent / "data")
    project = Project(name="p", settings={}, allowed_roots=[])
    for name in ("secret", "other"):
        here = to_server(f"Z:\\Private\\{name}.mov", project, settings)
        assert here == f"{root.parent}/Private/{name}.mov"
    assert to_server("Z:\\shows\\sq01\\CLIP.mov", project, settings) == f"{root}/SQ01/clip.mov"
