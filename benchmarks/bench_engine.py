"""What the `sam2` engine costs, as ratios within one run, on random weights of the true sizes.

Exits 1 when a gate fails. With a CUDA device the GPU figures are measured, too; ``--only gpu``
exits 4 without one. ``--sizes`` measures some networks there: one takes some ten minutes, most of
them compiling the package's own predictor.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("TQDM_DISABLE", "1")  # The package draws a bar for each loop.

import torch

import common
from engine import gpu, live
from engine.bare import BareLoop
from engine.network import random_checkpoint, random_network
from engine.objects import boxes, clicks, seconds_per_frame
from engine.shot import seconds_to_mattes, spec_of
from roto_client.api import PreviewOptions
from roto_worker.engines import registry
from roto_worker.media import open_plate
from roto_worker.synthetic.clip import Clip, generate_clip

PARTS = ("stage", "memory", "clicks", "objects", "previews", "gpu")
NO_GPU = 4
"""Exit status when the GPU figures alone were asked for, and there is no CUDA device."""
GATES = {
    "stage_vs_bare_loop": (0.95, "at least"),
    "rss_1000_vs_100": (1.05, "at most"),
    "second_click_vs_first": (0.35, "at most"),
    "objects_20_vs_1": (6.0, "at most"),
}
PLATE = (1920, 1080)


def main() -> int:
    arguments = _arguments()
    if list(arguments.only) == ["gpu"] and not torch.cuda.is_available():
        print("no CUDA device here: nothing measured. Run `bench_engine.py --only gpu` on a GPU.")
        return NO_GPU
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for part in arguments.only:
            figures |= _MEASURES[part](Path(folder), arguments)
    failed = _judge(figures)
    common.save("engine", figures)
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", default=PARTS, choices=PARTS)
    parser.add_argument("--sizes", nargs="+", default=gpu.SIZES, choices=gpu.SIZES, help="on a GPU")
    parser.add_argument("--quick", action="store_true", help="fewer frames, noisier ratios")
    return parser.parse_args()


def _stage(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Plate to mattes against the bare loop, in turns, so that both see the same machine."""
    figures: dict[str, Any] = {}
    rows = []
    for size, frames in ((1024, 4 if arguments.quick else 9), (256, 20 if arguments.quick else 60)):
        clip = _clip(folder, frames)
        spec = spec_of(
            clip, engine="sam2", model=str(random_checkpoint("tiny", folder)), image_size=size
        )
        with closing(open_plate(clip.plate)) as source:
            loop = BareLoop(random_network("tiny", image_size=size), source)
        box = boxes(clip, 1)
        registry.acquire("sam2", spec["params"]["model"], size)
        pairs = [
            (loop.seconds(box), seconds_to_mattes(spec)) for _ in range(1 if arguments.quick else 2)
        ]
        bare, stage = (median(times) / frames for times in zip(*pairs, strict=True))
        ratio = median(one / other for one, other in pairs)
        rows.append([size, frames, bare, stage, ratio])
        figures["stage_vs_bare_loop" if size == 1024 else f"stage_vs_bare_loop_{size}"] = ratio
        figures[f"stage_seconds_per_frame_{size}"] = stage
    headings = ("input", "frames", "bare s/frame", "stage s/frame", "stage/bare speed")
    common.show("tiny, one object: 1080p EXR to EXR mattes against the bare loop", headings, rows)
    return figures


