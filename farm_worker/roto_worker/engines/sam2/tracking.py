"""One pass of SAM 2 over a plate: objects join, are tracked together, and leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from roto_shapes.prompts import FramePrompt

from ..base import Logits, Prediction
from .batch import ElasticBatch
from .clues import clue_of
from .frames import FrameEncoder
from .geometry import Canvas
from .memory import Arrays, FrameMemory, ObjectMemory, Shown
from .network import FrameFeatures, Masks, Network, Place

OBJECTS_AT_ONCE_CPU = 4
"""Calls into the mask decoder cost a third less each; larger batches leave the caches."""


@dataclass(frozen=True)
class Start:
    """An object as it joins: the prompts its sweep may know, the one on its first frame first.

    ``tracked``: logits that the first prompt corrects, if it does.
    """

    prompts: Sequence[FramePrompt]
    tracked: Logits | None = None


@dataclass(frozen=True)
class _Answer:
    low: torch.Tensor
    score: torch.Tensor
    quality: torch.Tensor


class Pass:
    """A walk over plate frames from ``frame`` on, in ``direction``, with any number of objects.

    An object's memory depends on its own prompts alone. Objects whose memories have the same layout
    are tracked in batches; on the CPU in small ones, which its kernels compute to the same bits as
    each object alone.
    """

    def __init__(
        self,
        network: Network,
        encoder: FrameEncoder,
        canvas: Canvas,
        frame_range: tuple[int, int],
        frame: int,
        direction: int,
    ) -> None:
        self.frame = frame
        self.direction = direction
        self._network, self._encoder, self._canvas = network, encoder, canvas
        self._first, self._last = frame_range
        self._objects: dict[str, ObjectMemory] = {}
        self._late: list[str] = []
        self._batch = ElasticBatch(_objects_at_once(network))

    @property
    def objects(self) -> list[str]:
        return list(self._objects)

    def takes(self, frame: int, direction: int) -> bool:
        """Whether objects can join on ``frame``: the next one, or the one just answered."""
        stands = frame == self.frame or (self._objects and frame == self.frame - self.direction)
        return direction == self.direction and bool(stands)

    def join(self, frame: int, starts: Mapping[str, Start]) -> None:
        """Encode what each object's prompts show, every prompted frame's image once."""
        for name in starts:
            self._objects[name] = ObjectMemory()
        prompted = {prompt.frame for start in starts.values() for prompt in start.prompts}
        # The frame that comes next stays the most recently used one.
        for at in sorted(prompted, key=lambda other: -abs(other - frame)):
            features = self._encoder.features(at, self.direction)
            for name, start in starts.items():
                for prompt in (one for one in start.prompts if one.frame == at):
                    tracked = start.tracked if at == frame else None
                    self._objects[name].shown[at - self._first] = self._show(
                        features, prompt, tracked
                    )
        if frame != self.frame:
            self._late += starts

    def leave(self, names: Sequence[str]) -> None:
        for name in names:
            del self._objects[name]
        self._late = [name for name in self._late if name in self._objects]

    def step(self) -> tuple[int, dict[str, Prediction]]:
        """See `Segmenter.step`; objects that joined on the frame just answered catch up first."""
        late, self._late = self._late, []
        frame = self.frame - self.direction if late else self.frame
        names = late or self.objects
        answers = self._answers(frame, names)
        finish = self._deliver(names, answers)
        if not late:
            self.frame += self.direction
        self._encode_ahead()
        return frame, finish()

    def save(self) -> tuple[Arrays, dict[str, Any]]:
        """All that the next step needs, as arrays and JSON."""
        arrays = {
            f"{slot}/{key}": array
            for slot, memory in enumerate(self._objects.values())
            for key, array in memory.save().items()
        }
        meta = {
            "frame": self.frame,
            "direction": self.direction,
            "objects": self.objects,
            "frames_at_once": self._encoder.batch.size,
            "objects_at_once": self._batch.size,
        }
        return arrays, meta

    def load(self, arrays: Arrays, meta: Mapping[str, Any]) -> None:
        """Put saved objects into a pass opened on the saved frame and direction."""
        for slot, name in enumerate(meta["objects"]):
            mine = {
                key.partition("/")[2]: array
                for key, array in arrays.items()
                if key.partition("/")[0] == str(slot)
            }
            self._objects[name] = ObjectMemory.load(mine, self._network.device)
        if self._network.device.type != "cpu":
            # The same batches are the same bits.
            self._encoder.batch.size = meta["frames_at_once"]
            self._batch.size = meta["objects_at_once"]

    def _show(self, features: FrameFeatures, prompt: FramePrompt, tracked: Logits | None) -> Shown:
        inside = None if tracked is None else tracked > 0
        clue = clue_of(prompt, self._canvas, self._network, tracked=inside)
        return self._network.show(features, clue)

    def _answers(self, frame: int, names: Sequence[str]) -> dict[str, _Answer]:
        index = frame - self._first
        at = Place(index, self.direction, self._last - self._first + 1)
        answers: dict[str, _Answer] = {}
        groups: dict[tuple[int, int], list[str]] = {}
        for name in names:
            shown = self._objects[name].shown.get(index)
            if shown is not None:
                answers[name] = _Answer(shown.low, shown.score, shown.quality)
            else:
                layout = self._network.layout(self._objects[name], at)
                groups.setdefault(layout, []).append(name)
        if groups:
            features = self._encoder.features(frame, self.direction)
            seen = self._network.seen(features)
            for group in groups.values():
                answers |= self._track(features, seen, group, at)
        return answers

    def _track(
        self, features: FrameFeatures, seen: torch.Tensor | None, names: Sequence[str], at: Place
    ) -> dict[str, _Answer]:
        def work(part: Sequence[str]) -> list[tuple[_Answer, FrameMemory]]:
            memories = [self._objects[name] for name in part]
            masks, new = self._network.track(features, seen, memories, at)
            return list(zip(_split(masks), new, strict=True))

        answers = {}
        for name, (answer, memory) in zip(names, self._batch.run(names, work), strict=True):
            self._objects[name].remember(at.index, memory, self._network.reach)
            answers[name] = answer
        return answers

    def _deliver(
        self, names: Sequence[str], answers: Mapping[str, _Answer]
    ) -> Callable[[], dict[str, Prediction]]:
        """Begin to bring predictions to the host; the call that is returned waits for them."""

        def work(part: Sequence[str]) -> list[tuple[torch.Tensor, torch.Tensor]]:
            low = torch.stack([answers[name].low for name in part])
            known = torch.stack(
                [
                    torch.stack([answers[name].score for name in part]).float().sigmoid(),
                    torch.stack([answers[name].quality for name in part]).float(),
                    stability(self._canvas.core(low)),
                ],
                dim=1,
            )
            return list(zip(_to_host(self._canvas.logits(low)), _to_host(known), strict=True))

        # At plate size logits are large: as many objects at once as memory holds.
        brought = self._batch.run(names, work)
        copied = None
        if self._network.device.type == "cuda":
            copied = torch.cuda.Event()
            copied.record()

        def finish() -> dict[str, Prediction]:
            if copied is not None:
                copied.synchronize()
            return {name: _prediction(*one) for name, one in zip(names, brought, strict=True)}

        return finish

    def _encode_ahead(self) -> None:
        """Queue the next frame's features on a GPU before anyone waits for this frame's mattes."""
        if self._network.device.type == "cuda" and self._first <= self.frame <= self._last:
            self._encoder.features(self.frame, self.direction)


def _objects_at_once(network: Network) -> int:
    if network.settings.exact:
        return 1
    most = network.settings.objects_at_once
    return min(most, OBJECTS_AT_ONCE_CPU) if network.device.type == "cpu" else most


def stability(low: torch.Tensor) -> torch.Tensor:
    """IoU of masks ``[n, h, w]`` cut at the logits +1 and -1, 0..1; 1 where nothing is inside.

    The score of Kirillov et al. 2023, "Segment Anything", appendix B.
    """
    inner = (low > 1.0).sum(dim=(-2, -1))
    outer = (low > -1.0).sum(dim=(-2, -1))
    return torch.where(outer > 0, inner / outer, torch.ones_like(outer, dtype=torch.float32))


def _split(masks: Masks) -> list[_Answer]:
    each = zip(masks.low, masks.score, masks.quality, strict=True)
    return [_Answer(*one) for one in each]


def _to_host(tensor: torch.Tensor) -> torch.Tensor:
    """``tensor`` on the host; from CUDA it is there once what was queued so far is done."""
    if tensor.device.type != "cuda":
        return tensor.cpu()
    here = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
    return here.copy_(tensor, non_blocking=True)


def _prediction(logits: torch.Tensor, known: torch.Tensor) -> Prediction:
    labels = ("present", "quality", "stability")
    return Prediction(logits.numpy(), dict(zip(labels, known.tolist(), strict=True)))
