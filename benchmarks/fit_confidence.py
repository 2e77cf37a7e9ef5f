"""Fit the numbers of `roto_worker.engines.confidence` anew.

``--record`` tracks the corpus (see `corpus`) with an engine and keeps every run's signals and IoU
in ``benchmarks/out/confidence/<engine>``: half an hour of one core, goes on where it stopped.
Without it, the runs kept there are fitted: a logistic regression with no negative weight and a
little ridge, every way of prompting weighed as common as it is. What is printed besides the numbers
is judged on clips that the fit did not see.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import common
import corpus
import tracking
from judging import Judged
from roto_worker.engines.confidence import GOOD_IOU, MODELS
from roto_worker.engines.evidence import Evidence, gather

Values = NDArray[np.float64]
RIDGE = 0.02
FOLDS = 4
"""Groups the generated clips are left out in; a clip of the footage is left out by itself."""


@dataclass(frozen=True)
class Run:
    """One clip tracked from one way of prompting, as far as it can be fitted: no frame that was
    given as a mask, none that is empty."""

    clip: str
    mode: str
    evidence: dict[str, Values]
    iou: Values
    empty: Values
    """IoU of the frames with nothing inside."""

    @property
    def fold(self) -> str:
        number = self.clip.removeprefix("generated")
        return f"generated {int(number) % FOLDS}" if number.isdigit() else self.clip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("engine", choices=("flow", "sam2"))
    parser.add_argument("--model", default="auto", help="name or checkpoint")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--generated", type=int, default=30, help="generated clips")
    parser.add_argument("--modes", nargs="+", default=list(corpus.IN_PRACTICE))
    arguments = parser.parse_args()
    folder = common.OUT / "confidence" / arguments.engine
    if arguments.record:
        record(folder, arguments)
    runs = [_read(path) for path in sorted(folder.glob("*.json"))]
    if not runs:
        parser.error("nothing is recorded for this engine: use --record")
    _report(runs, tuple(MODELS[arguments.engine].weights))


def record(folder: Path, arguments: argparse.Namespace) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    scratch = common.OUT / "confidence" / "plates"
    clips = [
        *corpus.footage_clips(common.footage() / "davis", scratch),
        *corpus.generated_clips(arguments.generated, scratch),
    ]
    for mode in arguments.modes:
        for clip in clips:
            path = folder / f"{clip.name}.{mode}.json"
            if not path.exists():
                path.write_text(json.dumps(_track(clip, mode, arguments.engine, arguments.model)))
                print(clip.name, mode, flush=True)


def _track(clip: corpus.Known, mode: str, engine: str, model: str) -> dict[str, Any]:
    prompts = corpus.prompts_of(mode, clip, engine, model)
    found = tracking.track(clip.plate, {"object": prompts}, engine, model)["object"]
    return {
        "clip": clip.name,
        "mode": mode,
        "box": any(prompt.box for prompt in prompts),
        "masks": [prompt.frame for prompt in prompts if prompt.mask_png is not None],
        "frames": {
            frame: {"iou": tracking.iou(mask, clip.truth[frame]), **found.signals[frame]}
            for frame, mask in found.masks.items()
        },
    }


def _read(path: Path) -> Run:
    stored = json.loads(path.read_text())
    frames: dict[int, dict[str, float]] = {int(f): s for f, s in stored["frames"].items()}
    found: Evidence = gather(frames, box=stored["box"], mask=bool(stored["masks"]))
    kept = np.array([frame not in stored["masks"] for frame in found.frames], bool)
    iou = np.array([frames[frame]["iou"] for frame in found.frames], float)
    return Run(
        stored["clip"],
        stored["mode"],
        {name: values[kept] for name, values in found.values.items()},
        iou[kept],
        np.array([frames[frame]["iou"] for frame in found.empty], float),
    )


def fit(runs: Sequence[Run], names: Sequence[str]) -> tuple[float, Values]:
    """Bias and weights of ``names``. Every run weighs as its way of prompting does in practice."""
    x = np.concatenate([_matrix(run, names) for run in runs])
    good = np.concatenate([run.iou >= GOOD_IOU for run in runs]).astype(float)
    share = np.concatenate(
        [np.full(len(r.iou), corpus.IN_PRACTICE[r.mode] / max(len(r.iou), 1)) for r in runs]
    )
    share /= share.sum()
    middle = share @ x
    spread = np.sqrt(share @ (x - middle) ** 2) + 1e-6
    unit = (x - middle) / spread

    def loss(t: Values) -> tuple[float, Values]:
        odds = unit @ t[1:] + t[0]
        off = share * (1 / (1 + np.exp(-odds)) - good)
        cross_entropy = float(share @ (np.logaddexp(0, odds) - good * odds))
        slope = np.concatenate([[off.sum()], unit.T @ off + 2 * RIDGE * t[1:]])
        return cross_entropy + RIDGE * float(t[1:] @ t[1:]), slope

    bounds = [(None, None)] + [(0, None)] * len(names)
    found = minimize(loss, np.zeros(len(names) + 1), jac=True, bounds=bounds)
    weights = np.asarray(found.x[1:] / spread)
    return float(found.x[0] - weights @ middle), weights


def left_out(runs: Sequence[Run], names: Sequence[str]) -> list[Judged]:
    """Every run judged by a fit on the other clips."""
    judged: dict[int, Judged] = {}
    for fold in sorted({run.fold for run in runs}):
        bias, weights = fit([run for run in runs if run.fold != fold], names)
        for index, run in enumerate(runs):
            if run.fold == fold:
                odds = _matrix(run, names) @ weights + bias
                judged[index] = Judged(1 / (1 + np.exp(-odds)), run.iou)
    return [judged[index] for index in range(len(runs))]


def _matrix(run: Run, names: Sequence[str]) -> Values:
    empty = np.zeros(len(run.iou))
    return np.stack([run.evidence.get(name, empty) for name in names], axis=1)


def _report(runs: Sequence[Run], names: Sequence[str]) -> None:
    bias, weights = fit(runs, names)
    empty = np.concatenate([run.empty for run in runs])
    clips = {run.clip for run in runs}
    frames = sum(len(run.iou) for run in runs)
    print(f"{len(runs)} runs of {len(clips)} clips, {frames} frames, {len(empty)} empty ones")
    print(f"bias={bias:.2f}, weights={{")
    print("".join(f'    "{n}": {w:.3f},\n' for n, w in zip(names, weights, strict=True)) + "}")
    if len(empty):
        print(f"empty={float((empty >= GOOD_IOU).mean()):.2f}")
    real: dict[str, list[Judged]] = {mode: [] for mode in corpus.IN_PRACTICE}
    generated: list[Judged] = []
    for run, judged in zip(runs, left_out(runs, names), strict=True):
        (generated if run.clip.startswith("generated") else real[run.mode]).append(judged)
    rows = [["generated clips", *_figures(generated)]]
    rows += [[mode, *_figures(parts)] for mode, parts in real.items()]
    rows.append(
        ["all of the footage", *_figures([one for parts in real.values() for one in parts])]
    )
    headings = ("left-out clips", "frames", "bad", "AUC", "found", "false alarms")
    common.show("what the fit did not see", headings, rows)


def _figures(parts: list[Judged]) -> list[Any]:
    judged = Judged.join(parts) if parts else None
    return list(judged.figures().values()) if judged and len(judged.iou) else [0] + [None] * 4


if __name__ == "__main__":
    main()
