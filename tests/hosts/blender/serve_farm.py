"""A farm with generated clips: ``.venv/bin/python serve_farm.py FOLDER``; ends with its input.

Blender's Python has neither server nor worker, so the tests start this beside it. One line of JSON
says where the farm is and what the clips are.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS), str(TESTS / "farm"), str(TESTS / "runtime")]

from helpers_farm import Farm  # noqa: E402

from roto_worker.synthetic.clip import generate_clip, suggest_prompt  # noqa: E402

SIZES = {"wide": (640, 360), "square": (480, 480)}
FRAMES = 16
MIDDLE = 1007
"""A second frame that is prompted: what comes before it stays when a later one is corrected."""


def main() -> None:
    farm = Farm(Path(sys.argv[1]))
    try:
        farm.open()
        farm.start_worker()
        clips = {}
        for name, (width, height) in SIZES.items():
            clip = generate_clip(farm.plates / name, width, height, FRAMES)
            clips[name] = {
                "first": clip.frame_range[0],
                "last": clip.frame_range[1],
                "path": clip.pattern,
                "width": width,
                "height": height,
                "prompts": [clip.prompt, suggest_prompt(clip.truth(MIDDLE), MIDDLE)],
            }
        told = {"url": farm.url, "key": farm.api_key, "clips": clips}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    finally:
        farm.close()


if __name__ == "__main__":
    main()
