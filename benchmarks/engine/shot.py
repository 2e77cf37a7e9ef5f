"""The product's stages run in this process on a generated plate."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from engine.objects import boxes
from roto_worker.export.mattes import write_matte_exr
from roto_worker.media.masks import read_mask16
from roto_worker.stages import track
from roto_worker.synthetic.clip import Clip

OBJECT_ID = "0" * 32


class Context:
    """The least a stage needs."""

    def __init__(self, spec: dict[str, Any], output_dir: Path) -> None:
        self.spec, self.output_dir, self.scratch_dir = spec, output_dir, output_dir
        self.resume_dirs: list[Path] = []

    def progress(self, done: int, total: int, message: str = "") -> None: ...

    def log(self, event: str, **fields: object) -> None: ...


def spec_of(clip: Clip, **params: Any) -> dict[str, Any]:
    """A track task over the whole clip from its own prompt on the first frame, edge pass off."""
    prompt = {**clip.prompt, "frame": clip.frame_range[0]}
    return {
        "shot": {"plate": clip.plate},
        "params": {
            "objects": [{"id": OBJECT_ID, "name": clip.object, "prompts": [prompt]}],
            "frame_range": list(clip.frame_range),
            "edges": {"detail": False, "refine": False},
            **params,
        },
        "inputs": {},
        "provenance": {},
    }


def with_objects(spec: dict[str, Any], clip: Clip, count: int) -> dict[str, Any]:
    """``spec`` with ``count`` objects side by side instead of the clip's own."""
    objects = [
        {
            "id": f"{number:032x}",
            "name": f"object{number}",
            "prompts": [{"frame": clip.frame_range[0], "box": list(box)}],
        }
        for number, box in enumerate(boxes(clip, count).values(), 1)
    ]
    return {**spec, "params": {**spec["params"], "objects": objects}}


def seconds_to_mattes(spec: dict[str, Any]) -> float:
    """Wall time from EXR plate to EXR mattes on disk; the model is loaded already."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        result = track.run(Context(spec, Path(folder)))
        for file in result["files"]:
            source = Path(folder) / file["path"]
            write_matte_exr(source.with_suffix(".exr"), {"object": read_mask16(source)})
        return time.perf_counter() - started
