"""One region's outline cut among the document's shapes that are parts of it.

Where parts overlap in the document they may overlap again; what none of them covers any more goes
to the nearest.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ..outline.contour import Contour, MatteOutlines
from ..outline.curves import Points, contains
from ..outline.raster import fill
from ..parts.cut import cut, edges
from ..parts.limbs import Labels, Raster, draw


def cut_among(
    outlines: MatteOutlines, solid: Contour, parts: Sequence[Points]
) -> list[Contour | None]:
    """The contour of each of ``parts`` (outlines on the plate as the document has them), None where
    nothing of ``solid`` is left for it."""
    holes = [
        c
        for c in outlines.contours
        if c.hole and c.depth == solid.depth + 1 and contains(solid.points, c.points[0])
    ]
    raster = draw(solid, holes)
    regions = _regions(raster, parts)
    cover = np.sum(regions, axis=0, dtype=np.uint8)
    outline = edges(raster, solid, holes)
    return [cut(raster, region, outline, (cover > region).astype(np.uint8)) for region in regions]


def _regions(raster: Raster, parts: Sequence[Points]) -> list[Labels]:
    """0/1 masks, together the whole component."""
    height, width = raster.mask.shape
    filled = [fill([(p - raster.origin) * raster.scale], width, height) for p in parts]
    away = [
        cv2.distanceTransform((~f).astype(np.uint8), cv2.DIST_L2, 5)
        if f.any()
        else np.full(f.shape, np.inf, np.float32)
        for f in filled
    ]
    nearest = np.argmin(away, axis=0)
    inside = raster.mask > 0
    return [
        (inside & (f | (nearest == number))).astype(np.uint8) for number, f in enumerate(filled)
    ]
