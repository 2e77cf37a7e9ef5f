"""On PYTHONPATH of worker processes under test: every task runs the stage below instead.

What it does is in the spec's ``provenance["test"]``. ``ROTO_TEST_LOADING``: seconds a model takes
to load.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from roto_worker import stages
from roto_worker.engines import registry
from roto_worker.stages.context import StageResult, TaskContext


def run(context: TaskContext) -> StageResult:
    what = context.spec["provenance"]["test"]
    if what == "sleep":
        (context.output_dir / "begun").write_text(str(os.getpid()))
        for step in range(3000):
            context.progress(step, 3000)
            time.sleep(0.01)
    Path(context.output_dir, "done").touch()
    return {"files": [], "provenance": {}}


stages.stage_for = lambda kind: run

if "ROTO_TEST_LOADING" in os.environ:
    registry.acquire = lambda *_: time.sleep(float(os.environ["ROTO_TEST_LOADING"]))
