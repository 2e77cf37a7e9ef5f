"""Points stay on their spot of the object because its picture is followed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from helpers_textured import TexturedShot, lobed_outline, oval_outline
from helpers_vectorize import as_document, circle, draw

from roto_shapes.document import dumps
from roto_shapes.errors import RotoError
from roto_shapes.evaluate import outline_at
from roto_worker.vectorize import vectorize
from roto_worker.vectorize.motion.correspondence import MaterialTrack, follow
from roto_worker.vectorize.motion.flow import MotionSampler, with_drift
from roto_worker.vectorize.outline.contour import MatteOutlines, extract
from roto_worker.vectorize.outline.curves import normals, smooth
from roto_worker.vectorize.parts.regions import link

SIZE = (480, 270)
FRAMES = list(range(24))
HOLE = 30.0


@pytest.fixture(scope="module")
def oval() -> TexturedShot:
    """A smooth thing that turns: its outline alone does not say how far."""
    return TexturedShot(oval_outline(70), *SIZE, turn=0.03, travel=(1.5, 0.4), middle=12)


@pytest.fixture(scope="module")
def lobed() -> TexturedShot:
    return TexturedShot(lobed_outline(60), *SIZE, turn=0.03, travel=(1.5, 0.4), middle=12)


def outlines(shot: TexturedShot, frames: list[int], image=None) -> list[MatteOutlines]:
    sequence: list[MatteOutlines] = []
    motion = MotionSampler(image or shot.image, shot.width, shot.height)
    for frame in frames:
        alpha = shot.matte(frame).astype(np.float32)
        sequence.append(extract(alpha))
        motion.sample(frame, alpha, sequence)
    return sequence


def blind(sequence: list[MatteOutlines]) -> list[MatteOutlines]:
    return [
        replace(o, contours=tuple(replace(c, ahead=None, behind=None) for c in o.contours))
        for o in sequence
    ]


def only_life(sequence: list[MatteOutlines]) -> MaterialTrack:
    (track,) = link(sequence)
    (life,) = follow(track.contours)
    return life


def slip(shot: TexturedShot, sequence: list[MatteOutlines]) -> float:
    return float(shot.slip(only_life(sequence).points, np.array(FRAMES), 12).mean())


def test_a_turning_oval_slips_many_times_less_when_its_picture_is_seen(oval):
    sequence = outlines(oval, FRAMES)
    seen, unseen = slip(oval, sequence), slip(oval, blind(sequence))
    assert seen < 1.0
    assert unseen > 6 * seen


def test_a_lobed_outline_gains_too(lobed):
    sequence = outlines(lobed, FRAMES)
    assert slip(lobed, sequence) < min(0.8, slip(lobed, blind(sequence)))


@pytest.mark.parametrize("direction", [1, -1])
def test_the_motion_of_every_spot_is_measured_to_a_fraction_of_a_pixel(oval, direction):
    first, second = outlines(oval, [10, 11])
    frame = 10 if direction > 0 else 11
    (contour,) = (first if direction > 0 else second).contours
    drift = contour.ahead if direction > 0 else contour.behind
    path, goal = oval.path(frame), oval.path(frame + direction)
    nearest = ((contour.points[:, None] - path[None]) ** 2).sum(axis=2).argmin(axis=1)
    off = drift.offsets - (goal - path)[nearest]
    normal = normals(smooth(contour.points, 2.0))
    along = off[:, 0] * -normal[:, 1] + off[:, 1] * normal[:, 0]
    assert abs(along.mean()) < 0.05
    assert np.sqrt((along**2).mean()) < 0.15
    assert drift.trust.min() > 0.3


def test_the_first_frame_has_no_past_and_the_last_no_future(oval):
    first, second = outlines(oval, [3, 4])
    assert first.contours[0].behind is None
    assert second.contours[0].ahead is None


def test_a_hole_moves_with_the_object_around_it():
    """The object is outside a hole's outline; inside it another thing goes the other way."""
    shot = TexturedShot(oval_outline(90), *SIZE, turn=0.02, travel=(2.0, 0.0), middle=1)
    ring = [shot.place(circle(0, 0, HOLE), frame) for frame in (0, 1)]

    def image(frame):
        seen, other = shot.image(frame), shot.image(2 - frame)[::-1]
        inside = draw([ring[frame]], size=SIZE)[..., None] > 0.5
        return np.where(inside, other, seen)

    sequence: list[MatteOutlines] = []
    motion = MotionSampler(image, *SIZE)
    for frame in (0, 1):
        alpha = (shot.matte(frame) * (1 - draw([ring[frame]], size=SIZE))).astype(np.float32)
        sequence.append(extract(alpha))
        motion.sample(frame, alpha, sequence)
    hole = next(c for c in sequence[0].contours if c.hole)
    nearest = ((hole.points[:, None] - ring[0][None]) ** 2).sum(axis=2).argmin(axis=1)
    off = hole.ahead.offsets - (ring[1] - ring[0])[nearest]
    assert np.median(np.hypot(*off.T)) < 0.3


