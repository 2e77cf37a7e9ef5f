"""The one function an RQ job may name, and what it is bound to in this process."""

from __future__ import annotations

from collections.abc import Callable

ENTRY_POINT = "roto_worker.entry.run_task"

_bound: list[Callable[[str], None]] = []


def bind(run: Callable[[str], None]) -> None:
    """Set what `run_task` does in this process: `AttemptRunner.run` of its worker."""
    _bound[:] = [run]


def run_task(task_id: str) -> None:
    """Claim and run one task. ``task_id``: 32 lower-case hex digits.

    Raises:
        RuntimeError: called outside a `roto worker` process.
    """
    if not _bound:
        raise RuntimeError("run_task runs in a `roto worker` process only")
    _bound[0](task_id)
