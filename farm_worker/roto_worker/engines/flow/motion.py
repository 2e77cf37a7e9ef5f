"""How things move: dense optical flow, and what moves unlike the background."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

import cv2
import numpy as np
from numpy.typing import NDArray

from .appearance import Plane

BINS = 41
"""Residual motion is counted in BINS x BINS bins, finer for slow motion."""
EVIDENCE_LIMIT = 5.0
_LEAST_SIDE = 16
"""Pixels: OpenCV's search takes no narrower picture."""

_lock = RLock()


@contextmanager
def deterministic() -> Iterator[None]:
    """One OpenCV thread and a fixed seed: DIS and RANSAC depend on both.

    The number of threads is the whole process's, so one caller at a time.
    """
    with _lock:
        threads = cv2.getNumThreads()
        cv2.setNumThreads(1)
        cv2.setRNGSeed(0)
        try:
            yield
        finally:
            cv2.setNumThreads(threads)


def flow_between(image: NDArray[np.uint8], other: NDArray[np.uint8]) -> Plane:
    """Where every pixel of ``image`` is in ``other``: offsets ``[height, width, 2]`` (x, y).

    Dense inverse search (Kroeger et al. 2016).
    """
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    height, width = image.shape[:2]
    below, beside = max(0, _LEAST_SIDE - height), max(0, _LEAST_SIDE - width)
    grey = [
        cv2.copyMakeBorder(
            cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), 0, below, 0, beside, cv2.BORDER_REPLICATE
        )
        for one in (image, other)
    ]
    return np.asarray(search.calc(grey[0], grey[1], None)[:height, :width], np.float32)


def pull(plane: Plane, flow: Plane) -> Plane:
    """``plane`` of the other frame, seen from this one; 0 where it comes from outside."""
    x, y = _grid(flow.shape[:2])
    return np.asarray(
        cv2.remap(
            plane,
            x + flow[..., 0],
            y + flow[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
        )
    )


def motion_evidence(flow: Plane, prior: Plane) -> Plane:
    """Log-odds of belonging to the object from motion against the background alone.

    The background's motion is a homography. What is left is counted in two histograms, on the
    object as ``prior`` (0..1) has it and around it; where the two look alike the evidence is nil.
    Near the prior's edge flow is too blunt to tell, so there it does not count.
    """
    residual = _residual(flow, prior)
    if residual is None:
        return np.zeros_like(prior)
    inside = cv2.erode(prior, np.ones((5, 5)))
    around = cv2.boxFilter((prior > 0.5).astype(np.float32), -1, (121, 121)) > 0
    outside = (1 - cv2.dilate(prior, np.ones((5, 5)))) * around
    if inside.sum() < 20 or outside.sum() < 20:
        return np.zeros_like(prior)
    inside *= _depth_of_main_part(prior)
    evidence = _log_ratio(residual, inside, outside)
    trust = _trust(evidence, inside, outside, 0.6, 0.9)
    return np.asarray(evidence * trust * np.clip(edge_distance(prior) / 5, 0, 1), np.float32)


def motion_from_seed(flow: Plane, seed: Plane, box: NDArray[np.bool_]) -> Plane:
    """Like `motion_evidence`, when all that is known is a rough ``seed`` (0..1) in a box.

    What surrounds the box is background; edges are not spared.
    """
    inside_box = box.astype(np.float32)
    residual = _residual(flow, inside_box)
    around = cv2.dilate(inside_box, np.ones((61, 61))) * (1 - inside_box)
    if residual is None or seed.sum() < 20 or around.sum() < 20:
        return np.zeros_like(seed)
    evidence = _log_ratio(residual, seed, around, limit=3.0)
    return np.asarray(evidence * _trust(evidence, seed, around, 0.55, 0.8), np.float32)


def revealed(flow: Plane, back: Plane) -> Plane:
    """Where the picture shows what the last one did not, 0..1.

    ``flow`` points to the last picture, ``back`` from it to this one: there and back again does not
    end where it began.
    """
    error = flow + pull(back, flow)
    missed = np.hypot(error[..., 0], error[..., 1]) > 1.5
    return np.asarray(cv2.GaussianBlur(missed.astype(np.float32), (0, 0), 1.5))


def edge_distance(prior: Plane) -> Plane:
    """Distance of every pixel from the outline of ``prior`` > 0.5."""
    inside = (prior > 0.5).astype(np.uint8)
    there = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    return np.asarray(there + cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3), np.float32)


def _depth_of_main_part(prior: Plane) -> Plane:
    """So that what leaked in at the rim, or beside the object, has little say in how it moves."""
    inside = (prior > 0.5).astype(np.uint8)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(inside)
    if count > 2:
        inside = (parts == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, 3), np.float32)


def _residual(flow: Plane, prior: Plane) -> Plane | None:
    """The flow less the homography of what is not the object; None when there is too little."""
    height, width = prior.shape
    rows, columns = np.mgrid[4:height:8, 4:width:8]
    free = cv2.dilate((prior > 0.2).astype(np.uint8), np.ones((15, 15)))[rows, columns] == 0
    points = np.stack([columns[free], rows[free]], axis=-1).astype(np.float32)
    if len(points) < 50:
        return None
    matrix, _ = cv2.findHomography(points, points + flow[rows, columns][free], cv2.RANSAC, 1.0)
    if matrix is None:
        return None
    x, y = _grid(prior.shape)
    depth = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    moved_x = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / depth
    moved_y = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / depth
    return np.asarray(flow - np.dstack([moved_x - x, moved_y - y]), np.float32)


def _log_ratio(
    residual: Plane, inside: Plane, outside: Plane, limit: float = EVIDENCE_LIMIT
) -> Plane:
    """How much likelier each pixel's residual motion is inside than outside (weights 0..1)."""
    steps = np.sign(residual) * np.sqrt(np.abs(residual) / 0.5) * 3
    bins = np.clip(np.rint(steps) + BINS // 2, 0, BINS - 1).astype(np.intp)
    index = bins[..., 1] * BINS + bins[..., 0]
    ratio = np.log(_histogram(index, inside) / _histogram(index, outside)).astype(np.float32)
    smooth = cv2.GaussianBlur(ratio.ravel()[index], (0, 0), 2)
    return np.asarray(np.clip(smooth, -limit, limit), np.float32)


def _trust(evidence: Plane, inside: Plane, outside: Plane, low: float, high: float) -> float:
    """0..1 by how well the evidence's sign tells the two apart (balanced accuracy)."""
    hits = (inside * (evidence > 0)).sum() / inside.sum()
    rejections = (outside * (evidence < 0)).sum() / outside.sum()
    return float(np.clip(((hits + rejections) / 2 - low) / (high - low), 0, 1))


def _histogram(index: NDArray[np.intp], weights: Plane) -> NDArray[np.float64]:
    """Smoothed and normalised, with a floor that keeps rare motion undecided."""
    counts = np.bincount(index.ravel(), weights.ravel(), BINS * BINS).reshape(BINS, BINS)
    smooth = cv2.GaussianBlur(counts, (0, 0), 1.2)
    return np.asarray(smooth / (smooth.sum() + 1e-9) + 2e-3)


def _grid(shape: tuple[int, ...]) -> tuple[Plane, Plane]:
    rows = np.arange(shape[0], dtype=np.float32)
    columns = np.arange(shape[1], dtype=np.float32)
    x, y = np.meshgrid(columns, rows)
    return x, y
