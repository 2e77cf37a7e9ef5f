"""Which engine a job gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from roto_shapes.errors import RotoError
from roto_worker.engines import registry
from roto_worker.engines.sam2 import checkpoints, install


@pytest.fixture(autouse=True)
def _no_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "installed", list)
    monkeypatch.setattr(registry, "_loaded", {})


@pytest.mark.parametrize(
    ("engine", "model"), [("auto", "auto"), ("flow", "auto"), ("auto", "flow-1")]
)
def test_flow_is_what_a_bare_node_has(engine: str, model: str) -> None:
    assert registry.acquire(engine, model).info.engine == "flow"


def test_loaded_once() -> None:
    assert registry.acquire("flow") is registry.acquire("auto", "flow-1")


def test_auto_and_the_name_it_stands_for_are_loaded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sam2", reason="sam2 is not installed: make setup")
    loads: list[tuple[Path, int | None]] = []

    def load(path: Path, image_size: int | None) -> object:
        loads.append((path, image_size))
        return object()

    monkeypatch.setenv("ROTO_MODELS_DIR", str(tmp_path))
    tiny = checkpoints.model_named("sam2.1_hiera_tiny")
    checkpoints.path_of(tiny).write_bytes(b"weights")
    monkeypatch.setattr(checkpoints, "installed", lambda: [tiny])
    monkeypatch.setattr(registry, "_load_sam2", load)
    held = registry.acquire("auto")
    assert registry.acquire("sam2", tiny.name) is held
    assert registry.acquire("auto", str(checkpoints.path_of(tiny))) is held
    assert loads == [(checkpoints.path_of(tiny), None)]
    assert registry.acquire("sam2", tiny.name, 512) is not held


@pytest.mark.parametrize(
    ("engine", "model"),
    [("magic", "auto"), ("flow", "magic"), ("sam2", "magic"), ("auto", "magic")],
)
def test_unknown(engine: str, model: str) -> None:
    with pytest.raises(RotoError) as refused:
        registry.acquire(engine, model)
    assert refused.value.code == "unknown_model"
    assert refused.value.hint


def test_sam2_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "is_installed", lambda: False)
    with pytest.raises(RotoError) as refused:
        registry.acquire("sam2", "auto")
    assert refused.value.code == "unknown_model"


def test_available_lists_sam2_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert registry.available()[0]["engine"] == "flow"
    model = next(iter(checkpoints.MODELS.values()))
    monkeypatch.setattr(install, "is_installed", lambda: True)
    monkeypatch.setattr(checkpoints, "installed", lambda: [model])
    monkeypatch.setattr(checkpoints, "sha256_of", lambda path: "ab" * 32)
    first, second, last = registry.available()
    assert first == {"engine": "sam2", "model": model.name, "checkpoint_sha256": "ab" * 32}
    assert second["engine"] == "flow"
    assert last["model"] == "nano", "what comes with the product is no choice of auto"
