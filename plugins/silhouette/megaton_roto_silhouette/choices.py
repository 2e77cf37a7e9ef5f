"""How results come into Silhouette, as an artist chose."""

from __future__ import annotations

from dataclasses import dataclass

UPDATE, BESIDE = "update", "beside"
BSPLINE, BEZIER = "bspline", "bezier"


@dataclass(frozen=True)
class Choices:
    """How a result comes in. ``existing``: ``update`` changes older layers of the same objects,
    ``beside`` leaves them and adds new ones. ``kind``: of the shapes. ``key_offset``: added to key
    frames of shape files, for a Silhouette that counts otherwise.
    """

    existing: str = UPDATE
    kind: str = BSPLINE
    key_offset: int = 0
