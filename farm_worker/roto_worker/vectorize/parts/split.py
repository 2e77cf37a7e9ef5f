"""An object's outlines taken apart into body and limbs, each a track with a life of its own.

A single outline around a walking animal changes everywhere whenever the gap between two legs opens
or closes. Drawn as an artist would, as a body and limbs that overlap it, every shape stays simple,
moves by itself and keeps its points. What is cut is only the inside of the object: on every frame
the parts together, less the holes, are the matte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..motion.flow import with_drift
from ..outline.contour import Contour, MatteOutlines
from ..outline.curves import contains
from .cut import cut, edges
from .limbs import (
    ROOT,
    Anatomy,
    Flags,
    Labels,
    Tip,
    dissect,
    draw,
    flooded,
    grown,
    inscribed_radius,
    partition,
    tips,
)
from .regions import Track, link
from .tracks import SHORTEST, Spots, find_limbs

LEAST_SHARE = 0.1
"""Components smaller than this share of the object's area are left whole."""
OVERLAP = 0.25
"""How far body and limbs overlap, in core radii."""
STEADINESS = 3.0
"""The core's size is smoothed over this many frames."""
SAFETY = np.ones((3, 3), np.uint8)
"""Only what another part covers with a raster pixel to spare may be left to it."""
UNCOVERED = 0.2
"""A hole of which the parts cover less than this share needs no shape of its own."""


@dataclass(frozen=True)
class _Frame:
    """A component on one frame. ``number``: index in the sequence."""

    number: int
    solid: Contour
    holes: tuple[Contour, ...]


def decompose(sequence: Sequence[MatteOutlines], size: tuple[int, int]) -> list[Track]:
    """Tracks of all outlines of ``sequence``, with limbs cut off the body, the largest first.

    Args:
        sequence: the outlines of every frame.
        size: the plate's width and height in pixels.

    Returns:
        tracks as :func:`regions.link` gives them. Where a component has limbs, its track is
        replaced by one of its body and one per limb, whose contours weigh
        :data:`.cut.HIDDEN_WEIGHT` inside the object. A component without limbs, fragments and
        holes are as they were, except holes that lie between parts, which need no shape.
    """
    whole = link(sequence)
    largest = max((t.area for t in whole), default=0.0)
    rest: list[list[Contour]] = [list(outlines.contours) for outlines in sequence]
    parts: list[Track] = []
    for track in whole:
        if track.hole or len(track.contours) < SHORTEST or track.area < LEAST_SHARE * largest:
            continue
        frames = [_frame(sequence, track, k) for k in range(len(track.contours))]
        found = _take_apart(frames, rest)
        parts += found
    left = [{id(contour) for contour in contours} for contours in rest]
    for track in whole:
        numbered = enumerate(track.contours, track.first)
        parts += _tracks({n: contour for n, contour in numbered if id(contour) in left[n]})
    return sorted(parts, key=lambda t: (-t.area, t.first))


def _frame(sequence: Sequence[MatteOutlines], track: Track, index: int) -> _Frame:
    solid = track.contours[index]
    number = track.first + index
    holes = tuple(
        c
        for c in sequence[number].contours
        if c.hole and c.depth == solid.depth + 1 and contains(solid.points, c.points[0])
    )
    return _Frame(number, solid, holes)


def _take_apart(frames: list[_Frame], rest: list[list[Contour]]) -> list[Track]:
    """Body and limb tracks of one component; what they replace is taken out of ``rest``."""
    radii = np.array([inscribed_radius(draw(f.solid, f.holes)) for f in frames])
    radii = gaussian_filter1d(radii, STEADINESS, mode="nearest")
    spots = [_spots(frame, radius) for frame, radius in zip(frames, radii, strict=True)]
    limbs = find_limbs(spots)
    if not limbs:
        return []
    lives: list[dict[int, Contour]] = [{} for _ in range(1 + len(limbs))]
    for index, (frame, radius) in enumerate(zip(frames, radii, strict=True)):
        present = [k for k, limb in enumerate(limbs) if limb.first <= index < limb.stop]
        chosen = [limbs[k].tips[index - limbs[k].first] for k in present]
        contours, needless = _cut_frame(frame, float(radius), chosen)
        for life, contour in zip([0, *(k + 1 for k in present)], contours, strict=True):
            if contour is not None:
                moving = with_drift(contour, (frame.solid, *frame.holes))
                lives[life][frame.number] = replace(moving, depth=frame.solid.depth)
        gone = {id(frame.solid), *map(id, needless)}
        rest[frame.number] = [c for c in rest[frame.number] if id(c) not in gone]
    return [track for life in lives for track in _tracks(life)]


