"""The ingest stage: is this a plate, what is true of it, and small pictures of it."""

from __future__ import annotations

from ..media.confined import Message, run_confined
from ..media.limits import Limits
from .context import StageResult, TaskContext

PROXY_HEIGHT, THUMBNAILS = 540, 5


def run(ctx: TaskContext) -> StageResult:
    """Have `first_look` read the plate, in a process of its own.

    Raises:
        RotoError: what is wrong with the plate, naming the frame; what `run_confined` raises.
        TaskStopped: as `TaskContext.progress`; the process ends with it.
    """
    shot, params = ctx.spec["shot"], ctx.spec["params"]
    request = {
        "plate": shot["plate"],
        "colorspace": shot.get("colorspace"),
        "fps": shot.get("fps"),
        "frame_range": shot.get("frame_range"),
        "placing": params.get("placing"),
        "output_dir": str(ctx.output_dir),
        "proxy_height": params.get("proxy_height", PROXY_HEIGHT),
        "thumbnails": params.get("thumbnails", THUMBNAILS),
    }
    steps = _Steps(ctx)
    found = run_confined(
        "roto_worker.stages.first_look",
        request,
        Limits.from_environment(),
        steps.hear,
        steps.repeat,
    )
    plate = found["plate"]
    remarks = [remark["code"] for remark in plate["metadata"]["report"]]
    ctx.log("read", width=plate["width"], height=plate["height"], remarks=remarks)
    return {"files": found["files"], "provenance": ctx.spec["provenance"], "plate": plate}


class _Steps:
    """The child's progress, told on; repeated while it is silent, so that a stop is heard."""

    def __init__(self, ctx: TaskContext) -> None:
        self._ctx = ctx
        self._last = (0, 0, "opening the plate")

    def hear(self, message: Message) -> None:
        """See `TaskContext.progress` for what this raises."""
        if "done" in message:
            self._last = (message["done"], message["total"], message["message"])
            self.repeat()

    def repeat(self) -> None:
        """As `hear`."""
        self._ctx.progress(*self._last)
