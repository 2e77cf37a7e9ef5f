"""ID mattes: several objects in one EXR, after the public Cryptomatte specification 1.2.0.

Each pixel lists the objects on it as pairs of an id (a name's hash, as the bits of a 32-bit float)
and a coverage, largest coverage first: rank 0 in ``CryptoObject00`` R and G, rank 1 in its B and A,
rank 2 in ``CryptoObject01`` R and G, and so on. The deprecated preview channels are left out.

The coverages of a pixel may not exceed 1 in sum, but mattes overlap. They are put together as
Porter and Duff's *disjoint over* does: the upper object keeps its matte, one below gets what is
left of the pixel. So mattes that fit into a pixel beside each other, such as two objects that share
a soft edge, come back as they were (*over* would let the background shine through the seam), and
an object in front of another stays solid (which dividing by the sum would make transparent).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import mmh3
import numpy as np
from numpy.typing import NDArray

from roto_shapes.errors import RotoError

from ..media.masks import Matte
from .exr import write_exr

TYPE_NAME = "CryptoObject"
LEVELS = 6
"""The specification's suggestion for the number of ranks: three EXR layers. Ranks that the number
of objects leaves empty cost as much to write as full ones, so they are left out."""

MatteOf = Callable[[str], Matte]
"""An object's matte on one frame by its name: ``[height, width]``, 0..1."""


def identities(names: Sequence[str]) -> dict[str, int]:
    """Object name -> id: the bits of the float that stands for it in the pixels, never 0.

    MurmurHash3_x86_32 of the UTF-8 bytes, seed 0; an exponent of 0 or 255 has its lowest bit
    toggled, so that the float is neither zero, denormal, infinite nor NaN. Keeps the order.

    Raises:
        RotoError: ``no_objects``; ``bad_request`` for an empty name, one that is no UTF-8, one
            given twice, or two with the same id.
    """
    if not names:
        raise RotoError("There are no objects to make ID mattes of.", code="no_objects")
    ids: dict[str, int] = {}
    owners: dict[int, str] = {}
    for name in names:
        bits = _identity(name)
        if name in ids:
            raise _bad_name(f"Two objects are called {name!r}: an ID matte cannot tell them apart.")
        if bits in owners:
            raise _bad_name(f"Objects {owners[bits]!r} and {name!r} have the same id, {bits:08x}.")
        owners[bits] = name
        ids[name] = bits
    return ids


def _identity(name: str) -> int:
    try:
        data = name.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _bad_name(f"Object name {name!r} cannot be written as UTF-8.") from error
    if not data:
        raise _bad_name("An object without a name has no ID matte.")
    bits = mmh3.hash(data, 0, signed=False)
    return bits ^ (1 << 23) if (bits >> 23) & 0xFF in {0, 0xFF} else bits


def _bad_name(message: str) -> RotoError:
    return RotoError(message, code="bad_request", hint="Rename the object.")


def header(ids: Mapping[str, int]) -> dict[str, str]:
    """The metadata a decoder looks for, with the manifest of names and ids."""
    key = "cryptomatte/" + f"{_identity(TYPE_NAME):08x}"[:7]
    # Some decoders' JSON readers know no \\u escapes: letters stay as they are, in UTF-8.
    manifest = {name: f"{bits:08x}" for name, bits in ids.items()}
    return {
        f"{key}/name": TYPE_NAME,
        f"{key}/hash": "MurmurHash3_32",
        f"{key}/conversion": "uint32_to_float32",
        f"{key}/manifest": json.dumps(manifest, ensure_ascii=False, separators=(",", ":")),
    }


def levels_for(names: Sequence[str], frames: Iterable[MatteOf]) -> int:
    """Ranks that lose no object on any pixel of a sequence: whole EXR layers of two.

    One number for all frames, as the specification asks: as many as there are objects, or where
    those are more than `LEVELS` as many as meet (at least `LEVELS`), for which ``frames`` are read.
    Errors as `ranked`.
    """
    if len(names) <= LEVELS:
        return len(names) + len(names) % 2
    deepest = 0
    for matte_of in frames:
        count: NDArray[np.uint16] | None = None
        for _, share in _shares(names, matte_of):
            count = np.zeros(share.shape, np.uint16) if count is None else count
            count += share > 0
        deepest = max(deepest, 0 if count is None else int(count.max(initial=0)))
    return max(LEVELS, deepest + deepest % 2)


