"""The generated shots of the bench: what moves, and how. See :data:`SHOTS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from roto_shapes.document import Layer, Shape, Transform, TransformKey

from .curves import Points
from .drawing import Deform, lobed, placed, ring, shape, turned
from .editing import key_count
from .shots import FIRST_FRAME, Shot

LAST = 59
"""Index of the last frame of the shots of 60 frames."""
BLOB = ((2, 0.16, 0.4), (3, 0.14, 1.1), (5, 0.05, 0.0))


def organic() -> Shot:
    """1080p, 72 frames: a lobed thing that drifts, turns, grows and bends one lobe; noisy mattes.

    Its motion is smooth, so that no few keys are the true ones: the truth is keyed on every frame.
    """
    rest = lobed(20, 320.0, ((3, 0.22, 0.0), (5, 0.09, 0.6), (2, 0.08, 0.7)))
    thing = shape("organic", rest, {FIRST_FRAME + i: _organic_pose(i) for i in range(72)})
    frames = range(FIRST_FRAME, FIRST_FRAME + 72)
    return Shot("organic 1080p", 1920, 1080, frames, _layer(thing), sam=True)


def _organic_pose(index: int) -> Deform:
    """The body drifts in a curve, turns to and fro and grows by a fifth; one lobe bends."""
    t, hinge = index / 71, np.array([120.0, 0.0])
    bend = np.radians(15.0) * np.sin(2 * np.pi * index / 44)
    place = placed(
        700 + 520 * t,
        540 + 90 * np.sin(2 * np.pi * index / 52),
        24.0 * np.sin(2 * np.pi * index / 60),
        0.92 + 0.2 * np.sin(np.pi * t) ** 2,
    )

    def pose(places: Points) -> Points:
        ramp = np.clip((places[:, :1] - 60.0) / 220.0, 0, 1)
        return place(hinge + turned(places - hinge, bend * ramp * ramp * (3 - 2 * ramp)))

    return pose


def rigid() -> Shot:
    """A car's side view, hard corners, straight sides and arcs, that drives, tilts and nears."""
    car = ring(
        [
            (-230, 80), (-236, 12), (-160, -8), (-92, -80), (0, -96), (76, -74), (150, -10),
            (222, 10), (238, 46), (228, 80), (176, 80), (136, 42), (96, 80), (-96, 80),
            (-136, 42), (-176, 80),
        ],
        corners=(0, 1, 2, 6, 8, 9, 10, 12, 13, 15),
    )  # fmt: skip
    body = shape("car", car, {FIRST_FRAME: placed(480, 290)}, corners=(0, 1, 2, 6, 8, 9, 10, 12))
    drive = {0: (-200, 50, -3, 0.8), 20: (-60, -10, 4, 0.86), 41: (70, 10, -6, 0.98)}
    keys = _transform_keys(drive | {LAST: (190, 0, 9, 1.1)})
    return _shot(
        "rigid", Layer("truth", "truth", transform=Transform((480, 290), keys), shapes=[body])
    )


def articulated() -> Shot:
    """A body on two legs that swing against each other and cross three times."""
    trunk = lobed(10, 105.0, ((1, 0.12, 0.0), (2, 0.26, 0.0), (3, 0.05, 0.5)))
    leg = ring(
        [(-30, -30), (30, -30), (24, 90), (18, 190), (52, 214), (48, 230), (-18, 230), (-22, 90)],
        corners=(5, 6),
    )
    swing = {0: 26, 10: 0, 20: -26, 30: 0, 40: 26, 50: 0, LAST: -24}

    def walking(side: int) -> Mapping[int, Deform]:
        return _poses({i: (_walked(i), 240, side * angle) for i, angle in swing.items()})

    far, near = shape("far leg", leg, walking(-1)), shape("near leg", leg, walking(1))
    body = shape("body", trunk, _poses({0: (_walked(0), 190), LAST: (_walked(LAST), 190)}))
    return _shot("articulated", _layer(far, body, near))


def _walked(index: int) -> float:
    return 300 + 6 * index


def occlusion() -> Shot:
    """A lobed thing passes behind a pole that stands still."""
    thing = shape("thing", lobed(12, 120, BLOB), _poses({
        0: (240, 280, 0), 30: (470, 250, 20), LAST: (730, 290, -5)
    }))  # fmt: skip
    pole = ring([(455, -20), (510, -20), (500, 560), (450, 560)], corners=(0, 1, 2, 3))
    bar = shape("pole", pole, _poses({0: (0, 0)}), corners=(0, 1, 2, 3), mode="subtract")
    return _shot("occlusion", _layer(thing, bar), occluders=frozenset({"pole"}))


