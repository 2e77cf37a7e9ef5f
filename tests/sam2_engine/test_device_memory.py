"""How much of a GPU is in use, on a device that is only pretended."""

from __future__ import annotations

import pytest
import torch

from roto_worker.engines import registry
from roto_worker.engines.sam2.device_memory import memory_of_device

pytestmark = pytest.mark.sam2


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> None:
    """A CUDA device with 9,000 bytes, of which 2,000 are free."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (2_000, 9_000))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda: 5_000)


def test_what_is_used_and_what_is_ours(device: None) -> None:
    told = memory_of_device()
    assert told == {"gpu_used_bytes": 7_000, "gpu_total_bytes": 9_000, "process_bytes": 5_000}


def test_a_broken_device_says_nothing(device: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> tuple[int, int]:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(torch.cuda, "mem_get_info", broken)
    assert memory_of_device() is None


def test_there_is_nothing_to_tell_without_a_gpu_or_a_model(
    device: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_loaded", {})
    assert registry.gpu_memory() is None, "nothing is loaded for a heartbeat"
    registry.acquire("flow")
    assert registry.gpu_memory() == memory_of_device()
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: False)
    assert registry.gpu_memory() is None
