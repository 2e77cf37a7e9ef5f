"""Networks of the true sizes with random weights: speed does not depend on what they know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from roto_worker.engines.sam2.build import build_network
from roto_worker.engines.sam2.catalog import MODELS, NANO_CONFIG

SIZES = {name.removeprefix("sam2.1_hiera_"): model.config for name, model in MODELS.items()} | {
    "nano": NANO_CONFIG
}


def random_network(size: str, **settings: Any) -> Any:
    """An eval-mode predictor of ``size`` (a key of `SIZES`) whose objects are always present."""
    torch.manual_seed(11)
    network = build_network(SIZES[size], **settings)
    # A random object-score head says "absent", which blanks the masks and skips work.
    head = network.sam_mask_decoder.pred_obj_score_head.layers[-1]
    with torch.no_grad():
        head.weight.mul_(0.1)
        head.bias.add_(3.0)
    return network


def random_checkpoint(size: str, folder: Path) -> Path:
    """`random_network` as a file that the product loads like any other checkpoint."""
    path = folder / f"random_{size}.safetensors"
    if not path.exists():
        weights = random_network(size).state_dict()
        save_file({name: tensor.contiguous() for name, tensor in weights.items()}, path)
    return path
