"""Solving again: what another looseness costs once outlines and tracks are known, and the flow.

Goes through the vectorizer's steps one by one, so it is the one place of the bench that knows them.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from roto_shapes.document import Layer
from roto_worker.vectorize.motion.flow import MotionSampler
from roto_worker.vectorize.outline.contour import Alpha, MatteOutlines
from roto_worker.vectorize.outline.mattes import MatteReader
from roto_worker.vectorize.pipeline import (
    Solution,
    Tracks,
    read_outlines,
    shape_of,
    tolerance_for,
)
from roto_worker.vectorize.settings import Settings
from roto_worker.vectorize.solver.solve import Terms

from .cases import Source
from .footage import Image
from .measure import Timed

FLOW_PAIRS = 4


class TimedMotion(MotionSampler):
    """A motion sampler whose processor seconds, without those of reading, add up."""

    seconds = 0.0

    def sample(self, frame: int, alpha: Alpha, sequence: list[MatteOutlines]) -> None:
        start = time.process_time()
        super().sample(frame, alpha, sequence)
        self.seconds += time.process_time() - start


class Again:
    """A case's tracks, ready to be solved for any looseness.

    ``flow``: processor seconds per frame of following the plate's picture, reading left out; None
    without pictures.
    """

    def __init__(self, source: Source, settings: Settings, *, images: bool) -> None:
        self._frames, self._settings = list(source.frames), settings
        self._height = source.height
        size = (source.width, source.height)
        plates = Timed(source.image) if images and source.image else None
        motion = TimedMotion(plates, *size) if plates else None
        read = MatteReader(source.matte, *size, settings.offset)
        sequence = read_outlines(
            read, self._frames, source.height, settings, lambda _done: None, motion
        )
        self._times = np.array(self._frames, np.float64)
        self._tolerance = tolerance_for(settings, sequence)
        self._tracks = Tracks(sequence, self._times, size, settings)
        self.flow = None
        if motion is not None and plates is not None:
            self.flow = (motion.seconds - plates.seconds) / len(self._frames)

    def solve(self, looseness: float) -> tuple[Layer, float]:
        """The layer at this looseness, and processor seconds per frame."""
        settings = replace(self._settings, looseness=looseness)
        start = time.process_time()
        solution = self._tracks.solve(Terms.of(settings, self._tolerance, self._height))
        layer = self._layer(solution)
        return layer, (time.process_time() - start) / len(self._frames)

    def _layer(self, solution: Solution) -> Layer:
        shapes = [
            shape_of(shape, self._times[life.first : life.stop], f"s{i}", f"s{i}", track.hole)
            for i, ((track, life), shape) in enumerate(
                zip(solution.lives, solution.layer.shapes, strict=True)
            )
        ]
        transform = solution.layer.poses.as_transform()
        return Layer("again", "again", transform=transform, shapes=shapes)


def dis_seconds(source: Source) -> float:
    """Processor seconds of OpenCV's DIS flow, medium preset, on one pair of whole plates.

    Raises ValueError for a source without plates.
    """
    if source.image is None:
        raise ValueError(f"{source.name} has no plates")
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    spent = []
    for first, second in list(pairwise(source.frames))[:FLOW_PAIRS]:
        one, two = _grey(source.image(first)), _grey(source.image(second))
        start = time.process_time()
        flow.calc(one, two, np.zeros((*one.shape, 2), np.float32))
        spent.append(time.process_time() - start)
    return float(np.median(spent))


def _grey(image: Image) -> Image:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
