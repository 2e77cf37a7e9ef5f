"""What a correction is said to cost, on a small clip."""

from __future__ import annotations

from pathlib import Path

import pytest

import correcting
from roto_worker.synthetic.clip import generate_clip


@pytest.mark.parametrize(("shown", "again"), [([0], 12), ([0, 4, 12], 7)])
def test_a_correction_between_prompts_costs_its_stretch(
    tmp_path: Path, shown: list[int], again: int
) -> None:
    clip = generate_clip(tmp_path / "clip", 160, 120, 13)
    first = clip.frame_range[0]
    truth = {frame: clip.truth(frame) >= 0.5 for frame in clip.frames}
    frames = [first + frame for frame in shown]
    found = correcting.cost(clip.plate, truth, frames, first + 8, "flow")
    assert found["same"], "as if everything had been tracked with all prompts"
    assert found["frames"] == 13
    assert found["again"] == again
    assert found["share"] == found["again"] / 13
    assert found["ratio"] == found["seconds"] / found["seconds_whole"]
