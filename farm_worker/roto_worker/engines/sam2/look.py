"""Single images: a prompt answered at once, and at once again when the image is known."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import torch

from roto_shapes.prompts import FramePrompt

from ...media.source import Image8
from ..base import Candidate, Logits
from .batch import is_out_of_memory
from .clues import clue_of
from .geometry import Canvas
from .network import Clue, FrameFeatures, Masks, Network

ALIKE = 0.9
"""Candidates whose masks overlap by more (IoU) are one answer."""


class Looker:
    """Answers prompts on images, keeping the features of the last ones by their bytes."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._kept: OrderedDict[str, FrameFeatures] = OrderedDict()

    @property
    def bytes_kept(self) -> int:
        return sum(features.bytes for features in self._kept.values())

    def look(
        self, key: str, image: Image8, prompt: FramePrompt, hint: Logits | None
    ) -> list[Candidate]:
        """See `base.Detailer`."""
        height, width = image.shape[:2]
        side = self._network.side
        canvas = Canvas(width, height, side, self._network.settings.margin(side))
        if prompt.absent:
            return [Candidate(np.full((height, width), -16, np.float32), 1.0)]
        features = self._features(key, image, canvas)
        clue = clue_of(prompt, canvas, self._network, hint=hint)
        masks = self._network.answer(features, clue)
        chosen = _candidates(masks, canvas, several=_is_ambiguous(clue))
        low = torch.stack([masks.candidates[0, one].float() for one in chosen])
        logits = canvas.logits(low).cpu().numpy()
        scores = masks.qualities[0].cpu()
        return [
            Candidate(one, float(scores[index])) for index, one in zip(chosen, logits, strict=True)
        ]

    def _features(self, key: str, image: Image8, canvas: Canvas) -> FrameFeatures:
        known = self._kept.pop(key, None)
        if known is None:
            picture = torch.from_numpy(canvas.image(image))[None]
            known = self._encode(picture)
        if key:
            self._kept[key] = known
            while self.bytes_kept > self._network.settings.embedding_bytes:
                self._kept.popitem(last=False)
        return known

    def _encode(self, picture: torch.Tensor) -> FrameFeatures:
        """What is kept of other images gives way when the device is full."""
        try:
            return self._network.encode(picture.to(self._network.device))[0]
        except RuntimeError as error:
            if not self._kept or not is_out_of_memory(error):
                raise
            self._kept.clear()
        return self._network.encode(picture.to(self._network.device))[0]


def _is_ambiguous(clue: Clue) -> bool:
    """One click can mean the part, the whole or the group; anything more is meant as given."""
    alone = clue.mask is None and clue.hint is None
    return alone and clue.labels is not None and clue.labels.tolist() == [[1]]


def _candidates(masks: Masks, canvas: Canvas, *, several: bool) -> list[int]:
    """Which candidates to offer, best first: no empty one, and none twice."""
    order = [int(one) for one in masks.qualities[0].argsort(descending=True)]
    if not several:
        return order[:1]
    inside = canvas.core(masks.candidates[0]) > 0
    kept = order[:1]
    for one in order[1:]:
        different = all(_iou(inside[one], inside[other]) <= ALIKE for other in kept)
        if different and bool(inside[one].any()):
            kept.append(one)
    return kept


def _iou(one: torch.Tensor, other: torch.Tensor) -> float:
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0
