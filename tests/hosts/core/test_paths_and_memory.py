"""Folders with two names, and what a panel remembers."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from roto_client.api.errors import InputError
from roto_client.hosts import FrameMap, HostMemory, PathMap

RULES = PathMap.parse(r"Z:\shows=/mnt/shows; Z:\shows\old = /mnt/archive;/Volumes/shows=/mnt/shows")


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (r"Z:\shows\a\plate.%04d.exr", "/mnt/shows/a/plate.%04d.exr"),
        ("z:/Shows/a/plate.%04d.exr", "/mnt/shows/a/plate.%04d.exr"),
        (r"Z:\shows\old\a.mov", "/mnt/archive/a.mov"),
        (r"Z:\showsB\a.mov", r"Z:\showsB\a.mov"),
        ("/Volumes/shows/a.mov", "/mnt/shows/a.mov"),
        ("/volumes/shows/a.mov", "/volumes/shows/a.mov"),
        ("/elsewhere/a.mov", "/elsewhere/a.mov"),
        (r"Z:\shows", "/mnt/shows"),
    ],
)
def test_ours_to_the_servers(here: str, there: str) -> None:
    assert RULES.to_server(here) == there


def test_a_share_without_a_letter() -> None:
    rules = PathMap.parse(r"\\nas\shows=/mnt/shows")
    assert rules.to_server(r"\\NAS\shows\a.mov") == "/mnt/shows/a.mov"
    assert rules.to_server("//nas/shows/a.mov") == "/mnt/shows/a.mov"


def test_a_backslash_in_a_unix_name_is_a_letter() -> None:
    assert PathMap.parse("/a=/b").to_server("/a/odd\\name.exr") == "/b/odd\\name.exr"


def test_a_bad_rule_is_named() -> None:
    with pytest.raises(InputError, match="'Z:' is not"):
        PathMap.parse("Z:")


def test_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    assert PathMap.from_settings("/a=/b").to_server("/a/x") == "/b/x"
    monkeypatch.setenv("ROTO_PATH_MAP", "/a=/c")
    assert PathMap.from_settings("/a=/b").to_server("/a/x") == "/c/x"


def test_frames_of_script_and_plate() -> None:
    frames = FrameMap(-1000)
    assert (frames.to_script(1001), frames.to_plate(1)) == (1, 1001)


def test_choices_are_kept_per_project_and_privately(tmp_path: Path) -> None:
    memory = HostMemory("nuke", tmp_path / "config")
    assert memory.recall() == {}
    memory.remember("show", {"priority": "high", "outputs": ["mattes"]})
    memory.remember("spot", {"priority": "low"})
    assert memory.recall("show") == {
        "project": "show",
        "priority": "high",
        "outputs": ["mattes"],
    }
    again = HostMemory("nuke", tmp_path / "config")
    assert again.recall() == {"project": "spot", "priority": "low"}
    assert again.recall("new") == {"project": "new", "priority": "low"}
    assert stat.S_IMODE(memory.path.stat().st_mode) == 0o600


def test_a_damaged_file_is_no_reason_to_stop(tmp_path: Path) -> None:
    memory = HostMemory("nuke", tmp_path)
    memory.path.write_text("{")
    assert memory.recall("show") == {"project": "show"}
    memory.remember("show", {"priority": "high"})
    assert memory.recall()["priority"] == "high"
