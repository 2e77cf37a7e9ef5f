"""The GPU bench runs from end to end where there is no GPU: on a pretended one, with nano."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="sam2 is not installed: make setup")
pytest.importorskip("sam2", reason="sam2 is not installed: make setup")

from helpers_cuda import pretended_cuda  # noqa: E402

from engine import gpu, live  # noqa: E402
from roto_client.api import PreviewOptions  # noqa: E402
from roto_worker.engines import registry  # noqa: E402
from roto_worker.synthetic.clip import Clip, generate_clip  # noqa: E402

BENCH = Path(gpu.__file__).parents[1] / "bench_engine.py"

pytestmark = pytest.mark.sam2


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    return generate_clip(tmp_path / "clip", 96, 64, 9)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, clip: Clip) -> None:
    """Nano at 128, a small plate for the 4K one, and nothing that compiles."""
    monkeypatch.setattr(registry, "_loaded", {})
    monkeypatch.setenv("ROTO_SAM2_THREADS", "1")
    monkeypatch.setenv("TQDM_DISABLE", "1")
    monkeypatch.setattr(gpu, "SIDE", 64)
    monkeypatch.setattr(gpu, "STEPS", 2)
    monkeypatch.setattr(gpu, "generate_clip", lambda *_, **__: clip)
    monkeypatch.setattr(torch, "compile", lambda call, **_: call)
    monkeypatch.setattr(torch._dynamo, "reset", lambda: None)


def test_every_figure_of_a_network_is_measured(
    monkeypatch: pytest.MonkeyPatch, small: None, clip: Clip, tmp_path: Path
) -> None:
    asked: list[PreviewOptions] = []

    def waits(clip: Clip, folder: Path, options: PreviewOptions, clicks: int) -> dict[str, float]:
        asked.append(options)
        assert (tmp_path / "models" / f"{options.model}.pt").is_file()
        return {"idle_first_p95": 0.3}

    monkeypatch.setattr(live, "waits", waits)
    monkeypatch.setenv("ROTO_MODELS_DIR", str(tmp_path))
    with pretended_cuda(monkeypatch):
        found = gpu.measure(clip, tmp_path, ["nano"], quick=True)
    figures = found["nano"]
    assert {k: v for k, v in figures.items() if k.endswith("_failed")} == {}
    for name in ("stage_fps", "package_fps", "package_compiled_fps", "package_five_objects_fps",
                 "five_objects_vs_package", "stage_vs_compiled", "peak_vram_gib_4k",
                 "vram_long_vs_short", "first_click_seconds"):  # fmt: skip
        assert figures[name] > 0, name
    assert found["clicks_at_the_client"] == {"idle_first_p95": 0.3}
    assert asked[0].model == "sam2.1_hiera_nano"
    rows = gpu.reached(found)
    assert {row[1] for row in rows} == set(gpu.GOALS)


def test_what_fails_is_told_and_the_rest_is_measured(
    monkeypatch: pytest.MonkeyPatch, small: None, clip: Clip, tmp_path: Path
) -> None:
    def broken(*_: Any, **__: Any) -> dict[str, Any]:
        raise RuntimeError("Triton is not there\nat all")

    monkeypatch.setattr(gpu, "_package", broken)
    monkeypatch.setattr(gpu, "_clicks_at_the_client", broken)
    with pretended_cuda(monkeypatch):
        found = gpu.measure(clip, tmp_path, ["nano"], quick=True)
    assert found["nano"]["compiled_failed"] == "RuntimeError: Triton is not there"
    assert found["nano"]["stage_fps"] > 0
    assert found["clicks_at_the_client"] == "RuntimeError: Triton is not there"


def test_asked_for_a_gpu_alone_and_there_is_none() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is one here")
    command = [sys.executable, str(BENCH), "--only", "gpu"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "no CUDA device" in done.stdout


@pytest.mark.farm
def test_clicks_are_timed_through_a_real_server(tmp_path: Path) -> None:
    clip = generate_clip(tmp_path / "clip", 160, 120, 12)
    options = PreviewOptions(engine="flow", patience=120)
    found = live.waits(clip, tmp_path, options, 2)
    assert found["idle_clicks"] == 2
    assert 0 < found["idle_first_p50"] <= found["idle_first_p95"] < 60
    assert found["very_first"] > 0
    assert found["in_worker_p50"] > 0, "the worker's own log was read"
