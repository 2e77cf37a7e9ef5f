"""A plate as SAM 2 wants it: normalised square tensors, decoded when asked for."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from ...media.source import FrameSource

# ImageNet statistics, as SAM 2 was trained with.
MEAN = torch.tensor((0.485, 0.456, 0.406), dtype=torch.float32)[:, None, None]
STD = torch.tensor((0.229, 0.224, 0.225), dtype=torch.float32)[:, None, None]


class LazyFrames:
    """Indexable like the package's tensor of all frames, but holds none.

    Index 0 is the first frame of ``frame_range`` (plate numbers, inclusive).
    """

    def __init__(self, source: FrameSource, frame_range: tuple[int, int], image_size: int) -> None:
        self._source = source
        self._first, last = frame_range
        self._count = last - self._first + 1
        self._size = (image_size, image_size)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> torch.Tensor:
        """``[3, image_size, image_size]`` float32; the same arithmetic as the package's loader."""
        plate = Image.fromarray(self._source.read(self._first + index))
        pixels = np.asarray(plate.resize(self._size)) / 255.0
        image = torch.from_numpy(pixels).permute(2, 0, 1).to(torch.float32)
        image -= MEAN
        image /= STD
        return image
