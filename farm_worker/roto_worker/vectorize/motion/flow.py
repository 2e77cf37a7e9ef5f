"""Where the spots of an outline go in the picture: optical flow just inside the object.

Between two frames the plate is cut around the object and what is not the object is set flat grey,
so that the background cannot pull. The object's main similarity is found first and taken out; dense
inverse search then sees small motions only, and the flow some pixels inside the outline is not
slower than the outline itself, as it is on anything that turns. Only the outlines' points are kept,
never a field, so memory does not grow with the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from roto_shapes.errors import RotoError

from ...engines.flow.motion import deterministic
from ..outline.contour import Alpha, Contour, Drift, MatteOutlines
from ..outline.curves import Points, Values, normals, smooth
from ..outline.mattes import Images

Grey = NDArray[np.uint8]
Field = NDArray[np.float32]

WORKING_HEIGHT = 1080
"""Taller plates are looked at in this height."""
MARGIN = 24
DEPTHS = (3.0, 6.0, 9.0, 12.0)
"""Pixels inside the outline where flow is sampled, on a plate 1080 pixels high. Nearer the edge the
search's patches see more grey than object."""
LEAST_DEPTH = 0.5
"""Share of :data:`DEPTHS` that is kept on small plates: the patches do not shrink with them."""
RETURN_ERROR = 0.5
"""There and back again may miss by this many pixels before a sample loses half its trust."""
GRAIN = 1.5
SHADING = 6.0
"""Detail lies between these scales, pixels."""
REACH = 5.0
"""Texture is judged over about this many pixels."""
FAINT_TEXTURE = 0.5
"""Square of grey codes per pixel along the outline, in the mean, that is worth half the trust."""
ALONG = 3.0
"""Displacements are smoothed by this many contour points."""
ON_OUTLINE = 2.5
"""A cut piece runs along an outline that is no farther than this, pixels."""
FIT_STEP = 8
FIT_ROUNDS = 8
MOST_GROWTH = 1.5


class MotionSampler:
    """Gives outlines their :class:`~.contour.Drift`, frame by frame in the sequence's order."""

    def __init__(self, images: Images, width: int, height: int) -> None:
        """``images``: frame -> the plate, sRGB ``uint8 [height, width, 3]``."""
        self._read = images if callable(images) else images.__getitem__
        self._size = (width, height)
        self._scale = min(1.0, WORKING_HEIGHT / height)
        self._previous: _View | None = None

    def sample(self, frame: int, alpha: Alpha, sequence: list[MatteOutlines]) -> None:
        """Fill in the motion between the last two of ``sequence``, all outlines up to ``frame``.

        The picture of ``frame`` is asked for once; that of the frame before is still known.

        Raises:
            RotoError: ``bad_plate`` for a picture that is not the plate's size or not 8-bit RGB.
        """
        image = self._read(frame)
        self._check(image, frame)
        here = _view(image, alpha, self._scale)
        before, self._previous = self._previous, here
        if before is None or here is None:
            return
        with deterministic():
            pair = _Pair.between(before, here)
        depths = np.array(DEPTHS) * np.clip(self._size[1] / 1080, LEAST_DEPTH, 1.0)
        ahead = [replace(c, ahead=pair.drift(c, depths, 1)) for c in sequence[-2].contours]
        behind = [replace(c, behind=pair.drift(c, depths, -1)) for c in sequence[-1].contours]
        sequence[-2] = replace(sequence[-2], contours=tuple(ahead))
        sequence[-1] = replace(sequence[-1], contours=tuple(behind))

    def _check(self, image: NDArray[np.uint8], frame: int) -> None:
        width, height = self._size
        if image.shape == (height, width, 3) and image.dtype == np.uint8:
            return
        raise RotoError(
            f"the picture of frame {frame} is {image.dtype} {' x '.join(map(str, image.shape))}, "
            f"not 8-bit RGB of {width} x {height}",
            code="bad_plate",
            hint="Pictures and mattes must have the plate's size.",
            detail={"frame": frame},
        )


def with_drift(contour: Contour, sources: Sequence[Contour]) -> Contour:
    """A piece cut from outlines, with the motion they have where it runs along them."""
    ahead = _inherited(contour.points, [(s.points, s.ahead) for s in sources])
    behind = _inherited(contour.points, [(s.points, s.behind) for s in sources])
    return replace(contour, ahead=ahead, behind=behind)


def _inherited(points: Points, sources: Sequence[tuple[Points, Drift | None]]) -> Drift | None:
    known = [(own, drift) for own, drift in sources if drift is not None]
    if not known:
        return None
    distance, nearest = cKDTree(np.concatenate([own for own, _ in known])).query(points)
    offsets = np.concatenate([drift.offsets for _, drift in known])[nearest]
    trust = np.concatenate([drift.trust for _, drift in known])[nearest]
    return Drift(offsets, np.where(distance < ON_OUTLINE, trust, 0).astype(np.float32))


