# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mask layer is which shape, also after an artist gave layers other names. No bpy here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .identity import Note, ShapeNote, mark

if TYPE_CHECKING:
    from .standing import StandingLayer


def match(note: Note, stand: Sequence[StandingLayer]) -> None:
    """Put the layers' names into ``note`` as they now are.

    A layer of an unknown name is the missing shape of which it holds most keys; if it holds none
    untouched, the one that is keyed on the same frames.
    """
    names = {layer.name for layer in stand}
    missing = [shape for shape in note.shapes if shape.name not in names]
    strangers = [layer for layer in stand if note.named(layer.name) is None]
    for alike in (_same_keys, _same_frames):
        _take(missing, strangers, alike)


def _take(
    missing: list[ShapeNote],
    strangers: list[StandingLayer],
    alike: Callable[[ShapeNote, StandingLayer], int],
) -> None:
    for layer in list(strangers):
        best = max(missing, key=lambda shape: alike(shape, layer), default=None)
        if best is not None and alike(best, layer):
            best.name = layer.name
            missing.remove(best)
            strangers.remove(layer)


def _same_keys(shape: ShapeNote, layer: StandingLayer) -> int:
    return sum(shape.keys.get(frame) == mark(rows) for frame, rows in layer.keys.items())


def _same_frames(shape: ShapeNote, layer: StandingLayer) -> int:
    return len(layer.keys) if set(shape.keys) == set(layer.keys) else 0
