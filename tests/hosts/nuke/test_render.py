"""The temporary render: frame by frame, cancelled, failing, and always cleaned up."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from helpers_script import plate, roto_under


class Watch:
    """What became of a render."""

    def __init__(self) -> None:
        self.plates: list[Any] = []
        self.errors: list[Any] = []

    def ended(self) -> bool:
        return bool(self.plates or self.errors)


@pytest.fixture
def roto(nuke: Any, host: Any) -> Any:
    def draw(write: Any, frame: int) -> None:
        Path(write["file"].value() % frame).write_bytes(b"picture")

    host.render = draw
    grade = nuke.nodes.Grade()
    grade.setInput(0, plate(nuke, "/show/plate.%04d.exr", (1001, 1040), size=(2048, 1152)))
    return roto_under(grade)


def start(roto: Any, frames: tuple[int, int]) -> Watch:
    from megaton_roto_nuke.render import Render

    watch = Watch()
    Render(roto, frames, watch.plates.append, watch.errors.append).start()
    return watch


def left(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob("megaton-roto-plate-*"))


def test_frame_by_frame(nuke: Any, host: Any, roto: Any, tmp_path: Path) -> None:
    undo, nodes = len(host.undo), len(nuke.allNodes())
    watch = start(roto, (1001, 1012))
    host.pump_until(watch.ended)
    (found,) = watch.plates
    assert not watch.errors
    assert (found.offset, found.frame_range, found.rendered) == (0, (1001, 1012), True)
    assert (found.width, found.height) == (2048, 1152)
    assert found.colorspace == "linear"
    assert [frame for _, frame in host.executed] == list(range(1001, 1013))
    # Every frame is a turn of its own, and the script is as it was.
    assert len([one for one in host.main_calls if "_run" in one[0]]) == 12
    assert len(nuke.allNodes()) == nodes
    assert len(host.undo) == undo
    assert len(list(Path(found.path).parent.iterdir())) == 12

    from megaton_roto_nuke import render

    render.discard(render.folder_of(found))
    assert not left(tmp_path)


def test_in_proxy_mode_full_size_is_rendered(nuke: Any, host: Any, roto: Any) -> None:
    nuke.root().setProxy(True)
    watch = start(roto, (1001, 1002))
    host.pump_until(watch.ended)
    assert watch.plates
    assert nuke.root().proxy()


def test_cancelled(nuke: Any, host: Any, roto: Any, tmp_path: Path) -> None:
    nodes = len(nuke.allNodes())
    watch = start(roto, (1001, 1040))
    host.pump_until(lambda: len(host.executed) >= 3)
    nuke._TASKS[-1]._cancelled = True
    host.pump_until(watch.ended)
    assert "cancelled" in watch.errors[0].message
    assert len(host.executed) < 10
    assert not left(tmp_path)
    assert len(nuke.allNodes()) == nodes


def test_a_frame_that_fails(nuke: Any, host: Any, roto: Any, tmp_path: Path) -> None:
    def fail(write: Any, frame: int) -> None:
        raise RuntimeError("Read1: missing frame")

    host.render = fail
    watch = start(roto, (1001, 1040))
    host.pump_until(watch.ended)
    assert "frame 1001: Read1: missing frame" in watch.errors[0].message
    assert watch.errors[0].hint
    assert not left(tmp_path)


def test_the_script_closes_meanwhile(nuke: Any, host: Any, roto: Any, tmp_path: Path) -> None:
    watch = start(roto, (1001, 1040))
    host.pump_until(lambda: len(host.executed) >= 2)
    nuke.scriptClear()
    host.pump_until(watch.ended)
    assert "closed" in watch.errors[0].message
    assert not left(tmp_path)


def test_what_a_crash_left_is_swept(
    nuke: Any, roto: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from megaton_roto_nuke import render

    old, fresh = tmp_path / "megaton-roto-plate-old", tmp_path / "megaton-roto-plate-new"
    for folder in (old, fresh):
        folder.mkdir()
    import os

    os.utime(old, (1, 1))
    render.sweep()
    assert left(tmp_path) == [fresh]
    # Nothing but our own folders is ever deleted.
    render.discard(tmp_path)
    assert tmp_path.exists()
    shutil.rmtree(fresh)
