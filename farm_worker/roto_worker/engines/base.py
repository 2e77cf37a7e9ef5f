"""The one protocol every tracking engine speaks.

The driver (`roto_worker.engines.driver`) plans *sweeps*: straight runs over frames, each beginning
on a prompted frame of the objects it carries. An engine only knows how to start on a frame and step
to the next; order, merging of two directions, files and checkpoints are the driver's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from roto_shapes.prompts import FramePrompt

from ..media.source import FrameSource

Logits = NDArray[np.float32]


@dataclass(frozen=True)
class EngineInfo:
    """What made a result; goes into provenance and into the matte metadata."""

    engine: str
    model: str
    checkpoint_sha256: str | None
    device: str
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Prediction:
    """One object on one frame.

    ``logits`` are ``[height, width]`` float32 at plate size, > 0 inside; sigmoid(logits) is the
    soft matte. ``confidence`` is 0..1.
    """

    logits: Logits
    confidence: float


@dataclass(frozen=True)
class EngineState:
    """Everything an engine needs to go on in another process: arrays and JSON, no pickle."""

    arrays: dict[str, NDArray[Any]]
    meta: dict[str, Any]


class Segmenter(Protocol):
    """A model loaded once per process, tracking one shot at a time."""

    @property
    def info(self) -> EngineInfo: ...

    def start(self, source: FrameSource, prompts: Mapping[str, Sequence[FramePrompt]]) -> None:
        """Open a shot. ``prompts``: object id -> its prompts, ascending frames. Ends any other."""
        ...

    def begin(
        self,
        frame: int,
        direction: int,
        objects: Sequence[str],
        tracked: Mapping[str, Logits] | None = None,
    ) -> None:
        """Begin a sweep on ``frame``, on which every one of ``objects`` has a prompt.

        ``direction`` is +1 or -1. ``tracked`` is given when the prompts on ``frame`` are clicks
        that correct what tracking from another prompt made of it: those logits, by object.
        """
        ...

    def step(self) -> tuple[int, dict[str, Prediction]]:
        """The sweep's current frame and its predictions, then move one frame on.

        The first call answers the prompted frame itself.
        """
        ...

    def checkpoint(self) -> EngineState:
        """The state between two steps."""
        ...

    def restore(self, state: EngineState) -> None:
        """Continue a sweep (after `start` on the same shot and prompts) as if never stopped."""
        ...

    def close(self) -> None:
        """Drop the shot; the model stays loaded."""
        ...
