"""A moving textured disc and square as a frame source, and the small random network."""

from __future__ import annotations

from typing import Any

import numpy as np

from roto_worker.media.source import Image8, PlateInfo

FIRST = 1001


class MovingShapes:
    """``count`` frames of a disc and a square over noise; frames are made when read."""

    def __init__(self, count: int, width: int = 96, height: int = 64) -> None:
        self.info = PlateInfo(
            width, height, 1.0, (24, 1), (FIRST, FIRST + count - 1), "sRGB - Texture", {}
        )
        self._noise = np.random.default_rng(5).integers(0, 90, (height, width, 3), np.uint8)

    def disc_centre(self, frame: int) -> tuple[float, float]:
        return 25 + 0.5 * ((frame - FIRST) % 60), 30.0

    def read(self, frame: int) -> Image8:
        image = self._noise.copy()
        y, x = np.mgrid[0 : self.info.height, 0 : self.info.width]
        cx, cy = self.disc_centre(frame)
        image[(x - cx) ** 2 + (y - cy) ** 2 < 100] = (230, 120, 40)
        image[40:56, 70:86] = (40, 160, 230)
        return image

    def close(self) -> None:
        pass


def random_network(image_size: int = 128) -> Any:
    """The product's nano network with seeded random weights."""
    import torch

    from roto_worker.engines.sam2.build import build_network
    from roto_worker.engines.sam2.catalog import NANO_CONFIG

    torch.manual_seed(11)
    network = build_network(NANO_CONFIG, image_size=image_size)
    # A random object-score head says "absent" and blanks every logit; make it say "present".
    head = network.sam_mask_decoder.pred_obj_score_head.layers[-1]
    with torch.no_grad():
        head.weight.mul_(0.1)
        head.bias.add_(3.0)
    return network
