"""Signals as arrays, so that a checkpoint of a long shot stays small and loses no bit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engines.base import Signals

Tables = dict[str, NDArray[Any]]


def to_tables(signals: Signals, prefix: str) -> Tables:
    """Three arrays per object: ``frames``, ``names``, and ``values`` (a row per frame, NaN where a
    frame lacks a signal)."""
    tables: Tables = {}
    for object_id, frames in signals.items():
        names = sorted({name for one in frames.values() for name in one})
        rows = [[one.get(name, np.nan) for name in names] for one in frames.values()]
        tables[f"{prefix}{object_id}/frames"] = np.array(list(frames), np.int64)
        tables[f"{prefix}{object_id}/names"] = np.array(names, np.str_)
        values = np.array(rows, np.float64).reshape(len(frames), len(names))
        tables[f"{prefix}{object_id}/values"] = values
    return tables


def from_tables(tables: Mapping[str, NDArray[Any]], prefix: str) -> Signals:
    """What `to_tables` was given under ``prefix``; other arrays do not matter."""
    suffix = "/frames"
    objects = [
        key.removeprefix(prefix).removesuffix(suffix)
        for key in tables
        if key.startswith(prefix) and key.endswith(suffix)
    ]
    signals: Signals = {}
    for object_id in objects:
        names, values, frames = (
            tables[f"{prefix}{object_id}/{part}"].tolist() for part in ("names", "values", "frames")
        )
        rows = zip(frames, values, strict=True)
        signals[object_id] = {frame: _said(names, row) for frame, row in rows}
    return signals


def _said(names: list[str], row: list[float]) -> dict[str, float]:
    return {name: value for name, value in zip(names, row, strict=True) if not math.isnan(value)}
