"""Where the limbs of a silhouette are: a core, left when thin things are opened away, and tips.

All of it happens on a small raster of one component, whatever the plate's size, so labels are rough
and quick; the outlines themselves are cut elsewhere, from the sub-pixel contours. A limb is known
by its tip, the spot farthest from the core along the inside of the object. Tips are ranked by how
far they rise above the saddle where their limb joins a longer one, as peaks of a mountain range
are, so two legs that touch are still two tips as long as there is a gap between the feet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..outline.contour import Contour
from ..outline.curves import Points, Values
from ..outline.raster import fill

LONGEST_SIDE = 192
"""Raster pixels along the longer side of a component."""
MARGIN = 3
CORE_RADIUS = 0.4
"""Radius of the disc that opens the core, as a share of the largest inscribed radius."""
HOLE_AREA = 0.25
"""Holes smaller than this many squared core radii are filled before limbs are looked for."""
ROOT = 0.25
"""A limb starts this many core radii away from the core."""
ARCH = 0.5
"""Two limbs whose ends touch are told apart if the gap is at least this share of their height."""
LEVEL = 0.15
NOTED_RISE = 0.6

Labels = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Distances = NDArray[np.float32]
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_SQUARE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Raster:
    """One component at working size: ``mask`` 0/1, whose corner lies at ``origin`` on the plate.

    ``scale``: raster pixels per plate pixel.
    """

    mask: Labels
    origin: Points
    scale: float

    def pixels(self, points: Points) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows and columns of the pixels that hold plate ``points``, clipped to the raster."""
        x, y = np.floor((points - self.origin) * self.scale).astype(np.intp).T
        height, width = self.mask.shape
        return np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)

    def filled(self, contours: Sequence[Contour]) -> Labels:
        """0/1 where any of the contours covers the pixel's centre."""
        height, width = self.mask.shape
        paths = [(contour.points - self.origin) * self.scale for contour in contours]
        return fill(paths, width, height).astype(np.uint8)

    def plate(self, x: float, y: float) -> Points:
        """Plate position of a raster position (pixel corners at whole numbers)."""
        return np.array([x, y]) / self.scale + self.origin


@dataclass(frozen=True)
class Tip:
    """A limb's far end. Lengths in plate pixels along the inside of the object.

    ``at``: x, y on the plate. ``middle``: centre of what is this tip's alone. ``height``: distance
    from the core. ``saddle``: distance from the core where its limb joins that of a higher tip, or
    0 where it joins the core by itself.
    """

    at: Points
    middle: Points
    height: float
    saddle: float

    @property
    def rise(self) -> float:
        return self.height - self.saddle


@dataclass(frozen=True)
class Anatomy:
    """A component with its core (0/1) and every pixel's distance from it, in raster pixels.

    ``heights``: the distance, with zeros between two limbs whose ends touch. ``radius``: of the
    disc that opened the core, raster pixels.
    """

    raster: Raster
    core: Labels
    distance: Distances
    heights: Distances
    radius: float


def nearest_of(candidates: NDArray, spots: NDArray) -> tuple[Values, NDArray[np.intp]]:
    """Distance to, and index of, the candidate nearest to each spot."""
    distance, index = cKDTree(candidates).query(spots)
    return np.asarray(distance), np.asarray(index, np.intp)


def draw(solid: Contour, holes: Sequence[Contour]) -> Raster:
    """A component without its holes."""
    low, high = solid.points.min(axis=0), solid.points.max(axis=0)
    scale = LONGEST_SIDE / max(float((high - low).max()), 1e-6)
    origin = low - MARGIN / scale
    width, height = (np.ceil((high - low) * scale).astype(int) + 2 * MARGIN).tolist()
    paths = [solid.points, *(hole.points[::-1] for hole in holes)]
    mask = fill([(path - origin) * scale for path in paths], width, height)
    return Raster(_connected(_without_corners(mask)), origin, scale)


def _without_corners(mask: Flags) -> Labels:
    """The mask with pixels that touch at a corner alone parted, as outlines part them."""
    a, b, c, d = mask[:-1, :-1], mask[:-1, 1:], mask[1:, :-1], mask[1:, 1:]
    while True:
        falling, rising = a & d & ~b & ~c, b & c & ~a & ~d
        if not (falling.any() or rising.any()):
            return mask.astype(np.uint8)
        a &= ~falling
        b &= ~rising


def _connected(mask: Labels) -> Labels:
    """The mask with pieces that fell apart at necks thinner than a pixel tied to the largest."""
    count, labels = cv2.connectedComponents(mask, connectivity=4)
    if count <= 2:
        return mask
    main = _largest(labels)
    tied = (labels == main).astype(np.uint8)
    for piece in sorted(set(range(1, count)) - {main}):
        here, there = np.argwhere(labels == piece), np.argwhere(tied > 0)
        distance, nearest = nearest_of(there, here)
        a, b = here[int(distance.argmin())], there[int(nearest[int(distance.argmin())])]
        tied[labels == piece] = 1
        for (x0, y0), (x1, y1) in (((a[1], a[0]), (b[1], a[0])), ((b[1], a[0]), (b[1], b[0]))):
            cv2.line(tied, (int(x0), int(y0)), (int(x1), int(y1)), 1)
    return tied


