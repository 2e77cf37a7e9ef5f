# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mask layer is which shape, also after an artist gave layers other names. No bpy here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .identity import Note, ShapeNote, mark

if TYPE_CHECKING:
    from .standing import StandingLayer


def match(note: Note, stand: Sequence[StandingLayer]) -> None:
    """Put the layers' names and the frames they begin on into ``note`` as they now are.

    A layer of an unknown name is the missing shape of which it holds most keys; if it holds none
    untouched, the one that is keyed on the same frames.
    """
    _slide(note, stand)
    names = {layer.name for layer in stand}
    missing = [shape for shape in note.shapes if shape.name not in names]
    strangers = [layer for layer in stand if note.named(layer.name) is None]
    for alike in (_same_keys, _same_frames):
        _take(missing, strangers, alike)


def _slide(note: Note, stand: Sequence[StandingLayer]) -> None:
    """Where an artist moved all keys of a mask along with the plate, the frames are counted from
    where they are now."""
    frames: dict[int, list[int]] = {}
    for shape in note.shapes:
        for frame, known in shape.keys.items():
            frames.setdefault(known, []).append(frame)
    moves = Counter(
        frame - was
        for layer in stand
        for frame, rows in layer.keys.items()
        for was in frames.get(mark(rows), ())
    )
    move = max(moves, key=lambda frame: (moves[frame], frame == 0), default=0)
    if move and moves[move] > sum(len(layer.keys) for layer in stand) / 2:
        note.offset += move
        for layer in stand:
            layer.keys = {frame - move: rows for frame, rows in layer.keys.items()}
            layer.alpha, layer.hidden = _earlier(layer.alpha, move), _earlier(layer.hidden, move)


def _earlier(value: Any, move: int) -> Any:
    if not isinstance(value, list):
        return value
    return [[frame - move, number, kind] for frame, number, kind in value]


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
