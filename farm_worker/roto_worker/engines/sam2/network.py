"""The package's network, called part by part: image encoder, prompts, tracking.

Every call is the package's own code on the package's own weights, except memory attention in
product mode (`attention.MemoryReader`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from .attention import MemoryReader
from .frames import MEAN, STD
from .linear import can_pack, pack
from .memory import FrameMemory, ObjectMemory, Reach, Shown
from .settings import Settings
from .warm import compile_parts


@dataclass(frozen=True)
class FrameFeatures:
    """What the image encoder says of one frame; ``[1, C, h, w]`` each.

    ``fine`` are the two levels the mask decoder adds at 4 and 2 times the resolution of
    ``coarse``; ``position`` is the encoding of the coarse level's places.
    """

    fine: tuple[torch.Tensor, ...]
    coarse: torch.Tensor
    position: torch.Tensor

    @property
    def bytes(self) -> int:
        """Memory held; ``position`` is shared by all frames."""
        return sum(level.numel() * level.element_size() for level in (*self.fine, self.coarse))

    def fine_for(self, objects: int) -> list[torch.Tensor]:
        return [level.expand(objects, -1, -1, -1) for level in self.fine]

    def tokens(self, objects: int) -> list[torch.Tensor]:
        """All levels as the package's ``[h * w, objects, C]``."""
        levels = [*self.fine_for(objects), self.coarse.expand(objects, -1, -1, -1)]
        return [level.flatten(2).permute(2, 0, 1) for level in levels]

    @property
    def sizes(self) -> list[tuple[int, int]]:
        return [tuple(level.shape[-2:]) for level in (*self.fine, self.coarse)]


@dataclass(frozen=True)
class Clue:
    """A prompt as the model takes it.

    ``points`` ``[1, n, 2]`` model pixels, ``labels`` ``[1, n]`` (1 on the object, 0 beside it, 2
    and 3 the corners of a box), ``mask`` ``[1, 1, side, side]`` of 0 and 1, ``hint`` logits
    ``[1, 1, s, s]`` of a first guess.
    """

    points: torch.Tensor | None = None
    labels: torch.Tensor | None = None
    mask: torch.Tensor | None = None
    hint: torch.Tensor | None = None

    @property
    def point_inputs(self) -> dict[str, torch.Tensor] | None:
        if self.points is None or self.labels is None:
            return None
        return {"point_coords": self.points, "point_labels": self.labels}


@dataclass(frozen=True)
class Masks:
    """The mask decoder's answer for a batch of objects.

    ``low`` ``[n, s, s]`` and ``high`` ``[n, 1, side, side]`` logits of the chosen masks;
    ``pointer`` ``[n, C]``; ``score`` ``[n]`` object score logits; all candidates in ``candidates``
    ``[n, m, s, s]``, their predicted IoU in ``qualities`` ``[n, m]``, the chosen one's in
    ``quality`` ``[n]``.
    """

    candidates: torch.Tensor
    qualities: torch.Tensor
    low: torch.Tensor
    high: torch.Tensor
    pointer: torch.Tensor
    score: torch.Tensor

    @property
    def quality(self) -> torch.Tensor:
        return self.qualities.max(dim=1).values

    @classmethod
    def of(cls, outputs: Sequence[torch.Tensor]) -> Masks:
        """From the package's seven outputs of its mask heads."""
        candidates, _, qualities, low, high, pointer, score = outputs
        return cls(candidates, qualities.float(), low[:, 0], high, pointer, score[:, 0])


@dataclass(frozen=True)
class Place:
    """Frame ``index`` of the ``frames`` in the plate's range, walked in ``direction``."""

    index: int
    direction: int
    frames: int


