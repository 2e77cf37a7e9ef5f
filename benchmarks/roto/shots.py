"""A generated shot: true splines over time, and the mattes and plates a solver would be given."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from roto_shapes.document import Layer, Shape
from roto_shapes.evaluate import outline_at
from roto_worker.synthetic.noise import Plane, mix
from roto_worker.vectorize.outline.outlines import polygon, rasterize_shapes
from roto_worker.vectorize.outline.raster import fill, fill_coverage

from .curves import Points, control_points, on_curve, unit_normals
from .editing import Material
from .metrics import Mask
from .painting import background, carried, encode, texture

FIRST_FRAME = 1001
SUPERSAMPLES = 4
LEVELS = 240
"""Steps of a matte: a multiple of the samples in a pixel, so that their mean is exact."""
SPOTS_PER_SHAPE = 600
CARRYING_SPOTS = 72
SAM_WIDTH = 256
BLUR_SAMPLES = 9
NOISE = 0.12
"""Standard deviation of the network's logits around the truth: with it the matte itself has IoU
.9976 and BF@2px 1 against the truth at 1080p, like mattes of real networks on easy shots."""


@dataclass(frozen=True)
class Shot:
    """A shot whose outlines are known. Frames are plate frames from 1001.

    ``layer``: the true splines; what they rasterise to is the truth. ``occluders``: ids of its
    subtract shapes that are things in front rather than holes. ``shutter``: frames over which the
    matte is smeared. ``sam``: mattes come as a segmentation network's, 256 pixels wide and noisy.
    ``own_keys``: keys of the true splines where they are few; None where every frame is a key.
    """

    name: str
    width: int
    height: int
    frames: range
    layer: Layer
    occluders: frozenset[str] = frozenset()
    shutter: float = 0.0
    sam: bool = False
    own_keys: int | None = None
    seed: int = 7
    _mattes: dict[int, NDArray[Any]] = field(default_factory=dict, repr=False, compare=False)
    _images: dict[int, NDArray[np.uint8]] = field(default_factory=dict, repr=False, compare=False)
    _textures: dict[str, Plane] = field(default_factory=dict, repr=False, compare=False)

    def truth(self, frame: int) -> Mask:
        return rasterize_shapes(self.layer, self.layer.shapes, frame, self.width, self.height)

    def matte(self, frame: int) -> Plane:
        """What the solver gets: soft coverage, smeared or through the network where so asked."""
        if frame not in self._mattes:
            self._mattes[frame] = self._small_matte(frame)
        kept = self._mattes[frame]
        if self.sam:
            return upscaled(kept, self.width, self.height)
        return np.asarray(kept / np.float32(LEVELS), np.float32)

    def _small_matte(self, frame: int) -> NDArray[Any]:
        """The matte as it is kept: the network's logits, or coverage in :data:`LEVELS`."""
        if self.sam:
            return network_logits(self._coverage(frame), (self.seed, frame))
        times = [float(frame)]
        if self.shutter:
            times = list(frame + self.shutter * np.linspace(-0.5, 0.5, BLUR_SAMPLES))
        mean = sum(self._coverage(time) for time in times) / len(times)
        return np.rint(mean * LEVELS).astype(np.uint8)

    def image(self, frame: int) -> NDArray[np.uint8]:
        """The plate, sRGB ``[height, width, 3]``."""
        if frame not in self._images:
            self._images[frame] = self._painted(frame)
        return self._images[frame]

    def _painted(self, frame: int) -> NDArray[np.uint8]:
        plate = self._background.copy()
        for number, shape in enumerate(self.layer.shapes):
            path = polygon(self.layer, shape, frame)
            if path is None:
                continue
            cover = fill_coverage([path], self.width, self.height)
            if shape.mode == "subtract" and shape.id not in self.occluders:
                plate = mix(plate, self._background, cover)
                continue
            seen, rows, columns = self._carried(shape, number, frame)
            plate[rows, columns] = mix(plate[rows, columns], seen, cover[rows, columns])
        return encode(plate, self.seed, frame)

    @cached_property
    def material(self) -> Material:
        """True spots of all shapes; a spot counts as visible where the truth has its outline."""
        per_shape = [self._spots(shape) for shape in self.layer.shapes]
        points = np.concatenate(per_shape, axis=1)
        normals = np.concatenate([unit_normals(spots) for spots in per_shape], axis=1)
        shown = np.stack([self._on_outline(f, p) for f, p in zip(self.frames, points, strict=True)])
        tangents = np.stack([-normals[..., 1], normals[..., 0]], axis=-1)
        return Material(points, tangents, shown)

    def _spots(self, shape: Shape) -> Points:
        seen, points = control_points(self.layer, shape, self.frames)
        curve = on_curve(points, max(2, SPOTS_PER_SHAPE // points.shape[1]))
        places = np.full((len(self.frames), *curve.shape[1:]), np.nan)
        places[seen] = curve
        return places

    def _on_outline(self, frame: int, points: Points) -> Mask:
        """Which points lie within 1.5 pixels of the truth's outline and inside the frame."""
        truth = self.truth(frame).astype(np.uint8)
        edge = truth != cv2.erode(truth, np.ones((3, 3), np.uint8), borderValue=1)
        if not edge.any():
            return np.zeros(len(points), bool)
        away = cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, 5)
        column, row = np.floor(np.nan_to_num(points, nan=-1.0)).astype(int).T
        inside = (column >= 1) & (column < self.width - 1) & (row >= 1) & (row < self.height - 1)
        near = away[np.clip(row, 0, self.height - 1), np.clip(column, 0, self.width - 1)] <= 1.5
        return np.asarray(inside & near)

    def _coverage(self, time: float) -> Plane:
        size = (self.width * SUPERSAMPLES, self.height * SUPERSAMPLES)
        fine = np.zeros(size[::-1], bool)
        for shape in self.layer.shapes:
            path = polygon(self.layer, shape, time)
            if path is None:
                continue
            inside = fill([path * SUPERSAMPLES], *size)
            fine = fine & ~inside if shape.mode == "subtract" else fine | inside
        area = cv2.resize(
            fine.view(np.uint8) * np.uint8(LEVELS),
            (self.width, self.height),
            interpolation=cv2.INTER_AREA,
        )
        return np.asarray(area / np.float32(LEVELS), np.float32)

    @cached_property
    def _background(self) -> Plane:
        return background(self.seed, self.width, self.height)

    def _carried(self, shape: Shape, number: int, frame: int) -> tuple[Plane, slice, slice]:
        if shape.id not in self._textures:
            painted = texture(self.seed, self.width, self.height, number)
            self._textures[shape.id] = painted
        return carried(
            self._textures[shape.id],
            self._carrying(shape, shape.visible[0][0] if shape.visible else self.frames[0]),
            self._carrying(shape, frame),
        )

    def _carrying(self, shape: Shape, frame: int) -> Points:
        points = outline_at(self.layer, shape, frame)
        if points is None:
            raise ValueError(f"{shape.id} is not there on frame {frame}")
        array = np.array([point[:6] for point in points], np.float64)
        return on_curve(array, max(1, CARRYING_SPOTS // len(array)))


def network_logits(exact: Plane, seed: tuple[int, int]) -> Plane:
    """A matte as SAM-like networks give it: logits 256 pixels wide, wavering.

    The noise is smooth over about two of the small pixels and another on every frame; it moves the
    edge by about half a pixel at 1080p.
    """
    height, width = exact.shape
    small = (SAM_WIDTH, round(SAM_WIDTH * height / width))
    cover = cv2.GaussianBlur(cv2.resize(exact, small, interpolation=cv2.INTER_AREA), (0, 0), 0.8)
    cover = np.clip(cover, 0.002, 0.998)
    noise = np.random.default_rng(seed).standard_normal(cover.shape).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), 1.5)
    return np.asarray(np.log(cover / (1 - cover)) + NOISE * noise / noise.std(), np.float32)


def upscaled(logits: Plane, width: int, height: int) -> Plane:
    """Small logits as a full-size matte: bilinear, then the logistic curve."""
    wide = cv2.resize(logits, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(1 / (1 + np.exp(-wide)), np.float32)
