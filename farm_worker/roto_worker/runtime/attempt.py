"""One claimed task from claim to report."""

from __future__ import annotations

import json
import logging
import os
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from roto_client.contract import ContractError, check_farm_body, check_task_spec
from roto_client.contract.redaction import redact
from roto_shapes.errors import RotoError

from ..media.limits import Limits
from ..stages import Stage, stage_for
from ..stages.context import StageResult, TaskSpec, TaskStopped
from .failures import farm_error
from .farm_client import (
    Claimed,
    FarmClient,
    FarmError,
    NotClaimableError,
    Registration,
    StaleAttemptError,
)
from .heartbeat import AttemptHeartbeat, ProgressMeter, StopFlag
from .logs import bound_ids, current_ids
from .outbox import Outbox, Report
from .room import DiskRoom
from .scratch import SlotScratch
from .workspace import Workspace, Workspaces

logger = logging.getLogger(__name__)


class AttemptLog:
    """JSON lines appended to the file the task spec names, one object per event.

    Without a path (one outside the node's roots) the lines go to the process's own log.
    """

    def __init__(self, path: Path | None, **always: object) -> None:
        self._path = path
        self._always = always

    def write(self, event: str, **fields: object) -> None:
        """Append one event. A full disk costs log lines, not the task."""
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": event,
            **self._always,
            **fields,
        }
        if self._path is None:
            logger.info("attempt log: %s", line)
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(redact(line)) + "\n")
        except OSError as error:
            logger.warning("attempt log %s: %s; lost: %s", self._path, error, line)


