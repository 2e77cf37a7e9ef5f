"""The bench's generated shots: truth, mattes, plates and material belong together."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from helpers_benchmarks import layer, polygon, shape

from roto.curves import on_curve
from roto.drawing import lobed, placed, ring
from roto.drawing import shape as drawn
from roto.metrics import OutlineDistances, iou
from roto.painting import carried, texture
from roto.scenes import SHOTS
from roto.shots import FIRST_FRAME, Shot, network_logits
from roto_shapes.evaluate import flatten, outline_at

BOX = ((20.0, 20.0), (60.0, 20.0), (60.0, 60.0), (20.0, 60.0))


def small(made, **options) -> Shot:
    return Shot("small", 96, 80, range(FIRST_FRAME, FIRST_FRAME + 5), made, **options)


@pytest.mark.parametrize("name", [name for name in SHOTS if name != "organic"])
def test_mattes_are_the_truths_own_coverage(name: str) -> None:
    shot = SHOTS[name]()
    for frame in (shot.frames[0], shot.frames[28], shot.frames[-1]):
        assert iou(shot.matte(frame) > 0.5, shot.truth(frame)) > 0.99


@pytest.mark.parametrize("name", list(SHOTS))
def test_visible_material_lies_on_the_splines_and_on_the_truths_outline(name: str) -> None:
    shot = SHOTS[name]()
    index, material = len(shot.frames) // 2, shot.material
    frame, visible = shot.frames[index], material.visible[index]
    spots = material.points[index][visible]
    assert len(spots) > 100
    outlines = [flatten(outline_at(shot.layer, s, frame), True, 0.01) for s in shot.layer.shapes]
    assert max(distance_to(outlines, spot) for spot in spots) < 0.02
    truth = shot.truth(frame).astype(np.uint8)
    deep = cv2.erode(truth, np.ones((7, 7), np.uint8))
    column, row = np.floor(spots).astype(int).T
    assert not deep[row, column].any()
    lengths = np.linalg.norm(material.tangents[index][visible], axis=1)
    assert lengths == pytest.approx(np.ones(len(spots)))


def distance_to(polygons, spot: np.ndarray) -> float:
    """From ``spot`` to the nearest side of any closed polygon."""
    start = np.concatenate(polygons)
    span = np.concatenate([np.roll(p, -1, axis=0) for p in polygons]) - start
    share = ((spot - start) * span).sum(axis=1) / np.maximum((span**2).sum(axis=1), 1e-12)
    foot = start + np.clip(share, 0, 1)[:, None] * span
    return float(np.linalg.norm(foot - spot, axis=1).min())


def test_spots_inside_another_part_are_hidden() -> None:
    """Each of the two things hides a piece of the other's outline until they part."""
    visible = SHOTS["split"]().material.visible
    for spots in np.array_split(visible, 2, axis=1):
        assert 0.5 < spots[0].mean() < 0.95
        assert spots[22].all()


@pytest.mark.parametrize("name", [name for name in SHOTS if name != "organic"])
def test_own_keys_are_few(name: str) -> None:
    shot = SHOTS[name]()
    assert shot.own_keys is not None
    assert 3 <= shot.own_keys < len(shot.frames) / 2


def test_a_network_matte_is_soft_noisy_and_nearly_true() -> None:
    """Its edge is as good as the mattes of real networks on easy shots: BF@2px about 1."""
    organic = SHOTS["organic"]()
    frame = organic.frames[40]
    matte, truth = organic.matte(frame), organic.truth(frame)
    away = OutlineDistances.between(matte > 0.5, truth)
    assert 0.996 < iou(matte > 0.5, truth) < 0.9985
    assert away.boundary_f(2) > 0.995
    assert away.boundary_f(1) < 0.9999
    assert np.count_nonzero((matte > 0.1) & (matte < 0.9)) > truth.sum() * 0.01


def test_network_noise_is_another_on_every_frame_and_the_same_in_every_run() -> None:
    exact = np.zeros((90, 160), np.float32)
    exact[20:70, 40:120] = 1.0
    first = network_logits(exact, (7, 1))
    assert np.array_equal(first, network_logits(exact, (7, 1)))
    assert not np.array_equal(first, network_logits(exact, (7, 2)))


def test_a_shutter_smears_what_moves() -> None:
    made = layer(shape({FIRST_FRAME: polygon(BOX), FIRST_FRAME + 4: polygon(BOX, dx=16)}))
    sharp, smeared = (small(made, shutter=shutter).matte(FIRST_FRAME + 2) for shutter in (0, 0.5))
    assert np.count_nonzero((sharp > 0.01) & (sharp < 0.99)) == 0
    # Four pixels a frame for half a frame: two columns on either side, 40 rows.
    assert np.count_nonzero((smeared > 0.01) & (smeared < 0.99)) == 2 * 2 * 40
    assert smeared.sum() == pytest.approx(1600, rel=0.003)


def test_a_hole_shows_the_background_and_an_occluder_itself() -> None:
    body = shape({FIRST_FRAME: polygon(BOX)}, name="body")
    inner = tuple((0.5 * x + 20, 0.5 * y + 20) for x, y in BOX)
    gap = drawn("gap", ring(inner, (0, 1, 2, 3)), {FIRST_FRAME: placed(0, 0)}, mode="subtract")
    hole, bar = small(layer(body, gap)), small(layer(body, gap), occluders=frozenset({"gap"}))
    empty = small(layer(body)).image(FIRST_FRAME)
    nothing = Shot("nothing", 96, 80, range(FIRST_FRAME, FIRST_FRAME + 5), layer())
    plate = nothing.image(FIRST_FRAME)
    inside = np.s_[32:48, 32:48]
    assert np.array_equal(hole.image(FIRST_FRAME)[inside], plate[inside])
    assert not np.array_equal(bar.image(FIRST_FRAME)[inside], plate[inside])
    assert not np.array_equal(bar.image(FIRST_FRAME)[inside], empty[inside])
    assert not hole.truth(FIRST_FRAME)[inside].any()


def test_texture_is_carried_with_its_outline() -> None:
    """Turned, grown and moved, the picture is what its own spots were on the reference frame."""
    picture = texture(3, 200, 160, 0)
    rest = on_curve(lobed(8, 40.0, ((2, 0.2, 0.0),)), 8)
    reference = rest + np.array([100.0, 80.0])
    angle = np.radians(30)
    turn = 1.2 * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    outline = rest @ turn + [70.0, 90.0]
    seen, rows, columns = carried(picture, reference, outline)
    for place in ([0.0, 0.0], [12.5, -7.5], [-20.0, 4.0]):
        x, y = np.array(place) @ turn + [70.0, 90.0]
        column, row = int(x) - columns.start, int(y) - rows.start
        centre = (np.array([int(x) + 0.5, int(y) + 0.5]) - [70.0, 90.0]) @ np.linalg.inv(turn)
        u, v = centre + np.array([99.5, 79.5])
        around = picture[int(v) : int(v) + 2, int(u) : int(u) + 2].reshape(4, 3)
        assert (seen[row, column] >= around.min(axis=0) - 0.02).all()
        assert (seen[row, column] <= around.max(axis=0) + 0.02).all()


def test_plates_are_the_same_in_every_run() -> None:
    first, second = (SHOTS["split"]().image(FIRST_FRAME + 30) for _ in range(2))
    assert np.array_equal(first, second)
    assert first.dtype == np.uint8
    assert first.shape == (540, 960, 3)
