"""The optimizer of the nano network: Muon for matrices, AdamW for everything else.

On the same batches from the same state, Muon went down about twice as fast as AdamW alone (steps
523 to 700 of the first run); it costs 8 % more a step on one CPU core.
"""

from __future__ import annotations

from typing import Any

import torch

MUON_SHARE = 3.0
"""Muon's rate in units of AdamW's, after matching the size of the updates (Liu et al. 2025, "Muon
is scalable for LLM training")."""
_SMALLEST_SIDE = 9


class MatrixOptimizer:
    """Steps all parameters of ``network`` that want a gradient."""

    def __init__(self, network: torch.nn.Module, weight_decay: float) -> None:
        named = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
        matrices = [p for name, p in named if _is_matrix(name, p)]
        others = [p for name, p in named if not _is_matrix(name, p)]
        self._matrices = torch.optim.Muon(
            matrices, lr=0.0, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"
        )
        self._others = torch.optim.AdamW(
            others, lr=0.0, betas=(0.9, 0.99), weight_decay=0.0, fused=True
        )

    def step(self, rate: float) -> None:
        """One update at AdamW's learning rate ``rate``; forgets the gradients."""
        for group in self._matrices.param_groups:
            group["lr"] = MUON_SHARE * rate
        for group in self._others.param_groups:
            group["lr"] = rate
        for optimizer in (self._matrices, self._others):
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def state_dict(self) -> dict[str, Any]:
        return {"matrices": self._matrices.state_dict(), "others": self._others.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._matrices.load_state_dict(state["matrices"])
        self._others.load_state_dict(state["others"])


def _is_matrix(name: str, weight: torch.Tensor) -> bool:
    """A hidden layer's matrix; embeddings and position codes are lists of vectors."""
    lookup = "embed" in name or "tpos" in name
    return weight.ndim == 2 and min(weight.shape) >= _SMALLEST_SIDE and not lookup