def entering() -> Shot:
    """A lobed thing comes in on the left and leaves on the right; empty at both ends."""
    thing = shape("thing", lobed(12, 120, BLOB), _poses({
        0: (-190, 260, -30), 30: (470, 300, 10), LAST: (1160, 240, 45)
    }))  # fmt: skip
    return _shot("entering", _layer(thing))


def split() -> Shot:
    """Two things that are one at first, part, and meet again."""
    left = shape("left", lobed(10, 95, BLOB), _poses({
        0: (420, 270, 0), 22: (310, 260, 12), 40: (330, 290, 25), LAST: (430, 280, 10)
    }))  # fmt: skip
    right = shape("right", lobed(10, 85, ((2, 0.2, 1.5), (3, 0.1, 0.2))), _poses({
        0: (540, 260, 0), 22: (640, 285, -15), 40: (630, 250, -5), LAST: (525, 270, -20)
    }))  # fmt: skip
    return _shot("split", _layer(left, right))


def hole() -> Shot:
    """A ring of which one side stands still and the other breathes; a hole opens in it."""
    ends = {0: 0.0, 25: 1.0, LAST: 0.2}

    def breathing(amount: float) -> Deform:
        def pose(places: Points) -> Points:
            grown = 60 * amount * np.clip(places[:, :1] / 150, 0, 1) ** 2
            return places + np.array([470.0, 270.0]) + grown * np.array([1.0, 0.15])

        return pose

    poses = {FIRST_FRAME + i: breathing(amount) for i, amount in ends.items()}
    body = shape("body", lobed(12, 170, ((2, 0.12, 0.3), (3, 0.08, 1.0))), poses)
    opening = {15: (470, 265, 0, 0.12), 40: (462, 268, 20, 1.0), LAST: (466, 262, 35, 1.15)}
    first, last = FIRST_FRAME + 15, FIRST_FRAME + LAST
    gap = shape(
        "hole",
        lobed(8, 66, ((2, 0.2, 0.9), (3, 0.08, 0.0))),
        _poses(opening),
        mode="subtract",
        visible=[(first, last)],
    )
    return _shot("hole", _layer(body, gap))


def blurred() -> Shot:
    """A lobed thing so fast that its matte is smeared over half a frame."""
    thing = shape("thing", lobed(12, 105, BLOB), _poses({
        0: (150, 330, 0), 18: (430, 200, 40), 38: (700, 340, 10), LAST: (420, 280, -20)
    }))  # fmt: skip
    return _shot("blurred", _layer(thing), shutter=0.5)


def spinning() -> Shot:
    """A lobed thing that turns by eight degrees a frame, once and a third around."""
    thing = lobed(14, 150, ((3, 0.18, 0.0), (4, 0.08, 0.9), (1, 0.08, 0.0)))
    body = shape("thing", thing, {FIRST_FRAME: placed(480, 270)})
    keys = _transform_keys({0: (-150, 40, 0, 1.0), LAST: (150, -30, 8.0 * LAST, 0.9)})
    return _shot(
        "spinning", Layer("truth", "truth", transform=Transform((480, 270), keys), shapes=[body])
    )


def _poses(rows: Mapping[int, tuple[float, ...]]) -> Mapping[int, Deform]:
    """Frame -> pose from index -> (x, y, degrees, scale), the last two if need be."""
    return {FIRST_FRAME + index: placed(*row) for index, row in rows.items()}


def _transform_keys(rows: Mapping[int, tuple[float, float, float, float]]) -> list[TransformKey]:
    return [TransformKey(FIRST_FRAME + index, *row) for index, row in rows.items()]


def _layer(*shapes: Shape) -> Layer:
    return Layer("truth", "truth", shapes=list(shapes))


def _shot(
    name: str, layer: Layer, *, occluders: frozenset[str] = frozenset(), shutter: float = 0.0
) -> Shot:
    frames = range(FIRST_FRAME, FIRST_FRAME + LAST + 1)
    keys = key_count(layer)
    return Shot(name, 960, 540, frames, layer, occluders=occluders, shutter=shutter, own_keys=keys)


SHOTS: dict[str, Callable[[], Shot]] = {
    "organic": organic,
    "rigid": rigid,
    "articulated": articulated,
    "split": split,
    "hole": hole,
    "entering": entering,
    "occlusion": occlusion,
    "blurred": blurred,
    "spinning": spinning,
}
"""Name -> builder. The nine of the table, the ones with gates first."""