def inscribed_radius(raster: Raster) -> float:
    """Radius of the largest disc inside, plate pixels."""
    return float(cv2.distanceTransform(raster.mask, cv2.DIST_L2, 5).max()) / raster.scale


def dissect(raster: Raster, radius: float) -> Anatomy:
    """Core and distances, the core opened by a disc of :data:`CORE_RADIUS` of ``radius`` (the
    largest inscribed one, plate pixels)."""
    disc = CORE_RADIUS * radius * raster.scale
    mask = _without_pinholes(raster.mask, HOLE_AREA * disc * disc)
    core = _opened(mask, disc)
    distance = _geodesic(mask, core)
    heights = _with_arches_cut(distance, ROOT * disc)
    return Anatomy(Raster(mask, raster.origin, raster.scale), core, distance, heights, disc)


def _without_pinholes(mask: Labels, area: float) -> Labels:
    count, labels = cv2.connectedComponents(1 - mask, connectivity=8)
    if count < 3:
        return mask
    small = np.bincount(labels.ravel()) < area
    small[0] = False
    return np.where(small[labels], 1, mask).astype(np.uint8)


def _opened(mask: Labels, disc: float) -> Labels:
    """The largest piece of the mask that a disc of that radius can sweep."""
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    seeds = (depth > min(disc, 0.9 * float(depth.max()))).astype(np.uint8)
    count, labels = cv2.connectedComponents(seeds, connectivity=8)
    if count > 2:
        seeds = (labels == _largest(labels)).astype(np.uint8)
    swept = cv2.distanceTransform(1 - seeds, cv2.DIST_L2, 5) <= disc
    return (swept & (mask > 0)).astype(np.uint8)


def _largest(labels: NDArray[np.int32]) -> int:
    """The label, but 0, of most pixels."""
    return 1 + int(np.bincount(labels.ravel())[1:].argmax())


def _geodesic(mask: Labels, core: Labels) -> Distances:
    """Steps from the core to every pixel without leaving the mask; unreached pixels 0."""
    reached = core.copy()
    waited = np.zeros(mask.shape, np.uint16)
    steps, before = 0, -1
    while (now := cv2.countNonZero(reached)) != before:
        before = now
        cv2.add(waited, reached, waited, dtype=cv2.CV_16U)
        reached = cv2.dilate(reached, _SQUARE if steps % 2 else _CROSS)
        reached &= mask
        steps += 1
    return np.where(waited > 0, steps - waited.astype(np.float32), 0.0).astype(np.float32)


@dataclass
class _Peak:
    """A tip while the water falls. ``saddle``: where a higher island swallowed it, or 0.
    ``own``: the lowest level at which its island was its own."""

    row: int
    column: int
    height: float
    own: float
    saddle: float = 0.0
    shared: bool = False


def tips(anatomy: Anatomy) -> list[Tip]:
    """All tips worth a thought, the one that rises highest first."""
    heights, radius = anatomy.heights, anatomy.radius
    step = max(1.0, LEVEL * radius)
    least = NOTED_RISE * radius
    peaks: list[_Peak] = []
    for level in np.arange(float(heights.max()), ROOT * radius, -step)[1:]:
        _lower(heights, float(level), peaks, least)
    found = [_tip(anatomy, peak) for peak in peaks if peak.height - peak.saddle > least]
    return sorted(found, key=lambda tip: -tip.rise)


def _tip(anatomy: Anatomy, peak: _Peak) -> Tip:
    raster = anatomy.raster
    above = (anatomy.heights >= peak.own).astype(np.uint8)
    _, labels = cv2.connectedComponents(above, connectivity=8)
    rows, columns = np.nonzero(labels == labels[peak.row, peak.column])
    at = raster.plate(peak.column + 0.5, peak.row + 0.5)
    middle = raster.plate(columns.mean() + 0.5, rows.mean() + 0.5)
    return Tip(at, middle, peak.height / raster.scale, peak.saddle / raster.scale)


def _lower(heights: Distances, level: float, peaks: list[_Peak], least: float) -> None:
    """Lower the water to ``level``: new islands get a peak; where islands join, the highest peak
    goes on and the others' saddles are known."""
    above = (heights >= level).astype(np.uint8)
    count, labels = cv2.connectedComponents(above, connectivity=8)
    owner: dict[int, _Peak] = {}
    for peak in sorted((p for p in peaks if not p.saddle), key=lambda p: -p.height):
        island = int(labels[peak.row, peak.column])
        if island not in owner:
            owner[island] = peak
            continue
        peak.saddle = level
        owner[island].shared |= peak.height - level > least
    for island in range(1, count):
        if island not in owner:
            flat = int(np.where(labels == island, heights, -1.0).argmax())
            row, column = divmod(flat, heights.shape[1])
            owner[island] = _Peak(row, column, float(heights[row, column]), level)
            peaks.append(owner[island])
        if not owner[island].shared:
            owner[island].own = level