def ranked(
    ids: Mapping[str, int], matte_of: MatteOf, levels: int
) -> tuple[NDArray[np.uint32], Matte]:
    """Ids and coverages ``[levels, height, width]``, by descending coverage; 0 where none is.

    Args:
        ids: as `identities` gives them, bottom object first. Of equal coverages the upper object
            comes first.
        matte_of: asked once for each object, one at a time.

    Raises:
        ValueError: more than ``levels`` objects meet on a pixel (see `levels_for`).
        RotoError: ``bad_matte``.
    """
    names = list(ids)
    found: NDArray[np.uint32] | None = None
    coverages = np.zeros(0, np.float32)
    for name, share in _shares(names, matte_of):
        if found is None:
            found = np.zeros((levels, share.size), np.uint32)
            coverages = np.zeros((levels, share.size), np.float32)
            shape = share.shape
        _insert(found, coverages, ids[name], share.ravel())
    if found is None:
        raise ValueError("no objects to rank")
    return found.reshape(levels, *shape), coverages.reshape(levels, *shape)


def _insert(
    found: NDArray[np.uint32], coverages: Matte, bits: int, share: NDArray[np.float32]
) -> None:
    """Put one object into the ranks: what it outranks moves down by one."""
    pixels = np.flatnonzero(share)
    coverage, moving = share[pixels], np.full(len(pixels), bits, np.uint32)
    placed = np.zeros(len(pixels), bool)
    for level in range(len(found)):
        if not len(pixels):
            return
        there, there_bits = coverages[level, pixels], found[level, pixels]
        placed |= coverage > there
        coverages[level, pixels] = np.where(placed, coverage, there)
        found[level, pixels] = np.where(placed, moving, there_bits)
        coverage = np.where(placed, there, coverage)
        moving = np.where(placed, there_bits, moving)
        more = coverage > 0
        pixels, coverage, moving, placed = pixels[more], coverage[more], moving[more], placed[more]
    if len(pixels):
        raise ValueError(f"more than {len(found)} objects meet on {len(pixels)} pixels")


def _shares(names: Sequence[str], matte_of: MatteOf) -> Iterable[tuple[str, Matte]]:
    """Each object, top first, with what the objects above it leave of its matte."""
    left: Matte | None = None
    for name in reversed(names):
        matte = _checked(name, matte_of(name), None if left is None else left.shape)
        left = np.ones(matte.shape, np.float32) if left is None else left
        share = np.minimum(matte, left)
        left -= share
        yield name, share


def _checked(name: str, matte: Matte, size: tuple[int, ...] | None) -> Matte:
    problem = ""
    if matte.ndim != 2 or (size is not None and matte.shape != size):
        problem = f"is of size {matte.shape}, not {size or '(height, width)'}"
    elif matte.dtype.kind not in "fb":
        problem = f"holds {matte.dtype} values, not 0 to 1 as floats"
    elif not np.isfinite(matte).all():
        problem = "holds values that are not numbers"
    if problem:
        raise RotoError(f"The matte of {name!r} {problem}.", code="bad_matte")
    return np.clip(matte, 0, 1).astype(np.float32)


def write_cryptomatte(
    path: Path,
    ids: Mapping[str, int],
    matte_of: MatteOf,
    *,
    levels: int = LEVELS,
    pixel_aspect: float = 1.0,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """One frame of ID mattes; arguments and errors as `ranked`, and those of `write_exr`."""
    if levels < 2 or levels % 2:
        raise ValueError(f"{levels} ranks do not fill EXR layers of two")
    found, coverages = ranked(ids, matte_of, levels)
    planes = {}
    for level in range(levels):
        layer = f"{TYPE_NAME}{level // 2:02d}"
        id_channel, coverage_channel = "RG" if level % 2 == 0 else "BA"
        planes[f"{layer}.{id_channel}"] = found[level].view(np.float32)
        planes[f"{layer}.{coverage_channel}"] = coverages[level]
    write_exr(path, planes, pixel_aspect=pixel_aspect, metadata={**(metadata or {}), **header(ids)})
