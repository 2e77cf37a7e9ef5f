"""The small parts: progress, roots, scratch, configuration, stage lookup, the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from helpers_runtime import task_spec
from typer import Typer
from typer.testing import CliRunner

from roto_shapes.errors import RotoError
from roto_worker import entry
from roto_worker.cli import register
from roto_worker.runtime import heartbeat
from roto_worker.runtime.config import ConfigError, WorkerConfig, farm_token
from roto_worker.runtime.device import device_name
from roto_worker.runtime.heartbeat import ProgressMeter, Pulse, StopFlag
from roto_worker.runtime.parent import how_it_ended
from roto_worker.runtime.roots import AllowedRoots, PathRefusedError
from roto_worker.runtime.scratch import SlotScratch, SlotTakenError
from roto_worker.runtime.supervisor import Backoff
from roto_worker.stages import stage_for


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_speed_and_time_left_count_only_frames_of_this_process() -> None:
    clock = Clock()
    meter = ProgressMeter(clock)
    assert meter.as_progress()["frames_per_second"] is None
    meter.update(500, 1000, "flow")  # resumed
    for frame in range(501, 521):
        clock.now += 0.5
        meter.update(frame, 1000)
    progress = meter.as_progress()
    assert progress["frames_per_second"] == pytest.approx(2.0)
    assert progress["eta_seconds"] == pytest.approx(240.0)
    assert progress["message"] == "flow"


def test_speed_follows_the_last_seconds_and_a_stall() -> None:
    clock = Clock()
    meter = ProgressMeter(clock)
    for frame in range(100):
        clock.now += 1.0
        meter.update(frame, 1000)
    for frame in range(100, 400):
        clock.now += 0.1
        meter.update(frame, 1000)
    assert meter.as_progress()["frames_per_second"] == pytest.approx(10.0, rel=0.1)
    clock.now += 60
    assert meter.as_progress()["frames_per_second"] < 3


def test_done_never_falls() -> None:
    meter = ProgressMeter()
    meter.update(7, 10)
    meter.update(3, 10)
    assert meter.as_progress()["done"] == 7


def test_a_pulse_survives_a_failing_beat(caplog: pytest.LogCaptureFixture) -> None:
    beaten = threading.Event()
    beats: list[int] = []

    def beat() -> bool:
        beats.append(1)
        if len(beats) == 1:
            raise ValueError("a bug")
        beaten.set()
        return False

    pulse = Pulse("test", 0.01, beat)
    pulse.start()
    assert beaten.wait(60)
    pulse.stop()
    assert "a bug" in caplog.text


@pytest.mark.parametrize(("steady", "waits"), [(True, [5, 0, 4]), (False, [5, 5, 5])])
def test_after_a_heartbeat_without_an_answer_comes_another_at_once(
    monkeypatch: pytest.MonkeyPatch, steady: bool, waits: list[float]
) -> None:
    clock = Clock()
    monkeypatch.setattr(heartbeat.time, "monotonic", clock)
    took, waited = [10.0, 1.0, 1.0], []

    class Watched(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout)
            return False

    def beat() -> bool:
        clock.now += took.pop(0)
        return bool(took)

    pulse = Pulse("test", 5.0, beat, steady=steady)
    pulse._stopped = Watched()
    pulse._run()
    assert waited == waits


def test_the_first_reason_to_stop_stays_and_stale_is_kept() -> None:
    stop = StopFlag()
    assert not stop.raised
    stop.drain(0)
    assert stop.raised
    assert stop.reason == "drain"
    stop.stop("cancelled", stale=True)
    assert stop.reason == "drain"
    assert stop.stale


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """``inside`` is a root; ``outside`` is not."""
    for name in ("inside", "outside"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_links_are_followed_before_a_path_is_judged(studio: Path) -> None:
    roots = AllowedRoots([studio / "inside"])
    (studio / "inside" / "out").symlink_to(studio / "outside")
    (studio / "outside" / "in").symlink_to(studio / "inside")
    assert roots.allow(studio / "inside" / "new" / "file.exr")
    assert roots.allow(studio / "outside" / "in" / "file.exr")
    assert not roots.allow(studio / "inside" / "out" / "file.exr")
    assert not roots.allow(studio / "inside" / ".." / "outside")


def test_one_frame_of_a_sequence_that_links_outside_is_refused(studio: Path) -> None:
    plates = studio / "inside" / "plate"
    plates.mkdir()
    for frame in range(1001, 1004):
        (plates / f"p.{frame}.exr").touch()
    (studio / "outside" / "secret").touch()
    plate = {"kind": "sequence", "path": str(plates / "p.%04d.exr")}
    spec = task_spec(studio / "inside")
    spec["shot"]["plate"] = plate
    roots = AllowedRoots([studio / "inside"])
    roots.check_task(spec)
    (plates / "p.1004.exr").symlink_to(studio / "outside" / "secret")
    with pytest.raises(PathRefusedError):
        roots.check_task(spec)


@pytest.mark.parametrize(
    "field", ["output_dir", "log_path", "resume_dirs", "inputs", "model", "folder"]
)
def test_every_path_of_a_spec_is_checked(studio: Path, field: str) -> None:
    outside = str(studio / "outside" / "x")
    spec = task_spec(studio / "inside")
    if field == "model":
        spec["params"] = {"model": outside}
    elif field == "folder":
        spec |= {"kind": "publish", "params": {"folder": outside}}
    else:
        spec[field] = {"resume_dirs": [outside], "inputs": {"masks": outside}}.get(field, outside)
    with pytest.raises(PathRefusedError) as caught:
        AllowedRoots([studio / "inside"]).check_task(spec)
    assert caught.value.code == "path_refused"


def test_roots_come_from_the_environment(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROTO_WORKER_ROOTS", raising=False)
    assert AllowedRoots.from_environment().allow(Path("/etc/passwd"))
    both = os.pathsep.join([str(studio / "inside"), str(studio / "outside")])
    monkeypatch.setenv("ROTO_WORKER_ROOTS", both)
    assert AllowedRoots.from_environment().allow(studio / "outside" / "x")
    assert not AllowedRoots.from_environment().allow(Path("/etc/passwd"))


@pytest.mark.parametrize(
    ("visible", "told"),
    [
        (None, "cuda:0 NVIDIA L40S"),
        ("0", "cuda:0 NVIDIA L40S"),
        ("1", "cuda:1 NVIDIA RTX A6000"),
        (" 1,0", "cuda:1 NVIDIA RTX A6000"),
        ("GPU-77aa", "cuda:1 NVIDIA RTX A6000"),
        ("MIG-4c1f", "cuda MIG-4c1f"),
        ("2", "cpu"),
        ("GPU-99", "cpu"),
        ("-1", "cpu"),
        ("", "cpu"),
    ],
)
def test_the_card_is_the_one_that_is_visible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visible: str | None, told: str
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    # As the driver writes them, the second one first.
    for place, model, uuid in (
        ("0000:a1:00.0", "NVIDIA RTX A6000", "GPU-77aa0c1e-50c5"),
        ("0000:17:00.0", "NVIDIA L40S", "GPU-2b1f9d33-0be1"),
    ):
        (tmp_path / place).mkdir()
        text = (
            f"Model: \t\t {model}\nIRQ:   \t\t 0\nGPU UUID: \t {uuid}\nBus Location: \t {place}\n"
        )
        (tmp_path / place / "information").write_text(text)
    assert device_name(tmp_path) == told
    assert device_name(tmp_path / "no driver") == "cpu"


def test_a_card_that_has_not_been_used_keeps_its_uuid_to_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0000:17:00.0").mkdir()
    text = "Model: \t NVIDIA L40S\nGPU UUID: \t GPU-????????-????\n"
    (tmp_path / "0000:17:00.0" / "information").write_text(text)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-2b1f9d33-0be1")
    assert device_name(tmp_path) == "cuda GPU-2b1f9d33-0be1"


def test_a_slot_is_held_by_one_process(tmp_path: Path) -> None:
    first = SlotScratch(tmp_path, 0)
    SlotScratch(tmp_path, 1).close()
    with pytest.raises(SlotTakenError):
        SlotScratch(tmp_path, 0)
    first.close()
    SlotScratch(tmp_path, 0).close()


def test_a_sweep_removes_what_attempts_left(tmp_path: Path) -> None:
    scratch = SlotScratch(tmp_path, 0)
    (scratch.attempts / "0" / "work").mkdir(parents=True)
    (scratch.attempts / "0" / "work" / "frame").touch()
    assert scratch.sweep() == 1
    assert not any(scratch.attempts.iterdir())
    scratch.close()


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"server": ""}, "--server"),
        ({"server": "farm:8710"}, "--server"),
        ({"redis": ""}, "--redis"),
        ({"queues": ["tpu"]}, "--queues"),
        ({"queues": []}, "--queues"),
        ({"slot": -1}, "slot"),
    ],
)
def test_a_worker_told_nonsense_does_not_start(bad: dict[str, object], said: str) -> None:
    good = {"server": "http://s", "redis": "redis://r"}
    assert WorkerConfig.from_json(WorkerConfig(**good).to_json()) == WorkerConfig(**good)
    with pytest.raises(ConfigError) as caught:
        WorkerConfig(**{**good, **bad})
    assert said in f"{caught.value.message} {caught.value.hint}"


def test_the_token_file_goes_before_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ROTO_FARM_TOKEN_FILE", raising=False)
    monkeypatch.setenv("ROTO_FARM_TOKEN", "from variable")
    assert farm_token() == "from variable"
    path = tmp_path / "token"
    path.write_text("from file\n")
    monkeypatch.setenv("ROTO_FARM_TOKEN_FILE", str(path))
    assert farm_token() == "from file"
    path.unlink()
    with pytest.raises(ConfigError):
        farm_token()


def test_pauses_between_restarts_grow_to_a_limit() -> None:
    backoff = Backoff(first=0.5, longest=30)
    assert [backoff.pause(n) for n in (1, 2, 3, 20)] == [0.5, 1.0, 2.0, 30]


def test_how_a_process_ended_is_told() -> None:
    assert how_it_ended(1) == "exit code 1"
    assert how_it_ended(-signal.SIGSEGV) == "signal SIGSEGV"


def test_an_unknown_stage_is_an_error_of_ours() -> None:
    with pytest.raises(RotoError):
        stage_for("os")


def test_the_entry_point_does_nothing_outside_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "_bound", [])
    with pytest.raises(RuntimeError):
        entry.run_task("0" * 32)


def test_the_commands_are_there_without_their_heavy_packages() -> None:
    program = (
        "import sys, typer; from roto_worker.cli import register; "
        "register(typer.Typer()); "
        "print(*sorted({'torch', 'cv2', 'numpy', 'scipy', 'rq', 'sqlalchemy'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ""


def test_worker_without_a_token_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROTO_FARM_TOKEN", raising=False)
    monkeypatch.delenv("ROTO_FARM_TOKEN_FILE", raising=False)
    app = Typer()
    register(app)
    options = ["worker", "--server", "http://127.0.0.1:1", "--redis", "redis://127.0.0.1:1"]
    result = CliRunner().invoke(app, options)
    assert isinstance(result.exception, ConfigError)
