"""Generated clips on disk: plate, exact truth mattes, and the prompts an artist would place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_shapes.errors import RotoError

from .noise import Plane
from .scene import Scene

FIRST_FRAME = 1001
FORMATS = ("png", "jpg", "exr")
OBJECT_NAME = "creature"


@dataclass(frozen=True)
class Clip:
    """A generated clip. Frames are plate frame numbers; ``prompt`` is the contract's prompt."""

    directory: Path
    width: int
    height: int
    fps: tuple[int, int]
    frame_range: tuple[int, int]
    extension: str
    object: str
    prompt: dict[str, Any]

    @property
    def pattern(self) -> str:
        """The plate as a printf sequence pattern with its full path."""
        return str(self.directory / f"plate.%04d.{self.extension}")

    @property
    def plate(self) -> dict[str, Any]:
        """The plate as a task spec names it."""
        return {"kind": "sequence", "path": self.pattern}

    @property
    def frames(self) -> range:
        return range(self.frame_range[0], self.frame_range[1] + 1)

    def truth_path(self, frame: int) -> Path:
        return self.directory / "truth" / f"matte.{frame:04d}.png"

    def truth(self, frame: int) -> Plane:
        """The object's exact coverage on ``frame``, ``[height, width]`` float32 0..1."""
        image = cv2.imread(str(self.truth_path(frame)), cv2.IMREAD_UNCHANGED)
        if image is None:
            raise RotoError(f"the clip has no truth matte for frame {frame}", code="missing_frame")
        return np.asarray(image / 65535.0, np.float32)

    def as_json(self) -> dict[str, Any]:
        """What ``clip.json`` holds; paths are relative to it."""
        return {
            "width": self.width,
            "height": self.height,
            "fps": list(self.fps),
            "frame_range": list(self.frame_range),
            "plate": f"plate.%04d.{self.extension}",
            "truth": "truth/matte.%04d.png",
            "object": self.object,
            "prompts": [self.prompt],
        }


def generate_clip(
    out_dir: Path | str,
    width: int = 960,
    height: int = 540,
    frames: int = 60,
    seed: int = 7,
    *,
    format: str = "png",
    distractor: bool = False,
) -> Clip:
    """Write ``plate.%04d.<format>`` from frame 1001, ``truth/matte.%04d.png`` and ``clip.json``.

    PNG and JPEG are sRGB, EXR is half float scene-linear Rec.709; truth mattes are 16-bit coverage.
    The same arguments give the same pictures.

    Raises:
        RotoError: ``unknown_format`` or ``bad_request`` (size or frame count out of bounds).
    """
    if format not in FORMATS:
        raise RotoError(
            f"cannot generate a clip as '{format}'",
            code="unknown_format",
            hint=f"Use one of {', '.join(FORMATS)}.",
        )
    if min(width, height) < 32 or frames < 1:
        raise RotoError("a clip needs at least 32 x 32 pixels and 1 frame", code="bad_request")
    directory = Path(out_dir).absolute()
    (directory / "truth").mkdir(parents=True, exist_ok=True)
    scene = Scene(width, height, seed, distractor=distractor)
    last = FIRST_FRAME + frames - 1
    prompt: dict[str, Any] = {}
    for frame in range(FIRST_FRAME, last + 1):
        rendered = scene.render(frame - FIRST_FRAME)
        write_plate(directory / f"plate.{frame:04d}.{format}", rendered.plate)
        matte16 = np.round(rendered.matte * 65535).astype(np.uint16)
        _write_image(directory / "truth" / f"matte.{frame:04d}.png", matte16)
        if frame == FIRST_FRAME:
            prompt = suggest_prompt(rendered.matte, frame)
    clip = Clip(directory, width, height, (24, 1), (FIRST_FRAME, last), format, OBJECT_NAME, prompt)
    (directory / "clip.json").write_text(json.dumps(clip.as_json(), indent=1) + "\n")
    return clip


def suggest_prompt(matte: Plane, frame: int, margin: int = 5) -> dict[str, Any]:
    """What an artist would place on ``frame``: the contract's prompt for the object in ``matte``.

    One positive click deep inside, one negative click on the background beside the object, and the
    object's bounds plus ``margin`` pixels as a box.
    """
    inside = (matte >= 0.5).astype(np.uint8)
    height, width = inside.shape
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    left, right = int(columns[0]) - margin, int(columns[-1]) + 1 + margin
    top, bottom = int(rows[0]) - margin, int(rows[-1]) + 1 + margin
    box = [max(left, 0), max(top, 0), min(right, width), min(bottom, height)]
    grow_x, grow_y = (box[2] - box[0]) // 4, (box[3] - box[1]) // 4
    around = np.zeros_like(inside)
    around[max(box[1] - grow_y, 0) : box[3] + grow_y, max(box[0] - grow_x, 0) : box[2] + grow_x] = 1
    points = [
        {**_deepest(inside), "positive": True},
        {**_deepest(np.asarray((inside == 0) & (around == 1), np.uint8)), "positive": False},
    ]
    return {"frame": frame, "points": points, "box": [float(edge) for edge in box]}


def _deepest(region: NDArray[np.uint8]) -> dict[str, float]:
    """The centre of the pixel of ``region`` farthest from its edge."""
    distance = cv2.distanceTransform(np.pad(region, 1), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    row, column = np.unravel_index(int(distance.argmax()), distance.shape)
    return {"x": float(column) - 0.5, "y": float(row) - 0.5}


def write_plate(path: Path, linear: Plane) -> None:
    """One plate frame; the suffix decides the encoding."""
    if path.suffix == ".exr":
        import OpenEXR

        header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
        OpenEXR.File(header, {"RGB": linear.astype(np.float16)}).write(str(path))
        return
    _write_image(path, np.round(encode_srgb(linear) * 255).astype(np.uint8)[..., ::-1])


def encode_srgb(linear: Plane) -> Plane:
    """Linear 0..1 to sRGB (IEC 61966-2-1)."""
    value = np.clip(linear, 0, 1)
    curve = 1.055 * np.power(value, 1 / 2.4) - 0.055
    return np.asarray(np.where(value <= 0.0031308, value * 12.92, curve), np.float32)


def _write_image(path: Path, image: NDArray) -> None:
    options = [cv2.IMWRITE_JPEG_QUALITY, 95] if path.suffix == ".jpg" else []
    if not cv2.imwrite(str(path), np.ascontiguousarray(image), options):
        raise RotoError(f"cannot write {path}", code="storage_failed")
