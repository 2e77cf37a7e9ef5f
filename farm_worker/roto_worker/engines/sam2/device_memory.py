"""How much of the GPU's memory is in use."""

from __future__ import annotations

import torch


def memory_of_device() -> dict[str, int] | None:
    """Bytes used and present on the current CUDA device, and held by this process; else None.

    Waits for no computation. A device that is broken says nothing here: what runs on it will.
    """
    if not torch.cuda.is_available() or not torch.cuda.is_initialized():
        return None
    try:
        free, total = torch.cuda.mem_get_info()
        held = torch.cuda.memory_reserved()
    except RuntimeError:
        return None
    return {
        "gpu_used_bytes": int(total - free),
        "gpu_total_bytes": int(total),
        "process_bytes": int(held),
    }