class Network:
    """A loaded predictor, ready for one mode. Product mode changes it for good (`linear.pack`)."""

    def __init__(self, predictor: Any, settings: Settings) -> None:
        self.model = predictor
        self.settings = settings
        self.device: torch.device = predictor.device
        self.side = int(predictor.image_size)
        self.reach = Reach.of(predictor)
        # On the device once: a copy from the host would stall it every frame.
        self._mean, self._std = MEAN.to(self.device), STD.to(self.device)
        self._memory_position = self._encoding_of_memories()
        self._reader: MemoryReader | None = None
        if not settings.exact:
            if can_pack(self.device):
                pack(predictor)
            self._reader = MemoryReader(predictor, self._memory_position)
            if settings.compiled and self.device.type == "cuda":
                compile_parts(predictor, self._reader)

    def precision(self) -> AbstractContextManager[Any]:
        """bfloat16 on CUDA, as the weights were trained; exact float32 elsewhere."""
        if self.device.type == "cuda":
            return torch.autocast("cuda", dtype=torch.bfloat16)
        return nullcontext()

    def encode(self, images: torch.Tensor) -> list[FrameFeatures]:
        """Features of ``[n, side, side, 3]`` uint8 images on the device."""
        output = self.model.forward_image(self._normalised(images))
        position = output["vision_pos_enc"][-1][:1]
        levels = [level.split(1) for level in output["backbone_fpn"]]
        if not self.settings.exact:
            # One layout whatever the batch, or sums over channels run in another order.
            levels = [[one.contiguous() for one in level] for level in levels]
        return [
            FrameFeatures(tuple(fine), coarse, position)
            for *fine, coarse in zip(*levels, strict=True)
        ]

    def show(self, features: FrameFeatures, clue: Clue) -> Shown:
        """An object as its prompt shows it on one frame, with nothing else known."""
        masks = self.answer(features, clue)
        high = functional.interpolate(
            masks.low[:, None],
            size=(self.side, self.side),
            mode="bilinear",
            align_corners=False,
        )
        tokens = self._encode_memory(features, high, masks.score, prompted=True)
        return Shown(tokens[0], masks.pointer, masks.low[0], masks.score[0], masks.quality[0])

    def answer(self, features: FrameFeatures, clue: Clue) -> Masks:
        """Masks for a prompt: a mask is taken as it is, then clicks and box refine it."""
        if clue.mask is None:
            return self._decode_prompt(features, clue)
        taken = Masks.of(
            self.model._use_mask_as_output(features.coarse, features.fine_for(1), clue.mask)
        )
        if clue.points is None:
            return taken
        # The package clamps likewise what it feeds back.
        hint = taken.low[:, None].clamp(-32.0, 32.0)
        return self._decode_prompt(features, Clue(clue.points, clue.labels, hint=hint))

    def seen(self, features: FrameFeatures) -> torch.Tensor | None:
        """What all objects on a frame share of memory attention; None in reference mode."""
        if self._reader is None:
            return None
        return self._reader.look(features.coarse, features.position)

    def track(
        self,
        features: FrameFeatures,
        seen: torch.Tensor | None,
        memories: Sequence[ObjectMemory],
        at: Place,
    ) -> tuple[Masks, list[FrameMemory]]:
        """One frame on, for objects of one `layout` (in reference mode: for one object).

        ``seen`` is what `seen` made of ``features``.
        """
        if self._reader is None or seen is None:
            recalled = self._recall_as_package(features, memories[0], at)
        else:
            windows = [memory.window(at.index, at.direction, self.reach) for memory in memories]
            recalled = self._reader.read(seen, windows, at.frames)
        masks = self._decode(features, recalled, Clue(), first=False)
        tokens = self._encode_memory(features, masks.high, masks.score, prompted=False)
        pointers = masks.pointer.split(1)
        return masks, [FrameMemory(*one) for one in zip(tokens, pointers, strict=True)]

    def layout(self, memory: ObjectMemory, at: Place) -> tuple[int, int]:
        """Objects of the same layout may be tracked in one batch."""
        return memory.window(at.index, at.direction, self.reach).layout

    def _recall_as_package(
        self, features: FrameFeatures, memory: ObjectMemory | None, at: Place
    ) -> torch.Tensor:
        """``[1, C, h, w]``: the frame conditioned on memories, or on there being none."""
        position = features.position.flatten(2).permute(2, 0, 1)
        return self.model._prepare_memory_conditioned_features(
            frame_idx=at.index,
            is_init_cond_frame=memory is None,
            current_vision_feats=features.tokens(1)[-1:],
            current_vision_pos_embeds=[position],
            feat_sizes=features.sizes[-1:],
            output_dict={} if memory is None else memory.as_package(self._memory_position),
            num_frames=at.frames,
            track_in_reverse=at.direction < 0,
        )

    def _decode_prompt(self, features: FrameFeatures, clue: Clue) -> Masks:
        recalled = self._recall_as_package(features, None, Place(0, 1, 1))
        return self._decode(features, recalled, clue, first=True)

    def _decode(
        self, features: FrameFeatures, recalled: torch.Tensor, clue: Clue, *, first: bool
    ) -> Masks:
        points = clue.point_inputs
        outputs = self.model._forward_sam_heads(
            backbone_features=recalled,
            point_inputs=points,
            mask_inputs=clue.hint,
            high_res_features=features.fine_for(len(recalled)),
            multimask_output=self.model._use_multimask(first, points),
        )
        return Masks.of(outputs)

    def _encode_memory(
        self, features: FrameFeatures, high: torch.Tensor, score: torch.Tensor, *, prompted: bool
    ) -> list[torch.Tensor]:
        """Per object ``[h * w, c]`` bfloat16.

        On the CPU one by one: its convolutions compute a batch to other bits than its parts.
        """
        together = 1 if self.device.type == "cpu" else len(high)
        tokens: list[torch.Tensor] = []
        for part, scores in zip(high.split(together), score.split(together), strict=True):
            encoded, _ = self.model._encode_new_memory(
                current_vision_feats=features.tokens(len(part)),
                feat_sizes=features.sizes,
                pred_masks_high_res=part,
                object_score_logits=scores[:, None],
                is_mask_from_pts=prompted,
            )
            tokens += encoded.to(torch.bfloat16).flatten(2).transpose(1, 2).contiguous()
        return tokens

    def _encoding_of_memories(self) -> torch.Tensor:
        """Where the tokens of a memory lie, ``[1, c, h, w]`` float32."""
        side = self.side // self.model.backbone_stride
        blank = torch.empty((1, self.model.mem_dim, side, side), device=self.device)
        return self.model.memory_encoder.position_encoding(blank)

    def _normalised(self, images: torch.Tensor) -> torch.Tensor:
        """``[n, 3, side, side]`` float32; in reference mode by the package's own arithmetic."""
        wide = torch.float64 if self.settings.exact else torch.float32
        pixels = (images.to(wide) / 255.0).permute(0, 3, 1, 2).to(torch.float32)
        return (pixels - self._mean) / self._std