def partition(anatomy: Anatomy, chosen: Sequence[Tip]) -> Labels:
    """Which limb each pixel belongs to: 1 + index in ``chosen``, 0 for the body and outside.

    Every tip's limb is its own down to the saddle with the nearest other chosen tip; what is
    below is shared out by nearness.
    """
    distance = anatomy.heights
    root = ROOT * anatomy.radius
    residual = (anatomy.distance > root).astype(np.uint8)
    labels = np.zeros(distance.shape, np.uint8)
    rows, columns = anatomy.raster.pixels(np.array([t.at for t in chosen]).reshape(-1, 2))
    levels = _own_levels(distance, rows, columns, root, max(1.0, LEVEL * anatomy.radius))
    for number, (row, column, level) in enumerate(zip(rows, columns, levels, strict=True), 1):
        _, islands = cv2.connectedComponents((distance > level).astype(np.uint8), connectivity=8)
        if islands[row, column]:
            labels[(islands == islands[row, column]) & (labels == 0)] = number
    return flooded(labels, residual)


def _own_levels(
    distance: Distances,
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    root: float,
    step: float,
) -> list[float]:
    """For each spot the lowest level at which its island holds none of the other spots."""
    found = [float(distance[r, c]) - step for r, c in zip(rows, columns, strict=True)]
    for level in np.arange(root, float(distance.max()), step)[::-1]:
        _, islands = cv2.connectedComponents((distance > level).astype(np.uint8), connectivity=8)
        mine = islands[rows, columns]
        for k, island in enumerate(mine):
            if island and np.count_nonzero(mine == island) == 1:
                found[k] = min(found[k], float(level))
    return found


def grown(part: Labels, within: Labels, steps: int) -> Labels:
    """A 0/1 part spread by so many pixels without leaving ``within``."""
    for step in range(steps):
        part = cv2.dilate(part, _SQUARE if step % 2 else _CROSS) & within
    return part


def flooded(labels: Labels, within: Labels) -> Labels:
    """Labels spread at equal speed over the rest of ``within`` they can reach."""
    labels = labels.copy()
    bare = cv2.compare(labels, 0, cv2.CMP_EQ) & (255 * within)
    left, step = -1, 0
    while (now := cv2.countNonZero(bare)) != left or step % 2:
        left = now
        cv2.copyTo(cv2.dilate(labels, _SQUARE if step % 2 else _CROSS), bare, labels)
        cv2.bitwise_and(bare, cv2.compare(labels, 0, cv2.CMP_EQ), bare)
        step += 1
    return labels


def _with_arches_cut(distance: Distances, root: float) -> Distances:
    """Distances with a wall of zeros where two limbs that start apart meet with their ends.

    Two legs whose feet touch are one arch with two roots. The halves nearest to either root meet
    high up there, near the top of at least one; around a hole at the root of a single limb they
    meet low, and that limb goes on.
    """
    residual = (distance > root).astype(np.uint8)
    starts = (residual > 0) & (distance <= root + 2.0)
    count, roots = cv2.connectedComponents(starts.astype(np.uint8), connectivity=8)
    if not 2 < count < 255:
        return distance
    halves = flooded(roots.astype(np.uint8), residual)
    tops = np.zeros(count, np.float32)
    np.maximum.at(tops, halves.ravel(), distance.ravel())
    walls = np.zeros(distance.shape, bool)
    for (one, other), border in _borders(halves):
        low = float(distance[border].min())
        if low > ARCH * float(min(tops[one], tops[other])):
            walls |= border
    return np.where(walls, np.float32(0.0), distance) if walls.any() else distance


def _borders(halves: Labels) -> Iterator[tuple[tuple[int, int], Flags]]:
    """Every pair of labels that touch, and the pixels of the first that touch the second."""
    ahead = np.zeros((4, *halves.shape), np.uint8)
    ahead[0, :, :-1], ahead[1, :-1] = halves[:, 1:], halves[1:]
    ahead[2, :-1, :-1], ahead[3, :-1, 1:] = halves[1:, 1:], halves[1:, :-1]
    touch = (ahead > 0) & (halves > 0) & (ahead != halves)
    found: dict[tuple[int, int], Flags] = {}
    for side, row, column in np.argwhere(touch):
        one, other = int(halves[row, column]), int(ahead[side, row, column])
        found.setdefault((one, other), np.zeros(halves.shape, bool))[row, column] = True
    yield from sorted(found.items())
