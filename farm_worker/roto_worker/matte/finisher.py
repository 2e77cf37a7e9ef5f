"""From an engine's logits to the matte that is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roto_shapes.prompts import FramePrompt

from ..engines.base import Detailer, Logits
from ..engines.driver import sigmoid
from ..media.source import FrameSource
from .clean import Point, clean
from .detail import add_detail
from .guided import refine
from .recent import RecentFrames


@dataclass(frozen=True)
class EdgeSettings:
    """What is done for a matte's edge.

    ``clean``: small holes and specks go. ``detail``: a second look at full plate resolution, where
    the engine can. ``refine``: the edge is laid by the picture, ``linear`` in linear light or else
    in the display's code values.
    """

    clean: bool = True
    detail: bool = False
    refine: bool = True
    linear: bool = True


class Finisher:
    """The ``finish`` hook of `engines.driver.drive`.

    ``disagreements``: object id -> plate frames on which the second look saw something else than
    tracking did, or not clearly, and was left out.
    """

    def __init__(
        self,
        source: FrameSource,
        settings: EdgeSettings,
        detailer: Detailer | None = None,
        prompts: Mapping[str, Sequence[FramePrompt]] | None = None,
    ) -> None:
        """``source`` is not closed here. Share a `RecentFrames` with the engine, and no frame is
        decoded twice. ``prompts``: what artists clicked on is no speck and no pinhole."""
        self._frames = source if isinstance(source, RecentFrames) else RecentFrames(source)
        self._settings = settings
        self._detailer = detailer if settings.detail else None
        self._prompts = prompts or {}
        self.disagreements: dict[str, list[int]] = {}

    def __call__(self, object_id: str, frame: int, logits: Logits) -> NDArray[np.float32]:
        """The matte of ``object_id``, float32 0..1; ``logits`` are ``[h, w]`` of the plate's size.

        Raises:
            RotoError: what reading the plate raises.
        """
        if self._settings.clean:
            logits = clean(logits, *self._clicked(object_id, frame))
        crossed = bool((logits > 0).any())
        if crossed and self._detailer is not None:
            logits = self._detailed(self._detailer, object_id, frame, logits)
        alpha = sigmoid(logits)
        if crossed and self._settings.refine:
            alpha = refine(alpha, self._frames.read(frame), linear=self._settings.linear)
        return alpha

    def _detailed(self, detailer: Detailer, object_id: str, frame: int, logits: Logits) -> Logits:
        detailed = add_detail(logits, self._frames.read(frame), detailer)
        if detailed.looked and not detailed.used:
            self.disagreements.setdefault(object_id, []).append(frame)
        return detailed.logits

    def _clicked(self, object_id: str, frame: int) -> tuple[list[Point], list[Point]]:
        """Where the artist said inside, and outside, on this frame."""
        given = [prompt for prompt in self._prompts.get(object_id, ()) if prompt.frame == frame]
        clicks = [click for prompt in given for click in prompt.points]
        inside = [(click.x, click.y) for click in clicks if click.positive]
        return inside, [(click.x, click.y) for click in clicks if not click.positive]
