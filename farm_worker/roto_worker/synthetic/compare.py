"""How mattes and shapes fit: against a clip's truth, and against each other."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from roto_shapes.document import load
from roto_shapes.errors import RotoError
from roto_shapes.frames import SequencePattern
from roto_shapes.model import Document

from ..export.mattes import MAIN_CHANNEL
from ..media.masks import read_mask16
from ..vectorize.outline.outlines import rasterize_layer

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Comparison:
    """Intersection over union, 0 to 1: means over ``frames`` frames, and the worst frame's.

    ``mattes`` and ``worst`` are of the mattes (inside where >= 0.5) against the truth, ``shapes``
    of the filled shapes against the mattes; None without shapes.
    """

    frames: int
    mattes: float
    worst: float
    worst_frame: int
    shapes: float | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def compare(truth: Path, mattes: Path, shapes: Path | None = None) -> Comparison:
    """Compare every frame of ``mattes`` with the same frame of ``truth``.

    Both are sequences of PNG or EXR mattes (of an EXR the channel ``A``), as a pattern, one of
    their files or the folder that holds just them.

    Raises:
        RotoError: ``missing_frame`` (no mattes, or a frame without truth), ``bad_matte`` (another
            size), ``bad_plate`` (unreadable), and what reading the shapes raises.
    """
    true_files, made_files = _sequence(truth), _sequence(mattes)
    document = load(shapes) if shapes else None
    frames = made_files.frames_on_disk()
    if not frames:
        raise RotoError(f"there are no mattes {made_files.printf}", code="missing_frame")
    scores, shape_scores = [], []
    for frame in frames:
        true, made = _read(true_files.path(frame)), _read(made_files.path(frame))
        if true.shape != made.shape:
            raise RotoError(
                f"frame {frame}: the truth is {true.shape[1]} x {true.shape[0]} pixels, "
                f"the matte {made.shape[1]} x {made.shape[0]}",
                code="bad_matte",
            )
        scores.append(iou(true, made))
        if document is not None:
            shape_scores.append(iou(_filled(document, frame), made))
    worst = int(np.argmin(scores))
    return Comparison(
        frames=len(frames),
        mattes=float(np.mean(scores)),
        worst=scores[worst],
        worst_frame=frames[worst],
        shapes=float(np.mean(shape_scores)) if shape_scores else None,
    )


def iou(a: Mask, b: Mask) -> float:
    """Intersection over union; 1 when both are empty."""
    union = np.count_nonzero(a | b)
    return np.count_nonzero(a & b) / union if union else 1.0


def _filled(document: Document, frame: int) -> Mask:
    mask = np.zeros((document.height, document.width), bool)
    for layer in document.layers:
        mask |= rasterize_layer(document, layer, frame)
    return mask


def _sequence(path: Path) -> SequencePattern:
    if not path.is_dir():
        return SequencePattern.parse(path)
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in (".exr", ".png"))
    if not files:
        raise RotoError(f"{path} holds no mattes", code="missing_frame")
    return SequencePattern.parse(files[0])


def _read(path: Path) -> Mask:
    if not path.is_file():
        raise RotoError(f"there is no {path}", code="missing_frame")
    if path.suffix.lower() != ".exr":
        return np.asarray(read_mask16(path) >= 0.5)
    try:
        with OpenEXR.File(str(path), separate_channels=True) as file:
            return np.asarray(file.channels()[MAIN_CHANNEL].pixels >= 0.5)
    except (KeyError, RuntimeError) as error:
        raise RotoError(f"{path} holds no matte: {error}", code="bad_plate") from error
