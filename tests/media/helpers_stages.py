"""A task context that writes where the test says, and specs the contract accepts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roto_client.contract.validation import check_task_spec
from roto_worker.media.masks import write_mask16


class StageContext:
    """Records progress and log lines; see `TaskContext`."""

    def __init__(self, spec: dict[str, Any]) -> None:
        check_task_spec(spec)
        self.spec = spec
        self.output_dir = Path(spec["output_dir"])
        self.scratch_dir = self.output_dir.parent / "scratch"
        self.resume_dirs: list[Path] = []
        self.seen: list[tuple[int, int, str]] = []
        for folder in (self.output_dir, self.scratch_dir):
            folder.mkdir(parents=True, exist_ok=True)

    def progress(self, done: int, total: int, message: str = "") -> None:
        self.seen.append((done, total, message))

    def log(self, event: str, **fields: object) -> None:
        json.dumps({"event": event, **fields})


def task_spec(
    kind: str,
    output_dir: Path,
    plate: Mapping[str, Any],
    params: Mapping[str, Any],
    *,
    inputs: Mapping[str, str] | None = None,
    **shot: Any,
) -> dict[str, Any]:
    """A valid ``task/1`` of ``kind``."""
    return {
        "schema": "task/1",
        "task_id": "1" * 32,
        "attempt_id": "2" * 32,
        "attempt_number": 1,
        "job_id": "3" * 32,
        "kind": kind,
        "shot": {"id": "4" * 32, "name": "sh010", "project": "film", "plate": dict(plate), **shot},
        "output_dir": str(output_dir),
        "log_path": str(output_dir.parent / "attempt.log"),
        "resume_dirs": [],
        "inputs": dict(inputs or {}),
        "params": dict(params),
        "provenance": {"product_version": "0.1.0", "job_id": "3" * 32, "user": "ann"},
    }


def task_object(name: str, number: int = 0) -> dict[str, Any]:
    return {"id": f"{number:x}" * 32, "name": name, "prompts": []}


def write_masks(
    folder: Path, mattes: Mapping[str, Mapping[int, NDArray[np.float32]]], engine: Mapping[str, Any]
) -> str:
    """A track task's published directory."""
    for name, frames in mattes.items():
        (folder / name).mkdir(parents=True)
        for frame, matte in frames.items():
            write_mask16(folder / name / f"{frame}.png", matte)
    (folder / "track.json").write_text(json.dumps({"engine": dict(engine)}))
    return str(folder)
