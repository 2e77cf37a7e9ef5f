"""Real Blender: which files and frames are behind a clip or an image."""

from __future__ import annotations

import pytest

from hosts.blender.helpers_editor import run_case


@pytest.mark.parametrize(
    "case", ["clip_frames", "image_frames", "gaps_and_sizes", "refusals", "movies"]
)
def test_plate(case, tmp_path) -> None:
    run_case("try_plate.py", case, tmp_path)
