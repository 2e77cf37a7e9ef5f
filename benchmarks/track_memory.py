"""Runs the track stage on a generated clip and prints its own peak memory.

``track_memory.py FRAMES [ENGINE]``, a program of its own: peak memory is a process's. ``sam2`` runs
on the nano checkpoint.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from engine.shot import Context, spec_of
from roto_worker.stages import track
from roto_worker.synthetic.clip import Clip, generate_clip

SIZES = {"flow": (192, 108), "sam2": (640, 360)}
MODELS = {"flow": "auto", "sam2": "nano"}
DISTINCT = 40
"""Frames that are generated; a longer shot plays them forth and back. Few enough that a shot of 100
has two prompts as well: tracking from both sides is a workload of its own."""


def main() -> None:
    frames, engine = int(sys.argv[1]), (sys.argv[2:] or ["flow"])[0]
    with tempfile.TemporaryDirectory() as folder:
        clip = generate_clip(Path(folder) / "clip", *SIZES[engine], DISTINCT)
        first = clip.frame_range[0]
        _prolong(clip, frames)
        spec = spec_of(clip, engine=engine, model=MODELS[engine])
        spec["params"]["frame_range"] = [first, first + frames - 1]
        spec["params"]["objects"][0]["prompts"] = _prompts(clip, frames)
        output = Path(folder) / "out"
        output.mkdir()
        result = track.run(Context(spec, output))
        assert len(result["files"]) == frames
    print(json.dumps({"frames": frames, "peak_rss_kib": _peak_rss_kib()}))


def _prolong(clip: Clip, frames: int) -> None:
    first = clip.frame_range[0]
    for extra in range(DISTINCT, frames):
        turn = extra % (2 * DISTINCT)
        original = first + (turn if turn < DISTINCT else 2 * DISTINCT - 1 - turn)
        Path(clip.pattern % (first + extra)).symlink_to(clip.pattern % original)


def _prompts(clip: Clip, frames: int) -> list[dict[str, Any]]:
    """The clip's own on the first frame, and on the last one that shows the same picture."""
    first = clip.frame_range[0]
    again = first + ((frames - 1) // (2 * DISTINCT)) * 2 * DISTINCT
    return [{**clip.prompt, "frame": frame} for frame in sorted({first, again})]


def _peak_rss_kib() -> int:
    """Of this program alone: getrusage would count what the process was before exec, too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise RuntimeError("this kernel tells no peak memory")


if __name__ == "__main__":
    main()