def _tracks(life: dict[int, Contour]) -> list[Track]:
    """Contours by frame number as one track per run of neighbouring frames."""
    tracks: list[Track] = []
    for number, contour in sorted(life.items()):
        if not tracks or tracks[-1].stop != number:
            tracks.append(Track(number, contour.hole, contour.depth))
        tracks[-1].contours.append(contour)
    return tracks


def _spots(frame: _Frame, radius: float) -> Spots:
    anatomy = dissect(draw(frame.solid, frame.holes), radius)
    found = tuple(tips(anatomy))
    return Spots(found, frame.solid.points.mean(axis=0), anatomy.radius / anatomy.raster.scale)


def _cut_frame(
    frame: _Frame, radius: float, chosen: list[Tip]
) -> tuple[list[Contour | None], list[Contour]]:
    """Contours of the body and of each chosen limb, and the holes that lie between them."""
    anatomy = dissect(draw(frame.solid, frame.holes), radius)
    raster = anatomy.raster
    outline = edges(raster, frame.solid, frame.holes)
    spare = _regions(anatomy, partition(anatomy, chosen), len(chosen))
    cover = np.sum(spare, axis=0, dtype=np.uint8)
    contours = []
    for region in spare:
        others = ((cover > region) | (raster.mask == 0)).astype(np.uint8)
        contour = cut(raster, region, outline, cv2.erode(others, SAFETY))
        if contour is not None:
            cover -= region & ~raster.filled([contour])
        contours.append(contour)
    filled = raster.filled([c for c in contours if c is not None])
    needless = [h for h in frame.holes if _share(raster.filled([h]), filled) < UNCOVERED]
    return contours, needless


def _share(part: Labels, whole: Labels) -> float:
    return cv2.countNonZero(part & whole) / max(1, cv2.countNonZero(part))


def _regions(anatomy: Anatomy, labels: Labels, count: int) -> list[Labels]:
    """0/1 masks of body and limbs, overlapping, together the whole component."""
    mask, distance = anatomy.raster.mask, anatomy.distance
    labels = _whole_body(anatomy, labels)
    deep = (labels > 0) & (distance > (ROOT + OVERLAP) * anatomy.radius)
    stray = _elsewhere(((mask > 0) & ~deep).astype(np.uint8), anatomy.core)
    body = ((mask > 0) & ~deep & ~stray).astype(np.uint8)
    reach = max(1, round(OVERLAP * anatomy.radius))
    return [body, *(grown((labels == k + 1).astype(np.uint8), mask, reach) for k in range(count))]


def _whole_body(anatomy: Anatomy, labels: Labels) -> Labels:
    """Labels with every piece of the body that limbs cut off from the core given to them."""
    body = ((anatomy.raster.mask > 0) & (labels == 0)).astype(np.uint8)
    lost = _elsewhere(body, anatomy.core)
    return flooded(labels, lost.astype(np.uint8)) if lost.any() else labels


def _elsewhere(mask: Labels, core: Labels) -> Flags:
    """Pixels of the mask not connected to the core."""
    _, pieces = cv2.connectedComponents(mask, connectivity=4)
    main = np.bincount(pieces[(core > 0) & (mask > 0)], minlength=2)
    return (pieces > 0) & (pieces != int(main[1:].argmax()) + 1)
