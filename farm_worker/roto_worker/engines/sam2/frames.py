"""Image features of a plate's frames, computed once for all objects and a little ahead."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from ...media.readahead import Prefetch
from ...media.source import FrameSource
from .batch import ElasticBatch, items_that_fit
from .geometry import Canvas

if TYPE_CHECKING:
    from .network import FrameFeatures, Network

# ImageNet statistics, as SAM 2 was trained with.
MEAN = torch.tensor((0.485, 0.456, 0.406), dtype=torch.float32)[:, None, None]
STD = torch.tensor((0.229, 0.224, 0.225), dtype=torch.float32)[:, None, None]

MOST_FRAMES_AT_ONCE = 8
RESIZING_THREADS = 4
"""Beside a GPU: one thread resizes fewer frames than a small network takes."""


class FrameEncoder:
    """Frames by plate number as features; decoding and resizing run ahead on threads.

    On a GPU frames go through the image encoder in groups that begin at multiples of the batch size
    from the first frame: whatever frame a pass begins or resumes on, the batches are the same, and
    so are the bits.
    """

    def __init__(self, network: Network, source: FrameSource, canvas: Canvas) -> None:
        self._network, self._source, self._canvas = network, source, canvas
        self.batch = ElasticBatch(frames_at_once(network))
        self._images = Prefetch(
            self._image,
            keep=(network.settings.read_ahead + 2) * self.batch.size,
            threads=RESIZING_THREADS if network.device.type == "cuda" else 1,
        )
        self._features: OrderedDict[int, FrameFeatures] = OrderedDict()

    def features(self, frame: int, direction: int) -> FrameFeatures:
        """Those of plate frame ``frame``; the frames after it in ``direction`` are decoded ahead.

        Raises:
            RotoError: ``missing_frame`` or ``bad_plate``; ``out_of_memory``.
        """
        if frame not in self._features:
            group = self._group(frame)
            images = self._decoded(group, direction)
            encoded = self.batch.run(images, self._encode)
            self._features |= dict(zip(group, encoded, strict=True))
        self._features.move_to_end(frame)
        while len(self._features) > 2 * self.batch.size + 2:
            self._features.popitem(last=False)
        return self._features[frame]

    def close(self) -> None:
        """Stop the threads. The source stays open: it is not ours."""
        self._images.close()
        self._features.clear()

    def _group(self, frame: int) -> list[int]:
        first, last = self._source.info.frame_range
        start = frame - (frame - first) % self.batch.size
        return list(range(start, min(start + self.batch.size, last + 1)))

    def _decoded(self, group: Sequence[int], direction: int) -> list[torch.Tensor]:
        first, last = self._source.info.frame_range
        edge = group[-1] if direction > 0 else group[0]
        depth = self._network.settings.read_ahead * self.batch.size
        ahead = [edge + direction * step for step in range(1, depth + 1)]
        wanted = [*group, *(frame for frame in ahead if first <= frame <= last)]
        self._images.expect(wanted)
        return [self._images.get(frame) for frame in group]

    def _image(self, frame: int) -> torch.Tensor:
        image = torch.from_numpy(self._canvas.image(self._source.read(frame)))
        return image.pin_memory() if self._network.device.type == "cuda" else image

    def _encode(self, images: Sequence[torch.Tensor]) -> list[FrameFeatures]:
        """The group's rest is filled up with its last frame: a compiled encoder knows one shape."""
        filled = [*images, *[images[-1]] * (self.batch.size - len(images))]
        device = self._network.device
        batch = torch.stack([image.to(device, non_blocking=True) for image in filled])
        return self._network.encode(batch)[: len(images)]


def frames_at_once(network: Network) -> int:
    """How many frames the image encoder takes in one batch: what fits free VRAM; 1 on the CPU.

    The CPU gains nothing from a batch: its caches are filled by one frame.
    """
    if network.device.type != "cuda" or network.settings.exact:
        return 1
    blank = torch.zeros((1, network.side, network.side, 3), dtype=torch.uint8)
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    with torch.inference_mode(), network.precision():
        network.encode(blank.to(network.device))
    each = max(1, torch.cuda.max_memory_allocated() - before)
    return items_that_fit(torch.cuda.mem_get_info()[0], each, MOST_FRAMES_AT_ONCE)