def flat(frame: int) -> np.ndarray:
    return np.full((*SIZE[::-1], 3), 90, np.uint8)


def test_flat_pictures_change_nothing(oval):
    sequence = outlines(oval, FRAMES, flat)
    assert max(c.ahead.trust.max() for o in sequence[:-1] for c in o.contours) < 1e-6
    np.testing.assert_array_equal(only_life(sequence).points, only_life(blind(sequence)).points)


def test_pictures_that_jump_about_do_no_harm(oval):
    """Noise that is another one on every frame cannot be followed, and is not."""

    def image(frame):
        rng = np.random.default_rng(frame)
        return rng.integers(0, 256, (*SIZE[::-1], 3), dtype=np.uint8)

    sequence = outlines(oval, FRAMES, image)
    life = only_life(sequence)
    assert life.matched.min() > 0.9
    assert slip(oval, sequence) < 1.5 * slip(oval, blind(sequence))


def test_cut_pieces_keep_the_motion_of_the_outline_they_lie_on(oval):
    first, _ = outlines(oval, [5, 6])
    (whole,) = first.contours
    half = whole.points[: len(whole.points) // 2] + 0.3
    chord = np.linspace(half[-1], half[0], 60)[1:-1]
    piece = with_drift(
        replace(
            whole,
            points=np.concatenate([half, chord]),
            weights=np.ones(len(half) + len(chord)),
            ahead=None,
        ),
        [whole],
    )
    np.testing.assert_allclose(
        piece.ahead.offsets[: len(half)], whole.ahead.offsets[: len(half)], atol=0.1
    )
    assert piece.behind is None
    assert (piece.ahead.trust[len(half) + 5 : -5] == 0).all()
    assert (piece.ahead.trust[5 : len(half) - 5] > 0.3).all()


def solved(shot: TexturedShot, image):
    return vectorize(shot.matte, FRAMES, width=SIZE[0], height=SIZE[1], images=image)


def test_control_points_of_the_solved_shape_stay_on_their_spots(oval):
    def slipped(image) -> float:
        layer = solved(oval, image).layer
        (shape,) = layer.shapes
        paths = [outline_at(layer, shape, frame) for frame in FRAMES]
        points = np.array([[(p.x, p.y) for p in path] for path in paths])
        return float(oval.slip(points, np.array(FRAMES), 12).mean())

    seen = slipped(oval.image)
    assert seen < 1.5
    assert slipped(None) > 3 * seen


def test_the_same_pictures_give_the_same_bytes(oval):
    one, two = (dumps(as_document(solved(oval, oval.image), FRAMES, SIZE)) for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((SIZE[1], SIZE[0] + 1, 3), np.uint8),
        np.zeros((SIZE[1], SIZE[0]), np.uint8),
        np.zeros((SIZE[1], SIZE[0], 3), np.float32),
    ],
    ids=["size", "grey", "float"],
)
def test_a_picture_of_another_kind_is_a_clear_error(oval, picture):
    with pytest.raises(RotoError) as caught:
        solved(oval, lambda _: picture)
    assert caught.value.code == "bad_plate"
    assert "frame 0" in caught.value.message


@pytest.mark.parametrize("matte", ["one pixel", "whole frame", "gone"])
def test_objects_without_an_inside_are_solved_with_pictures_too(oval, matte):
    alpha = np.zeros(SIZE[::-1], np.float32)
    if matte == "one pixel":
        alpha[100, 100] = 1
    elif matte == "whole frame":
        alpha[:] = 1
    frames = FRAMES[:6]
    mattes = dict.fromkeys(frames, alpha)
    if matte == "gone":
        mattes[0] = mattes[1] = oval.matte(1)
    result = vectorize(mattes, frames, width=SIZE[0], height=SIZE[1], images=oval.image)
    assert result.report["iou_min"] > 0.95


def test_every_picture_is_asked_for_once_in_order(oval):
    asked = []

    def image(frame):
        asked.append(frame)
        return oval.image(frame)

    solved(oval, image)
    assert asked == FRAMES
