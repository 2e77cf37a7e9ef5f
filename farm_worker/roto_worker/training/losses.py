"""The training loss: balanced cross entropy, dice, predicted IoU and object score.

The focal loss SAM is trained with collapses to empty masks in small batches from nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.nn import functional

_LIMIT = 20.0
"""Logits are cut here: an object wrongly called absent must not cost a thousand times the rest."""


def tracking_loss(
    outputs: Sequence[Mapping[str, Any]], masks: torch.Tensor, *, balance: float
) -> dict[str, torch.Tensor]:
    """Mean loss per object and decoding, as ``mask``, ``dice``, ``iou``, ``score``, ``total``.

    ``outputs`` are `SAM2Train`'s, one per frame; ``masks`` bool ``[T, O, S, S]``. Of several
    candidates only the best one is trained (as in SAM), the IoU of all. ``balance`` 1 gives object
    and surroundings the same weight, 0 every pixel. Compared at half the picture's size, where the
    truth is the covered share of a pixel: full size learns nothing more and takes longer.
    """
    sums: dict[str, torch.Tensor] = {}
    steps = 0
    for output, truth in zip(outputs, masks, strict=True):
        rounds = zip(
            output["multistep_pred_multimasks"],
            output["multistep_pred_ious"],
            output["multistep_object_score_logits"],
            strict=True,
        )
        for logits, ious, score in rounds:
            for name, value in _one_decoding(logits, ious, score, truth, balance).items():
                sums[name] = sums[name] + value if name in sums else value
            steps += 1
    means = {name: value / steps for name, value in sums.items()}
    means["total"] = 1.5 * means["mask"] + 1.5 * means["dice"] + means["iou"] + means["score"]
    return means


def _one_decoding(
    logits: torch.Tensor,
    ious: torch.Tensor,
    score: torch.Tensor,
    truth: torch.Tensor,
    balance: float,
) -> dict[str, torch.Tensor]:
    half = functional.avg_pool2d(truth[:, None].float(), 2)
    target = half.flatten(2)
    logits = functional.interpolate(logits.float(), half.shape[-2:], mode="bilinear")
    flat = logits.flatten(2).clamp(-_LIMIT, _LIMIT)
    present = truth.flatten(1).any(dim=1).float()
    area = target.mean(dim=2, keepdim=True).clamp(1e-3, 1 - 1e-3)
    weight = target * (0.5 / area) ** balance + (1 - target) * (0.5 / (1 - area)) ** balance
    weight = weight / weight.mean(dim=2, keepdim=True)
    cross = functional.binary_cross_entropy_with_logits(
        flat, target.expand_as(flat), reduction="none"
    )
    mask = (cross * weight).mean(dim=2)
    chance = flat.sigmoid()
    dice = 1 - (2 * (chance * target).sum(2) + 1) / (chance.sum(2) + target.sum(2) + 1)
    best = (mask + dice).argmin(dim=1, keepdim=True)
    with torch.no_grad():
        found, wanted = flat > 0, target >= 0.5
        union = (found | wanted).sum(2).clamp(min=1)
        actual = (found & wanted).sum(2) / union
    there = present / present.sum().clamp(min=1)
    return {
        "mask": (mask.gather(1, best)[:, 0] * there).sum(),
        "dice": (dice.gather(1, best)[:, 0] * there).sum(),
        "iou": ((ious.float() - actual).abs().mean(dim=1) * there).sum(),
        "score": functional.binary_cross_entropy_with_logits(score.float()[:, 0], present),
    }
