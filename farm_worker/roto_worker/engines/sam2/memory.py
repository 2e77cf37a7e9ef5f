"""What the model remembers of an object: prompted frames, a window of memories, object pointers.

The package keeps every output. A next frame needs only the prompted frames, the memories of the
last ``num_maskmem - 1`` frames and the pointers of the last ``max_obj_ptrs_in_encoder - 1``: that
is all an `ObjectMemory` holds, so it does not grow with the plate. Frames are counted from the
first of the plate's range here, as in the package.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


@dataclass
class FrameMemory:
    """One frame: ``tokens`` ``[h * w, c]`` bfloat16 (None when too old), ``pointer`` ``[1, C]``."""

    tokens: torch.Tensor | None
    pointer: torch.Tensor


@dataclass
class Shown(FrameMemory):
    """A prompted frame, with its answer.

    ``low``: logits ``[s, s]``; ``score``: object score logit; ``quality``: predicted IoU.
    """

    low: torch.Tensor
    score: torch.Tensor
    quality: torch.Tensor


@dataclass(frozen=True)
class Reach:
    """How far back a network looks: frames of memories and of pointers."""

    memories: int
    pointers: int

    @classmethod
    def of(cls, model: Any) -> Reach:
        return cls(model.num_maskmem - 1, model.max_obj_ptrs_in_encoder - 1)


@dataclass
class ObjectMemory:
    """All that is kept of one object during a pass."""

    shown: dict[int, Shown] = field(default_factory=dict)
    tracked: dict[int, FrameMemory] = field(default_factory=dict)

    def remember(self, index: int, memory: FrameMemory, reach: Reach) -> None:
        """Add a tracked frame and drop what no later frame of the pass can reach."""
        self.tracked[index] = memory
        for other in list(self.tracked):
            age = abs(index - other) + 1
            if age > max(reach.pointers, reach.memories):
                del self.tracked[other]
            elif age > reach.memories:
                self.tracked[other].tokens = None

    def window(self, index: int, direction: int, reach: Reach) -> Window:
        """What frame ``index`` attends to, in the package's order."""
        memories: list[tuple[int | None, torch.Tensor | None]] = [
            (None, memory.tokens) for memory in self.shown.values()
        ]
        ages = range(reach.memories, 0, -1)
        behind = [(age, self.tracked.get(index - direction * age)) for age in ages]
        memories += [(age, one.tokens) for age, one in behind if one is not None]
        pointers = [
            ((index - other) * direction, memory.pointer)
            for other, memory in self.shown.items()
            if (index - other) * direction >= 0
        ]
        for age in range(1, reach.pointers + 1):
            past = self.tracked.get(index - direction * age)
            if past is not None:
                pointers.append((age, past.pointer))
        return Window(memories, pointers)

    def as_package(self, positions: torch.Tensor) -> dict[str, dict[int, dict[str, Any]]]:
        """The same as the package's own output dictionary; ``positions`` ``[1, c, h, w]``."""

        def entry(memory: FrameMemory) -> dict[str, Any]:
            tokens = memory.tokens
            if tokens is not None:
                tokens = tokens.transpose(0, 1).unflatten(1, positions.shape[-2:])[None]
            return {
                "maskmem_features": tokens,
                "maskmem_pos_enc": [positions],
                "obj_ptr": memory.pointer,
            }

        return {
            "cond_frame_outputs": {index: entry(one) for index, one in self.shown.items()},
            "non_cond_frame_outputs": {index: entry(one) for index, one in self.tracked.items()},
        }

    def save(self) -> Arrays:
        """Everything as arrays; bfloat16 as the raw int16 of the same bits."""
        groups: dict[str, Mapping[int, FrameMemory]] = {
            "shown": self.shown,
            "tracked": self.tracked,
        }
        return {
            f"{group}/{index}/{name}": _as_array(tensor)
            for group, memories in groups.items()
            for index, memory in memories.items()
            for name, tensor in vars(memory).items()
            if tensor is not None
        }

    @classmethod
    def load(cls, arrays: Mapping[str, NDArray[Any]], device: torch.device) -> ObjectMemory:
        """What `save` gave."""
        found: dict[tuple[str, int], dict[str, torch.Tensor]] = {}
        for key, array in arrays.items():
            group, at, name = key.split("/")
            fields = found.setdefault((group, int(at)), {})
            fields[name] = _as_tensor(array).to(device)
        memory = cls()
        for (group, index), fields in found.items():
            if group == "shown":
                memory.shown[index] = Shown(**fields)
            else:
                memory.tracked[index] = FrameMemory(fields.get("tokens"), fields["pointer"])
        return memory


@dataclass(frozen=True)
class Window:
    """``memories``: (frames ago, or None on a prompted frame; tokens); ``pointers``: (frames ago,
    negative when still ahead; pointer)."""

    memories: Sequence[tuple[int | None, torch.Tensor | None]]
    pointers: Sequence[tuple[int, torch.Tensor]]

    @property
    def layout(self) -> tuple[int, int]:
        """Objects of one layout can be tracked in one batch."""
        return len(self.memories), len(self.pointers)


def _as_array(tensor: torch.Tensor) -> NDArray[Any]:
    raw = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor.float()
    array: NDArray[Any] = raw.detach().cpu().contiguous().numpy()
    return array


def _as_tensor(array: NDArray[Any]) -> torch.Tensor:
    tensor = torch.from_numpy(np.array(array))
    return tensor.view(torch.bfloat16) if tensor.dtype == torch.int16 else tensor
