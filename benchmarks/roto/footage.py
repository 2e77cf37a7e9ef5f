"""Real clips of the shared footage as input and truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_worker.media.masks import read_mask16
from roto_worker.vectorize.files import mask_files

from .editing import Material
from .metrics import Mask

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Clip:
    """A hand-made mask track: the same files are the solver's mattes and the truth."""

    name: str
    masks: dict[int, Path]
    images: dict[int, Path]
    own_keys: int | None = None
    material: Material | None = None

    @property
    def frames(self) -> list[int]:
        return list(self.masks)

    @property
    def height(self) -> int:
        return int(self.matte(self.frames[0]).shape[0])

    @property
    def width(self) -> int:
        return int(self.matte(self.frames[0]).shape[1])

    @property
    def image(self) -> Callable[[int], Image] | None:
        """frame -> sRGB ``[height, width, 3]``, or None for a track without frames."""
        return self._image if self.images else None

    def matte(self, frame: int) -> NDArray[np.float32]:
        return read_mask16(self.masks[frame])

    def truth(self, frame: int) -> Mask:
        return np.asarray(self.matte(frame) > 0.5)

    def _image(self, frame: int) -> Image:
        image = cv2.imread(str(self.images[frame]), cv2.IMREAD_COLOR)
        if image is None:
            raise OSError(f"cannot read {self.images[frame]}")
        return np.ascontiguousarray(image[..., ::-1], np.uint8)


def davis(footage: Path, name: str) -> Clip:
    folder = footage / "davis" / name
    images = {int(path.stem): path for path in sorted((folder / "frames").glob("*.jpg"))}
    return Clip(name, mask_files(folder / "masks"), images)


def sav(footage: Path, name: str) -> Clip:
    """A human-drawn track at 6 fps, without frames: every fourth frame number is there."""
    return Clip(f"sav {name}", mask_files(footage / "sav_000001" / name), {})
