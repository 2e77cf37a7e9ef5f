"""Thin strings of a matte, ropes, leashes, strands: found, noted, and taken off the body.

Drawn as part of a body, the outline runs up one side of a string and down the other, a pixel or two
apart: that takes many points, and a key of them all whenever the string sways. Where an object has
strings for most of its life they become regions of their own that reach a little into what they
hang from, and the body has its own outline. Together all regions still are the matte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..motion.flow import with_drift
from ..outline.contour import Alpha, Contour, MatteOutlines, Thread, bounds, extract
from ..outline.curves import side_lengths
from .cut import HIDDEN_WEIGHT

FAINT = 0.3
"""Coverage from which a pixel may be of a string: thin ones hardly cover a whole pixel."""
WIDEST = 2.5
"""A string is thinner than this, on average, pixels."""
SLENDER = 8.0
"""And longer than this many of its widths."""
STRING_SIGMA = 0.5
"""Blur for the outlines of strings, pixels; the usual one would break them."""
REACH = 4
"""How far a string reaches into what it hangs from, pixels."""
SEAM = 1.5
"""A point farther than this from the object's own outline lies on a cut, pixels."""
STEADY = 0.5
"""Strings are taken off where they are seen on this share of an object's frames..."""
LEAST_SHARE = 0.3
"""...on which their two sides are this share of the object's outline; less does little harm."""

Labels = NDArray[np.uint8]
_SQUARE = np.ones((3, 3), np.uint8)
_DISC = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))


def with_strings(alpha: Alpha, outlines: MatteOutlines, min_area: float) -> MatteOutlines:
    """The outlines of ``alpha`` (0..1) with its strings noted, and how they are without them.

    Outlines smaller than ``min_area`` square pixels are left out, as by :func:`extract`.
    """
    box = bounds(alpha)
    if box is None:
        return outlines
    cover = np.ascontiguousarray(alpha[box])
    solid = (cover > FAINT).astype(np.uint8)
    sturdy = cv2.morphologyEx(solid, cv2.MORPH_OPEN, _DISC)
    found = _strings(cover, solid, sturdy)
    threads = tuple(thread for thread, _ in found)
    noted = replace(outlines, threads=threads)
    whole = sum(float(side_lengths(c.points).sum()) for c in outlines.contours)
    if not found or 2 * sum(thread.length for thread in threads) < LEAST_SHARE * whole:
        return noted
    strings = np.max([mask for _, mask in found], axis=0)
    kept, taken = alpha.copy(), np.zeros_like(alpha)
    kept[box][(cv2.dilate(strings, _SQUARE) & (1 - sturdy)) > 0] = 0
    taken[box] = cover * _reaching(strings, solid)
    body = extract(kept, min_area=min_area).contours
    hanging = extract(taken, min_area=min_area, sigma=STRING_SIGMA).contours
    outline = cKDTree(np.concatenate([c.points for c in outlines.contours]))
    pieces = [*body, *(replace(c, thread=True) for c in hanging)]
    return replace(noted, untied=tuple(_seamed(piece, outline) for piece in pieces))


def untied(sequence: list[MatteOutlines]) -> list[MatteOutlines]:
    """The sequence with strings as regions of their own, where the object has them steadily."""
    present = sum(bool(outlines.contours) for outlines in sequence)
    if sum(outlines.untied is not None for outlines in sequence) < STEADY * max(1, present):
        return sequence
    return [
        outlines
        if outlines.untied is None
        else replace(
            outlines,
            contours=tuple(with_drift(piece, outlines.contours) for piece in outlines.untied),
        )
        for outlines in sequence
    ]


def _strings(alpha: Alpha, solid: Labels, sturdy: Labels) -> list[tuple[Thread, Labels]]:
    """What no disc of 5 pixels fits into, if it is long and thin, each with its 0/1 mask."""
    if cv2.countNonZero(solid - sturdy) < SLENDER:
        return []
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid - sturdy, connectivity=8)
    found = []
    for k in range(1, count):
        if stats[k, cv2.CC_STAT_AREA] < SLENDER:
            continue
        mask = (labels == k).astype(np.uint8)
        lines, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        length = 0.5 * sum(cv2.arcLength(line, True) for line in lines)
        covered = cv2.dilate(mask, _SQUARE) & (1 - sturdy)
        area = float(alpha[covered > 0].sum())
        if length > 0 and area < WIDEST * length and length * length > SLENDER * area:
            found.append((Thread(length, area), mask))
    return found


def _reaching(strings: Labels, solid: Labels) -> Labels:
    grown = cv2.dilate(strings, _SQUARE)
    for _ in range(REACH):
        grown |= cv2.dilate(grown, _SQUARE) & solid
    return np.asarray(grown, np.uint8)


def _seamed(piece: Contour, outline: cKDTree) -> Contour:
    """The piece with hardly any weight where it was cut."""
    distance, _ = outline.query(piece.points)
    weights = np.where(np.asarray(distance) > SEAM, HIDDEN_WEIGHT, 1.0)
    return replace(piece, weights=np.minimum(piece.weights, weights))


def string_report(
    sequence: Sequence[MatteOutlines], frames: Sequence[int]
) -> dict[str, object] | None:
    """``{frames, first, last, length, width, area_share, apart}``, or None for no string at all.

    ``frames``: how many have strings; the other figures are of those: summed ``length`` and mean
    ``width`` in pixels, share of the object's area. ``apart``: whether they became regions of their
    own.
    """
    seen = [(frame, o) for frame, o in zip(frames, sequence, strict=True) if o.threads]
    if not seen:
        return None
    lengths = np.array([sum(thread.length for thread in o.threads) for _, o in seen])
    areas = np.array([sum(thread.area for thread in o.threads) for _, o in seen])
    return {
        "frames": len(seen),
        "first": seen[0][0],
        "last": seen[-1][0],
        "length": round(float(lengths.mean()), 1),
        "width": round(float(areas.sum() / lengths.sum()), 2),
        "area_share": round(float(areas.sum() / sum(o.area for _, o in seen)), 4),
        "apart": any(c.thread for _, o in seen for c in o.contours),
    }
