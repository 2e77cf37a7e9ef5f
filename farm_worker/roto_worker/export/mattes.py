"""Mattes as a compositor reads them: half-float EXR with named layers, or PNG."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..media.masks import Matte, write_png
from .exr import write_exr

MAIN_CHANNEL = "A"


def write_matte_exr(
    path: Path,
    layers: Mapping[str, Matte],
    *,
    pixel_aspect: float = 1.0,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """One frame of mattes: half float, ZIPS, display and data window = the arrays' size.

    Args:
        path: the file; it appears complete or not at all.
        layers: layer name (see `layer_names`) to a ``[height, width]`` matte, all of one size.
            Written as ``<layer>.A``, their union as the main ``A``.
        pixel_aspect: width over height of a pixel.
        metadata: attributes of the header (``roto/job`` and so on).

    Raises:
        ValueError: no layers, or of different sizes.
        RotoError: ``disk_full``.
        OSError: the file cannot be written for another reason.
    """
    sizes = {matte.shape for matte in layers.values()}
    if len(sizes) != 1:
        raise ValueError(f"mattes of one file need one size, got {sorted(sizes)}")
    halves = {f"{name}.A": _half(matte) for name, matte in layers.items()}
    halves[MAIN_CHANNEL] = np.maximum.reduce(list(halves.values()))
    write_exr(path, halves, pixel_aspect=pixel_aspect, metadata=metadata)


def write_matte_png(path: Path, matte: Matte, *, bits: int = 16) -> None:
    """One matte as grey PNG of 8 or 16 bits. Raises: RotoError ``disk_full``."""
    codes = np.rint(np.clip(np.nan_to_num(matte), 0, 1) * (2**bits - 1))
    write_png(path, codes.astype(np.uint8) if bits == 8 else codes.astype(np.uint16))


def layer_names(names: Iterable[str]) -> dict[str, str]:
    """EXR layer names for object names: ASCII letters, digits and ``_``, a letter first, unique.

    Nuke refuses layers named by a number, and a dot would open another layer.
    """
    given: dict[str, str] = {}
    for name in names:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        safe = re.sub(r"[^A-Za-z0-9_]+", "_", plain).strip("_")
        if not safe[:1].isalpha():
            safe = f"object_{safe}".rstrip("_")
        unique, count = safe, 2
        while unique.lower() in {taken.lower() for taken in given.values()}:
            unique, count = f"{safe}_{count}", count + 1
        given[name] = unique
    return given


def _half(matte: Matte) -> np.ndarray:
    return np.clip(np.nan_to_num(matte), 0, 1).astype(np.float16)
