"""What a decoder does to its process never reaches the worker's: real children that misbehave."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import psutil
import pytest

from roto_shapes.errors import RotoError
from roto_worker.media.confined import Message, run_confined
from roto_worker.media.limits import Limits

LIMITS = Limits(decode_memory_mb=1500, decode_seconds=20)


@pytest.fixture(autouse=True)
def _child_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


def run(work: str, text: str = "", limits: Limits = LIMITS, **hooks: Any) -> Message:
    request = {"work": work, "text": text}
    hear, idle = hooks.get("hear", lambda message: None), hooks.get("idle", lambda: None)
    return run_confined("confined_child", request, limits, hear, idle)


def broken(work: str, **options: Any) -> RotoError:
    others = set(psutil.Process().children())
    with pytest.raises(RotoError) as caught:
        run(work, **options)
    assert set(psutil.Process().children()) <= others, "no child is left"
    return caught.value


def test_messages_and_the_answer_come_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTO_FARM_TOKEN", "secret")
    monkeypatch.setenv("ROTO_REDIS_URL", "redis://:secret@localhost")
    heard: list[Message] = []
    answer = run("answer", "ü\n", hear=heard.append)
    assert answer == {"echo": "ü\n", "secrets": []}
    assert heard == [{"at": 1001}, {"at": 1002}]


def test_a_crash_is_the_plates_fault_and_names_the_frame() -> None:
    error = broken("segfault")
    assert error.code == "bad_plate"
    assert "near frame 1003" in error.message
    assert "SIGSEGV" in error.message


def test_an_endless_loop_ends() -> None:
    error = broken("hang", limits=Limits(decode_seconds=6))
    assert error.code == "bad_plate"
    assert "near frame 1004" in error.message
    assert "ROTO_WORKER_DECODE_SECONDS" in error.hint


def test_memory_is_bounded() -> None:
    error = broken("hog")
    assert error.code == "bad_plate"
    assert "1500 MB" in error.message
    assert "ROTO_WORKER_DECODE_MEMORY_MB" in error.hint


def test_a_child_that_the_system_kills_is_tried_again() -> None:
    assert broken("killed").code == "out_of_memory"


def test_what_the_child_raises_is_raised_here(tmp_path: Path) -> None:
    error = broken("refuse")
    assert (error.code, error.message, error.hint) == ("bad_plate", "frame 7 is odd", "mend it")
    assert error.detail == {"frame": 7}
    with pytest.raises(OSError, match="no room") as full:
        run("full")
    assert full.value.errno == errno.ENOSPC
    with pytest.raises(RuntimeError, match="ZeroDivisionError: a bug"):
        run("bug")


def test_files_have_a_largest_size(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too large") as caught:
        run("write", str(tmp_path / "large"))
    assert caught.value.errno == errno.EFBIG
    assert os.path.getsize(tmp_path / "large") == 0


def test_a_stop_kills_the_child() -> None:
    class Stop(Exception):  # noqa: N818
        pass

    def idle() -> None:
        raise Stop

    others = set(psutil.Process().children())
    with pytest.raises(Stop):
        run("hang", idle=idle)
    assert set(psutil.Process().children()) <= others