def _memory(_folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Peak memory of the track stage in a process of its own."""
    many = 300 if arguments.quick else 1000
    peaks = {frames: _peak_kib(frames) for frames in (100, many)}
    ratio = peaks[many] / peaks[100]
    rows = [[frames, peak / 1024, peak / peaks[100]] for frames, peak in peaks.items()]
    common.show("nano: peak memory of the track stage", ("frames", "MiB", "against 100"), rows)
    return {f"rss_{many}_vs_100": ratio, "rss_100_mib": peaks[100] / 1024}


def _clicks(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    clip = _clip(folder, 4 if arguments.quick else 6)
    engine: Any = registry.acquire("sam2", str(random_checkpoint("tiny", folder)), 1024)
    found = clicks(engine, clip, len(clip.frames) - 1)
    ratio = found["second"] / found["first"]
    rows = [["first click", found["first"], 1.0], ["second click", found["second"], ratio]]
    common.show("tiny at 1024: seconds until three masks", ("", "seconds", "ratio"), rows)
    return {"second_click_vs_first": ratio, "first_click_seconds": found["first"]}


def _objects(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """At 256: at 1024 a CPU spends its time in each object's memory attention (see RESULTS)."""
    clip = _clip(folder, 20)
    engine = registry.acquire("sam2", str(random_checkpoint("tiny", folder)), 256)
    counts = (1, 5, 20)
    rounds = [
        {
            count: seconds_per_frame(engine, clip, count, 4 if arguments.quick else 10)
            for count in counts
        }
        for _ in range(1 if arguments.quick else 3)
    ]
    seconds = {count: median(one[count] for one in rounds) for count in counts}
    ratios = {count: median(one[count] / one[1] for one in rounds) for count in counts}
    rows = [[count, seconds[count], ratios[count]] for count in counts]
    common.show("tiny at 256: objects", ("objects", "s/frame", "against one"), rows)
    return {f"objects_{count}_vs_1": ratios[count] for count in counts[1:]}


def _previews(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Seconds from a click to its mask at the client, through server, Redis and worker."""
    clip = _clip(folder, 16 if arguments.quick else 40)
    found = {
        model: live.waits(
            clip, folder, PreviewOptions(engine, model, patience=300), 4 if arguments.quick else 10
        )
        for engine, model in (("flow", "auto"), ("sam2", "nano"))
    }
    names = list(next(iter(found.values())))
    rows = [[name, *(one[name] for one in found.values())] for name in names]
    common.show("1080p EXR: seconds from a click to its mask", ("", "flow", "nano"), rows)
    return {"previews": {"flow": found["auto"], "nano": found["nano"]}}


def _gpu(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    if not torch.cuda.is_available():
        print("no CUDA device: GPU figures not measured (bench_engine.py --only gpu, where one is)")
        return {"gpu": None}
    clip = _clip(folder, 60 if arguments.quick else 200)
    measured = gpu.measure(clip, folder, arguments.sizes, quick=arguments.quick)
    device = torch.cuda.get_device_name(0)
    for name, found in measured.items():
        rows = _items(found) if isinstance(found, dict) else [["failed", found]]
        common.show(f"{name} at 1024 on {device}", ("", ""), rows)
    headings = ("network", "goal", "measured", "wanted", "")
    common.show("goals (no gates)", headings, gpu.reached(measured))
    return {"gpu": {"device": device, **measured}}


_MEASURES = {
    "stage": _stage,
    "memory": _memory,
    "clicks": _clicks,
    "objects": _objects,
    "previews": _previews,
    "gpu": _gpu,
}


def _items(found: dict[str, Any]) -> list[list[Any]]:
    return [
        [name, value if isinstance(value, float) else str(value)] for name, value in found.items()
    ]


def _clip(folder: Path, frames: int) -> Clip:
    return generate_clip(folder / f"clip{frames}", *PLATE, frames, format="exr")


def _peak_kib(frames: int) -> int:
    done = subprocess.run(
        [sys.executable, "track_memory.py", str(frames), "sam2"],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    return int(json.loads(done.stdout.splitlines()[-1])["peak_rss_kib"])


def _judge(figures: dict[str, Any]) -> list[str]:
    """The names of gates that were measured and missed."""
    rows, failed = [], []
    for name, (limit, sense) in GATES.items():
        value = figures.get(name)
        if value is None:
            continue
        met = value >= limit if sense == "at least" else value <= limit
        rows.append([name, value, f"{sense} {limit}", "met" if met else "MISSED"])
        if not met:
            failed.append(name)
    common.show("gates", ("figure", "measured", "gate", ""), rows)
    return failed


if __name__ == "__main__":
    sys.exit(main())
