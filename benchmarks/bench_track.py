"""Tracking quality of the `flow` engine on real clips, and the track stage's memory.

Per DAVIS clip: mean IoU from the first frame's true mask (that frame not counted), from clicks and
a box on it (counted), and each with one more click on the largest error of the middle frame. Clips
without truth are run for a look. ``--clips`` and ``--only`` narrow it down.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import common
import tracking
from roto_shapes.prompts import Click, FramePrompt
from tracking import Mask, Tracked, iou

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
MODES = ("mask", "mask_corrected", "click", "click_corrected")


def main() -> None:
    arguments = _arguments()
    footage = common.footage()
    figures: dict[str, Any] = {}
    if "clips" in arguments.only:
        figures |= _davis(footage, arguments.clips, arguments.jobs)
    if "look" in arguments.only:
        figures |= _look(footage)
    if "memory" in arguments.only:
        figures |= _memory()
    if "sam2" in arguments.only:
        figures |= _sam2()
    common.save("track", figures)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clips", nargs="+", default=CLIPS, choices=CLIPS)
    parts = ("clips", "look", "memory", "sam2")
    parser.add_argument("--only", nargs="+", default=parts, choices=parts)
    parser.add_argument("--jobs", type=int, default=1, help="clips at once (spoils the timing)")
    return parser.parse_args()


def _davis(footage: Path, clips: list[str], jobs: int) -> dict[str, Any]:
    if jobs > 1:
        with ProcessPoolExecutor(jobs) as pool:
            rows = list(pool.map(_clip, [footage] * len(clips), clips))
    else:
        rows = [_clip(footage, clip) for clip in clips]
    keys = [*(f"{mode}_mean" for mode in MODES), "seconds_per_frame", "confidence_correlation"]
    total = {key: float(np.mean([row[key] for row in rows])) for key in keys}
    table = [[clip, *(row[key] for key in keys)] for clip, row in zip(clips, rows, strict=True)]
    headings = ("clip", "mask", "+ click", "click+box", "+ click", "s/frame", "conf~IoU")
    common.show("flow, mean IoU", headings, [*table, ["mean", *total.values()]])
    return {
        "flow_mask_mean": total["mask_mean"],
        "flow_click_mean": total["click_mean"],
        "flow_corrected_mean": total["click_corrected_mean"],
        "flow_mask_corrected_mean": total["mask_corrected_mean"],
        "flow_seconds_per_frame": total["seconds_per_frame"],
        "clips": dict(zip(clips, rows, strict=True)),
    }


def _clip(footage: Path, clip: str) -> dict[str, Any]:
    folder = footage / "davis" / clip
    plate = {"kind": "sequence", "path": str(folder / "frames" / "%05d.jpg")}
    truth = {int(path.stem): _read(path) for path in sorted((folder / "masks").glob("*.png"))}
    first, middle = 0, len(truth) // 2
    row: dict[str, Any] = {}
    makers = {"mask": tracking.mask_prompt, "click": tracking.click_prompt}
    for mode, make in makers.items():
        prompts = [make(truth[first], first)]
        plain = tracking.track(plate, {"object": prompts})["object"]
        counted = [frame for frame in truth if mode == "click" or frame != first]
        scores = {frame: iou(plain.masks[frame], truth[frame]) for frame in counted}
        row[f"{mode}_mean"] = float(np.mean(list(scores.values())))
        if mode == "mask":
            row["seconds_per_frame"] = plain.seconds
            row["confidence_correlation"] = _correlation(plain, scores)
        tracking.contact_sheet(
            plate, [plain.masks], common.OUT / f"{clip}_{mode}.png", truth=truth.__getitem__
        )
        prompts.append(tracking.correction(plain.masks[middle], truth[middle], middle))
        better = tracking.track(plate, {"object": prompts})["object"]
        row[f"{mode}_corrected_mean"] = float(
            np.mean([iou(better.masks[frame], truth[frame]) for frame in counted])
        )
        tracking.contact_sheet(
            plate,
            [better.masks],
            common.OUT / f"{clip}_{mode}_corrected.png",
            truth=truth.__getitem__,
        )
    return row


def _correlation(tracked: Tracked, scores: dict[int, float]) -> float:
    """Of the engine's confidence with the IoU it did not know."""
    known = [tracked.confidence[frame] for frame in scores]
    return float(np.corrcoef(known, list(scores.values()))[0, 1])


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


def _read(path: Path) -> Mask:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) >= 128)


if __name__ == "__main__":
    main()
