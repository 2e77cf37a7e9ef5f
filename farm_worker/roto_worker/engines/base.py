"""The protocols every tracking engine speaks.

The driver (`roto_worker.engines.driver`) walks *passes*: runs over the frames in one direction,
which objects join on the frame of a prompt and leave where their sweep ends, so that what a frame
costs whatever the object (decoding, image features) is paid once for all of them. An engine only
knows how to take objects in, step to the next frame and let objects go; order, merging of two
directions, files and checkpoints are the driver's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from roto_shapes.prompts import FramePrompt

from ..media.source import FrameSource, Image8

Logits = NDArray[np.float32]

Signals = dict[str, dict[int, dict[str, float]]]
"""Object id -> plate frame -> what is known about how well that matte came out.

An engine's own, each only where an engine has it: ``present`` (object score as a probability),
``quality`` (predicted IoU), ``stability`` (IoU of the matte cut a little tighter and a little
wider), each 0..1; of flow also ``match`` (how far appearance, last frame and motion agree with the
result, 0..1), ``contrast`` and ``motion`` (mean log-odds that the object looks unlike what is
beside it, and that it moves unlike it). The driver's, on every tracked frame: ``area`` (pixels
inside), and where that is not 0 the matte's bounds ``centre_x``, ``centre_y``, ``width``,
``height`` (plate pixels); ``prompted`` 1.0 on prompted frames; ``agreement`` (IoU of the two sides,
0..1) where two directions were merged, an engine's signals then being mixed by the weights of the
two sides. On frames that were not tracked there is only ``blank``: 1.0 where the artist said that
the object is not there, 0.0 where the chosen direction left the frame out.
"""


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
    soft matte. ``signals``: the engine's own, see `Signals`.
    """

    logits: Logits
    signals: Mapping[str, float]


@dataclass(frozen=True)
class EngineState:
    """Everything an engine needs to go on in another process: arrays and JSON, no pickle."""

    arrays: dict[str, NDArray[Any]]
    meta: dict[str, Any]


class Segmenter(Protocol):
    """A model loaded once per process, tracking one shot at a time.

    What an engine says of an object may depend on that object's prompts alone, never on which other
    objects are in the pass.
    """

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
        """Let ``objects``, each of which has a prompt on ``frame``, join the pass.

        ``frame`` is the one the next `step` answers; ``direction`` is +1 or -1. It is one of

        - the frame on which the running pass stands: the next step answers all objects;
        - the frame the last step answered, when others are still in the pass: the next step answers
          that frame once more, for these objects only; the step after it goes on with all of them;
        - any other frame, or another direction, or no pass is running: a new pass begins there.

        ``tracked`` has the logits of those objects whose prompts on ``frame`` are clicks that
        correct what tracking from another prompt made of it.
        """
        ...

    def leave(self, objects: Sequence[str]) -> None:
        """The sweep of these objects is over; the pass ends with the last one."""
        ...

    def step(self) -> tuple[int, dict[str, Prediction]]:
        """The pass's current frame and the objects' predictions, then move one frame on."""
        ...

    def checkpoint(self) -> EngineState:
        """The whole pass, all objects in it, between two steps (never before one of a `begin`)."""
        ...

    def restore(self, state: EngineState) -> None:
        """Continue a pass (after `start` on the same shot and prompts) as if never stopped."""
        ...

    def close(self) -> None:
        """Drop the shot; the model stays loaded."""
        ...


@dataclass(frozen=True)
class Candidate:
    """One answer to a prompt on one image: ``[height, width]`` logits, and 0..1 how good it is."""

    logits: Logits
    score: float


@runtime_checkable
class Detailer(Protocol):
    """The second face of an engine: single images, for previews and for detail."""

    def look(
        self, key: str, image: Image8, prompt: FramePrompt, hint: Logits | None = None
    ) -> list[Candidate]:
        """One to three candidates, best first.

        ``image`` is ``[height, width, 3]`` sRGB of any size, ``prompt`` in its pixels (its frame
        number does not matter); ``hint`` are logits of a first guess, of the image's size. What is
        computed of the image alone is kept under ``key``, by bytes, the least recently used going
        first; an empty key keeps nothing. Independent of the running pass: may come between steps.
        """
        ...
