"""One task from claim to report, against a scripted farm server."""

from __future__ import annotations

import errno
import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers_runtime import TOKEN, FarmStub, refused, task_spec, wait_until

from roto_client.contract import PRODUCT_VERSION
from roto_shapes.errors import RotoError
from roto_worker.runtime.attempt import AttemptRunner, Patience
from roto_worker.runtime.farm_client import FarmClient, Registration
from roto_worker.runtime.node_cache import NodeCache
from roto_worker.runtime.outbox import Outbox, Report
from roto_worker.runtime.roots import AllowedRoots
from roto_worker.runtime.scratch import SlotScratch
from roto_worker.runtime.workspace import workspaces
from roto_worker.stages.context import StageResult, TaskContext

Stage = Callable[[TaskContext], StageResult]
DONE: StageResult = {"files": [], "provenance": {}}


class Bench:
    """A runner on a scratch root, with one stage for every kind."""

    def __init__(self, farm: FarmStub, folder: Path, roots: list[Path] | None = None) -> None:
        self.farm = farm
        self.folder = folder
        self.scratch = SlotScratch(folder / "scratch", 0)
        self.client = client = FarmClient(farm.url, TOKEN)
        self.outbox = Outbox(self.scratch.reports, client)
        self.stage: Stage = lambda context: DONE
        self.heartbeat_seconds = 0.05
        self.runner = AttemptRunner(
            client,
            self.scratch,
            self.outbox,
            registration=lambda: Registration("node:0", self.heartbeat_seconds, 2.0),
            boot_id=uuid.uuid4().hex,
            workspaces=workspaces(
                client, AllowedRoots(roots), NodeCache(folder / "cache", 10**9), 30.0
            ),
            stages=lambda kind: self.stage,
            patience=Patience(claim=0.3, report=0.3),
        )

    def run(self, stage: Stage, **changes: Any) -> dict[str, Any]:
        self.stage = stage
        spec = task_spec(self.folder, **changes)
        self.farm.specs[spec["task_id"]] = spec
        self.runner.run(spec["task_id"])
        return spec

    def log(self, spec: dict[str, Any]) -> list[dict[str, Any]]:
        return [json.loads(line) for line in Path(spec["log_path"]).read_text().splitlines()]


@pytest.fixture
def bench(farm: FarmStub, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(farm, tmp_path)
    yield made
    made.scratch.close()


def test_a_stage_runs_and_its_result_is_reported(bench: Bench) -> None:
    def stage(context: TaskContext) -> StageResult:
        assert context.scratch_dir.is_dir()
        (context.scratch_dir / "work").touch()
        (context.output_dir / "a.txt").write_text("a")
        context.progress(1, 2, "half")
        context.log("wrote", file="a.txt")
        file = {"role": "report", "path": "a.txt", "size": 1}
        return {"files": [file], "provenance": {"engine": "none"}}

    spec = bench.run(stage)

    (completion,) = bench.farm.named("completion")
    assert completion["result"]["files"][0]["path"] == "a.txt"
    assert bench.farm.calls[1][0] == "heartbeat", "the first beat comes before the stage"
    assert [line["event"] for line in bench.log(spec)] == ["started", "wrote", "succeeded"]
    assert not any(bench.scratch.attempts.iterdir())
    assert not any(bench.scratch.reports.iterdir())


def test_what_a_stage_quicker_than_a_heartbeat_did_is_told_all_the_same(bench: Bench) -> None:
    def stage(context: TaskContext) -> StageResult:
        for done in range(1, 5):
            context.progress(done, 4)
        return DONE

    bench.heartbeat_seconds = 60.0
    bench.run(stage)
    first, last = bench.farm.named("heartbeat")
    assert (first["progress"]["done"], last["progress"]["done"]) == (0, 4)
    assert last["progress"]["total"] == 4
    assert last["progress"]["frames_per_second"] > 0
    assert [name for name, _, _ in bench.farm.calls][-2:] == ["heartbeat", "completion"]


def test_a_second_ring_ends_quietly(bench: Bench) -> None:
    bench.runner.run(uuid.uuid4().hex)
    assert [name for name, _, _ in bench.farm.calls] == ["claim"]


def test_a_server_away_at_claim_is_given_up(bench: Bench) -> None:
    bench.farm.stop()
    bench.runner.run(uuid.uuid4().hex)
    bench.farm.start()
    assert not bench.farm.calls


def test_an_error_of_ours_keeps_its_code(bench: Bench) -> None:
    def stage(context: TaskContext) -> StageResult:
        raise RotoError("no 1003", code="missing_frame", hint="find it", detail={"at": Path("/x")})

    spec = bench.run(stage)
    (failure,) = bench.farm.named("failure")
    assert failure["error"] == {
        "code": "missing_frame",
        "message": "no 1003",
        "hint": "find it",
        "detail": {"at": "/x"},
    }
    assert not any(bench.scratch.attempts.iterdir())
    assert "RotoError" in bench.log(spec)[-1]["traceback"]


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (RuntimeError("cannot write: No space left on device"), "disk_full"),
        (MemoryError(), "out_of_memory"),
        (OSError(errno.EIO, "Input/output error"), "storage_failed"),
        (ValueError("secret\ntraceback"), "internal"),
    ],
)
def test_other_exceptions_become_codes(bench: Bench, raised: Exception, code: str) -> None:
    def stage(context: TaskContext) -> StageResult:
        raise raised

    bench.run(stage)
    (failure,) = bench.farm.named("failure")
    assert failure["error"]["code"] == code
    assert "Traceback" not in json.dumps(failure)


