"""Tracking quality of the `flow` engine on real clips, and the track stage's memory.

Per DAVIS clip: mean IoU from the first frame's true mask (that frame not counted), from clicks and
a box on it (counted), and each with one more click on the largest error of the middle frame; and
how well low confidence finds the bad frames of these runs and of those from a single click. Clips
without truth are run for a look. A correction is timed against tracking everything anew.
``--clips`` and ``--only`` narrow it down; ``--quick``: two clips, no corrections.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import common
import correcting
import tracking
from judging import Judged
from roto_shapes.attention import NEEDS_YOU
from roto_shapes.prompts import Click, FramePrompt
from roto_worker.engines.confidence import GOOD_IOU
from tracking import Mask, iou

CLIPS = ("blackswan", "camel", "car-shadow", "cows", "dog")
LOOK_ONLY: dict[str, dict[str, FramePrompt]] = {
    "bedroom": {
        "girl": FramePrompt(
            0, points=(Click(395, 250), Click(560, 300, False)), box=(305, 0, 522, 402)
        ),
        "boy": FramePrompt(
            0, points=(Click(233, 282), Click(130, 200, False)), box=(140, 130, 296, 409)
        ),
    },
    "dog_movie": {
        "dog": FramePrompt(
            1, points=(Click(597, 428), Click(540, 600, False)), box=(448, 376, 706, 556)
        )
    },
}
MODES = ("mask", "mask_corrected", "click", "click_corrected", "one")
QUICK_CLIPS, QUICK_MODES = ("camel", "car-shadow"), ("mask", "click")


def main() -> None:
    arguments = _arguments()
    footage = common.footage()
    figures: dict[str, Any] = {}
    if arguments.quick:
        arguments.clips, arguments.only = QUICK_CLIPS, ("clips",)
    modes = QUICK_MODES if arguments.quick else MODES
    if "clips" in arguments.only:
        figures |= _davis(footage, arguments.clips, modes, arguments.jobs)
    if "look" in arguments.only:
        figures |= _look(footage)
    if "corrections" in arguments.only:
        figures |= _corrections(footage, arguments.clips)
    if "memory" in arguments.only:
        figures |= _memory()
    if "sam2" in arguments.only:
        figures |= _sam2()
    common.save("track", figures)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clips", nargs="+", default=CLIPS, choices=CLIPS)
    parts = ("clips", "look", "corrections", "memory", "sam2")
    parser.add_argument("--only", nargs="+", default=parts, choices=parts)
    parser.add_argument("--quick", action="store_true", help="a minute of one core")
    parser.add_argument("--jobs", type=int, default=1, help="clips at once (spoils the timing)")
    return parser.parse_args()


def _davis(footage: Path, clips: Sequence[str], modes: Sequence[str], jobs: int) -> dict[str, Any]:
    work = ([footage] * len(clips), clips, [modes] * len(clips))
    if jobs > 1:
        with ProcessPoolExecutor(jobs) as pool:
            found = list(pool.map(_clip, *work))
    else:
        found = list(map(_clip, *work))
    rows = [row for row, _ in found]
    total = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    table = [[clip, *row.values()] for clip, row in zip(clips, rows, strict=True)]
    headings = ("clip", *(key.removesuffix("_mean").replace("_", " ") for key in total))
    common.show("flow, mean IoU", headings, [*table, ["mean", *total.values()]])
    judged = {mode: [runs[mode] for _, runs in found] for mode in modes}
    return {
        **{f"flow_{name.replace('click_corrected', 'corrected')}": v for name, v in total.items()},
        "clips": dict(zip(clips, rows, strict=True)),
        "confidence": _confidence(judged),
    }


def _clip(
    footage: Path, clip: str, modes: Sequence[str]
) -> tuple[dict[str, float], dict[str, Judged]]:
    """Figures of one clip, and every run with its confidence."""
    folder = footage / "davis" / clip
    plate = {"kind": "sequence", "path": str(folder / "frames" / "%05d.jpg")}
    truth = _truth(folder)
    middle = len(truth) // 2
    click = tracking.click_prompt(truth[0], 0)
    given = {
        "mask": [tracking.mask_prompt(truth[0], 0)],
        "click": [click],
        "one": [FramePrompt(0, points=click.points[:1])],
    }
    row: dict[str, float] = {}
    judged: dict[str, Judged] = {}
    for mode in modes:
        found = tracking.track(plate, {"object": given[mode]})["object"]
        masks = {prompt.frame for prompt in given[mode] if prompt.mask_png is not None}
        scores = {f: iou(found.masks[f], truth[f]) for f in truth if f not in masks}
        row[f"{mode}_mean"] = float(np.mean(list(scores.values())))
        row.setdefault("seconds_per_frame", found.seconds)
        judged[mode] = Judged.of(found.confidence, scores)
        correction = tracking.correction(found.masks[middle], truth[middle], middle)
        given[f"{mode}_corrected"] = [*given[mode], correction]
        sheet = common.OUT / f"{clip}_{mode}.png"
        tracking.contact_sheet(plate, [found.masks], sheet, truth=truth.__getitem__)
    return row, judged


def _confidence(runs: dict[str, list[Judged]]) -> dict[str, Any]:
    """How well low confidence finds bad frames, per way of prompting and overall."""
    protocols = {mode: Judged.join(parts).figures() for mode, parts in runs.items()}
    every = [one for parts in runs.values() for one in parts]
    together = Judged.join(every)
    flawless = [one for one in every if one.good.all()]
    figures = {
        **together.figures(),
        "false_alarms_flawless": Judged.join(flawless).figures()["false_alarms"]
        if flawless
        else None,
    }
    common.show(
        f"confidence below {NEEDS_YOU} against IoU below {GOOD_IOU}",
        ("prompted by", "frames", "bad", "AUC", "bad found", "false alarms"),
        [
            *([mode, *one.values()] for mode, one in protocols.items()),
            ["all", *together.figures().values()],
            [f"{len(flawless)} flawless runs", None, None, None, None,
             figures["false_alarms_flawless"]],
        ],
    )  # fmt: skip
    reliability = together.reliability()
    common.show(
        "confidence: predicted share of good frames, and observed",
        ("from", "to", "frames", "predicted", "observed"),
        [list(one.values()) for one in reliability],
    )
    return {**figures, "protocols": protocols, "reliability": reliability}


def _look(footage: Path) -> dict[str, Any]:
    """Area stability: the median change of area from frame to frame, as a share of the area."""
    plates = {
        "bedroom": {"kind": "sequence", "path": str(footage / "bedroom/frames/%05d.jpg")},
        "dog_movie": {"kind": "movie", "path": str(footage / "movies/dog.mp4"), "first_frame": 1},
    }
    rows: list[list[Any]] = []
    figures: dict[str, Any] = {}
    for clip, prompts in LOOK_ONLY.items():
        found = tracking.track(plates[clip], {name: [one] for name, one in prompts.items()})
        sheet = common.OUT / f"{clip}.png"
        tracking.contact_sheet(plates[clip], [one.masks for one in found.values()], sheet)
        for name, one in found.items():
            areas = np.array([mask.sum() for mask in one.masks.values()], float)
            change = float(np.median(np.abs(np.diff(areas)) / np.maximum(areas[:-1], 1)))
            ratio = float(areas[-1] / areas[0])
            rows.append([clip, name, change, ratio, one.seconds, str(sheet.name)])
            figures[f"{clip}_{name}"] = {
                "area_change_median": change,
                "area_last_over_first": ratio,
                "seconds_per_frame": one.seconds,
            }
    headings = ("clip", "object", "area change", "last/first", "s/frame", "look at")
    common.show("clips without truth", headings, rows)
    return {"look": figures}


def _corrections(footage: Path, clips: Sequence[str]) -> dict[str, Any]:
    """One click in the middle: after a mask on the first frame, and after masks on four frames."""
    rows, figures = [], {}
    for clip in clips:
        folder = footage / "davis" / clip
        plate = {"kind": "sequence", "path": str(folder / "frames" / "%05d.jpg")}
        truth = _truth(folder)
        last = len(truth) - 1
        for shown in ([0], [0, last // 3, 2 * last // 3, last]):
            found = correcting.cost(plate, truth, shown, last // 2, "flow")
            rows.append([clip, len(shown), *found.values()])
            figures[f"{clip}_{len(shown)}"] = found
    headings = ("clip", "prompted", "frames", "again", "share", "s", "s anew", "ratio", "same")
    common.show("flow: a correction against tracking everything anew", headings, rows)
    return {"corrections": figures}


def _memory() -> dict[str, Any]:
    """Peak memory of the track stage in a process of its own, 1000 frames against 100."""
    peaks = {frames: _peak_rss(frames) for frames in (100, 1000)}
    ratio = peaks[1000] / peaks[100]
    common.show(
        "peak memory of the track stage",
        ("frames", "MiB", "against 100"),
        [[frames, peak / 1024, peak / peaks[100]] for frames, peak in peaks.items()],
    )
    return {
        "track_rss_100_mib": peaks[100] / 1024,
        "track_rss_1000_mib": peaks[1000] / 1024,
        "track_rss_1000_vs_100": ratio,
    }


def _sam2() -> dict[str, Any]:
    """Whether the sam2 engine's logits are the package's own: the tests that compare them, run."""
    tests = Path(__file__).resolve().parents[1] / "tests" / "sam2_engine" / "test_streaming.py"
    command = [sys.executable, "-m", "pytest", "-q", "-k", "bit_for_bit", str(tests)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    equal = done.returncode == 0
    common.show(
        "engine sam2 against the package's predictor (random small network)",
        ("60 frames, 2 objects, both directions, resumed",),
        [["equal bit for bit" if equal else f"DIFFERENT:\n{done.stdout}"]],
    )
    return {"sam2_equals_package": equal}


def _peak_rss(frames: int) -> int:
    """KiB."""
    script = Path(__file__).with_name("track_memory.py")
    done = subprocess.run(
        [sys.executable, str(script), str(frames)], check=True, capture_output=True, text=True
    )
    return int(json.loads(done.stdout.splitlines()[-1])["peak_rss_kib"])


def _truth(folder: Path) -> dict[int, Mask]:
    return {int(path.stem): _read(path) for path in sorted((folder / "masks").glob("*.png"))}


def _read(path: Path) -> Mask:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) >= 128)


if __name__ == "__main__":
    main()
