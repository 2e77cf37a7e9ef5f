"""Bodies and limbs: together they are the matte, they live long, and their outlines are exact."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers_vectorize import box, circle, draw
from scipy.spatial import cKDTree

from roto_worker.vectorize.outline.contour import Contour, MatteOutlines, extract
from roto_worker.vectorize.outline.curves import resample
from roto_worker.vectorize.outline.raster import fill
from roto_worker.vectorize.parts.cut import HIDDEN_WEIGHT
from roto_worker.vectorize.parts.regions import Track, link
from roto_worker.vectorize.parts.split import decompose

DAVIS = Path(os.environ.get("ROTO_SHARED", "../shared")) / "footage" / "davis"
SIZE = (320, 220)


def limb(x: float, y: float, angle: float, length: float, width: float) -> np.ndarray:
    """A rounded bar hanging from (x, y), turned by ``angle`` radians from straight down."""
    along = np.array([np.sin(angle), np.cos(angle)])
    a = np.linspace(0, np.pi, 24)
    across = np.array([along[1], -along[0]])
    end = np.array([x, y]) + length * along
    cap = [end + width / 2 * (np.cos(t) * across + np.sin(t) * along) for t in a]
    top = [np.array([x, y]) - width / 2 * across, np.array([x, y]) + width / 2 * across]
    return np.array([*top, *cap])


def animal(frame: int, scale: float = 1.0) -> list[np.ndarray]:
    """A body with a head and four legs, two of which pass each other around frame 12."""
    swing = 0.5 * np.sin(2 * np.pi * frame / 24)
    x = 150 + 0.5 * frame
    a = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    body = np.stack([x + 75 * np.cos(a), 85 + 38 * np.sin(a)], axis=1)
    legs = [
        limb(x - 45, 100, swing, 85, 15),
        limb(x - 35, 100, -swing, 85, 15),
        limb(x + 40, 100, 0.25 + 0.3 * swing, 85, 15),
        limb(x + 50, 100, -0.3 + 0.2 * swing, 85, 15),
    ]
    head = limb(x + 60, 85, np.pi - 0.9, 70, 22)
    return [path * scale for path in (body, *legs, head)]


def outlines(frames, scale: float = 1.0, scene=animal) -> list[MatteOutlines]:
    size = (round(SIZE[0] * scale), round(SIZE[1] * scale))
    sequence = []
    for frame in frames:
        alpha = np.max([draw([path], size=size) for path in scene(frame, scale)], axis=0)
        sequence.append(extract(alpha.astype(np.float32), min_area=9.0))
    return sequence


def painted(contours, size, fine: int = 2) -> np.ndarray:
    mask = np.zeros((size[1] * fine, size[0] * fine), bool)
    for contour in sorted(contours, key=lambda c: c.depth):
        inside = fill([contour.points * fine], size[0] * fine, size[1] * fine)
        mask = mask & ~inside if contour.hole else mask | inside
    return mask


def on_frame(tracks: list[Track], frame: int) -> list[Contour]:
    return [t.contours[frame - t.first] for t in tracks if t.first <= frame < t.stop]


def strayed(sequence, tracks, size) -> list[int]:
    """Per frame: pixels whose 3 x 3 neighbourhood at half-pixel steps is all wrong."""
    counts = []
    for frame, outline in enumerate(sequence):
        wrong = painted(outline.contours, size) != painted(on_frame(tracks, frame), size)
        counts.append(int(cv2.erode(wrong.astype(np.uint8), np.ones((3, 3), np.uint8)).sum()))
    return counts


def test_an_animal_becomes_a_body_a_head_and_legs():
    sequence = outlines(range(24))
    tracks = decompose(sequence, SIZE)
    long = [t for t in tracks if not t.hole and len(t.contours) >= 8]
    assert 5 <= len(long) <= 8
    body = long[0]
    assert (body.first, body.stop) == (0, 24)
    assert body.area < 0.85 * link(sequence)[0].area


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_the_parts_together_are_the_matte_at_any_resolution(scale):
    sequence = outlines(range(0, 24, 3), scale)
    tracks = decompose(sequence, SIZE)
    size = (round(SIZE[0] * scale), round(SIZE[1] * scale))
    assert len(tracks) > 2
    assert max(strayed(sequence, tracks, size)) <= 4 * scale**2


def test_visible_points_lie_on_the_matte_s_own_outline_and_seams_weigh_nothing():
    sequence = outlines(range(12))
    tracks = decompose(sequence, SIZE)
    for frame, outline in enumerate(sequence):
        fine = [resample(c.points, 20 * len(c.points)) for c in outline.contours]
        tree = cKDTree(np.concatenate(fine))
        for contour in on_frame(tracks, frame):
            distance, _ = tree.query(contour.points)
            assert distance[contour.weights > 0.5].max() < 0.25
            inner = distance > 3
            assert (contour.weights[inner] <= HIDDEN_WEIGHT + 1e-9).all()


def test_what_has_no_limbs_stays_whole():
    def ring(frame, scale):
        return [circle(150 + frame, 110, 60)]

    sequence = outlines(range(6), scene=ring)
    whole, parts = link(sequence), decompose(sequence, SIZE)
    assert len(parts) == len(whole) == 1
    assert all(a is b for a, b in zip(parts[0].contours, whole[0].contours, strict=True))


def test_a_spike_of_two_frames_stays_with_the_body():
    def scene(frame, scale):
        spike = [box(150, 20, 160, 100)] if frame in (7, 8) else []
        return [circle(150, 120, 50), *spike]

    sequence = outlines(range(16), scene=scene)
    tracks = decompose(sequence, SIZE)
    assert len(tracks) == 1
    assert max(strayed(sequence, tracks, SIZE)) == 0


def test_an_object_that_is_away_for_some_frames():
    sequence = outlines(range(10))
    sequence[4:6] = [MatteOutlines(()), MatteOutlines(())]
    tracks = decompose(sequence, SIZE)
    assert not on_frame(tracks, 4)
    assert max(strayed(sequence, tracks, SIZE)) <= 4


def creature(seed: int, frame: int) -> list[np.ndarray]:
    """A body with any number of bent limbs of any width that swing, cross and touch."""
    random = np.random.default_rng(seed)
    pieces = [circle(160 + frame, 110, 36)]
    for _ in range(random.integers(2, 8)):
        angle, swing = random.uniform(0, 2 * np.pi), random.normal(0, 0.12)
        bend, width, length = random.normal(0, 0.5), random.uniform(2, 24), random.uniform(20, 45)
        spot, turn = np.array([160.0 + frame, 110.0]), angle + swing * frame
        for _ in range(3):
            pieces.append(limb(*spot, turn, length, width))
            pieces.append(circle(*spot, width / 2, 24))
            spot = spot + length * np.array([np.sin(turn), np.cos(turn)])
            turn += bend
    return pieces


@pytest.mark.parametrize("seed", range(8))
def test_whatever_the_limbs_nothing_is_lost_and_nothing_added(seed):
    sequence = outlines(range(6), scene=lambda frame, _: creature(seed, frame))
    tracks = decompose(sequence, SIZE)
    assert max(strayed(sequence, tracks, SIZE)) <= 16
    for contour in (c for track in tracks for c in track.contours):
        assert np.isfinite(contour.points).all()
        assert contour.points.shape == (len(contour.weights), 2)
        assert contour.area > 0


@pytest.mark.footage
@pytest.mark.skipif(not DAVIS.is_dir(), reason="the shared footage is not here (ROTO_SHARED)")
@pytest.mark.parametrize(("clip", "most"), [("camel", 14), ("cows", 26), ("dog", 16)])
def test_parts_of_real_animals_are_few_and_cover_them(clip, most):
    paths = sorted((DAVIS / clip / "masks").glob("*.png"))
    masks = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths]
    sequence = [extract(mask.astype(np.float32) / 255, min_area=9.0) for mask in masks]
    size = masks[0].shape[::-1]
    tracks = decompose(sequence, size)
    assert sum(not t.hole and len(t.contours) > 3 for t in tracks) <= most
    assert tracks[0].first == 0
    assert tracks[0].stop == len(paths)
    assert max(strayed(sequence, tracks, size)) <= 20
