"""Which GPU this process computes on, as NVIDIA's driver tells it; torch need not be there."""

from __future__ import annotations

import os
from pathlib import Path

CARDS = Path("/proc/driver/nvidia/gpus")
CPU = "cpu"


def device_name(cards: Path = CARDS) -> str:
    """``cuda:1 <model>``: the first card that ``CUDA_VISIBLE_DEVICES`` names, else the first one.

    The number is the card's place by PCI bus among all of the machine, so that two workers tell two
    cards. Cards of different models have that order in CUDA only with ``CUDA_DEVICE_ORDER`` set to
    ``PCI_BUS_ID``. ``cpu`` without a card, or when none is to be seen.
    """
    found = [_facts(one) for one in sorted(cards.glob("*/information"))]
    first = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0].strip()
    if first.startswith("MIG-") and found:
        return f"cuda {first}"  # a part of a card: which one's, only the driver's library knows
    for number, card in enumerate(found):
        uuid = card.get("GPU UUID", "")
        # CUDA takes a UUID's beginning for it, too.
        if first == str(number) or (first.startswith("GPU-") and uuid.startswith(first)):
            return f"cuda:{number} {card.get('Model', '')}".strip()
    if first.startswith("GPU-") and any("?" in card.get("GPU UUID", "") for card in found):
        return f"cuda {first}"  # the driver tells a card's UUID when it has been used
    return CPU


def _facts(information: Path) -> dict[str, str]:
    lines = (line.partition(":") for line in information.read_text(encoding="utf-8").splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}
