"""Mattes as a browser shows them: 8-bit, as large as the plate's proxies, beside the 16-bit ones.

``.small/<object name>/<frame>.png`` in a track directory (no object can be called so). Nothing else
is made of them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..export.drawing import resized
from ..media.files import link
from ..media.masks import Matte, read_mask16, write_png

HEIGHT = 540
"""Lines, at most; as `stages.ingest` makes its proxies."""


def small_path(matte: Path) -> Path:
    """Where the small one of ``<track directory>/<object name>/<frame>.png`` is."""
    return matte.parent.parent / ".small" / matte.parent.name / matte.name


def write_small(matte: Path, alpha: Matte) -> None:
    """Write the small one of what is written at ``matte``: ``[height, width]``, 0..1.

    Raises:
        RotoError: ``disk_full``.
    """
    height = min(HEIGHT, alpha.shape[0])
    width = max(1, round(alpha.shape[1] * height / alpha.shape[0]))
    path = small_path(matte)
    path.parent.mkdir(parents=True, exist_ok=True)
    codes = np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8)
    write_png(path, resized(codes, width, height))


def carry_small(source: Path, target: Path) -> None:
    """Have beside the matte ``target`` what is beside ``source``, of which it is a link.

    Raises:
        RotoError: ``disk_full``, ``bad_plate``: the matte itself is damaged.
    """
    small_path(target).parent.mkdir(parents=True, exist_ok=True)
    try:
        link(small_path(source), small_path(target))
    except FileNotFoundError:  # a version before, or a node that sent what resuming needs
        write_small(target, read_mask16(target))
