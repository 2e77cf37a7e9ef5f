"""Hand-drawn masks of real clips: the shapes cover them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from roto_worker.vectorize.command import vectorize_files
from roto_worker.vectorize.files import mask_files
from roto_worker.vectorize.settings import Settings

DAVIS = Path(os.environ.get("ROTO_SHARED", "../shared")) / "footage" / "davis"

FRAMES = 24
"""Of each clip; all of them are in ``make bench-roto``."""


@pytest.mark.footage
@pytest.mark.skipif(not DAVIS.is_dir(), reason="the shared footage is not here (ROTO_SHARED)")
@pytest.mark.parametrize(
    ("clip", "mean", "least"),
    [
        ("blackswan", 0.97, 0.95),
        ("car-shadow", 0.97, 0.95),
        ("camel", 0.97, 0.93),
        ("cows", 0.97, 0.93),
        ("dog", 0.97, 0.94),
    ],
)
def test_shapes_cover_hand_drawn_masks(clip, mean, least):
    paths = dict(list(mask_files(DAVIS / clip / "masks").items())[:FRAMES])
    result, _ = vectorize_files(paths, Settings(), clip, "24")
    assert result.report["iou_mean"] >= mean
    assert result.report["iou_min"] >= least
    assert result.report["not_followed"] == [] or clip in {"camel", "cows"}
