"""The generated clips: repeatable, truly masked, never shared by training and evaluation."""

from __future__ import annotations

import numpy as np
import pytest

from roto_worker.training.clips import EVALUATION, TRAINING, _Scene, make_clip
from roto_worker.training.evaluate import FIRST_VIDEO, iou
from roto_worker.training.figures import Figure, Part, _Look
from roto_worker.training.materials import noise, paint, palette


def test_a_clip_follows_from_its_number() -> None:
    one, again, other = make_clip(5, frames=2), make_clip(5, frames=2), make_clip(6, frames=2)
    assert np.array_equal(one.images, again.images)
    assert np.array_equal(one.owners, again.owners)
    assert not np.array_equal(one.images, other.images)


def test_a_longer_clip_begins_with_the_same_pictures() -> None:
    short, long = make_clip(3, frames=1), make_clip(3, frames=3)
    assert np.array_equal(short.images, long.images[:1])


def test_evaluation_never_sees_a_training_clip() -> None:
    seen = {make_clip(index, space=TRAINING, frames=1).images.tobytes() for index in range(20)}
    held = {make_clip(index, space=EVALUATION, frames=1).images.tobytes() for index in range(20)}
    assert len(seen) == len(held) == 20
    assert not seen & held


@pytest.mark.parametrize("size", [64, 128, 192])
def test_masks_and_pictures_have_the_size_asked_for(size: int) -> None:
    clip = make_clip(2, size=size, frames=2)
    count = int(clip.owners.max())
    assert clip.images.shape == (2, size, size, 3)
    masks = clip.masks(list(range(1, count + 1)))
    assert masks.shape == (2, count, size, size)
    assert masks.sum(axis=1).max() <= 1, "a pixel belongs to one object"
    assert np.allclose(masks.mean(axis=(2, 3)), clip.areas())


def test_a_disc_is_masked_where_it_is() -> None:
    theta = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    outline = 20 * np.stack([np.cos(theta), np.sin(theta)], -1)
    rng = np.random.default_rng(0)
    disc = Figure([Part(*_Look(rng, 40.0, None).part(outline), (0, 0))])
    layer = np.zeros((100, 100, 4), np.float32)
    disc.draw(layer, np.array([[1.0, 0, 60], [0, 1.0, 45]]), 0)
    y, x = np.mgrid[0:100, 0:100]
    assert iou(layer[..., 3] >= 0.5, np.hypot(x - 60, y - 45) < 20) > 0.96


def test_what_is_masked_is_what_the_object_changes() -> None:
    """With look, shadows and smear off, leaving the front object out changes its pixels only."""
    rendered, changed, checked = 0, 0, 0
    for seed in range(6):
        pictures = []
        for without in (False, True):
            scene = _Scene(np.random.default_rng(seed), 96)
            scene._shadow, scene._smear = 0.0, False
            look = scene._look
            look._blur, look._grain, look._quality, look._grey = 0.0, 0.0, 0, False
            scene._actors = [actor for actor in scene._actors if actor.owner]
            front = scene._actors[-1].owner
            if without:
                scene._actors = scene._actors[:-1]
            pictures.append(scene.render(2))
        (full, owners), (bare, _) = pictures
        mask = owners == front
        different = (full != bare).any(axis=-1)
        edge = _grown(mask, 3) & ~mask
        rendered += int(mask.sum())
        changed += int((different & mask).sum())
        checked += int((different & ~mask & ~edge).sum())
    assert rendered > 500
    assert changed > 0.97 * rendered
    assert checked == 0


def test_copying_the_first_mask_is_no_way_to_track() -> None:
    """The held-out clips move enough: a still mask keeps about half of its overlap."""
    kept = []
    for index in range(FIRST_VIDEO, FIRST_VIDEO + 16):
        clip = make_clip(index, space=EVALUATION)
        seen = np.flatnonzero(clip.areas()[0] >= 0.01)
        for mask in clip.masks([int(k) + 1 for k in seen]).swapaxes(0, 1):
            kept.append(np.mean([iou(mask[0], later) for later in mask[1:]]))
    assert 0.3 < np.mean(kept) < 0.6


def test_objects_come_in_all_sizes() -> None:
    areas = np.concatenate([make_clip(index, frames=1).areas()[0] for index in range(40)])
    assert areas.min() < 0.02
    assert areas.max() > 0.2


def test_noise_is_centred_and_surfaces_stay_in_range() -> None:
    rng = np.random.default_rng(1)
    field = noise(rng, 80, 60, 20)
    assert field.shape == (60, 80)
    assert abs(float(field.mean())) < 1e-3
    assert float(field.std()) == pytest.approx(1, abs=1e-3)
    for _ in range(20):
        surface = paint(rng, 40, 30, palette(rng), 12)
        assert surface.shape == (30, 40, 3)
        assert surface.min() >= 0
        assert surface.max() <= 1


def _grown(mask: np.ndarray, by: int) -> np.ndarray:
    padded = np.pad(mask, by)
    size = 2 * by + 1
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size))
    return windows.any(axis=(2, 3))
