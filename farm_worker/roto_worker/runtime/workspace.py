"""Where a stage finds its files: the mounted storage as it is, or copies of a node without it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from roto_client.contract import ContractError, check_task_spec
from roto_client.contract.stored import stored_key

from ..stages.context import TaskSpec, TaskStopped
from .farm_client import Claimed, FarmClient
from .heartbeat import DRAIN, ProgressMeter, Pulse, StopFlag
from .node_cache import NodeCache
from .remote import RemoteFiles
from .roots import AllowedRoots
from .transfer import Transfer

logger = logging.getLogger(__name__)


class Workspace(Protocol):
    """The files of one attempt while it runs.

    ``spec`` names them by this node's paths; ``roots`` is where it may read and write.
    """

    @property
    def spec(self) -> TaskSpec: ...
    @property
    def roots(self) -> AllowedRoots: ...

    def bring(self) -> None:
        """Make everything that the stage reads readable."""

    def send(self) -> None:
        """Make everything that the stage made visible to the server."""

    def close(self) -> None:
        """No more files come or go. The log is where the server looks for it, and so is what an
        attempt that did not finish leaves to the next one. Never raises."""


Workspaces = Callable[[Claimed, Path, ProgressMeter, StopFlag], Workspace]
"""Makes the workspace of a claimed task: its scratch directory, its progress, its stop flag."""


@dataclass(frozen=True)
class Mounted:
    """The storage is mounted: paths are what they are."""

    spec: TaskSpec
    roots: AllowedRoots

    def bring(self) -> None:
        """Nothing to be brought."""

    def send(self) -> None:
        """It is there already."""

    def close(self) -> None:
        """Nothing is held."""


class Going:
    """Whether files may come and go: until the attempt is to stop, and then for what it leaves."""

    def __init__(self, stop: StopFlag) -> None:
        self.stop = stop
        self.leaving = False

    def check(self) -> None:
        """Raise `TaskStopped` when they may not."""
        if self.stop.stale or (self.stop.raised and not self.leaving):
            raise TaskStopped(self.stop.reason)

    @property
    def another_goes_on(self) -> bool:
        """Whether somebody may want what the attempt leaves: not when it was cancelled."""
        return not self.stop.stale and self.stop.reason in ("", DRAIN)


class Remote:
    """Copies below the attempt's scratch; what is finished is sent every ``send_seconds``."""

    def __init__(
        self, files: RemoteFiles, roots: AllowedRoots, going: Going, send_seconds: float
    ) -> None:
        self._files = files
        self._going = going
        self._sent = False
        self.spec = files.spec
        self.roots = roots
        self._pulse = Pulse("send-checkpoint", send_seconds, self._send_checkpoint)

    def bring(self) -> None:
        """See `RemoteFiles.bring`."""
        self._files.make_folders()
        self._files.bring()
        self._pulse.start()

    def send(self) -> None:
        """See `RemoteFiles.send`."""
        self._pulse.stop()
        self._files.send()
        self._sent = True

    def close(self) -> None:
        """End what runs beside the stage; send the log, and the checkpoint of an attempt that did
        not finish."""
        self._pulse.stop()
        self._going.leaving = True
        if not self._sent and self._going.another_goes_on:
            self._send_checkpoint()
        try:
            self._files.send_log()
        except Exception as error:
            # The report goes on; the log's lines are lost to people, not to the task.
            logger.warning("the attempt's log was not sent: %s", error)

    def _send_checkpoint(self) -> bool:
        try:
            self._files.send_checkpoint()
        except TaskStopped:
            return False
        except Exception as error:
            logger.warning("checkpoint not sent: %s", error)
        return True


def _is_remote(spec: TaskSpec) -> bool:
    """Whether the storage is told by keys; a spec that is none is refused before it is followed."""
    try:
        check_task_spec(spec)
    except ContractError:
        return False
    return stored_key(spec["output_dir"]) is not None


def workspaces(
    client: FarmClient, roots: AllowedRoots, cache: NodeCache, send_seconds: float
) -> Workspaces:
    """Workspaces as the server tells of each task: mounted, or of a node without the storage."""

    def make(claimed: Claimed, scratch: Path, meter: ProgressMeter, stop: StopFlag) -> Workspace:
        spec = claimed.spec
        if not _is_remote(spec):
            return Mounted(spec, roots)
        going = Going(stop)
        home = scratch.parent / "storage"
        transfer = Transfer(client.server, claimed.token, going.check)
        files = RemoteFiles(
            client, transfer, cache, spec, claimed.token, home,
            meter.say,
        )  # fmt: skip
        return Remote(files, roots.also(home), going, send_seconds)

    return make
