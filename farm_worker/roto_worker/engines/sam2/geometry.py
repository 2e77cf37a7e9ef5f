"""Where a picture lies on the model's square input.

The picture is stretched to a square and, when there is a margin, continued by its own reflection.
Positions have pixel edges on integers (the centre of the first pixel is 0.5, 0.5) on both sides, so
the map is a scale and a shift; the model's own points count pixel centres and are half a pixel
less.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from ...media.source import Image8

LOGIT_STRIDE = 4
"""Model pixels per low-resolution logit."""


@lru_cache(maxsize=8)
def _neighbours(
    side: int, margin: int, length: int, cells: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Per pixel of a picture: the cells before and after its centre, the latter's weight.

    Kept on the device: a copy from the host would stall it every frame.
    """
    centres = (torch.arange(length, dtype=torch.float64) + 0.5) / length
    at = (margin + centres * (side - 2 * margin)) / side * cells - 0.5
    before = at.floor().clamp(0, cells - 2)
    weight = (at - before).float()
    return before.long().to(device), (before.long() + 1).to(device), weight.to(device)


@dataclass(frozen=True)
class Canvas:
    """A picture of ``width`` x ``height`` pixels on a square of ``side`` pixels.

    ``margin`` pixels on each side of the square are reflection, a multiple of `LOGIT_STRIDE`.
    """

    width: int
    height: int
    side: int
    margin: int = 0

    @property
    def inner(self) -> int:
        """Side of the square the picture itself covers."""
        return self.side - 2 * self.margin

    def points(self, positions: NDArray[np.float32]) -> torch.Tensor:
        """``[n, 2]`` picture positions as the model's points (x, y; float32)."""
        picture = np.array((self.width, self.height), np.float32)
        # The package's arithmetic, in its order: see `Settings.exact`.
        half = picture * (0.5 / self.inner)
        centred = torch.tensor(np.asarray(positions, np.float32).reshape(-1, 2) - half)
        return centred / torch.tensor([self.width, self.height]) * self.inner + self.margin

    def image(self, picture: Image8) -> NDArray[np.uint8]:
        """``[side, side, 3]`` uint8, by Pillow's antialiased bicubic filter as in the package."""
        resized = np.array(Image.fromarray(picture).resize((self.inner, self.inner)))
        edge = (self.margin, self.margin)
        return np.pad(resized, (edge, edge, (0, 0)), mode="symmetric") if self.margin else resized

    def mask(self, inside: NDArray[np.bool_]) -> torch.Tensor:
        """``[height, width]`` as the model's mask, ``[1, 1, side, side]`` float32 of 0 and 1."""
        mask = torch.from_numpy(np.ascontiguousarray(inside))[None, None].float()
        if inside.shape != (self.inner, self.inner):
            mask = (self._shrunk(mask, self.inner) >= 0.5).float()
        return self._reflected(mask, self.margin)

    def hint(self, logits: NDArray[np.float32], side: int) -> torch.Tensor:
        """``[height, width]`` logits as ``[1, 1, side, side]``, the size a mask input has."""
        given = torch.from_numpy(np.ascontiguousarray(logits, np.float32))[None, None]
        margin = self.margin * side // self.side
        return self._reflected(self._shrunk(given, side - 2 * margin), margin)

    def core(self, low: torch.Tensor) -> torch.Tensor:
        """The part of low-resolution logits ``[..., s, s]`` that shows the picture itself."""
        cut = self.margin // LOGIT_STRIDE
        return low[..., cut : low.shape[-2] - cut, cut : low.shape[-1] - cut]

    def logits(self, low: torch.Tensor) -> torch.Tensor:
        """Low-resolution logits ``[n, s, s]`` as ``[n, height, width]``, bilinear.

        Next to the frame's border the reflection beyond it is the other neighbour.
        """
        if not self.margin:
            size = (self.height, self.width)
            return functional.interpolate(
                low[:, None], size=size, mode="bilinear", align_corners=False
            )[:, 0]
        wide = self._stretched(low, 2, self.width)
        return self._stretched(wide, 1, self.height)

    def _stretched(self, low: torch.Tensor, axis: int, length: int) -> torch.Tensor:
        before, after, weight = _neighbours(
            self.side, self.margin, length, low.shape[axis], low.device
        )
        weight = weight[:, None] if axis == 1 else weight
        return low.index_select(axis, before).lerp_(low.index_select(axis, after), weight)

    @staticmethod
    def _shrunk(mask: torch.Tensor, side: int) -> torch.Tensor:
        return functional.interpolate(
            mask, size=(side, side), align_corners=False, mode="bilinear", antialias=True
        )

    @staticmethod
    def _reflected(mask: torch.Tensor, margin: int) -> torch.Tensor:
        if not margin:
            return mask
        order = np.pad(np.arange(mask.shape[-1]), margin, mode="symmetric")
        return mask[..., order, :][..., order]
