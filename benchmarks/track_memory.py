"""Runs the track stage on a generated clip and prints its own peak memory (see bench_track)."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from roto_worker.stages import track
from roto_worker.synthetic.clip import generate_clip

WIDTH, HEIGHT = 192, 108
DISTINCT = 100
"""Frames that are generated; a longer shot plays them forth and back."""


class Context:
    """The least a stage needs."""

    def __init__(self, spec: dict[str, Any], output_dir: Path) -> None:
        self.spec, self.output_dir, self.scratch_dir = spec, output_dir, output_dir
        self.resume_dirs: list[Path] = []

    def progress(self, done: int, total: int, message: str = "") -> None: ...

    def log(self, event: str, **fields: object) -> None: ...


def main() -> None:
    frames = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        clip = generate_clip(Path(folder) / "clip", WIDTH, HEIGHT, DISTINCT)
        first = clip.frame_range[0]
        for extra in range(DISTINCT, frames):
            turn = extra % (2 * DISTINCT)
            original = first + (turn if turn < DISTINCT else 2 * DISTINCT - 1 - turn)
            Path(clip.pattern % (first + extra)).symlink_to(clip.pattern % original)
        middle = dict(clip.prompt, frame=first)
        again = dict(clip.prompt, frame=first + ((frames - 1) // (2 * DISTINCT)) * 2 * DISTINCT)
        prompts = [middle] if again["frame"] == first else [middle, again]
        output = Path(folder) / "out"
        output.mkdir()
        spec = {
            "shot": {"plate": clip.plate},
            "params": {
                "objects": [{"id": "0" * 32, "name": clip.object, "prompts": prompts}],
                "frame_range": [first, first + frames - 1],
                "engine": "flow",
                "model": "auto",
            },
            "provenance": {},
        }
        result = track.run(Context(spec, output))
        assert len(result["files"]) == frames
    print(json.dumps({"frames": frames, "peak_rss_kib": _peak_rss_kib()}))


def _peak_rss_kib() -> int:
    """Of this program alone: getrusage would count what the process was before exec, too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise RuntimeError("this kernel tells no peak memory")


if __name__ == "__main__":
    main()
