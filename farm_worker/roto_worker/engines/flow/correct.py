"""Clicks that correct a matte: the patch that was meant is turned, the rest stays."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_shapes.prompts import Click

from .appearance import Appearance, Plane, Samples, features
from .select import Hints, grab

REACH = 4.0
"""How far a correction may go from its click, in depths of the click in the wrong region."""


def correct(image: NDArray[np.uint8], matte: Plane, hints: Hints) -> Plane:
    """``matte`` (0..1, of ``image``'s size) changed to fit the clicks."""
    for click in hints.clicks:
        at = (min(int(click.y), matte.shape[0] - 1), min(int(click.x), matte.shape[1] - 1))
        if (matte[at] > 0.5) != click.positive:
            matte = _turn(image, matte, click, at)
    return matte


def _turn(image: NDArray[np.uint8], matte: Plane, click: Click, at: tuple[int, int]) -> Plane:
    """Give the connected patch around the click that looks like it to the other side."""
    old = (matte > 0.5) != click.positive  # what carries the label the click says is wrong
    depth = max(float(cv2.distanceTransform(np.pad(old, 1).astype(np.uint8), cv2.DIST_L2, 3)[
        at[0] + 1, at[1] + 1
    ]), 2.0)  # fmt: skip
    reach = REACH * depth + 4
    window = _around(at, 2.5 * reach, matte.shape)
    y, x = np.mgrid[window]
    distance = np.hypot(y - at[0], x - at[1])
    old = old[window]
    seed = distance <= max(0.8 * depth, 1.5)
    near = distance <= reach
    wrong = _looks_like_click(features(image)[window], old, seed, near)
    wrong = _part_at(wrong | seed, seed) & old & near
    wrong = _settle(image[window], matte[window], wrong, seed, near, positive=click.positive)
    result = matte.copy()
    patch = np.asarray(wrong & old, np.float32)
    soft = cv2.GaussianBlur(patch, (0, 0), 1.0)
    goal = np.float32(click.positive)
    result[window] += np.maximum(soft, patch) * (goal - result[window])
    return np.clip(result, 0, 1)


def _looks_like_click(
    look: Plane, old: NDArray[np.bool_], seed: NDArray[np.bool_], near: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Pixels that look like the click's surroundings or the side it moves to, not like the rest."""
    rng = np.random.default_rng(0)
    stay = old & ~near
    if stay.sum() < 50:
        return np.ones_like(old)
    there = ~old
    turned = [Samples.of(look, seed, 1.0).draw(8000, rng)]
    if there.sum() >= 50:
        turned.append(Samples.of(look, there, 1.0).draw(4000, rng))
    rest = Samples.of(look, stay, 0.0).draw(12_000, rng)
    network = Appearance(Samples.join([*turned, rest]), steps=150)
    return np.asarray(cv2.GaussianBlur(network.logits(look), (0, 0), 1.5) > 0)


def _settle(
    image: NDArray[np.uint8],
    matte: Plane,
    wrong: NDArray[np.bool_],
    seed: NDArray[np.bool_],
    near: NDArray[np.bool_],
    *,
    positive: bool,
) -> NDArray[np.bool_]:
    """Grab-cut along the edge of the patch; returns the patch."""
    inside = np.asarray(((matte > 0.5) & ~wrong) | (wrong & positive), np.uint8)
    patch = wrong.astype(np.uint8)
    radius = max(2, int(0.15 * np.sqrt(patch.sum())))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    band = (cv2.dilate(patch, disc) > cv2.erode(patch, disc)) & near & ~seed
    labels = np.where(inside, cv2.GC_FGD, cv2.GC_BGD).astype(np.uint8)
    labels[band] += 2  # OpenCV's "probably" labels
    return np.asarray((grab(image, labels) > 0) == positive) & near


def _part_at(region: NDArray[np.bool_], seed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    _, parts = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)
    return np.isin(parts, np.unique(parts[seed]))


def _around(at: tuple[int, int], reach: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
    whole = int(reach) + 1
    return (
        slice(max(at[0] - whole, 0), min(at[0] + whole + 1, shape[0])),
        slice(max(at[1] - whole, 0), min(at[1] + whole + 1, shape[1])),
    )
