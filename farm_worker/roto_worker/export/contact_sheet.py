"""The contact sheet: some frames of a shot side by side as plate, matte and roto."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from roto_shapes.model import Document

from ..media.masks import Matte, write_png
from ..media.source import Image8
from .drawing import Color, draw_shapes, label, resized, tint

CELL_WIDTH, CELL_HEIGHT = 480, 960
"""The most a cell has of each."""
GAP = 6
_TITLE_HEIGHT = 34
_BACKGROUND = 24


@dataclass(frozen=True)
class SheetFrame:
    """One row: the plate and each object's matte (plate size) with its colour."""

    frame: int
    plate: Image8
    mattes: Sequence[tuple[Matte, Color]]


def choose_frames(first: int, last: int, count: int = 6) -> list[int]:
    """At most ``count`` frames spread evenly over the range, both ends included."""
    return sorted({round(x) for x in np.linspace(first, last, count)})


class ContactSheet:
    """Built row by row, so that only one frame at full size is in memory."""

    def __init__(
        self,
        width: int,
        height: int,
        *,
        pixel_aspect: float = 1.0,
        document: Document | None = None,
        title: str = "",
    ) -> None:
        """``width``/``height`` of the plate; ``document``: roto to draw over it."""
        shown = width * pixel_aspect
        scale = min(CELL_WIDTH / shown, CELL_HEIGHT / height)
        self._cell = (max(1, round(shown * scale)), max(1, round(height * scale)))
        self._scale = (self._cell[0] / width, self._cell[1] / height)
        self._document, self._title = document, title
        self._rows: list[Image8] = []

    def add(self, row: SheetFrame) -> None:
        """Append a row: plate, mattes, roto over the plate."""
        plate = np.array(resized(row.plate, *self._cell), np.uint8)
        matte = np.zeros((self._cell[1], self._cell[0], 3), np.float32)
        over = plate.copy()
        several = len(row.mattes) > 1
        for alpha, color in row.mattes:
            small = np.asarray(resized(alpha, *self._cell), np.float32)
            shade = np.array(color if several else (1, 1, 1), np.float32)
            matte = matte * (1 - small[..., None]) + shade * small[..., None]
            over = tint(over, small, color, contour=self._document is None)
        if self._document is not None:
            draw_shapes(over, self._document, row.frame, self._scale)
        label(plate, str(row.frame))
        cells = (plate, np.rint(matte * 255).astype(np.uint8), over)
        self._rows.append(np.hstack([_framed(cell) for cell in cells]))

    def write(self, path: Path) -> None:
        """Write the sheet as PNG; it appears complete or not at all.

        Raises:
            ValueError: no rows were added.
            RotoError: ``disk_full``.
        """
        sheet = np.vstack(self._rows)
        if self._title:
            bar = np.full((_TITLE_HEIGHT, sheet.shape[1], 3), _BACKGROUND, np.uint8)
            label(bar, self._title, size=0.55)
            sheet = np.vstack([bar, sheet])
        write_png(path, np.ascontiguousarray(sheet[..., ::-1]))


def _framed(cell: Image8) -> Image8:
    edge = (_BACKGROUND,) * 3
    return np.asarray(
        cv2.copyMakeBorder(cell, GAP, GAP, GAP, GAP, cv2.BORDER_CONSTANT, value=edge), np.uint8
    )