@dataclass(frozen=True)
class _View:
    """One frame as far as the object goes. ``corner``: x, y of the cut; ``scale``: its pixels per
    plate pixel."""

    grey: Grey
    solid: Grey
    corner: NDArray[np.intp]
    scale: float

    def framed(self, width: int, height: int) -> _View:
        """The same in the middle of a larger cut."""
        down, across = height - self.grey.shape[0], width - self.grey.shape[1]
        sides = (down // 2, down - down // 2, across // 2, across - across // 2)
        return _View(
            np.asarray(cv2.copyMakeBorder(self.grey, *sides, cv2.BORDER_REPLICATE), np.uint8),
            np.asarray(cv2.copyMakeBorder(self.solid, *sides, cv2.BORDER_CONSTANT), np.uint8),
            self.corner - (sides[2], sides[0]),
            self.scale,
        )

    def to_cut(self, points: Points) -> Points:
        """Plate pixels to indices of the cut's pixels."""
        return points * self.scale - self.corner - 0.5

    def to_plate(self, spots: Points) -> Points:
        return (spots + self.corner + 0.5) / self.scale


def _view(image: NDArray[np.uint8], alpha: Alpha, scale: float) -> _View | None:
    """None when the matte shows nothing."""
    solid = (alpha > 0.5).astype(np.uint8)
    if scale < 1:
        size = (round(solid.shape[1] * scale), round(solid.shape[0] * scale))
        solid = np.asarray(cv2.resize(solid, size, interpolation=cv2.INTER_NEAREST))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
    left, top, width, height = cv2.boundingRect(solid)
    if width == 0:
        return None
    cut = np.s_[top : top + height, left : left + width]
    grey = cv2.cvtColor(np.ascontiguousarray(image[cut]), cv2.COLOR_RGB2GRAY)
    return _View(np.asarray(grey), solid[cut].copy(), np.array([left, top], np.intp), scale)


@dataclass(frozen=True)
class _Pair:
    """Two frames, the second carried onto the first by ``main``, and the flow that is left."""

    views: tuple[_View, _View]
    main: _Similarity
    solids: tuple[Grey, Grey]
    textures: tuple[Field, Field]
    flows: tuple[Field, Field]

    @classmethod
    def between(cls, first: _View, second: _View) -> _Pair:
        sizes = np.array([first.grey.shape, second.grey.shape]).max(axis=0) + 2 * MARGIN
        one, two = (view.framed(int(sizes[1]), int(sizes[0])) for view in (first, second))
        level = int(one.grey[one.solid > 0].mean())
        main = _main_motion(one, two, level)
        grey, solid = main.carry_back(two.grey), main.carry_back(two.solid)
        greys = (_neutral(one.grey, one.solid, level), _neutral(grey, solid, level))
        search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        flows = (search.calc(greys[0], greys[1], None), search.calc(greys[1], greys[0], None))
        details = (_Detail.of(greys[0], one.solid), _Detail.of(greys[1], solid))
        textures = (
            details[0].texture(details[1], flows[0]),
            details[1].texture(details[0], flows[1]),
        )
        return cls((one, two), main, (one.solid, solid), textures, flows)

    def drift(self, contour: Contour, depths: Values, direction: int) -> Drift:
        """Of an outline of the first frame (``direction`` 1), or of the second one back (-1)."""
        start, end = self.views[::direction]
        there, back = self.flows[::direction]
        own = start.to_cut(contour.points)
        curve = own if direction > 0 else self.main.inverse()(own)
        inward = normals(smooth(curve, 2.0)) * (1.0 if contour.hole else -1.0)
        moved, trust = _sampled(
            curve[None] + depths[:, None, None] * inward,
            inward,
            self.solids[::direction][0],
            self.textures[::direction][0],
            there,
            back,
        )
        reached = curve + moved
        if direction > 0:
            reached = self.main(reached)
        offsets = end.to_plate(reached) - contour.points
        return Drift(offsets.astype(np.float32), trust.astype(np.float32))


@dataclass(frozen=True)
class _Similarity:
    """``z -> turn * z + shift`` on x + iy."""

    turn: complex = 1.0
    shift: complex = 0.0

    def __call__(self, points: Points) -> Points:
        z = self.turn * (points @ np.array([1, 1j])) + self.shift
        return np.stack([z.real, z.imag], axis=-1)

    def inverse(self) -> _Similarity:
        return _Similarity(1 / self.turn, -self.shift / self.turn)

    def carry_back(self, picture: Grey) -> Grey:
        """What lies at ``self(p)`` of ``picture``, at ``p``."""
        a, b = self.turn, self.shift
        matrix = np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])
        moved = cv2.warpAffine(
            picture,
            matrix,
            picture.shape[::-1],
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(moved, np.uint8)


def _main_motion(one: _View, two: _View, level: int) -> _Similarity:
    """The similarity most of the object follows; none where there is too little to see."""
    greys = [_neutral(view.grey, view.solid, level) for view in (one, two)]
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    flow = search.calc(greys[0], greys[1], None)
    inner = cv2.erode(one.solid, np.ones((9, 9), np.uint8))
    rows, columns = np.nonzero(inner[::FIT_STEP, ::FIT_STEP])
    if len(rows) < FIT_STEP:
        return _Similarity()
    start = (columns + 1j * rows) * FIT_STEP
    moved = flow[rows * FIT_STEP, columns * FIT_STEP] @ np.array([1, 1j])
    found = _fitted(start, start + moved)
    return found if 1 / MOST_GROWTH < abs(found.turn) < MOST_GROWTH else _Similarity()


def _fitted(start: NDArray[np.complex128], goal: NDArray[np.complex128]) -> _Similarity:
    """Least squares with Cauchy weights, so that moving limbs do not drag it."""
    weights = np.ones(len(start))
    for _ in range(FIT_ROUNDS):
        a, b = (np.average(z, weights=weights) for z in (start, goal))
        arm = start - a
        turn = (weights * arm.conj() * (goal - b)).sum() / max(
            float((weights * np.abs(arm) ** 2).sum()), 1e-9
        )
        off = np.abs(b + turn * arm - goal)
        weights = 1 / (1 + (off / max(float(np.median(off)), 0.05)) ** 2)
    return _Similarity(complex(turn), complex(b - turn * a))


def _neutral(grey: Grey, solid: Grey, level: int) -> Grey:
    return np.where(solid > 0, grey, np.uint8(level))


@dataclass(frozen=True)
class _Detail:
    """What of a picture can be recognised: grey without grain and shading, and where it is all
    object (1, else 0)."""

    grey: Field
    inner: Field

    @classmethod
    def of(cls, grey: Grey, solid: Grey) -> _Detail:
        plain = grey.astype(np.float32)
        soft = cv2.GaussianBlur(plain, (0, 0), GRAIN)
        detail = soft - cv2.GaussianBlur(plain, (0, 0), SHADING)
        return cls(detail, cv2.erode(solid, np.ones((7, 7), np.uint8)).astype(np.float32))

    def texture(self, other: _Detail, flow: Field) -> Field:
        """``[h, w, 3]`` mean xx, xy, yy of the gradient around each pixel, as far as ``other``
        shows the same things where ``flow`` takes them."""
        x, y = (cv2.Sobel(self.grey, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))
        height, width = self.grey.shape
        columns, rows = np.meshgrid(np.arange(width), np.arange(height))
        where = flow + np.dstack([columns, rows]).astype(np.float32)
        seen = cv2.remap(other.grey, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        missed, had = (self.grey - seen) ** 2, self.grey**2 + seen**2
        fields = np.dstack([x * x, x * y, y * y, missed])
        means = cv2.GaussianBlur(fields * self.inner[..., None], (0, 0), REACH)
        had = cv2.GaussianBlur(had * self.inner, (0, 0), REACH)
        alike = np.clip(1 - 1.5 * means[..., 3] / np.maximum(had, 1e-6), 0, 1)
        share = np.maximum(cv2.GaussianBlur(self.inner, (0, 0), REACH), 0.05)
        return np.asarray(means[..., :3] * (alike / share)[..., None], np.float32)


def _sampled(
    spots: Points, inward: Points, solid: Grey, texture: Field, there: Field, back: Field
) -> tuple[Points, Values]:
    """Displacement ``(n, 2)`` and trust ``(n,)`` of each outline point from ``spots`` ``(d, n, 2)``
    at growing depth below it."""
    flow = _at(there, spots)
    missed = np.linalg.norm(flow + _at(back, spots + flow), axis=2) / RETURN_ERROR
    xx, xy, yy = np.moveaxis(_at(texture, spots), -1, 0)
    tx, ty = -inward[:, 1], inward[:, 0]
    seen = tx * tx * xx + 2 * tx * ty * xy + ty * ty * yy
    # What lies deeper than the far edge of a thin part is something else.
    inside = np.logical_and.accumulate(_at(solid, spots) > 0, axis=0)
    weights = inside * seen / (seen + FAINT_TEXTURE) / (1 + missed**2)
    trust = weights.mean(axis=0)
    total = smooth((weights[..., None] * flow).mean(axis=0), ALONG)
    share = smooth(trust[:, None], ALONG)
    return total / np.maximum(share, 1e-9), share[:, 0]


def _at(field: NDArray, spots: Points) -> NDArray[np.float64]:
    """Values of the pixels nearest to ``spots``, held at the border."""
    column, row = np.moveaxis(np.rint(spots).astype(np.intp), -1, 0)
    height, width = field.shape[:2]
    found = field[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
    return np.asarray(found, np.float64)
