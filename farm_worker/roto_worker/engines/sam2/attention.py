"""Memory attention for many objects on one frame.

The same layers and weights as the package's ``MemoryAttention``, arranged for what objects have in
common: the first layer's self-attention sees the image alone and runs once a frame. Keys turn in
place, without a repeated table. On the CPU the attended memories are averaged before their value
projection (which is linear, so the order does not matter): 64 channels instead of 256.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from sam2.modeling.sam2_utils import get_1d_sine_pe
from torch.nn import functional

from .linear import times_transposed
from .memory import Window

_QUERIES_AT_ONCE = 256
"""On the CPU; their scores against a full memory are 2 MB at 256 pixels and 30 MB at 1024."""


@dataclass(frozen=True)
class Attended:
    """A batch of windows: ``memory`` and ``position`` ``[objects, tokens, c]``; the last
    ``pointers`` tokens are object pointers and have no place in the image."""

    memory: torch.Tensor
    position: torch.Tensor
    pointers: int


class MemoryReader:
    """``model``: the package's predictor; ``position`` ``[1, c, h, w]``: its memories' encoding."""

    def __init__(self, model: Any, position: torch.Tensor) -> None:
        self._model = model
        self._layers = list(model.memory_attention.layers)
        self._norm = model.memory_attention.norm
        self._side = position.shape[-1]
        self._attend: Callable[[torch.Tensor, Attended], torch.Tensor] = self._attend_to_all
        spatial = position[0].flatten(1).transpose(0, 1).float()
        ages = model.maskmem_tpos_enc.detach()[:, 0, 0]
        # Row k - 1 is k frames ago; the last row is a prompted frame, however far.
        self._positions = spatial[None] + ages[:, None]
        self._on_cpu = position.device.type == "cpu"
        turn = self._layers[0].self_attn.compute_cis(end_x=self._side, end_y=self._side)
        self._turn = turn.to(position.device) if self._on_cpu else _real(turn, position.device)

    def _gather(self, windows: Sequence[Window], frames: int) -> Attended:
        memory = torch.stack([self._tokens(window) for window in windows])
        position = torch.stack([self._places(window) for window in windows])
        pointers = torch.stack([torch.cat([p for _, p in one.pointers]) for one in windows])
        ages = torch.tensor([[age for age, _ in one.pointers] for one in windows])
        split = pointers.shape[-1] // memory.shape[-1]
        # Not waited for: the device may be at work on the frame before.
        ages = ages.to(memory.device, non_blocking=True)
        encoded = self._encode_ages(ages, frames).repeat_interleave(split, dim=1)
        pointers = pointers.reshape(len(windows), -1, memory.shape[-1])
        return Attended(
            torch.cat([memory.float(), pointers.float()], dim=1),
            torch.cat([position, encoded.float()], dim=1),
            pointers.shape[1],
        )

    def compile(self) -> None:
        """Let torch compile what runs per object; its first calls then take a minute or more."""
        self._attend = torch.compile(self._attend_to_all, dynamic=True)

    def look(self, image: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
        """What all objects share: the frame's tokens after the first self-attention.

        ``image`` and ``position`` are ``[1, C, h, w]``; the answer is ``[1, h * w, C]``.
        """
        tokens = (image + 0.1 * position).flatten(2).transpose(1, 2)
        return self._see(self._layers[0], tokens)

    def read(self, seen: torch.Tensor, windows: Sequence[Window], frames: int) -> torch.Tensor:
        """The frame as it looks to each object, ``[objects, C, h, w]``.

        ``seen`` is what `look` answered, ``windows`` are of one layout, ``frames`` is the length of
        the plate's range. On the CPU objects come one by one: the caches hold no more.
        """
        together = 1 if self._on_cpu else len(windows)
        parts = [windows[at : at + together] for at in range(0, len(windows), together)]
        return torch.cat([self._attend(seen, self._gather(part, frames)) for part in parts])

    def _attend_to_all(self, seen: torch.Tensor, attended: Attended) -> torch.Tensor:
        tokens = self._recall(self._layers[0], seen, attended)
        for layer in self._layers[1:]:
            tokens = self._recall(layer, self._see(layer, tokens), attended)
        planes = self._norm(tokens).transpose(1, 2).contiguous()
        return planes.unflatten(2, (self._side, self._side))

    def _see(self, layer: Any, tokens: torch.Tensor) -> torch.Tensor:
        """Self-attention of the image."""
        normed, attention = layer.norm1(tokens), layer.self_attn
        queries = self._turned(attention.q_proj(normed))
        keys = self._turned(attention.k_proj(normed))
        values = attention.v_proj(normed)
        look = attend_in_blocks if self._on_cpu else attend
        return tokens + attention.out_proj(look(queries, keys, values))

    def _recall(self, layer: Any, tokens: torch.Tensor, attended: Attended) -> torch.Tensor:
        """Cross-attention to the memories, then the layer's perceptron."""
        attention = layer.cross_attn_image
        queries = self._turned(attention.q_proj(layer.norm2(tokens)))
        keys = attention.k_proj(attended.memory + attended.position)
        placed = keys.shape[1] - attended.pointers
        self._turned(keys[:, :placed].unflatten(1, (-1, self._side**2)))
        if self._on_cpu:
            found = attention.v_proj(attend_in_blocks(queries, keys, attended.memory))
        else:
            found = attend(queries, keys, attention.v_proj(attended.memory))
        tokens = tokens + attention.out_proj(found)
        hidden = layer.activation(layer.linear1(layer.norm3(tokens)), inplace=True)
        return tokens + layer.linear2(hidden)

    def _turned(self, vectors: torch.Tensor) -> torch.Tensor:
        """Rotate ``[..., h * w, channels]`` by their places, in place (rotary encoding)."""
        pairs = vectors.float().unflatten(-1, (-1, 2))
        if isinstance(self._turn, tuple):  # torch.compile knows no complex numbers.
            (cos, sin), (x, y) = self._turn, pairs.unbind(-1)
            turned = torch.stack((x * cos - y * sin, x * sin + y * cos), -1)
        else:
            turned = torch.view_as_real(torch.view_as_complex(pairs) * self._turn)
        return vectors.copy_(turned.flatten(-2))

    def _tokens(self, window: Window) -> torch.Tensor:
        return torch.cat([tokens for _, tokens in window.memories if tokens is not None])

    def _places(self, window: Window) -> torch.Tensor:
        rows = [-1 if age is None else age - 1 for age, _ in window.memories]
        return torch.cat([self._positions[row] for row in rows])

    def _encode_ages(self, ages: torch.Tensor, frames: int) -> torch.Tensor:
        """Frames ago ``[objects, n]`` as ``[objects, n, c]``."""
        model = self._model
        furthest = min(frames, model.max_obj_ptrs_in_encoder) - 1
        return model.obj_ptr_tpos_proj(get_1d_sine_pe(ages / furthest, dim=model.hidden_dim))


def attend(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Softmax attention of one head: ``[objects, n, d]``, ``[objects, m, d]``, ``[objects, m, e]``.

    ``queries`` may have one object only, for all.
    """
    queries = queries.expand(len(keys), -1, -1)
    heads = (queries[:, None], keys[:, None], values[:, None])
    return functional.scaled_dot_product_attention(*heads)[:, 0]


def attend_in_blocks(
    queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor
) -> torch.Tensor:
    """The same on the CPU, three times faster than PyTorch's own where MKL is slow."""
    queries = (queries * queries.shape[-1] ** -0.5).expand(len(keys), -1, -1)
    found = torch.empty((*queries.shape[:2], values.shape[-1]))
    for one, asked in enumerate(queries):
        average = values[one].transpose(0, 1)
        for start in range(0, len(asked), _QUERIES_AT_ONCE):
            part = slice(start, start + _QUERIES_AT_ONCE)
            scores = times_transposed(asked[part], keys[one])
            # In place: fresh pages for as much again cost more than the softmax.
            torch.softmax(scores, -1, out=scores)
            found[one, part] = times_transposed(scores, average)
    return found


def _real(turn: torch.Tensor, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    return turn.real.contiguous().to(device), turn.imag.contiguous().to(device)
