"""Runs the track stage with a small random network and prints its own peak memory.

A program of its own (``python -m engine.memory FRAMES``): peak memory is a process's.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from engine.network import random_checkpoint
from engine.shot import seconds_to_mattes, spec_of
from roto_worker.synthetic.clip import generate_clip

WIDTH, HEIGHT, IMAGE_SIZE = 640, 360, 128
DISTINCT = 60
"""Frames that are generated; a longer shot plays them forth and back."""


def main() -> None:
    frames = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        clip = generate_clip(Path(folder) / "clip", WIDTH, HEIGHT, DISTINCT)
        first = clip.frame_range[0]
        for extra in range(DISTINCT, frames):
            turn = extra % (2 * DISTINCT)
            original = first + (turn if turn < DISTINCT else 2 * DISTINCT - 1 - turn)
            Path(clip.pattern % (first + extra)).symlink_to(clip.pattern % original)
        model = str(random_checkpoint("nano", Path(folder)))
        spec = spec_of(clip, engine="sam2", model=model, image_size=IMAGE_SIZE)
        spec["params"]["frame_range"] = [first, first + frames - 1]
        seconds = seconds_to_mattes(spec)
    print(json.dumps({"frames": frames, "seconds": seconds, "peak_rss_kib": _peak_rss_kib()}))


def _peak_rss_kib() -> int:
    """Of this program alone: getrusage would count what the process was before exec, too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise RuntimeError("this kernel tells no peak memory")


if __name__ == "__main__":
    main()
