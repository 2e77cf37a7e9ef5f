"""A correction on the nano checkpoint: the track stage, from the base to the bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engines.helpers_engines import HERO, results
from engines.test_correction import (
    FIRST,
    SHOWN_AND_CORRECTED,
    assert_kept,
    click_at,
    correction_of,
    from_scratch,
    run,
    summary,
)

torch = pytest.importorskip("torch", reason="sam2 is not installed: make setup")
pytest.importorskip("sam2", reason="sam2 is not installed: make setup")
pytestmark = pytest.mark.sam2


def test_one_correction_is_as_if_from_scratch(spec: dict[str, Any], tmp_path: Path) -> None:
    """Between clicks and a box."""
    ((shown, corrected, changed),) = SHOWN_AND_CORRECTED[1:]
    spec["params"] |= {"engine": "sam2", "model": "nano"}
    one = spec["params"]["objects"][0]
    spec["params"]["objects"] = [one]
    one["prompts"] = [
        one["prompts"][0] | {"frame": FIRST + shown[0]},
        {"frame": FIRST + shown[1], "box": [60.0, 30.0, 200.0, 150.0]},
    ]
    run(spec, tmp_path / "base")
    new = correction_of(spec, tmp_path / "base", {HERO: [click_at(spec, FIRST + corrected)]})
    result = run(new, tmp_path / "now")
    assert result["provenance"]["model"] == "nano"
    spans = {HERO: [[FIRST + frame for frame in changed]]}
    assert_kept(tmp_path / "base", tmp_path / "now", {HERO: "hero"}, spans)
    expected = results(from_scratch(new, tmp_path / "whole"))
    pictures = [key for key in expected if key.endswith(".png")]
    mine = results(tmp_path / "now")
    assert {key: mine[key] for key in pictures} == {key: expected[key] for key in pictures}
    assert summary(tmp_path / "now")["settings"]["computed"][1] == "product"
