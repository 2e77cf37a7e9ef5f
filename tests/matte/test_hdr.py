"""What the model and the edges see of scene-linear, log and damaged plates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers_matte import Plane, coarse_logits, composite, encode, paint, star
from helpers_media import plate_dict, write_exr, write_oiio

from roto_shapes.prompts import FramePrompt
from roto_worker.engines.flow.engine import FlowSegmenter
from roto_worker.matte import EdgeSettings, Finisher
from roto_worker.media import open_plate
from roto_worker.media.colour import LINEAR, config
from roto_worker.media.source import Image8

WIDTH, HEIGHT = 320, 180
SHAPE = (HEIGHT, WIDTH)
ALPHA = star(WIDTH, HEIGHT)


@pytest.fixture(scope="module")
def scene() -> Plane:
    """Linear Rec.709: a warm star over a cold ground, lit to five times white in a corner."""
    front = paint(1, SHAPE, (0.5, 0.08, 0.03), (0.9, 0.5, 0.2), 1)
    back = paint(2, SHAPE, (0.02, 0.08, 0.12), (0.2, 0.4, 0.45), 1)
    lit = front * ALPHA[..., None] + back * (1 - ALPHA[..., None])
    lit[:30, :60] *= 25
    return np.asarray(lit, np.float32)


def converted(linear: Plane, space: str) -> Plane:
    pixels = np.ascontiguousarray(linear, np.float32).copy()
    config().getProcessor(LINEAR, space).getDefaultCPUProcessor().applyRGB(pixels)
    return pixels


def half_exr(path: Path, pixels: Plane) -> None:
    write_exr(path, {"RGB": pixels.astype(np.float16)})


def deep_tiff(path: Path, pixels: Plane) -> None:
    write_oiio(path, pixels, "uint16")


@pytest.mark.parametrize(
    ("space", "suffix", "write"),
    [
        (LINEAR, "exr", half_exr),
        ("ACEScg", "exr", half_exr),
        ("ARRI LogC3 (EI800)", "tif", deep_tiff),
        ("S-Log3 S-Gamut3", "tif", deep_tiff),
        ("Cineon", "tif", deep_tiff),
    ],
)
def test_every_encoding_of_a_picture_looks_as_the_artist_saw_it(
    scene: Plane, tmp_path: Path, space: str, suffix: str, write: Callable[[Path, Plane], None]
) -> None:
    """Within two codes of the plainly encoded picture, super-whites clipped to white."""
    write(tmp_path / f"p.1.{suffix}", converted(scene, space))
    source = open_plate(plate_dict(tmp_path / f"p.%d.{suffix}"), colorspace=space)
    seen = source.read(1).astype(int)
    source.close()
    difference = np.abs(seen - encode(scene))
    assert (seen[:30, :60] == 255).any()
    assert difference.max() <= 2


def damaged(scene: Plane) -> Plane:
    """Fireflies, negative values, infinities and pixels that are no numbers, far from the star."""
    pixels = scene.copy()
    pixels[150, 20:24], pixels[152, 20:24] = np.nan, np.inf
    pixels[154, 20:24], pixels[156, 20:24] = -np.inf, -3.0
    pixels[158, 20:24], pixels[160, 20:24] = 60000.0, (np.nan, 0.2, np.inf)
    return pixels


def read_exr(path: Path, pixels: Plane) -> Image8:
    write_exr(path / "p.1.exr", {"RGB": pixels.astype(np.float32)})
    source = open_plate(plate_dict(path / "p.%d.exr"))
    frame = source.read(1)
    source.close()
    return frame


def test_damaged_pixels_stay_where_they_are(scene: Plane, tmp_path: Path) -> None:
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
    good = read_exr(tmp_path / "good", scene)
    bad = read_exr(tmp_path / "bad", damaged(scene))
    changed = np.argwhere((good != bad).any(axis=-1))
    assert changed[:, 0].min() >= 150
    assert changed[:, 1].max() < 24
    assert bad[150, 20].tolist() == [0, 0, 0]
    assert bad[152, 20].tolist() == [255, 255, 255]
    assert bad[154, 20].tolist() == bad[156, 20].tolist() == [0, 0, 0]
    assert bad[158, 20].tolist() == [255, 255, 255]
    assert bad[160, 20].tolist() == [0, int(encode(np.float32(0.2))), 255]


def test_damaged_pixels_change_neither_mask_nor_edge(scene: Plane, tmp_path: Path) -> None:
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
    read_exr(tmp_path / "good", scene), read_exr(tmp_path / "bad", damaged(scene))
    prompt = FramePrompt(1, box=(100.0, 30.0, 220.0, 150.0))
    masks, mattes = [], []
    for name in ("good", "bad"):
        source = open_plate(plate_dict(tmp_path / name / "p.%d.exr"))
        masks.append(FlowSegmenter().look("", source.read(1), prompt)[0].logits > 0)
        mattes.append(Finisher(source, EdgeSettings())("star", 1, coarse_logits(ALPHA)))
        source.close()
    assert (masks[0] & masks[1]).sum() > 0.98 * (masks[0] | masks[1]).sum()
    assert np.isfinite(mattes[1]).all()
    assert np.abs(mattes[0] - mattes[1])[:140].max() < 0.01
    assert np.abs(mattes[1] - ALPHA).mean() < 0.01


def test_the_edge_against_a_super_white_sky(tmp_path: Path) -> None:
    """What lies above white is clipped in what the edges see: the object is thinner, not wild."""
    sky = np.full((*SHAPE, 3), 6.0, np.float32)
    truth = composite(ALPHA, paint(1, SHAPE, (0.02, 0.02, 0.02), (0.3, 0.2, 0.1), 1), sky)
    matte = Finisher(_Still(truth.plate), EdgeSettings())("star", 1, coarse_logits(ALPHA))
    solid, clear = ALPHA > 0.999, ALPHA < 0.001
    assert matte[solid].mean() > 0.99
    assert matte[clear].mean() < 0.01
    assert (matte <= ALPHA + 0.2).mean() > 0.99


class _Still:
    def __init__(self, plate: Image8) -> None:
        self._plate = plate

    def read(self, frame: int) -> Image8:
        return self._plate
