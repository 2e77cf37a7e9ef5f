"""A correction on the nano checkpoint: the track stage, from the base to the bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engines.helpers_engines import HERO, results
from engines.test_correction import (
    FIRST,
    LAST,
    assert_kept,
    click_at,
    correction_of,
    from_scratch,
    run,
    summary,
)
from roto_worker.engines import registry

torch = pytest.importorskip("torch", reason="sam2 is not installed: make setup")
pytest.importorskip("sam2", reason="sam2 is not installed: make setup")
pytestmark = pytest.mark.sam2


def test_one_correction_is_as_if_from_scratch(spec: dict[str, Any], tmp_path: Path) -> None:
    spec["params"] |= {"engine": "sam2", "model": "nano"}
    objects = spec["params"]["objects"]
    prompt = objects[0]["prompts"][0]
    objects[0]["prompts"] = [prompt | {"frame": FIRST + 3}]
    objects[1]["prompts"] = [prompt]
    run(spec, tmp_path / "base")
    new = correction_of(spec, tmp_path / "base", {HERO: [click_at(spec, FIRST + 8)]})
    result = run(new, tmp_path / "now")
    assert result["provenance"]["model"] == "nano"
    changed = {HERO: [[FIRST + 4, LAST]], objects[1]["id"]: []}
    names = {one["id"]: one["name"] for one in objects}
    assert_kept(tmp_path / "base", tmp_path / "now", names, changed)
    expected = results(from_scratch(new, tmp_path / "whole"))
    pictures = [key for key in expected if key.endswith(".png")]
    mine = results(tmp_path / "now")
    assert {key: mine[key] for key in pictures} == {key: expected[key] for key in pictures}
    assert summary(tmp_path / "now")["settings"]["computed"][1] == "product"
    loaded = registry.loaded()
    assert loaded is not None
