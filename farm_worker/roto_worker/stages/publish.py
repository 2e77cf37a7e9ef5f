"""The publish stage: exported files copied into a folder of the studio, all of them or none."""

from __future__ import annotations

import json
from pathlib import Path

from ..export.handing_over import HandOver, Piece
from ..export.permissions import Permissions
from ..media.files import write_bytes
from .context import StageResult, TaskContext


def run(ctx: TaskContext) -> StageResult:
    """Copy ``params.files`` into ``params.folder``; see `HandOver` for how, and for the errors.

    Publishes ``published.json``: the files with what was there already.
    """
    params, exports = ctx.spec["params"], Path(ctx.spec["inputs"]["exports"])
    pieces = [
        Piece(exports / file["source"], file["name"], file["size"], file["sha256"])
        for file in params["files"]
    ]
    total = len(pieces) + 1
    hand_over = HandOver(
        Path(params["folder"]),
        pieces,
        task=ctx.spec["task_id"],
        attempt=ctx.spec["attempt_id"],
        permissions=Permissions.from_environment(),
        on_file=lambda done: ctx.progress(done, total, "publishing"),
    )
    already = hand_over.run()
    ctx.log("published", folder=params["folder"], files=len(pieces), there_already=len(already))
    listed = [
        {"name": piece.name, "size": piece.size, "there_already": piece.name in already}
        for piece in pieces
    ]
    path = ctx.output_dir / "published.json"
    write_bytes(path, json.dumps({"files": listed}, indent=1).encode())
    ctx.progress(total, total)
    file = {"role": "report", "path": path.name, "size": path.stat().st_size, "format": "json"}
    return {
        "files": [file],
        "provenance": ctx.spec["provenance"],
        "report": {"published": len(pieces), "there_already": len(already)},
    }
