"""From what an artist said about one frame to a mask.

The clicks and the box give a rough guess; motion against the background sharpens it; appearance
networks trained on the surest part of each guess make the next one, growing outward from the click;
grab-cut settles the outline. Everything outside the box is background.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_shapes.prompts import Click

from .appearance import Appearance, Plane, Samples, features
from .edges import apply_guide, guide_coefficients
from .motion import flow_between, motion_from_seed

Labels = NDArray[np.uint8]
Region = NDArray[np.bool_]
GROWTH = (0.25, 0.35, 0.5)
"""Share of the box that is taken for the object, round by round; the last round decides freely."""
MOTION_WEIGHT = 1.5
CLICK_WEIGHT, CERTAIN = 3.0, 8.0
NO_BOX_REACH = 0.3
"""Without a box, how far from the clicks the object may go, as a share of the picture's size."""


@dataclass(frozen=True)
class Hints:
    """Clicks and box in pixels of the image at hand (origin top-left, y down)."""

    clicks: tuple[Click, ...] = ()
    box: tuple[float, float, float, float] | None = None

    def scaled(self, by: float) -> Hints:
        clicks = tuple(Click(c.x * by, c.y * by, c.positive) for c in self.clicks)
        if self.box is None:
            return Hints(clicks)
        x0, y0, x1, y1 = self.box
        return Hints(clicks, (x0 * by, y0 * by, x1 * by, y1 * by))

    def frame(self, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
        """The box in whole pixels within the picture; without one, a window about the clicks."""
        height, width = shape[:2]
        if self.box is None:
            shown = [c for c in self.clicks if c.positive] or list(self.clicks)
            reach = NO_BOX_REACH * max(height, width)
            x0, x1 = min(c.x for c in shown) - reach, max(c.x for c in shown) + reach
            y0, y1 = min(c.y for c in shown) - reach, max(c.y for c in shown) + reach
        else:
            x0, y0, x1, y1 = self.box
        left, top = min(max(round(x0), 0), width - 2), min(max(round(y0), 0), height - 2)
        right, bottom = min(max(round(x1), left + 2), width), min(max(round(y1), top + 2), height)
        return left, top, right, bottom


def select(
    image: NDArray[np.uint8], hints: Hints, neighbours: Sequence[NDArray[np.uint8]]
) -> Plane:
    """The mask, 0..1, of what the hints point at. ``neighbours``: the frames before and after."""
    box = np.zeros(image.shape[:2], bool)
    x0, y0, x1, y1 = hints.frame(image.shape)
    box[y0:y1, x0:x1] = True
    window = _window((x0, y0, x1, y1), image.shape)
    odds, certain = _first_guess(image.shape, (x0, y0, x1, y1), hints)
    evidence = np.zeros(image.shape[:2], np.float32)
    for other in neighbours:
        seed = np.where(box, _sigmoid(odds - 1), 0).astype(np.float32)
        moves = motion_from_seed(flow_between(image, other), seed, box)
        evidence += MOTION_WEIGHT / len(neighbours) * moves
    guess = _Guess(
        image[window],
        features(image)[window],
        _inner(box[window]),
        (odds + evidence)[window],
        certain[window],
    )
    mask = np.zeros(image.shape[:2], np.float32)
    found = guess.settle(guess.grow())
    left, top = window[1].start, window[0].start
    local = [Click(c.x - left, c.y - top, c.positive) for c in hints.clicks]
    mask[window] = clean(found, local)
    return mask


@dataclass
class _Guess:
    """The picture around the box. ``odds``: log-odds from hints and motion alone."""

    image: NDArray[np.uint8]
    look: Plane
    box: Region
    odds: Plane
    certain: Plane

    def grow(self) -> Plane:
        """The mask, soft, after a few rounds of learning what the last one was sure of."""
        rng = np.random.default_rng(0)
        odds = self.odds
        mask = np.zeros_like(odds)
        for turn in range(len(GROWTH) + 1):
            least = np.quantile(odds[self.box], 1 - GROWTH[turn]) if turn < len(GROWTH) else 0.0
            inside = self.box & (odds > max(least, 0))
            if inside.sum() < 50:
                inside = self.box & (odds >= np.quantile(odds[self.box], 0.9))
            outside = ~self.box | (odds < -1) if turn else ~self.box
            samples = Samples.join(
                [Samples.of(self.look, outside, 0.0).draw(20_000, rng),
                 Samples.of(self.look, inside, 1.0).draw(20_000, rng)]
            )  # fmt: skip
            network = Appearance(samples, steps=100, seed=turn)
            looks = np.clip(network.logits(self.look), -4, 4)
            mask = np.where(self.box, _sigmoid(looks + self.odds + self.certain), 0)
            guide = guide_coefficients(self.image, mask.astype(np.float32), smoothness=0.01)
            mask = np.where(self.box, apply_guide(self.image, guide), 0)
            odds = np.log(np.clip(mask, 0.005, 0.995) / (1 - np.clip(mask, 0.005, 0.995)))
        return mask.astype(np.float32)

    def settle(self, mask: Plane) -> Labels:
        """Grab-cut in a band around the outline of ``mask``."""
        inside = (mask > 0.5).astype(np.uint8)
        radius = max(3, int(0.1 * np.sqrt(inside.sum())))
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
        labels = np.where(inside, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
        labels[cv2.erode(inside, disc) > 0] = cv2.GC_FGD
        labels[(cv2.dilate(inside, disc) == 0) | ~self.box] = cv2.GC_BGD
        labels[self.certain > 0] = cv2.GC_FGD
        labels[self.certain < 0] = cv2.GC_BGD
        return grab(self.image, labels)


def grab(image: NDArray[np.uint8], labels: Labels) -> Labels:
    """Two rounds of grab-cut from ``labels``; 1 inside. Left alone when one class is missing."""
    inside = labels % 2  # OpenCV's foreground labels are the odd ones
    if not inside.any() or inside.all():
        return np.asarray(inside, np.uint8)
    labels = labels.copy()
    bgr = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2BGR)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(bgr, labels, None, *models, 2, cv2.GC_INIT_WITH_MASK)
    return np.asarray(labels % 2, np.uint8)


def clean(inside: Labels, clicks: Sequence[Click]) -> Labels:
    """Keep the parts under positive clicks (else the largest one) and what is nearly as large."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=4)
    if count <= 2:
        return inside
    areas = stats[:, cv2.CC_STAT_AREA].astype(float)
    areas[0] = 0
    height, width = inside.shape
    hit = {
        int(parts[min(int(c.y), height - 1), min(int(c.x), width - 1)])
        for c in clicks
        if c.positive and c.x >= 0 and c.y >= 0
    } - {0}
    main = sum(areas[part] for part in hit) if hit else areas.max()
    keep = areas > 0.25 * main
    keep[list(hit)] = True
    return np.asarray(keep[parts], np.uint8)


def _first_guess(
    shape: tuple[int, ...], box: tuple[int, int, int, int], hints: Hints
) -> tuple[Plane, Plane]:
    """Log-odds from the hints' places alone, and what is certain (+-`CERTAIN`, else 0)."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) + np.float32(0.5)
    x0, y0, x1, y1 = box
    half_x, half_y = (x1 - x0) / 2, (y1 - y0) / 2
    ellipse = ((x - x0 - half_x) / half_x) ** 2 + ((y - y0 - half_y) / half_y) ** 2
    odds = (0.3 if hints.box else 1.0) * np.clip(0.8 - ellipse, -1.5, 0.8)
    certain = np.zeros_like(odds)
    reach = max(0.25 * 2 * min(half_x, half_y), 2.0)
    for click in hints.clicks:
        square = (x - click.x) ** 2 + (y - click.y) ** 2
        sign = 1 if click.positive else -1
        odds += sign * CLICK_WEIGHT * np.exp(-square / (2 * reach * reach))
        certain[square < (0.3 * reach) ** 2] = sign * CERTAIN
    return odds.astype(np.float32), certain.astype(np.float32)


def _window(box: tuple[int, int, int, int], shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Twice the box."""
    x0, y0, x1, y1 = box
    grow_x, grow_y = (x1 - x0) // 2 + 8, (y1 - y0) // 2 + 8
    return (
        slice(max(y0 - grow_y, 0), min(y1 + grow_y + 1, shape[0])),
        slice(max(x0 - grow_x, 0), min(x1 + grow_x + 1, shape[1])),
    )


def _inner(box: Region) -> Region:
    """Leave a rim of background when the box fills the whole window."""
    if not box.all():
        return box
    box = box.copy()
    box[:2], box[-2:], box[:, :2], box[:, -2:] = False, False, False, False
    return box


def _sigmoid(odds: Plane) -> Plane:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -20, 20))), np.float32)
