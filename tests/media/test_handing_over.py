"""Publishing into a folder of the studio: everything or nothing, and never over anything."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers_stages import StageContext, task_spec

from roto_shapes.errors import RotoError
from roto_worker.export import handing_over, permissions
from roto_worker.export.handing_over import HandOver, Piece
from roto_worker.export.permissions import Permissions
from roto_worker.stages import publish


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    folder = tmp_path / "studio"
    folder.mkdir()
    return folder


@pytest.fixture
def pieces(tmp_path: Path) -> list[Piece]:
    made = []
    (tmp_path / "exports").mkdir()
    for frame in range(1001, 1006):
        data = f"frame {frame}".encode() * 1000
        source = tmp_path / "exports" / f"{frame}.exr"
        source.write_bytes(data)
        name = f"sh010/v001/hero.{frame}.exr"
        made.append(Piece(source, name, len(data), hashlib.sha256(data).hexdigest()))
    return made


def nothing(done: int) -> None:
    """No progress is told."""


def hand_over(
    folder: Path,
    pieces: list[Piece],
    attempt: str = "a",
    on_file: Callable[[int], None] = nothing,
    task: str = "t",
    mode: int = 0o640,
) -> set[str]:
    return HandOver(
        folder, pieces, task=task, attempt=attempt, permissions=Permissions(mode), on_file=on_file
    ).run()


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_everything_is_there_and_nothing_else(studio: Path, pieces: list[Piece]) -> None:
    seen: list[int] = []
    assert hand_over(studio, pieces, on_file=seen.append) == set()
    assert files(studio) == {piece.name: piece.source.read_bytes() for piece in pieces}
    assert seen == [1, 2, 3, 4, 5]
    target = studio / pieces[0].name
    assert target.stat().st_nlink == 1, "a copy, which the studio may change without changing ours"
    assert not target.samefile(pieces[0].source)


def test_once_more_changes_nothing(studio: Path, pieces: list[Piece]) -> None:
    hand_over(studio, pieces)
    before = {path: path.stat().st_mtime_ns for path in studio.rglob("*.exr")}
    assert hand_over(studio, pieces, "b") == {piece.name for piece in pieces}
    assert {path: path.stat().st_mtime_ns for path in studio.rglob("*.exr")} == before


@pytest.mark.parametrize("what", ["other bytes", "longer", "empty", "folder", "link", "dangling"])
def test_another_thing_of_that_name_stays_and_nothing_is_published(
    studio: Path, pieces: list[Piece], what: str
) -> None:
    target = studio / pieces[3].name
    target.parent.mkdir(parents=True)
    data = pieces[3].source.read_bytes()
    if what == "folder":
        target.mkdir()
    elif what == "link":
        target.symlink_to(pieces[3].source)
    elif what == "dangling":
        target.symlink_to("nowhere")
    else:
        target.write_bytes({"other bytes": data[::-1], "longer": data + b"x", "empty": b""}[what])
    before = files(studio)
    with pytest.raises(RotoError) as caught:
        hand_over(studio, pieces)
    assert caught.value.code == "conflict"
    assert pieces[3].name in caught.value.message
    assert files(studio) == before
    assert os.listdir(target.parent) == [target.name]


def test_who_takes_a_name_while_files_are_shown_keeps_it(
    studio: Path, pieces: list[Piece], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = studio / pieces[2].name
    real = os.link

    def link(source: Any, target: Any) -> None:
        if Path(target) == taken:
            taken.write_text("the studio's")
        real(source, target)

    monkeypatch.setattr(handing_over.os, "link", link)
    with pytest.raises(RotoError, match="another file"):
        hand_over(studio, pieces)
    assert files(studio) == {pieces[2].name: b"the studio's"}, "those shown before are taken back"


def test_who_publishes_the_same_meanwhile_does_no_harm(
    studio: Path, pieces: list[Piece], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, others = os.link, []

    def link(source: Any, target: Any) -> None:
        if not others:
            others.append(target)
            hand_over(studio, pieces, task="other")
        real(source, target)

    monkeypatch.setattr(handing_over.os, "link", link)
    assert hand_over(studio, pieces) == {piece.name for piece in pieces}
    assert len(files(studio)) == 5


def test_a_stop_leaves_no_trace(studio: Path, pieces: list[Piece]) -> None:
    (studio / "sh010").mkdir()

    def stop(done: int) -> None:
        if done == 3:
            raise KeyError("stop")

    with pytest.raises(KeyError):
        hand_over(studio, pieces, on_file=stop)
    assert sorted(path.name for path in studio.rglob("*")) == ["sh010"], "what was there stays"


def test_what_a_killed_attempt_left_is_finished(studio: Path, pieces: list[Piece]) -> None:
    """Two files shown, two staged, when the process died."""
    folder = studio / "sh010" / "v001"
    folder.mkdir(parents=True)
    for piece in pieces[:2]:
        (studio / piece.name).write_bytes(piece.source.read_bytes())
    (folder / ".roto-t-dead-2").write_bytes(b"half")
    (folder / ".roto-other-x-2").write_bytes(b"of another task")
    assert hand_over(studio, pieces) == {piece.name for piece in pieces[:2]}
    assert set(os.listdir(folder)) == {
        ".roto-other-x-2",
        *(Path(piece.name).name for piece in pieces),
    }


def test_without_hard_links_nothing_is_overwritten_either(
    studio: Path, pieces: list[Piece], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(source: Any, target: Any) -> None:
        raise OSError(errno.ENOTSUP, "not supported")

    monkeypatch.setattr(handing_over.os, "link", no_links)
    hand_over(studio, pieces)
    assert files(studio) == {piece.name: piece.source.read_bytes() for piece in pieces}
    assert hand_over(studio, pieces, "b") == {piece.name for piece in pieces}
    (studio / pieces[4].name).write_text("changed")
    with pytest.raises(RotoError, match="another file"):
        hand_over(studio, pieces, "c")
    assert (studio / pieces[4].name).read_text() == "changed"


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def link(source: Any, target: Any) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(handing_over.os, "link", link)


@pytest.mark.usefixtures("no_links")
def test_without_hard_links_a_share_that_goes_away_leaves_no_empty_file(
    studio: Path, pieces: list[Piece], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.replace

    def replace(source: Any, target: Any) -> None:
        if Path(target) == studio / pieces[2].name:
            raise OSError(errno.EIO, "share went away")
        real(source, target)

    with monkeypatch.context() as away:
        away.setattr(handing_over.os, "replace", replace)
        with pytest.raises(RotoError) as caught:
            hand_over(studio, pieces)
    assert caught.value.code == "storage_failed"
    assert list(studio.iterdir()) == [], "none or all"
    assert hand_over(studio, pieces, "b") == set()
    assert files(studio) == {piece.name: piece.source.read_bytes() for piece in pieces}


@pytest.mark.usefixtures("no_links")
def test_without_hard_links_the_next_attempt_goes_on_where_one_was_killed(
    studio: Path, pieces: list[Piece], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    real = os.replace

    def replace(source: Any, target: Any) -> None:
        if Path(target) == studio / pieces[2].name:
            raise Killed
        real(source, target)

    with monkeypatch.context() as dying:
        dying.setattr(handing_over.os, "replace", replace)
        # A process that is killed tidies nothing up.
        dying.setattr(HandOver, "_take_back", nothing_more)
        dying.setattr(HandOver, "_sweep", nothing_more)
        with pytest.raises(Killed):
            hand_over(studio, pieces)
    assert files(studio)[pieces[2].name] == b""
    assert hand_over(studio, pieces, "b") == {piece.name for piece in pieces[:2]}
    assert files(studio) == {piece.name: piece.source.read_bytes() for piece in pieces}


def nothing_more(*_of: object) -> None:
    """What a dead process does."""


def test_an_empty_file_is_the_studios_where_no_copy_of_this_task_lies_beside_it(
    studio: Path, pieces: list[Piece]
) -> None:
    folder = (studio / pieces[0].name).parent
    folder.mkdir(parents=True)
    (studio / pieces[0].name).touch()
    (folder / ".roto-t-dead-1").write_bytes(b"copy of the second")
    (folder / ".roto-other-dead-0").write_bytes(b"of another task")
    with pytest.raises(RotoError) as caught:
        hand_over(studio, pieces)
    assert caught.value.code == "conflict"
    assert files(studio)[pieces[0].name] == b""


def test_a_full_disk_is_told_and_leaves_nothing(
    studio: Path, pieces: list[Piece], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(handing_over.os, "fsync", full)
    with pytest.raises(RotoError) as caught:
        hand_over(studio, pieces)
    assert caught.value.code == "disk_full"
    assert list(studio.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../x.exr", "/x.exr", "a/../../x.exr", "a\\x.exr", "", "a//x.exr", "./x.exr"]
)
def test_names_stay_below_the_folder(studio: Path, pieces: list[Piece], name: str) -> None:
    piece = pieces[0]
    with pytest.raises(RotoError) as caught:
        hand_over(studio, [Piece(piece.source, name, piece.size, piece.sha256)])
    assert caught.value.code == "path_refused"
    assert list(studio.iterdir()) == []


def test_a_link_that_leads_out_is_not_followed(
    studio: Path, pieces: list[Piece], tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (studio / "sh010").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RotoError) as caught:
        hand_over(studio, pieces)
    assert caught.value.code == "path_refused"
    assert list((tmp_path / "elsewhere").rglob("*.exr")) == []


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path, pieces: list[Piece]) -> None:
    """A share that is not mounted must not become a folder on the node's own disk."""
    with pytest.raises(RotoError) as caught:
        hand_over(tmp_path / "unmounted", pieces)
    assert caught.value.code == "path_refused"
    assert not (tmp_path / "unmounted").exists()


