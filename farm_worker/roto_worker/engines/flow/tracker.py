"""One object carried from frame to frame.

Three opinions are added up as log-odds: where the flow says the last matte went, what the
appearance network thinks of each pixel, and what moves unlike the background. The sum is snapped to
the edges of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .appearance import Appearance, Plane, Samples, features
from .edges import apply_guide, guide_coefficients
from .motion import edge_distance, motion_evidence, pull
from .opinions import Opinions, explained

Image = NDArray[np.uint8]
REVEALED_RIM = 4.0
LEAST_AREA = 30
"""Work pixels; with less the object counts as lost."""


@dataclass(frozen=True)
class Weights:
    """How much the opinions count; found on generated and real clips, not per clip."""

    appearance_limit: float = 4.0
    prior_floor: float = 0.02
    prior_blur: float = 2.0
    revealed: float = 0.8
    """How much of the carried matte's rim is dropped where the background was just uncovered."""
    motion: float = 2.0
    reach: float = 12.0
    """Work pixels around the carried matte that new parts may appear in at no cost."""
    reach_cost: float = 0.5
    sharpness: float = 2.0


@dataclass(frozen=True)
class Reference:
    """A prompted frame and its matte, at work size; ``share``: how much it counts as a teacher."""

    image: Image
    matte: Plane
    share: float = 1.0

    def samples(self) -> Samples:
        """Every pixel counts, along the outline above all: that is what is to be told apart."""
        window = window_of(self.matte, 0.5, 20)
        look, matte = features(self.image)[window], self.matte[window]
        every = Samples(look.reshape(-1, look.shape[-1]), (matte.ravel() > 0.5).astype(np.float32))
        return every.draw(int(self.share * min(len(every.y), 60_000)), np.random.default_rng(1))


@dataclass
class ObjectTrack:
    """The state of one object in a sweep. Planes are at work size."""

    matte: Plane
    appearance: Appearance
    looks: float
    """How well appearance alone explained the prompted frame: what later ones are measured by."""
    weights: Weights = field(default_factory=Weights)

    @classmethod
    def begin(cls, references: Sequence[Reference]) -> ObjectTrack:
        """Start on the first reference; the others only teach what the object looks like."""
        appearance = Appearance(Samples.join([one.samples() for one in references]))
        start = references[0]
        window = window_of(start.matte, 0.3, 30)
        looks = appearance.logits(features(start.image[window]))
        return cls(start.matte, appearance, explained(looks, start.matte[window]))

    def advance(
        self, image: Image, flow: Plane, revealed: Plane, frame: int
    ) -> tuple[Plane, dict[str, float]]:
        """Move on to ``image``; ``flow`` points from it to the last one (see `motion.revealed`).

        Returns the edge-guided matte's coefficients (see `edges`) and signals.
        """
        prior = self._carry(flow, revealed)
        if int((prior > 0.5).sum()) < LEAST_AREA:
            self.matte = np.zeros_like(prior)
            return np.zeros((*prior.shape, 4), np.float32), {"match": 0.0}
        window = window_of(prior, 0.3, 30)
        look = features(image[window])
        appearance = self.appearance.logits(look)
        evidence = motion_evidence(flow, prior)[window] * self.weights.motion
        matte = self._combine(prior[window], appearance, evidence)
        coefficients = np.zeros((*prior.shape, 4), np.float32)
        coefficients[window] = guide_coefficients(image[window], matte)
        guided = _connected(apply_guide(image[window], coefficients[window]), prior[window])
        coefficients[window][guided < 0.01] = 0
        self.matte = np.zeros_like(prior)
        self.matte[window] = guided
        opinions = Opinions(prior[window], appearance, evidence, matte, guided)
        self._learn(look, guided, frame)
        return coefficients, opinions.signals(self.looks)

    def _carry(self, flow: Plane, revealed: Plane) -> Plane:
        """The last matte as the flow brings it here, less the rim that was background uncovered."""
        prior = pull(self.matte, flow)
        depth = cv2.distanceTransform((prior > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
        rim = np.where(depth < REVEALED_RIM, revealed, 0)
        return np.asarray(prior * (1 - self.weights.revealed * rim), np.float32)

    def _combine(self, prior: Plane, appearance: Plane, evidence: Plane) -> Plane:
        weights = self.weights
        soft = np.clip(
            cv2.GaussianBlur(prior, (0, 0), weights.prior_blur),
            weights.prior_floor,
            1 - weights.prior_floor,
        )
        odds = np.log(soft / (1 - soft))
        odds += np.clip(appearance, -weights.appearance_limit, weights.appearance_limit)
        odds += evidence
        distance = cv2.distanceTransform((soft < 0.5).astype(np.uint8), cv2.DIST_L2, 3)
        odds -= weights.reach_cost * np.maximum(distance - weights.reach, 0)
        odds = np.clip(weights.sharpness * odds, -20, 20)
        return np.asarray(1 / (1 + np.exp(-odds)), np.float32)

    def _learn(self, look: Plane, matte: Plane, frame: int) -> None:
        sure = _sure(matte)
        if int(sure.sum()) < 500:
            return
        seen = Samples(look[sure], (matte[sure] > 0.5).astype(np.float32))
        self.appearance.update(seen, np.random.default_rng(frame & 0xFFFFFFFF))

    def save(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        arrays = {"matte": self.matte, **self.appearance.arrays()}
        return arrays, {"steps": self.appearance.steps, "looks": self.looks}

    @classmethod
    def load(cls, arrays: dict[str, NDArray[Any]], meta: dict[str, Any]) -> ObjectTrack:
        appearance = Appearance.from_arrays(arrays, meta["steps"])
        return cls(arrays["matte"], appearance, meta["looks"])


def window_of(mask: Plane, grow: float, pad: int) -> tuple[slice, slice]:
    """The bounds of ``mask`` > 0.5, grown by a share of their size and ``pad`` pixels."""
    rows = np.flatnonzero((mask > 0.5).any(axis=1))
    columns = np.flatnonzero((mask > 0.5).any(axis=0))
    if not len(rows):
        return slice(0, mask.shape[0]), slice(0, mask.shape[1])

    def span(found: NDArray[np.intp], limit: int) -> slice:
        first, last = int(found[0]), int(found[-1]) + 1
        extra = int((last - first) * grow) + pad
        return slice(max(first - extra, 0), min(last + extra, limit))

    return span(rows, mask.shape[0]), span(columns, mask.shape[1])


def _sure(matte: Plane) -> NDArray[np.bool_]:
    """Pixels far enough from the outline to learn from."""
    away = edge_distance(matte)
    return np.asarray(((matte > 0.8) & (away > 3)) | ((matte < 0.2) & (away > 4)))


def _connected(matte: Plane, prior: Plane) -> Plane:
    """Parts that touch nothing of the object carried here are something else."""
    count, parts = cv2.connectedComponents((matte > 0.5).astype(np.uint8))
    keep = np.zeros(count, bool)
    keep[np.unique(parts[prior > 0.7])] = True
    keep[0] = True
    return np.where(keep[parts], matte, 0).astype(np.float32)
