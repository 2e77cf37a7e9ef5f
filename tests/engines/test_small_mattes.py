"""The small mattes that browsers show: of every frame, whoever tracked it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from roto_worker.media.masks import write_mask16
from roto_worker.stages.small_mattes import carry_small, small_path, write_small
from roto_worker.stages.track_files import TrackFiles

HERO = "a" * 32


def soft(height: int, width: int) -> np.ndarray:
    """A disc left of the middle, with a soft edge."""
    rows, columns = np.mgrid[:height, :width] + 0.5
    far = np.hypot(rows - height / 2, columns - width / 3)
    return np.clip((height / 4 - far) / 8 + 0.5, 0, 1).astype(np.float32)


def files(folder: Path) -> TrackFiles:
    folder.mkdir()
    return TrackFiles(folder, {HERO: "hero"}, "f" * 64, {})


def small(folder: Path, frame: int) -> np.ndarray:
    image = cv2.imread(str(folder / ".small" / "hero" / f"{frame}.png"), cv2.IMREAD_UNCHANGED)
    assert image.dtype == np.uint8
    return image


@pytest.mark.parametrize(
    ("size", "shown"), [((1080, 1920), (540, 960)), ((90, 160), (90, 160)), ((2160, 20), (540, 5))]
)
def test_it_is_as_large_as_a_proxy_and_shows_the_same(
    tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    made, alpha = files(tmp_path / "job"), soft(*size)
    made.write(HERO, 1001, alpha)
    image = small(tmp_path / "job", 1001)
    assert image.shape == shown
    assert abs(image.mean() / 255 - alpha.mean()) < 0.002


def test_what_a_correction_keeps_is_linked(tmp_path: Path) -> None:
    before, after = files(tmp_path / "before"), files(tmp_path / "after")
    before.write(HERO, 7, soft(60, 80))
    after.keep(HERO, {7: tmp_path / "before" / "hero" / "7.png"}, {})
    both = [small_path(tmp_path / one / "hero" / "7.png") for one in ("before", "after")]
    assert both[0].samefile(both[1])


def test_what_was_tracked_before_there_were_any_gets_one(tmp_path: Path) -> None:
    old, new = tmp_path / "old" / "hero" / "7.png", tmp_path / "new" / "hero" / "7.png"
    for path in (old, new):
        path.parent.mkdir(parents=True)
        write_mask16(path, soft(60, 80))
    carry_small(old, new)
    made = small(tmp_path / "new", 7)
    write_small(old, soft(60, 80))
    assert (small(tmp_path / "old", 7) == made).all()
