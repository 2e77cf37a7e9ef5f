"""Progress for people: one bar per stage, with frames/s, time left and what the engine says.

Where no terminal is (CI, a log file) a line is written when a stage begins and when it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from ..api import Job, Task
from ..api import Progress as Report

_BYTE_STAGES = ("hashing", "uploading", "downloading")


class StageBars:
    """Bars that appear as stages are reported. Use as a context manager."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._bars = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=28),
            TextColumn("{task.fields[count]:>14}"),
            TextColumn("{task.fields[speed]:>12}"),
            TextColumn("{task.fields[left]:>9}"),
            TextColumn("[dim]{task.fields[message]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._rows: dict[str, TaskID] = {}
        self._told: dict[str, bool] = {}

    def __enter__(self) -> StageBars:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def report(self, progress: Report) -> None:
        """Show how a stage stands."""
        self._show(progress, ended=bool(progress.total) and progress.done >= progress.total)

    def job(self, job: Job) -> None:
        """Show every stage of a job that has begun, or waits for a worker."""
        for task in job.tasks:
            if task.state == "ready":
                self._update(replace(task.progress, message="waiting for a worker"))
            elif task.state == "running":
                self._show(task.progress, ended=False)
            elif task.state == "succeeded":
                self._show(_as_finished(task, job.params.get("frame_range")), ended=True)

    def say(self, text: str) -> None:
        """Print a line above the bars."""
        self.console.print(text, highlight=False)

    def _show(self, progress: Report, *, ended: bool) -> None:
        stage = self._update(progress, ended=ended)
        if stage not in self._told:
            self._told[stage] = False
            self._note(f"{stage}: begins")
        if ended and not self._told[stage]:
            self._told[stage] = True
            facts = (_count(progress), _speed(progress), progress.message)
            self._note(f"{stage}: done  {'  '.join(fact for fact in facts if fact)}".rstrip())

    def _update(self, progress: Report, *, ended: bool = False) -> str:
        stage = progress.stage or "working"
        if stage not in self._rows:
            self._rows[stage] = self._bars.add_task(
                stage, total=None, count="", speed="", left="", message=""
            )
        self._bars.update(
            self._rows[stage],
            total=(progress.total or 1) if ended else (progress.total or None),
            completed=(progress.total or 1) if ended else progress.done,
            count=_count(progress),
            speed=_speed(progress),
            left=_left(progress.eta_seconds),
            message=progress.message,
        )
        return stage

    def _note(self, text: str) -> None:
        if not self.console.is_terminal:
            self.console.print(text, highlight=False, soft_wrap=True)


def _as_finished(task: Task, frame_range: Sequence[int] | None) -> Report:
    """How a stage went as a whole; its last report is older than its end, or was never made."""
    progress = replace(task.progress, done=task.progress.total, eta_seconds=None)
    if not (frame_range and task.started_at and task.finished_at):
        return progress
    frames = frame_range[1] - frame_range[0] + 1
    seconds = max(0.001, (task.finished_at - task.started_at).total_seconds())
    message = f"in {seconds:.1f} s  {progress.message}".rstrip()
    return replace(
        progress, done=frames, total=frames, frames_per_second=frames / seconds, message=message
    )


def _count(progress: Report) -> str:
    if not progress.total:
        return ""
    if progress.stage in _BYTE_STAGES:
        return f"{progress.done / 1e6:.1f}/{progress.total / 1e6:.1f} MB"
    return f"{progress.done}/{progress.total}"


def _speed(progress: Report) -> str:
    rate = progress.frames_per_second
    return "" if rate is None else f"{rate:.1f} frames/s"


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} left"