def test_an_export_that_was_changed_is_not_published(studio: Path, pieces: list[Piece]) -> None:
    pieces[1].source.write_bytes(b"y" * pieces[1].size)
    with pytest.raises(RotoError) as caught:
        hand_over(studio, pieces)
    assert caught.value.code == "storage_failed"
    assert list(studio.iterdir()) == []


def modes(folder: Path) -> dict[str, str]:
    """The permissions of everything in a folder, as `ls` shows them."""
    return {
        path.relative_to(folder).as_posix(): stat.filemode(path.stat().st_mode)
        for path in folder.rglob("*")
    }


@pytest.fixture
def nobody_else() -> Iterator[None]:
    """The umask of a service that keeps everything to itself."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("nobody_else")
@pytest.mark.parametrize("links", [True, False])
def test_the_setting_and_no_umask_says_who_reads_what_is_published(
    studio: Path, pieces: list[Piece], links: bool, request: pytest.FixtureRequest
) -> None:
    if not links:
        request.getfixturevalue("no_links")
    studio.chmod(0o2750)
    hand_over(studio, pieces[:1])
    hand_over(studio, pieces[1:2], task="u", mode=0o664)
    (studio / "there").mkdir()
    last = Piece(pieces[2].source, "there/open/hero.1003.exr", pieces[2].size, None)
    hand_over(studio, [last], task="v", mode=0o664)
    assert modes(studio) == {
        "sh010": "drwxr-s---",
        "sh010/v001": "drwxr-s---",
        "sh010/v001/hero.1001.exr": "-rw-r-----",
        "sh010/v001/hero.1002.exr": "-rw-rw-r--",
        "there": "drwx--S---",
        "there/open": "drwxrwsr-x",
        "there/open/hero.1003.exr": "-rw-rw-r--",
    }, "folders keep the group of the one they lie in; what is there already stays as it is"


def test_a_share_with_rules_of_its_own_is_published_into(
    studio: Path, pieces: list[Piece], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(what: Any, mode: int) -> None:
        raise OSError(errno.EPERM, "the share's own rules hold")

    monkeypatch.setattr(permissions.os, "chmod", refuse)
    hand_over(studio, pieces)
    assert len(files(studio)) == 5


@pytest.mark.parametrize("wrong", ["rw-r-----", "0755", "0440", "7777", "0o640", "0689"])
def test_a_mode_that_is_none_is_told_with_its_setting(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(permissions.SETTING, wrong)
    with pytest.raises(RotoError, match="ROTO_WORKER_PUBLISH_MODE") as caught:
        Permissions.from_environment()
    assert caught.value.code == "bad_request"


@pytest.mark.parametrize(("value", "mode"), [("", 0o644), ("640", 0o640), (" 0640 ", 0o640)])
def test_everybody_reads_unless_the_setting_says_otherwise(
    value: str, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(permissions.SETTING, value)
    assert Permissions.from_environment() == Permissions(mode)


def test_the_stage(
    studio: Path, pieces: list[Piece], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(permissions.SETTING, "0604")
    told = [
        {"source": one.source.name, "name": one.name, "size": one.size, "sha256": one.sha256}
        for one in pieces
    ]
    plate = {"kind": "sequence", "path": "/p.%04d.exr"}
    spec = task_spec(
        "publish",
        tmp_path / "a" / "out",
        plate,
        {"folder": str(studio), "files": told},
        inputs={"exports": str(tmp_path / "exports")},
    )
    ctx = StageContext(spec)
    result = publish.run(ctx)
    assert result["report"] == {"published": 5, "there_already": 0}
    assert [file["path"] for file in result["files"]] == ["published.json"]
    assert len(files(studio)) == 5
    assert modes(studio)[pieces[0].name] == "-rw----r--"
    assert ctx.seen[-1][:2] == (6, 6)
    assert publish.run(ctx)["report"] == {"published": 5, "there_already": 5}
