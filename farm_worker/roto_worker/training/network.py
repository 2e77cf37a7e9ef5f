"""The nano network made trainable: `SAM2Train` of the sam2 package, started so that it learns.

A network of this size, trained from nothing on little data, falls into traps a large one with
pretrained weights never sees; `prepare` removes those that lie in the initialisation.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch
from torch import nn

from ..engines.sam2.build import build_network
from ..engines.sam2.catalog import NANO_CONFIG

PRESENT_BIAS = 3.0
TIED_GAIN = 2.0


@dataclass(frozen=True)
class Batch:
    """What `SAM2Train` is fed: ``flat_img_batch`` ``[V * T, 3, S, S]`` (clip by clip), ``masks``
    bool ``[T, O, S, S]`` and ``flat_obj_to_img_idx`` ``[T, O]``, rows of ``flat_img_batch``."""

    flat_img_batch: torch.Tensor
    masks: torch.Tensor
    flat_obj_to_img_idx: torch.Tensor

    @property
    def num_frames(self) -> int:
        return len(self.masks)


def build_trainable(image_size: int = 128) -> Any:
    """The nano network with fresh weights (from torch's global generator), in training mode."""
    provide_batch_module()
    network = build_network(
        NANO_CONFIG,
        image_size=image_size,
        _target_="roto_worker.training.prompting.MixedPrompts",
        prob_to_sample_from_gt_for_train=0.1,
        rand_init_cond_frames_for_train=True,
        rand_frames_to_correct_for_train=True,
        add_all_frames_to_correct_as_cond=True,
        # The two settings of `build.POSTPROCESSING` that only make sense with a finished network.
        sam_mask_decoder_extra_args={},
        binarize_mask_from_pts_for_mem_enc=False,
    )
    prepare(network)
    return network.train()


@torch.no_grad()
def prepare(network: Any) -> None:
    """Make fresh weights trainable; see the comments for the trap each step avoids."""
    decoder = network.sam_mask_decoder
    # An object score that starts at "absent" blanks every mask: no gradient reaches the decoder.
    score = decoder.pred_obj_score_head.layers[-1]
    score.weight.mul_(0.1)
    score.bias.add_(PRESENT_BIAS)
    # Clicks and picture share a position code; with unrelated query and key projections the
    # decoder does not find out for thousands of steps, with tied ones it starts by looking there.
    attentions = [decoder.transformer.final_attn_token_to_image]
    for layer in decoder.transformer.layers:
        attentions += [layer.cross_attn_token_to_image, layer.cross_attn_image_to_token]
    for attention in attentions:
        nn.init.xavier_uniform_(attention.q_proj.weight, gain=TIED_GAIN)
        attention.k_proj.weight.copy_(attention.q_proj.weight)
    # The same for the memory: rotary codes of one common vector make the attention start local.
    for layer in network.memory_attention.layers:
        attention = layer.cross_attn_image
        attention.q_proj.bias.normal_()
        attention.k_proj.bias.copy_(attention.q_proj.bias)


def provide_batch_module() -> None:
    """Let ``training.model.sam2`` be imported without tensordict: all it takes from
    ``training.utils.data_utils`` is the name of the batch class."""
    name = "training.utils.data_utils"
    if name not in sys.modules:
        module = ModuleType(name)
        module.BatchedVideoDatapoint = Batch  # type: ignore[attr-defined]
        sys.modules[name] = module
