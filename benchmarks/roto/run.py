"""One case from the matte sequence to its rows: the solver's, the baselines', the trade-off's."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from roto_worker.vectorize.settings import preset

from .baselines import keyed_everywhere, traced
from .cases import Case, Source
from .editing import edit_cost
from .footage import Image
from .measure import figures, overlap, rasterized, solve

SWEEP = (0.5, 1.0, 2.0, 4.0)
"""Loosenesses of the trade-off curve, as multiples of the preset's."""
TRACE = "trace 1 px"
FLOW_PAIRS = 4
Row = dict[str, Any]


def run(case: Case, footage: Path | None, *, images: bool, quick: bool) -> Row:
    """The case's row; unless ``quick`` with ``baselines`` and ``sweep`` (looseness, edit, BF2)."""
    source = case.source(footage)
    settings = preset(case.preset)
    result, seconds = solve(source, settings, images=images)
    row: Row = {"preset": case.preset, **figures(source, result.layer)}
    seen = images and source.image is not None
    row["s/frame with flow" if seen else "s/frame"] = seconds
    if not quick:
        row["baselines"] = {
            TRACE: traced(source, 1.0),
            "trace 2 px": traced(source, 2.0),
            "keyed on all frames": keyed_everywhere(source, result.layer),
        }
        row["% of trace"] = 100 * row["edit"] / row["baselines"][TRACE]["edit"]
        row["sweep"] = [_traded(source, case, row, factor, images) for factor in SWEEP]
        if images and source.image is not None:
            _, alone = solve(source, settings, images=False)
            row["s/frame"] = alone
            row["flow / DIS"] = max(0.0, seconds - alone) / _dis_seconds(
                source.image, source.frames
            )
    row["failed"] = [str(gate) for gate in case.gates if not gate.holds(row)]
    row["goals"] = {str(goal): goal.holds(row) for goal in case.goals}
    return row


def _traded(source: Source, case: Case, row: Row, factor: float, images: bool) -> Row:
    """Edit cost and boundary F with the preset's looseness times ``factor``."""
    settings = preset(case.preset)
    looseness = settings.looseness * factor
    if factor == 1.0:
        return {"looseness": looseness, "edit": row["edit"], "BF2": row["BF2"]}
    result, _ = solve(source, replace(settings, looseness=looseness), images=images)
    scores = overlap(source, rasterized(source, result.layer))
    return {"looseness": looseness, "edit": edit_cost(result.layer), "BF2": scores["BF2"]}


def _dis_seconds(read: Callable[[int], Image], frames: Sequence[int]) -> float:
    """Processor seconds of DIS optical flow, medium preset, on one pair of whole frames."""
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    spent = []
    for first, second in list(pairwise(frames))[:FLOW_PAIRS]:
        one, two = _grey(read(first)), _grey(read(second))
        start = time.process_time()
        flow.calc(one, two, np.zeros((*one.shape, 2), np.float32))
        spent.append(time.process_time() - start)
    return float(np.median(spent))


def _grey(image: Image) -> Image:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
