"""After Effects' part played by an emulator: masks a script builds, and their mattes."""

from __future__ import annotations

import json
import subprocess
import sysconfig
from itertools import pairwise
from pathlib import Path

NODE = Path(sysconfig.get_path("scripts")) / "node"
EMULATOR = Path(__file__).parents[1] / "hosts/aftereffects/emulator/run.js"


def run(text, folder, **where):
    """What a script did: ``alerts``, ``undo``, ``masks``; AssertionError where it failed."""
    script = folder / "masks.jsx"
    script.write_text(text, encoding="utf-8")
    command = [NODE, "--expose-internals", EMULATOR, script, json.dumps(where)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def value_at(mask, name, frame):
    """A property's value on a frame of the composition, which may lie between two."""
    stored = mask["properties"][name]
    keys = stored["keys"]
    if not keys:
        return stored["value"]
    if frame <= keys[0]["frame"]:
        return keys[0]["value"]
    for a, b in pairwise(keys):
        if a["frame"] <= frame < b["frame"]:
            share = 0 if a["hold"] else (frame - a["frame"]) / (b["frame"] - a["frame"])
            return _mixed(a["value"], b["value"], share)
    return keys[-1]["value"]


def _mixed(a, b, share):
    if isinstance(a, dict):
        return {name: _mixed(a[name], b[name], share) for name in a}
    if isinstance(a, list):
        return [_mixed(p, q, share) for p, q in zip(a, b, strict=True)]
    return a if isinstance(a, bool) else a + share * (b - a)


def outline(mask, frame):
    """Per vertex (in, vertex, out), absolute."""
    shape = value_at(mask, "ADBE Mask Shape", frame)
    return [
        [(x + ix, y + iy), (x, y), (x + ox, y + oy)]
        for (x, y), (ix, iy), (ox, oy) in zip(
            shape["vertices"], shape["inTangents"], shape["outTangents"], strict=True
        )
    ]
