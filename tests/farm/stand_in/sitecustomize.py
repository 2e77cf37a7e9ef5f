"""On PYTHONPATH of worker processes under test: real stages, disturbed as the environment says.

``ROTO_TEST_SLOW``: seconds every reported step of track takes longer. ``ROTO_TEST_POISON``: the
plate frame whose reading by track kills the process. ``ROTO_TEST_FILL``: export begins on a disk
that is full. ``ROTO_TEST_PREVIEW_DIES``: a file; while it is there, a preview removes it and kills
the process.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

SLOW = float(os.environ.get("ROTO_TEST_SLOW", "0"))
POISON = int(os.environ.get("ROTO_TEST_POISON", "0"))
FILL = bool(os.environ.get("ROTO_TEST_FILL"))
PREVIEW_DIES = os.environ.get("ROTO_TEST_PREVIEW_DIES")


def slow_down() -> None:
    from roto_worker.runtime.attempt import AttemptContext

    report = AttemptContext.progress

    def progress(self: AttemptContext, done: int, total: int, message: str = "") -> None:
        report(self, done, total, message)
        if self.spec["kind"] == "track":
            time.sleep(SLOW)

    AttemptContext.progress = progress  # type: ignore[method-assign]


def poison() -> None:
    from roto_worker.stages import track

    class Poisoned:
        def __init__(self, source: Any) -> None:
            self._source = source

        def __getattr__(self, name: str) -> Any:
            return getattr(self._source, name)

        def read(self, frame: int) -> Any:
            if frame == POISON:
                os.kill(os.getpid(), signal.SIGKILL)
            return self._source.read(frame)

    opened = track.open_plate
    track.open_plate = lambda *args, **kwargs: Poisoned(opened(*args, **kwargs))


def fill() -> None:
    from roto_worker.stages import export

    run = export.run

    def on_a_full_disk(context: Any) -> Any:
        with Path(context.output_dir).parent.joinpath("filler").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 12))
            except OSError:
                return run(context)

    export.run = on_a_full_disk


def die_at_a_preview(trap: Path) -> None:
    from roto_worker.runtime import previews

    answer = previews.answer

    def deadly(*given: Any) -> Any:
        if trap.exists():
            trap.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return answer(*given)

    previews.answer = deadly


# The supervisor and the server see this module too; only a worker imports stages.
if "roto_worker.runtime" in " ".join(sys.orig_argv) or "worker" in sys.argv:
    if SLOW:
        slow_down()
    if POISON:
        poison()
    if FILL:
        fill()
    if PREVIEW_DIES:
        die_at_a_preview(Path(PREVIEW_DIES))