class AttemptContext:
    """`roto_worker.stages.context.TaskContext` of a running attempt."""

    def __init__(
        self,
        spec: TaskSpec,
        scratch_dir: Path,
        meter: ProgressMeter,
        stop: StopFlag,
        log: AttemptLog,
        interlude: Callable[[], None],
    ) -> None:
        self.spec = spec
        self.output_dir = Path(spec["output_dir"])
        self.scratch_dir = scratch_dir
        self.resume_dirs = [Path(folder) for folder in spec["resume_dirs"]]
        self._meter = meter
        self._stop = stop
        self._log = log
        self._interlude = interlude
        reserve = Limits.from_environment().disk_reserve_mb << 20
        self._room = DiskRoom((self.output_dir, scratch_dir), reserve)
        self._thread = threading.get_ident()

    def progress(self, done: int, total: int, message: str = "") -> None:
        """See `TaskContext.progress`."""
        self._meter.update(done, total, message)
        if self._stop.raised:
            raise TaskStopped(self._stop.reason)
        self._room.check()
        if threading.get_ident() == self._thread:
            self._interlude()

    def log(self, event: str, **fields: object) -> None:
        """See `TaskContext.log`."""
        self._log.write(event, **fields)


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server that does not answer, in seconds, before going on.

    An unclaimed task is rung again by the reconciler; an unsent report stays on disk.
    """

    claim: float = 20.0
    report: float = 60.0


def _nothing(kind: str) -> None:
    """Nothing else to be done between two steps of a stage."""


class AttemptRunner:
    """Runs tasks for one registered worker process, one at a time.

    ``interlude`` is called with the task's kind between two steps of a stage, in its thread.
    """

    def __init__(
        self,
        client: FarmClient,
        scratch: SlotScratch,
        outbox: Outbox,
        *,
        registration: Callable[[], Registration],
        boot_id: str,
        workspaces: Workspaces,
        stages: Callable[[str], Stage] = stage_for,
        interlude: Callable[[str], None] = _nothing,
        patience: Patience = Patience(),
    ) -> None:
        self._client = client
        self._scratch = scratch
        self._outbox = outbox
        self._registration = registration
        self._boot_id = boot_id
        self._workspaces = workspaces
        self._stages = stages
        self._interlude = interlude
        self._patience = patience
        self._stop = StopFlag()
        self._drain_grace: float | None = None

    @property
    def draining(self) -> bool:
        """Whether `drain` was called."""
        return self._drain_grace is not None

    def drain(self, grace_seconds: float) -> None:
        """Claim nothing more; finish the current attempt within ``grace_seconds`` or give it back.

        May be called from a signal handler.
        """
        self._drain_grace = grace_seconds
        self._stop.drain(grace_seconds)

    def run(self, task_id: str) -> None:
        """Claim ``task_id`` and see it through to a delivered (or kept) report.

        Never raises for what can happen to a task; a task that cannot be claimed ends quietly.
        """
        if self.draining:
            return
        self._stop = StopFlag()
        self._scratch.sweep()  # before the claim: a node with a broken disk takes nothing
        claimed = self._claim(task_id)
        if claimed is None:
            return
        if self._drain_grace is not None:  # the signal came while the claim was under way
            self._stop.drain(self._drain_grace)
        self._run_claimed(claimed, self._stop)

    def _claim(self, task_id: str) -> Claimed | None:
        worker = self._registration()
        try:
            return self._client.claim(
                task_id, worker.worker_id, self._boot_id, patience=self._patience.claim
            )
        except NotClaimableError as error:
            logger.info("task %s: %s", task_id, error.message)
        except FarmError as error:
            logger.warning("task %s not claimed: %s", task_id, error)
        return None

    def _run_claimed(self, claimed: Claimed, stop: StopFlag) -> None:
        spec: TaskSpec = claimed.spec
        with bound_ids(
            request_id=claimed.request_id,
            **{name: str(spec.get(name, "")) for name in ("job_id", "task_id", "attempt_id")},
            stage=str(spec.get("kind", "")),
        ):
            self._see_through(claimed, stop)

    def _see_through(self, claimed: Claimed, stop: StopFlag) -> None:
        spec: TaskSpec = claimed.spec
        attempt_id = str(spec["attempt_id"])
        worker = self._registration()
        logger.info("%s begins", spec.get("kind"))
        meter = ProgressMeter()
        heartbeat = AttemptHeartbeat(
            self._client, attempt_id, claimed.token, meter, stop, worker.heartbeat_seconds
        )
        try:
            with self._scratch.attempt(attempt_id, spec["log_path"]) as scratch_dir, heartbeat:
                workspace = self._workspaces(claimed, scratch_dir, meter, stop)
                report = self._outcome(workspace, scratch_dir, meter, stop)
                if report is not None:
                    if report.verb == "complete":
                        # A stage quicker than a heartbeat would leave no speed and no frames.
                        heartbeat.beat()
                    # Still beating: the lease must hold until the report has arrived.
                    self._deliver(report, claimed)
        except OSError as failure:  # only the node's own scratch disk raises here
            logger.exception("no scratch directory for attempt %s", attempt_id)
            error = farm_error(failure, str(spec.get("kind")), self._scratch.home)
            self._deliver(Report(attempt_id, "fail", {"error": error}), claimed)

    def _deliver(self, report: Report, claimed: Claimed) -> None:
        logger.info("%s ends: %s", claimed.spec.get("kind"), report.verb)
        signed = replace(report, token=claimed.token)
        self._outbox.deliver(signed, patience=self._patience.report)

    def _outcome(
        self, workspace: Workspace, scratch_dir: Path, meter: ProgressMeter, stop: StopFlag
    ) -> Report | None:
        spec = workspace.spec
        log = AttemptLog(workspace.roots.log_path(spec), **current_ids())
        try:
            interlude = partial(self._between, str(spec["kind"]))
            context = AttemptContext(spec, scratch_dir, meter, stop, log, interlude)
            return self._work(workspace, context, stop, log)
        except TaskStopped:
            return self._stopped(str(spec["attempt_id"]), stop, log)
        except StaleAttemptError as error:  # met by a file that came or went
            stop.stop(error.message, stale=True)
            return self._stopped(str(spec["attempt_id"]), stop, log)
        except Exception as failure:
            return _failed(spec, failure, log)
        finally:
            workspace.close()

    def _work(
        self, workspace: Workspace, context: AttemptContext, stop: StopFlag, log: AttemptLog
    ) -> Report | None:
        """The stage, with its files brought before and sent after."""
        if stop.raised:
            raise TaskStopped(stop.reason)
        attempt_id = str(workspace.spec["attempt_id"])
        check_task_spec(workspace.spec)
        workspace.bring()
        workspace.roots.check_task(workspace.spec)
        result = self._run_stage(context)
        workspace.send()
        if stop.stale:
            return self._stopped(attempt_id, stop, log)
        log.write("succeeded", files=len(result["files"]))
        return Report(attempt_id, "complete", {"result": result})

    def _between(self, kind: str) -> None:
        if not self.draining:
            self._interlude(kind)

    def _run_stage(self, context: AttemptContext) -> StageResult:
        spec = context.spec
        context.log("started", pid=os.getpid(), number=spec["attempt_number"])
        result = self._stages(spec["kind"])(context)
        _check_result(result)
        return result

    def _stopped(self, attempt_id: str, stop: StopFlag, log: AttemptLog) -> Report | None:
        log.write("stopped", reason=stop.reason, stale=stop.stale)
        if stop.stale:
            return None
        return Report(attempt_id, "release", {"reason": stop.reason})


def _check_result(result: Mapping[str, Any]) -> None:
    try:
        check_farm_body("result", result)
        json.dumps(result, allow_nan=False)
    except (ContractError, TypeError, ValueError) as error:
        raise RotoError(
            f"The stage's result breaks the contract: {error}", code="internal"
        ) from error


def _failed(spec: TaskSpec, failure: Exception, log: AttemptLog) -> Report:
    kind = str(spec.get("kind"))
    error = farm_error(failure, kind, Path(spec["output_dir"]))
    log.write("failed", error=error, traceback="".join(traceback.format_exception(failure)))
    logger.error("attempt %s (%s) failed: %s", spec["attempt_id"], kind, error["message"])
    return Report(str(spec["attempt_id"]), "fail", {"error": error})