def test_a_result_that_breaks_the_contract_fails_the_attempt(bench: Bench) -> None:
    bench.run(lambda context: {"files": [{"role": "mask"}], "provenance": {}})
    (failure,) = bench.farm.named("failure")
    assert failure["error"]["code"] == "internal"
    assert "contract" in failure["error"]["message"]


def test_a_task_leaves_a_reserve_on_its_disks(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long before a disk is full, the attempt ends; a disk with room is let alone."""

    def stage(context: TaskContext) -> StageResult:
        context.progress(1, 2)
        return DONE

    monkeypatch.setenv("ROTO_WORKER_DISK_RESERVE_MB", "1")
    bench.run(stage)
    assert not bench.farm.named("failure")
    monkeypatch.setenv("ROTO_WORKER_DISK_RESERVE_MB", str(10**9))
    bench.run(stage)
    (failure,) = bench.farm.named("failure")
    assert failure["error"]["code"] == "disk_full"
    assert "ROTO_WORKER_DISK_RESERVE_MB" in failure["error"]["hint"]


def test_stop_reaches_the_stage_and_the_task_is_given_back(bench: Bench) -> None:
    bench.farm.order = {"action": "stop", "reason": "cancelled"}

    def stage(context: TaskContext) -> StageResult:
        for frame in range(1000):
            context.progress(frame, 1000)
            time.sleep(0.01)
        raise AssertionError("never stopped")

    bench.run(stage)
    assert bench.farm.named("release") == [{"reason": "cancelled"}]
    assert not bench.farm.named("failure", "completion")


def test_a_stale_attempt_says_nothing_more(bench: Bench) -> None:
    bench.farm.script["heartbeat"] = [(200, {"action": "continue"}), refused("stale_attempt")]

    def stage(context: TaskContext) -> StageResult:
        for frame in range(1000):
            context.progress(frame, 1000)
            time.sleep(0.01)
        raise AssertionError("never stopped")

    bench.run(stage)
    assert not bench.farm.named("release", "failure", "completion")


def test_a_heartbeat_that_gets_no_answer_does_not_keep_the_next_ones(bench: Bench) -> None:
    """A lost line, say. The next ones come long before the lease is over."""

    def stage(context: TaskContext) -> StageResult:
        came, go_on = bench.farm.holding("/heartbeat")
        wait_until(came.is_set, "a beat")
        before = len(bench.farm.named("heartbeat"))
        wait_until(lambda: len(bench.farm.named("heartbeat")) > before + 1, "other beats")
        go_on.set()
        return DONE

    bench.client.register(
        {
            "node": "node", "slot": 0, "boot_id": uuid.uuid4().hex, "version": PRODUCT_VERSION,
            "queues": ["cpu"], "kinds": ["track"], "engines": [], "device": "", "memory_bytes": 1,
        }
    )  # fmt: skip
    bench.run(stage)
    assert bench.farm.named("completion")


def test_drain_gives_back_after_the_grace(bench: Bench) -> None:
    def stage(context: TaskContext) -> StageResult:
        bench.runner.drain(0.1)
        for frame in range(1000):
            context.progress(frame, 1000)
            time.sleep(0.01)
        raise AssertionError("never stopped")

    bench.run(stage)
    assert bench.farm.named("release") == [{"reason": "drain"}]
    bench.farm.calls.clear()
    bench.run(lambda context: DONE)
    assert not bench.farm.calls, "a draining worker claims nothing"


def test_drain_lets_a_short_task_finish(bench: Bench) -> None:
    def stage(context: TaskContext) -> StageResult:
        bench.runner.drain(30)
        context.progress(1, 1)
        return DONE

    bench.run(stage)
    assert bench.farm.named("completion")


def test_a_report_is_kept_until_the_server_takes_it(bench: Bench) -> None:
    def stage(context: TaskContext) -> StageResult:
        bench.farm.stop()
        return DONE

    spec = bench.run(stage)
    assert [path.stem for path in bench.scratch.reports.iterdir()] == [spec["attempt_id"]]
    assert not any(bench.scratch.attempts.iterdir())

    bench.farm.start()
    assert bench.outbox.flush()
    assert bench.farm.named("completion") == [{"result": DONE}]
    assert not any(bench.scratch.reports.iterdir())


def test_reports_carry_the_token_of_their_claim(bench: Bench) -> None:
    """The stub takes no other; and it stays out of what stages are given."""
    spec = bench.run(lambda context: {**DONE, "provenance": {"spec": context.spec}})
    token = bench.farm.tokens[spec["attempt_id"]]
    (completion,) = bench.farm.named("completion")
    assert token not in json.dumps(completion)
    assert token not in Path(spec["log_path"]).read_text()
    assert not any(bench.scratch.reports.iterdir())


def test_a_kept_report_keeps_its_token_from_other_people(bench: Bench) -> None:
    def stage(context: TaskContext) -> StageResult:
        bench.farm.stop()
        return DONE

    spec = bench.run(stage)
    (kept,) = bench.scratch.reports.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    token = bench.farm.tokens[spec["attempt_id"]]
    assert json.loads(kept.read_text())["token"] == token
    assert token not in repr(Report(spec["attempt_id"], "complete", {}, token))

    bench.farm.start()
    assert bench.outbox.flush()
    assert bench.farm.named("completion") == [{"result": DONE}]


def test_a_report_whose_token_the_server_forgot_is_dropped(bench: Bench) -> None:
    """The server was restored from a backup, say: no one else can ever take that report."""

    def stage(context: TaskContext) -> StageResult:
        bench.farm.tokens[context.spec["attempt_id"]] = "rototask_another"
        return DONE

    bench.run(stage)
    assert not any(bench.scratch.reports.iterdir())
    assert not bench.farm.named("completion", "failure")


def test_an_attempt_whose_token_the_server_forgot_ends(bench: Bench) -> None:
    def stage(context: TaskContext) -> StageResult:
        bench.farm.tokens[context.spec["attempt_id"]] = "rototask_another"
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            context.progress(0, 1)
            time.sleep(0.01)
        raise AssertionError("the stage was not stopped")

    spec = bench.run(stage)
    assert [line["event"] for line in bench.log(spec)] == ["started", "stopped"]


@pytest.mark.parametrize("answer", [refused("stale_attempt"), refused("conflict")])
def test_a_late_report_is_dropped_on_409(bench: Bench, answer: tuple[int, dict[str, Any]]) -> None:
    bench.farm.script["completion"] = [answer]
    bench.run(lambda context: DONE)
    assert not any(bench.scratch.reports.iterdir())


def test_a_refused_result_is_reported_as_a_failure(bench: Bench) -> None:
    bench.farm.script["completion"] = [refused("bad_request", 422)]
    bench.run(lambda context: DONE)
    wait_until(bench.outbox.flush, "the failure is delivered")
    (failure,) = bench.farm.named("failure")
    assert failure["error"]["code"] == "internal"


def test_no_scratch_directory_is_a_failure_not_a_crash(bench: Bench) -> None:
    bench.scratch.attempts.rmdir()
    bench.scratch.attempts.touch()
    spec = task_spec(bench.folder)
    bench.farm.specs[spec["task_id"]] = spec
    bench.scratch.sweep = lambda: 0  # type: ignore[method-assign]
    bench.runner.run(spec["task_id"])
    (failure,) = bench.farm.named("failure")
    assert failure["error"]["code"] == "internal"


def test_paths_outside_the_roots_are_refused_before_anything_is_written(
    farm: FarmStub, tmp_path: Path
) -> None:
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    bench = Bench(farm, tmp_path, roots=[allowed])
    spec = bench.run(lambda context: pytest.fail("the stage must not run"))
    (failure,) = farm.named("failure")
    assert failure["error"]["code"] == "path_refused"
    assert not Path(spec["log_path"]).exists()
    bench.scratch.close()
