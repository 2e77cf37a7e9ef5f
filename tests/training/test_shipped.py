"""The checkpoint that comes with the product, through the catalogue and the engine."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from roto_shapes.prompts import Click
from roto_worker.engines import registry
from roto_worker.engines.base import Segmenter
from roto_worker.engines.sam2 import checkpoints
from roto_worker.engines.sam2.checkpoints import CheckpointError
from roto_worker.training.evaluate import mean_of, next_click, on_generated

pytestmark = pytest.mark.sam2


@pytest.fixture
def nano(monkeypatch: pytest.MonkeyPatch) -> Segmenter:
    monkeypatch.setattr(registry, "_loaded", {})
    return registry.acquire("sam2", "nano")


def test_the_file_is_the_one_the_catalogue_names() -> None:
    path = checkpoints.find("nano", prefer_large=False)
    assert path is not None
    assert path.stat().st_size < 20e6
    model = checkpoints.model_named("nano")
    assert checkpoints.verify(model) == model.sha256
    assert hashlib.sha256(path.read_bytes()).hexdigest() == model.sha256
    assert [p.name for p in path.parent.glob("*.sha256")] == [], "nothing is written there"
    assert path.with_suffix(".md").is_file(), "a checkpoint has its card beside it"


def test_it_needs_no_fetching_and_takes_no_copy(tmp_path: Path) -> None:
    model = checkpoints.model_named("nano")
    assert checkpoints.fetch(model) == checkpoints.path_of(model)
    with pytest.raises(CheckpointError, match="comes with the product"):
        checkpoints.copy_in(model, tmp_path / "other.safetensors")


def test_auto_never_takes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTO_MODELS_DIR", str(tmp_path))
    assert checkpoints.find("auto", prefer_large=False) is None


def test_it_tracks_better_than_holding_the_first_mask(nano: Segmenter) -> None:
    assert nano.info.model == "nano"
    found = on_generated(nano, size=128, pictures=8, clips=8)
    assert found.mask > found.copy + 0.1
    assert found.clicks[1] > 0.4
    assert found.clicks[3] > found.clicks[1]


def test_the_next_click_goes_where_most_is_wrong() -> None:
    truth = np.zeros((40, 60), bool)
    truth[10:20, 10:20] = True
    assert next_click(np.zeros_like(truth), truth).positive
    found = truth.copy()
    found[5:35, 30:58] = True
    click = next_click(found, truth)
    assert isinstance(click, Click)
    assert not click.positive
    assert 30 < click.x < 58


def test_a_mean_of_nothing_is_nothing() -> None:
    assert mean_of({}).mask == 0
